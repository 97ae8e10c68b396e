"""What is kept of an upload: its files, what they would do, and what became of it."""

from pathlib import Path

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stock_loader.upload.abstract import MAX_USER_LENGTH, PreviewedWork, State

STATES = [
    (State.TO_PREVIEW.value, _("Waiting to be looked at")),
    (State.PREVIEWING.value, _("Being looked at")),
    (State.PREVIEWED.value, _("Looked at")),
    (State.TO_LOAD.value, _("Waiting to be loaded")),
    (State.LOADING.value, _("Loading")),
    (State.DONE.value, _("Loaded")),
    (State.FAILED.value, _("Failed")),
    (State.REMOVED.value, _("Removed, not loaded")),
]


class Upload(PreviewedWork):
    """Files that are one snapshot, chosen together."""

    state = models.CharField(_("state"), max_length=12, choices=STATES, default=State.TO_PREVIEW.value, db_index=True)
    user_name = models.CharField(_("uploaded by"), max_length=MAX_USER_LENGTH)
    loaded_by = models.CharField(_("loaded by"), max_length=MAX_USER_LENGTH, blank=True, default="")
    files = models.JSONField(default=list)
    """A dict a file: its `name` in the folder, the client's name as it is `shown`, `size` and `sha256` as received."""
    options = models.JSONField(default=list)
    """Arguments of `load_product_stocks`, the same for the preview and the load."""
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    class Meta:
        """Names, the newest first, and who may do what."""

        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ("-pk",)
        default_permissions = ("view",)
        permissions = (
            ("load_stocks", _("Can upload stock files and load them")),
            ("force_load", _("Can load stock files in spite of the limits")),
        )

    def __str__(self) -> str:
        """Return its number and its files."""
        return f"#{self.pk} {self.names}"

    @property
    def names(self) -> str:
        """Return the names of its files."""
        return ", ".join(str(file["shown"]) for file in self.files)

    @property
    def size(self) -> int:
        """Return the bytes of its files."""
        return sum(int(file["size"]) for file in self.files)

    def paths(self, uploads: Path) -> list[Path]:
        """Return where its files lie; `uploads` is the folder of all uploads."""
        return [uploads / self.folder / str(file["name"]) for file in self.files]
