"""Finding a mentor: the words, the filters, the order, and what it costs."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles import finding, profiles, queries, search
from mentorship.profiles.finding import Wanted
from mentorship.relationships import conflicts
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing
from tests import make
from tests.conftest import MONDAY_NOON

TODAY = date(2026, 3, 2)


def names(reader, inside, wanted=None, **more):
    return [one.name for one in found(reader, inside, wanted, **more).mentors]


def found(reader, inside, wanted=None, **more):
    with inside(reader):
        return finding.find(
            wanted or Wanted(),
            reader=reader,
            mine=queries.my_mentee_profile(reader),
            now=MONDAY_NOON,
            **more,
        )


def index(*mentors, inside):
    with inside(mentors[0]):
        search.index([mentor.id for mentor in mentors])


@pytest.fixture
def three(lakeside, inside, now):
    """Three mentors who differ in everything that can be looked for."""
    ana = make.mentor(
        lakeside,
        "Dr. Ana Núñez-O'Hara",
        offers={Kind.CAREER: (), Kind.CONTENT: ("undersea-hyperbaric",)},
        interests=["airway"],
    )
    bo = make.mentor(
        lakeside,
        "Bo Fitch",
        offers={Kind.APPLICATION: ()},
        interests=["simulation"],
        standing=Standing.RESIDENT,
        places=1,
    )
    cy = make.mentor(
        lakeside,
        "Cy Gant",
        offers={Kind.WELLNESS: ()},
        interests=["pain"],
        standing=Standing.PROFESSIONAL,
        paused=True,
    )
    with inside(ana):
        profiles.change_mentor(by=ana, now=now, title="Toxicologist", institution="St. Anne's")
        profiles.change_mentor(by=bo, now=now, title="PGY-3", story="Ask me about night shifts.")
        search.index([cy.id])
    return ana, bo, cy


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            *("Núñez", "nunez", "NUNEZ", "nun", "o'hara", "O’Hara", "ana", "ana hara"),
            *("toxicologist", "toxicol", "st. anne's", "anne", "Airway", "airways", "air"),
            *("undersea", "hyperbar", "undersea & hyperbaric", "ana airw", '"st anne"'),
            "ana or nobody",
        ],
    )
    def test_find_by_name_title_institution_interest_and_topic(self, sol, three, inside, text):
        assert names(sol, inside, Wanted(text=text)) == ["Dr. Ana Núñez-O'Hara"]

    def test_find_by_story(self, sol, three, inside):
        assert names(sol, inside, Wanted(text="night shift")) == ["Bo Fitch"]

    def test_all_of_them_must_fit(self, sol, three, inside):
        assert names(sol, inside, Wanted(text="ana simulation")) == []

    def test_a_minus_leaves_out(self, sol, three, inside):
        assert names(sol, inside, Wanted(text="-airway")) == ["Bo Fitch"]

    @pytest.mark.parametrize(
        "text",
        [
            *("%", "_", "%ana%", "a_a", "' OR 1=1 --", "\\", "':*", "!", "&", "|", "<->", "(", ")"),
            *("a:*b", "''", '"', '"""', "-", "🙂", "שלום", "x" * 500, "a\x00b".replace("\x00", "")),
            *("²", "½ or", "or", "the", "and"),
        ],
    )
    def test_signs_are_harmless(self, sol, three, inside, text):
        found(sol, inside, Wanted(text=text))

    @given(text=st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40))
    @hypothesis_settings(
        max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    def test_anything_can_be_typed(self, sol, inside, text):
        found(sol, inside, Wanted(text=text))


class TestFilters:
    def test_leave_out_who_is_on_pause_unless_asked(self, sol, three, inside):
        assert names(sol, inside) == ["Bo Fitch", "Dr. Ana Núñez-O'Hara"]
        assert "Cy Gant" in names(sol, inside, Wanted(also_paused=True))

    def test_by_kind(self, sol, three, inside):
        assert names(sol, inside, Wanted(kind=Kind.APPLICATION)) == ["Bo Fitch"]
        assert names(sol, inside, Wanted(kind=Kind.WELLNESS)) == []

    def test_by_standing(self, sol, three, inside):
        near = Wanted(standings=frozenset({Standing.RESIDENT, Standing.FELLOW}))
        assert names(sol, inside, near) == ["Bo Fitch"]

    def test_by_interest_or_content_topic(self, sol, three, inside):
        assert names(sol, inside, Wanted(interest="simulation")) == ["Bo Fitch"]
        topic = Wanted(interest="undersea-hyperbaric")
        assert names(sol, inside, topic) == ["Dr. Ana Núñez-O'Hara"]

    def test_by_places_left_over_every_chapter(self, sol, three, inside):
        bo = three[1]
        harbor = make.chapter("harbor")
        there = make.member(harbor, Role.MENTOR, name="Bo Fitch", email=bo.email)
        assert "Bo Fitch" in names(sol, inside, Wanted(with_places=True))
        make.pairing(there, make.student(harbor))

        assert names(sol, inside, Wanted(with_places=True)) == ["Dr. Ana Núñez-O'Hara"]
        seen = found(sol, inside, Wanted(kind=Kind.APPLICATION)).mentors[0]
        assert (seen.left, seen.taken, seen.places) == (0, 1, 1)

    def test_all_at_once(self, sol, three, inside):
        wanted = Wanted(
            kind=Kind.CONTENT,
            text="ana",
            standings=frozenset({Standing.FACULTY}),
            interest="airway",
            with_places=True,
            also_paused=True,
        )
        for in_common_first in (False, True):
            assert names(sol, inside, wanted, in_common_first=in_common_first) == [
                "Dr. Ana Núñez-O'Hara"
            ]


class TestWhoIsSeen:
    def test_nobody_of_another_chapter(self, sol, mara, odd, inside):
        make.mentor(make.chapter("harbor"), "Dr. Far Away")

        assert names(sol, inside) == ["Dr. Mara Quist"]

    def test_nobody_who_blocked_or_was_blocked(self, lakeside, sol, mara, now, inside):
        ada = make.mentor(lakeside, "Dr. Ada Byrne")
        with inside(sol):
            conflicts.block(other=mara, by=sol, now=now)
            conflicts.block(other=sol, by=ada, now=now)

        assert names(sol, inside) == []
        for kept_apart in (mara, ada):
            with inside(sol), pytest.raises(NotYours):
                finding.mentor(kept_apart.id, reader=sol, now=MONDAY_NOON)

    def test_not_oneself_and_nobody_who_offers_nothing(self, lakeside, inside):
        rhea = make.student(lakeside, "Rhea Lind", roles=[Role.MENTOR])
        make.mentor(lakeside, "Dr. Ada Byrne", offers={})

        assert names(rhea, inside) == []

    def test_what_ties_the_two_and_who_evaluates(self, lakeside, sol, mara, now, inside):
        pairing_id = make.pairing(mara, sol, Kind.CONTENT)
        with inside(mara):
            conflicts.declare_evaluation(
                role="Direct grader", starts_on=TODAY, ends_on=None, mentee=None, by=mara, now=now
            )
        seen = found(sol, inside).mentors[0]

        assert [(tie.kind, tie.pairing_id) for tie in seen.ties] == [(Kind.CONTENT, pairing_id)]
        assert seen.evaluates
        other = make.student(lakeside)
        assert found(other, inside).mentors[0].ties == ()

    def test_what_both_named_in_the_words_on_screen(self, sol, mara, inside):
        with inside(sol):
            mine = queries.my_mentee_profile(sol)

        assert found(sol, inside).mentors[0].shared(mine) == ["Toxicology", "Ultrasound"]


class TestPages:
    @pytest.mark.parametrize("in_common_first", [False, True])
    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 20])
    def test_show_everybody_once(self, lakeside, sol, inside, monkeypatch, limit, in_common_first):
        monkeypatch.setattr(finding, "LIMIT", limit)
        finding._find.cache_clear()
        for number in range(7):  # two share a name, and some share interests
            make.mentor(
                lakeside,
                f"Dr. {'ABBCCDE'[number]} Same",
                interests=["toxicology", "simulation", "pain"][: number % 4],
                offers={Kind.CAREER: ()},
            )
        seen, after = [], None
        while True:
            batch = found(sol, inside, after=after, in_common_first=in_common_first)
            seen += batch.mentors
            assert len(batch.mentors) <= limit
            if not (after := batch.more_after):
                break
        finding._find.cache_clear()

        assert len(seen) == len({one.id for one in seen}) == 7
        with inside(sol):
            mine = queries.my_mentee_profile(sol)
        keys = [(-len(one.shared(mine)) if in_common_first else 0, one.name) for one in seen]
        assert keys == sorted(keys)

    def test_begin_nowhere_after_somebody_unknown(self, sol, mara, odd, inside):
        for after in (uuid4(), odd.id):
            assert names(sol, inside, after=after) == []


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(kind=Kind.CAREER, text="quist")])
def test_the_statement_names_the_chapter_everywhere(sol, mara, statements, inside, wanted):
    index(mara, inside=inside)
    with statements() as seen:
        found(sol, inside, wanted, in_common_first=True, after=mara.id)

    asked = next(one for one in seen if "places_taken_by" in one)
    for table in ("memberships", "mentor_profiles", "offers", "pairings", "blocks"):
        assert f"{table}.chapter_id =" in asked
    db.session.rollback()


