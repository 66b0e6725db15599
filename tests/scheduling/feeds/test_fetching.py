"""Fetching what somebody typed: hostile addresses, and servers that hurt. All on this machine."""

import gzip
import itertools
import socket
import ssl
import zlib
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from mentorship.foundation import outbound
from mentorship.foundation.outbound import Reach, is_public
from mentorship.scheduling.feeds import fetching, pulling
from mentorship.scheduling.feeds.fetching import Failed, Refused, fetch, place
from tests.scheduling.feeds.servers import answer, bytes_then, serving

HERE = Reach(plain_http=True, loopback=True)
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

#: Each of these is refused for its form, or for where it leads.
HOSTILE = (
    "http://example.org/a.ics",
    "ftp://example.org/a.ics",
    "file:///etc/passwd",
    "gopher://example.org/",
    "javascript:alert(1)",
    "data:text/calendar,BEGIN:VCALENDAR",
    "//example.org/a.ics",
    "example.org/a.ics",
    "https:///a.ics",
    "https://",
    "https://user@example.org/",
    "https://user:password@example.org/",
    "https://example.org@127.0.0.1/",
    "https://127.0.0.1\\@example.org/",
    "https://example.org:22/",
    "https://example.org:80/",
    "https://example.org:0/",
    "https://example.org:99999/",
    "https://exa mple.org/",
    "https://example.org/\r\nHost: inside",
    "https://example.org/\x00",
    "https://[::1",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://127.0.0.1./",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]/",
    "https://[fc00::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://100.64.0.1/",
    "https://192.0.0.192/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://240.0.0.1/",
)


@pytest.fixture
def no_packet(monkeypatch):
    """Fails as soon as anything is connected to."""

    def connect(address, *_args, **_more):
        raise AssertionError(f"connected to {address}")

    monkeypatch.setattr(socket, "create_connection", connect)


