"""Asking an address that somebody typed, which is how a server is talked into attacking others.

The name is looked up once, every address it has must be one of the public internet, and the
connection goes to the address that was checked. Size and time are bounded, whatever the other side
does. What a redirect means is the caller's to decide: none is followed here. Pure, but for the
network.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from typing import Self
from urllib.parse import urlsplit

#: The longest address that is asked, in characters.
LONGEST = 2_000
#: Seconds for one connection.
_CONNECT = 5.0
_CHUNK = 65_536
#: Reached through these, another address answers: NAT64, 6to4, Teredo, ORCHID and the like; or
#: they are not of the internet, whatever the tables of Python's release say.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "fec0::/10", "::/96"),
        *("100::/64", "3fff::/20", "5f00::/16", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24"),
        *("198.18.0.0/15", "240.0.0.0/4", "0.0.0.0/8"),
    )
)


class Why(StrEnum):
    """Why an address was not asked, or did not answer. Each caller has words of its own for it."""

    FORM = auto()
    SCHEME = auto()
    PASSWORD = auto()
    PORT = auto()
    NOT_PUBLIC = auto()
    TOO_LARGE = auto()
    ENCODING = auto()
    NO_NAME = auto()
    SLOW = auto()
    CERTIFICATE = auto()
    UNREADABLE = auto()
    CUT_OFF = auto()
    UNREACHABLE = auto()


class Trouble(Exception):
    """It did not come to an answer. Says nothing about our own network."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Refused(Trouble):
    """This address will not do, today or later."""


class Failed(Trouble):
    """It did not work this time."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses may be asked."""

    plain_http: bool = False
    loopback: bool = False
    """With any port. For tests, and refused by the settings in production."""


PUBLIC = Reach()


def reach(named: str, *, environment: str) -> Reach:
    """The reach that a setting names, "public" or "loopback"; in production always the former."""
    opened = named == "loopback" and environment != "production"
    return Reach(plain_http=True, loopback=True) if opened else PUBLIC


@dataclass(frozen=True, slots=True)
class Place:
    """An address, taken apart and checked for its form."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        usual = self.port == (443 if self.scheme == "https" else 80)
        return f"{self.scheme}://{self._name}{'' if usual else f':{self.port}'}{self.path}"

    @property
    def _name(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def place(address: str, reach: Reach = PUBLIC) -> Place:
    """Take an address apart, as somebody pasted it.

    :raises Refused: nothing of that form is asked.
    """
    typed = address.strip()
    if len(typed) > LONGEST or any(ord(letter) < 33 or ord(letter) == 127 for letter in typed):
        raise Refused(Why.FORM)
    if "\\" in typed:
        raise Refused(Why.FORM)
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise Refused(Why.FORM) from None
    scheme = parts.scheme.lower()
    if scheme != "https" and not (reach.plain_http and scheme == "http"):
        raise Refused(Why.SCHEME)
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise Refused(Why.PASSWORD)
    usual = 443 if scheme == "https" else 80
    if port not in (None, usual) and not reach.loopback:
        raise Refused(Why.PORT)
    path = _quoted(parts.path or "/") + (f"?{_quoted(parts.query)}" if parts.query else "")
    return Place(scheme, _host(parts.hostname or ""), port or usual, path)


class Asked:
    """One request to one address, with its answer while it comes in: `with Asked(…) as asked`.

    `deadline` is an instant of `time.monotonic`, for everything up to the last byte; `most_bytes`
    bounds the body, packed or not.

    :raises Refused: the address is not one of the public internet.
    :raises Failed: it did not answer.
    """

    def __init__(
        self,
        there: Place,
        *,
        method: str = "GET",
        headers: Mapping[str, str],
        body: bytes | None = None,
        reach: Reach = PUBLIC,
        deadline: float,
        most_bytes: int,
    ) -> None:
        self._deadline, self._most = deadline, most_bytes
        self._connection: http.client.HTTPConnection | None = None
        self._response: http.client.HTTPResponse | None = None
        self._watch: threading.Timer | None = None
        try:
            sock = _connected(there, reach, deadline)
            self._connection = _On(there, sock)
            # A side that sends a byte now and then is within every limit of a single read.
            self._watch = threading.Timer(self._left(), _shut, (sock,))
            self._watch.daemon = True
            self._watch.start()
            said = {"Accept-Encoding": "gzip", "Connection": "close", **headers}
            self._connection.request(method, there.path, body, said)
            self._response = self._connection.getresponse()
        except BaseException as no:
            self.close()
            raise self._said(no) from None
        self.status = self._response.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def header(self, name: str) -> str:
        assert self._response is not None
        return self._response.getheader(name) or ""

    def body(self) -> bytes:
        """What was answered, whole and unpacked.

        :raises Refused, Failed: it is too large, too slow, cut off, or packed in another way.
        """
        try:
            return self._body()
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as no:
            raise self._said(no) from None

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._connection is not None:
            self._connection.close()
        if self._response is not None:  # which the connection has let go of by then
            self._response.close()

    def _body(self) -> bytes:
        assert self._response is not None
        encoding = self.header("Content-Encoding").strip().lower() or "identity"
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise Refused(Why.ENCODING)
        unpack = zlib.decompressobj(31) if "gzip" in encoding else None
        body, raw = bytearray(), 0
        while chunk := self._response.read1(_CHUNK):
            raw += len(chunk)
            # Bounded before it is unpacked as well as after: what is packed can be anything.
            body += unpack.decompress(chunk, self._most + 1 - len(body)) if unpack else chunk
            if max(raw, len(body)) > self._most:
                raise Refused(Why.TOO_LARGE)
            if self._left() <= 0:
                break
        # A connection that was shut for being too slow looks like the end of what was sent.
        if self._left() <= 0:
            raise Failed(Why.SLOW)
        if self._response.length or (unpack and not unpack.eof):
            raise Failed(Why.CUT_OFF)
        return bytes(body)

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _said(self, no: BaseException) -> BaseException:
        """An error of the network without what it tells of ours."""
        if isinstance(no, Trouble) or not isinstance(no, Exception):
            return no
        if self._left() <= 0 or isinstance(no, TimeoutError):
            return Failed(Why.SLOW)
        if isinstance(no, ssl.SSLCertVerificationError):
            return Failed(Why.CERTIFICATE)
        if isinstance(no, zlib.error | http.client.HTTPException | ValueError):
            return Failed(Why.UNREADABLE)
        return Failed(Why.UNREACHABLE)


class _On(http.client.HTTPConnection):
    """HTTP on a connection that is there already, so that no name is looked up again."""

    def __init__(self, there: Place, sock: socket.socket) -> None:
        super().__init__(there.host, there.port)
        # It leaves the port out of Host only where it is the usual one of its scheme.
        self.default_port = 443 if there.scheme == "https" else 80
        self.sock = sock

    def connect(self) -> None:
        raise Failed(Why.CUT_OFF)


def is_public(address: str) -> bool:
    """Whether an address, in any notation of it, is one of the public internet."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return (
        found.is_global
        and not found.is_multicast
        and not found.is_reserved
        and not any(found.version == net.version and found in net for net in _NOT_PUBLIC)
    )


