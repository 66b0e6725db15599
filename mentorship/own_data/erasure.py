"""Deleting an account: asked for, seven days to think again, then done in every chapter.

Each chapter is one transaction, which leaves nothing of the person but what others need, under the
name of a former member; the account itself is the last. All of it may be done twice, so a worker
that dies in between is followed by another.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from mentorship.accounts import users
from mentorship.accounts.models import User
from mentorship.audit import account_trail, trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.files.models import Document, DocumentVersion
from mentorship.foundation import scope
from mentorship.foundation.database import Model, db, transaction
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer, forget
from mentorship.own_data import gathering
from mentorship.own_data.gathering import Who
from mentorship.own_data.models import SECOND_THOUGHTS, DataDeed, Erasure
from mentorship.own_data.register import ADDRESSES, MENTIONS, REGISTER, Entry, Fate
from mentorship.profiles.models import RosterUpload
from mentorship.relationships.models import Pairing
from mentorship.tenancy import memberships, queries
from mentorship.tenancy.models import Chapter, Membership

FORMER = "Former member"
#: Between leaving and being forgotten: long enough for mail to go out under a name.
TO_TELL = timedelta(hours=1)

_ASKED = select(Erasure.asked_at, Erasure.due_at, Erasure.done_at).where(
    Erasure.user_id == bindparam("user_id")
)
_ME = select(Membership.id, Membership.name, Membership.roles, Membership.left_at).where(
    Membership.user_id == bindparam("user_id")
)
_OTHERS = select(func.count()).where(
    Membership.user_id != bindparam("user_id"), Membership.left_at.is_(None)
)
_NAME = select(Chapter.name).where(Chapter.id == bindparam("chapter_id"))
_ADDRESS = select(User.email).where(User.id == bindparam("user_id"))
_KEYS = (
    select(DocumentVersion.key)
    .join(Document, Document.id == DocumentVersion.document_id)
    .where(Document.owner_id == bindparam("member_id"))
    .distinct()
)
_PAIRINGS = select(Pairing.id).where(
    or_(Pairing.mentee_id == bindparam("member_id"), Pairing.mentor_id == bindparam("member_id"))
)


class NotYourAddress(Refusal):
    sentence = "Type the address of your account, as it stands above."


class HandOverFirst(Refusal):
    def __init__(self, chapter: str) -> None:
        super().__init__(
            f"Nobody would run {chapter} without you. Hand over to somebody first, so that nobody"
            " there is left alone."
        )


class Asked(NamedTuple):
    """That an account is to be deleted. `done_at` once it is."""

    asked_at: datetime
    due_at: datetime
    done_at: datetime | None


def asked(user_id: UUID) -> Asked | None:
    """Whether this person's account is to be deleted."""
    row = db.session.execute(_ASKED, {"user_id": user_id}).one_or_none()
    return Asked(*row) if row else None


def insist_on_hand_over(user_id: UUID, *, now: datetime) -> None:
    """Look whether every chapter of this person's has somebody else to run it.

    :raises HandOverFirst: one has people in it, and no other coordinator.
    """
    facts = {"user_id": user_id}
    for chapter_id in queries.chapters_of(user_id):
        with scope.chapter(chapter_id):
            me = db.session.execute(_ME, facts).one_or_none()
            if me is None or me.left_at is not None or not db.session.scalar(_OTHERS, facts):
                continue
            try:
                memberships.insist_it_runs_without(queries.member(me.id), now=now)
            except Refusal as nobody_follows:
                chapter = db.session.scalar(_NAME, {"chapter_id": chapter_id})
                raise HandOverFirst(chapter or "") from nobody_follows


def ask(user_id: UUID, *, typed: str, now: datetime) -> datetime:
    """Have this account deleted in seven days; says when. Asked again, the first time counts.

    :raises NotYourAddress: what was typed is not the address of the account.
    :raises HandOverFirst: as `insist_on_hand_over` does.
    """
    insist_on_hand_over(user_id, now=now)
    users.lock(user_id)
    if typed.strip().lower() != db.session.scalar(_ADDRESS, {"user_id": user_id}):
        raise NotYourAddress
    before = asked(user_id)
    if before:
        return before.due_at
    due_at = now + SECOND_THOUGHTS
    db.session.add(Erasure(user_id=user_id, asked_at=now, due_at=due_at))
    defer("erase_account", at=due_at, user_id=str(user_id))
    account_trail.record(AccountDeed.ERASE_ASKED, user_id=user_id, now=now, due_at=due_at)
    return due_at


def call_off(user_id: UUID, *, now: datetime) -> bool:
    """Keep the account after all. Says whether it was to go; once it is gone, it is gone."""
    users.lock(user_id)
    gone = db.session.scalar(
        delete(Erasure)
        .where(Erasure.user_id == user_id, Erasure.done_at.is_(None))
        .returning(Erasure.user_id)
        .execution_options(synchronize_session=False)
    )
    if gone:
        account_trail.record(AccountDeed.ERASE_CALLED_OFF, user_id=user_id, now=now)
    return bool(gone)


