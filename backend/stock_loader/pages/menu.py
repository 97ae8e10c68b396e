"""What every page shows above its content: where else one can go. Another page adds its item to `MENU`."""

from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stock_loader.pages.models import APP, VIEW

if TYPE_CHECKING:
    from django.utils.functional import Promise


class MenuItem(NamedTuple):
    """A page that stands in the menu."""

    text: "str | Promise"
    page: str
    """The name of its address in the admin."""
    right: str


class MenuLink(NamedTuple):
    """An item as a user sees it."""

    text: "str | Promise"
    url: str
    is_here: bool


MENU = [
    MenuItem(_("Overview"), "stock_pages_stockload_changelist", VIEW),
    MenuItem(_("Sessions"), "stock_pages_sessions", VIEW),
    MenuItem(_("A product"), "stock_pages_products", VIEW),
]


UPLOAD = MenuItem(_("Upload"), "stock_upload_upload_add", "stock_upload.load_stocks")
"""Where that app is installed."""


def address(page: str, *arguments: object, site: str = "admin") -> str:
    """Return the path of one of these pages; `site` is the name of the admin site that serves it."""
    return reverse(f"admin:{APP}_{page}", args=arguments, current_app=site)


def menu(request: HttpRequest, here: str, *, site: str) -> list[MenuLink]:
    """Return the links that the user may follow."""
    return [
        MenuLink(item.text, reverse(f"admin:{item.page}", current_app=site), item.page == f"{APP}_{here}")
        for item in [*MENU, *([UPLOAD] if apps.is_installed("stock_loader.upload") else [])]
        if request.user.has_perm(item.right)
    ]
