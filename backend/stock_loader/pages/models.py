"""The rights to the pages, and the undos that were asked for on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stock_loader.upload.abstract import PreviewedWork, State

APP = "stock_pages"
VIEW = f"{APP}.view_stockload"
UNDO = f"{APP}.undo_stockload"
FORCE = f"{APP}.force_undo"

STATES = [
    (State.TO_PREVIEW.value, _("Waiting to be looked at")),
    (State.PREVIEWING.value, _("Being looked at")),
    (State.PREVIEWED.value, _("Looked at, nothing is undone yet")),
    (State.TO_LOAD.value, _("Waiting to be undone")),
    (State.LOADING.value, _("Undoing")),
    (State.DONE.value, _("Undone")),
    (State.FAILED.value, _("Failed")),
    (State.REMOVED.value, _("Given up, nothing was undone")),
]


class StockLoad(models.Model):
    """What the admin's index lists: the loads, whichever table of the shop has their sessions."""

    class Meta:
        """Names and rights."""

        app_label = APP
        managed = False
        verbose_name = _("stock load")
        verbose_name_plural = _("stock loads")
        default_permissions = ()
        permissions = (
            ("view_stockload", "Can view stock loads"),
            ("undo_stockload", "Can undo stock loads"),
            ("force_undo", "Can undo stock loads in spite of the limits"),
        )

    def __str__(self) -> str:
        """Return the name of what it stands for."""
        return str(self._meta.verbose_name)


class StockUndo(PreviewedWork):
    """An undo that was asked for on a page."""

    state = models.CharField(_("state"), max_length=12, choices=STATES, default=State.TO_PREVIEW.value, db_index=True)
    session = models.BigIntegerField(_("session"), db_index=True)
    """Whose changes are to be taken back."""
    is_relative = models.BooleanField(_("takes differences back"), default=False)

    class Meta:
        """No list of its own: its page is reached from the session's."""

        app_label = APP
        default_permissions = ()

    def __str__(self) -> str:
        """Return what it undoes."""
        return f"#{self.pk} of session #{self.session}"
