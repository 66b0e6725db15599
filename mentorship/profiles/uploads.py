"""What can be done with a roster that was uploaded: keep it, bring its people in, forget it.

A short one is brought in while its coordinator waits a moment, a long one by a job. Either way
everybody comes in or nobody, and once.
"""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.queue import defer
from mentorship.foundation.text import clean
from mentorship.profiles import intake, roster
from mentorship.profiles.models import RosterUpload, UploadState
from mentorship.profiles.roster import Entry, Plan
from mentorship.tenancy import queries, roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission, Role

log = logging.getLogger(__name__)

#: Up to so many people are brought in while one waits.
AT_ONCE = 500
#: How long an upload is remembered.
KEPT = timedelta(days=7)
#: How many flaws and people the page shows.
SHOWN_ERRORS, SHOWN_WARNINGS, SHOWN_PEOPLE = 100, 20, 5
#: What an import does, in order, as the page says it.
READING = "Reading the file"
WRITING = "Bringing everybody in"
STEPS = (READING, WRITING)


class NotARoster(Refusal):
    """The file as a whole cannot be read as a roster."""


class NeedsMending(Refusal):
    sentence = "Mend the lines below in your spreadsheet first, then upload the file again."


def keep(*, file_name: str, content: bytes, by: Member, now: datetime) -> RosterUpload:
    """Check a roster file and keep it, so that its coordinator can look before anything happens.

    A file with errors is not kept, only what is wrong with it.

    :raises NotARoster: it is no CSV file, or lacks the columns that a roster needs.
    """
    plan = roster.read(content)
    if plan.problem:
        raise NotARoster(plan.problem)
    upload = RosterUpload(
        by_id=by.id,
        file_name=_short(file_name),
        content=b"" if plan.errors else content,
        state=UploadState.CHECKED,
        step="",
        facts=_found(plan),
        created_at=now,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def bring_in(upload_id: UUID, *, by: Member, now: datetime) -> None:
    """Import what was checked: at once, or by a job when it is long. The second time, nothing.

    :raises NotYours: this member uploaded no such roster.
    :raises NeedsMending: it has errors.
    :raises ChangedMeanwhile: somebody else wrote the same people in between.
    """
    upload = _lock(upload_id)
    if upload is None:
        raise NotYours
    roles.insist(Permission.ROSTER_BRING_IN, upload, by=by)
    if not roles.stands(Permission.ROSTER_BRING_IN, upload):
        return
    if upload.facts["error_count"]:
        raise NeedsMending
    if upload.facts["people"] > AT_ONCE:
        upload.state, upload.step = UploadState.QUEUED, ""
        chapter_id = str(scope.here())
        lock = f"roster {chapter_id}"
        defer("import_roster", lock=lock, chapter_id=chapter_id, upload_id=str(upload.id))
        return
    _import(upload, roster.read(upload.content).entries, by=by, now=now)


def work(upload_id: UUID, *, now: datetime) -> None:
    """Bring in a long roster. For the job: commits along the way, so that the page sees it move.

    Safe to be done again from the start. What goes wrong leaves an upload that can be tried
    again, and nobody brought in; so does that whoever sent it may not do so anymore.
    """
    try:
        content = _begin(upload_id)
        if content is None:
            return
        entries = roster.read(content).entries
        _say(upload_id, WRITING)
        with transaction():
            upload = _lock(upload_id)
            if upload is not None and upload.state == UploadState.IMPORTING:
                by = queries.acting(upload.by_id, now=now)
                if not by.may(Permission.ROSTER_BRING_IN):
                    raise NotYours
                _import(upload, entries, by=by, now=now)
    except Exception:  # whatever it was, the page has to say so, and offer to try again
        log.exception("roster %s could not be brought in", upload_id)
        db.session.rollback()
        with transaction():
            upload = _lock(upload_id)
            if upload is not None and upload.state == UploadState.IMPORTING:
                upload.state, upload.step = UploadState.FAILED, ""


def sweep(*, now: datetime) -> int:
    """Forget uploads of the week before last: what they did is in the trail."""
    return count_touched(delete(RosterUpload).where(RosterUpload.created_at < now - KEPT))


def _import(upload: RosterUpload, entries: tuple[Entry, ...], *, by: Member, now: datetime) -> None:
    outcome = intake.take_in(entries, by=by, now=now, upload_id=upload.id)
    upload.state, upload.step, upload.content = UploadState.IMPORTED, "", b""
    upload.facts = upload.facts | outcome._asdict()
    upload.imported_at = now


def _lock(upload_id: UUID) -> RosterUpload | None:
    """The upload as it is now, for this transaction alone."""
    mine = select(RosterUpload).where(RosterUpload.id == upload_id).with_for_update()
    return db.session.scalars(mine.execution_options(populate_existing=True)).one_or_none()


def _begin(upload_id: UUID) -> bytes | None:
    """Take an upload up, and its content; none when nobody waits for it anymore."""
    with transaction():
        upload = _lock(upload_id)
        if upload is None or upload.state not in (UploadState.QUEUED, UploadState.IMPORTING):
            return None
        upload.state, upload.step = UploadState.IMPORTING, READING
        return upload.content


def _say(upload_id: UUID, step: str) -> None:
    with transaction():
        upload = _lock(upload_id)
        if upload is not None:
            upload.step = step


def _found(plan: Plan) -> dict[str, Any]:
    """What the page says of a file, so that the file need not be read again for it."""
    outcome = intake.foresee(plan.entries) if not plan.errors else intake.Outcome(0, 0, 0, 0)
    return {
        "people": len(plan.entries),
        "errors": plan.errors[:SHOWN_ERRORS],
        "error_count": len(plan.errors),
        "warnings": plan.warnings[:SHOWN_WARNINGS],
        "warning_count": len(plan.warnings),
        "preview": [_preview(entry) for entry in plan.entries[:SHOWN_PEOPLE]],
        "run_it": sum(bool(entry.roles & _RUN_IT) for entry in plan.entries),
        **outcome._asdict(),
    }


#: Roles that let somebody see everyone; the page says how many of them a file makes.
_RUN_IT = {Role.COORDINATOR, Role.ADVISOR}


def _preview(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "email": entry.email,
        "roles": [role.label for role in Role if role in entry.roles],
        "standings": roster.stage_words(entry.stage, entry.standing),
        "offers": list(entry.offers),
        "wants": list(entry.wants),
        "places": entry.places,
    }


def _short(file_name: str) -> str:
    bare = " ".join(clean(file_name).replace("\\", "/").rsplit("/", 1)[-1].split())
    return bare[-80:] or "roster.csv"
