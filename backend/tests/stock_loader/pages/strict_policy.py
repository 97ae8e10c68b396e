"""A site that allows nothing but its own files: a page that needs more fails in the browser."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

OWN = ("script-src", "style-src", "img-src", "connect-src", "form-action")
POLICY = "; ".join(["default-src 'none'", *(f"{name} 'self'" for name in OWN), "base-uri 'none'"])


def strict_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return answer
