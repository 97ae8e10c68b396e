"""The setting `STOCK_LOADER["UNDO"]`: how undos run that are asked for in the admin."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stock_loader.console.undo_command import Command, undo_options
from stock_loader.load.undo import UndoOptions
from stock_loader.upload.conf import WorkSettings, private_folder, work_settings


@dataclass(frozen=True, kw_only=True)
class UndoSettings(WorkSettings):
    """How undos run; `options` are of `undo_stock_load`, no session and no `--relative`."""

    folder: str = field(default_factory=lambda: private_folder("stock-undo"))


def undo_settings() -> UndoSettings:
    """Return the setting.

    Raises:
        ImproperlyConfigured: it has a name that does not exist, or a value of the wrong kind.
    """
    return work_settings("UNDO", UndoSettings)


def options_of(arguments: Sequence[str], session: int) -> UndoOptions:
    """Return what the command line of an undo makes of these arguments.

    Raises:
        CommandError: of the arguments one is wrong.
    """
    parser = Command().create_parser("manage.py", "undo_stock_load")
    return undo_options(vars(parser.parse_args([*arguments, str(session)])))
