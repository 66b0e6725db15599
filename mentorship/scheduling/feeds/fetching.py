"""Fetching an address that somebody typed, which is how a server is talked into attacking others.

The name is looked up once, every address it has must be one of the public internet, and the
connection goes to the address that was checked. Each redirect is checked in the same way. Size,
time and the number of redirects are bounded, whatever the other side does. Pure, but for the
network.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

from mentorship.scheduling.feeds.lines import MOST_BYTES

#: Seconds for everything, from the first look-up to the last byte.
SECONDS = 15.0
REDIRECTS = 3
LONGEST = 2_000
_AGENT = "Curbside calendar reader"
_MOVED = (301, 302, 303, 307, 308)
_SCHEMES = {"https": "https", "webcal": "https", "webcals": "https"}
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


class Refused(Exception):
    """This address will not do, today or later. The message is a sentence for its owner."""


class Failed(Exception):
    """It did not work this time. The message is a sentence for its owner."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses may be asked."""

    plain_http: bool = False
    loopback: bool = False
    """With any port. For tests, and refused by the settings in production."""


PUBLIC = Reach()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    body: bytes | None
    """None where nothing has changed since."""
    etag: str = ""
    modified: str = ""
    moved_to: str = ""
    """Where it is from now on, if it has moved for good."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a server that wants to know who asks, instead of just getting a file."""

    method: str
    user: str
    password: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


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

    :raises Refused: nothing of that form is fetched.
    """
    typed = address.strip()
    if len(typed) > LONGEST or any(ord(letter) < 33 or ord(letter) == 127 for letter in typed):
        raise Refused("This is not an address of a calendar.")
    if "\\" in typed:
        raise Refused("This is not an address of a calendar.")
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise Refused("This is not an address of a calendar.") from None
    scheme = _SCHEMES.get(parts.scheme.lower(), "")
    if not scheme and reach.plain_http and parts.scheme.lower() == "http":
        scheme = "http"
    if not scheme:
        raise Refused("The address has to begin with https:// or webcal://.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise Refused("The address must not hold a name or password before an @.")
    usual = 443 if scheme == "https" else 80
    if port not in (None, usual) and not reach.loopback:
        raise Refused("The address must not name a port.")
    path = _quoted(parts.path or "/") + (f"?{_quoted(parts.query)}" if parts.query else "")
    return Place(scheme, _host(parts.hostname or ""), port or usual, path)


def fetch(
    address: str,
    *,
    etag: str = "",
    modified: str = "",
    reach: Reach = PUBLIC,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    query: Query | None = None,
) -> Answer:
    """Get what is at an address now, unless it is the same as when `etag` and `modified` were.

    With a `query` that is asked instead, and of the one server only that was named.

    :raises Refused: the address is not one of the public internet, or what is there is too large.
    :raises Failed: it could not be had this time.
    """
    deadline = time.monotonic() + seconds
    there, origin = place(address, reach), None
    moved_to, for_good = "", True
    for _ in range(REDIRECTS + 1):
        # What is known of one server's answer is not another's business.
        same = origin in (None, (there.scheme, there.host, there.port))
        if query is not None and not same:
            raise Refused("The server leads on to another one, which must not learn your password.")
        origin = origin or (there.scheme, there.host, there.port)
        headers = _headers(etag if same else "", modified if same else "")
        with closing(_Asked(there, headers, reach, deadline, most_bytes, query)) as asked:
            if asked.status in _MOVED:
                there = place(urljoin(there.url, asked.header("Location")), reach)
                for_good = for_good and asked.status in (301, 308)
                moved_to = there.url if for_good else moved_to
                continue
            return asked.answer(moved_to)
    raise Refused("The address leads on to others without end.")


class _Asked:
    """One request to one address, with its answer while it comes in."""

    def __init__(
        self,
        there: Place,
        headers: dict[str, str],
        reach: Reach,
        deadline: float,
        most_bytes: int,
        query: Query | None,
    ) -> None:
        self._deadline, self._most, self._query = deadline, most_bytes, query
        self._connection: http.client.HTTPConnection | None = None
        self._watch: threading.Timer | None = None
        try:
            sock = _connected(there, reach, deadline)
            self._connection = _On(there, sock)
            # A side that sends a byte now and then is within every limit of a single read.
            self._watch = threading.Timer(self._left(), _shut, (sock,))
            self._watch.daemon = True
            self._watch.start()
            if query is None:
                self._connection.request("GET", there.path, headers=headers)
            else:
                said = {**headers, **dict(query.headers), "Authorization": _basic(query)}
                self._connection.request(query.method, there.path, query.body, said)
            self._response = self._connection.getresponse()
        except BaseException as no:
            self.close()
            raise self._said(no) from None
        self.status = self._response.status

    def header(self, name: str) -> str:
        return self._response.getheader(name) or ""

    def answer(self, moved_to: str) -> Answer:
        """What was said, whole.

        :raises Refused, Failed: it is no answer that can be used.
        """
        etag, modified = self.header("ETag")[:500], self.header("Last-Modified")[:100]
        if self.status == 304:
            return Answer(None, etag, modified, moved_to)
        if self._query is not None and self.status in (401, 403):
            raise Failed("The server does not take this name and password.")
        if self._query is not None and self.status in (400, 405, 501):
            raise Failed("The server does not say there when you are busy.")
        if self.status in (401, 403, 404, 410):
            raise Failed("The calendar is not there (anymore), or its link was reset.")
        if self.status != 200:
            raise Failed(f"The calendar's server answered with an error ({self.status}).")
        try:
            return Answer(self._body(), etag, modified, moved_to)
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as no:
            raise self._said(no) from None

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._connection is not None:
            self._connection.close()

    def _body(self) -> bytes:
        encoding = self.header("Content-Encoding").strip().lower() or "identity"
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise Refused("The calendar's server answers in a form that cannot be read.")
        unpack = zlib.decompressobj(31) if "gzip" in encoding else None
        body, raw = bytearray(), 0
        while chunk := self._response.read1(_CHUNK):
            raw += len(chunk)
            # Bounded before it is unpacked as well as after: what is packed can be anything.
            body += unpack.decompress(chunk, self._most + 1 - len(body)) if unpack else chunk
            if max(raw, len(body)) > self._most:
                raise Refused(f"The calendar is larger than {self._most // 1_000_000} MB.")
            if self._left() <= 0:
                break
        # A connection that was shut for being too slow looks like the end of what was sent.
        if self._left() <= 0:
            raise Failed("The calendar's server is too slow.")
        if self._response.length or (unpack and not unpack.eof):
            raise Failed("The calendar's server stopped in the middle of its answer.")
        return bytes(body)

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _said(self, no: BaseException) -> BaseException:
        """An error of the network as a sentence that names nothing of ours."""
        if isinstance(no, Refused | Failed) or not isinstance(no, Exception):
            return no
        if self._left() <= 0 or isinstance(no, TimeoutError):
            return Failed("The calendar's server is too slow.")
        if isinstance(no, ssl.SSLCertVerificationError):
            return Failed("The calendar's server cannot prove that it is who it says it is.")
        if isinstance(no, zlib.error | http.client.HTTPException | ValueError):
            return Failed("The calendar's server gave an answer that cannot be read.")
        return Failed("The calendar's server cannot be reached.")


class _On(http.client.HTTPConnection):
    """HTTP on a connection that is there already, so that no name is looked up again."""

    def __init__(self, there: Place, sock: socket.socket) -> None:
        super().__init__(there.host, there.port)
        # It leaves the port out of Host only where it is the usual one of its scheme.
        self.default_port = 443 if there.scheme == "https" else 80
        self.sock = sock

    def connect(self) -> None:
        raise Failed("The calendar's server stopped in the middle of its answer.")


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
        raise Refused("This address is not on the public internet.")
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
        raise Failed("The calendar's server is too slow.")
    if failed.is_set():
        raise Failed("There is no server of that name.")
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
        raise Refused("This is not an address of a calendar.") from None
    if not ascii_name or len(ascii_name) > 253 or "%" in ascii_name:
        raise Refused("This is not an address of a calendar.")
    return ascii_name.lower()


def _quoted(text: str) -> str:
    """Letters beyond ASCII as HTTP can send them."""
    return "".join(
        letter if letter.isascii() else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in text
    )


def _basic(query: Query) -> str:
    return "Basic " + b64encode(f"{query.user}:{query.password}".encode()).decode()


def _headers(etag: str, modified: str) -> dict[str, str]:
    known = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {
        "User-Agent": _AGENT,
        "Accept": "text/calendar, text/csv;q=0.9, */*;q=0.1",
        "Accept-Encoding": "gzip",
        "Connection": "close",
        **{name: value for name, value in known.items() if value and "\n" not in value},
    }


Fetch = Callable[..., Answer]
"""What `fetch` is to whoever is handed it."""
