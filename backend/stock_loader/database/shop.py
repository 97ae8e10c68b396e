"""The mapping and the session model that the setting `STOCK_LOADER` gives, and what is wrong with it.

It is read once, when it is first needed. `manage.py check` tells every mistake; a load tells the first one before it
begins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import FieldError, ValidationError
from django.core.signals import setting_changed
from django.db import models

from stock_loader.database import wrong_settings as wrong
from stock_loader.database.doubts import without_doubted_promises
from stock_loader.database.keys import Key, read_key
from stock_loader.database.mapping import ShopMapping
from stock_loader.database.paths import (
    SEPARATOR,
    Field,
    Model,
    PathError,
    PathFault,
    fixed_fields,
    leads_to_many,
    walk,
)
from stock_loader.errors import WrongSettingError
from stock_loader.load_warnings import LoadWarning
from stock_loader.settings import DEFAULTS, chosen, setting

REQUIRED = ("MODEL", "QUANTITY", "ONEC_ID")
OWN_SESSION = DEFAULTS["SESSION"]

SESSION_FIELDS: dict[str, tuple[type[Any], ...]] = {
    "import_type": (models.TextField, models.CharField),
    "status": (models.TextField, models.CharField),
    "started_at": (models.DateTimeField,),
    "finished_at": (models.DateTimeField,),
    "details": (models.JSONField,),
    "error_message": (models.CharField, models.TextField),
}
"""What a session model must have, and of which kinds."""

_Read = TypeVar("_Read")


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What the setting says, as far as it can be used."""

    mapping: ShopMapping | None
    session: Any
    """The model of sessions; None where it cannot be used."""
    errors: tuple[WrongSettingError, ...]
    warnings: tuple[LoadWarning, ...]


def mapping() -> ShopMapping:
    """Return the mapping.

    Raises:
        WrongSettingError: the setting cannot be used.
    """
    found = shop()
    if found.mapping is None:
        raise found.errors[0]
    return without_doubted_promises(found.mapping)


def session_model() -> Any:
    """Return the model of the sessions.

    Raises:
        WrongSettingError: the setting cannot be used.
    """
    found = shop()
    if found.session is None:
        raise found.errors[-1]
    return found.session


def refuse_wrong_settings() -> None:
    """Let a load begin, or not.

    Raises:
        WrongSettingError: the setting cannot be used.
    """
    if errors := shop().errors:
        raise errors[0]


@lru_cache(maxsize=1)
def shop() -> Shop:
    """Return what the setting says."""
    errors: list[WrongSettingError] = [
        wrong.unknown_name(name, DEFAULTS) for name in sorted(set(chosen()) - set(DEFAULTS), key=str)
    ]
    mapping = _read_mapping(errors)
    session = _noting(errors, _session)
    return Shop(mapping=mapping, session=session, errors=tuple(errors), warnings=_warnings(mapping))


def _forget(**_: object) -> None:
    shop.cache_clear()


setting_changed.connect(_forget, dispatch_uid="stock_loader.shop")  # tests change settings


def _noting(errors: list[WrongSettingError], read: Callable[..., _Read], *arguments: object) -> _Read | None:
    """Return what `read` reads; None where it raises, and then `errors` has why."""
    try:
        return read(*arguments)
    except WrongSettingError as error:
        errors.append(error)
        return None


def _read_mapping(errors: list[WrongSettingError]) -> ShopMapping | None:
    if missing := [name for name in REQUIRED if not setting(name)]:
        errors.append(wrong.no_mapping(missing))
        return None
    model = _noting(errors, _model, "MODEL")
    if model is None:
        return None
    before = len(errors)
    row_filter = _noting(errors, _filter, model) or {}
    fixed = fixed_fields(model, row_filter)
    quantity = _noting(errors, _quantity, model)
    onec_id = _noting(errors, _key, model, "ONEC_ID", fixed)
    sku = _noting(errors, _key, model, "SKU", fixed) if setting("SKU") else None
    name = _noting(errors, _path, model, "NAME") if setting("NAME") else ""
    changed_at = _noting(errors, _changed_at, model) if setting("CHANGED_AT") else ""
    if len(errors) > before or onec_id is None:
        return None
    return ShopMapping(
        model=model,
        quantity=quantity,
        onec_id=onec_id,
        sku=sku,
        name=name or "",
        changed_at=changed_at or "",
        row_filter=row_filter,
    )


