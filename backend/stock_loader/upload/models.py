"""What is kept of an upload: its files, what they would do, and what became of it."""

from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_USER_LENGTH = 150


class Upload(models.Model):
    """Files that are one snapshot, chosen together."""

    class State(models.TextChoices):
        """How far it is."""

        TO_PREVIEW = "to_preview", _("Waiting to be looked at")
        PREVIEWING = "previewing", _("Being looked at")
        PREVIEWED = "previewed", _("Looked at")
        TO_LOAD = "to_load", _("Waiting to be loaded")
        LOADING = "loading", _("Loading")
        DONE = "done", _("Loaded")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Removed, not loaded")

    WAITING = (State.TO_PREVIEW, State.TO_LOAD)
    UNFINISHED = (State.TO_PREVIEW, State.PREVIEWING, State.TO_LOAD, State.LOADING)
    RESTING = (State.PREVIEWED, State.FAILED)
    """It is for a person to say how it goes on."""

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.TO_PREVIEW, db_index=True)
    user_name = models.CharField(_("uploaded by"), max_length=MAX_USER_LENGTH)
    loaded_by = models.CharField(_("loaded by"), max_length=MAX_USER_LENGTH, blank=True, default="")
    language = models.CharField(max_length=20, blank=True, default="")
    """Of what the loader says of it."""
    folder = models.CharField(max_length=40, unique=True)
    """Its name in the folder of uploads."""
    files = models.JSONField(default=list)
    """A dict a file: its `name` in the folder, the client's name as it is `shown`, `size` and `sha256` as received."""
    options = models.JSONField(default=list)
    """Arguments of `load_product_stocks`, the same for the preview and the load."""
    preview = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    """What it would do (`previews.Preview`), and the number of the dry run's session; empty before."""
    preview_session = models.BigIntegerField(_("preview"), null=True, blank=True)
    is_forced = models.BooleanField(_("in spite of the limits"), default=False)
    load_session = models.BigIntegerField(_("load"), null=True, blank=True)
    result = models.TextField(_("result"), blank=True, default="")
    """Why it failed, or why there is a new preview."""
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

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

    def move(self, *states: str, **values: Any) -> bool:
        """Give it these values if it is in one of these states and has the preview that was read; tell whether so."""
        mine = Upload.objects.filter(pk=self.pk, state__in=states, preview_session=self.preview_session)
        return mine.update(changed_at=timezone.now(), **values) == 1
