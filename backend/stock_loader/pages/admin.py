"""The pages' place in Django's admin: an entry in the index, addresses, and who may see them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.urls import URLPattern, path

from stock_loader.exchange.read_only import ReadOnly
from stock_loader.pages.models import APP, UNDO, VIEW, StockLoad
from stock_loader.pages.page import PageRequest
from stock_loader.pages.views.downloads import changes_file
from stock_loader.pages.views.overview import overview_page
from stock_loader.pages.views.products import product_page, products_page
from stock_loader.pages.views.session import session_page
from stock_loader.pages.views.sessions import sessions_page

PageView = Callable[..., HttpResponseBase]


def _of_undo(name: str, *, changes: bool = True) -> PageView:
    """Return a view of `views.undo`, which comes with the request: a load from cron imports this module, too."""

    def view(page: PageRequest, **arguments: Any) -> HttpResponseBase:
        from stock_loader.pages.views import undo  # noqa: PLC0415  # see above

        if changes and page.request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        answer: HttpResponseBase = getattr(undo, name)(page, **arguments)
        return answer

    return view


PAGES: list[tuple[str, str, str, PageView]] = [
    # address, name, the right that it takes, view
    ("", "stockload_changelist", VIEW, overview_page),
    ("sessions/", "sessions", VIEW, sessions_page),
    ("sessions/<int:number>/", "session", VIEW, session_page),
    ("sessions/<int:number>/changes.<str:kind>", "changes", VIEW, changes_file),
    ("sessions/<int:number>/undo/", "undo_ask", UNDO, _of_undo("ask")),
    ("undos/<int:number>/", "undo", VIEW, _of_undo("undo_page", changes=False)),
    ("undos/<int:number>/carry-out/", "undo_carry_out", UNDO, _of_undo("carry_out")),
    ("undos/<int:number>/look-again/", "undo_look_again", UNDO, _of_undo("look_again")),
    ("undos/<int:number>/give-up/", "undo_give_up", UNDO, _of_undo("give_up")),
    ("products/", "products", VIEW, products_page),
    ("products/<path:key>/", "product", VIEW, product_page),
]
"""Another page adds itself here, and to the menu."""


@admin.register(StockLoad)
class StockLoadAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Not a table to edit: pages of its own."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of the pages, and no others."""
        return [
            path(route, self.admin_site.admin_view(self._guarded(view, right)), name=f"{APP}_{name}")
            for route, name, right, view in PAGES
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Tell whether the index shows the pages."""
        return request.user.has_perm(VIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whether the index shows the section."""
        return request.user.has_perm(VIEW)

    def _guarded(self, view: PageView, right: str) -> Callable[..., HttpResponseBase]:
        def guarded(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            if not request.user.has_perm(right):
                raise PermissionDenied
            return view(PageRequest(request, self.admin_site), **arguments)

        return guarded
