"""Whom to help this week: who stands on the list, why, and the one thing to do about it.

Everything is read anew each time, so that nobody stands there who has been helped elsewhere. What
was done on the list itself takes a line off until its day has come again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from mentorship.accounts.models import User
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.insights import health
from mentorship.insights.health import Standing
from mentorship.notifications.nudges import asked
from mentorship.notifications.nudges.asked import Reminders
from mentorship.profiles.models import MenteeProfile, Offer
from mentorship.relationships import fit_checks
from mentorship.relationships.health import Level
from mentorship.relationships.help import Help, Outcome, Reason
from mentorship.relationships.models import OPEN, Pairing, RematchWish
from mentorship.scheduling.feeds.models import Feed
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import plural

#: How many lines are shown: about a screen. Those behind them move up.
SHOWN = 10
#: How long somebody is here before an empty profile, or having nobody, is on the list.
SETTLING = timedelta(days=7)
#: So many requests without an answer, in this time, and none answered since.
SILENT, SILENT_IN = 2, timedelta(days=90)
#: What never has another occasion, or whose occasion is nobody's to know.
ONCE = date(2000, 1, 1)


class Action(StrEnum):
    """The one thing to do."""

    REMIND = "remind"
    REMATCH = "rematch"
    CALL = "call"


class Reach(NamedTuple):
    """How somebody can be reached."""

    name: str
    email: str


@dataclass(frozen=True)
class Line:
    """One line of the list."""

    reason: Reason
    subject_id: UUID
    since: date
    who: str
    words: str
    action: Action
    kind: Kind | None = None
    reach: tuple[Reach, ...] = ()
    said: str = ""
    """What somebody wrote for the coordinators, and for nobody else."""

    @property
    def key(self) -> tuple[Reason, UUID]:
        return self.reason, self.subject_id

    @property
    def place(self) -> tuple[int, date, str, UUID]:
        """The most urgent first, then who has waited longest."""
        return list(Reason).index(self.reason), self.since, self.who.casefold(), self.subject_id


class Done(NamedTuple):
    """Something that was done this week."""

    id: UUID
    reason: Reason
    subject_id: UUID
    who: str
    outcome: Outcome
    note: str
    again_on: date
    by_name: str
    at: datetime


@dataclass(frozen=True)
class Week:
    monday: date
    lines: Sequence[Line]
    """All that wait, the most urgent first."""
    done: Sequence[Done]
    """The latest first."""
    last_done: int
    last_listed: int
    """How the week before went; nothing was listed where nobody did anything."""

    @property
    def listed(self) -> int:
        return len(self.lines) + len(self.done)

    @property
    def shown(self) -> Sequence[Line]:
        return self.lines[:SHOWN]

    def line(self, reason: Reason, subject_id: UUID) -> Line | None:
        return next((one for one in self.lines if one.key == (reason, subject_id)), None)


_as_mentor = (Meeting.mentor_id == Membership.id, Meeting.asked_at > bindparam("silent_since"))
_answered_at = (
    select(func.max(Meeting.settled_at))
    .where(
        *_as_mentor,
        Meeting.state.in_((MeetingState.ACCEPTED, MeetingState.DECLINED, MeetingState.HELD)),
    )
    .correlate(Membership)
    .scalar_subquery()
)
_unanswered = (
    select(func.count(Meeting.id).label("lapsed"), func.max(Meeting.settled_at).label("lapsed_at"))
    .where(
        *_as_mentor,
        Meeting.state == MeetingState.LAPSED,
        Meeting.settled_at > func.coalesce(_answered_at, bindparam("silent_since")),
    )
    .correlate(Membership)
    .lateral()
)
_quiet_feed = (
    select(func.min(Feed.good_until))
    .where(Feed.user_id == Membership.user_id, Feed.good_until < bindparam("now"))
    .scalar_subquery()
)
_wishes = (
    select(
        func.json_agg(
            func.json_build_array(RematchWish.id, RematchWish.kind, RematchWish.wished_at)
        )
    )
    .where(RematchWish.mentee_id == Membership.id, RematchWish.settled_at.is_(None))
    .scalar_subquery()
)
_PEOPLE = (
    select(
        Membership.id,
        Membership.name,
        Membership.roles,
        Membership.joined_at,
        User.email,
        exists().where(MenteeProfile.member_id == Membership.id).label("mentee_profile"),
        exists().where(Offer.member_id == Membership.id).label("offers"),
        exists().where(Pairing.mentee_id == Membership.id, Pairing.state.in_(OPEN)).label("paired"),
        _unanswered.c.lapsed,
        _unanswered.c.lapsed_at,
        _quiet_feed.label("feed_quiet_at"),
        _wishes.label("wishes"),
    )
    .join(User, User.id == Membership.user_id)
    .join(_unanswered, true())
    .where(Membership.left_at.is_(None))
)

_by, _mine = aliased(Membership), aliased(Pairing)
#: What was done about a pairing of one's own may say how the other sees it.
_own = exists().where(
    _mine.id == Help.subject_id,
    or_(_mine.mentee_id == bindparam("reader_id"), _mine.mentor_id == bindparam("reader_id")),
)
_HELP = (
    select(
        Help.id,
        Help.week,
        Help.reason,
        Help.subject_id,
        Help.since,
        Help.who,
        Help.outcome,
        Help.note,
        Help.again_on,
        Help.listed,
        Help.at,
        _by.name.label("by_name"),
        _own.label("own"),
    )
    .join(_by, _by.id == Help.by_id)
    .where(
        Help.undone_at.is_(None),
        or_(Help.week >= bindparam("last_week"), Help.again_on > bindparam("today")),
    )
    .order_by(Help.at.desc(), Help.id)
)


def monday_of(now: datetime, zone: str) -> date:
    """The Monday of the week, on the chapter's calendar."""
    today = clock.day(now, zone)
    return today - timedelta(days=today.weekday())


