"""Standard input as a document that can be read more than once."""

import tempfile
from collections.abc import Generator
from types import TracebackType
from typing import BinaryIO, Self

from stock_loader.commerceml.files.chunks import CHUNK_BYTES
from stock_loader.errors import DocumentError


class KeptInput:
    """Standard input, kept in a nameless private file, so that it can be read a second time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_complete = False

    def __enter__(self) -> Self:
        """Make the file."""
        self._copy = tempfile.TemporaryFile(prefix="stock-load-")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove it."""
        self._copy.close()

    def chunks(self) -> Generator[bytes]:
        """Yield what came in; the first time as it comes."""
        source: BinaryIO = self._copy if self._is_complete else self._stream
        self._copy.seek(0)
        try:
            while chunk := source.read(CHUNK_BYTES):
                if not self._is_complete:
                    self._copy.write(chunk)
                yield chunk
        except OSError as error:
            raise DocumentError("cannot be read: %(reason)s.", reason=error.strerror) from error
        self._is_complete = True
