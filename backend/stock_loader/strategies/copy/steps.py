"""What `copy` asks of a database in SQL: the names of its steps; a file for each database says them.

The order of things stands in `matching`, `change_table` and `strategy` and is one for all databases. A step is one
statement or several with `;` between them. Its count is the number of rows that the last one inserted, changed or
deleted; a step that gives a row has it from the last one, too.
"""

from typing import Protocol


class Statements(Protocol):
    """How offers are matched and what differs is written. `statements` says what each step does."""

    OFFERS: str
    CREATE: str
    DROP: str
    MATCH_BY_ONEC_ID: str
    FIND_SEVERAL: str
    REJECT_SEVERAL: str
    FIND_MISSED: str
    COUNT_REPEATED: str
    FIND_SUPERSEDED: str
    DROP_SUPERSEDED: str
    COUNT_REJECTED: str
    LIST_REJECTED: str
    COUNT_MATCHES: str
    FIND_CHANGES: str
    FIND_MISSING: str
    COUNT_CHANGES: str
    LIST_CHANGES: str
    LIST_WRITTEN: str
    JOIN_IN_KEY_ORDER: str
    LOCK: str
    DROP_UNCHANGED: str
    CORRECT_OLD: str
    UPDATE: str
    UPDATE_AT_ONCE: str
    RETURNING: str
    COUNT_DIFFERING: str


class Settling(Protocol):
    """How it is decided of products to which offers lead otherwise than by their id. `settling` says what each does."""

    FIND_PARTS: str
    DROP_PARTS: str
    MATCH_BY_SKU: str
    ADD_OWN_OFFERS: str
    JUDGE: str
    REJECT_JUDGED: str
    COUNT_JUDGED: str
    FIND_JUDGED_CHANGES: str
    FIND_EQUAL_TOTALS: str


class UndoSteps(Protocol):
    """How an undo compares and writes in the server. `strategies.undo.statements` says what each step does."""

    DROP: str
    CREATE: str
    CHANGES: str
    TAKE_APART: str
    JUDGE: str
    FIND_CHANGES: str
    COUNT: str
    KEEP_LOCKED: str
    LIST_KEPT: str
