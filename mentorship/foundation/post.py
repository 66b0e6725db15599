"""Handing a finished mail to the SMTP server. Who is told what stands in `notifications/`."""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

from mentorship.foundation.settings import Settings
from mentorship.foundation.text import clean

#: Seconds to wait for the server before trying again later.
PATIENCE = 20


class _Whole(UnstructuredHeader):
    """A header with an address in it, which programs call as it stands: never broken or encoded."""

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # a mixin


_headers = HeaderRegistry()
# It makes a header of it by adding the rest of one, which the declared type does not say.
_headers.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
_POLICY = SMTP.clone(header_factory=_headers)


class MailRefused(Exception):
    """The server will never take this mail; trying again is of no use."""


class MailDelayed(Exception):
    """The server could not take this mail now; try again later."""


@dataclass(frozen=True)
class Mail:
    """One mail to one person.

    `key` names what it tells, so that sending it again carries the same Message-ID.
    `invitation` is an iCalendar object and its method, for mail programs to act on.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    from_name: str = "Curbside"
    invitation: tuple[bytes, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reply_to: str = ""
    """Where answers to it come in."""
    organizer: str = ""
    """Where a calendar answers to the invitation. The mail comes from there as well, since
    calendars distrust an organizer who is not the one who sends."""


def compose(mail: Mail, *, settings: Settings, now: datetime) -> EmailMessage:
    """The mail as it travels: text first, HTML, and the invitation as the last alternative.

    :raises MailRefused: `to` is no address that mail can go to.
    """
    message = EmailMessage(policy=_POLICY)
    sender = mail.organizer or settings.mail_from
    message["From"] = Address(_line(mail.from_name), addr_spec=sender)
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["To"] = _address(mail.to)
    message["Subject"] = _line(mail.subject)
    message["Date"] = format_datetime(now)
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{digest}@{settings.host_name}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    for name, value in mail.headers.items():
        message[name] = _line(value)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.invitation:
        content, method = mail.invitation
        message.add_alternative(
            content,
            maintype="text",
            subtype="calendar",
            cte="base64",
            params={"method": method, "charset": "UTF-8", "name": "invite.ics"},
        )
        # Mail programs show an attachment as a file, and an alternative as an invitation.
        *_, calendar = message.iter_parts()
        del calendar["Content-Disposition"]
    return message


def send(mail: Mail, *, settings: Settings, now: datetime) -> None:
    """Hand one mail over.

    :raises MailRefused: the server said no for good (5xx), or there is no such address.
    :raises MailDelayed: it could not be asked, or said not now (4xx).
    """
    message = compose(mail, settings=settings, now=now)
    try:
        with _server(settings) as server, _final_answers(mail.to):
            server.send_message(message, from_addr=settings.mail_from, to_addrs=[mail.to])
    except smtplib.SMTPResponseException as answer:
        raise MailDelayed(f"SMTP {answer.smtp_code}") from answer
    except (OSError, smtplib.SMTPException) as away:
        raise MailDelayed(f"The mail server was out of reach ({type(away).__name__}).") from away


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """The server, ready to take a mail. A farewell that fails does not undo what it has taken."""
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.smtp_host,
            settings.smtp_port,
            timeout=PATIENCE,
            context=ssl.create_default_context(),
        )
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=PATIENCE)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


@contextmanager
def _final_answers(address: str) -> Iterator[None]:
    """Tell a no for good from one for now; the latter passes through as it is."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        code, _ = refused.recipients[address]
        answer = smtplib.SMTPResponseException(code, "")
        raise (MailRefused(f"SMTP {code}") if code >= 500 else answer) from refused
    except smtplib.SMTPResponseException as answer:
        if answer.smtp_code >= 500:
            raise MailRefused(f"SMTP {answer.smtp_code}") from answer
        raise


def _address(spec: str) -> Address:
    try:
        return Address(addr_spec=spec)
    except (ValueError, IndexError, MessageError) as wrong:
        raise MailRefused("Mail cannot be sent to this address.") from wrong


def _line(words: str) -> str:
    """A header's value: one line that shows what it holds, whatever was typed."""
    return " ".join(clean(words).split())
