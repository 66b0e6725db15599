"""What can be done with passkeys: add, rename and remove one, and prove with it who you are."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts.passkeys import ceremonies
from mentorship.accounts.passkeys.ceremonies import NotProven, Site
from mentorship.accounts.passkeys.models import Passkey
from mentorship.accounts.sessions import Way
from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import NotYours, Refusal

#: More than anybody has devices; a browser is told of all of them when one more is added.
MOST = 20
NAME_LENGTH = 60


class AddedAlready(Refusal):
    sentence = "That device has a passkey for Curbside already."


class Enough(Refusal):
    sentence = f"You have {MOST} passkeys, which is as many as we keep. Remove one first."


class Unknown(Refusal):
    sentence = (
        "We do not know that passkey. It may have been removed here, and is still on your device."
        " Sign in by mail."
    )


class WentBack(Refusal):
    sentence = (
        "That passkey has counted backward, as a copy of it would. We did not accept it, and have"
        " mailed its owner. Sign in by mail, then remove it and add a new one."
    )


class PasskeyCard(NamedTuple):
    """A passkey, as its person sees it."""

    id: UUID
    name: str
    is_synced: bool
    added_at: datetime
    used_at: datetime | None


_MINE = (
    select(Passkey.id, Passkey.name, Passkey.is_synced, Passkey.added_at, Passkey.used_at)
    .where(Passkey.user_id == bindparam("user_id"))
    .order_by(Passkey.added_at, Passkey.id)
)


def mine(user_id: UUID) -> list[PasskeyCard]:
    """A person's passkeys, the oldest first."""
    return [PasskeyCard(*row) for row in db.session.execute(_MINE, {"user_id": user_id})]


def held_by(user_id: UUID) -> list[Passkey]:
    """The same as records, for what browsers are asked."""
    return list(db.session.scalars(select(Passkey).where(Passkey.user_id == user_id)))


def find(passkey_id: UUID, *, by: UUID) -> Passkey:
    """One of a person's own.

    :raises NotYours: they have no such passkey.
    """
    own = select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == by)
    passkey = db.session.scalars(own).one_or_none()
    if passkey is None:
        raise NotYours
    return passkey


def add(answer: str, *, name: str, challenge: bytes, site: Site, by: UUID, now: datetime) -> UUID:
    """Keep the passkey that a browser has made for this person. Its id.

    :raises Unreadable: the answer is none.
    :raises NotAdded: it was not made for this challenge on this site, or without a check of who
        it was.
    :raises AddedAlready: it is known.
    :raises Enough: they have as many as we keep.
    """
    made = ceremonies.check_added(site, answer, challenge=challenge)
    have = select(func.count()).where(Passkey.user_id == by)
    if db.session.execute(have).scalar_one() >= MOST:
        raise Enough
    facts = {"id": uuid7(), "user_id": by, "name": name, "added_at": now, **vars(made)}
    added = insert(Passkey).values(facts).on_conflict_do_nothing(index_elements=["credential_id"])
    passkey_id = db.session.execute(added.returning(Passkey.id)).scalar_one_or_none()
    if passkey_id is None:
        raise AddedAlready
    account_trail.record(AccountDeed.PASSKEY_ADDED, user_id=by, now=now, name=name)
    return passkey_id


def rename(passkey: Passkey, *, name: str, by: UUID, now: datetime) -> None:
    passkey.name = name
    account_trail.record(AccountDeed.PASSKEY_RENAMED, user_id=by, now=now, name=name)


def remove(passkey: Passkey, *, by: UUID, now: datetime) -> None:
    """Let this passkey in no more. The mailed link stays, so nobody locks themselves out."""
    db.session.delete(passkey)
    account_trail.record(AccountDeed.PASSKEY_REMOVED, user_id=by, now=now, name=passkey.name)


def prove(
    answer: str, *, challenge: bytes, site: Site, now: datetime, by: UUID | None = None
) -> UUID:
    """Who has signed this challenge with a passkey of theirs; it has to be `by`, if that is given.

    :raises Unreadable: the answer is none.
    :raises Unknown: nobody has that passkey, or somebody else.
    :raises NotProven: it was not signed with it, or not for this challenge on this site, or without
        a check of who it was.
    :raises WentBack: it has signed less often than it had before.
    """
    proof = ceremonies.read_proof(answer)
    known = select(Passkey).where(Passkey.credential_id == proof.credential_id)
    passkey = db.session.scalars(known.with_for_update()).one_or_none()
    if passkey is None or by not in (None, passkey.user_id):
        raise Unknown
    # Whoever signs in without a name says by the handle who they are; both have to agree.
    try:
        if proof.user_handle not in (None, passkey.user_id.bytes):
            raise NotProven
        proven = ceremonies.check_proof(
            site, proof, challenge=challenge, public_key=passkey.public_key
        )
    except NotProven:
        _note(AccountDeed.SIGN_IN_FAILED, passkey, now=now)
        raise
    if passkey.sign_count and proven.sign_count <= passkey.sign_count:
        _note(AccountDeed.PASSKEY_WENT_BACK, passkey, now=now)
        raise WentBack
    passkey.sign_count = proven.sign_count
    passkey.is_backed_up = proven.is_backed_up
    passkey.used_at = now
    return passkey.user_id


def _note(deed: AccountDeed, passkey: Passkey, *, now: datetime) -> None:
    """Have its person see what was tried, though the request is refused."""
    facts = {"way": Way.PASSKEY, "name": passkey.name}
    account_trail.record_anyway(deed, user_id=passkey.user_id, now=now, **facts)
