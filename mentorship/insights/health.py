"""Every pairing of the chapter that is under way, by its health. Never what the two have written.

One statement, whatever is asked for: health is judged in one place, `relationships/health.py`, and
not once more in the database's words. A chapter has hundreds of pairings, not millions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights.coverage import FEWEST
from mentorship.profiles import sheet
from mentorship.profiles.models import MenteeProfile
from mentorship.relationships import conflicts, rhythm
from mentorship.relationships import health as judgment
from mentorship.relationships.health import Health, Level
from mentorship.relationships.models import (
    UNDER_WAY,
    ActionItem,
    Fit,
    FitCheck,
    Pairing,
    PairingState,
)
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

#: Pairings on a page.
A_PAGE = 50

_mentee, _mentor = aliased(Membership), aliased(Membership)
_now: Any = bindparam("now")
_reader: Any = bindparam("reader_id")


def _meeting(instant: Any, *where: Any) -> Any:
    found = select(func.min(instant)).where(Meeting.pairing_id == Pairing.id, *where)
    return found.scalar_subquery()


def _items(*where: Any) -> Any:
    return (
        select(func.count())
        .select_from(ActionItem)
        .where(
            ActionItem.pairing_id == Pairing.id,
            ActionItem.done_at.is_(None),
            ActionItem.dropped_at.is_(None),
            *where,
        )
        .scalar_subquery()
    )


_UNDER_WAY = (
    select(
        Pairing.id,
        Pairing.kind,
        Pairing.state,
        Pairing.began_at,
        Pairing.last_contact_on,
        Pairing.mentee_id,
        Pairing.mentor_id,
        _mentee.name.label("mentee_name"),
        _mentor.name.label("mentor_name"),
        MenteeProfile.stage,
        _meeting(
            Meeting.starts_at, Meeting.state == MeetingState.ACCEPTED, Meeting.ends_at > _now
        ).label("next_at"),
        _meeting(Meeting.asked_at, Meeting.state == MeetingState.REQUESTED).label("asked_at"),
        _items().label("items_open"),
        _items(ActionItem.due_on < bindparam("today")).label("items_overdue"),
        # Neither of the two ever learns what the other has said, whatever hats they wear.
        and_(
            bindparam("told_of_fit", type_=Boolean),
            Pairing.mentee_id != _reader,
            Pairing.mentor_id != _reader,
            select(FitCheck.pairing_id)
            .where(FitCheck.pairing_id == Pairing.id, FitCheck.answer == Fit.UNSURE)
            .exists(),
        ).label("fit_wants_a_hand"),
        conflicts.kept_apart(Pairing.mentee_id, Pairing.mentor_id).label("apart"),
    )
    .join(_mentee, _mentee.id == Pairing.mentee_id)
    .join(_mentor, _mentor.id == Pairing.mentor_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Pairing.mentee_id)
    .where(Pairing.state.in_(UNDER_WAY), _mentee.left_at.is_(None), _mentor.left_at.is_(None))
)


@dataclass(frozen=True)
class Standing:
    """A pairing under way, as those who look after the chapter may know it."""

    id: UUID
    kind: Kind
    stage: Stage | None
    mentee_id: UUID
    mentor_id: UUID
    mentee_name: str
    mentor_name: str
    health: Health
    facts: judgment.Facts
    """What the health was judged by. Pages show the words, and of wellness never this."""
    apart: bool
    """Whether the two are kept apart, so that nobody is to bring them together."""

    @property
    def place(self) -> tuple[int, str, UUID]:
        """Where it stands in the list: by health and name, so that no order tells a date."""
        return self.health.level.rank, self.mentee_name.casefold(), self.id


class Wanted(NamedTuple):
    """Which pairings somebody looks for: all of them, when nothing is said."""

    words: str = ""
    """Part of the name of either of the two."""
    kind: Kind | None = None
    stage: Stage | None = None
    level: Level | None = None

    def fits(self, one: Standing) -> bool:
        names = f"{one.mentee_name}\n{one.mentor_name}".casefold()
        return (
            self.words.casefold() in names
            and self.kind in (None, one.kind)
            and self.stage in (None, one.stage)
            and self.level in (None, one.health.level)
        )


class OfKind(NamedTuple):
    """A line of the roll-up; small cells are not told."""

    kind: Kind
    cells: tuple[str, ...]
    """As many as there are levels, in their order."""


@dataclass(frozen=True)
class Page:
    pairings: Sequence[Standing]
    more_after: UUID | None
    """The last one on this page, when there are more."""
    kinds: Sequence[OfKind]
    """Over all of the chapter's, whatever is looked for."""


def under_way(member: Member, *, now: datetime) -> list[Standing]:
    """Every pairing under way between two who are here, in its place, as `member` may know it."""
    today = clock.day(now, member.zone)
    facts = {
        "now": now,
        "today": today,
        "reader_id": member.id,
        # What is asked for in a fit check is for those who run the program, not for officers.
        "told_of_fit": member.may(Permission.PEOPLE_SEE),
    }
    rows = db.session.execute(_UNDER_WAY, facts)
    found = (_standing(row, zone=member.zone, today=today) for row in rows)
    return sorted(found, key=lambda one: one.place)


def page(member: Member, wanted: Wanted, *, after: UUID | None, now: datetime) -> Page:
    """Those that fit, from the one behind `after`. One that is gone from the list begins anew."""
    everybody = under_way(member, now=now)
    start = next((one.place for one in everybody if one.id == after), None)
    fit = [one for one in everybody if wanted.fits(one) and (start is None or one.place > start)]
    more = fit[A_PAGE - 1].id if len(fit) > A_PAGE else None
    return Page(fit[:A_PAGE], more, _rolled_up(everybody))


def export(member: Member, wanted: Wanted, *, now: datetime) -> bytes:
    """Those that fit, as a file for a spreadsheet: names, kinds and health in words."""
    return sheet.write(
        ("Mentee", "Mentor", "Kind", "Stage", "Health", "Why"),
        (
            (
                one.mentee_name,
                one.mentor_name,
                one.kind.label,
                one.stage.label if one.stage else "",
                one.health.level.label,
                one.health.words,
            )
            for one in under_way(member, now=now)
            if wanted.fits(one)
        ),
    )


def _rolled_up(everybody: Sequence[Standing]) -> list[OfKind]:
    counted = Counter((one.kind, one.health.level) for one in everybody)
    return [OfKind(kind, tuple(_told(counted[kind, level]) for level in Level)) for kind in Kind]


def _told(count: int) -> str:
    return str(count) if count >= FEWEST else f"under {FEWEST}"


def _standing(row: Any, *, zone: str, today: date) -> Standing:
    def there(instant: datetime | None) -> date | None:
        return clock.day(instant, zone) if instant else None

    facts = judgment.Facts(
        contact=rhythm.Facts(
            kind=Kind(row.kind),
            stage=Stage(row.stage) if row.stage else None,
            state=PairingState(row.state),
            began_on=clock.day(row.began_at, zone),
            last_contact_on=row.last_contact_on,
            next_meeting_on=there(row.next_at),
        ),
        items_open=row.items_open,
        items_overdue=row.items_overdue,
        asked_on=there(row.asked_at),
        fit_wants_a_hand=row.fit_wants_a_hand,
    )
    return Standing(
        id=row.id,
        kind=facts.contact.kind,
        stage=facts.contact.stage,
        mentee_id=row.mentee_id,
        mentor_id=row.mentor_id,
        mentee_name=row.mentee_name,
        mentor_name=row.mentor_name,
        health=judgment.of(facts, today=today),
        facts=facts,
        apart=row.apart,
    )
