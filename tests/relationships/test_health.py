"""Health is told from facts, in words; of wellness only that it is alive or needs a hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.relationships import health, rhythm
from mentorship.relationships.health import Facts, Level
from mentorship.relationships.models import UNDER_WAY, PairingState
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def contact(kind=Kind.CAREER, *, last=None, began=200, state=PairingState.ACTIVE, ahead=None):
    return rhythm.Facts(
        kind=kind,
        stage=Stage.M3,
        state=state,
        began_on=TODAY - began * DAY,
        last_contact_on=None if last is None else TODAY - last * DAY,
        next_meeting_on=None if ahead is None else TODAY + ahead * DAY,
    )


def of(of_contact, **more):
    found = health.of(Facts(of_contact, **more), today=TODAY)
    return found.level, found.words


def test_silence_is_told_with_what_was_planned():
    assert of(contact(Kind.APPLICATION, last=63), items_open=3, items_overdue=2) == (
        Level.HAND,
        "No contact for 9 weeks; every 6 weeks was planned. 2 action items are overdue.",
    )


def test_so_is_a_first_meeting_that_never_was():
    assert of(contact(began=36, state=PairingState.ACCEPTED)) == (
        Level.HAND,
        "Paired 5 weeks ago and not met yet; 3 weeks were planned.",
    )


@pytest.mark.parametrize(
    ("facts", "more", "level"),
    [
        (contact(last=10), {}, Level.WELL),
        (contact(last=300, ahead=3), {}, Level.WELL),
        (contact(last=118), {}, Level.WATCH),
        (contact(last=10), {"items_overdue": 1, "items_open": 1}, Level.WATCH),
        (contact(last=10), {"items_open": 4}, Level.WELL),
        (contact(last=10), {"asked_on": TODAY - 2 * DAY}, Level.WELL),
        (contact(last=10), {"asked_on": TODAY - 3 * DAY}, Level.HAND),
        (contact(last=10), {"fit_wants_a_hand": True}, Level.HAND),
        (contact(last=300, state=PairingState.PAUSED), {}, Level.RESTING),
        (
            contact(last=10, state=PairingState.PAUSED),
            {"asked_on": TODAY - 9 * DAY, "items_overdue": 2},
            Level.RESTING,
        ),
    ],
)
def test_each_fact_has_its_level(facts, more, level):
    assert of(facts, **more)[0] is level


days = st.integers(0, 900)
facts = st.builds(
    Facts,
    contact=st.builds(
        contact,
        st.sampled_from(Kind),
        last=st.none() | days,
        began=days,
        state=st.sampled_from(UNDER_WAY),
        ahead=st.none() | days,
    ),
    items_open=st.integers(0, 9),
    items_overdue=st.integers(0, 9),
    asked_on=st.none() | days.map(lambda n: TODAY - n * DAY),
    fit_wants_a_hand=st.booleans(),
)


@given(facts)
def test_wellness_is_one_of_two_sentences_whatever_the_facts(some):
    some = replace(some, contact=replace(some.contact, kind=Kind.WELLNESS))
    found = health.of(some, today=TODAY)

    assert (found.level, found.words) in [
        (Level.HAND, "Needs a hand."),
        (Level.WELL, "Alive."),
    ]


@given(facts)
def test_every_health_is_told_in_whole_sentences(some):
    words = health.of(some, today=TODAY).words

    assert words[0].isupper()
    assert words.endswith(".")
    assert ".." not in words


@given(facts, st.integers(1, 9), st.booleans())
def test_more_trouble_never_looks_like_less(some, more, hand):
    worse = replace(
        some,
        items_open=some.items_open + more,
        items_overdue=some.items_overdue + more,
        fit_wants_a_hand=some.fit_wants_a_hand or hand,
    )
    before, after = (health.of(one, today=TODAY).level for one in (some, worse))

    assert after.rank <= before.rank or before is Level.RESTING


@given(facts)
def test_a_pairing_that_is_quiet_by_its_rhythm_needs_a_hand(some):
    quiet = rhythm.of(some.contact, today=TODAY).health == "quiet"
    if quiet:
        assert health.of(some, today=TODAY).level is Level.HAND