def _connected(there: Place, reach: Reach, deadline: float) -> socket.socket:
    """A connection to an address of the host that was found to be public.

    :raises Refused: some address of it is not.
    """
    addresses = _addresses(there, deadline)
    if not addresses or not all(_may_be_asked(each, reach) for each in addresses):
        raise Refused(Why.NOT_PUBLIC)
    last: OSError = TimeoutError()
    for address in addresses[:3]:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            plain = socket.create_connection((address, there.port), timeout=min(left, _CONNECT))
        except OSError as no:
            last = no
            continue
        if there.scheme == "http":
            plain.settimeout(max(left, 0.1))
            return plain
        return _secured(plain, there.host, deadline)
    raise last


def _secured(plain: socket.socket, host: str, deadline: float) -> socket.socket:
    plain.settimeout(max(deadline - time.monotonic(), 0.1))
    try:
        secured = _tls().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        plain.close()
        raise
    # A handshake can come byte by byte as well as anything else.
    watch = threading.Timer(max(deadline - time.monotonic(), 0.1), _shut, (secured,))
    watch.daemon = True
    watch.start()
    try:
        secured.do_handshake()
        return secured
    except BaseException:
        secured.close()
        raise
    finally:
        watch.cancel()


def _addresses(there: Place, deadline: float) -> list[str]:
    """Every address of a host. A look-up cannot be stopped, so that it is waited for elsewhere.

    :raises Failed: there is none, or nobody says so in time.
    """
    found: list[str] = []
    failed = threading.Event()

    def look() -> None:
        try:
            infos = socket.getaddrinfo(there.host, there.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            failed.set()
        else:
            found.extend(dict.fromkeys(str(info[4][0]) for info in infos))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(max(deadline - time.monotonic(), 0))
    if looking.is_alive():
        raise Failed(Why.SLOW)
    if failed.is_set():
        raise Failed(Why.NO_NAME)
    return found


def _may_be_asked(address: str, reach: Reach) -> bool:
    if reach.loopback and ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return True
    return is_public(address)


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _shut(sock: socket.socket) -> None:
    # Of the connection itself, also where it is encrypted; it may be closed already.
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _host(name: str) -> str:
    """A host as it is looked up: letters of other scripts written in ASCII.

    :raises Refused: it is no name, or one of the machine's own.
    """
    plain = name.rstrip(".")
    try:
        ascii_name = plain if plain.isascii() else plain.encode("idna").decode()
    except UnicodeError:
        raise Refused(Why.FORM) from None
    if not ascii_name or len(ascii_name) > 253 or "%" in ascii_name:
        raise Refused(Why.FORM)
    return ascii_name.lower()


def _quoted(text: str) -> str:
    """Letters beyond ASCII as HTTP can send them."""
    return "".join(
        letter if letter.isascii() else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in text
    )
