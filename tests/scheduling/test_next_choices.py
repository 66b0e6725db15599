"""Whom to ask next, chosen beforehand: it goes out by itself, once, and the student is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.accounts import users
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts
from mentorship.scheduling import meetings, next_choices, rules
from mentorship.scheduling.models import AgendaItem, Meeting
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, deeds, mine

THREE_DAYS = timedelta(hours=72)


@pytest.fixture
def ona(lakeside):
    return make.mentor(lakeside, "Dr. Ona Reyes", hours=make.WEEKDAYS, places=1)


@pytest.fixture
def asked(ona, mara, sol, now):
    return ask(mara, sol, now=now, questions=["Which one would you drop?"])


@pytest.fixture
def choose(asked, sol, now, inside):
    def choose(mentor, by=sol):
        with inside(by):
            next_choices.choose(mine(asked, by), mentor_id=mentor.id, by=by, now=now)

    return choose


@pytest.fixture
def decline(asked, mara, now, inside):
    def decline():
        with inside(mara):
            meetings.decline(mine(asked, mara), by=mara, now=now)

    return decline


@pytest.fixture
def requests_to(inside):
    def requests_to(mentor):
        with inside(mentor):
            # At one moment, the id says which came first.
            to = select(Meeting).where(Meeting.mentor_id == mentor.id)
            of = to.order_by(Meeting.asked_at, Meeting.id)
            return list(db.session.scalars(of))

    return requests_to


def test_goes_out_with_the_same_words_once_the_request_was_declined(
    ona, asked, sol, choose, decline, requests_to, work, tray, inside, now
):
    choose(ona)
    decline()
    work()
    with inside(sol):
        next_choices.go_on(asked, now=now)  # done twice, it is done once

    [one] = requests_to(ona)
    assert (one.state, one.starts_at, one.minutes) == ("requested", WEDNESDAY_AT_TWO, 25)
    assert one.purpose == "Academic or community: how did you decide?"
    with inside(sol):
        line = select(AgendaItem.what).where(AgendaItem.meeting_id == one.id)
        assert list(db.session.scalars(line)) == ["Which one would you drop?"]
        assert "next.asked" in deeds(asked)
    told = [str(mail["Subject"]) for mail in tray.to(sol.email)]
    assert "Dr. Ona Reyes is asked for Wed, Mar 4, 2:00 PM CST" in told
    assert any("As you chose, Dr. Ona Reyes is asked next." in words(m) for m in tray.to(sol.email))


def test_goes_out_when_nobody_answers_too(ona, choose, requests_to, work, at, now):
    choose(ona)
    work()
    work(until=at(now + THREE_DAYS))

    assert [one.state for one in requests_to(ona)] == ["requested"]


def test_takes_the_free_time_nearest_to_the_one_that_was_asked_for(
    ona, lakeside, choose, decline, requests_to, work, now
):
    users.set_places(ona.user_id, places=2)
    db.session.commit()
    ask(ona, make.student(lakeside), now=now, minutes=30)
    choose(ona)
    decline()
    work()

    assert requests_to(ona)[-1].starts_at == WEDNESDAY_AT_TWO - HALF_AN_HOUR


def test_nothing_goes_out_where_nobody_was_chosen_or_the_student_withdrew(
    ona, asked, sol, choose, requests_to, work, inside, now
):
    choose(ona)
    with inside(sol):
        meetings.withdraw(mine(asked, sol), by=sol, now=now)
    work()

    assert requests_to(ona) == []


def test_the_next_one_does_not_go_on_by_itself_again(
    ona, choose, decline, requests_to, work, inside, now
):
    choose(ona)
    decline()
    work()
    [one] = requests_to(ona)
    with inside(ona):
        meetings.decline(mine(one.id, ona), by=ona, now=now)
    work()

    assert len(requests_to(ona)) == 1


@pytest.mark.parametrize("full", ["places", "requests", "apart", "time"])
def test_what_holds_for_a_request_holds_for_this_one(
    ona, asked, lakeside, sol, choose, decline, requests_to, work, tray, inside, now, full
):
    choose(ona)
    if full == "places":
        users.set_places(ona.user_id, places=0)
        db.session.commit()
    elif full == "requests":
        for _ in range(2):
            ask(
                make.mentor(lakeside, hours=make.WEEKDAYS),
                sol,
                now=now,
                starts_at=WEDNESDAY_AT_TWO + timedelta(days=_ + 1),
            )
        with inside(sol):
            elsewhere = make.mentor(lakeside, hours=make.WEEKDAYS)
        decline()
        ask(elsewhere, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=5))
    elif full == "apart":
        with inside(ona):
            conflicts.block(other=sol, by=ona, now=now)
    else:
        make.limit(ona, horizon_days=7, notice_hours=168 - 1)
    if full != "requests":
        decline()
    work()

    assert requests_to(ona) == []
    assert "Dr. Ona Reyes could not be asked" in [str(m["Subject"]) for m in tray.to(sol.email)]


def test_only_who_asked_chooses_and_only_while_it_waits(ona, mara, choose, decline):
    with pytest.raises(NotYours):
        choose(ona, by=mara)
    decline()
    with pytest.raises(rules.Settled):
        choose(ona)


def test_only_somebody_who_takes_the_kind_and_has_a_place_can_be_chosen(lakeside, mara, choose):
    for wrong in (
        mara,
        make.mentor(lakeside, places=0, hours=make.WEEKDAYS),
        make.student(lakeside),
    ):
        with pytest.raises(next_choices.NotAmongThem):
            choose(wrong)


def test_mentors_they_have_come_first(ona, lakeside, asked, sol, inside, now):
    theirs = make.mentor(lakeside, "Dr. Zed Last", hours=make.WEEKDAYS, places=1)
    make.pairing(theirs, sol, Kind.CAREER)
    with inside(sol):
        found = next_choices.candidates(mine(asked, sol), now=now)
    assert [one.name for one in found] == ["Dr. Zed Last", "Dr. Ona Reyes"]


class TestThePage:
    @pytest.fixture
    def page(self, asked):
        return f"/c/lakeside/meetings/{asked}/ask-next"

    def test_is_found_from_the_request_and_keeps_the_choice(
        self, ona, asked, sol, page, sign_in, inside
    ):
        client = sign_in(sol)
        assert page in client.get(f"/c/lakeside/meetings/{asked}").text
        assert "Dr. Ona Reyes" in client.get(page).text
        assert client.post(page, data={"mentor": str(ona.id)}).status_code == 303
        with inside(sol):
            assert next_choices.chosen(asked) == ona.id
        shown = client.get(page).text
        assert f'value="{ona.id}" checked' in shown
        assert client.post(page, data={"mentor": ""}).status_code == 303
        with inside(sol):
            assert next_choices.chosen(asked) is None

    def test_takes_nobody_who_is_not_on_it(self, asked, mara, sol, page, sign_in):
        for wrong in (str(mara.id), "x"):
            answer = sign_in(sol).post(page, data={"mentor": wrong})
            assert answer.status_code == 422
            assert "Choose somebody from the list." in answer.text

    def test_is_the_students_own(self, lakeside, mara, odd, page, sign_in):
        for who in (mara, odd, make.student(lakeside)):
            assert sign_in(who).get(page).status_code in (403, 404)

    def test_says_so_once_there_is_nothing_to_choose(self, sol, page, decline, sign_in):
        decline()
        assert "There is nothing to choose" in sign_in(sol).get(page).text
        assert sign_in(sol).post(page, data={"mentor": ""}).status_code == 409

    def test_stays_within_its_statements(self, sol, page, sign_in, statements):
        client = sign_in(sol)
        with statements() as seen:
            client.get(page)
        assert len(seen) <= 8


def test_choosing_twice_leaves_one_deed_and_nobody_can_be_chosen_again(
    ona, asked, sol, choose, inside, now
):
    choose(ona)
    choose(ona)
    with inside(sol):
        next_choices.choose(mine(asked, sol), mentor_id=None, by=sol, now=now)
    with inside(sol):
        assert deeds(asked) == ["meeting.requested", "next.chosen", "next.dropped"]
        assert next_choices.chosen(asked) is None
