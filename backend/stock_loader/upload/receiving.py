"""Files of a form go to the disk as they come: never into memory, never to another folder first."""

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext

from stock_loader.exchange.protocol import base_name, shown_name
from stock_loader.exchange.spool import NO_ROOM, Spool
from stock_loader.upload.conf import MIB, UploadSettings

FIELD = "files"
"""Of the form."""
WHOLE = "whole"
"""The last field of the form: without it the form was cut off."""
MAX_STEM_LENGTH = 60
"""Characters of a name: with Cyrillic ones and what is added, 255 bytes hold it."""


class Receiver(FileUploadHandler):
    """Takes the files of one form into a folder of their own; a context manager that removes what is not kept.

    `problem` says why they cannot be taken, empty where they can; what comes after is read and dropped, for a browser
    shows no answer before it has sent everything.

    Raises:
        RefusedRequestError: the folder of uploads cannot be used.
    """

    def __init__(self, settings: UploadSettings) -> None:
        super().__init__()
        self.name = secrets.token_hex(16)
        self.files: list[dict[str, Any]] = []
        self.problem = ""
        self._limit = settings.max_mib * MIB
        self._limit_text = str(settings.max_mib)
        self._spool = Spool(settings.folder)
        self._folder = Spool(str(self._spool.path(self.name))).folder
        self._size = 0
        self._descriptor = -1
        self._digest = hashlib.sha256()
        self._is_kept = False

    def __enter__(self) -> Self:
        """Return the receiver."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the files unless they are kept."""
        self._close()
        if not self._is_kept:
            shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self) -> None:
        """Leave the files in their folder."""
        self._is_kept = True

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002, N803  # Django's
        """Refuse by its length alone what is too large."""
        if content_length > self._limit + MIB:  # the form around the files is far smaller
            self._refuse_size()
        elif not self._spool.has_room(content_length):
            self.problem = gettext("there is no room for the file on the shop's disk.")

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(field_name, file_name, *args, **kwargs)
        if self.problem or field_name != FIELD:
            raise SkipFile
        name = self._free_name(file_name)
        self._descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._digest = hashlib.sha256()
        self.files.append({"name": name, "shown": shown_name(file_name), "size": 0, "sha256": ""})

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        """Write what came."""
        self._size += len(raw_data)
        if self._size > self._limit:
            self._refuse_size()
            raise SkipFile
        try:
            view = memoryview(raw_data)
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            no_room = gettext("there is no room for the file on the shop's disk.")
            self.problem = no_room if error.errno in NO_ROOM else str(error.strerror)
            raise SkipFile from error
        self._digest.update(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """End a file."""
        self.files[-1] |= {"size": file_size, "sha256": self._digest.hexdigest()}
        self._close()
        return None

    def _refuse_size(self) -> None:
        self._close()
        text = gettext("the files are larger than %(limit)s MiB together (MAX_MIB).")
        self.problem = text % {"limit": self._limit_text}

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _free_name(self, file_name: str) -> str:
        """Return a name for the file that is safe anywhere and not taken: of the client's as much as can be."""
        safe = re.sub(r"[^\w.-]+", "_", base_name(file_name.replace("\\", "/"))).strip("._-")
        stem, dot, suffix = safe[-MAX_STEM_LENGTH:].strip("._-").rpartition(".")
        taken = {file["name"] for file in self.files}
        numbers = ["", *(f"_{number}" for number in range(2, len(taken) + 2))]
        names = (f"{stem}{number}{dot}{suffix}" if dot else f"{suffix or 'file'}{number}" for number in numbers)
        return next(name for name in names if name.casefold() not in {one.casefold() for one in taken})


def is_as_received(path: Path, file: dict[str, Any]) -> bool:
    """Tell whether a file still has the content that was received."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == str(file["sha256"])
    except OSError:
        return False
