"""What can be done with notes on a meeting: those both share, and those somebody keeps alone.

Shared notes carry a version. Who writes on top of words they have not seen is refused, and is
shown both texts; nothing is overwritten unseen.
"""

import re
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import conflicts
from mentorship.scheduling.models import Meeting, MeetingDeed, PrivateNote
from mentorship.tenancy.members import Member

#: The longest notes, in characters.
LONGEST = 10_000

_PRIVATE = select(PrivateNote.words).where(
    PrivateNote.meeting_id == bindparam("meeting_id"),
    PrivateNote.member_id == bindparam("member_id"),
)


class TooLong(Refusal):
    sentence = f"Keep the notes within {LONGEST:,} characters."


class Overtaken(Refusal):
    """The other person wrote since. Nothing was changed; both texts are there to be merged."""

    sentence = "These notes were changed meanwhile. Both texts are here: keep what counts."

    def __init__(self, *, words: str, version: int) -> None:
        super().__init__()
        self.words = words
        self.version = version


class AboutAPatient(Refusal):
    """The words look as if they name a patient. Whoever wrote them may still mean them."""

    def __init__(self, found: list[str]) -> None:
        shown = ", ".join(f"“{each}”" for each in found[:3])
        super().__init__(
            f"This looks as if it could identify a patient: {shown}. Take it out, or save it"
            " anyway if it is about nobody’s care."
        )
        self.found = found


class NoContact(Refusal):
    # Nobody is told who set the block.
    sentence = "Nothing more can be written between the two of you."


def write_shared(
    *,
    meeting: Meeting,
    words: str,
    seen_version: int,
    by: Member,
    now: datetime,
    anyway: bool = False,
) -> int:
    """Replace the notes that both see, and say their new version.

    The words that stand there already change nothing, whatever version was seen.

    :raises NotYours: `by` is not one of the two.
    :raises TooLong: there are too many words.
    :raises Overtaken: the notes have changed since `by` saw them.
    :raises AboutAPatient: new words look like a patient's, and `by` has not said `anyway`.
    :raises NoContact: one of the two has blocked the other.
    """
    words = _fitting(words)
    take(meeting, by=by)
    if words == meeting.notes:
        return meeting.notes_version
    if seen_version != meeting.notes_version:
        raise Overtaken(words=meeting.notes, version=meeting.notes_version)
    _insist_on_no_patient(words, before=meeting.notes, anyway=anyway)
    insist_on_contact(meeting)
    meeting.notes = words
    meeting.notes_version += 1
    trail.record(MeetingDeed.NOTES_WRITTEN, meeting, by=by, now=now, version=meeting.notes_version)
    return meeting.notes_version


def write_private(
    *, meeting: Meeting, words: str, by: Member, now: datetime, anyway: bool = False
) -> None:
    """Replace what `by` keeps for themselves about a meeting. Nobody else is ever shown it.

    :raises NotYours: `by` is not one of the two.
    :raises TooLong: there are too many words.
    :raises AboutAPatient: new words look like a patient's, and `by` has not said `anyway`.
    """
    words = _fitting(words)
    take(meeting, by=by)
    before = private(meeting, by=by)
    if words == before:
        return
    _insist_on_no_patient(words, before=before, anyway=anyway)
    if words:
        note = insert(PrivateNote).values(
            chapter_id=scope.here(), meeting_id=meeting.id, member_id=by.id, words=words
        )
        db.session.execute(
            note.on_conflict_do_update(
                index_elements=["chapter_id", "meeting_id", "member_id"], set_={"words": words}
            )
        )
    else:
        db.session.execute(
            delete(PrivateNote)
            .where(PrivateNote.meeting_id == meeting.id, PrivateNote.member_id == by.id)
            .execution_options(synchronize_session=False)
        )
    trail.record(MeetingDeed.NOTES_WRITTEN, meeting, by=by, now=now, private=True)


def private(meeting: Meeting, *, by: Member) -> str:
    """What `by` has written for themselves about this meeting."""
    facts = {"meeting_id": meeting.id, "member_id": by.id}
    return db.session.scalar(_PRIVATE, facts) or ""


def take(meeting: Meeting, *, by: Member) -> None:
    """Have a meeting alone until the change is kept or dropped, as it is now.

    :raises NotYours: `by` is not one of the two.
    """
    if by.id not in (meeting.mentee_id, meeting.mentor_id):
        raise NotYours
    db.session.refresh(meeting, with_for_update=True)


def insist_on_contact(meeting: Meeting) -> None:
    """Check that the two may still write to each other.

    :raises NoContact: one of them has blocked the other.
    """
    if conflicts.blocked(meeting.mentee_id, meeting.mentor_id):
        raise NoContact


def merged(theirs: str, mine: str) -> str:
    """Both texts in one, to begin merging from: theirs, then the lines that only mine has."""
    there = {line.strip() for line in theirs.splitlines()}
    more = [line for line in mine.splitlines() if line.strip() not in there]
    return "\n".join([*theirs.splitlines(), *more]).strip()


#: Looked past: links, and the numbers of papers and trials.
_HARMLESS = re.compile(
    r"https?://\S+|\b(?:pmid|pmcid|doi|nct|isbn)\b[:#\s]*[\w./-]+|\b10\.\d{4,}/\S+", re.IGNORECASE
)
_GAP = "[-\u2010\u2011\u2013.\\s]"
_DAY = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}"
_PATIENT = (
    re.compile(r"\b(?:mrn|medical record(?: number| no\.?)?)[^\w\n]{0,4}[\w-]*\d[\w-]*", re.I),
    re.compile(rf"\b(?:dob|d\.o\.b\.|date of birth|born(?: on)?)\b[^\d\n]{{0,12}}{_DAY}", re.I),
    re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
    re.compile(
        rf"(?<![\d+])(?:\+?1{_GAP}?)?(?:\(\d{{3}}\)\s?|\d{{3}}{_GAP})\d{{3}}{_GAP}\d{{4}}\b"
    ),
    re.compile(r"(?<![\w.,/-])\d{7,10}(?![\d/-]|[.,]\d)"),
)


def patient_marks(words: str) -> list[str]:
    """What in a text looks as if it identified a patient, in the order in which it stands there.

    Record numbers, dates of birth, social security and telephone numbers. A guess, and meant to
    be one: it asks a person to look again, and never decides.
    """
    plain = _HARMLESS.sub(lambda link: " " * len(link.group()), words)
    found: list[tuple[int, int, str]] = []
    for pattern in _PATIENT:
        for match in pattern.finditer(plain):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.append((*match.span(), match.group().strip()))
    return [shown for _, _, shown in sorted(found)]


def _insist_on_no_patient(words: str, *, before: str, anyway: bool) -> None:
    """What stood there before was decided on then."""
    if anyway:
        return
    known = set(patient_marks(before))
    if found := [mark for mark in patient_marks(words) if mark not in known]:
        raise AboutAPatient(found)


def _fitting(words: str) -> str:
    words = words.replace("\r\n", "\n").strip()
    if len(words) > LONGEST:
        raise TooLong
    return words