@pytest.mark.parametrize("address", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_address_is_refused_and_nothing_is_sent(no_packet, address):
    with pytest.raises((Refused, Failed)) as no:
        fetch(address)

    assert "127" not in str(no.value)
    assert "Errno" not in str(no.value)


def resolving(monkeypatch, *addresses):
    def look_up(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_a_name_with_one_address_inside_is_refused(monkeypatch, no_packet):
    resolving(monkeypatch, "93.184.216.34", "10.0.0.7")

    with pytest.raises(Refused):
        fetch("https://calendar.example.org/")


def test_the_name_is_looked_up_once_and_the_address_that_was_checked_is_connected_to(monkeypatch):
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    def look_up(host, port, **_):
        return [(2, 1, 6, "", (each, port)) for each in next(answers)]

    asked = []

    def connect(address, timeout):
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(Failed):
        fetch("https://calendar.example.org/")
    assert asked == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    "target",
    [
        "https://169.254.169.254/",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "https://[::1]/",
        "//2130706433/",
    ],
)
def test_a_redirect_is_checked_as_if_it_had_been_typed(monkeypatch, target):
    with serving(answer(b"", f"Location: {target}", status="302 Found")) as server:
        monkeypatch.setattr(outbound, "_may_be_asked", only_first())
        with pytest.raises(Refused):
            fetch(server.url, reach=HERE)
    assert len(server.asked) == 1


def only_first():
    """Lets the test's own server be reached, and asks the real check from then on."""
    seen = []

    def may(address, _reach):
        seen.append(address)
        return len(seen) == 1 or is_public(address)

    return may


def test_redirects_end():
    again = answer(b"", "Location: /again", status="302 Found")
    with serving(again) as server, pytest.raises(Refused, match="without end"):
        fetch(server.url, reach=HERE)
    assert len(server.asked) == 1 + fetching.REDIRECTS


def test_what_is_known_of_one_server_is_not_told_to_another():
    with serving(answer(CALENDAR)) as other:
        away = answer(b"", f"Location: {other.url}", status="302 Found")
        with serving(away) as server:
            fetch(server.url, etag='"one"', reach=HERE)

    assert server.header("if-none-match") == ['"one"']
    assert other.header("if-none-match") == [""]


@pytest.mark.parametrize(("status", "expected"), [("301 Moved", True), ("302 Found", False)])
def test_only_what_has_moved_for_good_has_a_new_address(status, expected):
    with (
        serving(answer(CALENDAR)) as other,
        serving(answer(b"", f"Location: {other.url}", status=status)) as server,
    ):
        found = fetch(server.url, reach=HERE)

    assert found.body == CALENDAR
    assert bool(found.moved_to) is expected


def test_webcal_is_https_and_names_of_other_scripts_are_written_as_they_are_looked_up():
    assert place("webcal://Example.ORG/ä.ics?k=ü").url == "https://example.org/%C3%A4.ics?k=%C3%BC"
    assert place("  https://bücher.example/a ").host == "xn--bcher-kva.example"


def test_an_answer_with_its_marks_and_one_that_says_nothing_has_changed():
    with serving(
        answer(CALENDAR, 'ETag: "one"', "Last-Modified: Mon, 02 Nov 2026 10:00:00 GMT")
    ) as server:
        found = fetch(server.url, reach=HERE)
        server.speak = answer(b"", status="304 Not Modified")
        again = fetch(server.url, etag=found.etag, modified=found.modified, reach=HERE)

    assert (found.body, found.etag) == (CALENDAR, '"one"')
    assert again.body is None
    assert server.header("if-none-match") == ["", '"one"']
    assert server.header("if-modified-since")[1] == "mon, 02 nov 2026 10:00:00 gmt"


def test_a_packed_answer_is_unpacked():
    with serving(answer(gzip.compress(CALENDAR), "Content-Encoding: gzip")) as server:
        assert fetch(server.url, reach=HERE).body == CALENDAR


def packed_zeros(megabytes):
    packer = zlib.compressobj(9, wbits=31)
    million = bytes(1_000_000)
    return b"".join(packer.compress(million) for _ in range(megabytes)) + packer.flush()


HEAD = b"HTTP/1.1 200 OK\r\n"
endless = itertools.repeat(b"x" * 65_536).__next__
drip = itertools.repeat(b"x").__next__


@pytest.mark.parametrize(
    ("speak", "words"),
    [
        (answer(b"x" * 3_000_000), "larger"),
        (bytes_then(HEAD + b"\r\n", endless), "larger"),
        (answer(packed_zeros(200), "Content-Encoding: gzip"), "larger"),
        (answer(CALENDAR, "Content-Encoding: br"), "form that cannot be read"),
        (answer(CALENDAR, "Content-Encoding: gzip, gzip"), "form that cannot be read"),
        (answer(CALENDAR, "Content-Encoding: gzip"), "cannot be read"),
        (answer(gzip.compress(CALENDAR)[:-9], "Content-Encoding: gzip"), "middle"),
        (answer(CALENDAR, length=5_000), "middle"),
        (answer(b"", *(f"X-{n}: {n}" for n in range(5_000))), "cannot be read"),
        (answer(b"", "X: " + "x" * 200_000), "cannot be read"),
        (bytes_then(b"", iter([b"SSH-2.0-OpenSSH\r\n", b""]).__next__), "cannot be read"),
        (bytes_then(b"", iter([b""]).__next__), "cannot be read"),
        (answer(b"no", status="500 Oops"), r"error \(500\)"),
        (answer(b"no", status="404 Not Found"), "not there"),
        (answer(b"no", status="410 Gone"), "not there"),
        (answer(b"no", status="403 Forbidden"), "not there"),
        # A byte now and then: in the first line, in the header, in the body
        (bytes_then(b"", drip, pause=0.05), "too slow"),
        (bytes_then(HEAD + b"X: ", drip, pause=0.05), "too slow"),
        (bytes_then(HEAD + b"\r\n", drip, pause=0.05), "too slow"),
        (bytes_then(HEAD + b"Content-Length: 90\r\n\r\n", drip, pause=0.05), "too slow"),
        # Nothing at all
        (bytes_then(b"", itertools.repeat(b" ").__next__, pause=60), "too slow"),
        (bytes_then(HEAD + b"\r\nBEGIN", itertools.repeat(b" ").__next__, pause=60), "too slow"),
    ],
    ids=range(22),
)
def test_a_server_that_hurts_is_left_in_time(speak, words):
    # Who is slow forever is left at once; whatever else is wrong is found however slow this is.
    seconds = 0.3 if words == "too slow" else 10
    with serving(speak) as server, pytest.raises((Refused, Failed), match=words):
        fetch(server.url, reach=HERE, seconds=seconds, most_bytes=2_000_000)


def test_a_handshake_that_never_ends_is_left_in_time():
    hello = bytes_then(b"\x16\x03\x03\x40\x00", drip, pause=0.05)
    with serving(hello) as server, pytest.raises(Failed):
        fetch(server.url.replace("http:", "https:"), reach=HERE, seconds=0.3)


@pytest.fixture
def own_certificate(tmp_path) -> ssl.SSLContext:
    """What a server has that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(7)
    made = made.not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2090, 1, 1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    file = tmp_path / "own.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_server_that_cannot_prove_its_name_is_not_asked(own_certificate):
    with serving(answer(CALENDAR), own_certificate) as server:
        with pytest.raises(Failed, match="prove"):
            fetch(server.url.replace("http:", "https:"), reach=HERE)

        assert server.asked == []


def test_a_server_that_can_is_asked_over_the_encrypted_connection(own_certificate, monkeypatch):
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    monkeypatch.setattr(outbound, "_tls", lambda: trusting)

    with serving(answer(CALENDAR), own_certificate) as server:
        assert fetch(server.url.replace("http:", "https:"), reach=HERE).body == CALENDAR


def test_nothing_of_this_machine_is_reached_in_production(settings):
    production = replace(settings, environment="production", feed_reach="loopback")

    assert pulling.reach(production) == outbound.PUBLIC
    assert pulling.reach(settings) == outbound.PUBLIC
    assert pulling.reach(replace(settings, feed_reach="loopback")) == HERE
