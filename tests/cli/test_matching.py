"""`mentorship matching …` from files to files, as from a shell."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mentorship.cli.commands import main
from mentorship.matching.engine import solve
from mentorship.matching.engine.files import output
from mentorship.matching.engine.files import report as reports

MENTEES = """mentee_id,kinds,stage
ana,career;content:ultrasound,M3
bo,career;wellness,M1
cé,career,M4
"""
MENTORS = """mentor_id,kinds,capacity,capacity_career,standing
x,career;content:ultrasound,2,1,faculty
y,career;wellness,2,,resident
"""
SCORES = """mentee_id,mentor_id,kind,score
ana,x,career,9.5
ana,x,content,0.1
ana,y,career,0.2
bo,x,career,3
bo,y,career,7.25
bo,y,wellness,1
cé,x,career,2
cé,y,career,0.7
"""


class Case:
    """A folder with the files of a run, and commands upon them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.texts = {"mentees": MENTEES, "mentors": MENTORS}

    def having(self, **texts: str) -> "Case":
        self.texts |= texts
        return self

    def inputs(self) -> list[str]:
        words = []
        for name, text in self.texts.items():
            path = self.folder / f"{name}.{'toml' if name == 'settings' else 'csv'}"
            path.write_text(text, "utf-8")
            words += [f"--{name}", str(path)]
        return words

    def run(self, command: str, *words: str | Path) -> Result:
        arguments = ["matching", command, *self.inputs(), *map(str, words)]
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    def solve(self) -> dict:
        result = self.run("solve", "--out", self.out)
        assert result.exit_code == 0, result.stderr
        return self.report()

    def report(self) -> dict:
        return json.loads((self.out / "report.json").read_text("utf-8"))

    def pairs(self) -> list[tuple[str, ...]]:
        with (self.out / "pairs.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = map(tuple, csv.reader(file))
        assert header == ("mentee_id", "mentor_id", "kind", "score")
        return rows

    def verify(self, *rows: str) -> Result:
        path = self.folder / "pairs.csv"
        path.write_text("\n".join(["mentee_id,mentor_id,kind,score", *rows, ""]), "utf-8")
        return self.run("verify", "--pairs", path)


@pytest.fixture
def case(tmp_path) -> Case:
    return Case(tmp_path)


class TestSolve:
    def test_writes_the_best_pairs_and_a_report_of_them(self, case):
        report = case.having(scores=SCORES).solve()

        # Everyone has a mentor before anyone has two; then as many as there are places; then score.
        assert case.pairs() == [
            ("ana", "y", "career", "0.2"),
            ("ana", "x", "content", "0.1"),
            ("bo", "y", "career", "7.25"),
            ("cé", "x", "career", "2"),
        ]
        assert (report["objective"], report["bound"], report["gap"]) == (9.55, 9.55, 0)
        assert (report["mentees"], report["with_a_mentor"]) == (3, 3)
        assert (report["wanted"], report["filled"]) == (5, 4)
        assert report["coverage_by_kind"] == {
            "career": {"wanted": 3, "filled": 3},
            "content": {"wanted": 1, "filled": 1},
            "application": {"wanted": 0, "filled": 0},
            "wellness": {"wanted": 1, "filled": 0},
        }
        (left,) = report["unmatched"]
        assert (left["mentee_id"], left["kind"], left["with_nobody"]) == ("bo", "wellness", False)

    def test_reports_all_that_is_promised(self, case):
        report = case.solve()

        assert report.keys() >= {
            *("policy", "objective", "bound", "gap", "mentees", "with_a_mentor", "wanted"),
            *("filled", "coverage_by_kind", "blocking_pairs", "unmatched", "shortage", "fairness"),
            *("seconds", "peak_memory_mb", "levels", "certificate", "versions"),
        }
        assert report["seconds"]["total"] >= report["seconds"]["solving"] > 0
        assert report["peak_memory_mb"] > 10
        assert report["certificate"]["proven"]
        for one in report["unmatched"]:
            assert one["reason"].endswith(".")

    def test_computes_scores_where_none_are_given(self, case):
        report = case.solve()

        assert report["score_unit"].startswith("percent of the best")
        assert all(0 < Decimal(score) <= 100 for *_, score in case.pairs())
        assert case.run("verify", "--pairs", case.out / "pairs.csv").exit_code == 0

    def test_pairs_only_those_that_the_scores_list(self, case):
        case.having(scores="mentee_id,mentor_id,kind,score\nana,x,career,0\n").solve()

        assert case.pairs() == [("ana", "x", "career", "0")]
        reasons = {one["mentee_id"]: one["reason"] for one in case.report()["unmatched"]}
        assert reasons["cé"] == "The scores list nobody for this."

    def test_gives_the_same_pairs_whatever_the_order_of_rows(self, case):
        case.having(scores=SCORES).solve()
        before = case.pairs()
        lots = random.Random(5)
        for name in ("mentees", "mentors", "scores"):
            header, *rows = case.texts[name].splitlines()
            lots.shuffle(rows)
            case.having(**{name: "\n".join([header, *rows])})

        case.solve()

        assert case.pairs() == before

    def test_adds_decimals_up_exactly(self, case):
        ids = range(10)
        case.having(
            mentees="mentee_id,kinds\n" + "".join(f"m{n},career\n" for n in ids),
            mentors="mentor_id,kinds,capacity\nx,career,10\n",
            scores="mentee_id,mentor_id,kind,score\n"
            + "".join(f"m{n},x,career,0.1\n" for n in ids),
        )

        assert case.solve()["objective"] == 1

    def test_keeps_pairs_of_before_where_that_costs_nothing(self, case):
        case.having(
            mentees="mentee_id,kinds\na,career\nb,career\n",
            mentors="mentor_id,kinds,capacity\nx,career,1\ny,career,1\n",
            scores="mentee_id,mentor_id,kind,score\n"
            + "".join(f"{a},{b},career,1\n" for a in "ab" for b in "xy"),
        )
        for before in ({"a": "x", "b": "y"}, {"a": "y", "b": "x"}):
            rows = "".join(f"{one},{other},career\n" for one, other in before.items())
            case.having(current=f"mentee_id,mentor_id,kind\n{rows}").solve()

            assert {mentee: mentor for mentee, mentor, *_ in case.pairs()} == before

    def test_takes_back_its_own_pairs_as_those_of_before(self, case):
        case.solve()
        pairs = (case.out / "pairs.csv").read_text("utf-8")
        first = case.pairs()

        case.having(current=pairs).solve()

        assert case.pairs() == first

    def test_keeps_pins_exclusions_and_blocks(self, case):
        case.having(
            scores=SCORES,
            settings="""
pins = [{ mentee_id = "cé", mentor_id = "y", kind = "career" }]
exclusions = [{ mentee_id = "bo", mentor_id = "y", kind = "career" }]
blocks = [{ mentee_id = "ana", mentor_id = "x" }]
""",
        ).solve()
        pairs = {row[:3] for row in case.pairs()}

        assert ("cé", "y", "career") in pairs
        assert ("bo", "y", "career") not in pairs
        assert not any(row[:2] == ("ana", "x") for row in pairs)

    def test_follows_the_ranks_under_the_stable_policy(self, case):
        # The textbook's two women and two men who disagree: mentees ask, so mentees get theirs.
        case.having(
            mentees="mentee_id,kinds\na,career\nb,career\n",
            mentors="mentor_id,kinds,capacity\nx,career,1\ny,career,1\n",
            wishes="from_id,to_id,rank\na,x,1\na,y,2\nb,y,1\nb,x,2\nx,b,1\nx,a,2\ny,a,1\ny,b,2\n",
            settings='policy = "stable"',
        )
        report = case.solve()

        assert {row[:2] for row in case.pairs()} == {("a", "x"), ("b", "y")}
        assert (report["policy"], report["blocking_pairs"], report["gap"]) == ("stable", 0, 0)
        assert report["instead"]["policy"] == "best"

    def test_pairs_nobody_with_someone_they_did_not_rank_under_the_stable_policy(self, case):
        case.having(
            mentees="mentee_id,kinds\na,career\nb,career\n",
            mentors="mentor_id,kinds,capacity\nx,career,1\ny,career,1\n",
            wishes="from_id,to_id,rank\na,x,1\nb,x,1\nx,a,1\n",
            settings='policy = "stable"',
        )
        case.solve()
        assert {row[:2] for row in case.pairs()} == {("a", "x")}

        case.having(settings='policy = "stable"\nonly_ranked = false').solve()
        assert {row[:2] for row in case.pairs()} == {("a", "x"), ("b", "y")}

    def test_says_what_is_missing(self, case):
        report = case.having(
            mentees="mentee_id,kinds\na,wellness\nb,wellness\nc,wellness\n",
            mentors="mentor_id,kinds,capacity\nx,wellness,1\n",
        ).solve()

        (lack,) = report["shortage"]
        assert (lack["field"], lack["more_places"], lack["filled_then"]) == ("wellness", 2, 3)
        assert report["shortage_together"] == [lack]
        assert [one["with_nobody"] for one in report["unmatched"]] == [True, True]

    def test_says_how_little_is_enough_for_all_kinds_together(self, case):
        report = case.having(
            mentees="mentee_id,kinds\na,career;wellness\nb,career;wellness\n",
            mentors="mentor_id,kinds,capacity\nx,career;wellness,1\ny,career;wellness,1\n",
        ).solve()

        alone, together = (
            [(lack["field"], lack["more_places"]) for lack in report[name]]
            for name in ("shortage", "shortage_together")
        )
        assert alone == [("career", 2), ("wellness", 2)]
        assert together == [("career", 2)]

    def test_solves_again_only_where_that_is_quick(self, case, monkeypatch):
        case.having(scores=SCORES, settings="most_from_one_institution = 1")
        assert all("more_places" in one for one in case.solve()["shortage"])

        monkeypatch.setattr(reports, "NO_FLOW_SOLVED_AGAIN_BELOW", 1)

        assert not any("more_places" in one for one in case.solve()["shortage"])

    def test_manages_with_nobody_on_either_side(self, case):
        report = case.having(mentees="mentee_id,kinds\n").solve()

        assert (report["mentees"], report["objective"], case.pairs()) == (0, 0, [])
        assert (
            case.having(mentees=MENTEES, mentors="mentor_id,kinds,capacity\n").solve()[
                "with_a_mentor"
            ]
            == 0
        )


class TestBadInput:
    def test_is_all_told_by_file_and_line_and_nothing_is_written(self, case):
        case.having(
            mentees=MENTEES + "ana,carer,M1\n",
            scores=SCORES + "ana,nobody,career,-1\n",
            settings="polcy = 'best'",
        )
        refused = case.run("solve", "--out", case.out)
        told = refused.stderr.replace(f"{case.folder}/", "").splitlines()

        assert refused.exit_code == 2
        assert not case.out.exists()
        assert [line.split(" ")[0] for line in told] == [
            *("mentees.csv:5:", "mentees.csv:5:", "scores.csv:10:", "scores.csv:10:"),
            *("settings.toml:1:", "mentorship:"),
        ]
        assert told[-1] == "mentorship: 5 things are wrong. Nothing was written."

    @pytest.mark.parametrize(
        ("pins", "told"),
        [
            (["bo,x,wellness"], "settings.toml:1: The pin of “bo” with “x” for wellness cannot"),
            (["ana,x,content", "ana,x,career"], "“ana” has “x” for more than one kind."),
            (["ana,x,career", "cé,x,career"], "“x” has more mentees for career than places (1)."),
            (["ana,x,career", "ana,y,career"], "“ana” has more than one mentor for career."),
        ],
    )
    def test_may_be_pins_that_cannot_be(self, case, pins, told):
        names = ("mentee_id", "mentor_id", "kind")
        entries = [
            ", ".join(
                f'{name} = "{word}"' for name, word in zip(names, pin.split(","), strict=True)
            )
            for pin in pins
        ]
        case.having(settings="pins = [" + ", ".join(f"{{ {entry} }}" for entry in entries) + "]")

        refused = case.run("solve", "--out", case.out)

        assert refused.exit_code == 2
        assert told in refused.stderr
        assert not case.out.exists()

    def test_may_be_weights_that_are_none(self, case):
        case.having(settings="[weights]\ncareer = { topics = 100 }")

        refused = case.run("solve", "--out", case.out)

        assert refused.exit_code == 2
        assert "topics belong to content mentoring only" in refused.stderr

    @pytest.mark.parametrize("command", ["verify", "explain"])
    def test_stops_every_command(self, case, command):
        case.having(mentees="mentee_id\n")
        more = ["--pairs", case.folder / "none.csv"] if command == "verify" else ["--mentee", "a"]

        refused = case.run(command, *more)

        assert refused.exit_code == 2
        assert "mentees.csv:1: There is no column kinds." in refused.stderr


class TestVerify:
    GOOD = ("ana,x,content,0.1", "bo,y,career,7.25", "cé,x,career,2")

    def test_finds_nothing_wrong_with_what_was_solved(self, case):
        case.having(scores=SCORES).solve()

        result = case.run("verify", "--pairs", case.out / "pairs.csv")

        assert (result.exit_code, result.stderr) == (0, "")
        assert "pairs break no rule" in result.stdout

    def test_takes_any_pairs_that_break_no_rule(self, case):
        result = case.having(scores=SCORES).verify(*self.GOOD)

        assert result.exit_code == 0
        assert "3 of 3 mentees have a mentor, 3 of 5 wants are filled" in result.stdout
        assert "the scores come to 9.35." in result.stdout

    @pytest.mark.parametrize(
        ("rows", "told"),
        [
            ([*GOOD, "zed,x,career,1"], "Line 5: there is no mentee “zed”."),
            ([*GOOD, "ana,zed,career,1"], "Line 5: there is no mentor “zed”."),
            ([*GOOD, GOOD[0]], "Line 5: “ana” with “x” for content is there twice."),
            (["cé,y,wellness,1"], "“cé” with “y” for wellness cannot be: This student did not ask"),
            (["ana,y,content,1"], "This mentor does not offer content mentoring."),
            (["ana,x,content,0.2"], "has the score 0.1, and the file says “0.2”."),
            (["ana,x,content,"], "has the score 0.1, and the file says “”."),
            (["ana,x,career,9.5", "cé,x,career,2"], "“x” has more mentees for career than"),
            (
                ["ana,y,career,0.2", "bo,y,career,7.25", "cé,y,career,0.7"],
                "“y” has more mentees than places, of which there are 2.",
            ),
            (["bo,x,career,3", "bo,y,career,7.25"], "“bo” has more than one mentor for career."),
            (["bo,y,career,7.25", "bo,y,wellness,1"], "“bo” has “y” for more than one kind."),
        ],
    )
    def test_names_what_breaks(self, case, rows, told):
        result = case.having(scores=SCORES).verify(*rows)

        assert result.exit_code == 1
        assert told in result.stdout
        assert "hold in" in result.stderr

    def test_names_a_pin_that_is_not_kept(self, case):
        pin = '{ mentee_id = "bo", mentor_id = "x", kind = "career" }'

        result = case.having(scores=SCORES, settings=f"pins = [{pin}]").verify(*self.GOOD)

        assert result.exit_code == 1
        assert "The pin of “bo” with “x” for career is not kept." in result.stdout

    def test_names_too_many_from_one_institution(self, case):
        mentors = "mentor_id,kinds,capacity,institution\nx,career,1,County\ny,wellness,1,county\n"
        case.having(mentors=mentors, settings="most_from_one_institution = 1")
        scores = "mentee_id,mentor_id,kind,score\nbo,x,career,1\nbo,y,wellness,1\n"

        result = case.having(scores=scores).verify("bo,x,career,1", "bo,y,wellness,1")

        assert result.exit_code == 1
        assert "“bo” has more than 1 from one institution, “county”." in result.stdout

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("objective", 9.5, "The report says objective is 9.5, and it is 9.55."),
            ("with_a_mentor", 2, "The report says with_a_mentor is 2, and it is 3."),
            ("filled", 5, "The report says filled is 5, and it is 4."),
            ("bound", 9, "The report's bound is 9, and the score 9.55 exceeds it."),
            ("bound", 10, "The report says there is no gap, and 9.55 is not its bound, 10."),
        ],
    )
    def test_names_what_a_report_claims_that_is_not_so(self, case, name, value, told):
        report = case.having(scores=SCORES).solve()
        path = case.out / "report.json"
        words = ("--pairs", case.out / "pairs.csv", "--report", path)
        assert case.run("verify", *words).exit_code == 0

        path.write_text(json.dumps(report | {name: value}), "utf-8")
        result = case.run("verify", *words)

        assert (result.exit_code, result.stdout) == (1, f"{told}\n")

    def test_reckons_a_bound_under_rules_over_several_pairs_from_prices_and_tolls(
        self, case, monkeypatch
    ):
        national = {"exact_below": 0, "portfolio_exact_below": 0}
        plain = solve.solve
        monkeypatch.setattr(
            solve,
            "solve",
            lambda market, settings, *given, **named: plain(
                market, replace(settings, **national), *given, **named
            ),
        )
        # One mentor is best for both kinds, has a place for each, and may be one of them only.
        report = case.having(
            mentees="mentee_id,kinds\nana,career;wellness\n",
            mentors="mentor_id,kinds,capacity,capacity_career,capacity_wellness\n"
            "x,career;wellness,2,1,1\ny,career;wellness,2,1,1\n",
            scores="mentee_id,mentor_id,kind,score\n"
            "ana,x,career,9\nana,x,wellness,8\nana,y,career,7\nana,y,wellness,3\n",
        ).solve()
        assert report["objective"] == report["bound"] == 15
        path = case.out / "report.json"
        words = ("--pairs", case.out / "pairs.csv", "--report", path)
        assert case.run("verify", *words).exit_code == 0
        dual = report["certificate"]["dual"]
        assert dual["meeting"]

        report["certificate"]["dual"] = dual | {"meeting": []}
        path.write_text(json.dumps(report), "utf-8")
        result = case.run("verify", *words)
        assert result.exit_code == 1
        assert "its prices and tolls prove none below" in result.stdout

        for wrong in ({"meeting": [[0, 9, 1]]}, {"want": "x"}, {"step": None}):
            report["certificate"]["dual"] = dual | wrong
            path.write_text(json.dumps(report), "utf-8")
            result = case.run("verify", *words)
            assert result.exit_code == 2
            assert "Its prices and tolls are not of these people." in result.stderr

    @pytest.mark.parametrize("score", ["sNaN", "NaN", "inf", "1e999999", "", "x"])
    def test_names_a_score_that_is_no_number(self, case, score):
        result = case.having(scores=SCORES).verify(f"ana,x,career,{score}")

        assert result.exit_code == 1
        assert f"has the score 9.5, and the file says “{score}”." in result.stdout

    @pytest.mark.parametrize("text", ["", "[]", "3", "[" * 100_000])
    def test_cannot_check_what_is_no_report(self, case, text):
        case.having(scores=SCORES).solve()
        path = case.folder / "claims.json"
        path.write_text(text, "utf-8")

        result = case.run("verify", "--pairs", case.out / "pairs.csv", "--report", path)

        assert result.exit_code == 2
        assert f"{path}: This is no report" in result.stderr

    def test_cannot_check_what_is_no_file_of_pairs(self, case):
        path = case.folder / "pairs.csv"
        path.write_text("mentee,mentor\nana,x\n", "utf-8")

        result = case.run("verify", "--pairs", path)

        assert result.exit_code == 2
        assert "There is no column mentee_id." in result.stderr


