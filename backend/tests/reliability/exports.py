"""Exports of the shop's two halves, written into folders and archives."""

import zipfile
from pathlib import Path

from stock_loader.load.options import LoadOptions
from tests.documents import offer
from tests.documents import rests as document
from tests.reliability.shop import NEW, PRODUCTS

HALVES = (range(PRODUCTS // 2), range(PRODUCTS // 2, PRODUCTS))


def half(number: int, *, date: str = "2026-01-15T03:00:00") -> str:
    """A document with the new stock of one half of the shop."""
    return document(*(offer(f"p{n}", NEW[n]) for n in HALVES[number]), date=date)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def pack(path: Path, members: dict[str, str], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo("x")
            info.filename = name  # ZipInfo itself would cut or turn some
            info.compress_type = method
            archive.writestr(info, text)
    return path


def options(path: Path, **more: object) -> LoadOptions:
    return LoadOptions(file=str(path), strategy="bulk_update", batch_size=4, chunk_size=4, **more)  # type: ignore[arg-type]
