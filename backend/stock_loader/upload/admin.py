"""Uploads in Django's admin.

Every command of a site with the admin imports this module, a load from cron too: all but the list comes with a request.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from stock_loader.errors import one_line
from stock_loader.exchange.read_only import ReadOnly
from stock_loader.upload.models import Upload

SHOWN_CHARACTERS = 80
MAY_LOAD = "stock_upload.load_stocks"


@admin.register(Upload)
class UploadAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # no class to write at run time
    """Uploads; nothing of them is changed but by the buttons of their pages."""

    list_display = ("__str__", "state", "user_name", "created_at", "result_line")
    list_filter = ("state", "user_name")
    show_full_result_count = False

    class Media:
        """The list fits a phone."""

        css: ClassVar = {"all": ["stock_loader/upload.css"]}

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

    def get_urls(self) -> list[URLPattern]:
        """Return the pages: of Django's the list, and those of this app.

        The form's token stands in its body: it is checked once that is read, by the page that says where files go.
        """
        pages = {
            "add": csrf_exempt(self._page("form")),
            "change": self._page("page"),
            "load": require_POST(self._page("load")),
            "preview": require_POST(self._page("preview")),
            "remove": require_POST(self._page("remove")),
        }
        own = [
            path(
                "add/" if name == "add" else f"<int:number>/{name}/",
                self.admin_site.admin_view(page),
                name=f"stock_upload_upload_{name}",
            )
            for name, page in pages.items()
        ]
        return [*own, *super().get_urls()]

    def _page(self, name: str) -> Any:
        def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            from stock_loader.upload import views  # noqa: PLC0415  # see the module's docstring

            answer: HttpResponse = getattr(views, name)(self, request, **kwargs)
            return answer

        return page
