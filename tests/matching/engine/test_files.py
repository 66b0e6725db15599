"""What the files of a matching run say, and everything that can be wrong with them."""

import random
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from mentorship.matching.engine import verify
from mentorship.matching.engine.files import cells, report
from mentorship.matching.engine.files.cells import KINDS
from mentorship.matching.engine.files.instance import instance
from mentorship.matching.engine.files.numbers import Scores, Unit
from mentorship.matching.engine.files.reading import Given, Inputs, read
from mentorship.matching.engine.files.tables import BadFiles
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.market import SCALE
from mentorship.matching.engine.settings import FLOORS, Policy
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests.matching.engine import oracle

MENTEES = "mentee_id,kinds\nsol,career;wellness\nzoë,content:ultrasound;application\n"
MENTORS = "mentor_id,kinds,capacity\nmara,career;content;wellness,2\nola,application;wellness,1\n"
SCORES = "mentee_id,mentor_id,kind,score\nsol,mara,career,2.5\nzoë,ola,application,1.125\n"


@pytest.fixture
def files(tmp_path):
    """Write the files of a run; each is text or bytes, by its name."""

    def files(**texts: str | bytes) -> Inputs:
        paths = {}
        for name, text in ({"mentees": MENTEES, "mentors": MENTORS} | texts).items():
            path = tmp_path / f"{name}.{'toml' if name == 'settings' else 'csv'}"
            path.write_bytes(text.encode() if isinstance(text, str) else text)
            paths[name] = path
        return Inputs(**paths)

    return files


@pytest.fixture
def said(files):
    def said(**texts: str | bytes) -> Given:
        return read(files(**texts))

    return said


@pytest.fixture
def wrong(files):
    """What is wrong with these files: `name:line: words`, or without a line."""

    def wrong(**texts: str | bytes) -> list[str]:
        inputs = files(**texts)
        with pytest.raises(BadFiles) as told:
            read(inputs)
        return [str(flaw).replace(f"{inputs.mentees.parent}/", "") for flaw in told.value.flaws]

    return wrong


def rows(given: Given) -> set[tuple[str, str, str, str]]:
    """The scores as a file would have them."""
    scores = given.scores
    columns = zip(scores.mentee, scores.kind, scores.mentor, scores.worth, strict=True)
    return {
        (given.mentee_ids[i], given.mentor_ids[j], KINDS[k].value, given.unit.written(int(worth)))
        for i, k, j, worth in columns
    }


def names(given: Given) -> dict[UUID, str]:
    """The id in the files of everyone in the problem."""
    people = (*given.problem.mentees, *given.problem.mentors)
    written = (*given.mentee_ids, *given.mentor_ids)
    return {one.id: name for one, name in zip(people, written, strict=True)}


