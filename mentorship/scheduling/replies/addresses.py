"""The address that somebody's answers about one meeting come back to.

It carries a token of ours, so that it does not matter who a mail says it is from: whoever writes
to it has read a mail that went to that one person. Pure.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from mentorship.foundation.settings import Settings
from mentorship.scheduling.models import Part

#: Bytes of the seal: 80 bits, which nobody guesses by sending mail. In letters without case, since
#: servers on the way may change it, all of it is 44 of the 64 that the part before the @ may have.
_SEAL = 10
_LENGTH = 44
#: Stands for a calendar, which says itself what it answers to.
_ANY = 255
_TOKEN = re.compile(rf"\+([a-z2-7]{{{_LENGTH}}})@", re.IGNORECASE)


class Claim(NamedTuple):
    """What an address says: who speaks about which meeting, as it stood at which sequence."""

    chapter_id: UUID
    meeting_id: UUID
    part: Part
    sequence: int | None
    """None for the address that a calendar answers to."""


def address(claim: Claim, *, settings: Settings) -> str:
    """Where this person's answers come in; nothing where no mail is read."""
    if not settings.mail_in:
        return ""
    box, _, host = settings.mail_from.partition("@")
    number = _ANY if claim.sequence is None else min(claim.sequence, _ANY - 1)
    said = claim.meeting_id.bytes + bytes([number])
    seal = _seal(said, claim.chapter_id, claim.part, secret=settings.secret_key)
    token = base64.b32encode(said + seal).decode().rstrip("=").lower()
    return f"{box}+{token}@{host}"


def read(lines: Iterable[str], *, chapter_ids: Iterable[UUID], settings: Settings) -> Claim | None:
    """What the first address of ours in these lines says; None where there is none.

    Which chapter it belongs to is found by the seal, so that no chapter has to be opened for it.
    """
    tokens = [match[1] for line in lines for match in _TOKEN.finditer(line)]
    for said, seal in filter(None, map(_opened, dict.fromkeys(tokens))):
        for chapter_id in chapter_ids:
            for part in Part:
                for secret in settings.secrets:
                    if hmac.compare_digest(seal, _seal(said, chapter_id, part, secret=secret)):
                        sequence = None if said[16] == _ANY else said[16]
                        return Claim(chapter_id, UUID(bytes=said[:16]), part, sequence)
    return None


def _opened(token: str) -> tuple[bytes, bytes] | None:
    try:
        plain = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:
        return None
    return plain[:-_SEAL], plain[-_SEAL:]


def _seal(said: bytes, chapter_id: UUID, part: Part, *, secret: str) -> bytes:
    words = b"curbside reply address" + chapter_id.bytes + part.encode() + said
    return hmac.digest(secret.encode(), words, hashlib.sha256)[:_SEAL]
