"""docs/matching.md says what is so: its commands are run, its tables held against the code."""

import re
import shlex
import shutil

import pytest
from click.testing import CliRunner

from mentorship.cli.commands import main
from mentorship.foundation.settings import ROOT
from mentorship.matching.engine.files import people, run
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.weights import WEIGHTS
from mentorship.vocabulary.kinds import Kind

PAGE = (ROOT / "docs" / "matching.md").read_text("utf-8")
COMMANDS = [
    (command, said)
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for command, said in re.findall(r"^\$ mentorship (.*?)\n((?:[^$].*\n)*)", block, re.MULTILINE)
]


@pytest.fixture
def example(tmp_path, monkeypatch):
    folder = shutil.copytree(ROOT / "docs" / "matching" / "example", tmp_path / "example")
    monkeypatch.chdir(folder)
    return folder


def test_every_command_says_what_the_page_shows(example):
    assert len(COMMANDS) == 3
    for command, said in COMMANDS:
        result = CliRunner().invoke(main, shlex.split(command))

        assert (result.exit_code, result.stdout) == (0, said), command


def test_the_pairs_are_those_of_the_page(example):
    CliRunner().invoke(main, shlex.split(COMMANDS[0][0]))
    (shown,) = re.findall(r"^```csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    assert (example / "out" / "pairs.csv").read_text("utf-8") == shown


def test_the_example_can_do_without_scores(example):
    words = "matching solve --mentees mentees.csv --mentors mentors.csv --out out"

    assert CliRunner().invoke(main, words.split()).exit_code == 0


def test_the_weights_are_those_of_the_engine():
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)

    assert {factor: tuple(map(int, weights)) for factor, *weights in rows} == {
        factor.value: tuple(WEIGHTS[kind].get(factor, 0) for kind in Kind) for factor in Factor
    }


@pytest.mark.parametrize(
    ("after", "before", "names"),
    [
        ("**mentees.csv**", "**mentors.csv**", people.MENTEE_COLUMNS),
        ("**mentors.csv**", "**scores.csv**", people.MENTOR_COLUMNS),
        ("**run.toml**", "Everything that is wrong", run.KNOWN),
    ],
    ids=["mentees", "mentors", "run"],
)
def test_every_column_and_setting_has_its_row(after, before, names):
    table = PAGE[PAGE.index(after) : PAGE.index(before)]
    told = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))

    assert set(told) - {"mentee_id", "mentor_id", "kinds", "capacity"} == set(names)
