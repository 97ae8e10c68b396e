"""What lets an undo pass or refuses it: before it begins what there is to undo, then limits; nothing is written yet."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.utils.translation import gettext

from stock_loader.database.shop import mapping
from stock_loader.errors import Message, NothingToUndoError, RefusedByGuardError
from stock_loader.journal import sessions as import_log
from stock_loader.journal.changes import count_changes
from stock_loader.load.guards import Guards, tripped_limit
from stock_loader.outcome import Findings, Status


def changes_to_undo(session_id: int) -> int:
    """Return how many changes of a session can be undone, which are all that it made; two queries.

    Raises:
        NothingToUndoError: it did not complete, changed nothing, or not all that it changed stands in the journal.
    """
    session = import_log.load_session(session_id)
    if session is None:
        raise NothingToUndoError(
            "there is no session #%(session)s of a load of %(target)s.", session=session_id, target=mapping().target
        )
    details: dict[str, Any] = session.details if isinstance(session.details, dict) else {}
    if session.status != Status.COMPLETED or details.get("dry_run") or not details.get("changed_count"):
        raise NothingToUndoError(
            "session #%(session)s (%(status)s) changed no stock: there is nothing to undo.",
            session=session_id,
            status=gettext("a dry run") if details.get("dry_run") else session.status,
        )
    kept = count_changes(session_id)
    if kept != details["changed_count"]:
        raise NothingToUndoError(
            "session #%(session)s changed %(changed)s products, and the journal has %(kept)s of these changes: it was "
            "switched off, pruned, or did not exist yet. Load an older export, or correct the stock otherwise.",
            session=session_id,
            changed=details["changed_count"],
            kept=kept,
        )
    return kept


def undo_checks(session_id: int, guards: Guards, findings: Findings) -> Iterator[Callable[[], None]]:
    """Yield what lets an undo pass or raises; all of it is for a forced undo to pass over."""
    yield partial(_refuse_undone, session_id)
    for guard in guards.one_by_one():
        yield partial(_refuse_beyond, guard, findings)


def _refuse_undone(session_id: int) -> None:
    """Refuse to undo once more.

    Raises:
        RefusedByGuardError: it was undone already.
    """
    if undone_by := import_log.undone_by(session_id):
        raise _refused(
            Message(
                "session #%(session)s was undone already, by session #%(undo)s; to take that back, undo #%(undo)s.",
                session=session_id,
                undo=undone_by,
            )
        )


def _refuse_beyond(guards: Guards, findings: Findings) -> None:
    """Refuse an undo beyond the limits.

    Raises:
        RefusedByGuardError: one is tripped.
    """
    in_stock, products = mapping().in_stock().count, mapping().rows().count
    if tripped := tripped_limit(guards, findings, in_stock=in_stock, products=products):
        raise _refused(tripped)


def _refused(what: Message) -> RefusedByGuardError:
    return RefusedByGuardError("%(what)s Nothing was undone. To undo it all the same, repeat with --force.", what=what)
