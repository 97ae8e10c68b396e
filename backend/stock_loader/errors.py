"""Why a load did not happen.

    StockLoadError                 the load failed, nothing was written
    ├── DocumentError              the file cannot be read as a stock file
    ├── RefusedByGuardError        a limit forbids what it would do
    ├── OlderFileError             a newer file was loaded already
    ├── DatabaseFailedError        the database refused or went away
    ├── SessionClosedError         somebody ended the load's session
    └── LoadRefusedError           the load was not begun
        ├── WrongSettingError      because a setting of the shop cannot be used
        ├── NothingToUndoError     because what was to be undone cannot be
        └── AnotherLoadRunsError   because another one runs

Invalid offers are no errors: they are records that say why.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from stock_loader.outcome import LoadReport


class Message:
    """A text for the operator, in English and in the language of the command.

    `template` and `parameters` are kept apart for that; a parameter may be a message itself. Babel collects the
    templates from the calls of this class and its children: the first argument has to stand there as it is.
    """

    def __init__(self, template: str, **parameters: object) -> None:
        self.template = template
        self.parameters: dict[str, str | Message] = {
            name: value if isinstance(value, Message) else one_line(str(value)) for name, value in parameters.items()
        }

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the text, its templates translated."""
        return translate(self.template) % {
            name: value.text(translate) if isinstance(value, Message) else value
            for name, value in self.parameters.items()
        }


class StockLoadError(Message, Exception):
    """A load that failed; `str()` is one English line: where, what was expected, what was seen, what to do.

    `file` is the file it is about, where there is one.
    """

    file = ""
    report: "LoadReport | None" = None
    """How the session of the failed load stands, where one could be recorded; set by the loader."""

    def in_file(self, path: str) -> Self:
        """Say that it is about the file at `path`; return the error, to be raised."""
        self.file = path
        return self

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the line, its templates translated."""
        message = super().text(translate)
        return f"{one_line(self.file)}: {message}" if self.file else message

    def __str__(self) -> str:
        """Return the line in English."""
        return self.text()


class DocumentError(StockLoadError):
    """The file cannot be read as a stock file: missing, broken, changed, hostile, or another kind of file."""


class RefusedByGuardError(StockLoadError):
    """The file was read, but loading it would do more than a limit allows."""


class OlderFileError(StockLoadError):
    """The file was written before the one that was loaded last."""


class DatabaseFailedError(StockLoadError):
    """The database refused a statement or went away."""


class LoadRefusedError(StockLoadError):
    """The load was not begun: a setting, an argument or the caller's transaction forbids it."""


class WrongSettingError(LoadRefusedError):
    """A setting of the shop cannot be used."""


class NothingToUndoError(LoadRefusedError):
    """The session that was to be undone is none of a load, changed nothing, or kept no journal."""


class AnotherLoadRunsError(LoadRefusedError):
    """Another load holds the run lock."""


class SessionClosedError(StockLoadError):
    """Somebody else ended the session of the load while it ran."""


class LoadStopped(SystemExit):
    """A signal stopped the load; `code` is 128 plus its number, `report` is of its session where there is one."""

    report: "LoadReport | None" = None


MAX_SEEN_LENGTH = 300
"""Characters of foreign text that a message repeats."""


def one_line(text: str, *, limit: int = MAX_SEEN_LENGTH) -> str:
    """Return `text` fit for a line of a terminal or log: no control characters or lone surrogates, cut at `limit`."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else _visible(char) for char in cut)


def _visible(char: str) -> str:
    return " " if char.isspace() else char.encode("unicode_escape", "backslashreplace").decode("ascii")
