"""A student in Kolkata and a mentor on night shifts in New York, while New York's clocks change.

What is offered is held against the rules read minute by minute on the two clocks, and the verb
against what is offered.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import dates, hours, meetings, picker, queries, rules
from mentorship.scheduling.feeds import rest
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds, Shift
from mentorship.scheduling.feeds.models import Feed, FeedState, FeedTime
from mentorship.scheduling.feeds.rest import Rest, Worked
from mentorship.scheduling.slots import Away, Opening, Span, Weekly
from mentorship.tenancy.members import Member
from tests import make
from tests.scheduling.asking import mine, request

NEW_YORK, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: Five days before each change of the clocks: Sunday, March 8, and Sunday, November 1.
SPRING, FALL = datetime(2026, 3, 3, 15, tzinfo=UTC), datetime(2026, 10, 27, 15, tzinfo=UTC)
#: Weekdays in the evening, and past midnight into the nights on which the clocks change.
HOURS = [Weekly(day, time(17), time(20)) for day in range(5)]
LATE = [Weekly(5, time(22), time(4)), Weekly(6, time(14), time(22))]


def keep_calendar(
    who: Member, times: list[tuple[Blocks, Span]], *, now: datetime, read_ago: timedelta = DAY
) -> None:
    """Give somebody a calendar that was read a while ago, with this in it."""
    feed = Feed(
        user_id=who.user_id,
        name="Shifts",
        holds=Holds.SHIFTS,
        all_day=AllDay.IGNORE,
        zone=who.zone,
        created_at=make.LONG_AGO,
        state=FeedState.GOOD,
        read_at=now - read_ago,
        good_until=now - read_ago + 7 * DAY,
    )
    db.session.add(feed)
    db.session.flush()
    db.session.add_all(
        FeedTime(
            user_id=who.user_id,
            feed_id=feed.id,
            blocks=blocks,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            shift=Shift.NIGHT if blocks is Blocks.SHIFT else None,
            seen_at=now,
        )
        for blocks, span in times
    )
    db.session.commit()


def night(day: date) -> Span:
    """A night shift from seven in the evening to seven in the morning, by New York's clock."""
    return Span(
        datetime.combine(day, time(19), NEW_YORK),
        datetime.combine(day + DAY, time(7), NEW_YORK),
    )


@pytest.fixture(params=[SPRING, FALL], ids=["spring", "fall"])
def change(request, at) -> datetime:
    """Now, five days before the clocks change."""
    return at(request.param)


@pytest.fixture
def shifts(change) -> list[Span]:
    """Nights around the change: the last ends on the Saturday before it, the next is after."""
    today = change.astimezone(NEW_YORK).date()
    return [night(today + DAY * after) for after in (1, 2, 3, 7, 8)]


@pytest.fixture
def nia(lakeside, change, shifts, inside) -> Member:
    """A mentor in New York who works those nights."""
    nia = make.mentor(lakeside, "Dr. Nia Walsh", zone="America/New_York")
    make.limit(nia, horizon_days=14, per_day=3)
    resting = rest.around([Worked(each, Shift.NIGHT) for each in shifts], NEW_YORK, Rest())
    times = [(Blocks.SHIFT, each) for each in shifts] + [(Blocks.REST, each) for each in resting]
    dentist = datetime.combine(change.date() + 13 * DAY, time(18), NEW_YORK)
    times.append((Blocks.BUSY, Span(dentist, dentist + 45 * MINUTE)))
    keep_calendar(nia, times, now=change)
    today = change.astimezone(NEW_YORK).date()
    with inside(nia):
        hours.set_weekly(hours=HOURS + LATE, by=nia, now=change)
        dates.open_on(opening=Opening(today + 11 * DAY, time(9), time(11)), by=nia, now=change)
        dates.leave(away=Away(today + 12 * DAY, today + 12 * DAY), by=nia, now=change)
    return nia


@pytest.fixture
def isha(lakeside) -> Member:
    return make.student(lakeside, "Isha Rao", zone="Asia/Kolkata")


def offered(nia: Member, isha: Member, now: datetime, minutes: int = 25) -> list[datetime]:
    card = queries.bookable(nia.id, member=isha)
    return queries.free_starts(card, with_user_id=isha.user_id, minutes=minutes, now=now)


def test_every_time_that_is_offered_keeps_every_rule(nia, isha, shifts, change, inside):
    with inside(isha):
        found = offered(nia, isha, change)

    today = change.astimezone(NEW_YORK).date()
    nights = {each.ends_at.astimezone(NEW_YORK).date() for each in shifts}
    assert len(found) > 40
    for at in found:
        ends = at + 25 * MINUTE
        assert change + DAY <= at < change + 14 * DAY
        assert at.minute % 15 == 0
        for minute in (at + MINUTE * count for count in range(25)):
            there = minute.astimezone(NEW_YORK)
            weekday, clock = there.weekday(), there.time()
            weekly = (
                (weekday < 5 and time(17) <= clock < time(20))
                or (weekday == 5 and clock >= time(22))
                or (weekday == 6 and (clock < time(4) or time(14) <= clock < time(22)))
            )
            extra = there.date() == today + 11 * DAY and time(9) <= clock < time(11)
            assert weekly or extra, there
            assert there.date() != today + 12 * DAY, there
            # The day after a night begins at four in the afternoon.
            assert there.date() not in nights or clock >= time(16), there
        for shift in shifts:
            assert ends <= shift.starts_at - timedelta(hours=2) or at >= shift.ends_at, at
            assert at < shift.ends_at or at >= shift.ends_at + timedelta(hours=12), at


