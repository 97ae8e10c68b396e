"""The address that 1C calls."""

import logging
import time
from typing import TYPE_CHECKING

from django.db import Error, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from stock_loader.exchange.conf import MIB, ExchangeSettings, exchange_settings
from stock_loader.exchange.imports import answer_for, ask_for_import, check_received
from stock_loader.exchange.models import MAX_NAME_LENGTH, ExchangeRequest, ExchangeSession
from stock_loader.exchange.patience import is_busy, is_not_migrated, waiting_at_most
from stock_loader.exchange.protocol import (
    COOKIE_NAME,
    SUCCESS,
    Answer,
    RefusedRequestError,
    failure,
    initialized,
    progress,
    shown_name,
    signed_in,
)
from stock_loader.exchange.receiving import pass_over, receive
from stock_loader.exchange.sign_in import UNAUTHORIZED, address_of, name_of, session_of, sign_in, too_many_strangers
from stock_loader.exchange.snapshots import complete_exchange
from stock_loader.exchange.spool import CutRequestError
from stock_loader.exchange.worker_process import ensure_worker

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("stocks.exchange")
logger.addHandler(logging.NullHandler())

CATALOG = "catalog"
ASKS_AGAIN = {"import", "complete"}
"""Modes whose `progress` has 1C ask again; `complete` is noted by then."""
PATIENCE_SECONDS = 7.0
ASKING_PATIENCE_SECONDS = 3.0
"""Of the database while a load writes (SQLite); less where the answer waits `ANSWER_SECONDS` for the load, too."""
NOTE_SECONDS = 1.0
MOST_UNREAD = 64 * MIB
MAX_ANSWER_LENGTH = 500
MAX_WORD_LENGTH = 20


@csrf_exempt
@never_cache
@transaction.non_atomic_requests
def exchange(request: HttpRequest) -> HttpResponse:
    """Answer one request of the protocol; list it among the requests of the exchange.

    Queries: three and those of the mode. `import` waits up to `ANSWER_SECONDS` for the load, which runs elsewhere.
    """
    began = time.monotonic()
    settings = exchange_settings()
    call = _Call(request, settings)
    with translation.override(settings.language):
        with waiting_at_most(call.patience_seconds):
            answer = call.answer()
        if answer.first_line == "failure":
            pass_over(request, call.most_unread)
        with waiting_at_most(NOTE_SECONDS):
            call.note(answer, seconds=time.monotonic() - began)
    response = HttpResponse(answer.text, status=answer.status, content_type="text/plain; charset=utf-8")
    if call.key:
        response.set_cookie(COOKIE_NAME, call.key, httponly=True, secure=request.is_secure(), samesite="Strict")
    if answer.status == UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Basic realm="1C", charset="UTF-8"'
    return response


