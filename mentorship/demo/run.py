"""`mentorship demo`: everything on one machine, with a world in it, until Ctrl-C."""

import fcntl
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
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click
from flask import Flask
from sqlalchemy import create_engine, text

from mentorship.accounts import links
from mentorship.app import create_app
from mentorship.demo import mailserver, world
from mentorship.demo.people import LEADS
from mentorship.foundation import clock, schema
from mentorship.foundation import settings as config
from mentorship.foundation.database import db, transaction
from mentorship.foundation.local_postgres import LocalPostgres
from mentorship.foundation.settings import SettingsError

#: What the demo consists of, beside the database and the mail server: commands of ours.
PARTS = ("serve", "worker")
#: Seconds the pages and the worker may take to come up, and to finish what they are doing.
PATIENCE, GRACE = 180, 30
LINK_LIFE = timedelta(days=1)


class DemoError(SettingsError):
    """Why the demo cannot run, in one line."""


def run(*, port: int, reset: bool, folder: Path) -> None:
    """Set up what is missing, serve on this port of loopback, and stop everything in the end.

    The world is kept in the folder from one start to the next; `reset` makes it afresh.

    :raises DemoError, SettingsError, LocalPostgresError, SchemaError, Refusal: one line on what
        is in the way.
    """
    with _alone(folder):
        _end_leftovers(folder)
        _insist_on_free(port)
        with _database(folder, reset=reset) as url:
            environ = _environ(folder, url, port=port, mail_port=_free_port())
            app = create_app(config.load(environ))
            _prepare(app, url, reset=reset)
            mail = mailserver.start(folder / "mail", port=int(environ["SMTP_PORT"]))
            try:
                _serve(folder, environ, app)
            finally:
                mail.stop()
                with app.app_context():
                    db.engine.dispose()
    click.echo("Stopped. The demo world is kept; RESET=1 starts it afresh.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Have the folder for this process, for as long as it lives.

    :raises DemoError: it cannot be written, or another demo runs in it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as no:
        raise DemoError(f"Cannot write to {folder}: {no.strerror}.") from no
    try:
        if not _locks(lock):
            raise DemoError(f"The demo of {folder} is running already. Ctrl-C there stops it.")
        yield
    finally:
        os.close(lock)


@contextmanager
def _database(folder: Path, *, reset: bool) -> Iterator[str]:
    """The address of the demo's database, as its owner."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    server = LocalPostgres(folder / "postgres")
    if reset and server.data.exists():
        server.erase()
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


def _environ(folder: Path, url: str, *, port: int, mail_port: int) -> dict[str, str]:
    """The environment that the pages and the worker run in, whatever the shell's own says."""
    return {
        **os.environ,
        "CURBSIDE_ENV": "demo",
        "DATABASE_URL": url,
        "SECRET_KEY": _secret(folder),
        # A passkey belongs to a name: browsers make none for a number.
        "BASE_URL": f"http://localhost:{port}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PROXY_HOPS": "0",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail_port),
        "SMTP_SECURITY": "none",
        "SMTP_USER": "",
        "MAILBOX": str(folder / "mail"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def _secret(folder: Path) -> str:
    """The same from one start to the next, so that whoever is signed in stays so."""
    path = folder / "secret"
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        draft.rename(path)
    return path.read_text()


def _prepare(app: Flask, url: str, *, reset: bool) -> None:
    """Bring the tables up to date and see to it that the world is there."""
    schema.upgrade(url)
    with app.app_context():
        there = world.is_there()
        if there and reset:
            db.engine.dispose()
            schema.downgrade(url, "base")
            schema.upgrade(url)
        if reset or not there:
            click.echo("Making the demo world: three chapters, their people, meetings and notes …")
            for mail in Path(app.config["SETTINGS"].mailbox).glob("*.eml"):
                mail.unlink()
            world.load(now=clock.now())


def _serve(folder: Path, environ: dict[str, str], app: Flask) -> None:
    """Run the pages and the worker until one of them ends or we are told to stop."""
    stop = _stop_on_signals()
    children = [_start(folder, part, environ) for part in PARTS]
    try:
        if _wait_until_ready(environ["BASE_URL"], children, stop):
            _say_hello(app)
        while not stop and all(child.poll() is None for child in children):
            time.sleep(0.2)
        if not stop:
            click.echo("A part of the demo has stopped by itself; its last words are above.")
    finally:
        for child in children:
            if child.poll() is None:
                child.terminate()
        for child in children:
            _see_off(child)


def _start(folder: Path, part: str, environ: dict[str, str]) -> subprocess.Popen:
    """Start a part in a session of its own, where Ctrl-C does not reach it before we do.

    It holds a lock on a file with its number in it: whoever finds the lock held knows that the
    number is still that process and nobody else's.
    """
    command = [sys.executable, "-m", "mentorship.cli.commands", part]
    lock = os.open(folder / f"{part}.pid", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        child = subprocess.Popen(command, env=environ, start_new_session=True, pass_fds=[lock])
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(child.pid).encode(), 0)
    finally:
        os.close(lock)
    return child


def _stop_on_signals() -> list[int]:
    """A list that stays empty until Ctrl-C or a request to end arrives."""
    arrived: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: arrived.append(received))
    return arrived


def _wait_until_ready(base_url: str, children: list[subprocess.Popen], stop: list[int]) -> bool:
    """Whether the pages answer and the worker works; not, when somebody has stopped meanwhile.

    :raises DemoError: it takes too long.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if stop or any(child.poll() is not None for child in children):
            return False
        with suppress(URLError, OSError), urlopen(f"{base_url}/readyz", timeout=2):
            return True
        time.sleep(0.2)
    raise DemoError(f"The pages did not come up within {PATIENCE} seconds.")


def _say_hello(app: Flask) -> None:
    settings = app.config["SETTINGS"]
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


def _see_off(child: subprocess.Popen) -> None:
    """Wait for a part that was told to end, and end it if it does not."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=GRACE)
    # What it has started itself ends with it.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _end_leftovers(folder: Path) -> None:
    """End what a demo that was killed has left running: its own parts, and nothing else."""
    for part in PARTS:
        with suppress(FileNotFoundError), open(folder / f"{part}.pid") as noted:
            if not _locks(noted.fileno()) and (number := noted.read()):
                _end(int(number), until_free=noted.fileno())


def _end(group: int, *, until_free: int) -> None:
    for request, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        with suppress(ProcessLookupError):
            os.killpg(group, request)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if _locks(until_free):
                return
            time.sleep(0.1)


def _locks(descriptor: int) -> bool:
    """Take the lock on an open file, unless another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _insist_on_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as no:
            raise DemoError(
                f"This account may not use port {port}. Choose another: make demo PORT=8000"
            ) from no
        except OSError as busy:
            raise DemoError(
                f"Port {port} is in use. Choose another: make demo PORT={port + 1}"
            ) from busy


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]