def test_the_night_of_the_change_is_offered_as_its_clock_reads(nia, isha, change, inside):
    with inside(isha):
        found = offered(nia, isha, change, minutes=30)
    sunday = {SPRING: date(2026, 3, 8), FALL: date(2026, 11, 1)}[change]
    read = [
        f"{at.astimezone(NEW_YORK):%H:%M%z}"
        for at in found
        if at.astimezone(NEW_YORK).date() == sunday and at.minute in (0, 30)
    ][:9]

    early = ["00:00-0500", "00:30-0500", "01:00-0500", "01:30-0500", "03:00-0400", "03:30-0400"]
    twice = ["00:00-0400", "00:30-0400", "01:00-0400", "01:30-0400", "01:00-0500", "01:30-0500"]
    if change == SPRING:
        assert read[:6] == early
    else:
        assert read == [*twice, "02:00-0500", "02:30-0500", "03:00-0500"]


def test_what_is_offered_is_what_can_be_asked_for(nia, isha, change, inside):
    """Every quarter of an hour of two weeks: offered or refused, and never both."""
    with inside(isha):
        card = queries.bookable(nia.id, member=isha)
        found = set(offered(nia, isha, change))
        for count in range(16 * 96):
            at = change + count * 15 * MINUTE
            try:
                rules.insist_on_bookable(
                    card,
                    Span(at, at + 25 * MINUTE),
                    mentee_user_id=isha.user_id,
                    by=isha,
                    now=change,
                )
            except Refusal:
                assert at not in found, at
            else:
                assert at in found, at


def test_both_read_the_same_instant_each_on_their_clock(nia, isha, change, inside, sign_in):
    with inside(isha):
        found = offered(nia, isha, change)
        before, after = found[0], found[-1]
        for at in (before, after):
            week = picker.lay_out(
                found,
                minutes=25,
                zone=KOLKATA,
                other=picker.Other("Dr. Walsh", NEW_YORK),
                earliest=change + DAY,
                latest=change + 14 * DAY,
                chosen=at,
            )
            here, there = at.astimezone(KOLKATA), at.astimezone(NEW_YORK)
            assert f"{here:%A}" in week.chosen.say
            assert "IST" in week.chosen.say
            assert f"{there:%-I:%M %p %Z} for Dr. Walsh" in week.chosen.say
        # The clocks of the two are an hour closer, or farther apart, after the change.
        offsets = {at.astimezone(NEW_YORK).utcoffset() for at in (before, after)}
        assert len(offsets) == 2
    page = sign_in(isha).get(f"/c/lakeside/mentors/{nia.id}/ask").text
    assert "Times are yours, Kolkata." in page
    assert "for Dr. Walsh is" in page


def test_a_day_across_the_change_fills_up_by_the_mentors_clock(nia, isha, lakeside, change, inside):
    with inside(isha):
        by_day: dict[date, list[datetime]] = {}
        for at in offered(nia, isha, change):
            by_day.setdefault(at.astimezone(NEW_YORK).date(), []).append(at)
    sunday = {SPRING: date(2026, 3, 8), FALL: date(2026, 11, 1)}[change]
    times = by_day[sunday]
    for at in (times[0], times[len(times) // 2], times[-1]):
        student = make.student(lakeside, zone="Asia/Kolkata")
        with inside(student):
            request(nia, student, now=change, starts_at=at)
    with inside(isha):
        left = {at.astimezone(NEW_YORK).date() for at in offered(nia, isha, change)}
        with pytest.raises(rules.DayFull):
            request(nia, isha, now=change, starts_at=times[len(times) // 4])
    assert left == by_day.keys() - {sunday}


class TestCalendars:
    @pytest.fixture
    def wednesday(self):
        return datetime(2026, 3, 4, 20, tzinfo=UTC)

    def test_that_takes_the_time_after_it_was_shown_is_noticed(
        self, mara, sol, now, inside, wednesday
    ):
        with inside(sol):
            assert wednesday in offered(mara, sol, now)
        keep_calendar(mara, [(Blocks.BUSY, Span(wednesday, wednesday + MINUTE))], now=now)

        with inside(sol):
            assert wednesday not in offered(mara, sol, now)
            with pytest.raises(rules.CalendarBusy):
                request(mara, sol, now=now, starts_at=wednesday)

    def test_that_was_not_read_for_too_long_offers_nothing_and_says_so(
        self, mara, sol, now, inside, wednesday, sign_in
    ):
        keep_calendar(mara, [], now=now, read_ago=8 * DAY)

        with inside(sol):
            assert offered(mara, sol, now) == []
            with pytest.raises(rules.CalendarUnread):
                request(mara, sol, now=now, starts_at=wednesday)
        page = sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}/ask").text
        assert "calendar could not be read" in page
        page = sign_in(mara).get("/c/lakeside/hours").text
        assert "could not be read" in page

    def test_of_the_student_hides_times_but_old_age_does_not(
        self, mara, sol, now, inside, wednesday
    ):
        keep_calendar(
            sol, [(Blocks.BUSY, Span(wednesday, wednesday + MINUTE))], now=now, read_ago=8 * DAY
        )
        with inside(sol):
            found = offered(mara, sol, now)
        assert wednesday not in found
        assert wednesday + DAY in found

    def test_does_not_keep_a_mentor_from_naming_a_time(self, mara, sol, now, inside, wednesday):
        with inside(sol):
            asked = request(mara, sol, now=now, starts_at=wednesday).id
        keep_calendar(mara, [], now=now, read_ago=8 * DAY)
        with inside(mara):
            meetings.propose_other_time(
                mine(asked, mara), starts_at=wednesday + DAY, by=mara, now=now
            )