class TestExplain:
    def test_tells_of_each_want_by_its_reasons(self, case):
        told = case.run("explain", "--mentee", "ana").stdout

        assert "Asked for ultrasound, which this mentor offers." in told
        assert "points of 100" in told

    def test_tells_what_stands_against_a_mentor(self, case):
        told = case.run("explain", "--mentee", "cé", "--mentor", "x").stdout
        blocked = case.having(settings='blocks = [{ mentee_id = "cé", mentor_id = "x" }]')

        assert told.startswith("Career: ")
        assert blocked.run("explain", "--mentee", "cé", "--mentor", "x").stdout == (
            "Career: not “x”. These two people cannot be paired.\n"
        )

    def test_tells_who_has_the_place_and_what_it_would_cost(self, case):
        case.having(
            mentees="mentee_id,kinds\na,career\nb,career\n",
            mentors="mentor_id,kinds,capacity\nx,career,1\ny,career,1\n",
            scores="mentee_id,mentor_id,kind,score\na,x,career,5\na,y,career,1\nb,x,career,4.5\n"
            "b,y,career,3\n",
        )
        told = case.run("explain", "--mentee", "b", "--mentor", "x").stdout

        assert "Career: not “x”, though no rule stands against it." in told
        assert "“y” is their mentor for it instead, score 3." in told
        assert "Their places are held by “a” (5)." in told
        assert "it would lower the total score by 2.5." in told

    def test_tells_where_a_pin_stands_between_two_people(self, case):
        pin = "[[pins]]\nmentee_id = 'ana'\nmentor_id = 'y'\nkind = 'career'"
        case.having(scores=SCORES, settings=pin)

        told = case.run("explain", "--mentee", "ana", "--mentor", "x")

        assert told.exit_code == 0
        assert "Career: not “x”, though no rule stands against it." in told.stdout
        assert "A pin takes what the pair would need" in told.stdout

    def test_tells_of_pairs_that_somebody_else_chose(self, case):
        path = case.folder / "pairs.csv"
        path.write_text("mentee_id,mentor_id,kind\nana,y,career\n", "utf-8")

        told = case.having(scores=SCORES).run("explain", "--mentee", "ana", "--pairs", path).stdout

        assert "Career: “y”, score 0.2." in told
        assert "Content: nobody." in told

    def test_knows_only_who_takes_part(self, case):
        refused = case.run("explain", "--mentee", "anna")

        assert refused.exit_code == 2
        assert "--mentee: There is no mentee “anna”." in refused.stderr