def this_week(member: Member, *, zone: str, now: datetime) -> Week:
    """The list as `member` may see it. `zone` is the chapter's. Five statements, however long."""
    today, monday = clock.day(now, zone), monday_of(now, zone)
    help_ = list(
        db.session.execute(
            _HELP,
            {"reader_id": member.id, "last_week": monday - timedelta(days=7), "today": today},
        )
    )
    settled = {(row.reason, row.subject_id, row.since) for row in help_ if row.again_on > today}
    lines = [
        line
        for line in sorted(_lines(member, now=now), key=lambda one: one.place)
        if (line.reason, line.subject_id, line.since) not in settled
    ]
    seen = [row for row in help_ if _may_see(row, member)]
    last = [row for row in seen if row.week == monday - timedelta(days=7)]
    return Week(
        monday=monday,
        lines=lines,
        done=[_done(row) for row in seen if row.week == monday],
        last_done=len(last),
        last_listed=max((row.listed for row in last), default=0),
    )


def _may_see(row: Any, member: Member) -> bool:
    if row.reason in (Reason.FIT, Reason.WISH) and not member.may(Permission.PEOPLE_SEE):
        return False
    return not (row.own and row.reason in (Reason.FIT, Reason.HAND))


def _done(row: Any) -> Done:
    return Done(
        id=row.id,
        reason=Reason(row.reason),
        subject_id=row.subject_id,
        who=row.who,
        outcome=Outcome(row.outcome),
        note=row.note,
        again_on=row.again_on,
        by_name=row.by_name,
        at=row.at,
    )


def _lines(member: Member, *, now: datetime) -> Iterator[Line]:
    facts = {"now": now, "silent_since": now - SILENT_IN}
    people = {row.id: row for row in db.session.execute(_PEOPLE, facts)}
    told = member.may(Permission.PEOPLE_SEE)
    hands = fit_checks.wanting_a_hand(now=now) if told else []
    wishes = [wish for row in people.values() for wish in _wishes_of(row)] if told else []
    hands = [one for one in hands if member.id not in (one.mentee_id, one.mentor_id)]
    standings = health.under_way(member, now=now)
    reach = _Reached(people, told)
    reminded = asked.reminded([one.id for one in standings])
    yield from _of_wishes(wishes, reach, now=now)
    waiting = {(one.mentee_id, one.kind) for one in wishes}
    yield from _of_hands(
        (one for one in hands if (one.mentee_id, one.kind) not in waiting),
        {one.id for one in standings},
        reach,
        reads=member.may(Permission.WORDS_READ),
    )
    yield from _of_pairings(standings, reach, reminded, now=now)
    looked_after = {one.mentee_id for one in wishes} | {one.mentee_id for one in hands}
    for row in people.values():
        yield from _of_person(row, reach, looked_after, now=now)


class Wish(NamedTuple):
    """That a student would like another mentor."""

    id: UUID
    mentee_id: UUID
    mentee_name: str
    kind: Kind
    wished_at: datetime


def _wishes_of(row: Any) -> Iterator[Wish]:
    for id_, kind, wished_at in row.wishes or ():
        at = datetime.fromisoformat(wished_at)
        yield Wish(UUID(id_), row.id, row.name, Kind(kind), at)


class _Reached:
    """How people can be reached, for those who may see the people."""

    def __init__(self, people: Mapping[UUID, Any], told: bool) -> None:
        self.people, self.told = people, told

    def __call__(self, *member_ids: UUID) -> tuple[Reach, ...]:
        if not self.told:
            return ()
        rows = (self.people[one] for one in member_ids if one in self.people)
        return tuple(Reach(row.name, row.email) for row in rows)