class TestPeople:
    def test_ask_for_and_offer_kinds_with_topics(self, said):
        problem = said().problem
        by_name = {names(said())[one.id]: one for one in (*problem.mentees, *problem.mentors)}

        content, application = by_name["zoë"].wants
        assert (content.kind, content.topics) == (Kind.CONTENT, {"ultrasound"})
        assert application.kind is Kind.APPLICATION
        assert not content.any_topic
        assert [offer.any_topic for offer in by_name["mara"].offers] == [False, True, False]
        assert (by_name["mara"].places, by_name["ola"].places) == (2, 1)
        # The file says who offers application mentoring, so they know the cycle.
        assert by_name["ola"].recent_cycle

    def test_may_say_much_more(self, said):
        given = said(
            mentees="Mentee ID,kinds,stage,school,waited,interests,goals,settings,region,path,"
            "languages,affinity,free,blocks\n"
            "sol,career,MS-3,Birch,yes,Toxicology; kites,fellowship,academic,West,DO,es,urim,"
            "mon 18-19:30; tue 7,mara\n",
            mentors="mentor_id,kinds,capacity,capacity_career,capacity_outside,load,paused,standing,"
            "stage,institution,school,recent_cycle,evaluates,stages\n"
            "mara,career,4,1,0,3,no,Faculty,,Birch,Birch,no,sol,M3;M4\n"
            "ola,career,1,,,,yes,,PGY-2,,,,*,\n",
        )
        (sol,) = given.problem.mentees
        mentors = {names(given)[one.id]: one for one in given.problem.mentors}
        mara, ola = mentors["mara"], mentors["ola"]

        assert (sol.stage, sol.school, sol.waited) == (Stage.M3, "Birch", True)
        assert sol.interests == {"toxicology", "kites"}
        assert sol.free == {36, 37, 38, 48 + 14, 48 + 15}
        assert (sol.goals, sol.settings, sol.languages) == ({"fellowship"}, {"academic"}, {"es"})
        assert (sol.region, sol.path, sol.affinity) == ("West", "DO", {"urim"})
        assert given.problem.blocks == {(sol.id, mara.id)}
        assert (mara.offers[0].places, mara.outside_places, mara.load) == (1, 0, 3)
        assert (mara.standing, mara.stages) == (Standing.FACULTY, {Stage.M3, Stage.M4})
        assert mara.evaluates == {sol.id}
        assert not mara.recent_cycle
        assert ola.evaluates_everyone
        assert (ola.paused, ola.standing, ola.stage) == (True, Standing.RESIDENT, Stage.PGY2)

    def test_are_asked_only_about_what_both_files_have(self, said):
        given = said(
            mentees="mentee_id,kinds,interests,goals\nsol,career,,\n",
            mentors="mentor_id,kinds,capacity,interests,region\nmara,career,1,,\n",
        )

        assert given.problem.factors == {Factor.TOPICS, Factor.ROOM, Factor.INTERESTS}

    def test_do_not_depend_on_the_order_of_rows(self, said):
        turned = "\n".join(["mentor_id,kinds,capacity", *reversed(MENTORS.splitlines()[1:])])

        assert said(mentors=turned).problem == said().problem
        assert said(mentors=turned).mentor_ids == said().mentor_ids

    def test_may_be_nobody(self, said):
        assert said(mentees="mentee_id,kinds\n").problem.mentees == ()

    def test_may_come_from_any_spreadsheet(self, said):
        semicolons = '\ufeffMentee-ID;Kinds;Name\r\n\r\nsol;"career;wellness";Sol\r\n;;\r\n'

        given = said(mentees=semicolons)

        assert given.mentee_ids == ("sol",)
        assert [want.kind for want in given.problem.mentees[0].wants] == ["career", "wellness"]
        assert [note.words for note in given.notes] == ["The column “name” is not used."]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_may_have_every_cell_in_quotation_marks(self, said, delimiter):
        rows = [("kinds", "mentee_id"), ("career;wellness", "so, l")]
        text = "".join(delimiter.join(f'"{cell}"' for cell in row) + "\n" for row in rows)

        assert said(mentees=text).mentee_ids == ("so, l",)

    @pytest.mark.parametrize(
        ("mentees", "told"),
        [
            ("", "mentees.csv: The file is empty."),
            (b"\xff\xfem\0", "mentees.csv: The file is UTF-16"),
            (b"PK\x03\x04", "mentees.csv: This is a workbook"),
            ("mentee_id,kind\nsol,career\n", "mentees.csv:1: There is no column kinds."),
            ("mentee_id,kinds,kinds\n", "mentees.csv:1: The column kinds is there twice."),
            (b"mentee_id,kinds\nsol,career\n\xe9,career\n", "mentees.csv:3: Byte 1 (0xe9) is not"),
            (b"mentee_id,kinds\nsol,car\0eer\n", "mentees.csv:2: There is a NUL character"),
            ("mentee_id,kinds\nsol\n", "mentees.csv:2: The cells here number 1"),
            ("mentee_id,kinds\nsol,a,b\n", "mentees.csv:2: The cells here number 3"),
            ('mentee_id,kinds\nsol,career\nx,"y\n\n', "mentees.csv:3: From here on the quotation"),
            ("mentee_id,kinds\n,career\n", "mentees.csv:2: mentee_id: It is missing."),
            (
                "mentee_id,kinds\nsol,\nsol,\n",
                "mentees.csv:3: mentee_id: “sol” is on line 2 already",
            ),
            ("mentee_id,kinds\nsol,wellnes\n", "“wellnes” is not a kind. Did you mean wellness?"),
            ("mentee_id,kinds\nsol,xyz\n", "“xyz” is not a kind. Kinds are career, content,"),
            ("mentee_id,kinds\nsol,career:ems\n", "Only content mentoring has topics"),
            ("mentee_id,kinds,stage\nsol,career,M9\n", "stage: “M9” is not a stage."),
            ("mentee_id,kinds,waited\nsol,career,maybe\n", "waited: “maybe” is neither yes nor no"),
            ("mentee_id,kinds,free\nsol,career,mon 9-8\n", "free: “mon 9-8” is no time of the"),
            ("mentee_id,kinds,blocks\nsol,career,moe\n", "There is no mentor “moe” in "),
        ],
        ids=str,
    )
    def test_are_told_what_is_wrong_by_line(self, wrong, mentees, told):
        (flaw,) = wrong(mentees=mentees)

        assert told in flaw

    def test_have_quotas_for_other_schools(self, said):
        given = said(mentors="mentor_id,kinds,capacity,capacity_outside\nmara,career,4,2\n")

        # Where no school is stated, nobody is of another.
        assert given.problem.mentors[0].outside_places == 2
        assert instance(given).market.quotas is None

    def test_name_the_quota_that_pairs_break(self, files):
        made = instance(
            read(
                files(
                    mentees="mentee_id,kinds,school\nsol,career,Cedar\nrio,career,\n",
                    mentors="mentor_id,kinds,capacity,capacity_outside,school\n"
                    "mara,career,4,1,Lakeshore\n",
                )
            )
        )

        (breach,) = verify.check_pairs(made.market, made.market.possible.every())

        assert made.words(breach) == "“mara” has more mentees of other schools than places (1)."

    @pytest.mark.parametrize("capacity", ["", "-1", "1.5", "two", "nan", "1e3", "10000000"])
    def test_have_whole_numbers_of_places(self, wrong, capacity):
        (flaw,) = wrong(mentors=f"mentor_id,kinds,capacity\nmara,career,{capacity}\n")

        assert flaw.startswith("mentors.csv:2: capacity: ")

    def test_are_told_everything_at_once_in_the_order_of_the_files(self, wrong):
        flaws = wrong(
            mentees="mentee_id,kinds\nsol,carer\nsol,x\n",
            mentors="mentor_id,kinds,capacity\nmara,wellness,-2\n",
            scores="mentee_id,mentor_id,kind,score\nsole,mara,career,-1\nsol,mara,careers,nan\n",
            settings="polcy = 'best'\nseed = -1\n",
        )

        assert [flaw[: flaw.index(" ")] for flaw in flaws] == [
            *("mentees.csv:2:", "mentees.csv:3:", "mentees.csv:3:", "mentors.csv:2:"),
            *("scores.csv:2:", "scores.csv:2:", "scores.csv:3:", "scores.csv:3:"),
            *("settings.toml:1:", "settings.toml:2:"),
        ]

    def test_cannot_be_read_from_a_file_that_is_not_there(self, files, tmp_path):
        with pytest.raises(BadFiles, match="cannot be read: No such file"):
            read(Inputs(tmp_path / "none.csv", files().mentors))


