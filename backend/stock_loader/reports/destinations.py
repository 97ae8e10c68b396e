"""Where a load may write what it tells: never over what it reads, never two things into one file."""

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from stock_loader.commerceml.files.archives import is_archive_name, split_member
from stock_loader.commerceml.files.kept_input import STANDARD_INPUT
from stock_loader.commerceml.files.names import is_stock_name
from stock_loader.errors import LoadRefusedError

Identity = str | tuple[int, int]
"""A resolved path, or device and inode: two paths that share one of these are spellings of one file."""


def refuse_shared_files(destinations: Mapping[str, str], sources: Sequence[str]) -> None:
    """Refuse `destinations`, paths by their options, of which two are one file, or one is a file of `sources`.

    Sources are what `--file` may name. Links are followed, since what they point to is what would be replaced. Names
    that differ in case or composition only count as the same, as on some file systems they are.

    Raises:
        LoadRefusedError: it says which options, and the path.
    """
    named = {option: path for option, path in destinations.items() if path}
    files = {option: _identities(path) for option, path in named.items()}
    for first, second in combinations(files, 2):
        if files[first] & files[second]:
            raise LoadRefusedError(
                "%(first)s and %(second)s name the same file: %(path)s.", first=first, second=second, path=named[second]
            )
    read = {identity for source in sources for identity in _read_from(source)} if named else set()
    for option, path in named.items():
        if files[option] & read or _would_be_read(path, sources):
            raise LoadRefusedError(
                "%(option)s names a file that the load reads or needs, and would replace it: %(path)s.",
                option=option,
                path=path,
            )


def _identities(path: str) -> set[Identity]:
    try:
        names: set[Identity] = {unicodedata.normalize("NFC", os.path.realpath(path)).casefold()}
        status = Path(path).stat()
    except OSError:
        return names
    except ValueError:  # no path at all: it holds a NUL
        return set()
    return names | {(status.st_dev, status.st_ino)}


def _read_from(source: str) -> Iterator[Identity]:
    if source == STANDARD_INPUT:
        yield from _standard_input()
    elif Path(source).is_dir():
        for name in _names_in(source):
            if is_stock_name(name):
                yield from _identities(str(Path(source) / name))
    else:
        archive, _ = split_member(source)
        yield from _identities(source)
        yield from _identities(archive)


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  # names are all that is needed
    except OSError:  # the load is about to say so
        return []


def _standard_input() -> Iterator[Identity]:
    try:
        status = os.fstat(0)
    except OSError:  # closed
        return
    yield status.st_dev, status.st_ino


def _would_be_read(path: str, sources: Sequence[str]) -> bool:
    """Tell whether a file of this name, once it is written, may be read in a folder, or in one below it."""
    target = Path(os.path.realpath(path))
    folders = (os.path.realpath(source) for source in sources if Path(source).is_dir())
    is_readable = is_stock_name(target.name) or is_archive_name(target.name)
    return is_readable and any(target.is_relative_to(folder) for folder in folders)
