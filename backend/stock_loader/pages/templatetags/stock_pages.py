"""How figures look on a page."""

from datetime import timedelta
from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

register = template.Library()

SECONDS_A_MINUTE = 60
SECONDS_AN_HOUR = 3600
SECONDS_A_DAY = 86400


@register.filter
def amount(value: object) -> str:
    """Return a number as people of the language write it, its thousands apart; a dash where nothing is known."""
    if not isinstance(value, int | Decimal):
        return "—"
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return number_format(value, force_grouping=True)


@register.filter
def signed(value: int | Decimal | None) -> str:
    """Return a difference with its sign."""
    if value is None:
        return "—"
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{amount(abs(value))}"


@register.filter
def span(value: object) -> str:
    """Return a time span in its two largest units, as `2 h 5 min`; a dash where it is none."""
    if not isinstance(value, timedelta | int | float):
        return "—"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < SECONDS_A_MINUTE:
        return gettext("%(seconds)s s") % {"seconds": number_format(seconds, 1 if seconds < 10 else 0)}  # noqa: PLR2004
    if seconds < SECONDS_AN_HOUR:
        return gettext("%(minutes)d min") % {"minutes": seconds // SECONDS_A_MINUTE}
    if seconds < SECONDS_A_DAY:
        hours, rest = divmod(int(seconds), SECONDS_AN_HOUR)
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest // SECONDS_A_MINUTE}
    days, rest = divmod(int(seconds), SECONDS_A_DAY)
    return gettext("%(days)d d %(hours)d h") % {"days": days, "hours": rest // SECONDS_AN_HOUR}