def _of_wishes(wishes: Iterable[Wish], reach: _Reached, *, now: datetime) -> Iterator[Line]:
    for one in wishes:
        wished_on = one.wished_at.astimezone(UTC).date()
        weeks = (now - one.wished_at).days // 7
        discreet = one.kind is Kind.WELLNESS or not weeks
        since = "" if discreet else f" for {plural(weeks, 'week')}"
        yield Line(
            Reason.WISH,
            one.id,
            ONCE if one.kind is Kind.WELLNESS else wished_on,
            one.mentee_name,
            f"Waits{since} for another {one.kind} mentor.",
            Action.REMATCH,
            one.kind,
            reach(one.mentee_id),
        )


def _of_hands(
    hands: Iterable[fit_checks.Wanting], under_way: set[UUID], reach: _Reached, *, reads: bool
) -> Iterator[Line]:
    for one in hands:
        if one.kind is Kind.WELLNESS and one.pairing_id in under_way:
            continue  # stands among the pairings, and why is between the two
        discreet = one.kind is Kind.WELLNESS
        over = one.pairing_id not in under_way and not discreet
        yield Line(
            Reason.HAND if discreet else Reason.FIT,
            one.pairing_id,
            one.at.date() if one.at else ONCE,
            f"{one.mentee_name} with {one.mentor_name}",
            "Needs a hand." if discreet else "A hand is wanted after their first meeting.",
            Action.REMATCH if over else Action.CALL,
            one.kind,
            reach(one.mentee_id, one.mentor_id),
            said=f"{one.by_name}: {one.line}" if reads and one.line else "",
        )


def _of_pairings(
    standings: Iterable[Standing],
    reach: _Reached,
    reminded: Mapping[UUID, Reminders],
    *,
    now: datetime,
) -> Iterator[Line]:
    for one in standings:
        if one.health.level is not Level.HAND or one.apart:
            continue
        sent = _sent(one, reminded.get(one.id))
        found = _why(one, sent)
        if found is None:
            continue  # a fit check, which has a line of its own
        reason, since, action = found
        words = one.health.words
        if sent and reason in (Reason.NOT_MET, Reason.QUIET):
            words += f" {plural(sent, 'reminder has', 'reminders have')} gone out."
        yield Line(
            reason,
            one.id,
            since,
            f"{one.mentee_name} with {one.mentor_name}",
            words,
            action,
            one.kind,
            reach(one.mentee_id, one.mentor_id),
        )


def _sent(one: Standing, latest: Reminders | None) -> int:
    """How many reminders there were of how it stands now, and not of a silence before."""
    contact = one.facts.contact
    since = contact.last_contact_on or contact.began_on
    # Those are counted from a day where their reader is, these where ours is.
    return latest.sent if latest and latest.since >= since - timedelta(days=1) else 0


def _why(one: Standing, sent: int) -> tuple[Reason, date, Action] | None:
    contact = one.facts.contact
    if one.kind is Kind.WELLNESS:
        return Reason.HAND, ONCE, Action.CALL
    if one.facts.fit_wants_a_hand:
        return None
    left = Action.REMIND if sent < asked.MOST else Action.CALL
    if contact.last_contact_on is None and one.facts.asked_on is None:
        return Reason.NOT_MET, contact.began_on, left
    if one.facts.asked_on is not None:
        return Reason.UNANSWERED, one.facts.asked_on, Action.CALL
    return Reason.QUIET, contact.last_contact_on or contact.began_on, left


def _of_person(
    row: Any, reach: _Reached, looked_after: set[UUID], *, now: datetime
) -> Iterator[Line]:
    joined_on = row.joined_at.astimezone(UTC).date()
    settled = now - row.joined_at >= SETTLING
    mentors, learns = Role.MENTOR in row.roles, Role.STUDENT in row.roles

    def line(reason: Reason, since: date, words: str, action: Action = Action.CALL) -> Line:
        return Line(reason, row.id, since, row.name, words, action, reach=reach(row.id))

    if mentors and row.lapsed >= SILENT:
        words = f"{row.lapsed} requests have lapsed without an answer, and none was answered since."
        yield line(Reason.SILENT, row.lapsed_at.astimezone(UTC).date(), words)
    if mentors and row.feed_quiet_at:
        words = "Their calendar cannot be read anymore, so none of their times are offered."
        yield line(Reason.FEED, row.feed_quiet_at.astimezone(UTC).date(), words)
    if not settled:
        return
    if (learns and not row.mentee_profile) or (mentors and not row.offers):
        yield line(Reason.NO_PROFILE, joined_on, "Has not filled in a profile yet.")
    elif learns and not row.paired and row.id not in looked_after:
        weeks = plural((now - row.joined_at).days // 7, "week")
        words = f"Here for {weeks}, with no mentor of any kind and no request waiting."
        yield line(Reason.NOBODY, joined_on, words, Action.REMATCH)
