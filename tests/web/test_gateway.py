"""What the gateway hands to an app and back, asked as a server asks it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mentorship.web.gateway import TOO_SLOW, Gateway

POST = {"content-type": "text/plain", "content-length": "5"}


class App:
    """Notes what it is told, and answers in parts."""

    def __init__(self, *parts: bytes) -> None:
        self.parts, self.told, self.closed = parts, None, False

    def __call__(self, environ, start):
        self.told = environ | {
            "body": environ["wsgi.input"].read() if "wsgi.input" in environ else None
        }
        start("201 Created", [("Content-Type", "text/plain"), ("X-Name", "Zo\xeb")])
        return self

    def __iter__(self):
        return iter(self.parts)

    def close(self):
        self.closed = True


def ask(app, *messages: dict[str, Any], headers=None, seconds=30.0, most=100, **more):
    """One request, of which these messages come. What the gateway has sent."""
    waiting, sent = list(messages), []

    async def receive():
        return waiting.pop(0) if waiting else await never()

    async def send(message):
        sent.append(message)

    gateway = Gateway(app, threads=1, seconds=seconds, most=lambda _: most)
    run(gateway(request(headers, **more), receive, send))
    return sent


def run(work: Coroutine) -> None:
    """On a thread of its own: the browser of other tests has an event loop on this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def request(headers=None, **more):
    return {
        **{"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http"},
        **{"raw_path": b"/", "query_string": b"", "server": ("127.0.0.1", 80)},
        "client": ("192.0.2.7", 1234),
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in (headers or {}).items()],
        **more,
    }


async def never(*_):
    return await asyncio.Event().wait()


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_an_app_is_told_what_was_asked():
    app = App()
    headers = {"host": "x.example", "cookie": "a=b", "accept": "text/html"}

    ask(app, headers=headers, raw_path=b"/a%20b/%C3%AB/%FF", query_string=b"q=%20\xff")

    assert app.told["PATH_INFO"] == "/a b/\xc3\xab/\xff"
    assert app.told["QUERY_STRING"] == "q=%20\xff"
    assert (app.told["HTTP_HOST"], app.told["HTTP_COOKIE"]) == ("x.example", "a=b")
    assert (app.told["REMOTE_ADDR"], app.told["REQUEST_METHOD"]) == ("192.0.2.7", "POST")
    assert "CONTENT_LENGTH" not in app.told


def test_a_header_with_an_underscore_does_not_pass_for_another():
    app = App()

    ask(app, headers={"x-forwarded-for": "192.0.2.1", "x_forwarded_for": "198.51.100.1"})

    assert app.told["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"


def test_a_header_that_is_there_twice_is_one_with_a_comma():
    app = App()

    ask(app, headers={"X-Forwarded-For": "192.0.2.1", "x-forwarded-for": "192.0.2.2"})

    assert app.told["HTTP_X_FORWARDED_FOR"] == "192.0.2.1,192.0.2.2"


def test_a_body_is_put_together_before_the_app_is_asked():
    app = App()

    ask(app, part(b"he", more=True), part(b"llo"), headers=POST)

    assert (app.told["body"], app.told["CONTENT_LENGTH"]) == (b"hello", "5")


def test_of_a_body_with_a_length_the_end_is_not_waited_for():
    app = App()

    ask(app, part(b"hello", more=True), headers=POST, seconds=0.5)

    assert app.told["body"] == b"hello"
    assert TOO_SLOW not in app.told


def test_a_body_in_chunks_has_a_length_in_the_end():
    app = App()

    ask(app, part(b"he", more=True), part(b"llo"), headers={"transfer-encoding": "chunked"})

    assert (app.told["body"], app.told["CONTENT_LENGTH"]) == (b"hello", "5")
    assert "HTTP_TRANSFER_ENCODING" not in app.told


def test_a_request_whose_sender_left_is_not_worked_on():
    app = App()

    sent = ask(app, part(b"he", more=True), {"type": "http.disconnect"}, headers=POST)

    assert (app.told, sent) == (None, [])


def test_a_body_that_comes_too_slowly_is_given_up_and_the_app_told():
    app = App()

    sent = ask(app, part(b"he", more=True), headers=POST, seconds=0)

    assert app.told[TOO_SLOW] is True
    assert sent[0]["status"] == 201


def test_of_a_body_that_is_said_to_be_too_large_nothing_is_taken():
    app = App()

    ask(app, headers=POST, most=4)

    assert (app.told["body"], app.told["CONTENT_LENGTH"]) == (b"", "5")


def test_of_chunks_no_more_are_taken_than_may_be():
    app = App()
    chunks = [part(b"x" * 10, more=True)] * 20

    ask(app, *chunks, headers={"transfer-encoding": "chunked"})

    assert int(app.told["CONTENT_LENGTH"]) == 110


@pytest.mark.parametrize("parts", [[], [b"hello"], [b"he", b"", b"llo"]], ids=len)
def test_an_answer_is_put_together_before_it_leaves(parts):
    app = App(*parts)

    start, *bodies = ask(app)

    assert (start["status"], start["headers"][1]) == (201, (b"x-name", b"Zo\xeb"))
    assert [one["body"] for one in bodies] == [b"".join(parts)]
    assert bodies[-1]["more_body"] is False
    assert app.closed


def test_a_large_answer_leaves_in_pieces():
    app = App(*[b"x" * 100_000] * 10)

    _, *bodies = ask(app)

    assert len(bodies) == 4
    assert b"".join(one["body"] for one in bodies) == b"x" * 1_000_000
    assert [one["more_body"] for one in bodies] == [True, True, True, False]


@pytest.mark.parametrize("slow", ["who sends", "who reads"])
def test_whoever_takes_their_time_holds_no_thread(slow):
    gateway = Gateway(App(b"hello"), threads=1, seconds=60, most=lambda _: 100)
    sent = []

    async def send(message):
        sent.append(message)

    async def both():
        how = (never, send) if slow == "who sends" else (never, never)
        first = asyncio.create_task(gateway(request(POST if slow == "who sends" else {}), *how))
        await asyncio.sleep(0)
        await gateway(request(), never, send)
        assert not first.done()
        first.cancel()

    run(both())

    assert sent[-1]["body"] == b"hello"
