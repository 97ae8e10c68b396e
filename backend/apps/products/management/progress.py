"""The progress bar of a load, on stderr."""

from types import TracebackType
from typing import Self

from apps.products.services.source import file_size


class ProgressBar:
    """Shows how much of the file is read, the speed and the time left, by its bytes."""

    def __init__(self, path: str) -> None:
        from tqdm import tqdm  # noqa: PLC0415  # costs 20 ms that cron need not pay

        self._bar = tqdm(total=file_size(path), unit="B", unit_scale=True, leave=False, dynamic_ncols=True)

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the bar from the terminal."""
        self._bar.close()

    def advance(self, size: int) -> None:
        """Show `size` more bytes."""
        self._bar.update(size)

    def start_again(self) -> None:
        """Show that the file is read from its start again."""
        self._bar.reset()
