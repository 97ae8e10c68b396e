"""The pages of uploads in Django's admin: choose files, see what they would do, load them."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from stock_loader.errors import one_line
from stock_loader.exchange.protocol import RefusedRequestError
from stock_loader.exchange.spool import Spool
from stock_loader.exchange.worker_process import start_worker
from stock_loader.upload.conf import UploadSettings, upload_settings
from stock_loader.upload.models import MAX_USER_LENGTH, Upload
from stock_loader.upload.receiving import WHOLE, Receiver
from stock_loader.upload.showing import form_texts, page_texts
from stock_loader.upload.worker import remove

if TYPE_CHECKING:
    from collections.abc import Callable

State = Upload.State
SHOWN_CHARACTERS = 80
MAY_LOAD = "stock_upload.load_stocks"
MAY_FORCE = "stock_upload.force_load"


@admin.register(Upload)
class UploadAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no class to write at run time
    """Uploads; nothing of them is changed but by the buttons of their pages."""

    list_display = ("__str__", "state", "user_name", "created_at", "result_line")
    list_filter = ("state", "user_name")
    show_full_result_count = False

    @admin.display(description=_("result"))
    def result_line(self, upload: Upload) -> str:
        """Return why it failed."""
        return one_line(upload.result, limit=SHOWN_CHARACTERS) or "-"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tell whether the user may upload and load."""
        return bool(request.user.has_perm(MAY_LOAD))

    def has_view_permission(self, request: HttpRequest, obj: Upload | None = None) -> bool:
        """Tell whether the user may see uploads."""
        return super().has_view_permission(request, obj) or self.has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Upload | None = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Upload | None = None) -> bool:  # noqa: ARG002
        """Refuse: old ones are removed by themselves."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return the pages: of Django's the list and the history, and those of this class."""
        views: dict[str, Callable[..., HttpResponse]] = {
            "add": self.upload_view,
            "change": self.upload_page,
            "load": require_POST(self.load_view),
            "preview": require_POST(self.preview_view),
            "remove": require_POST(self.remove_view),
        }
        own = [
            path(
                "add/" if name == "add" else f"<int:number>/{name}/",
                self.admin_site.admin_view(view),
                name=f"stock_upload_upload_{name}",
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    @csrf_exempt
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or take its files.

        The token stands in the body: it is checked once that is read, by what says where the files go.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        settings = upload_settings()
        if request.method != "POST":
            return self._form(request, settings)
        try:
            with Receiver(settings) as receiver:
                request.upload_handlers = [receiver]
                return csrf_protect(self._receive)(request, receiver, settings)
        except RefusedRequestError as error:
            return self._form(request, settings, problem=str(error))

    def _receive(self, request: HttpRequest, receiver: Receiver, settings: UploadSettings) -> HttpResponse:
        if not receiver.problem and WHOLE not in request.POST:
            receiver.problem = gettext("the files did not arrive whole; send them again.")
        if not receiver.problem and not receiver.files:
            receiver.problem = gettext("choose a file.")
        if receiver.problem:
            return self._form(request, settings, problem=receiver.problem)
        upload = Upload.objects.create(
            user_name=_name_of(request),
            language=translation.get_language() or "",
            folder=receiver.name,
            files=receiver.files,
            options=list(settings.options),
        )
        receiver.keep()
        return self._carry_on(request, upload, settings)

    def _form(self, request: HttpRequest, settings: UploadSettings, problem: str = "") -> HttpResponse:
        context = self.admin_site.each_context(request) | form_texts(settings, problem) | {"opts": self.opts}
        return TemplateResponse(request, "admin/stock_loader/upload_form.html", context)

    def upload_page(self, request: HttpRequest, number: int) -> HttpResponse:
        """Show how an upload stands; while it is not at rest, the page asks anew by itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        upload, settings = get_object_or_404(Upload, pk=number), upload_settings()
        if upload.state in Upload.UNFINISHED:
            self._ensure_worker(request, settings)
        rights = {"may_load": request.user.has_perm(MAY_LOAD), "may_force": request.user.has_perm(MAY_FORCE)}
        context = self.admin_site.each_context(request) | page_texts(upload, settings) | rights | {"opts": self.opts}
        return TemplateResponse(request, "admin/stock_loader/upload_page.html", context)

    def load_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Have the files loaded as the preview shows that the user saw."""
        upload = self._upload_to_change(request, number)
        is_forced = bool(request.POST.get("force"))
        if is_forced and not request.user.has_perm(MAY_FORCE):
            raise PermissionDenied
        if upload.preview.get("objections") and not is_forced:
            messages.error(request, gettext("The limits refuse this load."))
        elif request.POST.get("preview") != str(upload.preview_session) or not upload.move(
            State.PREVIEWED, state=State.TO_LOAD, is_forced=is_forced, loaded_by=_name_of(request), result=""
        ):
            messages.error(request, gettext("This is no longer what you saw; look again."))
        return self._carry_on(request, upload, upload_settings())

    def preview_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Have the files looked at once more."""
        upload = self._upload_to_change(request, number)
        upload.move(*Upload.RESTING, state=State.TO_PREVIEW, result="", load_session=None)
        return self._carry_on(request, upload, upload_settings())

    def remove_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Remove the files; what they would have done stays listed."""
        upload = self._upload_to_change(request, number)
        remove(upload, upload_settings())
        return self._page_of(upload)

    def _upload_to_change(self, request: HttpRequest, number: int) -> Upload:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return get_object_or_404(Upload, pk=number)

    def _carry_on(self, request: HttpRequest, upload: Upload, settings: UploadSettings) -> HttpResponse:
        self._ensure_worker(request, settings)
        return self._page_of(upload)

    def _page_of(self, upload: Upload) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:stock_upload_upload_change", args=[upload.pk]))

    def _ensure_worker(self, request: HttpRequest, settings: UploadSettings) -> None:
        """Start the process that loads, unless one is alive or a service is to run it; say if that fails."""
        try:
            if settings.start_worker:
                start_worker(Spool(settings.folder), "upload_worker", python=settings.python)
        except RefusedRequestError as error:
            messages.error(request, str(error))


def _name_of(request: HttpRequest) -> Any:
    return request.user.get_username()[:MAX_USER_LENGTH]
