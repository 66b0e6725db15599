"""The mailbox, on a real IMAP server."""

import asyncio
import imaplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from mentorship.jobs import tasks
from mentorship.notifications.inbound import polling
from mentorship.scheduling.models import Part
from mentorship.scheduling.replies import addresses
from mentorship.scheduling.replies.addresses import Claim
from tests.certificates import self_signed
from tests.scheduling.asking import ask, mine
from tests.scheduling.replies import calendars

#: Seconds that the server may take to listen, on a busy machine.
PATIENCE = 60


@pytest.fixture(scope="module")
def imap_port() -> Iterator[int]:
    with serving("--no-tls") as port:
        yield port


@contextmanager
def serving(*tls: str) -> Iterator[int]:
    """An IMAP server with the mailbox of its demo. Its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["--host", "127.0.0.1", "--port", str(port), *tls, "--no-service", "admin"]
    words += ["--no-service", "managesieve", "dict", "--demo-data"]
    server = subprocess.Popen(
        [sys.executable, "-c", "from pymap.main import main; main()", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(PATIENCE * 10):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture
def box(imap_port) -> Iterator[imaplib.IMAP4]:
    """The mailbox, empty."""
    with imaplib.IMAP4("127.0.0.1", imap_port) as box:
        box.login("demouser", "demopass")
        box.select()
        box.store("1:*", "+FLAGS", "\\Deleted")
        box.expunge()
        yield box


@pytest.fixture
def reading(settings, imap_port, app, monkeypatch):
    made = replace(
        settings,
        mail_in="imap",
        imap_host="127.0.0.1",
        imap_port=imap_port,
        imap_security="none",
        imap_user="demouser",
        imap_password="demopass",
    )
    monkeypatch.setitem(app.config, "SETTINGS", made)
    return made


@pytest.fixture
def asked(mara, sol, now):
    return ask(mara, sol, now=now)


@pytest.fixture
def answer(asked, mara, reading):
    claim = Claim(mara.chapter_id, asked, Part.MENTOR, 0)
    return calendars.typed("Yes", to=addresses.address(claim, settings=reading))


def put(box: imaplib.IMAP4, *mails: bytes) -> None:
    for mail in mails:
        assert box.append("INBOX", None, None, mail)[0] == "OK"


def left(box: imaplib.IMAP4, which: str) -> int:
    box.noop()
    return len(box.search(None, which)[1][0].split())


def test_what_is_for_us_is_taken_and_deleted_and_the_rest_is_left_as_seen(
    box, reading, asked, answer, mara, now, inside
):
    put(box, b"To: somebody@example.org\r\n\r\nHello", answer, b"x", b"\0\xff" * 50, answer)

    assert polling.take_new(settings=reading, now=now) == 5
    assert (left(box, "ALL"), left(box, "UNSEEN")) == (3, 0)
    assert polling.take_new(settings=reading, now=now) == 0
    with inside(mara):
        assert mine(asked, mara).state == "accepted"


def test_a_mail_of_ten_megabytes_is_not_fetched_whole(box, reading, now, monkeypatch):
    put(box, b"To: somebody@example.org\r\n\r\n" + b"x" * 10_000_000)
    fetched = []
    monkeypatch.setattr(
        "mentorship.notifications.inbound.taking.take",
        lambda raw, **_: fetched.append(len(raw)) or polling.Ignored.TOO_LARGE,
    )
    polling.take_new(settings=reading, now=now)
    assert fetched == [1_000_001]


def test_the_worker_looks_into_it_and_only_where_there_is_one(
    box, reading, asked, answer, mara, app, settings, inside, monkeypatch, undone
):
    put(box, answer)
    with monkeypatch.context() as without:
        without.setitem(app.config, "SETTINGS", settings)
        tasks.take_mail_in(0)
    assert left(box, "UNSEEN") == 1
    tasks.take_mail_in(0)
    assert left(box, "ALL") == 0


def test_who_dies_before_it_is_marked_takes_it_again_and_does_it_once(
    box, reading, asked, answer, mara, now, inside, monkeypatch
):
    put(box, answer)
    with monkeypatch.context() as dying:
        dying.setattr(polling.BaseMailBox, "delete", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            polling.take_new(settings=reading, now=now)
    assert left(box, "UNSEEN") == 1
    polling.take_new(settings=reading, now=now)
    assert left(box, "ALL") == 0
    with inside(mara):
        assert mine(asked, mara).state == "accepted"


def test_a_server_that_is_away_says_so(reading, now):
    with pytest.raises(OSError, match="refused"):
        polling.take_new(settings=replace(reading, imap_port=1), now=now)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate for localhost that nobody but this test trusts, and its key."""
    return self_signed(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture(scope="module")
def starttls_port(certificate) -> Iterator[int]:
    with serving("--cert", str(certificate), "--key", str(certificate)) as port:
        yield port


@pytest.fixture(scope="module")
def tls_port(certificate, imap_port) -> Iterator[int]:
    """The plain server behind a door that speaks TLS from the first byte."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def let_in(reader: StreamReader, writer: StreamWriter) -> None:
        beyond = await asyncio.open_connection("127.0.0.1", imap_port)
        await asyncio.gather(_pass_on(reader, beyond[1]), _pass_on(beyond[0], writer))

    loop = asyncio.new_event_loop()
    # In a thread of its own: the browser of other tests keeps a loop in this one.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = asyncio.start_server(let_in, "127.0.0.1", 0, ssl=context)
    door = asyncio.run_coroutine_threadsafe(opening, loop).result(PATIENCE)
    yield door.sockets[0].getsockname()[1]
    asyncio.run_coroutine_threadsafe(_shut(door), loop).result(PATIENCE)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(PATIENCE)
    loop.close()


async def _shut(door: asyncio.Server) -> None:
    """Take nobody in anymore, and leave no connection open."""
    door.close()
    within = asyncio.all_tasks() - {asyncio.current_task()}
    for task in within:
        task.cancel()
    await asyncio.gather(*within, return_exceptions=True)
    await asyncio.sleep(0.1)  # what was closed is closed by the loop


async def _pass_on(source: StreamReader, target: StreamWriter) -> None:
    try:
        with suppress(OSError):  # somebody has hung up
            while some := await source.read(65536):
                target.write(some)
                await target.drain()
    finally:
        target.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
class TestEncrypted:
    @pytest.fixture
    def encrypted(self, request, reading, security):
        port = request.getfixturevalue(f"{security}_port")
        return replace(reading, imap_host="localhost", imap_port=port, imap_security=security)

    def test_is_read_where_the_certificate_is_trusted(
        self, encrypted, certificate, now, mara, monkeypatch, security
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        polling.take_new(settings=encrypted, now=now)
        assert polling.take_new(settings=encrypted, now=now) == 0

    def test_is_not_read_where_it_is_not(self, encrypted, now, security):
        with pytest.raises(ssl.SSLCertVerificationError):
            polling.take_new(settings=encrypted, now=now)

    def test_is_not_read_where_it_is_for_another_host(
        self, encrypted, certificate, now, monkeypatch, security
    ):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(ssl.SSLCertVerificationError):
            polling.take_new(settings=replace(encrypted, imap_host="127.0.0.1"), now=now)
