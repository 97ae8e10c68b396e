"""Standard input as a document that can be read more than once."""

import sys
import tempfile
from collections.abc import Generator
from types import TracebackType
from typing import BinaryIO, Self, TextIO

from stock_loader.commerceml.files.archives import FIRST_BYTES
from stock_loader.commerceml.files.chunks import CHUNK_BYTES, unreadable
from stock_loader.errors import DocumentError

STANDARD_INPUT = "-"
"""What stands for it where a path may stand."""


def standard_input() -> BinaryIO:
    """Return the process's standard input.

    Raises:
        DocumentError: it is closed.
    """
    stream: TextIO | None = sys.stdin
    if stream is None:
        error = DocumentError("standard input is closed. Give it a document, or name a file.")
        raise error.in_file(STANDARD_INPUT)
    return stream.buffer


class KeptInput:
    """Standard input. What was read of it is kept in a private file without a name; one reader at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        """Make the file.

        Raises:
            DocumentError: there is no folder that takes one.
        """
        try:
            self._copy = tempfile.TemporaryFile(prefix="stock-load-")
        except OSError as error:
            raise _not_kept(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove it."""
        self._copy.close()

    def chunks(self) -> Generator[bytes]:
        """Yield what came in, from its start: what is kept, then what comes.

        Raises:
            DocumentError: it cannot be read, or not be kept, or is a zip.
        """
        self._copy.seek(0)
        while chunk := self._copy.read(CHUNK_BYTES):
            yield chunk
        while chunk := self._read():
            if not self._copy.tell():
                _refuse_archive(chunk)
            self._keep(chunk)
            yield chunk

    def _read(self) -> bytes:
        try:
            return self._stream.read(CHUNK_BYTES)
        except (OSError, ValueError) as error:
            raise unreadable(error) from error

    def _keep(self, chunk: bytes) -> None:
        try:
            self._copy.write(chunk)
            self._copy.flush()
        except OSError as error:
            raise _not_kept(error) from error


def _refuse_archive(chunk: bytes) -> None:
    if chunk.startswith(FIRST_BYTES):
        error = DocumentError("a zip is not unpacked from standard input. Give it as a file: --file PATH.")
        raise error.in_file(STANDARD_INPUT)


def _not_kept(error: OSError) -> DocumentError:
    refusal = DocumentError(
        "a copy of standard input cannot be kept: %(reason)s. Set TMPDIR to a folder with room for it, or load a file.",
        reason=error.strerror or error,
    )
    return refusal.in_file(STANDARD_INPUT)
