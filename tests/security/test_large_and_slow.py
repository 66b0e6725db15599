"""Bodies that are too large, come too slowly, or unpack to far more than they are.

What a page takes is in `web/test_limits.py`; here a real server of the product is asked, over
loopback, by clients that take their time.
"""

import io
import socket
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mentorship.files import formats
from tests import databases
from tests.cli.test_serve import answers, get
from tests.processes import PATIENCE, environ, free_port, running, until

#: More than the server has threads.
CROWD = 24
HEAD = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)


@pytest.fixture(scope="module")
def port(worker_id, tmp_path_factory) -> Iterator[int]:
    port = free_port()
    with databases.clone(f"{worker_id}_slow") as url:
        settings = environ(
            url, BASE_URL=f"http://127.0.0.1:{port}", PORT=str(port), THREADS="4", SEND_SECONDS="1"
        )
        folder = tmp_path_factory.mktemp("slow")
        with running("serve", environ=settings, folder=folder) as process:
            until(lambda: answers(port), process=process)
            yield port


def begun(port: int, words: bytes) -> socket.socket:
    """A connection on which a request has begun, and goes no further."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.sendall(words)
    return connection


def a_crowd(port: int, words: bytes, stack: ExitStack) -> list[socket.socket]:
    return [stack.enter_context(begun(port, words)) for _ in range(CROWD)]


def to_the_end(connection: socket.socket) -> bytes:
    """All that is said on a connection until the server hangs up."""
    said = b""
    while more := connection.recv(65536):
        said += more
    return said


@pytest.mark.parametrize(
    "words",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        # So much has come that the rest is waited for another half a minute.
        HEAD + b"Content-Length: 400000\r\n\r\n" + b"a" * 300_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n493E0\r\n" + b"a" * 300_000,
    ],
    ids=["headers", "a body", "a body in chunks"],
)
def test_a_crowd_that_never_ends_keeps_nobody_else_waiting(port, words):
    with ExitStack() as stack:
        crowd = a_crowd(port, words, stack)

        assert get(port, "/healthz")[0].status == 200
        assert get(port, "/sign-in")[0].status == 200

        if b"\r\n\r\n" in words:  # nobody of them was sent away to make room
            for connection in crowd:
                connection.setblocking(False)
                with pytest.raises(BlockingIOError):
                    connection.recv(1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b""),
        (b"GET / HT", b""),
        (HEAD + b"Content-Length: 400\r\n\r\nemail=a", b"HTTP/1.1 408 "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nemail\r\n", b"HTTP/1.1 408 "),
    ],
    ids=["headers", "the first line", "a body", "a body in chunks"],
)
def test_what_comes_too_slowly_is_given_up_and_hung_up(port, words, said):
    with ExitStack() as stack:
        for connection in a_crowd(port, words, stack):
            assert to_the_end(connection).startswith(said)


def test_a_body_in_two_parts_is_taken_whole(port):
    with begun(port, HEAD + b"Content-Length: 13\r\n\r\nemail=a") as connection:
        connection.sendall(b"%40b.c")

        # Its form has no token, as somebody's has whose page was open for too long.
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("said", [b"99999999999", b"5242881"])
def test_a_body_that_is_said_to_be_large_is_refused_before_it_comes(port, said):
    with begun(port, HEAD + b"Content-Length: " + said + b"\r\n\r\nemail=a") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


TWO_MINDS = {
    "less than none": b"Content-Length: -1\r\n\r\n",
    "no number": b"Content-Length: x\r\n\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nemail",
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a huge chunk": b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
    "a long header": b"X: " + b"a" * 1_000_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("words", TWO_MINDS.values(), ids=TWO_MINDS.keys())
def test_a_request_of_two_minds_is_refused_and_harms_nobody(port, words):
    with begun(port, HEAD) as connection:
        connection.settimeout(10)
        try:
            connection.sendall(words)
            said = connection.recv(100)
        except OSError:  # it hangs up, or waits for what does not come
            said = b""
        assert not said.startswith(b"HTTP/1.1 200")

    assert get(port, "/healthz")[0].status == 200


def test_a_document_that_unpacks_to_far_more_is_refused_before_it_is_unpacked():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", b"x")
        for number in range(formats.UNPACKED // 1_000_000 + 1):
            package.writestr(f"word/{number}.xml", bytes(1_000_000))

    assert len(content.getvalue()) < formats.LARGEST
    with pytest.raises(formats.TooMuchInside):
        formats.of(content)
