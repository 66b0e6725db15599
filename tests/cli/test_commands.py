"""The commands that found a chapter and bring its people in."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mentorship.accounts.models import User
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.tenancy import queries
from mentorship.tenancy.models import Chapter, Membership
from mentorship.tenancy.roles import Role
from tests import make

THREADS = "OPENBLAS_NUM_THREADS"
CREATE = {
    "--name": "Birch Hill EMIG",
    "--school": "Birch Hill College",
    "--zone": "America/Denver",
    "--coordinator": "Cora@Example.org",
    "--coordinator-name": "Cora Winslow",
}


@pytest.fixture
def roster(tmp_path):
    def roster(*lines: str, header: str = "name,email,role,stage,kinds") -> Path:
        path = tmp_path / "roster.csv"
        path.write_text("\n".join([header, *lines]), "utf-8")
        return path

    return roster


def options(**changes: str) -> list[str]:
    given = CREATE | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return [word for pair in given.items() for word in pair]


def chapters() -> int:
    return db.session.scalar(select(func.count()).select_from(Chapter))


class TestChapterCreate:
    def test_founds_a_chapter_whose_coordinator_can_sign_in(self, run):
        made = run("chapter", "create", "birch-hill", *options())

        assert made.exit_code == 0
        assert "/c/birch-hill/" in made.output
        queries._ids.pop("birch-hill", None)
        with scope.chapter(queries.chapter_id("birch-hill")):
            cora = queries.member_by_email("cora@example.org")
            assert (cora.name, cora.roles) == ("Cora Winslow", {Role.COORDINATOR})
            assert (cora.zone, queries.card().school) == ("America/Denver", "Birch Hill College")

    def test_refuses_an_address_that_is_taken(self, run):
        make.chapter("birch-hill")

        refused = run("chapter", "create", "birch-hill", *options())

        assert refused.exit_code == 1
        assert refused.stderr == "mentorship: Another chapter has that address already.\n"
        assert chapters() == 1

    @pytest.mark.parametrize(
        ("slug", "changes", "said"),
        [
            ("Birch Hill", {}, "An address has 2 to 39 lower-case letters"),
            ("x", {}, "An address has 2 to 39 lower-case letters"),
            ("birch", {"zone": "Denver"}, "That is not a time zone we know."),
            ("birch", {"coordinator": "cora"}, "“cora” is not an email address."),
            ("birch", {"coordinator_name": ""}, "The name is missing."),
        ],
    )
    def test_refuses_in_one_line_and_keeps_nothing(self, run, slug, changes, said):
        refused = run("chapter", "create", slug, *options(**changes))

        assert refused.exit_code == 1
        assert refused.stderr.startswith(f"mentorship: {said}")
        assert refused.stderr.count("\n") == 1
        assert chapters() == 0
        assert db.session.scalar(select(func.count()).select_from(User)) == 0


class TestRosterImport:
    @pytest.fixture
    def lakeside(self, own_database):
        return make.chapter("lakeside")

    def members(self, chapter) -> int:
        db.session.remove()
        with scope.chapter(chapter.id):
            return db.session.scalar(select(func.count()).select_from(Membership))

    def test_brings_everybody_in_and_again_changes_nothing(self, run, lakeside, roster):
        path = roster("Sol,sol@x.org,student,M3,career", "Al,al@x.org,mentor,,career")

        assert run("roster", "import", "lakeside", path).output == (
            "Added 2, updated 0, left 0 as is.\n"
        )
        assert run("roster", "import", "lakeside", path).output == (
            "Added 0, updated 0, left 2 as is.\n"
        )
        assert self.members(lakeside) == 2

    def test_only_says_what_it_would_do_when_asked_to(self, run, lakeside, roster):
        path = roster("Sol,sol@x.org,student,M3,career")

        tried = run("roster", "import", "lakeside", path, "--dry-run")

        assert (tried.exit_code, tried.output) == (0, "Would add 1, update 0, leave 0 as is.\n")
        assert self.members(lakeside) == 0

    def test_says_every_flaw_by_its_line_and_changes_nothing(self, run, lakeside, roster):
        path = roster("Sol,sol@,student,M3,career", "Al,al@x.org,mentor,,", "Bo,bo@x.org,studnt,,")

        refused = run("roster", "import", "lakeside", path)

        assert refused.exit_code == 1
        assert refused.stdout == ""
        assert refused.stderr.splitlines() == [
            "line 2, email: “sol@” is not an email address.",
            "line 4, role: “studnt” is not a role. Did you mean student?",
            "mentorship: Nothing was imported. Mend the lines above and try again.",
        ]
        assert self.members(lakeside) == 0

    def test_says_what_a_file_is_that_is_no_roster(self, run, lakeside, tmp_path):
        path = tmp_path / "roster.pdf"
        path.write_bytes(b"%PDF-1.7")

        refused = run("roster", "import", "lakeside", path)

        assert refused.exit_code == 1
        assert refused.stderr.startswith("mentorship: This is a PDF, not a CSV file.")

    def test_wants_a_chapter_that_there_is(self, run, lakeside, roster):
        refused = run("roster", "import", "nowhere", roster("Sol,sol@x.org,student,,"))

        assert refused.exit_code == 1
        assert refused.stderr == "mentorship: There is no chapter at /c/nowhere/.\n"


def test_every_command_multiplies_in_one_thread():
    said = (
        "import mentorship.cli.commands, os, sys;"
        f"print('numpy' in sys.modules, os.environ[{THREADS!r}])"
    )
    environment = {key: value for key, value in os.environ.items() if key != THREADS}

    told = subprocess.run(
        [sys.executable, "-c", said], env=environment, capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["False", "1"]


class TestChapterExport:
    def test_writes_all_of_it_into_a_new_file_for_the_operator_alone(self, run, tmp_path):
        run("chapter", "create", "birch-hill", *options())
        target = tmp_path / "birch-hill.zip"

        made = run("chapter", "export", "birch-hill", "--to", target)

        assert made.exit_code == 0
        assert target.stat().st_mode & 0o077 == 0
        assert "cora@example.org" in zipfile.ZipFile(target).read("data.json").decode()

    def test_writes_over_nothing(self, run, tmp_path):
        run("chapter", "create", "birch-hill", *options())
        target = tmp_path / "birch-hill.zip"
        target.write_text("mine")

        made = run("chapter", "export", "birch-hill", "--to", target)

        assert made.exit_code == 1
        assert "there already" in made.output
        assert target.read_text() == "mine"

    def test_refuses_a_chapter_that_there_is_none_of(self, run, tmp_path):
        made = run("chapter", "export", "nowhere", "--to", tmp_path / "nowhere.zip")

        assert made.exit_code == 1
        assert "There is no chapter" in made.output
