"""The edges of every test: a real PostgreSQL, a real mail server, a browser without a screen."""

import asyncio
import email
import email.policy
import gc
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from procrastinate import JobContext
from procrastinate.jobs import Job
from sqlalchemy import Connection, Dialect, text
from sqlalchemy.pool import QueuePool

from mentorship.accounts import links, sessions
from mentorship.accounts.models import DeviceSession
from mentorship.app import create_app
from mentorship.foundation import clock, rates, scope
from mentorship.foundation import settings as config
from mentorship.foundation.database import db
from mentorship.jobs import running, tasks
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.university import relying
from tests import chromium, databases, make
from tests.stage import come_on, stage, standing

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

# How long an example takes says something of the machine, and nothing of the code. The suite judges
# a change, so it tries the same examples each time; EXPLORE=1 looks for new ones.
hypothesis_settings.register_profile(
    "unhurried",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("EXPLORE") != "1",
)
hypothesis_settings.load_profile("unhurried")

gc.set_threshold(50_000)  # as the product has it

MONDAY_NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
"""The moment at which tests happen: noon in Chicago, on the Monday before daylight saving."""


#: What a test does by itself: it undoes each one, and signs its people in.
_NO_PART_OF_A_PAGE = ("SAVEPOINT", "RELEASE", "ROLLBACK", "INSERT INTO device_sessions")


class Browser(FlaskClient):
    """Shares nothing with the test but the database: no `g`, no current user, no session."""

    def open(self, *args: object, **kwargs: object):
        # What the test itself has read or written must not wrap the request's own work.
        db.session.commit()
        with self.application.app_context():
            return super().open(*args, **kwargs)


class SignedIn(Browser):
    """A browser whose person signs in before the first request, and again when time has passed."""

    member: Member
    _since: datetime | None = None

    def open(self, *args: object, **kwargs: object):
        if self._since is None or abs(clock.now() - self._since) >= sessions.NOTED_EVERY:
            self._since = clock.now()
            token = signed_in(self.member)
            self.set_cookie(self.application.config["SIGN_IN_COOKIE_NAME"], token)
        return super().open(*args, **kwargs)


def signed_in(member: Member) -> str:
    """Seat a member at a device where they have just signed in: the token of the session.

    Nobody is told of it by mail, which they would be if they came through the door.
    """
    token, now = secrets.token_urlsafe(32), clock.now()
    db.session.add(
        DeviceSession(
            token_digest=sessions.digest(token),
            user_id=member.user_id,
            way=sessions.Way.LINK,
            device="Firefox on Linux",
            created_at=now,
            last_used_at=now,
            proven_at=now,
        )
    )
    db.session.commit()
    return token


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end, and need not be looked through for what may go."""
    gc.freeze()


class Tray:
    """Every mail that reached the local mail server, oldest first.

    The server takes every mail, unless `answers` holds what it says to the next ones instead. It
    takes its time over each: `seconds`. `begun` counts the mails that it was handed.
    """

    def __init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []
        self.seconds = 0.0
        self.begun = 0

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.begun += 1
        if self.answers:
            return self.answers.pop(0)
        await asyncio.sleep(self.seconds)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 Taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]


def words(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    return mail.get_body(("plain",)).get_content()


@pytest.fixture(scope="session")
def mail_server() -> Iterator[tuple[Tray, int]]:
    tray = Tray()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(tray, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield tray, port
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> Iterator[str]:
    with databases.clone(worker_id) as url:
        yield url


@pytest.fixture(scope="session")
def settings(database_url: str, mail_server: tuple[Tray, int]) -> config.Settings:
    return config.load(
        {
            "CURBSIDE_ENV": "test",
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a secret for the tests, and only for them",
            "SMTP_PORT": str(mail_server[1]),
        }
    )


@pytest.fixture(scope="session")
def leap_day(settings: config.Settings) -> Iterator[str]:
    """The name of a database to be copied, which holds the demo's world."""
    from tests import worlds  # few tests need it

    with worlds.on_leap_day(settings) as name:
        yield name


