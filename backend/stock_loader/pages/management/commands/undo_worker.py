"""`manage.py undo_worker`: looks at undos that were asked for in the admin; as a service, or from a request."""

from typing import Any

from django.utils.translation import gettext

from stock_loader.pages.conf import undo_settings
from stock_loader.pages.undo_worker import UndoWorker
from stock_loader.upload.worker_command import WorkerCommand


class Command(WorkerCommand):
    """Look at undos and carry them out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Looks at the undos that were asked for in the admin, and carries them out when told to.")

    def worker(self) -> UndoWorker:
        """Return what undoes."""
        return UndoWorker(undo_settings())
