from datetime import UTC, date, datetime, timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.insights import duties, pairs
from mentorship.insights.timeline import timeline
from mentorship.insights.timeline.sources import PAGE, Sort
from mentorship.insights.timeline.wording import TASTE, Stop
from mentorship.relationships.models import ActionItem, CheckIn, Pairing, PairingState
from mentorship.scheduling.models import Meeting, MeetingState
from tests import make

DAY = timedelta(days=1)
BEGAN = datetime(2026, 1, 5, 15, tzinfo=UTC)


def of(inside, pairing_id, member, now) -> list[Stop]:
    with inside(member):
        pair = pairs.my_pair(pairing_id, member=member, now=now)
        items = duties.of_pairing(pairing_id, member=member, now=now)
        return timeline.of(pair, items, member=member, now=now).stops


def titles(stops) -> list[str]:
    return [stop.title for stop in stops]


def check_in(pairing_id, by, on, created_at, words="", how="well") -> CheckIn:
    return CheckIn(
        pairing_id=pairing_id,
        by_id=by.id,
        happened_on=on,
        how=how,
        line=words,
        created_at=created_at,
    )


def test_runs_from_what_is_ahead_to_the_beginning(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, began_at=BEGAN)
    for days in (-40, -10):
        make.meeting(mara, sol, pairing_id, starts_at=now + days * DAY, state=MeetingState.HELD)
    make.meeting(mara, sol, pairing_id, starts_at=now + 3 * DAY)
    with inside(sol):
        db.session.add(check_in(pairing_id, sol, date(2026, 2, 10), now, "Two shifts done."))
        db.session.add(check_in(pairing_id, mara, date(2026, 2, 25), now, how="stuck"))

    stops = of(inside, pairing_id, sol, now)
    assert titles(stops) == [
        "Next meeting",
        "Dr. Quist checked in: stuck",
        "Meeting 2",
        "You checked in: going well",
        "Meeting 1",
        "Paired for career mentoring",
    ]
    assert [stop.look for stop in stops] == ["ahead", "minor", "met", "minor", "met", "minor"]
    assert stops[3].quote == "Two shifts done."
    assert "Sol checked in: going well" in titles(of(inside, pairing_id, mara, now))


def test_a_check_in_comes_after_the_meeting_of_its_day(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, began_at=BEGAN)
    make.meeting(mara, sol, pairing_id, starts_at=now - 10 * DAY, state=MeetingState.HELD)
    with inside(sol):
        # Written down a week later, for the day of the meeting.
        db.session.add(check_in(pairing_id, sol, date(2026, 2, 20), now - 3 * DAY))

    assert titles(of(inside, pairing_id, sol, now))[1:3] == [
        "You checked in: going well",
        "Meeting 1",
    ]


def test_shows_what_is_due_until_something_is_booked(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol, began_at=now - 30 * DAY)
    [first, *_] = of(inside, pairing_id, sol, now)
    assert (first.look, first.title, first.when) == (
        "ahead",
        "First meeting",
        "Was due Sat, Feb 21",
    )
    make.meeting(mara, sol, pairing_id, starts_at=now + DAY)
    assert titles(of(inside, pairing_id, sol, now)) == [
        "Next meeting",
        "Paired for career mentoring",
    ]


def test_tells_each_the_day_of_their_own_calendar(inside, lakeside, sol, now):
    mentor = make.mentor(lakeside, zone="America/New_York")
    pairing_id = make.pairing(mentor, sol, state=PairingState.ACTIVE, began_at=BEGAN)
    # Half past eleven at night in Chicago, before the clocks change, and after.
    for starts_at in (
        datetime(2026, 3, 8, 5, 30, tzinfo=UTC),
        datetime(2026, 3, 9, 4, 30, tzinfo=UTC),
    ):
        make.meeting(mentor, sol, pairing_id, starts_at=starts_at, state=MeetingState.HELD)
    later = datetime(2026, 3, 12, 18, tzinfo=UTC)

    def days(member):
        return [stop.when for stop in of(inside, pairing_id, member, later) if stop.look == "met"]

    assert days(sol) == ["Sun, Mar 8, 25 minutes", "Sat, Mar 7, 25 minutes"]
    assert days(mentor) == ["Mon, Mar 9, 25 minutes", "Sun, Mar 8, 25 minutes"]


