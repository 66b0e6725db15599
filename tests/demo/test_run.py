"""`mentorship demo` where it cannot run. How it does is among the journeys, as their main job."""

import os
import socket
import subprocess
import sys

from click.testing import CliRunner

from mentorship.cli.commands import main
from tests.demos import PATIENCE
from tests.processes import free_port


def refusal(folder: object, *, port: int = 0, **environ: str) -> str:
    """The one line with which a start is refused."""
    words = ["demo", "--folder", str(folder), "--port", str(port or free_port())]
    ran = CliRunner().invoke(main, words, env=environ)
    assert ran.exit_code == 1
    assert ran.stdout == ""
    (line,) = ran.stderr.splitlines()
    return line.removeprefix("mentorship: ")


def test_says_in_one_line_that_its_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path / "demo", port=port)

    assert said == f"Port {port} is in use. Choose another: make demo PORT={port + 1}"


def test_says_in_one_line_that_its_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()

    said = refusal(tmp_path / "file" / "demo")

    assert said == f"Cannot write to {tmp_path / 'file' / 'demo'}: Not a directory."


def test_says_in_one_line_that_there_is_no_database_server(tmp_path):
    said = refusal(tmp_path / "demo", DATABASE_URL="", PG_BIN=str(tmp_path))

    assert said == f"PG_BIN names {tmp_path}, but there is no postgres in it."


def test_says_in_one_line_that_the_database_cannot_be_reached(tmp_path):
    # By then it has loaded the whole product, so here it is a process of its own.
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "mentorship.cli.commands", "demo"),
            *("--folder", tmp_path / "demo", "--port", str(free_port())),
        ],
        env=os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert ran.returncode == 1, ran.stderr
    assert ran.stdout == ""
    (line,) = ran.stderr.splitlines()
    assert "127.0.0.1:1" in line
