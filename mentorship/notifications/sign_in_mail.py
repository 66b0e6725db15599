"""The mail that lets somebody in. It belongs to no chapter, so it is no notice."""

from datetime import datetime
from uuid import UUID

from mentorship.accounts import links
from mentorship.foundation import post
from mentorship.foundation.database import transaction
from mentorship.foundation.post import Mail, MailRefused
from mentorship.foundation.settings import Settings
from mentorship.web import mail
from mentorship.web.links import absolute


def send(
    *,
    link_id: UUID,
    email: str,
    next_path: str,
    is_known: bool,
    asked_from: str,
    instead_of: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    """Mail a sign-in link to this address, if somebody has it; otherwise do nothing.

    The link is written first and kept whatever becomes of the mail, so that a mail whose
    receipt was lost still works. Sent again, it is the same link under the same Message-ID. For a
    known device, as `accounts/known.py` has it, what others have asked for does not count.

    :raises MailDelayed: the server could not take it; try again later.
    """
    with transaction():
        link = links.issue(
            email=email,
            next_path=next_path,
            now=now,
            an_hour=None if is_known else links.AN_HOUR,
            link_id=link_id,
            is_bound=True,
            asked_from=asked_from,
            instead_of=instead_of,
        )
    if link is None:
        return
    token = links.token(link, secret=settings.secret_key)
    words = mail.render(
        "sign_in",
        address=absolute("accounts.show_link", token=token),
        asked_from=asked_from,
    )
    ready = Mail(
        key=f"sign-in {link_id}", to=email, subject=words.subject, text=words.text, html=words.html
    )
    try:
        post.send(ready, settings=settings, now=now)
    except MailRefused:
        return  # a mailbox that is gone; nobody is waiting for an answer