class Roomy(QueuePool):
    """Keeps a few connections, which know the schema by then; opens as many as are asked for."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more | {"pool_size": 4, "max_overflow": -1})


def let_go() -> None:
    for engine in db.engines.values():
        engine.dispose()


def _for_tests(app: Flask) -> Flask:
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="session")
def app(settings: config.Settings) -> Iterator[Flask]:
    app = _for_tests(create_app(settings, pool=Roomy))
    with app.app_context():
        _say_savepoints_outright(db.engine.dialect)
    yield app
    with app.app_context():
        let_go()


def _say_savepoints_outright(dialect: Dialect) -> None:
    """Every transaction of a test is two of them: they are not compiled, and never prepared."""

    def outright(words: str) -> Callable[[Connection, str], None]:
        def say(connection: Connection, name: str) -> None:
            connection.connection.driver_connection.execute(f"{words} {name}", prepare=False)

        return say

    dialect.do_savepoint = outright("SAVEPOINT")
    dialect.do_rollback_to_savepoint = outright("ROLLBACK TO SAVEPOINT")
    dialect.do_release_savepoint = outright("RELEASE SAVEPOINT")


@pytest.fixture(scope="session")
def counting(app: Flask) -> Iterator[Connection]:
    """Where tries are counted; `undone` undoes them."""
    with app.app_context(), db.engines[rates.BIND].connect() as connection:
        yield connection.execution_options(isolation_level="READ COMMITTED")


@pytest.fixture(autouse=True)
def cast(request: pytest.FixtureRequest) -> None:
    """Whoever of the cast a test asks for comes on before anything else of its own."""
    if "undone" in request.fixturenames:
        come_on(request)
    else:
        stage.clear()  # nothing that is not kept may be in the way


@pytest.fixture
def undone(app: Flask, counting: Connection, request: pytest.FixtureRequest) -> Iterator[None]:
    """Run the test in one real transaction and undo it, whatever the test commits."""
    with app.app_context():
        connection = stage.rise(db.engine, request.module.__name__)
        with _in_place(app, connection, counting):
            try:
                yield
            finally:
                stage.fall()


@contextmanager
def undone_in_the_end(app: Flask, counting: Connection) -> Iterator[None]:
    """As `undone`, for a world that the tests of a file share: each is `forgotten` by itself."""
    stage.clear()
    with app.app_context(), db.engine.connect() as connection:
        connection.begin()
        connection.begin_nested()
        with _in_place(app, connection, counting):
            try:
                yield
            finally:
                db.session.remove()


@contextmanager
def _in_place(app: Flask, connection: Connection, counting: Connection) -> Iterator[None]:
    """Have everything done on these two, and take back what is counted."""
    running.use(app)
    queries._ids.clear()  # an earlier test's chapters are gone,
    relying._known.clear()  # and what universities said in it
    with counting.begin() as counted, pytest.MonkeyPatch.context() as patch:
        counts = SimpleNamespace(connect=lambda: nullcontext(counting))
        patch.setitem(db.engines, rates.BIND, counts)
        patch.setitem(db.engines, None, connection)
        yield
        counted.rollback()


@contextmanager
def forgotten() -> Iterator[None]:
    """Take back what is done inside, whatever was kept of it."""
    db.session.commit()  # what was read or written before is not inside
    savepoint = db.engine.begin_nested()
    try:
        yield
    finally:
        db.session.remove()
        savepoint.rollback()


@pytest.fixture(scope="session")
def own_app(settings: config.Settings, worker_id: str) -> Flask:
    url = databases.address(f"{worker_id}_own")
    return _for_tests(create_app(replace(settings, database_url=url), pool=Roomy))


@pytest.fixture(scope="module")
def own_label(own_app: Flask, worker_id: str) -> Iterator[str]:
    """Which database the tests of a file have to themselves, one after the other."""
    label = f"{worker_id}_own"
    with databases.clone(label):
        yield label
        with own_app.app_context():
            let_go()


@pytest.fixture
def own_database(own_app: Flask, own_label: str) -> Iterator[Flask]:
    """An app on a database of its own, where everything is really committed. For races.

    Emptied for the next test of the file: whoever changes a schema clones one.
    """
    with own_app.app_context():
        running.use(own_app)
        queries._ids.clear()  # the chapters of the test before are gone
        yield own_app
        db.session.remove()
    databases.empty(own_label)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Chromium]":
    """The one browser of a worker."""
    with chromium.launched() as browser:
        yield browser


@pytest.fixture
def tray(mail_server: tuple[Tray, int]) -> Tray:
    mail_server[0].empty()
    return mail_server[0]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Noon on a Monday in March, everywhere in the product."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY_NOON)
    return MONDAY_NOON


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], datetime]:
    """Move the product's clock: `at(later)`."""

    def move(instant: datetime) -> datetime:
        monkeypatch.setattr(clock, "now", lambda: instant)
        return instant

    return move


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Member], FlaskClient]:
    """Sign somebody in. They sign in again when time has passed, so no limit is in the way."""

    def sign_in(member: Member) -> FlaskClient:
        client = SignedIn(app, app.response_class)
        client.member = member
        return client

    return sign_in


