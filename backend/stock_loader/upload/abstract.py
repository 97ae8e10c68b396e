"""Work that a person first has looked at and then done: how far it is, and what a preview found. Without a table."""

from enum import StrEnum
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_USER_LENGTH = 150


class State(StrEnum):
    """How far it is."""

    TO_PREVIEW = "to_preview"
    PREVIEWING = "previewing"
    PREVIEWED = "previewed"
    TO_LOAD = "to_load"
    LOADING = "loading"
    DONE = "done"
    FAILED = "failed"
    REMOVED = "removed"


class PreviewedWork(models.Model):
    """What a process of its own looks at, and does when somebody has seen what that would do."""

    State = State
    WAITING = (State.TO_PREVIEW, State.TO_LOAD)
    UNFINISHED = (State.TO_PREVIEW, State.PREVIEWING, State.TO_LOAD, State.LOADING)
    RESTING = (State.PREVIEWED, State.FAILED)
    """It is for a person to say how it goes on."""

    state = models.CharField(_("state"), max_length=12, default=State.TO_PREVIEW, db_index=True)
    """A child gives the states their words."""
    user_name = models.CharField(_("asked by"), max_length=MAX_USER_LENGTH)
    loaded_by = models.CharField(_("confirmed by"), max_length=MAX_USER_LENGTH, blank=True, default="")
    language = models.CharField(max_length=20, blank=True, default="")
    """Of what the loader says of it."""
    folder = models.CharField(max_length=40, unique=True)
    """Its name in the folder of the settings."""
    preview = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    """What it would do (`previews.Preview`); empty before."""
    preview_session = models.BigIntegerField(_("preview"), null=True, blank=True)
    is_forced = models.BooleanField(_("in spite of the limits"), default=False)
    load_session = models.BigIntegerField(_("load"), null=True, blank=True)
    result = models.TextField(_("result"), blank=True, default="")
    """Why it failed, or why there is a new preview."""
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("asked at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        """No table of its own."""

        abstract = True

    def __str__(self) -> str:
        """Return its number."""
        return f"#{self.pk}"

    def move(self, *states: str, **values: Any) -> bool:
        """Give it these values if it is in one of these states and has the preview that was read; tell whether so."""
        all_of_it = type(self)._default_manager  # noqa: SLF001  # Django's own name
        mine = all_of_it.filter(pk=self.pk, state__in=states, preview_session=self.preview_session)
        return mine.update(changed_at=timezone.now(), **values) == 1
