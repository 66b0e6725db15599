"""Reading the mail that the demo's own mail server has taken."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

#: How many mails are shown at most.
NEWEST = 100


@dataclass(frozen=True)
class Caught:
    """One mail as it arrived."""

    key: str
    at: datetime
    to: str
    subject: str
    text: str
    html: str
    has_invitation: bool


def newest(folder: Path, *, to: str = "") -> list[Caught]:
    """The latest mails, newest first; only those to addresses that contain `to`."""
    files = sorted(folder.glob("[0-9]*.eml"), reverse=True)
    read = (_read(path) for path in files[: NEWEST * 5])
    return [mail for mail in read if to.casefold() in mail.to.casefold()][:NEWEST]


def one(folder: Path, key: str) -> Caught | None:
    """The mail of a key, which comes from an address line and may be anything."""
    path = folder / f"{key}.eml"
    return _read(path) if re.fullmatch(r"[0-9]{1,20}", key) and path.exists() else None


def _read(path: Path) -> Caught:
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Caught(
        key=path.stem,
        at=datetime.fromtimestamp(int(path.stem) / 1e9, UTC),
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        has_invitation=any(part.get_content_type() == "text/calendar" for part in mail.walk()),
    )


def _part(mail: EmailMessage, subtype: str) -> str:
    body = mail.get_body((subtype,))
    return body.get_content() if body else ""
