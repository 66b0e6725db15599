"""Addresses that answers come back to: nobody can make one, and each says one thing."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.scheduling.models import Part
from mentorship.scheduling.replies import addresses
from mentorship.scheduling.replies.addresses import Claim

HERE, THERE = UUID(int=1), UUID(int=2)
CLAIM = Claim(HERE, UUID(int=77), Part.MENTOR, 3)


@pytest.fixture(scope="module")
def reading(settings):
    return replace(settings, mail_in="pipe")


def back(line, reading, chapters=(THERE, HERE)):
    return addresses.read([line], chapter_ids=chapters, settings=reading)


@given(
    chapter=st.sampled_from([HERE, THERE]),
    meeting=st.uuids(),
    part=st.sampled_from(Part),
    sequence=st.one_of(st.none(), st.integers(0, 254)),
)
def test_says_again_what_was_put_in(reading, chapter, meeting, part, sequence):
    claim = Claim(chapter, meeting, part, sequence)
    written = addresses.address(claim, settings=reading)

    assert back(f"Somebody <{written}>", reading) == claim
    assert back(written.upper(), reading) == claim
    assert len(written.split("@")[0]) <= 64


def test_there_is_none_where_no_mail_is_read(settings):
    assert addresses.address(CLAIM, settings=settings) == ""


def test_is_good_in_its_own_chapter_alone(reading):
    assert back(addresses.address(CLAIM, settings=reading), reading, [THERE]) is None


@pytest.mark.parametrize("place", range(10, 54))
def test_one_letter_changed_makes_it_nobodys(reading, place):
    written = addresses.address(CLAIM, settings=reading)
    other = "b" if written[place] != "b" else "c"
    broken = written[:place] + other + written[place + 1 :]

    claim = back(broken, reading)

    # The last letter holds bits that say nothing.
    assert claim is None or (place == 52 and claim == CLAIM)


def test_outlives_a_new_secret_as_long_as_the_old_one_is_known(reading):
    written = addresses.address(CLAIM, settings=reading)
    renewed = replace(reading, secret_key="another secret of the same kind, for tests")

    assert back(written, renewed) is None
    assert back(written, replace(renewed, secret_key_fallbacks="x" * 40)) is None
    known = replace(reading, secret_key="n" * 40, secret_key_fallbacks="o" * 40)
    old = replace(reading, secret_key="o" * 40)
    assert back(addresses.address(CLAIM, settings=old), known) == CLAIM
