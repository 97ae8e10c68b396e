"""`mode=file`: a body becomes a file, or one more part of it."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from stock_loader.exchange.conf import MIB, ExchangeSettings
from stock_loader.exchange.models import ExchangeSession, ReceivedFile
from stock_loader.exchange.protocol import RefusedRequestError, is_picture, key_of, shown_name
from stock_loader.exchange.spool import CutRequestError, Spool, append

CHUNK_BYTES = MIB


class Body:
    """The bytes of a request, a chunk at a time: never `request.body`, which is kept in memory whole.

    `length` is what `Content-Length` says; None of a body in chunks, whose server marks the end.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._stream: Any = request
        self.length: int | None = _length(request)
        meta = request.META
        if self.length is None and meta.get("wsgi.input_terminated"):
            self._stream = meta["wsgi.input"]
        elif self.length is None:
            self.length = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks; an OSError where the line breaks."""
        while chunk := self._stream.read(CHUNK_BYTES):
            yield chunk


def pass_over(request: HttpRequest, at_most: int) -> None:
    """Read what is left of a body that is not kept, so that the client may read why.

    A server that closes a line on which bytes stand unread resets it, and the answer is lost.
    """
    with suppress(OSError, RequestDataTooBig, RefusedRequestError):
        for chunk in Body(request):
            at_most -= len(chunk)
            if at_most < 0:
                return


def receive(session: ExchangeSession, name: str, request: HttpRequest, settings: ExchangeSettings) -> ReceivedFile:
    """Take the body as the next part of the file called `name`, or as its first.

    Raises:
        RefusedRequestError: no name, no room, over the quota, or the file is being loaded.
        CutRequestError: the body did not arrive whole; the file is as before.
    """
    key = key_of(name)
    if not key:
        raise RefusedRequestError(gettext("the request names no file (filename)."))
    body, spool = Body(request), Spool(settings.spool)
    file, _ = ReceivedFile.objects.get_or_create(session=session, key=key, defaults={"name": shown_name(name)})
    _begin_anew_if_taken(file)
    _refuse_too_much(body.length or 0, spool, settings)
    if is_picture(key) and not settings.other_files:
        return _counted(file, body)
    return _stored(file, body, spool)


def _begin_anew_if_taken(file: ReceivedFile) -> None:
    """Take a file that was imported already for a new one of the same name."""
    if file.taken_by is None:
        return
    if file.unfinished_imports.exists():
        raise RefusedRequestError(gettext("this file is being loaded; send it when that has ended."))
    file.size, file.stored_as, file.taken_by = 0, "", None
    file.generation += 1
    file.save()


def _refuse_too_much(size: int, spool: Spool, settings: ExchangeSettings) -> None:
    kept = ReceivedFile.objects.exclude(stored_as="").aggregate(sum=Sum("size"))["sum"] or 0
    if kept + size > settings.quota_mib * MIB:
        text = gettext("the exchange's folder would hold more than %(limit)s MiB (QUOTA_MIB).")
        raise RefusedRequestError(text % {"limit": settings.quota_mib})
    if not spool.has_room(size):
        raise RefusedRequestError(gettext("there is no room for the file on the shop's disk."))


def _stored(file: ReceivedFile, body: Body, spool: Spool) -> ReceivedFile:
    """Write the body behind what is known of the file, under the lock of the file; it counts when the disk has it.

    Queries: two. A request that is cut off may be noticed late, when the next one has been answered already.
    """
    with spool.opened(file.own_name) as descriptor:
        _begin(file)
        try:
            size = append(descriptor, body, offset=file.size, expected=body.length)
        except RequestDataTooBig as error:
            raise CutRequestError from error
        _end(file, size)
    return file


def _begin(file: ReceivedFile) -> None:
    """Note that a request for the file is under way; where another one moved it on meanwhile, read it anew before."""
    stored_as = file.own_name
    while not _is_begun(file, stored_as):
        _read_anew(file)
        if file.own_name != stored_as or file.taken_by_id is not None:
            raise RefusedRequestError(gettext("another request is sending the same file."))
    file.stored_as = stored_as


def _is_begun(file: ReceivedFile, stored_as: str) -> bool:
    """Note it if the row is as it was read; tell whether it was."""
    as_read = ReceivedFile.objects.filter(pk=file.pk, generation=file.generation, taken_by=None)
    as_read = as_read.filter(size=file.size, stored_as=file.stored_as)
    return bool(as_read.update(stored_as=stored_as, is_whole=False, changed_at=timezone.now()))


def _read_anew(file: ReceivedFile) -> None:
    try:
        file.refresh_from_db()
    except ReceivedFile.DoesNotExist as error:
        raise _lost() from error


def _end(file: ReceivedFile, size: int) -> None:
    file.size, file.is_whole, file.changed_at = size, True, timezone.now()
    values = {"size": file.size, "is_whole": file.is_whole, "changed_at": file.changed_at}
    if not ReceivedFile.objects.filter(pk=file.pk).update(**values):
        raise _lost()


def _lost() -> RefusedRequestError:
    """Return the refusal of a part whose file was removed meanwhile."""
    return RefusedRequestError(gettext("a part of the file that came before is lost; send it again."))


def _counted(file: ReceivedFile, body: Body) -> ReceivedFile:
    """Read the body and keep nothing but its length."""
    try:
        size = sum(map(len, body))
    except OSError as error:
        raise CutRequestError from error
    if body.length is not None and size != body.length:
        raise CutRequestError
    _end(file, file.size + size)
    return file


def _length(request: HttpRequest) -> int | None:
    text = str(request.META.get("CONTENT_LENGTH") or "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):  # noqa: PLR2004  # a petabyte has 16 digits
        raise RefusedRequestError(gettext("the length of the request cannot be read."))
    return int(text)
