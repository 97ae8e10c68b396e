"""A folder in which 1C leaves its exports: which files of it, and of the folders below it, are those of stock.

Folders below are searched where the folder has no stock file itself, and only those that the exchange makes: `goods`,
`webdata`, and numbers (`goods/1/`). An `archive` or a `done` beside them holds what was loaded long ago.

A link that leads out of the folder is not followed: whoever may write into it could have any file of the machine read.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stock_loader.commerceml.files.archives import is_archive_name
from stock_loader.commerceml.files.names import SHOWN_NAMES, is_stock_name, no_stock_file
from stock_loader.errors import DocumentError

EXCHANGE_FOLDERS = ("goods", "webdata")
MAX_DEPTH = 6
MAX_SEEN = 10_000
"""Files that are looked at to say where stock files stand that are not read."""


class Entry(NamedTuple):
    """A stock file or an archive in a folder."""

    name: str
    """Beginning with the folder as it was named."""
    path: str
    """Without links."""
    status: os.stat_result

    @property
    def is_archive(self) -> bool:
        """Tell whether it is an archive by its name."""
        return is_archive_name(self.name)


class Folder:
    """A folder that was named to be loaded."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._root = os.path.realpath(path)

    def own(self) -> list[Entry]:
        """Return the stock files and archives that stand in it.

        Raises:
            DocumentError: it cannot be read, or a link leads out of it.
        """
        return self._unrepeated(self._entries(self._path))

    def below(self) -> list[Entry]:
        """Return those of the folders below it that the exchange makes; raises as `own` does."""
        return self._unrepeated(self._below(self._path, depth=1))

    def without_stock(self) -> DocumentError:
        """Return what to say of it where it has no stock file."""
        elsewhere = sorted(self._stock_files_anywhere())
        if not elsewhere:
            return no_stock_file(self._path, (entry.name for entry in self._scan(self._path)))
        error = DocumentError(
            "no stock file in it, and the folders below it are not searched, except for %(searched)s. Name the folder "
            "to load; there are stock files like %(seen)s.",
            searched=", ".join((*EXCHANGE_FOLDERS, "1, 2, …")),
            seen=", ".join(elsewhere[:SHOWN_NAMES]),
        )
        return error.in_file(self._path)

    def _below(self, path: str, *, depth: int) -> Iterator[Entry]:
        for entry in self._scan(path):
            is_searched = entry.name.casefold() in EXCHANGE_FOLDERS or entry.name.isdecimal()
            if is_searched and depth <= MAX_DEPTH and _is_folder(entry):
                self._without_links(entry.path)
                yield from self._entries(entry.path)
                yield from self._below(entry.path, depth=depth + 1)

    def _entries(self, path: str) -> Iterator[Entry]:
        for entry in self._scan(path):
            if (is_stock_name(entry.name) or is_archive_name(entry.name)) and not _is_folder(entry):
                real = self._without_links(entry.path)
                yield Entry(entry.path, real, self._status(real, entry.path))

    def _scan(self, path: str) -> list["os.DirEntry[str]"]:
        try:
            with os.scandir(path) as entries:
                return sorted(entries, key=lambda entry: (entry.is_symlink(), entry.name))
        except OSError as error:
            raise DocumentError("cannot be read: %(reason)s.", reason=error.strerror).in_file(path) from error

    def _without_links(self, path: str) -> str:
        real = os.path.realpath(path)
        if not Path(real).is_relative_to(self._root):
            error = DocumentError(
                "a link that leads out of the folder is not followed. Put the file into the folder, or name it itself."
            )
            raise error.in_file(path)
        return real

    def _status(self, real: str, name: str) -> os.stat_result:
        try:
            return os.lstat(real)
        except OSError as error:
            raise DocumentError("cannot be read: %(reason)s.", reason=error.strerror).in_file(name) from error

    def _unrepeated(self, entries: Iterator[Entry]) -> list[Entry]:
        """Return the entries, a file and a link to it only once."""
        return list({entry.path: entry for entry in reversed(list(entries))}.values())[::-1]

    def _stock_files_anywhere(self) -> Iterator[str]:
        seen = 0
        for folder, _, names in os.walk(self._root):
            for name in names:
                seen += 1
                if is_stock_name(name):
                    yield os.path.relpath(os.path.join(folder, name), self._root)  # noqa: PTH118
            if seen > MAX_SEEN:
                return


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False
