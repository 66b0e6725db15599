"""What people of the demo do besides: meeting regularly, several at once, or at a conference.

And waiting for a place with a mentor who has none.
"""

from contextlib import suppress
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mentorship.demo.cast import Cast
from mentorship.demo.people import address_book
from mentorship.demo.scripts import Pair
from mentorship.demo.timeline import Script
from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships.queries import my_pairing_with
from mentorship.scheduling import holds, queries, slots
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import Audience
from mentorship.scheduling.slots import Span
from mentorship.scheduling.standing import series
from mentorship.scheduling.waiting import waits
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: The first date lies after what the two have booked already.
_FROM = 16 * _DAY
_SEATS, _COME = 4, 5
_TITLE = "Away rotations: what I would do again"
_ABOUT = "Twenty minutes from me, the rest is yours. Bring your list, however rough it is."
_CONFERENCE, _THERE = "ACEP Scientific Assembly", ZoneInfo("America/Denver")
_QUESTION = "How did you choose between a toxicology fellowship and staying general?"
_WHY = "Your talk on the first year of residency is why I am asking."
_PURPOSE = "Keep an eye on the plan for the year, a little at a time."


def scripts(cast: Cast, pairs: list[Pair], *, now: datetime) -> list[Script]:
    """What was agreed on in the last days: one of each, in the chapter of the leads.

    `pairs` are those of the run; the leads' own meetings are written down, each of them.
    """
    if cast.chapter.slug != "lakeshore":
        return []
    nunez = address_book()[cast.chapter.slug, "Dr. Ximena Núñez"]
    pair = next((pair for pair in pairs if pair.mentor == nunez), pairs[0])
    return [
        _standing(cast, pair, at=now - 30 * _HOUR),
        _session(cast, at=now - 26 * _HOUR),
        _meet_ups(cast, nunez, at=now - 22 * _HOUR),
        _waits(cast, at=now - 20 * _HOUR),
    ]


def _standing(cast: Cast, pair: Pair, *, at: datetime) -> Script:
    """A student and their mentor meet every third week."""
    now = yield at
    mentee, mentor = cast[pair.mentee], cast[pair.mentor]
    pairing = my_pairing_with(mentor.id, mentee)
    card = queries.bookable(mentor.id, member=mentee)
    minutes = card.lengths[-1]
    free = queries.free_starts(card, with_user_id=mentee.user_id, minutes=minutes, now=now)
    first = next((starts_at for starts_at in free if starts_at > now + _FROM), None)
    if pairing is None or first is None:
        return
    standing = series.propose(
        pairing=pairing,
        starts_at=first,
        minutes=minutes,
        every=3,
        purpose=_PURPOSE,
        by=mentee,
        now=now,
    )
    now = yield now + _HOUR
    series.agree(standing, by=mentor, now=now)


def _session(cast: Cast, *, at: datetime) -> Script:
    """The resident opens an evening for students; one more wants to come than there are seats."""
    now = yield at
    mentor = _lead(cast, "Dr. Tomasz Wieczorek")
    evenings = (_evening(mentor, now + days * _DAY) for days in range(9, 60))
    evening = next(one for one in evenings if not _busy(mentor, one))
    session = sessions.open_session(
        mentor=mentor,
        title=_TITLE,
        about=_ABOUT,
        starts_at=evening.starts_at,
        minutes=60,
        seats=_SEATS,
        place="Simulation center, room 2",
        audience=Audience.CHAPTER,
        by=mentor,
        now=now,
    )
    others = [cast[email] for email in cast.students if email in cast.members]
    students = dict.fromkeys([_lead(cast, "Amara Okonkwo-Reyes"), *others])
    free = [who for who in students if who.user_id != mentor.user_id and not _busy(who, evening)]
    for who in free[:_COME]:
        now = yield now + _HOUR / 2
        sessions.join(session, by=who, now=now)


def _meet_ups(cast: Cast, mentor_email: str, *, at: datetime) -> Script:
    """A mentor is at a conference for an afternoon, and a student takes ten minutes."""
    now = yield at
    mentor, student = cast[mentor_email], _lead(cast, "Amara Okonkwo-Reyes")
    two = (mentor, student)
    afternoons = (_afternoon(now + days * _DAY) for days in range(20, 60))
    afternoon = next(one for one in afternoons if not any(_busy(who, one) for who in two))
    block = meetups.open_block(
        conference=_CONFERENCE,
        session="after the toxicology forum",
        place="Poster hall, by the coffee",
        zone=_THERE.key,
        minutes=10,
        by=mentor,
        now=now,
        starts_at=afternoon.starts_at,
        ends_at=afternoon.ends_at,
    )
    now = yield now + _HOUR
    meetups.take(block, starts_at=block.starts_at, question=_QUESTION, by=student, now=now)


def _waits(cast: Cast, *, at: datetime) -> Script:
    """A student waits for a mentor who is full: the first for whom there is one to wait for."""
    now = yield at
    student = _lead(cast, "Amara Okonkwo-Reyes")
    for email in cast.mentors:
        if email not in cast.members:
            continue
        for kind in Kind:
            with suppress(Refusal, NotYours):
                waits.join(mentor=cast[email], kind=kind, why=_WHY, by=student, now=now)
                return


def _afternoon(day: datetime) -> Span:
    """Two to three at the conference, by the clocks there."""
    starts_at = slots.wall_time(day.astimezone(_THERE).date(), time(14), _THERE)
    return Span(starts_at, starts_at + _HOUR)


def _lead(cast: Cast, name: str) -> Member:
    return cast[address_book()[cast.chapter.slug, name]]


def _evening(who: Member, day: datetime) -> Span:
    """Half past seven to half past eight, by that person's clock."""
    zone = clock.zone(who.zone)
    starts_at = slots.wall_time(day.astimezone(zone).date(), time(19, 30), zone)
    return Span(starts_at, starts_at + _HOUR)


def _busy(who: Member, span: Span) -> bool:
    return bool(holds.busy_times([who.user_id], since=span.starts_at, until=span.ends_at))
