"""The private server's promises: one for all who share it, and gone when the last one is."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from mentorship.foundation.local_postgres import LocalPostgres, LocalPostgresError

ROOT = Path(__file__).parents[2]

# A process that uses the server until its standard input is closed; prints the server's pid.
USER = """
import sys
from mentorship.foundation.local_postgres import LocalPostgres
server = LocalPostgres(sys.argv[1], fast=True).start()
print((server.data / "postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that, unlike pytest's own, the server's account may enter when root runs this."""
    made = Path(tempfile.mkdtemp(dir="/var/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def server(folder: Path) -> Iterator[LocalPostgres]:
    """A server that is not started yet, and is gone after the test."""
    server = LocalPostgres(folder / "data", fast=True)
    yield server
    server.erase()


def ask(server: LocalPostgres, statement: str) -> object:
    address = server.url().replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def server_pid(server: LocalPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def comes_true(fact: Callable[[], bool]) -> bool:
    """Whether it does, within ten seconds."""
    deadline = time.monotonic() + 10
    while not (true := fact()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return true


@contextmanager
def another_user(server: LocalPostgres) -> Iterator[subprocess.Popen]:
    with subprocess.Popen(
        [sys.executable, "-c", USER, server.data],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


class TestStart:
    def test_gives_a_server_that_answers_at_its_url(self, server):
        server.start()

        assert server.running()
        assert ask(server, "SELECT 1") == 1

    def test_listens_on_no_network_port(self, server):
        server.start()

        assert ask(server, "SHOW listen_addresses") == ""

    def test_allows_60_connections_or_as_many_as_asked_for(self, server, folder):
        server.start()
        roomier = LocalPostgres(folder / "other", fast=True, settings={"max_connections": 260})
        roomier.start()

        assert ask(server, "SHOW max_connections") == "60"
        assert ask(roomier, "SHOW max_connections") == "260"
        roomier.erase()

    def test_orders_text_the_same_on_every_machine(self, server):
        server.start()

        assert ask(server, "SELECT 'Zoë' < 'anna' AND lower('ÉMILE') = 'émile'") is True

    def test_ignores_the_variables_of_another_server(self, server, monkeypatch):
        monkeypatch.setenv("PGPORT", "6543")

        server.start()

        assert server.running()

    def test_works_below_a_folder_that_only_its_owner_may_enter(self, folder):
        folder.chmod(0o700)
        server = LocalPostgres(folder / "data", fast=True).start()

        assert ask(server, "SELECT 1") == 1
        server.erase()
        if server.data.parent != folder:
            shutil.rmtree(server.data.parent)

    def test_by_several_processes_at_once_gives_them_one_server(self, server):
        with ExitStack() as stack:
            users = [stack.enter_context(another_user(server)) for _ in range(4)]

            assert len({user.stdout.readline() for user in users}) == 1

    def test_recovers_after_the_server_was_killed(self, folder):
        keeping = {"synchronous_commit": "on"}
        server = LocalPostgres(folder / "data", fast=True, settings=keeping).start()
        ask(server, "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(server_pid(server), signal.SIGKILL)
        assert comes_true(lambda: not server.running())

        server.start()

        assert ask(server, "SELECT number FROM kept") == 7
        server.erase()

    def test_recovers_from_a_first_start_that_was_interrupted(self, server):
        half_made = server.data.with_name("data.new")
        half_made.mkdir()
        (half_made / "PG_VERSION").write_text("18\n")

        server.start()

        assert ask(server, "SELECT 1") == 1


class TestRelease:
    def test_ends_the_server_and_the_next_start_finds_the_data(self, server):
        server.start()
        ask(server, "CREATE TABLE kept AS SELECT 7 AS number")

        server.release()

        assert comes_true(lambda: not server.running())
        assert ask(server.start(), "SELECT number FROM kept") == 7

    def test_leaves_the_server_to_others_who_use_it(self, server, folder):
        other = LocalPostgres(folder / "data", fast=True).start()
        server.start()
        pid = server_pid(server)

        other.release()

        time.sleep(0.3)  # an unwanted end would have come by now
        assert server.running()
        assert server_pid(server) == pid

    def test_is_not_needed_when_the_process_is_killed(self, server):
        with another_user(server) as user:
            user.stdout.readline()
            assert server.running()

            user.kill()

            assert comes_true(lambda: not (server.data / "postmaster.pid").exists())


class TestErase:
    def test_makes_the_next_start_begin_afresh(self, server):
        server.start()
        ask(server, "CREATE TABLE forgotten ()")

        server.erase()

        assert ask(server.start(), "SELECT to_regclass('forgotten')") is None

    def test_refuses_while_another_process_uses_the_server(self, server):
        with another_user(server) as user:
            user.stdout.readline()

            with pytest.raises(LocalPostgresError, match="is in use"):
                server.erase()


class TestErrors:
    """Each is one line for a person who typed a command."""

    def test_name_the_folder_without_programs(self, server, monkeypatch, tmp_path):
        monkeypatch.setenv("PG_BIN", str(tmp_path))

        with pytest.raises(LocalPostgresError, match=f"^PG_BIN names {tmp_path}, .+$"):
            server.start()

    def test_name_the_folder_that_cannot_be_written(self, tmp_path):
        (tmp_path / "file").touch()

        with pytest.raises(LocalPostgresError, match=f"^Cannot write in {tmp_path}/file.+$"):
            LocalPostgres(tmp_path / "file" / "data").start()

    def test_name_the_log_of_a_server_that_does_not_start(self, folder):
        broken = LocalPostgres(folder / "data", fast=True, settings={"max_connections": "many"})

        with pytest.raises(LocalPostgresError, match=f"reason is in {folder}/data.log$"):
            broken.start()
        assert "many" in (folder / "data.log").read_text()
        broken.erase()

    def test_name_the_version_that_wrote_the_data(self, server):
        server.data.mkdir()
        (server.data / "PG_VERSION").write_text("9\n")

        with pytest.raises(LocalPostgresError, match=r"written by PostgreSQL 9, this is \d+"):
            server.start()