class TestScores:
    def test_replace_what_would_be_computed(self, said):
        assert rows(said(scores=SCORES)) == {
            ("sol", "mara", "career", "2.5"),
            ("zoë", "ola", "application", "1.125"),
        }

    def test_have_a_unit_of_their_own(self, said):
        given = said(scores=SCORES)

        assert (given.unit, given.settings.point) == (Unit(3), 1000)
        assert (given.settings.floors, given.settings.own_best) == ((), False)
        assert said().settings.floors == FLOORS
        assert said().settings.point == SCALE // 100

    def test_may_name_a_topic(self, said):
        given = said(scores=SCORES.replace("sol,mara,career", "sol,mara,content:ems"))

        assert ("sol", "mara", "content", "2.5") in rows(given)

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ("sal,mara,career,1", "There is no mentee “sal” in "),
            ("sol,mare,career,1", "Did you mean mara?"),
            (",mara,career,1", "The mentee_id is missing."),
            ("sol,mara,carer,1", "“carer” is not a kind. Did you mean career?"),
            ("sol,mara,,1", "The kind is missing."),
            ("sol,mara,wellness,-0.5", "The score “-0.5” is negative."),
            ("sol,mara,wellness,NaN", "The score “NaN” is not a number."),
            ("sol,mara,wellness,inf", "The score “inf” is not a number."),
            ("sol,mara,wellness,1_0", "The score “1_0” is not a number."),
            ("sol,mara,wellness,", "The score is missing."),
            ('sol,mara,wellness,"1,5"', "Write the decimals after a point."),
            ("sol,mara,career,3", "This pair and kind is on line 2 already."),
        ],
    )
    def test_are_told_what_is_wrong_by_line(self, wrong, row, told):
        (flaw,) = wrong(scores=SCORES + row)

        assert flaw.startswith("scores.csv:4: ")
        assert told in flaw

    def test_that_are_too_great_for_the_solver_are_told_by_line(self, wrong):
        (flaw,) = wrong(scores=SCORES + "sol,mara,wellness,1e17\n")

        assert flaw.startswith("scores.csv:4: The score is too great: with so many people it may")

    @pytest.mark.parametrize("people", [(3, 2), (40, 12)])
    def test_of_any_program_can_be_solved(self, said, people):
        """Floats are written with more decimals than costs in whole numbers leave room for."""
        lots = random.Random(1)
        mentees, mentors = map(range, people)
        kinds = [kind.value for kind in KINDS]
        given = said(
            mentees="mentee_id,kinds,waited,priority\n"
            + "".join(
                f"a{one},{';'.join(kinds)},{lots.choice(['yes', 'no'])},{lots.randint(0, 5)}\n"
                for one in mentees
            ),
            mentors="mentor_id,kinds,capacity,capacity_career\n"
            + "".join(f"b{one},{';'.join(kinds)},4,1\n" for one in mentors),
            scores="mentee_id,mentor_id,kind,score\n"
            + "".join(
                f"a{one},b{other},{kind},{100 * lots.random()}\n"
                for one in mentees
                for other in mentors
                for kind in kinds
            ),
        )

        judged = report.solved(instance(given))

        assert given.rounded
        assert given.unit.decimals >= 7
        assert judged.solution.proven

    @each(st.lists(st.decimals(0, 10**6, places=6), min_size=1))
    def test_are_kept_exactly(self, numbers):
        column = Scores()

        assert column.take([f"{number:f}" for number in numbers]) == []
        worths, unit, rounded = column.whole(most=2**60)

        assert not rounded
        assert [unit.shown(int(worth)) for worth in worths] == numbers

    @pytest.mark.parametrize(
        ("cell", "number"),
        [("007", 7), (".5", "0.5"), ("5.", 5), ("1e3", 1000), ("2.5E-2", "0.025"), ("-0", 0)],
    )
    def test_may_be_written_in_many_ways(self, cell, number):
        column = Scores()
        column.take([cell])
        (worth,), unit, _ = column.whole(most=2**60)

        assert unit.shown(int(worth)) == Decimal(number)

    def test_that_are_too_fine_for_the_solver_are_rounded_and_said_to_be(self):
        column = Scores()
        column.take(["0.123456789", "7"])
        (fine, coarse), unit, rounded = column.whole(most=10**6)

        assert (unit.written(int(fine)), unit.written(int(coarse)), rounded) == (
            "0.12346",
            "7",
            True,
        )