class _Call:
    """One request and what becomes known of it."""

    def __init__(self, request: HttpRequest, settings: ExchangeSettings) -> None:
        self._request = request
        self._settings = settings
        self._address = address_of(request, proxies=settings.proxies)
        self._kind = request.GET.get("type", CATALOG)
        self._mode = request.GET.get("mode", "")
        self._file_name = request.GET.get("filename", "")
        self._session: ExchangeSession | None = None
        self.key = ""
        """Of the session that the request opened; some clients read the header and not the lines."""

    @property
    def patience_seconds(self) -> float:
        """How long the database is waited for."""
        return ASKING_PATIENCE_SECONDS if self._mode in ASKS_AGAIN else PATIENCE_SECONDS

    @property
    def most_unread(self) -> int:
        """Bytes of a body that are read though it was refused; of a stranger few."""
        return max(MOST_UNREAD, 2 * self._settings.file_limit) if self._session else MIB

    def answer(self) -> Answer:
        try:
            return self._answer()
        except RefusedRequestError as error:
            return failure(str(error), status=error.status)
        except CutRequestError:
            return failure(gettext("the request did not arrive whole; nothing of it was kept."), status=400)
        except Error as error:
            return self._without_database(error)
        except OSError as error:
            logger.exception("%s from %s", shown_name(self._mode)[:MAX_WORD_LENGTH], self._address)
            text = gettext("the shop cannot keep files: %(reason)s.")
            return failure(text % {"reason": error.strerror or type(error).__name__})

    def _without_database(self, error: Error) -> Answer:
        if self._mode in ASKS_AGAIN and is_busy(error):
            now = timezone.localtime().strftime("%H:%M:%S")
            return progress(gettext("The shop's database is busy with a load; asked at %(time)s.") % {"time": now})
        logger.error("%s from %s", shown_name(self._mode)[:MAX_WORD_LENGTH], self._address, exc_info=error)
        if is_not_migrated(error):
            return failure(gettext("a table or column of the shop is missing. Run manage.py migrate."))
        return failure(gettext("the shop's database does not answer; try again later."))

    def _answer(self) -> Answer:
        if self._settings.https and not self._request.is_secure():
            raise RefusedRequestError(gettext("this address takes requests over HTTPS only."), status=403)
        if self._request.method not in {"GET", "POST"}:
            raise RefusedRequestError(gettext("GET or POST is expected."), status=405)
        if self._mode == "checkauth":
            return self._check_auth()
        self._session = session_of(self._request)
        if self._kind != CATALOG:
            text = gettext("this address takes stocks only (type=catalog), not type=%(type)s.")
            raise RefusedRequestError(text % {"type": shown_name(self._kind)[:MAX_WORD_LENGTH]})
        modes: dict[str, Callable[[ExchangeSession], Answer]] = {
            "init": self._init,
            "file": self._file,
            "import": self._import,
            "deactivate": self._deactivate,
            "complete": self._complete,
        }
        if self._mode not in modes:
            text = gettext("mode=%(mode)s is not known here.")
            raise RefusedRequestError(text % {"mode": shown_name(self._mode)[:MAX_WORD_LENGTH]})
        return modes[self._mode](self._session)

    def _check_auth(self) -> Answer:
        self._session, self.key = sign_in(self._request, self._address)
        return signed_in(self.key, session_id=self._session.pk, timestamp=int(time.time()))

    def _init(self, session: ExchangeSession) -> Answer:
        return initialized(
            takes_zip=self._settings.zip,
            file_limit=self._settings.file_limit,
            session_id=session.pk,
            version=self._request.GET.get("version", ""),
        )

    def _file(self, session: ExchangeSession) -> Answer:
        if self._request.method != "POST":
            raise RefusedRequestError(gettext("a file comes by POST."))
        file = receive(session, self._file_name, self._request, self._settings)
        if file.stored_as:
            ensure_worker(self._settings)
        return SUCCESS

    def _import(self, session: ExchangeSession) -> Answer:
        if self._settings.when == "complete":
            check_received(session, self._file_name, self._settings)
            return SUCCESS
        wanted = ask_for_import(session, self._file_name, self._settings)
        if wanted is None:
            return SUCCESS
        if not wanted.is_final:
            ensure_worker(self._settings)
        return answer_for(wanted, self._settings)

    def _deactivate(self, session: ExchangeSession) -> Answer:
        session.is_deactivated = True
        session.save(update_fields=["is_deactivated"])
        return SUCCESS

    def _complete(self, session: ExchangeSession) -> Answer:
        if self._settings.when != "complete":
            ExchangeSession.objects.filter(user_name=session.user_name, is_complete=False).update(is_complete=True)
            return SUCCESS
        wanted = complete_exchange(session)
        if wanted is None:
            return SUCCESS
        ensure_worker(self._settings)
        return answer_for(wanted, self._settings)

    def note(self, answer: Answer, *, seconds: float) -> None:
        """List the request, if the database takes it: the answer is the more important."""
        try:
            self._list(answer, seconds=seconds)
        except Error as error:
            logger.warning("a request is not listed: %s", error)

    def _list(self, answer: Answer, *, seconds: float) -> None:
        """List the request; the key of a session is left out."""
        if self._session is None and too_many_strangers(self._address):
            return
        text = "success" if self._mode == "checkauth" and self._session else answer.text
        ExchangeRequest.objects.create(
            session=self._session,
            address=self._address,
            user_name=self._session.user_name if self._session else shown_name(name_of(self._request))[:150],
            kind=shown_name(self._kind)[:MAX_WORD_LENGTH],
            mode=shown_name(self._mode)[:MAX_WORD_LENGTH],
            file_name=shown_name(self._file_name)[:MAX_NAME_LENGTH],
            size=self._size(),
            status=answer.status,
            answer=text.replace("\n", ": ", 1).replace("\n", " ")[:MAX_ANSWER_LENGTH],
            seconds=round(seconds, 3),
        )
        if answer.first_line == "failure":
            logger.warning("%s from %s: %s", shown_name(self._mode)[:MAX_WORD_LENGTH], self._address, text)

    def _size(self) -> int:
        length = str(self._request.META.get("CONTENT_LENGTH") or "0")
        return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0  # noqa: PLR2004
