"""The mailbox that answers come into, looked into over IMAP."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools import MailMessageFlags as Flags

from mentorship.foundation.settings import Settings
from mentorship.notifications.inbound import letters, taking
from mentorship.notifications.inbound.taking import Ignored

#: Seconds to wait for the server; mails taken at one look. The rest comes a minute later.
PATIENCE = 20
AT_ONCE = 100


def take_new(*, settings: Settings, now: datetime) -> int:
    """Take the mails that nobody has looked at yet. Says how many there were.

    Each is marked only once what it says is kept: whoever dies in between takes it again, and
    finds it said already. What is not for us stays in the mailbox, as one that was seen.

    :raises OSError, imap_tools.MailboxLoginError, imaplib.IMAP4.error: the mailbox is out of reach.
    """
    with _mailbox(settings) as box:
        uids = box.uids(AND(seen=False))[:AT_ONCE]
        for uid in uids:
            came = taking.take(_fetch(box, uid), settings=settings, now=now)
            if isinstance(came, Ignored):
                box.flag(uid, Flags.SEEN, True)
            else:
                box.delete(uid)
        return len(uids)


def _fetch(box: BaseMailBox, uid: str) -> bytes:
    """A mail, as far as it is read: of one that is too large just enough to show that it is."""
    _, answer = box.client.uid("fetch", uid, f"(BODY.PEEK[]<0.{letters.MOST + 1}>)")
    return next((part[1] for part in answer if isinstance(part, tuple)), b"")


@contextmanager
def _mailbox(settings: Settings) -> Iterator[BaseMailBox]:
    host, port = settings.imap_host, settings.imap_port
    trusted = ssl.create_default_context()
    if settings.imap_security == "tls":
        box: BaseMailBox = MailBox(host, port, timeout=PATIENCE, ssl_context=trusted)
    elif settings.imap_security == "starttls":
        box = MailBoxStartTls(host, port, timeout=PATIENCE, ssl_context=trusted)
    else:
        box = MailBoxUnencrypted(host, port, timeout=PATIENCE)
    with box.login(settings.imap_user, settings.imap_password, settings.imap_folder):
        yield box
