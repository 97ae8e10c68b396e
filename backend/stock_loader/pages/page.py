"""What all pages need: the request, the admin site that serves it, and the frame around the content."""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

from stock_loader.pages.menu import address, menu

if TYPE_CHECKING:
    from django.utils.functional import Promise


class PageRequest(NamedTuple):
    """A request for a page of an admin site; a project may have several sites."""

    request: HttpRequest
    site: AdminSite

    def asked(self, name: str) -> str:
        """Return what the address says of `name`, without blanks around it."""
        return self.request.GET.get(name, "").replace("\0", "").strip()

    def number(self, name: str) -> int | None:
        """Return the whole number that the address says of `name`; None where it says none."""
        text = self.asked(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None

    def url(self, page: str, *arguments: object) -> str:
        """Return the path of another page of the same site."""
        return address(page, *arguments, site=self.site.name)

    def here_with(self, **parameters: object) -> str:
        """Return the query of this page with some parameters changed; None drops one."""
        query = self.request.GET.copy()
        for name, value in parameters.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"?{query.urlencode()}"

    def answer(self, template: str, *, title: "str | Promise", here: str = "", **content: Any) -> TemplateResponse:
        """Return the page; `here` is the item of the menu that it belongs to."""
        frame = {**self.site.each_context(self.request), "title": title}
        frame["stock_menu"] = menu(self.request, here, site=self.site.name)
        self.request.current_app = self.site.name
        return TemplateResponse(self.request, f"admin/stock_loader/{template}", {**frame, **content})


MAX_DIGITS = 18
"""Of a number that every database takes."""
