"""The loader's own table of sessions, for shops that have none: `"SESSION": "stock_loader.ImportSession"`."""

from django.db import models

from stock_loader.journal.abstract import AbstractImportSession


class ImportSession(AbstractImportSession):
    """One load."""

    class Meta(AbstractImportSession.Meta):
        """The index that finds the last run of a type."""

        indexes = (models.Index(fields=["import_type", "status"], name="stock_loader_type_status"),)
