"""Pages of the exchange in Django's admin: what was asked, what was received, and what became of it. Read only."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from stock_loader.errors import one_line
from stock_loader.exchange.models import ExchangeRequest, ExchangeSession, ExchangeUser, ReceivedFile, StockImport
from stock_loader.exchange.read_only import ReadOnly
from stock_loader.exchange.session_pages import session_page

SHOWN_NAMES = 3
SHOWN_CHARACTERS = 80
SHOWN_REQUESTS = 50
"""On the page of a session."""


def to_the_second(moment: datetime) -> str:
    """Return the moment as short as the language writes it, with the seconds."""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S}"


def short(text: str) -> str:
    """Return the beginning of a text: a list has a line or three for it, the page of its object has all of it."""
    return one_line(text, limit=SHOWN_CHARACTERS)


def load_link(wanted: StockImport | None) -> str:
    """Return a link to the session of the load; the number alone where the admin has no page of it."""
    if wanted is None or wanted.load_session is None:
        return "-"
    page = session_page(wanted.load_session)
    return format_html('<a href="{}">#{}</a>', page, wanted.load_session) if page else f"#{wanted.load_session}"


def spool_mark(file: ReceivedFile) -> str:
    """Return whether the bytes of a file are still kept; that they are not is no fault."""
    return "✓" if file.stored_as else "-"


class _Rows(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # no class to write at run time
    extra = 0
    can_delete = False
    template = "admin/stock_exchange/rows.html"


class FileRows(_Rows):
    """The files of a session."""

    model = ReceivedFile
    fields = ("name", "size", "is_whole", "in_spool", "taken_by", "changed_at")
    readonly_fields = ("in_spool",)

    @admin.display(description=_("in the spool"))
    def in_spool(self, file: ReceivedFile) -> str:
        """Tell whether its bytes are still kept."""
        return spool_mark(file)


class ImportRows(_Rows):
    """What of it was loaded."""

    model = StockImport
    fields = ("name", "state", "result", "load", "created_at", "finished_at")
    readonly_fields = ("load",)

    @admin.display(description=_("load"))
    def load(self, wanted: StockImport) -> str:
        """Return a link to the session of the load."""
        return load_link(wanted)


class _NewestRows(BaseInlineFormSet):  # type: ignore[type-arg]
    """The first rows alone: of a gigabyte there are a thousand requests, which took the page seconds."""

    def get_queryset(self) -> QuerySet[Any]:
        """Return them."""
        if not hasattr(self, "_newest"):
            self._newest = super().get_queryset()[:SHOWN_REQUESTS]
        return self._newest


class RequestRows(_Rows):
    """Its newest requests; the session's page links to all."""

    model = ExchangeRequest
    formset = _NewestRows
    fields = ("at", "mode", "file_name", "size", "status", "answer", "seconds")


@admin.register(ExchangeSession)
class ExchangeSessionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The exchanges."""

    list_display = ("__str__", "started", "received", "became", "is_complete", "address")
    list_filter = ("user_name", "is_complete")
    date_hierarchy = "started_at"
    show_full_result_count = False
    fields = ("user_name", "address", "started_at", "last_request_at", "is_complete", "all_requests")
    readonly_fields = ("all_requests",)
    inlines = (ImportRows, FileRows, RequestRows)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeSession]:
        """Fetch files and imports with two queries more."""
        return super().get_queryset(request).prefetch_related("files", "imports")

    @admin.display(description=_("requests"))
    def all_requests(self, session: ExchangeSession) -> str:
        """Return their number, a link to the list of them."""
        page = reverse("admin:stock_exchange_exchangerequest_changelist")
        return format_html('<a href="{}?session__id__exact={}">{}</a>', page, session.pk, session.requests.count())

    @admin.display(description=_("started at"), ordering="started_at")
    def started(self, session: ExchangeSession) -> str:
        """Return when it began."""
        return to_the_second(session.started_at)

    @admin.display(description=_("files"))
    def received(self, session: ExchangeSession) -> str:
        """Return the names of the first files, and how many more came."""
        names = [file.name for file in session.files.all()]
        more = f" +{len(names) - SHOWN_NAMES}" if len(names) > SHOWN_NAMES else ""
        return ", ".join(names[:SHOWN_NAMES]) + more or "-"

    @admin.display(description=_("imports"))
    def became(self, session: ExchangeSession) -> str:
        """Return how the imports stand, the failed ones with their reason."""
        told = [
            f"{one.get_state_display()}: {one.result}" if one.result else one.get_state_display()
            for one in session.imports.all()
        ]
        return short("; ".join(dict.fromkeys(told))) or "-"


@admin.register(ExchangeRequest)
class ExchangeRequestAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """All requests, those without a session too."""

    list_display = ("moment", "mode", "told", "file_name", "size", "seconds", "user_name", "address", "status")
    list_filter = ("mode", "status")
    search_fields = ("file_name", "user_name", "address")
    show_full_result_count = False

    @admin.display(description=_("answer"), ordering="answer")
    def told(self, request: ExchangeRequest) -> str:
        """Return the beginning of the answer; the page of the request has all of it."""
        return short(request.answer)

    @admin.display(description=_("time"), ordering="at")
    def moment(self, request: ExchangeRequest) -> str:
        """Return when it came."""
        return to_the_second(request.at)


class InSpool(admin.SimpleListFilter):
    """The files whose bytes are still kept."""

    title = _("in the spool")
    parameter_name = "in_spool"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Return the one choice beside all."""
        return [("yes", _("in the spool"))]

    def queryset(self, _request: HttpRequest, files: QuerySet[ReceivedFile]) -> QuerySet[ReceivedFile]:
        """Leave the rest out."""
        return files.exclude(stored_as="") if self.value() else files


@admin.register(ReceivedFile)
class ReceivedFileAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was received; the filter shows what still lies in the spool."""

    list_display = ("name", "session", "size", "is_whole", "in_spool", "became", "load", "changed")
    list_filter = (InSpool, "is_whole")
    search_fields = ("name",)
    ordering = ("-pk",)
    show_full_result_count = False
    list_select_related = ("session", "taken_by")

    @admin.display(description=_("in the spool"), ordering="stored_as")
    def in_spool(self, file: ReceivedFile) -> str:
        """Tell whether its bytes are still kept."""
        return spool_mark(file)

    @admin.display(description=_("result"))
    def became(self, file: ReceivedFile) -> str:
        """Return how its import stands, and why it failed."""
        if file.taken_by is None:
            return "-"
        state = str(file.taken_by.get_state_display())
        return short(f"{state}: {file.taken_by.result}" if file.taken_by.result else state)

    @admin.display(description=_("load"))
    def load(self, file: ReceivedFile) -> str:
        """Return a link to the session of the load."""
        return load_link(file.taken_by)

    @admin.display(description=_("changed at"), ordering="changed_at")
    def changed(self, file: ReceivedFile) -> str:
        """Return when the last part came."""
        return to_the_second(file.changed_at)


@admin.register(ExchangeUser)
class ExchangeUserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may send; passwords are made by `manage.py exchange_user`."""

    list_display = ("name", "is_active", "created_at")
    fields = ("name", "is_active", "created_at")
    readonly_fields = ("name", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: a password would have to be shown."""
        return False
