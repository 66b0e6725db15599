"""What can be done with notes on a meeting: those both share, and those somebody keeps alone.

Shared notes carry a version. Who writes on top of words they have not seen is refused, and is
shown both texts; nothing is overwritten unseen. What stood there before is kept: one version for
each time that somebody sat down to write.
"""

import difflib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts
from mentorship.scheduling.models import Meeting, MeetingDeed, NotesVersion, PrivateNote
from mentorship.tenancy import roles
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from mentorship.web import pasted

#: The longest notes, in characters: some fifteen pages. In whatever letters, they fit what one
#: form may bring.
LONGEST = 40_000
#: Saves of one person that follow each other within this time are one version.
SITTING = timedelta(minutes=10)
#: How many versions the history lists.
LISTED = 50

_PRIVATE = select(PrivateNote.words).where(
    PrivateNote.meeting_id == bindparam("meeting_id"),
    PrivateNote.member_id == bindparam("member_id"),
)


class TooLong(Refusal):
    def __init__(self, length: int = 0) -> None:
        over = f" These have {length:,}." if length else ""
        super().__init__(
            f"Keep the notes within {LONGEST:,} characters.{over} Nothing was saved, and all of"
            " it is still here: move a part elsewhere, and save again."
        )


class NoSuchVersion(Refusal):
    sentence = "There is no such version of these notes."


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
    return _write(
        _fitting(words), meeting, seen_version=seen_version, by=by, now=now, anyway=anyway
    )


def restore(version: int, *, meeting: Meeting, seen_version: int, by: Member, now: datetime) -> int:
    """Let the notes read again as they did in a version, and say the new one.

    :raises NoSuchVersion: it is not in the history.
    :raises Refusal: as `write_shared` does.
    """
    was = one_version(version, meeting=meeting)
    return _write(
        was.words, meeting, seen_version=seen_version, by=by, now=now, anyway=True, apart=True
    )


def write_private(
    *, meeting: Meeting, words: str, by: Member, now: datetime, anyway: bool = False
) -> None:
    """Replace what `by` keeps for themselves about a meeting. Nobody else is ever shown it.

    :raises NotYours: `by` is not one of the two.
    :raises TooLong: there are too many words.
    :raises AboutAPatient: new words look like a patient's, and `by` has not said `anyway`.
    """
    words = _fitting(words)
    take(meeting, Permission.NOTES_WRITE, by=by)
    before = private(meeting, by=by)
    if words == before:
        return
    insist_on_no_patient(words, before=before, anyway=anyway)
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


class Version(NamedTuple):
    """Shared notes as somebody left them. Who, and when, may not be known anymore."""

    number: int
    at: datetime | None
    by_name: str | None
    mine: bool
    length: int


class Change(StrEnum):
    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Passage:
    """Lines that follow each other and fared alike."""

    change: Change
    words: str


_VERSIONS = (
    select(
        NotesVersion.version,
        NotesVersion.at,
        Membership.name,
        NotesVersion.by_id == bindparam("member_id"),
        func.length(NotesVersion.words),
    )
    .outerjoin(Membership, Membership.id == NotesVersion.by_id)
    .where(NotesVersion.meeting_id == bindparam("meeting_id"))
    .order_by(NotesVersion.version.desc())
    .limit(LISTED)
)
_WORDS = select(NotesVersion.version, NotesVersion.words).where(
    NotesVersion.meeting_id == bindparam("meeting_id"),
    NotesVersion.version.in_(bindparam("numbers", expanding=True)),
)
_VERSION = select(NotesVersion).where(
    NotesVersion.meeting_id == bindparam("meeting_id"), NotesVersion.version == bindparam("version")
)
_NEWEST = (
    select(NotesVersion)
    .where(NotesVersion.meeting_id == bindparam("meeting_id"))
    .order_by(NotesVersion.version.desc())
    .limit(1)
)


@dataclass(frozen=True)
class History:
    """How shared notes came to be, the newest first, and one version beside the one before."""

    versions: tuple[Version, ...]
    chosen: Version | None = None
    words: str = ""
    changes: tuple[Passage, ...] = ()


def history(meeting: Meeting, *, version: int | None, member: Member) -> History:
    """The history, with one version opened: the newest, unless another is asked for.

    Two statements, whatever stands there.
    """
    facts = {"meeting_id": meeting.id, "member_id": member.id}
    found = tuple(Version(*row) for row in db.session.execute(_VERSIONS, facts))
    numbers = [one.number for one in found]
    at = numbers.index(version) if version in numbers else 0
    if not found:
        return History(())
    wanted = {"meeting_id": meeting.id, "numbers": numbers[at : at + 2]}
    words = {number: text for number, text in db.session.execute(_WORDS, wanted)}
    after = words[numbers[at]]
    before = words[numbers[at + 1]] if at + 1 < len(numbers) else ""
    return History(found, found[at], after, tuple(difference(before, after)))