def test_counts_read_alone():
    one = finding.Batch([object()])
    assert finding.count_in_words(one, Wanted(kind=Kind.WELLNESS)) == "1 wellness mentor"
    assert finding.count_in_words(finding.Batch(), Wanted()) == "No mentors"
    more = finding.Batch([object()] * 2, uuid4())
    assert finding.count_in_words(more, Wanted()) == "The first 2 mentors"
    assert finding.count_in_words(more, Wanted(), continued=True) == "The next 2 mentors"


class TestWhatTheyKnow:
    def test_narrows_by_language_and_by_setting(self, three, sol, inside, now):
        ana, bo, _ = three
        with inside(ana):
            profiles.change_mentor(by=ana, now=now, details={"languages": ("spanish", "asl")})
            profiles.change_mentor(by=bo, now=now, facets=("rural", "county"))

        assert names(sol, inside, Wanted(language="asl")) == [ana.name]
        assert names(sol, inside, Wanted(setting="rural")) == [bo.name]
        assert names(sol, inside, Wanted(language="asl", setting="rural")) == []

    def test_speaks_for_a_mentor_where_the_student_hopes_for_it(self, three, sol, inside, now):
        ana, *_ = three
        both = {"region": "mountain", "path": "do", "languages": ("asl",), "goals": ("letters",)}
        with inside(sol):
            profiles.change_mentor(by=ana, now=now, details=both)
            nothing = finding.mentor(ana.id, reader=sol, now=MONDAY_NOON)
            assert nothing.reasons(queries.my_mentee_profile(sol)) == [
                "Offers what you look for: career and content",
                "Knows a recent application cycle first hand",
            ]
            hopes = both | {"settings": ("academic", "rural")}
            profiles.change_mentee(by=sol, now=now, details=hopes)
            reasons = finding.mentor(ana.id, reader=sol, now=MONDAY_NOON).reasons(
                queries.my_mentee_profile(sol)
            )

        assert reasons[:5] == [
            "Can help with SLOEs and letters",
            "Works where you hope to: academic",
            "You both speak American Sign Language",
            "Knows the Mountain West, where you hope to train",
            "Trained as you do: DO",
        ]
