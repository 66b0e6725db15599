"""No request, form, search or job of one chapter reaches another: tried on random worlds.

The suite tries some hundred examples, the same each time. `make proofs` tries 10,000 new ones.
What an id of the other chapter leads to has to be what its neighbour leads to, which never
existed: the same answer, byte for byte, and the same statements of the database, so that nothing
is told by how long it takes either.
"""

import os
from collections.abc import Callable
from difflib import unified_diff
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import psycopg

from mentorship.foundation import rates
from mentorship.tenancy import queries
from tests.conftest import do_jobs, forgotten
from tests.house.world import KINDS
from tests.security.two_chapters import (
    CANARY,
    TAKE_WORDS,
    Place,
    Two,
    ask,
    make_two,
    neighbour,
    plain,
    reaching,
    shown,
    wrote,
)

PROOFS = int(os.environ.get("PROOFS", "0"))
IN_BOTH = "somebody who is in both"
#: Which chapters there are is no secret, as each has a page to sign in at; an address that leads to
#: one is looked up once in a process, and one that leads to none each time.
LOOKS_FOR_A_SLUG = {str(queries._CHAPTER_ID.compile(dialect=psycopg.dialect()))}
STATES = [(kind, str(state)) for kind, records in KINDS.items() for state in records.states or ()]


class Example(NamedTuple):
    """Numbers are taken modulo how much there is to choose from."""

    who: int
    place: int
    what: int
    fitting: bool
    """Whether the id is of the kind that the place asks for, where there is one."""
    states: dict[str, str]


class Told(NamedTuple):
    """What came of a request."""

    answer: tuple[int, str, str]
    work: list[str]
    wrong: list[str]
    digest: str
    """Of the other chapter afterwards, if anything was written at all."""


EXAMPLES = st.builds(
    Example,
    who=st.integers(0, 1_000),
    place=st.integers(0, 100_000),
    what=st.integers(0, 1_000),
    fitting=st.booleans(),
    states=st.lists(st.sampled_from(STATES), max_size=2).map(dict),
)


@pytest.fixture
def two(app, undone, now, tray, monkeypatch) -> Two:
    monkeypatch.setattr(rates, "insist", lambda *_, **__: None)
    return make_two(app, now=now)


@pytest.fixture
def judge(two, statements, tray) -> Callable[[Example], str]:
    """What is wrong with an example; nothing, when one chapter keeps from the other."""
    places, people, ids = reaching(two.app), list(two.people), list(two.their_ids)
    assert two.every_id_of_theirs

    def tell(who: str, place: Place, both: tuple[str, str], what: str) -> Told:
        """What comes of a request that tells `what`, and what of the other chapter's shows it."""
        with forgotten():
            tray.empty()
            with statements() as work:
                answer = ask(two, who, place, what)
            with answer:
                wrong = ["our mistake"] * (answer.status_code == 500)
                wrong += [word for word in shown(two, answer, what) if not _open(who, place, word)]
                told = plain(answer, both)
            after = ""
            if what == both[1] and wrote(work):
                wrong += ["a job that names it"] * bool(two.jobs_for_them())
                do_jobs()
                after = two.digest()
                to = {str(mail["To"]) for mail in tray.mails}
                wrong += [f"a mail to {one}" for one in two.addresses if one in str(to)]
        return Told(told, [one for one in work if one not in LOOKS_FOR_A_SLUG], wrong, after)

    def judge(example: Example) -> str:
        who = people[example.who % len(people)]
        place = places[example.place % len(places)]
        which = ids[example.what % len(ids)]
        if example.fitting and place.name in ids:
            which = place.name
        if place.name == "chapter_slug" and who == IN_BOTH:
            return ""  # the other one is theirs as well
        both = str(neighbour(two.their_ids[which])), str(two.their_ids[which])
        if place.name == "chapter_slug":
            both = "no-such-chapter", two.there.chapter.slug
        elif place.name in TAKE_WORDS and not example.fitting:
            both = CANARY[::-1], CANARY
        with forgotten():
            two.put(example.states)
            nothing, theirs = (tell(who, place, both, what) for what in both)
            changed = theirs.digest and theirs.digest != two.digest()
        wrong = [*nothing.wrong, *theirs.wrong, *["a row of it changed"] * bool(changed)]
        if nothing.answer != theirs.answer and not _is_a_door(place):
            wrong.append(f"{nothing.answer[:2]}, but {theirs.answer[:2]}, in other words")
        if nothing.work != theirs.work and not _is_a_door(place):
            wrong.append("\n".join(["other statements:", *unified_diff(nothing.work, theirs.work)]))
        told = f"{who}: {place} is {which} ({both[1]}) when {example.states}: "
        return told + "; ".join(wrong) if wrong else ""

    return judge


def test_nothing_of_one_chapter_reaches_the_other(judge):
    @settings(
        max_examples=PROOFS or 300,
        derandomize=not PROOFS,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(example=EXAMPLES)
    def tried(example: Example) -> None:
        assert not judge(example)

    tried()


def _is_a_door(place: Place) -> bool:
    """Whether it is a page at which strangers sign in to a chapter: so it is there for them."""
    return place.name == "chapter_slug" and place.rule.endpoint.startswith("university_doors.")


def _open(who: str, place: Place, word: str) -> bool:
    """Whether a word of the other chapter is for whoever asks.

    Its name is, where it is theirs too, and so is its university's on pages of their own.
    """
    if who == IN_BOTH and not place.rule.rule.startswith("/c/"):
        return word in (f"{CANARY} chapters.name", f"{CANARY} university_providers.name")
    return word == f"{CANARY} chapters.name" and (who == IN_BOTH or _is_a_door(place))