def _warnings(mapping: ShopMapping | None) -> tuple[LoadWarning, ...]:
    if mapping is None:
        return ()
    keys = {"ONEC_ID": mapping.onec_id} | ({"SKU": mapping.sku} if mapping.sku else {})
    not_unique = [wrong.not_unique(name, key) for name, key in keys.items() if not key.is_unique]
    return (*not_unique, *(wrong.without_index(name, key) for name, key in keys.items() if not key.is_indexed))


def _model(name: str) -> Model:
    label = setting(name)
    try:
        model: Model = apps.get_model(label)
    except (LookupError, ValueError, AttributeError):
        raise wrong.no_own_sessions() if label == OWN_SESSION else wrong.no_model(name, label) from None
    model = model._meta.concrete_model or model
    if len(model._meta.pk_fields) > 1:
        raise wrong.several_primary_keys(name, model)
    return model


def _session() -> Model:
    """Return the session model where it has all that a session needs."""
    model = _model("SESSION")
    fields = {field.name: field for field in model._meta.concrete_fields}
    for name, kinds in SESSION_FIELDS.items():
        if not isinstance(fields.get(name), kinds):
            raise wrong.session_lacks(model, name, kinds[-1].__name__)
    if not isinstance(model._meta.pk, models.IntegerField):
        raise wrong.session_lacks(model, model._meta.pk.name, models.BigAutoField.__name__)
    return model


def _filter(model: Model) -> dict[str, Any]:
    row_filter = setting("FILTER") or {}
    if not isinstance(row_filter, dict):
        raise wrong.wrong_filter(f"expected a dict of look-ups, saw {row_filter!r}")
    try:
        models.QuerySet(model).filter(**row_filter)
    except (TypeError, ValueError, FieldError, ValidationError) as error:
        raise wrong.wrong_filter(error) from error
    for fault in (leads_to_many(model, lookup) for lookup in row_filter):
        if fault:
            raise wrong.wrong_path("FILTER", fault)
    return dict(row_filter)


def _steps(model: Model, name: str) -> list[Field]:
    """Return the fields on the path that the setting `name` gives, to a value."""
    try:
        steps = walk(model, str(setting(name)))
    except PathError as error:
        raise wrong.wrong_path(name, error) from None
    if steps[-1].is_relation:
        raise wrong.wrong_path(name, PathError(PathFault.RELATION, steps[-1].name, steps[-1].model))
    return steps


def _path(model: Model, name: str) -> str:
    _steps(model, name)
    return str(setting(name))


def _own_field(model: Model, name: str) -> Field:
    """Return the field of the model's own table."""
    path = str(setting(name))
    if SEPARATOR in path:
        raise wrong.no_own_field(name, path, model)
    field = _steps(model, name)[0]
    if field.model is not model:
        raise wrong.field_of_parent(name, field)
    return field


def _quantity(model: Model) -> Field:
    field = _own_field(model, "QUANTITY")
    is_decimal = isinstance(field, models.DecimalField) and None not in (field.max_digits, field.decimal_places)
    if field.primary_key or not (is_decimal or isinstance(field, models.IntegerField)):
        raise wrong.wrong_kind("QUANTITY", field, "IntegerField, DecimalField(max_digits, decimal_places)")
    return field


def _changed_at(model: Model) -> str:
    field = _own_field(model, "CHANGED_AT")
    if not isinstance(field, models.DateTimeField):
        raise wrong.wrong_kind("CHANGED_AT", field, models.DateTimeField.__name__)
    return str(field.name)


def _key(model: Model, name: str, fixed: frozenset[str]) -> Key:
    steps = _steps(model, name)
    key = read_key(model, str(setting(name)), steps, fixed)
    if key is None:
        raise wrong.wrong_kind(name, steps[-1], "CharField, TextField, IntegerField, UUIDField")
    return key
