"""Who may send: credentials of the exchange, or a user of the shop with one permission.

Nothing is opened to them but this address: there is no login of Django's. Attempts are counted by what the requests of
the last minutes were answered, before anything is looked up; a name without an account costs as much time as a wrong
password.
"""

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import OperationalError
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext

from stock_loader.exchange.models import ExchangeRequest, ExchangeSession, ExchangeUser
from stock_loader.exchange.patience import waiting_at_most
from stock_loader.exchange.protocol import COOKIE_NAME, RefusedRequestError, credentials

WINDOW = timedelta(minutes=10)
"""Within which failed attempts are counted."""
MAX_FAILURES_OF_ADDRESS = 20
MAX_FAILURES_OF_NAME = 100
"""Higher, and not for an address from which the name has signed in: nobody else can lock 1C out."""
MAX_LISTED = 200
"""Requests without a session, of one address within the window."""
SESSION_LIFE = timedelta(hours=12)
"""Between two requests of a session."""
NOTE_EVERY = timedelta(seconds=2)
"""How exactly the last request is known."""
TOUCH_SECONDS = 0.2
"""That noting it may wait for a load that writes."""
PERMISSION = "stock_exchange.send_stocks"
UNAUTHORIZED = 401


def sign_in(request: HttpRequest, address: str) -> tuple[ExchangeSession, str]:
    """Return a new session and its key.

    Raises:
        RefusedRequestError: no credentials arrived, they are wrong, or there were too many attempts.
    """
    name, password = _credentials(request)
    _refuse_too_many(name, address)
    if not (_is_exchange_user(name, password) or _is_shop_user(request, name, password)):
        raise RefusedRequestError(gettext("wrong user or password."), status=UNAUTHORIZED)
    key = secrets.token_urlsafe(32)
    session = ExchangeSession.objects.create(key_digest=_digest(key), user_name=name, address=address)
    return session, key


def session_of(request: HttpRequest) -> ExchangeSession:
    """Return the session whose key the request's cookie holds, and note that it is alive.

    Raises:
        RefusedRequestError: there is none, or the credentials beside it are another user's.
    """
    key = request.COOKIES.get(COOKIE_NAME, "")
    oldest = timezone.now() - SESSION_LIFE
    users = ExchangeUser.objects.filter(name=OuterRef("user_name"), is_active=True)
    sessions = ExchangeSession.objects.annotate(has_active_user=Exists(users))
    session = sessions.filter(key_digest=_digest(key), last_request_at__gt=oldest).first()
    if not key or session is None or not (session.has_active_user or _may_still_send(session.user_name)):
        raise RefusedRequestError(gettext("the session is not known or is over; begin the exchange anew."))
    given = credentials(request.headers.get("Authorization", ""))
    if given is not None and not constant_time_compare(given[0], session.user_name):
        raise RefusedRequestError(gettext("the session belongs to another user."))
    if timezone.now() - session.last_request_at > NOTE_EVERY:
        with suppress(OperationalError), waiting_at_most(TOUCH_SECONDS):  # SQLite: the next request notes it
            ExchangeSession.objects.filter(pk=session.pk).update(last_request_at=timezone.now())
    return session


def end_sessions(name: str) -> None:
    """End what a user has open: the password was renewed, or the user is blocked."""
    sessions = ExchangeSession.objects.filter(user_name=name)
    sessions.update(key_digest=Concat(Value("over-"), Cast("pk", CharField())))


def name_of(request: HttpRequest) -> str:
    """Return the name in the credentials, empty where there are none."""
    given = credentials(request.headers.get("Authorization", ""))
    return given[0] if given else ""


def address_of(request: HttpRequest, *, proxies: int) -> str:
    """Return the client's address: the one that the outermost of `proxies` trusted proxies saw."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and forwarded:
        address = forwarded[-min(proxies, len(forwarded))]
    return address[:45]


def _credentials(request: HttpRequest) -> tuple[str, str]:
    header = request.headers.get("Authorization", "")
    if not header:
        text = gettext("no credentials arrived: let the web server pass the Authorization header on.")
        raise RefusedRequestError(text, status=UNAUTHORIZED)
    given = credentials(header)
    if given is None:
        raise RefusedRequestError(gettext("the credentials cannot be read: Basic is expected."), status=UNAUTHORIZED)
    return given


def _refuse_too_many(name: str, address: str) -> None:
    """Refuse by what failed lately; a request without credentials is no attempt, nor is one that is refused here.

    A name that has signed in from the address has attempts of its own: strangers behind the same proxy use up theirs.
    """
    failed = ExchangeRequest.objects.filter(at__gt=timezone.now() - WINDOW, mode="checkauth", status=UNAUTHORIZED)
    failed = failed.exclude(user_name="")
    of_address = failed.filter(address=address)
    if ExchangeSession.objects.filter(user_name=name, address=address).exists():
        too_many = of_address.filter(user_name=name).count() >= MAX_FAILURES_OF_ADDRESS
    else:
        of_name = failed.filter(user_name=name)
        too_many = of_address.count() >= MAX_FAILURES_OF_ADDRESS or of_name.count() >= MAX_FAILURES_OF_NAME
    if too_many:
        raise RefusedRequestError(gettext("too many failed attempts; try again in ten minutes."))


def too_many_strangers(address: str) -> bool:
    """Tell whether so many requests without a session are listed of the address that more say nothing new."""
    rows = ExchangeRequest.objects.filter(session=None, address=address, at__gt=timezone.now() - WINDOW)
    return rows.count() >= MAX_LISTED


def _is_exchange_user(name: str, password: str) -> bool:
    user = ExchangeUser.objects.filter(name=name).first()
    if user is None:
        make_password(password)  # as long as a comparison
        return False
    return check_password(password, user.password) and user.is_active


def _is_shop_user(request: HttpRequest, name: str, password: str) -> bool:
    """Tell whether it is a user of the shop who may send; False where the shop has no `django.contrib.auth`."""
    from django.apps import apps  # noqa: PLC0415  # only where credentials of the exchange did not fit

    if not apps.is_installed("django.contrib.auth"):
        return False
    from django.contrib.auth import authenticate  # noqa: PLC0415

    user = authenticate(request, username=name, password=password)
    return user is not None and user.has_perm(PERMISSION)


def _may_still_send(name: str) -> bool:
    """Tell whether the user of the shop whose session it is still has the permission."""
    from django.apps import apps  # noqa: PLC0415  # only for users of the shop

    if not apps.is_installed("django.contrib.auth"):
        return False
    from django.contrib.auth import get_user_model  # noqa: PLC0415

    users = get_user_model()._default_manager  # noqa: SLF001  # Django documents it
    user = users.filter(**{get_user_model().USERNAME_FIELD: name}).first()
    return user is not None and user.is_active and user.has_perm(PERMISSION)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
