"""The record of every import."""

from django.db import models

from stock_loader.journal.abstract import AbstractImportSession


class ImportSession(AbstractImportSession):
    """One run of one import, of whatever type."""

    class Meta(AbstractImportSession.Meta):
        """The index that finds the last run of a type."""

        indexes = (models.Index(fields=["import_type", "status"], name="importsession_type_status"),)
