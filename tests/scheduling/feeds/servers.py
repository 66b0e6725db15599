"""Servers on this machine that answer calendars, well or badly."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Speak = Callable[[socket.socket, bytes], None]


@dataclass
class Server:
    """One that does `speak` with whoever connects. Remembers what it was asked."""

    speak: Speak
    port: int = 0
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/calendar.ics?key=canary-secret"

    def header(self, name: str) -> list[str]:
        """What each request said in a header; empty where it had none."""
        wanted = f"\n{name.lower()}:"
        found = []
        for request in self.asked:
            _, _, rest = ("\n" + request.decode("latin-1")).lower().partition(wanted)
            found.append(rest.split("\r\n")[0].strip())
        return found


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Speak:
    """Answer with this, whatever is asked."""
    said = [f"Content-Length: {len(body) if length is None else length}", *headers]
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{line}\r\n" for line in said) + "\r\n"

    def speak(client: socket.socket, _request: bytes) -> None:
        client.sendall(head.encode() + body)

    return speak


def bytes_then(head: bytes, each: Callable[[], bytes], pause: float = 0) -> Speak:
    """Answer with a beginning, then with piece after piece until nobody listens."""
    stop = threading.Event()

    def speak(client: socket.socket, _request: bytes) -> None:
        client.sendall(head)
        while piece := each():
            client.sendall(piece)
            if pause:
                stop.wait(pause)

    return speak


@contextmanager
def serving(speak: Speak, secured: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(speak, listening.getsockname()[1])

        def talk(client: socket.socket) -> None:
            # Whoever asked may go at any moment.
            with client, suppress(OSError):
                if secured is None:
                    hear(client)
                else:
                    with secured.wrap_socket(client, server_side=True) as inside:
                        hear(inside)

        def hear(client: socket.socket) -> None:
            request = b""
            while b"\r\n\r\n" not in request and (piece := client.recv(65_536)):
                request += piece
            server.asked.append(request)
            server.speak(client, request)

        def listen() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(client,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        yield server
        # Wakes whoever waits for somebody to connect.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
