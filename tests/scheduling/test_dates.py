"""Dates that differ from the week: hours on one day besides, and time away."""

from datetime import date, time, timedelta

import pytest

from mentorship.scheduling import dates, queries
from mentorship.scheduling.slots import Away, Opening
from tests import make
from tests.scheduling.asking import deeds

#: The tests happen on Monday, March 2, at noon in Chicago.
TODAY = date(2026, 3, 2)
SATURDAY = date(2026, 3, 7)
EVENING = Opening(SATURDAY, time(18), time(21))
NIGHT = Opening(SATURDAY, time(22), time(2))
TRIP = Away(date(2026, 3, 9), date(2026, 3, 20))
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def mine(mara, inside):
    """What Mara has said of single days."""

    def mine() -> tuple[list[Opening], list[Away]]:
        with inside(mara):
            return (
                [*dates.openings_of(mara.user_id).values()],
                [*dates.away_of(mara.user_id).values()],
            )

    return mine


class TestOpenOn:
    def test_is_kept_once_however_often_it_is_said(self, mara, now, inside, mine):
        with inside(mara):
            first = dates.open_on(opening=EVENING, by=mara, now=now)
            assert dates.open_on(opening=EVENING, by=mara, now=now) == first
            assert deeds(mara.id) == ["hours.opened"]
        assert mine() == ([EVENING], [])

    def test_is_offered_to_students_of_every_chapter(self, mara, sol, now, inside):
        elsewhere = make.chapter("hillside")
        there = make.mentor(elsewhere, "Dr. Mara Quist", email=mara.email)
        student = make.student(elsewhere)
        with inside(mara):
            dates.open_on(opening=NIGHT, by=mara, now=now)
        for who, mentor in ((sol, mara), (student, there)):
            with inside(who):
                card = queries.bookable(mentor.id, member=who)
                starts = queries.free_starts(card, with_user_id=who.user_id, minutes=30, now=now)
            local = [at.astimezone(card.zone) for at in starts]
            assert f"{SATURDAY} 22:00" in [f"{at:%Y-%m-%d %H:%M}" for at in local]
            assert f"{SATURDAY + DAY} 01:30" in [f"{at:%Y-%m-%d %H:%M}" for at in local]

    @pytest.mark.parametrize(
        ("opening", "refusal"),
        [
            (Opening(TODAY - DAY, time(9), time(10)), dates.IsOver),
            (Opening(TODAY + timedelta(days=367), time(9), time(10)), dates.TooFarOff),
            (Opening(SATURDAY, time(9), time(9, 9)), dates.TooShort),
        ],
    )
    def test_refuses_what_holds_no_meeting(self, mara, now, inside, mine, opening, refusal):
        with inside(mara), pytest.raises(refusal):
            dates.open_on(opening=opening, by=mara, now=now)
        assert mine() == ([], [])

    def test_has_an_end(self, mara, now, inside, monkeypatch):
        monkeypatch.setattr(dates, "MOST", 2)
        with inside(mara):
            for count in range(2):
                opening = Opening(SATURDAY + count * DAY, time(9), time(10))
                dates.open_on(opening=opening, by=mara, now=now)
            with pytest.raises(dates.TooMany):
                dates.open_on(opening=EVENING, by=mara, now=now)

    def test_forgets_what_is_long_over(self, mara, now, inside, mine):
        with inside(mara):
            dates.open_on(opening=EVENING, by=mara, now=now)
            dates.leave(away=TRIP, by=mara, now=now)
            later = now + timedelta(days=80)
            new = Opening(TODAY + timedelta(days=90), time(9), time(10))
            dates.open_on(opening=new, by=mara, now=later)
        assert mine() == ([new], [])


class TestClose:
    def test_takes_one_back_and_says_which(self, mara, now, inside, mine):
        with inside(mara):
            dates.open_on(opening=NIGHT, by=mara, now=now)
            one = dates.open_on(opening=EVENING, by=mara, now=now)
            assert dates.close(one, by=mara, now=now) == EVENING
            assert dates.close(one, by=mara, now=now) is None
        assert mine() == ([NIGHT], [])

    def test_takes_nobody_elses(self, mara, lakeside, now, inside, mine):
        other = make.mentor(lakeside)
        with inside(mara):
            one = dates.open_on(opening=EVENING, by=mara, now=now)
            away = dates.leave(away=TRIP, by=mara, now=now)
        with inside(other):
            assert dates.close(one, by=other, now=now) is None
            assert dates.come_back(away, by=other, now=now) is None
        assert mine() == ([EVENING], [TRIP])


