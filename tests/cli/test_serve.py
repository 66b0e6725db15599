"""The server as it really runs: a process of its own, asked over the loopback."""

import http.client
import json
import threading
import time

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from mentorship.cli.commands import main
from mentorship.foundation.database import driver_url
from mentorship.foundation.schema import ROLE
from tests import databases
from tests.processes import PATIENCE, environ, free_port, running, until


@pytest.fixture(scope="module")
def url(worker_id):
    with databases.clone(f"{worker_id}_serve") as url:
        yield url


@pytest.fixture(scope="module")
def owner(url):
    engine = create_engine(driver_url(url), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def server(url, tmp_path_factory):
    """The server, and the port that it listens on."""
    port = free_port()
    environment = environ(url, BASE_URL=f"http://127.0.0.1:{port}", PORT=str(port))
    with running("serve", environ=environment, folder=tmp_path_factory.mktemp("serve")) as process:
        process.port = port
        until(lambda: answers(port), process=process)
        yield process


def get(port: int, path: str) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer, body


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz")[0].status == 200
    except OSError:
        return False


def lines(process) -> list[dict]:
    return [json.loads(line) for line in process.says.splitlines() if line.startswith("{")]


def test_says_that_it_lives(server):
    answer, body = get(server.port, "/healthz")

    assert (answer.status, json.loads(body)) == (200, {"ok": True})


def test_is_ready_once_there_is_a_worker(server, url, tmp_path):
    answer, body = get(server.port, "/readyz")
    assert (answer.status, json.loads(body)["worker"]) == (503, False)

    with running("worker", environ=environ(url), folder=tmp_path) as worker:
        until(lambda: get(server.port, "/readyz")[0].status == 200, process=worker)
        assert worker.stop() == 0

    assert get(server.port, "/readyz")[0].status == 503


def test_an_error_page_shows_the_id_that_the_log_has(server):
    answer, body = get(server.port, "/nowhere?token=secret-words")

    request_id = answer.getheader("X-Request-ID")
    assert (answer.status, request_id in body) == (404, True)
    [line] = [line for line in lines(server) if line.get("request") == request_id]
    assert (line["status"], line["method"], line["level"]) == (404, "GET", "INFO")
    assert "secret-words" not in server.says


def test_every_answer_comes_in_time_from_several_at_once(server):
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(get(server.port, "/sign-in")[0].status))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert statuses == [200] * 12


def test_told_to_stop_it_finishes_the_request_under_way(server, owner):
    """The last that this server hears."""
    got = []
    with owner.connect() as holder:
        # Whoever holds this table keeps the page in its middle.
        holder.execute(text("LOCK TABLE procrastinate_workers IN ACCESS EXCLUSIVE MODE"))
        asking = threading.Thread(target=lambda: got.append(get(server.port, "/readyz")))
        asking.start()
        # What others do is read once a transaction, so each look is one of its own.
        watching = owner.execution_options(isolation_level="AUTOCOMMIT")
        with watching.connect() as watcher:
            blocked = text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            until(lambda: watcher.execute(blocked).scalar(), process=server)
        server.popen.terminate()
        time.sleep(0.5)
        assert server.popen.poll() is None
    asking.join(PATIENCE)
    assert server.wait() == 0

    [(answer, body)] = got
    assert (answer.status, json.loads(body)["database"]) == (503, True)


class TestRefusals:
    """What cannot work does not start: one line that says why, and exit status 1."""

    def test_without_an_address_of_a_database(self, tmp_path):
        with running("serve", environ=environ(""), folder=tmp_path) as process:
            assert process.wait() == 1

        assert "missing DATABASE_URL" in one_line(process.says)

    @pytest.mark.parametrize("command", ["serve", "worker"])
    def test_with_a_database_out_of_reach(self, command):
        line = refused("postgresql://somebody:hidden@127.0.0.1:1/nowhere", command)

        assert "Cannot use the database at postgresql" in line
        assert "hidden" not in line

    @pytest.mark.parametrize("command", ["serve", "worker"])
    def test_with_a_database_that_is_not_up_to_date(self, url, owner, command):
        with owner.begin() as connection:
            [head] = connection.scalars(text("SELECT version_num FROM alembic_version"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0002_across'"))
        try:
            line = refused(url, command)
        finally:
            with owner.begin() as connection:
                connection.execute(
                    text("UPDATE alembic_version SET version_num = :head"), {"head": head}
                )

        assert "not up to date. Run `mentorship db upgrade`." in line

    @pytest.mark.parametrize("command", ["serve", "worker"])
    def test_as_a_role_that_the_wall_does_not_bind(self, command, worker_id):
        with databases.clone(f"{worker_id}_unbound") as url:
            engine = create_engine(driver_url(url), poolclass=NullPool)
            with engine.begin() as connection:
                connection.execute(text(f"ALTER TABLE meetings OWNER TO {ROLE}"))
            engine.dispose()

            line = refused(url, command)

        assert f"Refusing to serve as the database role {ROLE}" in line


def refused(url: str, command: str) -> str:
    """What a command says that does not start, in this process."""
    environment = environ(url, CURBSIDE_ENV="test")
    result = CliRunner().invoke(main, [command], env=environment)
    assert result.exit_code == 1
    return one_line(result.output)


def one_line(said: str) -> str:
    [line] = said.strip().splitlines()
    assert line.startswith("mentorship: ")
    return line
