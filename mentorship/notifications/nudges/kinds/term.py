"""A term that comes to its end: to whoever holds the office, and to those who see to the next."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges.kind import Due, NudgeKind, Page, Said
from mentorship.tenancy import queries, terms
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.web.filters import dated

#: How long before its end a term is recalled. The first leaves time to find somebody.
BEFORE = (timedelta(days=30), timedelta(days=7))

_WITH_TERMS = (
    select(Membership.id, Membership.user_id, Membership.name, Membership.held, Membership.terms)
    .where(Membership.left_at.is_(None), Membership.terms != {})
    .order_by(Membership.id)
)
_RUNNERS = (
    select(Membership.id, Membership.user_id, Membership.roles)
    .where(Membership.left_at.is_(None), Membership.roles.overlap([*terms.RUN_IT]))
    .order_by(Membership.id)
)


class Ending(NamedTuple):
    """Whose term ends, in which roles, and what its last day is."""

    member_id: UUID
    user_id: UUID
    name: str
    roles: tuple[Role, ...]
    last_day: date

    @property
    def offices(self) -> str:
        return " and ".join(role.label.lower() for role in self.roles)


def find(*, now: datetime, member_id: UUID | None = None) -> Iterator[Due]:
    coming = list(_coming(now))
    if not coming:
        return
    runners = db.session.execute(_RUNNERS).all()
    for ending, due_at, lapses_at in coming:
        # Where a coordinator goes, it may be for the advisor to name the next.
        to = terms.RUN_IT if Role.COORDINATOR in ending.roles else (Role.COORDINATOR,)
        readers = {(ending.member_id, ending.user_id)}
        readers |= {(one.id, one.user_id) for one in runners if set(to) & set(one.roles)}
        for reader_id, user_id in sorted(readers):
            if member_id in (None, reader_id):
                since = due_at.date()
                yield Due(*(reader_id, user_id, ending.member_id, since, due_at, lapses_at, ending))


def _coming(now: datetime) -> Iterator[tuple[Ending, datetime, datetime]]:
    """The terms that are to be recalled now, from when until when."""
    zone = queries.card().zone
    for row in db.session.execute(_WITH_TERMS):
        together: dict[datetime, list[Role]] = defaultdict(list)
        for role in terms.OFFICES:
            ends_at = terms.read(row.terms, role).ends_at
            if role in row.held and ends_at is not None:
                together[ends_at].append(role)
        for ends_at, roles in together.items():
            lapses = [ends_at - before for before in BEFORE[1:]] + [ends_at]
            for before, lapses_at in zip(BEFORE, lapses, strict=True):
                if ends_at - before <= now < lapses_at:
                    last_day = clock.day(ends_at - timedelta(microseconds=1), zone)
                    ending = Ending(row.id, row.user_id, row.name, tuple(roles), last_day)
                    yield ending, ends_at - before, lapses_at


def say(it: Due, me: Member, page: Page, settings: Settings) -> Said:
    ending: Ending = it.facts
    day = dated(ending.last_day)
    if me.id != ending.member_id:
        return Said(
            subject=f"{ending.name}’s term ends on {day}",
            line=f"{ending.name} is {ending.offices} until the end of {day}. Has somebody been"
            " named to follow?",
            action="See who holds which office",
            href=page("running.offices"),
        )
    runs_it = bool(set(ending.roles) & set(terms.RUN_IT))
    return Said(
        subject=f"Your term as {ending.offices} ends on {day}",
        line=f"You are {ending.offices} until the end of {day}."
        + (" Name who follows you, and what they should know." if runs_it else ""),
        action="Hand over" if runs_it else "Open your chapter",
        href=page("running.hand_over" if runs_it else "insights.home"),
    )


TERM_NUDGE = NudgeKind(
    name="term",
    label="A term of office that ends in 30 or in 7 days",
    why="A term of office comes to its end.",
    find=find,
    say=say,
    times=1,
)
