"""`mentorship demo` as it is really run: everything comes up, and nothing is left behind."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mentorship.demo.people import LEADS
from mentorship.foundation.local_postgres import LocalPostgres
from tests.demos import PATIENCE, Demo, lives
from tests.processes import free_port


def refusal(folder: Path, *, port: int = 0, **environ: str) -> str:
    """The one line with which a start is refused."""
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "mentorship.cli.commands", "demo"),
            *("--folder", folder, "--port", str(port or free_port())),
        ],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout == ""
    (line,) = ran.stderr.splitlines()
    return line.removeprefix("mentorship: ")


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., Demo]]:
    """Start a demo in a folder of the test's own; whatever is left of it ends with the test."""
    started: list[Demo] = []

    def start(*, port: int = 0, **environ: str) -> Demo:
        started.append(Demo(tmp_path / "demo", port or free_port(), **environ))
        return started[-1]

    yield start
    for demo in started:
        demo.clear()


def test_comes_up_survives_a_kill_keeps_its_world_and_leaves_nothing(start):
    # The shell's own words for an address and a mail server are not the demo's.
    first = start(
        HOST="192.0.2.1", SMTP_HOST="192.0.2.2", BASE_URL="https://other.example"
    ).come_up()

    for lead in LEADS.values():
        assert lead.name in first.said()
    assert f"Curbside is at http://localhost:{first.port}" in first.said()
    links = re.findall(rf"http://localhost:{first.port}(/sign-in/\S+)", first.said())
    assert len(set(links)) == len(LEADS)
    assert all("<form" in first.page(link) for link in links)
    first.until(lambda: "asks for 20 minutes" in first.page("/dev/mail/"))

    # A second one in the same place does not take the first one's parts for leftovers.
    assert (
        refusal(first.folder)
        == f"The demo of {first.folder} is running already. Ctrl-C there stops it."
    )
    assert first.answers()

    secret = (first.folder / "secret").read_text()
    parts = first.parts()
    first.process.kill()
    first.process.wait()
    again = start(port=first.port).come_up()

    assert "Making the demo world" not in again.said()
    assert (again.folder / "secret").read_text() == secret
    assert not any(lives(group) for group in parts)
    assert "asks for 20 minutes" in again.page("/dev/mail/")

    assert again.ended() == 0
    assert "Stopped." in again.said()
    assert "Traceback" not in again.said()
    assert again.left() == []
    assert not again.answers()
    deadline = time.monotonic() + 30
    while (server := LocalPostgres(again.folder / "postgres")).running():
        assert time.monotonic() < deadline, f"{server.data} is still served"
        time.sleep(0.2)


def test_says_in_one_line_that_its_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path / "demo", port=port)

    assert said == f"Port {port} is in use. Choose another: make demo PORT={port + 1}"


def test_says_in_one_line_that_its_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()

    said = refusal(tmp_path / "file" / "demo")

    assert said == f"Cannot write to {tmp_path / 'file' / 'demo'}: Not a directory."


def test_says_in_one_line_that_the_database_cannot_be_reached(tmp_path):
    said = refusal(tmp_path / "demo", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")

    assert "127.0.0.1:1" in said


def test_says_in_one_line_that_there_is_no_database_server(tmp_path):
    said = refusal(tmp_path / "demo", DATABASE_URL="", PG_BIN=str(tmp_path))

    assert said == f"PG_BIN names {tmp_path}, but there is no postgres in it."
