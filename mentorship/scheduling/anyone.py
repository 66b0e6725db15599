"""Any mentor who is free: whom of several a time is asked of. Pure: it is handed what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from mentorship.scheduling.picker import Day, Time, Week
from mentorship.scheduling.queries import Bookable, Free
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import surname_title


def of_kind(mentors: Sequence[Bookable], kind: Kind) -> list[Bookable]:
    """Those of them who are paired for this kind."""
    return [one for one in mentors if kind in kinds_of([one])]


def kinds_of(mentors: Sequence[Bookable]) -> list[Kind]:
    """The kinds that these mentors are paired for, in the field's order."""
    there = {pair.kind for one in mentors for pair in one.pairings if not pair.proposed}
    return [kind for kind in Kind if kind in there]


def whom(
    mentors: Sequence[Bookable], free: Mapping[UUID, Free], *, minutes: int
) -> dict[datetime, Bookable]:
    """When any of them is free for so long, in order, and who is to be asked then.

    Of several it is who has the fewest meetings ahead, then who was not met for longest.
    """

    def turn(one: Bookable) -> tuple[int, date, str]:
        met = max((pair.last_contact_on or date.min for pair in one.pairings), default=date.min)
        return free[one.member.id].load, met, one.member.name

    asked: dict[datetime, Bookable] = {}
    for one in sorted((one for one in mentors if minutes in one.lengths), key=turn):
        for at in free[one.member.id].starts:
            asked.setdefault(at, one)
    return dict(sorted(asked.items()))


def named(week: Week, asked: Mapping[datetime, Bookable]) -> Week:
    """The picker's week, with the mentor's name at each of its times, where there are several."""
    several = len({one.member.id for one in asked.values()}) > 1

    def with_name(time: Time) -> Time:
        one = asked[datetime.fromisoformat(time.value)]
        name = surname_title(one.member.name)
        return Time(
            f"{time.value}~{one.member.id}",
            f"{time.label}, {name}" if several else time.label,
            f"{time.say} with {name}",
            f"{time.short} with {name}",
        )

    days = tuple(Day(*day[:2], tuple(with_name(time) for time in day.times)) for day in week.days)
    return replace(week, days=days, chosen=with_name(week.chosen) if week.chosen else None)
