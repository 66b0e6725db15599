"""The commands that run the product, and mend it."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy.exc import DBAPIError

from mentorship.foundation import clock, schema, scope
from mentorship.foundation import settings as config
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.foundation.local_postgres import LocalPostgresError
from mentorship.foundation.settings import ROOT, Settings, SettingsError

#: What a mail server takes for "try again later" (EX_TEMPFAIL of sysexits.h).
TRY_LATER = 75
#: What a command says in one line; a traceback is for a mistake of ours.
NOS = (SettingsError, schema.SchemaError, LocalPostgresError, Refusal)


@click.group()
def product() -> None:
    """The commands that need the product: its settings, its pages, its database."""


def with_app(command: Callable) -> Callable:
    """Give a command the product, as the role that row-level security binds."""

    @wraps(command)
    def run(**options: Any) -> Any:
        from mentorship.app import create_app

        settings = config.load()
        with create_app(settings).app_context():
            _insist_on_a_good_database(settings)
            try:
                return command(**options)
            finally:
                db.session.remove()
                db.engine.dispose()

    return run


def _insist_on_a_good_database(settings: Settings) -> None:
    """Refuse to work on a database that the product cannot work with, or must not.

    :raises SchemaError: it is out of reach or not up to date, or its role is not bound.
    """
    try:
        with schema.in_one_line(settings.database_url):
            connection = db.session.connection()
            schema.insist_on_the_wall(connection)
            if not schema.at_head(connection):
                raise schema.SchemaError(schema.BEHIND)
    finally:
        # Whatever is started next opens connections of its own.
        db.session.remove()
        db.engine.dispose()


@product.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the pages. SIGTERM finishes the requests under way and stops."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    from mentorship.app import create_app

    settings = config.load()
    with create_app(settings).app_context():
        _insist_on_a_good_database(settings)
    Granian(
        "mentorship.app:served",
        factory=True,
        address=host or settings.host,
        port=port or settings.port,
        # Not WSGI, by which a body that trickles in would hold a thread: see web/gateway.py.
        interface=Interfaces.ASGINL,
        # What a proxy speaks. HTTP/2 has no limit on the time that headers take.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=settings.send_seconds * 1000),
        workers=settings.workers,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
    ).serve()


@product.command()
@click.option("--once", is_flag=True, help="Do what is due, then stop.")
def worker(once: bool) -> None:
    """Do the background work: mail, matching runs, reminders. SIGTERM stops it in order."""
    from mentorship.app import create_app
    from mentorship.jobs.worker import work

    settings = config.load()
    app = create_app(settings)
    with app.app_context():
        _insist_on_a_good_database(settings)
    work(app, settings, once=once)


@product.group(name="db")
def database() -> None:
    """The database's schema. Reads DATABASE_URL."""


def _database_url() -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        raise SettingsError("Set DATABASE_URL to a PostgreSQL address (postgresql://…).")
    return url


@database.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Make the product's role and bring the tables up to date."""
    schema.upgrade(_database_url(), revision)
    click.echo(f"The database is at {schema.head() if revision == 'head' else revision}.")


@database.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Go back to REVISION. `base` drops everything."""
    schema.downgrade(_database_url(), revision)


@database.command()
def check() -> None:
    """Say whether the database is as the product needs it; exit 1 if not."""
    problems = schema.problems(_database_url())
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    click.echo("The database is up to date, and the walls between chapters stand.")


@database.command()
@click.argument("message")
def revise(message: str) -> None:
    """Draft the next migration, MESSAGE in a few words. Read it through before you keep it."""
    schema.write_revision(_database_url(), message)


@product.group()
def mail() -> None:
    """Mail that comes in."""


@mail.command()
def take() -> None:
    """Take one mail from standard input, for a mail server to call with each that is for us.

    Says what came of it. That is no failure whatever the mail is, so that no mail bounces; exit 75
    asks the mail server to try again later.
    """
    try:
        _take_mail()
    except (SettingsError, schema.SchemaError, DBAPIError) as no:
        click.echo(f"mentorship: {str(no).splitlines()[0]}", err=True)
        raise SystemExit(TRY_LATER) from no


@with_app
def _take_mail() -> None:
    from mentorship.notifications.inbound import letters, taking

    raw = sys.stdin.buffer.read(letters.MOST + 1)
    click.echo(taking.take(raw, settings=current_app.config["SETTINGS"], now=clock.now()))


@product.command()
@with_app
def shell() -> None:
    """A Python prompt with the app, `db`, `scope` and `now` at hand."""
    import code

    banner = "Enter a chapter first: scope.enter(queries.chapter_id('…'))"
    from mentorship.tenancy import queries

    code.interact(banner, local={"db": db, "scope": scope, "queries": queries, "now": clock.now()})


@product.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Start from a fresh demo world.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / ".local" / "demo",
    help="Where its database and mail are kept, when not in the checkout.",
)
def demo(port: int, reset: bool, folder: Path) -> None:
    """Run everything with a demo world: database, mail, pages and worker. Ctrl-C stops it."""
    from mentorship.demo.run import run

    run(port=port, reset=reset, folder=folder.resolve())
