"""What people of the demo do besides: a standing meeting, and a session for several."""

from datetime import datetime, time, timedelta

from mentorship.demo.cast import Cast
from mentorship.demo.people import address_book
from mentorship.demo.scripts import Pair
from mentorship.demo.timeline import Script
from mentorship.foundation import clock
from mentorship.relationships.queries import my_pairing_with
from mentorship.scheduling import holds, queries, slots
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import Audience
from mentorship.scheduling.slots import Span
from mentorship.scheduling.standing import series
from mentorship.tenancy.members import Member

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: The first date lies after what the two have booked already.
_FROM = 16 * _DAY
_SEATS, _COME = 4, 5
_TITLE = "Away rotations: what I would do again"
_ABOUT = "Twenty minutes from me, the rest is yours. Bring your list, however rough it is."
_PURPOSE = "Keep an eye on the plan for the year, a little at a time."


def scripts(cast: Cast, pairs: list[Pair], *, now: datetime) -> list[Script]:
    """What was agreed on in the last days: one of each, in the chapter of the leads.

    `pairs` are those of the run; the leads' own meetings are written down, each of them.
    """
    if cast.chapter.slug != "lakeshore":
        return []
    nunez = address_book()[cast.chapter.slug, "Dr. Ximena Núñez"]
    pair = next((pair for pair in pairs if pair.mentor == nunez), pairs[0])
    return [_standing(cast, pair, at=now - 30 * _HOUR), _session(cast, at=now - 26 * _HOUR)]


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


def _lead(cast: Cast, name: str) -> Member:
    return cast[address_book()[cast.chapter.slug, name]]


def _evening(who: Member, day: datetime) -> Span:
    """Half past seven to half past eight, by that person's clock."""
    zone = clock.zone(who.zone)
    starts_at = slots.wall_time(day.astimezone(zone).date(), time(19, 30), zone)
    return Span(starts_at, starts_at + _HOUR)


def _busy(who: Member, span: Span) -> bool:
    return bool(holds.busy_times([who.user_id], since=span.starts_at, until=span.ends_at))
