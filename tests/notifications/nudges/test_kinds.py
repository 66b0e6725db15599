"""What is due to whom: each kind by its rule, and nobody who is to be left in peace."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from mentorship.foundation.database import db, uuid7
from mentorship.notifications.nudges.kinds import check_in, first_meeting, pairs, quiet
from mentorship.notifications.nudges.registry import KINDS
from mentorship.relationships import conflicts
from mentorship.relationships.models import ActionItem, Pairing, PairingState
from mentorship.relationships.rhythm import FIRST_MEETING, GRACE
from mentorship.scheduling.models import AgendaItem, MeetingState
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make
from tests.conftest import MONDAY_NOON

NOW = MONDAY_NOON
TODAY = NOW.date()
DAY = timedelta(days=1)
#: Of a career pairing, the cadence is 120 days.
CADENCE = timedelta(days=120)
MENTEE = pairs.Side(uuid7(), uuid7(), "Sol Adair", "America/Chicago")
MENTOR = pairs.Side(uuid7(), uuid7(), "Dr. Mara Quist", "Asia/Tokyo")


@pytest.fixture
def due(inside, lakeside):
    """Who would be reminded of what: `{(kind, member_id)}`."""

    def due(now: datetime = NOW) -> set:
        with inside(lakeside):
            return {
                (name, one.member_id) for name, kind in KINDS.items() for one in kind.find(now=now)
            }

    return due


@pytest.fixture
def change(inside, lakeside):
    def change(model, **values) -> None:
        with inside(lakeside):
            db.session.execute(update(model).values(**values))

    return change


@pytest.fixture
def everything(mara, sol, inside, now):
    """Two pairings, of which every kind of reminder is due; the ids that are needed."""
    new = make.pairing(mara, sol, Kind.CONTENT, began_at=NOW - 25 * DAY)
    old = make.pairing(
        mara,
        sol,
        Kind.CAREER,
        state=PairingState.ACTIVE,
        last_contact_on=TODAY - CADENCE - GRACE - DAY,
        began_at=NOW - timedelta(days=300),
    )
    late = make.pairing(
        *(mara, sol, Kind.APPLICATION),
        state=PairingState.ACTIVE,
        last_contact_on=TODAY - timedelta(days=45),
        began_at=NOW - timedelta(days=300),
    )
    soon = make.pairing(mara, sol, Kind.WELLNESS, state=PairingState.ACTIVE)
    meeting_id = make.meeting(mara, sol, soon, starts_at=NOW + timedelta(hours=20))
    with inside(sol):
        for owner in (sol, mara):
            db.session.add(
                ActionItem(
                    pairing_id=old, owner_id=owner.id, what="Draft", due_on=TODAY, created_at=NOW
                )
            )
    return {"new": new, "old": old, "late": late, "soon": soon, "meeting": meeting_id}


def test_each_thing_is_due_to_whoever_can_act_on_it(everything, due, mara, sol):
    assert due() == {
        ("first_meeting", sol.id),
        ("check_in", sol.id),
        ("agenda", sol.id),
        ("action_item", sol.id),
        ("action_item", mara.id),
        ("quiet", sol.id),
        ("quiet", mara.id),
    }


@pytest.mark.parametrize("state", [PairingState.PROPOSED, PairingState.PAUSED])
def test_a_pairing_that_rests_or_waits_reminds_nobody(everything, due, change, state):
    change(Pairing, state=state)

    assert due() == set()


@pytest.mark.parametrize("state", [PairingState.ENDED, PairingState.COMPLETED])
def test_a_pairing_that_is_over_reminds_nobody(everything, due, change, state):
    change(Pairing, state=state, ended_at=NOW)

    assert due() == set()


def test_who_left_is_not_reminded_nor_is_anybody_of_them(everything, due, inside, mara, sol):
    for who in (mara, sol):
        with inside(who):
            everybody = update(Membership).values(left_at=None)
            db.session.execute(everybody)
            db.session.execute(everybody.where(Membership.id == who.id).values(left_at=NOW))
        assert due() == set()


@pytest.mark.parametrize("turned", [False, True])
def test_whom_a_block_parts_are_not_reminded_of_each_other(
    everything, due, inside, mara, sol, turned
):
    one, other = (mara, sol) if turned else (sol, mara)
    with inside(sol):
        conflicts.block(other=other, by=one, now=NOW)

    assert due() == set()


def test_nor_are_two_whom_somebody_else_keeps_apart(everything, due, inside, mara, sol, cora):
    with inside(cora):
        conflicts.separate(one=mara, other=sol, by=cora, now=NOW)

    assert due() == set()


def test_a_meeting_that_is_booked_or_asked_for_is_contact_enough(everything, due, mara, sol):
    for day, name, state in (
        (4, "new", MeetingState.REQUESTED),
        (5, "old", MeetingState.ACCEPTED),
        (6, "late", MeetingState.REQUESTED),
    ):
        starts_at = NOW + timedelta(days=day)
        make.meeting(mara, sol, everything[name], starts_at=starts_at, state=state)

    assert {kind for kind, _ in due()} == {"agenda", "action_item"}


def test_an_agenda_with_one_line_by_either_is_not_blank(everything, due, inside, mara):
    with inside(mara):
        db.session.add(
            AgendaItem(meeting_id=everything["meeting"], by_id=mara.id, position=1, what="Hello")
        )

    assert "agenda" not in {kind for kind, _ in due()}


def test_the_agenda_is_asked_for_from_a_day_before_until_half_an_hour(everything, due, sol):
    start = NOW + timedelta(hours=20)
    late, minute = timedelta(minutes=30), timedelta(minutes=1)

    for at, expected in (
        (start - DAY - minute, False),
        (start - DAY, True),
        (start - late - minute, True),
        (start - late, False),
    ):
        assert (("agenda", sol.id) in due(at)) is expected, at


@pytest.mark.parametrize("done", ["done_at", "dropped_at"])
def test_an_item_that_is_done_or_dropped_is_not_asked_for(everything, due, change, done):
    change(ActionItem, **{done: NOW})

    assert "action_item" not in {kind for kind, _ in due()}


def test_an_item_is_due_from_the_morning_of_its_day_where_its_owner_is(
    lakeside, inside, due, sol, now
):
    tokyo = make.mentor(lakeside, "Dr. Tokyo", zone="Asia/Tokyo")
    pairing_id = make.pairing(tokyo, sol, state=PairingState.ACTIVE, last_contact_on=TODAY)
    with inside(sol):
        for owner in (tokyo, sol):
            db.session.add(
                ActionItem(
                    pairing_id=pairing_id,
                    owner_id=owner.id,
                    what="Draft",
                    due_on=date(2026, 3, 10),
                    created_at=NOW,
                )
            )

    in_tokyo, in_chicago = (
        datetime(2026, 3, 9, 15, tzinfo=UTC),
        datetime(2026, 3, 10, 5, tzinfo=UTC),
    )
    assert due(in_tokyo - timedelta(minutes=1)) == set()
    assert due(in_tokyo) == {("action_item", tokyo.id)}
    assert due(in_chicago - timedelta(minutes=1)) == {("action_item", tokyo.id)}
    assert due(in_chicago) == {("action_item", tokyo.id), ("action_item", sol.id)}


def test_what_is_found_for_one_is_what_is_found_for_all(everything, inside, mara, sol):
    for who in (mara, sol):
        for kind in KINDS.values():
            with inside(who):
                theirs = [one for one in kind.find(now=NOW) if one.member_id == who.id]
                alone = [
                    one for one in kind.find(now=NOW, member_id=who.id) if one.member_id == who.id
                ]
            assert theirs == alone


days = st.dates(date(2025, 1, 1), date(2027, 1, 1))
pair_facts = st.builds(
    pairs.Pair,
    id=st.just(MENTEE.member_id),
    kind=st.sampled_from(Kind),
    stage=st.none() | st.sampled_from(Stage),
    state=st.sampled_from(pairs.GOING),
    began_at=st.just(datetime(2025, 6, 1, 12, tzinfo=UTC)),
    last_contact_on=st.none() | days,
    agreed_at=st.none()
    | days.map(lambda day: datetime(day.year, day.month, day.day, 15, tzinfo=UTC)),
    asked=st.booleans(),
    mentee=st.just(MENTEE),
    mentor=st.just(MENTOR),
)
instants = st.datetimes(datetime(2025, 6, 1), datetime(2027, 6, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)


@given(pair=pair_facts, now=instants)
def test_of_one_pairing_at_most_one_thing_is_due_to_each_of_the_two(pair, now):
    mentees = [first_meeting.due(pair, now=now), check_in.due(pair, now=now)]
    mentees.append(quiet.due(pair, pair.mentee, now=now))
    found = [one for one in mentees if one]
    mentors = quiet.due(pair, pair.mentor, now=now)

    assert len(found) <= 1
    for one in [*found, *([mentors] if mentors else [])]:
        assert one.due_at <= now < one.lapses_at
        assert not pair.asked
        assert pair.agreed_at is None or pair.agreed_at < now
    if mentors:  # who hear nothing before the grace of the mentee's own check-in is over
        check_in_due = pairs.morning(pair.due_on(MENTOR.zone), MENTOR.zone)
        assert now - check_in_due >= GRACE - timedelta(hours=1)  # which daylight saving may take


@given(now=instants)
def test_a_first_meeting_is_recalled_after_three_weeks_and_not_before(now):
    pair = pairs.Pair(
        *(MENTEE.member_id, Kind.CAREER, Stage.M3, PairingState.ACCEPTED),
        *(datetime(2025, 6, 1, 12, tzinfo=UTC), None, None, False, MENTEE, MENTOR),
    )
    first = pairs.morning(date(2025, 6, 1) + FIRST_MEETING, MENTEE.zone)

    assert bool(first_meeting.due(pair, now=now)) == (first <= now < first + first_meeting.LAPSES)
