"""`manage.py check`: mistakes in the setting of the upload."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from stock_loader.exchange.arguments import options_of
from stock_loader.upload.conf import upload_settings


def check_upload(app_configs: Sequence[Any] | None, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Return what is wrong with `STOCK_LOADER["UPLOAD"]`."""
    try:
        found = upload_settings()
        options_of(found.options, [Path("-")])
    except ImproperlyConfigured as error:
        return [Error(str(error), id="stock_upload.E001")]
    except CommandError as error:
        return [Error(f'STOCK_LOADER["UPLOAD"]["OPTIONS"]: {error}', id="stock_upload.E001")]
    folder = Path(found.folder).resolve()
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        root = getattr(settings, name, None)
        if root and folder.is_relative_to(Path(root).resolve()):
            return [
                Error(
                    f"the folder of uploads {folder} lies in {name}, which is served to everybody.",
                    hint='Set STOCK_LOADER["UPLOAD"]["FOLDER"] to a folder that no web server serves.',
                    id="stock_upload.E002",
                )
            ]
    return []
