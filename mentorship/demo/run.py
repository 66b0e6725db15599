"""`mentorship demo`: everything on one machine, with a world in it, until Ctrl-C."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from urllib.error import URLError
from urllib.request import urlopen

import click
from sqlalchemy import create_engine, text

from mentorship.accounts import links
from mentorship.app import create_app
from mentorship.demo import mailserver, world
from mentorship.demo.people import LEADS
from mentorship.foundation import clock, schema
from mentorship.foundation import settings as config
from mentorship.foundation.database import transaction
from mentorship.foundation.local_postgres import LocalPostgres
from mentorship.foundation.settings import ROOT, Settings, SettingsError

FOLDER = ROOT / ".local" / "demo"
#: Seconds the pages and the worker may take to come up.
PATIENCE = 60
LINK_LIFE = timedelta(days=1)


def run(*, port: int, reset: bool) -> None:
    """Set up what is missing, serve on this port of loopback, and stop everything in the end.

    The world is kept from one start to the next; `reset` makes it afresh.

    :raises SettingsError, LocalPostgresError, SchemaError: one line on what is in the way.
    """
    _make_folder()
    _end_leftovers()
    _insist_on_free(port)
    with _database(reset=reset) as url:
        mail_port = _free_port()
        environ = _environ(url, port=port, mail_port=mail_port)
        settings = config.load(environ)
        schema.upgrade(url)
        _load_world(settings)
        mail = mailserver.start(FOLDER / "mail", port=mail_port)
        try:
            _serve(environ, settings)
        finally:
            mail.stop()
    click.echo("Stopped. The demo world is kept; RESET=1 starts it afresh.")


def _make_folder() -> None:
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "writable").touch()
    except OSError as no:
        raise SettingsError(f"Cannot write to {FOLDER}: {no.strerror}.") from no


@contextmanager
def _database(*, reset: bool) -> Iterator[str]:
    """The address of the demo's database, as its owner."""
    if url := os.environ.get("DATABASE_URL"):
        if reset:
            schema.downgrade(url, "base")
        yield url
        return
    server = LocalPostgres(FOLDER / "postgres")
    if reset and server.data.exists():
        server.erase()
        for mail in (FOLDER / "mail").glob("*.eml"):
            mail.unlink()
    server.start()
    try:
        engine = create_engine(server.url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = 'curbside'")):
                connection.execute(text("CREATE DATABASE curbside"))
        engine.dispose()
        yield server.url("curbside")
    finally:
        server.release()


def _environ(url: str, *, port: int, mail_port: int) -> dict[str, str]:
    """The environment that the pages and the worker run in."""
    key = FOLDER / "secret"
    if not key.exists():
        key.write_text(secrets.token_urlsafe(48))
        key.chmod(0o600)
    return {
        **os.environ,
        "CURBSIDE_ENV": "demo",
        "DATABASE_URL": url,
        "SECRET_KEY": key.read_text(),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "SMTP_PORT": str(mail_port),
        "MAILBOX": str(FOLDER / "mail"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def _load_world(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        if world.is_there():
            return
        click.echo("Making the demo world: three chapters, their people, meetings and notes …")
        world.load(now=clock.now())


def _serve(environ: dict[str, str], settings: Settings) -> None:
    """Run the pages and the worker until one of them ends or we are told to stop."""
    command = [sys.executable, "-m", "mentorship.cli.commands"]
    children = [
        subprocess.Popen([*command, part], env=environ, start_new_session=True)
        for part in ("serve", "worker")
    ]
    _note_children(children)
    stop = _stop_on_signals()
    try:
        if _wait_until_ready(settings, children, stop):
            _say_hello(settings)
        while not stop and all(child.poll() is None for child in children):
            time.sleep(0.2)
        if not stop:
            click.echo("A part of the demo has stopped by itself; its last words are above.")
    finally:
        for child in children:
            _end(child)
        (FOLDER / "children.json").unlink(missing_ok=True)


def _stop_on_signals() -> list[int]:
    """A list that stays empty until Ctrl-C or a request to end arrives."""
    arrived: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: arrived.append(received))
    return arrived


def _wait_until_ready(
    settings: Settings, children: list[subprocess.Popen], stop: list[int]
) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not stop:
        if any(child.poll() is not None for child in children):
            return False
        with suppress(URLError, OSError), urlopen(f"{settings.base_url}/readyz", timeout=2):
            return True
        time.sleep(0.2)
    return False


def _say_hello(settings: Settings) -> None:
    app = create_app(settings)
    click.echo(
        f"\nCurbside is at {settings.base_url}\nIts mail is at {settings.base_url}/dev/mail/"
    )
    click.echo("\nSign in as (each link works once; start again for new ones):\n")
    with app.app_context(), transaction():
        for lead in LEADS.values():
            link = links.issue(email=lead.email, now=clock.now(), life=LINK_LIFE, an_hour=None)
            if link:
                token = links.token(link, secret=settings.secret_key)
                click.echo(f"  {lead.name}, {lead.who}\n  {settings.base_url}/sign-in/{token}\n")
    click.echo("Ctrl-C stops everything.")


def _end(child: subprocess.Popen) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(timeout=30)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _note_children(children: list[subprocess.Popen]) -> None:
    (FOLDER / "children.json").write_text(json.dumps([child.pid for child in children]))


def _end_leftovers() -> None:
    """End what a demo that was killed has left running: its own children, and nothing else."""
    noted = FOLDER / "children.json"
    if not noted.exists():
        return
    for pid in json.loads(noted.read_text() or "[]"):
        command = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if sys.executable in command and "mentorship.cli.commands" in command:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGTERM)
            _wait_for_end(pid)
    noted.unlink(missing_ok=True)


def _wait_for_end(pid: int) -> None:
    for _ in range(100):
        with suppress(ProcessLookupError):
            os.killpg(pid, 0)
            time.sleep(0.1)
            continue
        return
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _insist_on_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as busy:
            raise SettingsError(
                f"Port {port} is in use. Choose another: make demo PORT={port + 1}"
            ) from busy


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]
