"""What is kept of the exchange: who may send, what was asked, what was received, and what became of it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stock_loader.exchange.protocol import base_name
from stock_loader.exchange.spool import stored_name

MAX_NAME_LENGTH = 300


class ExchangeUser(models.Model):
    """Credentials of one 1C; good for the exchange and nothing else."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    password = models.CharField(_("password"), max_length=128)
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        """Names, and the permission by which a user of the shop may send."""

        verbose_name = _("exchange user")
        verbose_name_plural = _("exchange users")
        permissions = (("send_stocks", _("Can send stock files from 1C")),)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class ExchangeSession(models.Model):
    """What follows one `checkauth`. An exchange of 1C may be many of them: the older clients make one a portion."""

    key_digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the cookie's value; whoever reads this table cannot send with it."""
    user_name = models.CharField(_("user"), max_length=150)
    address = models.CharField(_("address"), max_length=45)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    last_request_at = models.DateTimeField(_("last request at"), default=timezone.now, db_index=True)
    is_deactivated = models.BooleanField(default=False)
    """`mode=deactivate` came: 1C says that what was not sent is no longer sold."""
    is_complete = models.BooleanField(_("complete"), default=False)
    """`mode=complete` came for it, in this session or in a later one of the user."""

    class Meta:
        """Names; the newest first."""

        verbose_name = _("exchange session")
        verbose_name_plural = _("exchange sessions")
        ordering = ("-pk",)

    def __str__(self) -> str:
        """Return its number and its user."""
        return f"#{self.pk} {self.user_name}"


class StockImport(models.Model):
    """Something to load: a file, a member of an archive, or all files of an exchange."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("Waiting")
        LOADING = "loading", _("Loading")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    UNFINISHED = (State.QUEUED, State.LOADING)

    session = models.ForeignKey(ExchangeSession, models.CASCADE, related_name="imports", verbose_name=_("session"))
    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    key = models.CharField(max_length=MAX_NAME_LENGTH)
    """The name as it is compared; `*` of a snapshot of all files."""
    generation = models.PositiveIntegerField(default=0)
    """How many of this name there were in this session before."""
    member = models.CharField(max_length=MAX_NAME_LENGTH, blank=True, default="")
    """The document in the archive; empty: the whole file."""
    source = models.CharField(max_length=120, blank=True, default="")
    """Name in the spool of the file that is meant; empty of a snapshot, which has the files that it took."""
    may_zero_missing = models.BooleanField(default=False)
    """All of the exchange was received whole, and 1C said that it is complete."""
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    result = models.TextField(_("result"), blank=True, default="")
    """A line for the user of 1C where it failed."""
    load_session = models.BigIntegerField(_("load"), null=True, blank=True)
    """The number of the load's `ImportSession`."""
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        """Names; one a name, unless the file was sent anew."""

        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("session", "key", "generation"), name="stock_exchange_one_import_a_name"),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def is_final(self) -> bool:
        """Tell whether it ended."""
        return self.state in {self.State.DONE, self.State.FAILED}


class ReceivedFile(models.Model):
    """A file as far as it was received; `size` counts only what came in whole requests."""

    session = models.ForeignKey(ExchangeSession, models.CASCADE, related_name="files", verbose_name=_("session"))
    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    key = models.CharField(max_length=MAX_NAME_LENGTH)
    size = models.BigIntegerField(_("bytes"), default=0)
    is_whole = models.BooleanField(_("whole"), default=False)
    """No request for it was cut off or is under way."""
    generation = models.PositiveIntegerField(default=0)
    stored_as = models.CharField(max_length=120, blank=True, default="")
    """Its name in the spool; empty of what is only counted, or was removed."""
    taken_by = models.ForeignKey(
        StockImport, models.SET_NULL, null=True, blank=True, related_name="files", verbose_name=_("import")
    )
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        """Names; one row a name and session."""

        verbose_name = _("received file")
        verbose_name_plural = _("received files")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("session", "key"), name="stock_exchange_one_file_a_name"),)

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def own_name(self) -> str:
        """Return its name in the spool, whether its bytes are there or not."""
        return self.stored_as or stored_name(self.pk, f"{self.generation}-{base_name(self.key)}")

    @property
    def unfinished_imports(self) -> "models.QuerySet[StockImport]":
        """Return what is still to be loaded of it; of an archive that can be more than one member."""
        return StockImport.objects.filter(
            models.Q(pk=self.taken_by_id) | models.Q(source=self.own_name), state__in=StockImport.UNFINISHED
        )


class ExchangeRequest(models.Model):
    """One request, as the page of the exchange lists it."""

    session = models.ForeignKey(
        ExchangeSession, models.CASCADE, null=True, blank=True, related_name="requests", verbose_name=_("session")
    )
    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    address = models.CharField(_("address"), max_length=45)
    user_name = models.CharField(_("user"), max_length=150, blank=True, default="")
    kind = models.CharField(_("type"), max_length=20, blank=True, default="")
    mode = models.CharField(_("mode"), max_length=20, blank=True, default="")
    file_name = models.CharField(_("file"), max_length=MAX_NAME_LENGTH, blank=True, default="")
    size = models.BigIntegerField(_("bytes"), default=0)
    status = models.PositiveSmallIntegerField(_("status"))
    answer = models.CharField(_("answer"), max_length=500)
    seconds = models.FloatField(_("seconds"))

    class Meta:
        """Names, and the indexes by which failed attempts to sign in are counted."""

        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("address", "at"), name="stock_exchange_by_address"),
            models.Index(fields=("user_name", "at"), name="stock_exchange_by_user"),
        )

    def __str__(self) -> str:
        """Return the mode and the answer."""
        return f"{self.mode}: {self.answer}"
