"""`manage.py check`: mistakes in the setting of the upload, and of what works as it does."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from stock_loader.exchange.arguments import options_of
from stock_loader.upload.conf import WorkSettings, upload_settings


def check_upload(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Return what is wrong with `STOCK_LOADER["UPLOAD"]`."""
    return check_work("UPLOAD", upload_settings, lambda options: options_of(options, [Path("-")]), app="stock_upload")


def check_work(
    name: str, read: Callable[[], WorkSettings], parse: Callable[[Sequence[str]], object], *, app: str
) -> list[CheckMessage]:
    """Return what is wrong with `STOCK_LOADER[name]`; `parse` refuses wrong options with a `CommandError`."""
    try:
        found = read()
        parse(found.options)
    except ImproperlyConfigured as error:
        return [Error(str(error), id=f"{app}.E001")]
    except CommandError as error:
        return [Error(f'STOCK_LOADER["{name}"]["OPTIONS"]: {error}', id=f"{app}.E001")]
    folder = Path(found.folder).resolve()
    for served in ("MEDIA_ROOT", "STATIC_ROOT"):
        root = getattr(settings, served, None)
        if root and folder.is_relative_to(Path(root).resolve()):
            return [
                Error(
                    f'STOCK_LOADER["{name}"]["FOLDER"]: {folder} lies in {served}, which is served to everybody.',
                    hint="Set it to a folder that no web server serves.",
                    id=f"{app}.E002",
                )
            ]
    return []
