"""Challenges: each is made for one act in one browser, and is good for one answer in five minutes.

It waits in the browser's signed session, so that looking at a page of sign-in writes nothing, and
nobody else's browser has it. But a cookie can be copied and sent again, and many passkeys do not
count what they sign: so what was answered is noted, and answered no second time.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from mentorship.accounts.passkeys.models import SpentChallenge
from mentorship.foundation.database import count_touched, db
from mentorship.foundation.errors import Refusal

LIFE = timedelta(minutes=5)
#: Bytes; Web Authentication Level 3, 13.4.3, wants 16 at least.
LENGTH = 32


class Expired(Refusal):
    sentence = "That took too long, or was answered already. Press the button again."


class Act(StrEnum):
    """What is signed for. What was made for one act proves nothing for another."""

    ADD = "add"
    SIGN_IN = "sign-in"
    CONFIRM = "confirm"


class Challenge(NamedTuple):
    act: Act
    value: bytes
    until: datetime

    def kept(self) -> dict[str, Any]:
        """As the session keeps it."""
        words = bytes_to_base64url(self.value)
        return {"act": self.act, "value": words, "until": int(self.until.timestamp())}


def make(act: Act, *, now: datetime) -> Challenge:
    return Challenge(act, secrets.token_bytes(LENGTH), now + LIFE)


def spend(kept: dict[str, Any] | None, act: Act, *, now: datetime) -> bytes:
    """Use up what the session has kept for this act: the bytes that have to be signed.

    Of two answers to it that come at once, one wins. What is refused afterwards is undone.

    :raises Expired: there is none, it is for another act, too old, or was answered.
    """
    if kept is None or kept["act"] != act or now.timestamp() >= kept["until"]:
        raise Expired
    value = base64url_to_bytes(kept["value"])
    until = datetime.fromtimestamp(kept["until"], UTC)
    spent = insert(SpentChallenge).values(digest=hashlib.sha256(value).digest(), until=until)
    first = spent.on_conflict_do_nothing().returning(SpentChallenge.digest)
    if db.session.execute(first).first() is None:
        raise Expired
    return value


def sweep(*, now: datetime) -> int:
    """Forget challenges that would have ended anyway."""
    return count_touched(delete(SpentChallenge).where(SpentChallenge.until < now))