def go_through(user_id: UUID, *, now: datetime) -> None:
    """Delete the account, if that is still wanted and its time has come.

    First they leave their chapters. The others are told of it by name, so the rest comes an hour
    later.

    A job of an earlier wish that was taken back finds none, or one that is not due.
    """
    wish = asked(user_id)
    db.session.rollback()
    if wish is None or wish.done_at or wish.due_at > now:
        return
    chapter_ids = queries.chapter_ids()
    if any([_leave(user_id, chapter_id, now=now) for chapter_id in chapter_ids]):
        with transaction():
            defer("erase_account", at=now + TO_TELL, user_id=str(user_id))
        return
    for chapter_id in chapter_ids:
        with scope.chapter(chapter_id), transaction():
            _erase_here(user_id, now=now)
    with transaction():
        _erase_account(user_id, now=now)


def _leave(user_id: UUID, chapter_id: UUID, *, now: datetime) -> bool:
    """Have them leave a chapter as anybody does. Says whether they were there."""
    with scope.chapter(chapter_id), transaction():
        me = db.session.execute(_ME, {"user_id": user_id}).one_or_none()
        if me is None or me.left_at is not None:
            return False
        member = queries.member(me.id)
        memberships.leave(member, by=member, now=now, even_so=True)
        return True


def forget_member(member_id: UUID, *, now: datetime) -> None:
    """Let go of a member of the chapter that was entered, whose account may live on elsewhere."""
    user_id = db.session.scalars(select(Membership.user_id).where(Membership.id == member_id)).one()
    _erase_here(user_id, now=now)


def _erase_here(user_id: UUID, *, now: datetime) -> None:
    """Take the person out of the chapter that was entered, if they are in it."""
    me = db.session.execute(_ME, {"user_id": user_id}).one_or_none()
    if me is None:
        return
    for key in db.session.scalars(_KEYS, {"member_id": me.id}).all():
        defer("forget_file", chapter_id=str(scope.here()), key=key)
    address = db.session.scalar(_ADDRESS, {"user_id": user_id})
    for name, at in ADDRESSES:
        source = gathering.table(name)
        db.session.execute(delete(source).where(source.c[at] == address))
    who = Who(user_id, me.id)
    if me.name != FORMER:
        _forget_mentions(who, name=me.name)
        trail.record(DataDeed.MEMBER_ERASED, me, by=None, now=now)
    _erase_rows(who, here=True)


def _erase_account(user_id: UUID, *, now: datetime) -> None:
    """Take away what belongs to the person alone, free the address, and note that it is done."""
    users.lock(user_id)
    email = db.session.scalar(_ADDRESS, {"user_id": user_id}) or ""
    _erase_rows(Who(user_id), here=False)
    forget(email=email, user_id=str(user_id))
    db.session.execute(
        update(User)
        .where(User.id == user_id)
        .values(email=f"{user_id}@erased.invalid", zone="UTC", places=None, is_network_admin=False)
    )
    db.session.execute(update(Erasure).where(Erasure.user_id == user_id).values(done_at=now))
    account_trail.record(AccountDeed.ERASED, user_id=user_id, now=now)


def _erase_rows(who: Who, *, here: bool) -> None:
    """Delete and blank as the register says, rows that refer to others first."""
    places = {source.name: place for place, source in enumerate(Model.metadata.sorted_tables)}
    entries = [entry for entry in REGISTER if gathering.in_chapters(entry.table) == here]
    for entry in sorted(entries, key=lambda one: -places[one.table]):
        source = gathering.table(entry.table)
        if entry.fate is Fate.GOES:
            mine = gathering.theirs(entry, who, about=True)
            db.session.execute(delete(source).where(mine))
    # After all that goes: what is left belongs to others as well.
    for entry in entries:
        for by, blanks in entry.words.items():
            _blank(entry, by, dict(blanks), who)


def _blank(entry: Entry, by: str, blanks: dict[str, object], who: Who) -> None:
    source = gathering.table(entry.table)
    held = gathering.holds(entry.table, by, who)
    db.session.execute(update(source).where(held).values(blanks))


def _forget_mentions(who: Who, *, name: str) -> None:
    """Take the person out of running text that the product wrote about them."""
    for name_of_table, columns in MENTIONS:
        source = gathering.table(name_of_table)
        for text in columns:
            mentions = source.c[text].contains(name, autoescape=True)
            db.session.execute(update(source).where(mentions).values({text: ""}))
    helped = gathering.table("weekly_help")
    pairings = _PAIRINGS.params(member_id=who.member_id)
    about = or_(helped.c.subject_id == who.member_id, helped.c.subject_id.in_(pairings))
    db.session.execute(update(helped).where(about).values(who="", note=""))
    # A roster that waits may name them, in whatever encoding it came: it is brought in again.
    db.session.execute(
        delete(RosterUpload)
        .where(func.length(RosterUpload.content) > 0)
        .execution_options(synchronize_session=False)
    )
