"""The site beside its static files as `collectstatic` leaves them: what a web server before gunicorn does."""

import mimetypes
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.wsgi import get_wsgi_application

STATIC = Path(os.environ["EXCHANGE_SETTINGS"]).with_name("static")
site = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request."""
    path = str(environ["PATH_INFO"])
    file = STATIC / path.removeprefix("/static/")
    if not path.startswith("/static/") or not file.is_file():
        return site(environ, start_response)
    start_response("200 OK", [("Content-Type", mimetypes.guess_type(file)[0] or "application/octet-stream")])
    return [file.read_bytes()]