def test_says_what_came_to_nothing_and_how_it_ended(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol, began_at=BEGAN)
    for days, state in ((-9, MeetingState.NO_SHOW), (-2, MeetingState.CANCELLED)):
        meeting_id = make.meeting(
            mara,
            sol,
            pairing_id,
            starts_at=now + days * DAY,
            state=MeetingState.CANCELLED,
        )
        with inside(sol):
            meeting = db.session.get(Meeting, (sol.chapter_id, meeting_id))
            meeting.state = state
            meeting.absent = "mentor" if state is MeetingState.NO_SHOW else None
            meeting.settled_at = now - 20 * DAY
    with inside(sol):
        ended = db.session.get(Pairing, (sol.chapter_id, pairing_id))
        ended.state, ended.ended_at = PairingState.COMPLETED, now

    assert titles(of(inside, pairing_id, sol, now)) == [
        "Completed",
        "A meeting was cancelled",
        "The meeting did not take place",
        "Paired for career mentoring",
    ]


def test_carries_the_items_of_each_meeting_and_a_taste_of_its_notes(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, began_at=BEGAN)
    meeting_id = make.meeting(
        mara, sol, pairing_id, starts_at=now - 10 * DAY, state=MeetingState.HELD
    )
    with inside(sol):
        db.session.get(Meeting, (sol.chapter_id, meeting_id)).notes = "word " * 200
        db.session.add_all(
            ActionItem(
                pairing_id=pairing_id,
                meeting_id=of_meeting,
                owner_id=sol.id,
                what=what,
                created_at=now,
            )
            for what, of_meeting in (("Of the meeting", meeting_id), ("Of no meeting", None))
        )
    [met] = [stop for stop in of(inside, pairing_id, sol, now) if stop.look == "met"]

    assert [item.what for item in met.items] == ["Of the meeting"]
    assert len(met.text) <= TASTE
    assert met.text.endswith("word…")


class TestPages:
    def pages(self, inside, pairing_id, member, now, **more) -> list[list[Stop]]:
        found, after = [], ""
        with inside(member):
            pair = pairs.my_pair(pairing_id, member=member, now=now)
            while True:
                page = timeline.of(pair, [], member=member, now=now, after=after, **more)
                found.append(page.stops)
                after = page.after
                if not after:
                    return found

    def test_hold_everything_once_and_in_order(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, began_at=BEGAN)
        with inside(sol):
            # Many of one instant, so that the edge of a page falls between two of them.
            db.session.add_all(
                check_in(pairing_id, sol, date(2026, 2, 1), now, str(number))
                for number in range(2 * PAGE)
            )
            db.session.add_all(
                check_in(pairing_id, mara, date(2026, 1, 6 + number), now, f"day {number}")
                for number in range(20)
            )
        pages = self.pages(inside, pairing_id, sol, now)
        stops = [stop for page in pages for stop in page]

        assert [len(page) for page in pages] == [PAGE + 1, PAGE, 21]
        quotes = [stop.quote for stop in stops if stop.quote]
        assert len(quotes) == len(set(quotes)) == 2 * PAGE + 20
        assert [stop.at for stop in stops] == sorted((stop.at for stop in stops), reverse=True)

    def test_of_one_sort_hold_nothing_else(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, began_at=BEGAN)
        make.meeting(mara, sol, pairing_id, starts_at=now - DAY, state=MeetingState.HELD)
        with inside(sol):
            db.session.add(check_in(pairing_id, sol, date(2026, 2, 1), now))
            db.session.add(
                ActionItem(pairing_id=pairing_id, owner_id=mara.id, what="Write", created_at=now)
            )
        shown = {
            sort: [titles(page) for page in self.pages(inside, pairing_id, sol, now, only=sort)]
            for sort in Sort
        }

        assert shown == {
            Sort.MEETINGS: [["First meeting", "Meeting 1"]],
            Sort.CHECK_INS: [["You checked in: going well"]],
            Sort.ACTION_ITEMS: [["Dr. Quist took on"]],
            Sort.GOALS: [[]],
            Sort.FILES: [[]],
            Sort.CHANGES: [["Paired for career mentoring"]],
        }

    def test_take_one_statement_each(self, inside, mara, sol, now, statements):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, began_at=BEGAN)
        with inside(sol):
            pair = pairs.my_pair(pairing_id, member=sol, now=now)
            with statements() as seen:
                timeline.of(pair, [], member=sol, now=now)
        assert len(seen) == 1

    @pytest.mark.parametrize(
        "after", ["", "x", "_", "2026-03-01T00:00:00_x", "0001-01-01T00:00:00+00:00_", "\0_\0"]
    )
    def test_begin_at_the_top_of_what_is_no_place(self, sign_in, mara, sol, now, after):
        url = f"/c/lakeside/pairings/{make.pairing(mara, sol, began_at=BEGAN)}"
        page = sign_in(sol).get(url, query_string={"after": after, "show": "nothing"})
        assert page.status_code == 200
        assert "Paired for career mentoring" in page.text
