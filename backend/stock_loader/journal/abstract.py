"""The record of an import, for a shop to make a table of: its own, or the loader's (`models.py`)."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class AbstractImportSession(models.Model):
    """One run of one import: when it ran, how it ended, what it counted.

    A run that stops without a word (kill -9, power) leaves `started`; the next run of the same type marks it failed.
    """

    class ImportType(models.TextChoices):
        """What was imported."""

        CATALOG = "catalog", _("Catalogue")
        STOCKS = "stocks", _("Stocks")
        PRICES = "prices", _("Prices")
        CUSTOMERS = "customers", _("Customers")

    class ImportStatus(models.TextChoices):
        """How far the run got."""

        STARTED = "started", _("Started")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Failed")

    import_type = models.CharField(_("import type"), max_length=20, choices=ImportType.choices)
    status = models.CharField(_("status"), max_length=20, choices=ImportStatus.choices, default=ImportStatus.STARTED)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    error_message = models.TextField(_("error message"), blank=True, default="")

    class Meta:
        """Names and order; an index that finds the last run of a type has a name of its own in every table."""

        abstract = True
        verbose_name = _("import session")
        verbose_name_plural = _("import sessions")
        ordering = ("-started_at", "-pk")

    def __str__(self) -> str:
        """Return a name for lists: number, type and status."""
        return f"#{self.pk} {self.import_type} {self.status}"
