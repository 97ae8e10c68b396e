from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from stock_loader.upload.checks import check_upload
from stock_loader.upload.conf import UploadSettings, upload_settings


def given(settings: LazySettings, **upload: Any) -> None:
    settings.STOCK_LOADER = settings.STOCK_LOADER | {"UPLOAD": upload}


def test_all_of_it_is_optional(settings: LazySettings) -> None:
    assert upload_settings() == UploadSettings()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MAX_MIB", 0, "a whole number from 1 on"),
        ("MAX_MIB", True, "a whole number from 1 on"),
        ("MAX_MIB", 1.5, "a whole number from 1 on"),
        ("KEEP_HOURS", "1", "a number from 0 on"),
        ("KEEP_DAYS", -1, "a number from 0 on"),
        ("MAX_DRIFT", "5 %", 'a number, a percentage up to 100% or "off"'),
        ("OPTIONS", "--force", 'a list of arguments like ["--sum-variants"]'),
        ("START_WORKER", 1, "True or False"),
    ],
)
def test_wrong_value_is_told(settings: LazySettings, name: str, value: object, expected: str) -> None:
    given(settings, **{name: value})
    with pytest.raises(ImproperlyConfigured) as refusal:
        upload_settings()
    assert str(refusal.value) == f'STOCK_LOADER["UPLOAD"]["{name}"]: expected {expected}, saw {value!r}.'


def test_checks_tell_mistakes(settings: LazySettings, tmp_path: Path) -> None:
    given(settings, MAXMIB=1)
    assert [one.id for one in check_upload(None)] == ["stock_upload.E001"]
    given(settings, OPTIONS=["--no-such-option"])
    (told,) = check_upload(None)
    assert "--no-such-option" in told.msg
    given(settings, FOLDER=str(tmp_path / "media" / "uploads"), OPTIONS=["--sum-variants"])
    assert check_upload(None) == []
    settings.MEDIA_ROOT = str(tmp_path / "media")
    assert [one.id for one in check_upload(None)] == ["stock_upload.E002"]
