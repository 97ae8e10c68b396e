"""What may stand after an option: the argument types of all commands.

Each returns the value that a text stands for, or raises `ArgumentTypeError`: one line on stderr, exit code 2.
"""

import re
from argparse import ArgumentTypeError
from datetime import timedelta

from django.utils.translation import gettext

from stock_loader.load.guards import Limit, parse_limit
from stock_loader.reports.tables import is_report_name

MAX_NUMBER = 1_000_000_000
"""More rows a batch, or seconds of waiting, mean nothing; far larger numbers overflow what they are handed to."""

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
MAX_AGE = timedelta(days=36500)
"""A hundred years: what is longer is a typing error, and overflows dates."""

MAX_SEEN_LENGTH = 60
"""Characters of an argument that a message repeats."""


def positive_integer(text: str) -> int:
    """Return the number that `text` stands for: a whole one above 0, at most `MAX_NUMBER`."""
    return _number(text, least=1)


def whole_number(text: str) -> int:
    """Return the number that `text` stands for: a whole one from 0 on, at most `MAX_NUMBER`."""
    return _number(text, least=0)


def limit(text: str) -> Limit | None:
    """Return the limit that `text` stands for; None for `off`."""
    try:
        return parse_limit(text)
    except ValueError:
        message = gettext("expected a number, a percentage up to 100%% or off, saw %(seen)s") % {"seen": _seen(text)}
        raise ArgumentTypeError(message) from None


def warehouse_id(text: str) -> str:
    """Return the id of a warehouse, which is not blank."""
    if not text.strip():
        raise ArgumentTypeError(gettext("expected the id of a warehouse, saw %(seen)s") % {"seen": _seen(text)})
    return text


def report_path(text: str) -> str:
    """Return the path of a report, whose name says which kind of table to write."""
    if not is_report_name(text):
        message = gettext("expected a name that ends with .csv or .jsonl, saw %(seen)s")
        raise ArgumentTypeError(message % {"seen": _seen(text)})
    return text


def age(text: str) -> timedelta:
    """Return the time span that `text` stands for: a whole number above 0 and a unit, `36h`, `90d`, `12w`."""
    match = re.fullmatch(r"([1-9][0-9]{0,6})([hdw])", text)
    span = int(match[1]) * UNITS[match[2]] if match else None
    if span is None or span > MAX_AGE:
        message = gettext("expected an age such as 36h, 90d or 12w, at most 100 years, saw %(seen)s")
        raise ArgumentTypeError(message % {"seen": _seen(text)})
    return span


def _number(text: str, *, least: int) -> int:
    match = re.fullmatch(r"0*([0-9]{1,10})", text, re.ASCII)
    if not match or not least <= int(match[1]) <= MAX_NUMBER:
        message = gettext("expected a whole number from %(least)s to %(most)s, saw %(seen)s")
        raise ArgumentTypeError(message % {"least": least, "most": MAX_NUMBER, "seen": _seen(text)})
    return int(match[1])


def _seen(text: str) -> str:
    return repr(text if len(text) <= MAX_SEEN_LENGTH else f"{text[: MAX_SEEN_LENGTH - 1]}…")
