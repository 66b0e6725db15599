"""What somebody goes to their university for, and that they mean it.

Signing in is for anybody. Whatever changes an account or a chapter is begun by a form of ours, and
handed on in a signed word that is good for one person and a few minutes: a link that somebody else
made leads nowhere.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from mentorship.foundation import tokens

_LIFE = timedelta(minutes=5)
_PURPOSE = "university"


class Intent(StrEnum):
    SIGN_IN = "sign_in"
    CONNECT = "connect"
    """To connect the account of whoever is signed in."""
    AGAIN = "again"
    """To prove once more who they are."""
    TRY = "try"
    """To see whether the provider works, as a coordinator."""


def sign(intent: Intent, *, user_id: UUID, secret: str, now: datetime) -> str:
    """A word that says what this person is about to do."""
    said = {"intent": str(intent), "user": str(user_id)}
    return tokens.sign(said, purpose=_PURPOSE, secret=secret, until=now + _LIFE)


def read(word: str, *, user_id: UUID, secrets: Sequence[str], now: datetime) -> Intent:
    """What this person meant to do.

    :raises tokens.BadToken: somebody else did, or it was too long ago.
    """
    said = tokens.read(word, purpose=_PURPOSE, secret=secrets, now=now)
    if said["user"] != str(user_id):
        raise tokens.BadToken
    return Intent(said["intent"])
