"""Paths across the shop's models, and what the models promise of the fields on them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

Field = Any
"""A field of Django's, or a one-to-one relation that leads here; the stubs have no common name for them."""
Model = type[models.Model]

SEPARATOR = "__"


class PathFault(StrEnum):
    """What is wrong with a path."""

    MISSING = "missing"
    """There is no such field."""
    MANY = "many"
    """It leads to many rows."""
    RELATION = "relation"
    """It ends at a relation."""


class PathError(ValueError):
    """A path that cannot be used; `name` is the field of `model` where it breaks."""

    def __init__(self, fault: PathFault, name: str, model: Model) -> None:
        self.fault = fault
        self.name = name
        self.model = model
        super().__init__(f"{model._meta.label}.{name}: {fault}")


def walk(model: Model, path: str) -> list[Field]:
    """Return the fields on `path`, each of which leads to one row at most.

    Raises:
        PathError: one of them does not exist, or leads to many rows.
    """
    steps: list[Field] = []
    for name in path.split(SEPARATOR):
        if steps and not steps[-1].is_relation:
            raise PathError(PathFault.MISSING, SEPARATOR.join((steps[-1].name, name)), model)
        model = steps[-1].related_model if steps else model
        steps.append(_field(model, name))
    return steps


def leads_to_many(model: Model, lookup: str) -> PathError | None:
    """Return why a filter by `lookup`, which may end with a transform like `__gt`, finds rows more than once."""
    try:
        walk(model, lookup)
    except PathError as error:
        return error if error.fault is PathFault.MANY else None
    return None


def fixed_fields(model: Model, lookups: Iterable[str]) -> frozenset[str]:
    """Return the fields of `model` that a filter of equalities fixes to one value; other look-ups fix none."""
    fixed = set()
    for lookup in lookups:
        try:
            first, *rest = walk(model, lookup)
        except PathError:
            continue
        if all(map(is_unique, rest)):
            fixed.add(first.name)
    return frozenset(fixed)


def is_unique(field: Field, fixed: frozenset[str] = frozenset()) -> bool:
    """Tell whether no two rows with the same `fixed` fields have the same value of `field`."""
    if field.one_to_one or field.unique:
        return True
    meta = field.model._meta
    together = [*(constraint.fields for constraint in meta.total_unique_constraints), *meta.unique_together]
    return any(field.name in names and fixed.issuperset({*names} - {field.name}) for names in together)


def is_indexed(field: Field, fixed: frozenset[str] = frozenset()) -> bool:
    """Tell whether the rows with a value of `field` are found without a look at all others."""
    if field.one_to_one or field.unique or field.db_index:
        return True
    meta = field.model._meta
    indexes = [index.fields for index in (*meta.indexes, *meta.total_unique_constraints)]
    columns = ([name.removeprefix("-") for name in index] for index in (*indexes, *meta.unique_together))
    return any(field.name in names and fixed.issuperset(names[: names.index(field.name)]) for names in columns)


def _field(model: Model, name: str) -> Field:
    """Return the field with this name, or the one-to-one relation that leads to `model`."""
    try:
        field: Field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        raise PathError(PathFault.MISSING, name, model) from None
    if field.many_to_many or field.one_to_many or (field.is_relation and field.related_model is None):
        raise PathError(PathFault.MANY, name, model)
    return field