@pytest.fixture
def work(undone: None) -> Callable[..., int]:
    """Do the jobs that are due, as the worker would: `work()`, or `work(until=instant)`.

    Jobs that new jobs cause are done too. Says how many were done.
    """

    return do_jobs


def do_jobs(until: datetime | None = None) -> int:
    """Do the jobs that are due by then, and those that they cause. Says how many."""
    done = 0
    while (job := _next_job(until or clock.now())) is not None:
        _do(job)
        done += 1
    return done


def _do(job: Job) -> None:
    """Call a job's task as the worker does: with its context first, if it asks for it."""
    task = tasks.tasks.tasks[job.task_name]
    context = JobContext(app=tasks.tasks, job=job, start_timestamp=0, abort_reason=lambda: None)
    task(*([context] if task.pass_context else []), **job.task_kwargs)


def _next_job(until: datetime) -> Job | None:
    row = db.session.execute(
        text(
            "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs"
            " WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :until)"
            " ORDER BY coalesce(scheduled_at, '-infinity'), id LIMIT 1)"
            " RETURNING *"
        ),
        {"until": until},
    ).one_or_none()
    db.session.commit()
    return None if row is None else Job.from_row(dict(row._mapping))


#: What a phone says of itself.
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/141.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
def come(app: Flask, undone: None) -> Callable[..., FlaskClient]:
    """Somebody signs in by a link, on a phone whose browser may hold something: `come(sol)`."""

    def come(member: Member, browser: FlaskClient | None = None) -> FlaskClient:
        browser = browser or app.test_client()
        link = links.issue(email=member.email, now=clock.now(), an_hour=None)
        token = links.token(link, secret=app.config["SECRET_KEY"])
        answer = browser.post(f"/sign-in/{token}", headers={"User-Agent": PHONE})
        assert answer.status_code == 303
        return browser

    return come


@pytest.fixture
def path_in(tray: Tray, work: Callable[..., int]) -> Callable[[str, str], str]:
    """The path of the first link in the newest mail with a subject to an address."""

    def path_in(email: str, subject: str) -> str:
        work()
        mail = [mail for mail in tray.to(email) if mail["Subject"] == subject][-1]
        return next(
            word.removeprefix("http://localhost")
            for word in words(mail).split()
            if word.startswith("http://localhost/")
        )

    return path_in


@pytest.fixture
def statements(app: Flask) -> Callable:
    """Count the statements of a block: `with statements() as seen: …; len(seen)`."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    @contextmanager
    def counted() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(_NO_PART_OF_A_PAGE):
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counted


@pytest.fixture
def inside(undone: None) -> Callable:
    """Look at, or work in, one chapter: `with inside(member): …`. What is done is kept."""

    @contextmanager
    def inside(who: object) -> Iterator[None]:
        chapter_id = getattr(who, "chapter_id", None) or who.id
        with scope.chapter(chapter_id):
            yield
            db.session.commit()

    return inside


@standing
def lakeside(undone: None):
    """A chapter in Chicago."""
    return make.chapter("lakeside", zone="America/Chicago")


@standing
def mara(lakeside) -> Member:
    """A mentor of every kind, open on weekdays from one to five in Chicago."""
    return make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)


@standing
def sol(lakeside) -> Member:
    """A student, an M3."""
    return make.student(lakeside, "Sol Adair")


@standing
def cora(lakeside) -> Member:
    """A coordinator."""
    return make.coordinator(lakeside, "Cora Winslow")


@standing
def odd(undone: None) -> Member:
    """The outsider: a mentor, student and coordinator of another chapter."""
    return make.outsider()