class TestWishes:
    def test_go_both_ways(self, said):
        given = said(wishes="from_id,to_id,rank\nsol,ola,2\nsol,mara,1\nmara,zoë,1\n")
        mentees, mentors = given.wishes.mentees, given.wishes.mentors
        name = names(given)
        sol = next(one for one in given.problem.mentees if name[one.id] == "sol")

        assert [name[mentor] for mentor in sol.wishes] == ["mara", "ola"]
        assert mentees.rank.tolist() == [1, 2]
        assert [given.mentor_ids[of] for of in mentees.of] == ["mara", "ola"]
        assert [given.mentee_ids[of] for of in mentors.of] == ["zoë"]
        assert given.problem.factors >= {Factor.WISH, Factor.WISHED}

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            ("sol,zoë,1", "“sol” and “zoë” are both mentees"),
            ("mara,ola,1", "“mara” and “ola” are both mentors"),
            ("sol,nobody,1", "“nobody” is neither a mentee nor a mentor."),
            ("sol,mara,2", "“sol” has ranked “mara” on line 2 already."),
            ("sol,ola,0", "“0” is no rank."),
            ("sol,ola,first", "“first” is no rank."),
        ],
    )
    def test_are_told_what_is_wrong_by_line(self, wrong, row, told):
        (flaw,) = wrong(wishes=f"from_id,to_id,rank\nsol,mara,1\n{row}\n")

        assert flaw.startswith("wishes.csv:3: ")
        assert told in flaw


