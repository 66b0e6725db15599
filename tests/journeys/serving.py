"""The product served from the test's own process, so that its clock can stand elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from mentorship.app import create_app
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.jobs import running
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from tests import databases
from tests.conftest import do_jobs, signed_in
from tests.processes import free_port, until


@contextmanager
def listening(settings: Settings, *, database: str, host: str) -> Iterator[Flask]:
    """The product on a port of loopback; `host` is what browsers call it.

    It finds a database at that address while a test has it `opened`.
    """
    port = free_port()
    address = f"http://{host}:{port}"
    app = create_app(replace(settings, database_url=database, base_url=address))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()


@contextmanager
def opened(
    app: Flask,
    *,
    label: str,
    began: datetime,
    monkeypatch: pytest.MonkeyPatch,
    template: str = "",
) -> Iterator[None]:
    """On a fresh database with this label, or a copy of another, and from an instant on."""
    started = time.monotonic()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(seconds=time.monotonic() - started))
    running.use(app)
    queries._ids.clear()  # the chapters of the database before are gone
    with databases.clone(label, template=template):
        yield
        with app.app_context():
            db.session.remove()
            engines = db.engines.values()
            # A page that somebody left while it came is still being answered.
            until(lambda: not any(engine.pool.checkedout() for engine in engines))
            for engine in engines:
                engine.dispose()


def cookie(app: Flask, member: Member) -> dict[str, str]:
    """What the browser of this member holds once they are signed in."""
    with app.app_context():
        token = signed_in(member)
        db.session.remove()
    name = app.config["SIGN_IN_COOKIE_NAME"]
    return {"name": name, "value": token, "url": app.config["SETTINGS"].base_url}


def work(app: Flask, do: Callable[[], object] = do_jobs) -> None:
    """Do as the worker: the jobs that are due, or this."""
    with app.app_context():
        do()
        db.session.remove()