class TestOutput:
    def test_replaces_what_was_there_and_leaves_nothing_else(self, tmp_path):
        output.write(tmp_path / "a" / "b", {"one": "1", "two": "2"})
        output.write(tmp_path / "a" / "b", {"one": "ä"})

        found = {path.name: path.read_text("utf-8") for path in (tmp_path / "a" / "b").iterdir()}
        assert found == {"one": "ä", "two": "2"}

    def test_leaves_what_was_there_when_it_is_stopped(self, tmp_path, monkeypatch):
        output.write(tmp_path, {"one": "1"})
        monkeypatch.setattr(os, "replace", self.stopped)

        with pytest.raises(KeyboardInterrupt):
            output.write(tmp_path, {"one": "new", "two": "new"})

        assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("one", "1")]

    @staticmethod
    def stopped(*_) -> None:
        raise KeyboardInterrupt

    def test_says_where_it_cannot_write(self, case):
        (case.folder / "file").write_text("")

        refused = case.run("solve", "--out", case.folder / "file" / "out")

        assert refused.exit_code == 2
        assert "Nothing was written" in refused.stderr


def test_stopping_a_run_leaves_no_file_and_exits_with_130(case):
    rows = [f"m{number},career;wellness" for number in range(3_000)]
    case.having(
        mentees="\n".join(["mentee_id,kinds", *rows]),
        mentors="mentor_id,kinds,capacity\n"
        + "".join(f"x{number},career;wellness,1\n" for number in range(2_500)),
    )
    command = [sys.executable, "-m", "mentorship.cli.commands", "matching", "solve"]
    process = subprocess.Popen(
        [*command, *case.inputs(), "--out", str(case.out)],
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has it ignored, here and in what is begun here.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    # It has begun once it says so.
    assert process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)

    assert process.returncode == 130
    assert told.endswith("mentorship: Stopped. Nothing was written.\n")
    assert not case.out.exists()


def test_needs_nothing_of_the_product():
    """No settings, no database, no Flask: so it starts in no time."""
    code = (
        "import sys; from mentorship.cli.commands import main\n"
        "try: main(['matching', 'solve', '--help'])\n"
        "except SystemExit: pass\n"
        "import mentorship.matching.engine.files.report\n"
        "print([name for name in ('flask', 'sqlalchemy') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.splitlines()[-1] == "[]"
