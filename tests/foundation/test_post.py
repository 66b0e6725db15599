"""Handing mail to a server, which may be busy, strict, or away."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from mentorship.foundation import post
from mentorship.foundation.post import Mail, MailDelayed, MailRefused
from tests.certificates import self_signed

MAIL = Mail(
    key="notice 1",
    to="sol@example.org",
    subject="A subject",
    text="Plain.\n",
    html="<p>Rich.</p>",
)


@pytest.fixture
def send(settings, now):
    def send(mail: Mail = MAIL, **changed) -> None:
        post.send(mail, settings=replace(settings, **changed), now=now)

    return send


@contextmanager
def listening(handler: object, **more: object) -> Iterator[int]:
    """A mail server on this machine that does as its handler says; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture
def strict(request):
    """A server whose answer to one command is the test's parameter; its port."""

    class Strict:
        async def handle_RCPT(self, server, session, envelope, address, options):
            if (said := request.param.get("RCPT")) is not None:
                return said
            envelope.rcpt_tos.append(address)
            return "250 Fine"

        async def handle_MAIL(self, server, session, envelope, address, options):
            if (said := request.param.get("MAIL")) is not None:
                return said
            envelope.mail_from = address
            return "250 Fine"

        async def handle_DATA(self, server, session, envelope):
            return request.param.get("DATA", "250 Taken")

        async def handle_QUIT(self, server, session, envelope):
            return request.param.get("QUIT", "221 Bye")

    with listening(Strict()) as port:
        yield port


@pytest.mark.parametrize(
    "strict",
    [
        {"RCPT": "550 No such mailbox"},
        {"MAIL": "553 Not from you"},
        {"DATA": "554 No"},
    ],
    indirect=True,
)
def test_a_no_for_good_is_told_with_its_code_and_without_the_address(send, strict):
    with pytest.raises(MailRefused, match=r"^SMTP 55\d$"):
        send(smtp_port=strict)


@pytest.mark.parametrize(
    "strict",
    [
        {"RCPT": "450 Greylisted"},
        {"MAIL": "451 Later"},
        {"DATA": "452 Disk full"},
    ],
    indirect=True,
)
def test_a_no_for_now_is_another_matter(send, strict):
    with pytest.raises(MailDelayed, match=r"^SMTP 45\d$"):
        send(smtp_port=strict)


@pytest.mark.parametrize("strict", [{"QUIT": "421 Closing"}], indirect=True)
def test_a_bad_farewell_does_not_undo_what_was_taken(send, strict):
    send(smtp_port=strict)


def test_a_server_that_is_away_is_asked_again_later(send):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(MailDelayed, match="out of reach"):
        send(smtp_port=port)


def test_a_server_that_cannot_do_what_is_asked_of_it_is_asked_again_later(send):
    """Without encryption, mail that was to be encrypted is not sent at all."""
    with pytest.raises(MailDelayed):
        send(smtp_security="starttls")


@pytest.mark.parametrize("security", ["starttls", "tls"])
class TestEncrypted:
    """A server proves its name before it is told anything: no password, no address, no mail."""

    @pytest.fixture
    def told(self) -> list[str]:
        """What reached a server of the test's."""
        return []

    @pytest.fixture
    def hand_over(self, send, tmp_path, monkeypatch, security, told):
        """Send by a server with a certificate for a host, trusted or not."""

        class Listening:
            async def handle_MAIL(self, server, session, envelope, address, options):
                told.append("mail")
                envelope.mail_from = address
                return "250 Fine"

            async def handle_DATA(self, server, session, envelope):
                return "250 Taken"

        def let_in(*_: object) -> AuthResult:
            told.append("password")
            return AuthResult(success=True)

        def hand_over(host: str, *, trusted: bool) -> None:
            certificate = self_signed(tmp_path, host)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            ways = {
                "starttls": {"tls_context": context, "require_starttls": True},
                "tls": {"ssl_context": context, "auth_require_tls": False},
            }
            with listening(Listening(), authenticator=let_in, **ways[security]) as port:
                where = {"smtp_host": "localhost", "smtp_port": port, "smtp_security": security}
                send(smtp_user="curbside", smtp_password="a secret", **where)

        return hand_over

    def test_goes_by_a_server_that_can_prove_its_name(self, hand_over, told):
        hand_over("localhost", trusted=True)

        assert told == ["password", "mail"]

    @pytest.mark.parametrize(("host", "trusted"), [("localhost", False), ("example.org", True)])
    def test_does_not_by_one_that_vouches_for_itself_or_proves_another_name(
        self, hand_over, told, host, trusted
    ):
        with pytest.raises(MailDelayed, match="SSLCertVerificationError"):
            hand_over(host, trusted=trusted)

        assert told == []


def test_the_same_news_carries_the_same_id(send, tray):
    send()
    send()
    send(replace(MAIL, key="notice 2"))

    first, again, other = (mail["Message-ID"] for mail in tray.mails)
    assert first == again != other
    assert first.endswith("@localhost>")


def test_says_that_no_person_wrote_it(send, tray):
    send()

    assert tray.mails[0]["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("typed", ["A\r\nBcc: x@example.org", "A\nX: y", "A\x00\u202eB", "  A  "])
def test_no_header_begins_in_a_subject_or_a_name(send, tray, typed):
    send(replace(MAIL, subject=typed, from_name=typed))

    [mail] = tray.mails
    assert mail["Bcc"] is None
    assert mail["X"] is None
    for value in (str(mail["Subject"]), mail["From"].addresses[0].display_name):
        assert value.isprintable()
        assert value == value.strip()


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "zoë@example.org",
        "nobody",
        "",
    ],
)
def test_an_address_is_one_address_that_mail_can_go_to(send, tray, to):
    with pytest.raises(MailRefused, match="cannot be sent"):
        send(replace(MAIL, to=to))

    assert tray.begun == 0


def test_an_address_that_programs_press_travels_whole_however_long(settings, now):
    address = f"<https://curbside.example.org/u/{'x_-' * 80}.y>"
    mail = replace(MAIL, headers={"List-Unsubscribe": address})

    sent = post.compose(mail, settings=settings, now=now).as_bytes()

    assert f"\r\nList-Unsubscribe: {address}\r\n".encode() in sent