class TestCopyWeek:
    def test_opens_the_week_after_like_it(self, mara, now, inside, mine):
        with inside(mara):
            for opening in (EVENING, NIGHT, Opening(SATURDAY + WEEK, time(9), time(10))):
                dates.open_on(opening=opening, by=mara, now=now)
            assert dates.copy_week(monday=SATURDAY, by=mara, now=now) == 2
            assert dates.copy_week(monday=SATURDAY, by=mara, now=now) == 0
        assert [(each.day, each.opens.hour) for each in mine()[0]] == [
            (SATURDAY, 18), (SATURDAY, 22),
            (SATURDAY + WEEK, 9), (SATURDAY + WEEK, 18), (SATURDAY + WEEK, 22),
        ]  # fmt: skip

    def test_opens_any_other_week_like_it_day_by_day(self, mara, now, inside, mine):
        with inside(mara):
            dates.open_on(opening=EVENING, by=mara, now=now)
            to = SATURDAY + 3 * WEEK - timedelta(days=2)
            assert dates.copy_week(monday=SATURDAY, to=to, by=mara, now=now) == 1
            assert dates.copy_week(monday=SATURDAY + 3 * WEEK, to=SATURDAY, by=mara, now=now) == 0
        assert [each.day for each in mine()[0]] == [SATURDAY, SATURDAY + 3 * WEEK]

    def test_refuses_a_week_that_is_over(self, mara, now, inside, mine):
        with inside(mara):
            dates.open_on(opening=EVENING, by=mara, now=now)
            with pytest.raises(dates.IsOver):
                dates.copy_week(monday=SATURDAY, to=TODAY - 2 * WEEK, by=mara, now=now)
        assert len(mine()[0]) == 1

    def test_refuses_a_week_that_has_none(self, mara, now, inside):
        with inside(mara), pytest.raises(dates.NothingToCopy):
            dates.copy_week(monday=TODAY, by=mara, now=now)


class TestLeave:
    def test_hides_the_hours_and_openings_in_it(self, mara, sol, now, inside):
        with inside(mara):
            dates.open_on(opening=EVENING, by=mara, now=now)
            dates.leave(away=Away(SATURDAY, SATURDAY + 2 * WEEK), by=mara, now=now)
        with inside(sol):
            card = queries.bookable(mara.id, member=sol)
            starts = queries.free_starts(card, with_user_id=sol.user_id, minutes=30, now=now)
        days = {at.astimezone(card.zone).date() for at in starts}
        assert max(day for day in days if day < SATURDAY) == date(2026, 3, 6)
        assert min(day for day in days if day >= SATURDAY) == date(2026, 3, 23)

    def test_and_coming_back_change_it_once(self, mara, now, inside, mine):
        with inside(mara):
            one = dates.leave(away=TRIP, by=mara, now=now)
            assert dates.leave(away=TRIP, by=mara, now=now) == one
            assert dates.come_back(one, by=mara, now=now) == TRIP
            assert dates.come_back(one, by=mara, now=now) is None
            assert deeds(mara.id) == ["hours.left", "hours.returned"]
        assert mine() == ([], [])

    @pytest.mark.parametrize(
        ("away", "refusal"),
        [
            (Away(TODAY - 9 * DAY, TODAY - DAY), dates.IsOver),
            (Away(TODAY, TODAY + timedelta(days=400)), dates.TooFarOff),
        ],
    )
    def test_refuses_days_that_mean_nothing(self, mara, now, inside, mine, away, refusal):
        with inside(mara), pytest.raises(refusal):
            dates.leave(away=away, by=mara, now=now)
        assert mine() == ([], [])

    def test_may_have_begun_already(self, mara, now, inside, mine):
        with inside(mara):
            dates.leave(away=Away(TODAY - 9 * DAY, TODAY), by=mara, now=now)
        assert len(mine()[1]) == 1


def test_time_away_needs_to_end_after_it_begins():
    assert dates.away(SATURDAY, None, time(9), time(17)) == Away(
        SATURDAY, SATURDAY, time(9), time(17)
    )
    with pytest.raises(dates.EndsFirst):
        dates.away(SATURDAY, None, time(17), time(9))
    with pytest.raises(dates.EndsFirst):
        dates.away(SATURDAY, TODAY)
