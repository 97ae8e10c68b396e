"""Pages of the exchange in Django's admin: what was asked, what was received, and what became of it. Read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from stock_loader.exchange.models import ExchangeRequest, ExchangeSession, ExchangeUser, ReceivedFile, StockImport


class ReadOnly:
    """Nothing can be added, changed or deleted by hand."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False


class _Rows(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # no class to write at run time
    extra = 0
    can_delete = False
    show_change_link = False


class FileRows(_Rows):
    """The files of a session."""

    model = ReceivedFile
    fields = ("name", "size", "is_whole", "in_spool", "taken_by", "changed_at")
    readonly_fields = ("in_spool",)

    @admin.display(boolean=True, description=_("in the spool"))
    def in_spool(self, file: ReceivedFile) -> bool:
        """Tell whether its bytes are still kept."""
        return bool(file.stored_as)


class ImportRows(_Rows):
    """What of it was loaded."""

    model = StockImport
    fields = ("name", "state", "result", "load_session", "created_at", "finished_at")


class RequestRows(_Rows):
    """Its requests, the newest first."""

    model = ExchangeRequest
    fields = ("at", "mode", "file_name", "size", "status", "answer", "seconds")


@admin.register(ExchangeSession)
class ExchangeSessionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The exchanges."""

    list_display = ("pk", "user_name", "address", "started_at", "last_request_at", "is_complete")
    list_filter = ("user_name", "is_complete")
    date_hierarchy = "started_at"
    show_full_result_count = False
    fields = ("user_name", "address", "started_at", "last_request_at", "is_complete")
    inlines = (ImportRows, FileRows, RequestRows)


@admin.register(ExchangeRequest)
class ExchangeRequestAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """All requests, those without a session too."""

    list_display = ("at", "user_name", "address", "kind", "mode", "file_name", "size", "status", "answer", "seconds")
    list_filter = ("mode", "status")
    search_fields = ("file_name", "user_name", "address")
    show_full_result_count = False


@admin.register(ReceivedFile)
class ReceivedFileAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was received; the filter shows what still lies in the spool."""

    list_display = ("name", "session", "size", "is_whole", "stored_as", "taken_by", "changed_at")
    list_filter = (("stored_as", admin.EmptyFieldListFilter),)
    search_fields = ("name",)
    show_full_result_count = False
    list_select_related = ("session", "taken_by")


@admin.register(ExchangeUser)
class ExchangeUserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may send; passwords are made by `manage.py exchange_user`."""

    list_display = ("name", "is_active", "created_at")
    fields = ("name", "is_active", "created_at")
    readonly_fields = ("name", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Refuse: a password would have to be shown."""
        return False
