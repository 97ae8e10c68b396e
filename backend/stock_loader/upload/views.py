"""The pages of uploads in Django's admin: choose files, see what they would do, load them."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_protect

from stock_loader.exchange.protocol import RefusedRequestError
from stock_loader.upload.abstract import State
from stock_loader.upload.admin import UploadAdmin
from stock_loader.upload.conf import UploadSettings, upload_settings
from stock_loader.upload.models import Upload
from stock_loader.upload.receiving import WHOLE, Receiver
from stock_loader.upload.showing import form_texts, page_texts
from stock_loader.upload.standing import confirm, ensure_worker, name_of
from stock_loader.upload.worker import UploadWorker

COMMAND = "upload_worker"
MAY_FORCE = "stock_upload.force_load"


def form(model: UploadAdmin, request: HttpRequest) -> HttpResponse:
    """Show the form, or take its files."""
    if not model.has_add_permission(request):
        raise PermissionDenied
    settings = upload_settings()
    if request.method != "POST":
        return _form(model, request, settings)
    try:
        with Receiver(settings) as receiver:
            request.upload_handlers = [receiver]
            return csrf_protect(_receive)(request, model, receiver, settings)
    except RefusedRequestError as error:
        return _form(model, request, settings, problem=str(error))


def _receive(request: HttpRequest, model: UploadAdmin, receiver: Receiver, settings: UploadSettings) -> HttpResponse:
    if not receiver.problem and WHOLE not in request.POST:
        receiver.problem = gettext("the files did not arrive whole; send them again.")
    if not receiver.problem and not receiver.files:
        receiver.problem = gettext("choose a file.")
    if receiver.problem:
        return _form(model, request, settings, problem=receiver.problem)
    upload = Upload.objects.create(
        user_name=name_of(request),
        language=translation.get_language() or "",
        folder=receiver.name,
        files=receiver.files,
        options=list(settings.options),
    )
    receiver.keep()
    return _carry_on(request, upload, settings)


def _form(model: UploadAdmin, request: HttpRequest, settings: UploadSettings, problem: str = "") -> HttpResponse:
    context = model.admin_site.each_context(request) | form_texts(settings, problem) | {"opts": model.opts}
    return TemplateResponse(request, "admin/stock_loader/upload_form.html", context)


def page(model: UploadAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Show how an upload stands; while it is not at rest, the page asks anew by itself."""
    if not model.has_view_permission(request):
        raise PermissionDenied
    upload, settings = get_object_or_404(Upload, pk=number), upload_settings()
    if upload.state in Upload.UNFINISHED:
        ensure_worker(request, settings, COMMAND)
    rights = {"may_load": model.has_add_permission(request), "may_force": request.user.has_perm(MAY_FORCE)}
    context = model.admin_site.each_context(request) | page_texts(upload, settings) | rights | {"opts": model.opts}
    return TemplateResponse(request, "admin/stock_loader/upload_page.html", context)


def load(model: UploadAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Have the files loaded as the preview shows that the user saw."""
    upload = _upload_to_change(model, request, number)
    confirm(request, upload, may_force=request.user.has_perm(MAY_FORCE))
    return _carry_on(request, upload, upload_settings())


def preview(model: UploadAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Have the files looked at once more."""
    upload = _upload_to_change(model, request, number)
    upload.move(*Upload.RESTING, state=State.TO_PREVIEW, result="", load_session=None)
    return _carry_on(request, upload, upload_settings())


def remove(model: UploadAdmin, request: HttpRequest, number: int) -> HttpResponse:
    """Remove the files; what they would have done stays listed."""
    upload = _upload_to_change(model, request, number)
    UploadWorker(upload_settings()).remove(upload)
    return _page_of(upload)


def _upload_to_change(model: UploadAdmin, request: HttpRequest, number: int) -> Upload:
    if not model.has_add_permission(request):
        raise PermissionDenied
    return get_object_or_404(Upload, pk=number)


def _carry_on(request: HttpRequest, upload: Upload, settings: UploadSettings) -> HttpResponse:
    ensure_worker(request, settings, COMMAND)
    return _page_of(upload)


def _page_of(upload: Upload) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:stock_upload_upload_change", args=[upload.pk]))
