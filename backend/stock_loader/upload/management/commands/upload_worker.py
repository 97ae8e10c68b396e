"""`manage.py upload_worker`: looks at what was uploaded in the admin and loads it; as a service, or from a request."""

from typing import Any

from django.utils.translation import gettext

from stock_loader.upload.conf import upload_settings
from stock_loader.upload.worker import UploadWorker
from stock_loader.upload.worker_command import WorkerCommand


class Command(WorkerCommand):
    """Look at uploads and load them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = gettext("Looks at the stock files that were uploaded in the admin, and loads them when asked to.")

    def worker(self) -> UploadWorker:
        """Return what loads."""
        return UploadWorker(upload_settings())
