"""What the pages of an upload show: all of their texts, in the language of the page."""

from collections.abc import Iterable
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext

from stock_loader.console.summary import UNKNOWN, counts
from stock_loader.exchange.session_pages import session_page
from stock_loader.reasons import Reason
from stock_loader.upload.abstract import State
from stock_loader.upload.conf import UploadSettings
from stock_loader.upload.models import Upload
from stock_loader.upload.previewed_work import preview_in
from stock_loader.upload.previews import SHOWN, Preview, Row
from stock_loader.upload.standing import REFRESH_SECONDS, problem, progress


def form_texts(settings: UploadSettings, problem: str) -> dict[str, Any]:
    """Return what the form shows."""
    return {
        "title": gettext("Upload stock files"),
        "problem": problem,
        "intro": gettext(
            "Choose a stock file of 1C (rests.xml, offers.xml), several of one export, or a zip of them. First you see "
            "what they would do; nothing is written before you say so."
        ),
        "label": gettext("Files"),
        "limit": gettext("Together up to %(limit)s MiB.") % {"limit": settings.max_mib},
        "options": " ".join(settings.options),
        "options_label": gettext("Loaded with these options:"),
        "button": gettext("Show what they would do"),
    }


def page_texts(upload: Upload, settings: UploadSettings) -> dict[str, Any]:
    """Return what the page of an upload shows; one file is read where a load goes on."""
    found = preview_in(upload)
    return {
        "title": gettext("Upload #%(number)s") % {"number": upload.pk},
        "upload": upload,
        "refresh": REFRESH_SECONDS if upload.state in Upload.UNFINISHED else 0,
        "facts": _facts(upload),
        "progress": progress(upload, settings, gettext("Offers read: %(offers)s (%(percent)s %%)")),
        "problem": problem(upload, settings, command="upload_worker"),
        "is_previewed": upload.state == State.PREVIEWED,
        "is_resting": upload.state in Upload.RESTING,
        "preview": _preview(found) if found else None,
        "texts": {
            "load": gettext("Load"),
            "force": gettext("Load in spite of this"),
            "cannot_force": gettext("You have no right to load it in spite of this."),
            "again": gettext("Look again"),
            "remove": gettext("Remove, do not load"),
            "new": gettext("Upload other files"),
            "waits": gettext("The page shows anew by itself how far it is; you may close it, nothing stops."),
        },
    }


def _facts(upload: Upload) -> list[dict[str, str]]:
    """Return what is to be said of every upload, a label and a text each, some with an address."""
    rows = [
        (gettext("State"), upload.get_state_display(), ""),
        (gettext("Files"), upload.names, ""),
        (gettext("Size"), filesizeformat(upload.size), ""),
        (gettext("Options"), " ".join(upload.options), ""),
        (gettext("Uploaded by"), f"{upload.user_name}, {localize(timezone.localtime(upload.created_at))}", ""),
        (gettext("Loaded by"), upload.loaded_by if upload.state in (State.LOADING, State.DONE) else "", ""),
    ]
    labels = {
        gettext("Session of the preview"): upload.preview_session,
        gettext("Session of the load"): upload.load_session,
    }
    rows += [(label, f"#{number}" if number else "", session_page(number)) for label, number in labels.items()]
    return [{"label": label, "text": str(text), "address": address} for label, text, address in rows if text]


def _preview(preview: Preview) -> dict[str, Any]:
    details = preview.of_load()
    rejected = sorted(
        [*details.not_found, *details.ambiguous, *details.invalid], key=lambda offer: int(str(offer["line"]))
    )
    return {
        "heading": gettext("What a load would do"),
        "counts": [(label, localize(count)) for label, count in counts(details)],
        "nothing": "" if details.changed_count else gettext("Nothing would change."),
        "objections": preview.objections,
        "objections_heading": gettext("Refused"),
        "warnings": [warning["text"] for warning in details.warnings],
        "warnings_heading": gettext("Warnings"),
        "largest": [_change(row) for row in preview.largest],
        "largest_heading": gettext("The largest changes"),
        "largest_columns": (gettext("Product"), gettext("In stock"), gettext("After the load")),
        "rejected": list(_rejected(rejected[:SHOWN])),
        "rejected_heading": gettext("The first offers that would not be applied"),
        "rejected_columns": (gettext("Line"), gettext("Offer"), gettext("In the file"), gettext("Why")),
    }


def _change(row: Row) -> tuple[str, str, str]:
    names = dict.fromkeys(str(row[name]) for name in ("name", "sku", "onec_id") if row[name])
    old, new = (UNKNOWN if row[name] is None else str(row[name]) for name in ("old", "new"))
    return ", ".join(names) or str(row["product"]), old, new


def _rejected(offers: Iterable[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    for offer in offers:
        place = f"{offer['file']}: {offer['line']}" if "file" in offer else str(offer["line"])
        name = ", ".join(dict.fromkeys(text for text in (offer["onec_id"], offer["sku"]) if text))
        yield place, name, str(offer["seen"]), Reason(offer["code"]).text(gettext)
