"""What may be wrong with the setting `STOCK_LOADER`, one line each."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from stock_loader.database.keys import Key
from stock_loader.database.paths import Field, Model, PathError, PathFault
from stock_loader.errors import WrongSettingError
from stock_loader.load_warnings import LoadWarning, WarningCode
from stock_loader.settings import SETTING


def no_mapping(missing: Iterable[str]) -> WrongSettingError:
    """Say that the shop did not say what to load."""
    return WrongSettingError(
        "%(setting)s does not say %(missing)s. Set it to the shop's model and fields; docs/own-shop.md shows how.",
        setting=SETTING,
        missing=", ".join(missing),
    )


def unknown_name(name: object, known: Iterable[str]) -> WrongSettingError:
    """Say that there is no such entry; those that are most like it first."""
    return WrongSettingError(
        '%(setting)s["%(name)s"] is unknown; known are: %(known)s. Rows per warehouse, rows to be created and journals '
        "of stock are not supported.",
        setting=SETTING,
        name=name,
        known=", ".join(sorted(known, key=lambda each: -SequenceMatcher(None, str(name), each).ratio())),
    )


def no_model(name: str, seen: object) -> WrongSettingError:
    """Say that there is no such model."""
    return WrongSettingError(
        '%(setting)s["%(name)s"]: there is no model %(seen)s; expected a model of an installed app, like '
        "partner.StockRecord.",
        setting=SETTING,
        name=name,
        seen=seen,
    )


def no_own_sessions() -> WrongSettingError:
    """Say that the loader's own table of sessions is not installed."""
    return WrongSettingError(
        '%(setting)s["SESSION"]: add stock_loader.journal to INSTALLED_APPS and migrate, or name the session model of '
        "the shop.",
        setting=SETTING,
    )


def several_primary_keys(name: str, model: Model) -> WrongSettingError:
    """Say that rows are told apart by one field only."""
    return WrongSettingError(
        '%(setting)s["%(name)s"]: the primary key of %(model)s has several fields, which is not supported.',
        setting=SETTING,
        name=name,
        model=model._meta.label,
    )


def wrong_filter(error: object) -> WrongSettingError:
    """Say what Django says of the filter."""
    return WrongSettingError('%(setting)s["FILTER"] cannot be used: %(reason)s', setting=SETTING, reason=error)


def wrong_path(name: str, error: PathError) -> WrongSettingError:
    """Say where a path breaks."""
    place = {"setting": SETTING, "name": name, "model": error.model._meta.label, "field": error.name}
    if error.fault is PathFault.MISSING:
        known = sorted(field.name for field in error.model._meta.get_fields())
        return WrongSettingError(
            '%(setting)s["%(name)s"]: %(model)s has no field %(field)s; it has: %(known)s.',
            known=", ".join(known),
            **place,
        )
    if error.fault is PathFault.MANY:
        return WrongSettingError(
            '%(setting)s["%(name)s"]: %(field)s of %(model)s leads to many rows; every step must lead to one.', **place
        )
    return WrongSettingError(
        '%(setting)s["%(name)s"]: %(field)s of %(model)s is a relation; name a field behind it, like %(field)s__code.',
        **place,
    )


def no_own_field(name: str, seen: str, model: Model) -> WrongSettingError:
    """Say that what is written must stand in the rows themselves."""
    return WrongSettingError(
        '%(setting)s["%(name)s"]: %(seen)s is a path; expected a field of %(model)s itself. Quantities in other '
        "tables, such as rows per warehouse, are not supported.",
        setting=SETTING,
        name=name,
        seen=seen,
        model=model._meta.label,
    )


def field_of_parent(name: str, field: Field) -> WrongSettingError:
    """Say which model has the field."""
    return WrongSettingError(
        '%(setting)s["%(name)s"]: %(field)s stands in the table of %(parent)s; name %(parent)s as MODEL.',
        setting=SETTING,
        name=name,
        field=field.name,
        parent=field.model._meta.label,
    )


def wrong_kind(name: str, field: Field, expected: str) -> WrongSettingError:
    """Say what the field is and what it should be."""
    return WrongSettingError(
        '%(setting)s["%(name)s"]: %(model)s.%(field)s is a %(kind)s; expected %(expected)s.',
        setting=SETTING,
        name=name,
        model=field.model._meta.label,
        field=field.name,
        kind=type(field).__name__,
        expected=expected,
    )


def session_lacks(model: Model, name: str, kind: str) -> WrongSettingError:
    """Say what a session model must have."""
    return WrongSettingError(
        '%(setting)s["SESSION"]: %(model)s needs the field %(field)s, a %(kind)s. The abstract model '
        "stock_loader.journal.abstract.AbstractImportSession has all that is needed.",
        setting=SETTING,
        model=model._meta.label,
        field=name,
        kind=kind,
    )


def not_unique(name: str, key: Key) -> LoadWarning:
    """Warn of a key that may lead to several rows."""
    return LoadWarning(
        '%(setting)s["%(name)s"]: the models do not promise that %(path)s is unique among the rows that count; an id '
        "that leads to several rows changes none of them. Where it is unique all the same, add stock_loader.W001 to "
        "SILENCED_SYSTEM_CHECKS.",
        code=WarningCode.KEY_NOT_UNIQUE,
        setting=SETTING,
        name=name,
        path=key.path,
    )


def without_index(name: str, key: Key) -> LoadWarning:
    """Warn of a key that is slow to look up."""
    return LoadWarning(
        '%(setting)s["%(name)s"]: %(path)s has no index; every look-up reads the whole table. Where the database '
        "has one all the same, add stock_loader.W002 to SILENCED_SYSTEM_CHECKS.",
        code=WarningCode.KEY_WITHOUT_INDEX,
        setting=SETTING,
        name=name,
        path=key.path,
    )