class TestPairsOfBefore:
    def test_are_kept_in_mind_and_those_of_people_who_left_are_over(self, said):
        given = said(
            current="mentee_id,mentor_id,kind,score\nsol,mara,career,9\nsol,moe,career,1\n"
        )
        before = given.before

        assert [given.mentee_ids[i] for i in before.mentee] == ["sol"]
        assert [given.mentor_ids[j] for j in before.mentor] == ["mara"]
        assert [(note.line, note.words) for note in given.notes] == [
            (3, "“moe” is no mentor of this run, so this pair is over.")
        ]

    def test_of_nobody_at_all_are_a_mistake(self, wrong):
        (flaw,) = wrong(current="mentee_id,mentor_id,kind\nx,y,career\n")

        assert flaw == "current.csv: None of these pairs is of people in this run."


class TestSettings:
    def test_say_how_to_solve(self, said):
        given = said(
            settings="""
policy = "stable"
seed = 7
one_kind_per_mentor = false
most_from_one_institution = 2
floors = [10, 20.5]
keep = 5
own_best = false
gap = 0.001

[weights]
career = { interests = 60, stage = 40 }

[[pins]]
mentee_id = "sol"
mentor_id = "mara"
kind = "career"

[[blocks]]
mentee_id = "zoë"
mentor_id = "ola"
"""
        )
        settings = given.settings

        assert (settings.policy, settings.seed, settings.keep) == (Policy.STABLE, 7, 5)
        assert not settings.one_kind_per_mentor
        assert not given.problem.one_kind_per_mentor
        assert (settings.most_from_one_institution, settings.floors) == (2, (10, 20.5))
        assert not settings.own_best
        assert settings.good_enough == 0.001
        assert settings.weights == {Kind.CAREER: {"interests": 60, "stage": 40}}
        assert len(given.problem.pins) == len(given.problem.blocks) == 1

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("seed = 1\npolicy = 'bset'", 'settings.toml:2: policy has to be "best" or "stable".'),
            ("seeds = 1", "settings.toml:1: “seeds” is not a setting. Did you mean seed?"),
            ("seed = 1.5", "settings.toml:1: seed has to be a whole number from 0 up."),
            ("seed = true", "settings.toml:1: seed has to be a whole number from 0 up."),
            ("gap = 1", "settings.toml:1: gap has to be a number from 0 up, below 1."),
            ("keep = nan", "settings.toml:1: keep has to be a number from 0 up."),
            ("floors = [2, 1]", "settings.toml:1: floors has to be a list of numbers, each"),
            ("seed = ", "settings.toml:1: This is not TOML: "),
            (
                "[weights]\ncarer = {}",
                "settings.toml:2: “carer” is not a kind. Did you mean career",
            ),
            (
                "[weights]\ncareer = { intrests = 100 }",
                "settings.toml:2: “intrests” is not a factor. Did you mean interests?",
            ),
            (
                "[weights.career]\ninterests = 99",
                "settings.toml:1: The weights of career come to 99, and have to come to 100.",
            ),
            (
                "[[pins]]\nmentee_id = 'sol'\nmentor_id = 'mo'\nkind = 'career'",
                "settings.toml:1: There is no mentor “mo” in ",
            ),
            (
                "[[pins]]\nmentee_id = 'sol'\nkind = 'career'",
                "settings.toml:1: Each of [[pins]] needs mentor_id in quotation marks.",
            ),
            (
                "[[pins]]\nmentee_id = 'sol'\nmentor_id = 'mara'\nkind = ' '",
                "settings.toml:1: Each of [[pins]] needs kind in quotation marks.",
            ),
        ],
    )
    def test_are_told_what_is_wrong_by_line(self, wrong, text, told):
        (flaw,) = wrong(settings=text)

        assert flaw.startswith(told)


@pytest.mark.parametrize(
    ("cell", "slots"),
    [("mon 0", {0, 1}), ("Sunday 23:30-24", {335}), ("tue 7-8; tue 7:30-8:30", {62, 63, 64})],
)
def test_free_times_are_half_hours_of_the_week(cell, slots):
    assert cells.free(cell) == (slots, ())


