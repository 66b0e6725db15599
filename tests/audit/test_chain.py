"""The chain: whatever is done to what was sealed, it shows, and where it was done first."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.audit import chain
from mentorship.audit.chain import Fault, Harm, Seal, first_fault

CHAIN = UUID(int=7)
SECRET, OLD, FOREIGN = "the secret of now", "the secret before", "somebody else's"
AT = datetime(2026, 3, 2, 18, tzinfo=UTC)

words = st.text(max_size=5)
facts = st.dictionaries(words, st.none() | st.booleans() | st.integers() | words, max_size=3)


@st.composite
def events(draw, *, least: int = 1) -> list[dict]:
    """Events of a chain, each with an id of its own."""
    return [
        {
            "id": UUID(int=number + 1),
            "deed": draw(words),
            "at": AT + timedelta(seconds=draw(st.integers(0, 9))),
            "by_id": draw(st.none() | st.uuids()),
            "about": draw(st.lists(st.uuids(), max_size=2)),
            "facts": draw(facts),
        }
        for number in range(draw(st.integers(least, 6)))
    ]


def sealed(those: list[dict], *, secret: str = SECRET, after: Seal | None = None) -> list[Seal]:
    made: list[Seal] = []
    for event in those:
        last = made[-1] if made else after
        made.append(chain.make(CHAIN, event, after=last, secret=secret, at=AT))
    return made


def fault(seals: list[Seal], those: list[dict], **more) -> Fault | None:
    by_id = {event["id"]: event for event in those}
    links = [(seal, by_id.get(seal.event_id)) for seal in seals]
    return first_fault(CHAIN, links, secrets=more.pop("secrets", [SECRET]), **more)


@given(events())
def test_what_nobody_touched_is_whole(those):
    assert fault(sealed(those), those) is None


@given(events(), st.data())
def test_one_changed_word_is_found_where_it_stands(those, data):
    seals, place = sealed(those), data.draw(st.integers(0, len(those) - 1))
    field = data.draw(st.sampled_from(["deed", "at", "by_id", "about", "facts"]))
    other = {
        "deed": words,
        "at": st.datetimes(timezones=st.just(UTC)),
        "by_id": st.none() | st.uuids(),
        "about": st.lists(st.uuids(), max_size=2),
        "facts": facts,
    }[field]
    value = data.draw(other.filter(lambda new: new != those[place][field]))

    changed = [*those[:place], those[place] | {field: value}, *those[place + 1 :]]

    assert fault(seals, changed) == Fault(place + 1, those[place]["id"], Harm.CHANGED)


@given(events(), st.data())
def test_an_event_that_is_gone_is_missed(those, data):
    place = data.draw(st.integers(0, len(those) - 1))

    left = [*those[:place], *those[place + 1 :]]

    assert fault(sealed(those), left) == Fault(place + 1, those[place]["id"], Harm.REMOVED)


@given(events(least=2), st.data())
def test_an_event_that_is_gone_with_its_seal_leaves_a_gap(those, data):
    seals, place = sealed(those), data.draw(st.integers(0, len(those) - 2))

    left = [*seals[:place], *seals[place + 1 :]]

    assert fault(left, those) == Fault(place + 1, None, Harm.UNSEALED)


@given(events(least=2), st.data())
def test_seals_that_were_numbered_anew_do_not_close_the_gap(those, data):
    seals, place = sealed(those), data.draw(st.integers(0, len(those) - 2))

    left = [*seals[:place], *seals[place + 1 :]]
    anew = [Seal(n, s.event_id, s.at, s.digest, s.mac) for n, s in enumerate(left, 1)]

    assert fault(anew, those) == Fault(place + 1, seals[place + 1].event_id, Harm.CHANGED)


@given(events(least=2), st.data())
def test_two_that_changed_places_are_found(those, data):
    seals = sealed(those)
    place = data.draw(st.integers(0, len(those) - 2))
    other = data.draw(st.integers(place + 1, len(those) - 1))
    one, two = seals[place], seals[other]

    seals[place] = Seal(one.number, two.event_id, two.at, two.digest, two.mac)
    seals[other] = Seal(two.number, one.event_id, one.at, one.digest, one.mac)

    found = fault(seals, those)
    assert found is not None
    assert (found.number, found.harm) == (place + 1, Harm.CHANGED)


@given(events(), st.data())
def test_what_was_sealed_anew_without_the_key_is_found(those, data):
    place = data.draw(st.integers(0, len(those) - 1))
    whole = sealed(those)
    changed = [*those[:place], those[place] | {"deed": "other deed"}, *those[place + 1 :]]

    anew = sealed(changed[place:], secret=FOREIGN, after=whole[place - 1] if place else None)

    found = fault([*whole[:place], *anew], changed)
    assert found == Fault(place + 1, those[place]["id"], Harm.FORGED)


@given(events(), st.data())
def test_what_was_sealed_anew_with_the_key_is_found_by_what_was_written_down(those, data):
    place = data.draw(st.integers(0, len(those) - 1))
    later = data.draw(st.integers(place, len(those) - 1))
    written = {later + 1: sealed(those)[later].digest}
    changed = [*those[:place], those[place] | {"deed": "other deed"}, *those[place + 1 :]]

    anew = sealed(changed)

    assert fault(anew, changed) is None
    assert fault(anew, changed, known=written) == Fault(later + 1, those[later]["id"], Harm.OTHER)


@given(events(), st.data())
def test_an_end_that_was_taken_off_is_found_by_what_was_written_down(those, data):
    seals, left = sealed(those), data.draw(st.integers(0, len(those) - 1))

    found = fault(seals[:left], those, known={len(those): seals[-1].digest})

    assert found == Fault(left + 1, None, Harm.REMOVED)


@given(events(least=2), st.data())
def test_a_seal_of_the_key_before_is_good_beneath_one_of_now(those, data):
    place = data.draw(st.integers(1, len(those) - 1))
    before = sealed(those[:place], secret=OLD)
    after = sealed(those[place:], after=before[-1])

    assert fault([*before, *after], those) is None
    assert fault(before, those, secrets=[SECRET, OLD]) is None
    assert fault(before, those) == Fault(1, those[0]["id"], Harm.FORGED)


@given(events(least=2), st.data())
def test_a_chain_goes_on_from_where_it_was_cut(those, data):
    seals, place = sealed(those), data.draw(st.integers(1, len(those) - 1))

    assert fault(seals[place:], those, after=seals[place - 1]) is None
    assert fault(seals[place:], those) == Fault(1, None, Harm.UNSEALED)


def test_a_chain_of_one_chapter_is_none_of_another():
    event = {"id": UUID(int=1), "deed": "some.done"}
    links = [(chain.make(CHAIN, event, after=None, secret=SECRET, at=AT), event)]

    assert first_fault(CHAIN, links, secrets=[SECRET]) is None
    assert first_fault(UUID(int=8), links, secrets=[SECRET]) is not None


def test_an_instant_is_the_same_in_every_zone():
    there = AT.astimezone(ZoneInfo("America/Chicago"))

    assert chain.plainly({"at": there}) == chain.plainly({"at": AT})


def test_what_cannot_be_written_plainly_is_refused():
    with pytest.raises(TypeError, match="no way to write a set"):
        chain.plainly({1, 2})
