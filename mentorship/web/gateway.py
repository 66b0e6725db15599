"""Between the server and the app: a request gets a thread only when all of it is there.

The server's own WSGI interface gives each request a thread at once, which a body that trickles in
then holds. Here bodies are waited for in the event loop, any number side by side, and one that
comes too slowly is given up. An answer is put together before it leaves, so that whoever reads it
slowly holds no thread either.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import unquote_to_bytes

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Spool = SpooledTemporaryFile[bytes]
Head = tuple[int, list[tuple[bytes, bytes]]]

#: Says in a request's environment that its body came too slowly; the app answers with 408.
TOO_SLOW = "curbside.too_slow"
#: Bytes a second that a body has to come at, after the seconds it has to begin. A weak phone on a
#: hospital's cellar corridor does better.
SLOWEST = 10_000
#: Bytes of a body that are held in memory, and of an answer; more is in a file without a name.
#: Bodies are less, since strangers have us hold any number of them.
_BODY, _ANSWER = 64 * 1024, 256 * 1024


class Gateway:
    """A WSGI app as an ASGI app, of which each process of the server has one.

    :param threads: how many requests are worked on at the same time.
    :param seconds: how long a body may take, besides a second for each `SLOWEST` bytes.
    :param most: how many bytes of body are taken for a request, by its environment. What says that
        it is larger gets to the app without its body, to be refused.
    """

    def __init__(
        self,
        app: Callable,
        *,
        threads: int,
        seconds: float,
        most: Callable[[Environ], int],
    ) -> None:
        self._app, self._seconds, self._most = app, seconds, most
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        environ = _environ(scope)
        loop = asyncio.get_running_loop()
        with (
            SpooledTemporaryFile(_BODY) as body,
            SpooledTemporaryFile(_ANSWER) as answer,
        ):
            if not await self._take(receive, environ, body):
                return
            body.seek(0)
            environ["wsgi.input"] = body
            status, headers = await loop.run_in_executor(self._threads, self._work, environ, answer)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            answer.seek(0)
            more = True
            while more:
                part = answer.read(_ANSWER)
                more = len(part) == _ANSWER
                await send({"type": "http.response.body", "body": part, "more_body": more})

    async def _take(self, receive: Receive, environ: Environ, into: Spool) -> bool:
        """Take the body; whether there is still somebody who sends it."""
        chunked = environ.pop("HTTP_TRANSFER_ENCODING", None) is not None
        said = int(environ.get("CONTENT_LENGTH") or 0)
        if not (said or chunked):
            return True
        most = self._most(environ)
        if said > most:
            return True
        began, got, more = asyncio.get_running_loop().time(), 0, True
        try:
            while more and got <= most:
                async with asyncio.timeout_at(began + self._seconds + got / SLOWEST):
                    message = await receive()
                if message["type"] != "http.request":
                    return False
                got += into.write(message.get("body", b""))
                # Of a body with a length the end is known without being told.
                more = message.get("more_body", False) and (chunked or got < said)
        except TimeoutError:
            environ[TOO_SLOW] = True
        environ["CONTENT_LENGTH"] = str(got)
        return True

    def _work(self, environ: Environ, answer: Spool) -> Head:
        """Have the app answer, on a thread of its own."""
        head: Head = (500, [])

        def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable:
            nonlocal head
            raw = [
                (name.lower().encode("latin-1"), said.encode("latin-1")) for name, said in headers
            ]
            head = (int(status[:3]), raw)
            return answer.write

        parts = self._app(environ, start)
        try:
            for part in parts:
                answer.write(part)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return head


def _environ(scope: Message) -> Environ:
    """What PEP 3333 has an app be told, all but the body."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("",)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, said in scope["headers"]:
        # One with an underscore would pass for one with a dash, such as what only a proxy may say.
        if b"_" in raw:
            continue
        name = raw.decode("latin-1").upper().replace("-", "_")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = f"HTTP_{name}"
        value = said.decode("latin-1")
        environ[name] = f"{environ[name]},{value}" if name in environ else value
    return environ