def one_version(version: int, *, meeting: Meeting) -> NotesVersion:
    """:raises NoSuchVersion: it is not in the history."""
    facts = {"meeting_id": meeting.id, "version": version}
    found = db.session.scalars(_VERSION, facts).one_or_none()
    if found is None:
        raise NoSuchVersion
    return found


def difference(before: str, after: str) -> list[Passage]:
    """What changed from one text to the other, line by line, in reading order."""
    old, new = before.splitlines(), after.splitlines()
    passages = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        if tag == "equal":
            passages.append(Passage(Change.KEPT, "\n".join(old[a:b])))
            continue
        if a < b:
            passages.append(Passage(Change.REMOVED, "\n".join(old[a:b])))
        if c < d:
            passages.append(Passage(Change.ADDED, "\n".join(new[c:d])))
    return passages


def _write(
    words: str,
    meeting: Meeting,
    *,
    seen_version: int,
    by: Member,
    now: datetime,
    anyway: bool,
    apart: bool = False,
) -> int:
    """Replace the shared notes; `apart` makes a version of its own of it, whatever came before."""
    take(meeting, Permission.NOTES_WRITE, by=by)
    if words == meeting.notes:
        return meeting.notes_version
    if seen_version != meeting.notes_version:
        raise Overtaken(words=meeting.notes, version=meeting.notes_version)
    insist_on_no_patient(words, before=meeting.notes, anyway=anyway)
    insist_on_contact(meeting)
    _keep_unknown(meeting)
    # A text that has lost more than half is a version of its own, so that a slip can be undone.
    before, meeting.notes = meeting.notes, words
    meeting.notes_version += 1
    _remember(meeting, apart=apart or 2 * len(words) < len(before), by=by, now=now)
    trail.record(MeetingDeed.NOTES_WRITTEN, meeting, by=by, now=now, version=meeting.notes_version)
    return meeting.notes_version


def _keep_unknown(meeting: Meeting) -> None:
    """Have the history begin with what stood there before there was one."""
    if not meeting.notes or db.session.scalars(_NEWEST, {"meeting_id": meeting.id}).first():
        return
    db.session.add(
        NotesVersion(meeting_id=meeting.id, version=meeting.notes_version, words=meeting.notes)
    )
    db.session.flush()


def _remember(meeting: Meeting, *, apart: bool, by: Member, now: datetime) -> None:
    """Keep a version: one `apart`, or the writer's own of a moment ago, written further."""
    newest = db.session.scalars(_NEWEST, {"meeting_id": meeting.id}).first()
    goes_on = (
        not apart
        and newest is not None
        and newest.by_id == by.id
        and newest.at is not None
        and now - newest.at < SITTING
    )
    if goes_on and newest is not None:
        newest.version, newest.words = meeting.notes_version, meeting.notes
    else:
        db.session.add(
            NotesVersion(
                meeting_id=meeting.id,
                version=meeting.notes_version,
                by_id=by.id,
                at=now,
                words=meeting.notes,
            )
        )
    db.session.flush()


def take(meeting: Meeting, permission: Permission, *, by: Member) -> None:
    """Have a meeting alone until the change is kept or dropped, as it is now.

    :raises NotYours: `by` is not one of the two.
    """
    roles.insist(permission, meeting, by=by)
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


#: What Markdown puts before a line: a bullet or number, perhaps with a box; a heading; a quote.
_MARKS = re.compile(r"^[\s>]*(?:(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+)?")


def lines(words: str) -> list[str]:
    """The lines of notes as one would say them, without their marks; the empty ones left out."""
    plain = (_MARKS.sub("", line).strip() for line in words.splitlines())
    return [line for line in plain if any(letter.isalnum() for letter in line)]


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


def insist_on_no_patient(words: str, *, before: str, anyway: bool) -> None:
    """Check that new words do not look like a patient's. What stood there was decided on then.

    :raises AboutAPatient: they do, and it is not `anyway`.
    """
    if anyway:
        return
    known = set(patient_marks(before))
    if found := [mark for mark in patient_marks(words) if mark not in known]:
        raise AboutAPatient(found)


def _fitting(words: str) -> str:
    words = pasted.plain(words.replace("\r\n", "\n")).strip()
    if len(words) > LONGEST:
        raise TooLong(len(words))
    return words