class TestInstance:
    """What files say, as a market: who may be paired with whom, and who has how many places."""

    @pytest.fixture
    def possible(self, said):
        def possible(**texts: str) -> set[tuple[str, str, str]]:
            made = instance(said(**texts))
            pairs = made.market.possible.every()
            return {
                (made.given.mentee_ids[i], made.given.mentor_ids[j], KINDS[k].value)
                for i, k, j in zip(pairs.mentee, pairs.kind, pairs.mentor, strict=True)
            }

        return possible

    def test_content_on_its_own_is_any_topic_on_both_sides(self, possible):
        found = possible(
            mentees="mentee_id,kinds\nany,content\nems,content:ems\n",
            mentors="mentor_id,kinds,capacity\nall,content,1\nemt,content:EMS,1\n"
            "tox,content:toxicology,1\n",
        )

        assert found == {
            *(("any", mentor, "content") for mentor in ("all", "emt", "tox")),
            *(("ems", mentor, "content") for mentor in ("all", "emt")),
        }

    def test_scores_do_not_set_rules_aside(self, possible):
        found = possible(
            mentees="mentee_id,kinds\na,wellness;career;content:ems\n",
            mentors="mentor_id,kinds,capacity,paused,evaluates\n"
            "x,wellness;career;content:toxicology,1,no,a\ny,wellness,1,yes,\nz,career,1,,\n",
            scores="mentee_id,mentor_id,kind,score\n"
            + "".join(f"a,{m},{kind},1\n" for m in "xyz" for kind in Kind),
        )

        assert found == {("a", "x", "career"), ("a", "z", "career")}

    def test_a_mentor_has_places_over_all_and_by_kind(self, said):
        market = instance(
            said(mentors="mentor_id,kinds,capacity,capacity_career\nmara,career;wellness,3,1\n")
        ).market

        assert market.places.tolist() == [3]
        assert market.places_by_kind.tolist() == [[1, 3, 3, 3]]

    def test_pins_name_kinds_as_people_write_them(self, said):
        pin = "[[pins]]\nmentee_id = 'sol'\nmentor_id = 'mara'\nkind = 'Career'"

        assert len(instance(said(settings=pin)).market.pins) == 1

    def test_homes_are_the_same_in_any_case(self, said):
        market = instance(
            said(
                mentors="mentor_id,kinds,capacity,institution\na,career,1,County\nb,career,1,\n"
                "c,career,1,COUNTY \n"
            )
        ).market

        assert sorted(market.institution.tolist()) == [-1, 0, 0]

    @pytest.mark.parametrize("seed", range(40))
    def test_is_solved_as_well_as_trying_everything_would(self, said, seed):
        """Small runs of all sorts, from the text of files to the pairs and back."""
        made = instance(said(**_run(seed)))
        judged = report.solved(made)
        settings = made.given.settings

        assert not verify.check_pairs(made.market, judged.solution.chosen)
        assert oracle.standing(made.market, settings, oracle.rows(judged.solution.chosen)) == (
            oracle.best(made.market, settings)
        )
        told = report.report(made, judged, again=False)
        shown = sum(Decimal(score) for *_, score in report.pair_rows(made, judged.solution.chosen))
        assert told["objective"] == told["bound"] == float(shown)
        assert told["gap"] == 0


def _run(seed: int) -> dict[str, str]:
    lots = random.Random(seed)

    def kinds(most: int) -> str:
        content = lots.choice(["content", "content:ems", "content:research"])
        return ";".join(lots.sample(["career", content, "wellness"], lots.randint(0, most)))

    mentees, mentors = range(lots.randint(1, 3)), range(lots.randint(1, 3))
    waited = lots.choice(["yes", "no"])
    listed = [
        f"a{one},b{other},{kind},{lots.choice(['0', '1', '2.5', '.125', '3e0'])}\n"
        for one in mentees
        for other in mentors
        for kind in ("career", "content", "wellness")
        if lots.random() < 0.8
    ]
    return {
        "mentees": "mentee_id,kinds,waited,priority\n"
        + "".join(f"a{one},{kinds(2)},{waited},{lots.randint(0, 1)}\n" for one in mentees),
        "mentors": "mentor_id,kinds,capacity,capacity_career,institution\n"
        + "".join(
            f"b{one},{kinds(3)},{lots.randint(0, 3)},{lots.choice(['', '1'])},"
            f"{lots.choice(['', 'H', 'G'])}\n"
            for one in mentors
        ),
        "scores": "mentee_id,mentor_id,kind,score\n" + "".join(listed),
        "settings": f"seed = {seed}\nfloors = [1, 2]\n"
        f"one_kind_per_mentor = {str(lots.random() < 0.7).lower()}\n"
        + lots.choice(["", "most_from_one_institution = 1\n"]),
    }
