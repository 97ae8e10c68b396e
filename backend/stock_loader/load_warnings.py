"""What a load warns its operator of."""

from enum import StrEnum

from stock_loader.errors import Message


class WarningCode(StrEnum):
    """What a warning is about, for programs: a code never changes its meaning."""

    NO_OFFERS = "no_offers"
    """The file is a stock file, and empty."""
    FILE_WITHOUT_STOCK = "file_without_stock"
    """No offer has a quantity, and the operator said that such files come (`--file-without-stock warn`)."""
    HIDDEN_ROWS = "hidden_rows"
    """Row-level security may keep products from the load."""
    OWN_OFFERS_LIKE_TOTALS = "own_offers_like_totals"
    """Own offers of products say as much as their variants together."""
    UNSEEN_EXCLUDED_WAREHOUSE = "unseen_excluded_warehouse"
    """An excluded warehouse that no offer names."""
    NOTHING_MATCHED = "nothing_matched"
    """No offer has a product."""
    FEW_MATCHED = "few_matched"
    """Suspiciously few offers have one."""
    DATE_AHEAD = "date_ahead"
    """A document is dated more than a day ahead of now."""
    NO_DATE = "no_date"
    """Of several documents one has no date."""
    SEVERAL_EXPORTS = "several_exports"
    """The documents were written further apart than those of one export."""
    KEY_NOT_UNIQUE = "key_not_unique"
    """A key of the shop that is not unique: an id may lead to several rows."""
    KEY_WITHOUT_INDEX = "key_without_index"
    """A key of the shop that is slow to look up; told by `manage.py check` only."""
    UNREAD_FILES = "unread_files"
    """Stock files in folders below one that has some itself."""
    ARRIVED_LATE = "arrived_late"
    """A stock file came into the folder while others were read."""


NEEDS_NO_ANSWER = frozenset({WarningCode.NO_OFFERS, WarningCode.FILE_WITHOUT_STOCK})
"""Codes of warnings that a working exchange may give every time; `--verbosity 0`, whose output cron mails, leaves them
out."""


class LoadWarning(Message):
    """Something about a load that its operator should look at; it does not change how the load ends."""

    def __init__(self, template: str, *, code: WarningCode, **parameters: object) -> None:
        super().__init__(template, **parameters)
        self.code = code
