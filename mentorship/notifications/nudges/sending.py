"""Sending the mails of nudges: one a day to a person, each exactly as it holds at that moment.

A mail is closed, gathered from the chapters of its reader, handed over, and written down, each in
a transaction of its own, and each so that it can be begun again where a worker died. The one
moment in which a death can repeat a mail lies between the server's yes and the record of it; the
mail then comes under the same Message-ID, by which mail programs know it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from mentorship.foundation import clock, post, scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.post import Mail, MailDelayed, MailRefused
from mentorship.foundation.queue import defer_each
from mentorship.foundation.settings import Settings
from mentorship.notifications.nudges import links, pace
from mentorship.notifications.nudges.choices import mine
from mentorship.notifications.nudges.finding import readers_of
from mentorship.notifications.nudges.kind import Due, NudgeKind, Said
from mentorship.notifications.nudges.models import MailState, Nudge, NudgeMail, NudgeState
from mentorship.notifications.nudges.registry import KINDS
from mentorship.tenancy import queries
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.web import mail as mails
from mentorship.web.links import absolute

#: How long a mail is left to whoever works on it, before it is anybody's again.
AGAIN = timedelta(minutes=30)
#: Mails begun in one round; the next round takes the rest.
A_ROUND = 500

_MAIL = (
    select(NudgeMail)
    .where(NudgeMail.user_id == bindparam("user_id"), NudgeMail.id == bindparam("mail_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_WAITING = (
    select(Nudge.id, Nudge.kind, Nudge.subject_id, Nudge.since, Nudge.member_id)
    .where(Nudge.mail_id == bindparam("mail_id"), Nudge.state == NudgeState.WAITING)
    .order_by(Nudge.id)
)


@dataclass(frozen=True)
class Item:
    """One nudge as its mail shows it."""

    kind: NudgeKind
    said: Said
    me: Member
    chapter: ChapterCard


def defer_due(*, now: datetime) -> int:
    """Have every mail sent whose moment has come. Says how many that are."""
    due = (
        select(NudgeMail.user_id, NudgeMail.id)
        .where(NudgeMail.next_at <= now)
        .order_by(NudgeMail.next_at)
        .limit(A_ROUND)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    taken = db.session.execute(
        update(NudgeMail)
        .where(NudgeMail.user_id == due.c.user_id, NudgeMail.id == due.c.id)
        .values(next_at=now + AGAIN)
        .returning(NudgeMail.user_id, NudgeMail.id)
        .execution_options(synchronize_session=False)
    ).all()
    if taken:
        defer_each("send_nudges", [{"user_id": str(u), "mail_id": str(m)} for u, m in taken])
    return len(taken)


def send(user_id: UUID, mail_id: UUID, *, settings: Settings, now: datetime) -> None:
    """Send a mail, unless it is sent already or has to wait; and write down what it held.

    Does its own transactions, in one chapter of the reader after another.
    """
    with transaction():
        state = _close(user_id, mail_id, now=now)
    if state == MailState.CLOSED:
        items = _gather(user_id, mail_id, settings=settings, now=now)
        state = _hand_over(user_id, mail_id, items, settings=settings, now=now)
    if state is not None:
        _write_down(user_id, mail_id, now=now)


def _close(user_id: UUID, mail_id: UUID, *, now: datetime) -> MailState | None:
    """Close the mail and say how it stands; nothing, when its moment is yet to come."""
    mail = _locked(user_id, mail_id)
    if mail.state not in (MailState.OPEN, MailState.CLOSED):
        return MailState(mail.state)
    # Where the person is, what they want and what they got may have changed since it was planned.
    moment = readers_of([user_id], now=now)[user_id].next_moment(now)
    if moment > now:
        mail.next_at = moment
        return None
    mail.state = MailState.CLOSED
    return MailState.CLOSED


def _gather(user_id: UUID, mail_id: UUID, *, settings: Settings, now: datetime) -> list[Item]:
    """What still holds of the mail's nudges, in every chapter of the person."""
    items: list[Item] = []
    for chapter_id in queries.chapters_of(user_id):
        with scope.chapter(chapter_id), transaction():
            items += _gather_here(mail_id, settings=settings, now=now)
    return items


def _gather_here(mail_id: UUID, *, settings: Settings, now: datetime) -> list[Item]:
    """What still holds in the chapter that was entered; the rest is overtaken from now on."""
    waiting = db.session.execute(_WAITING, {"mail_id": mail_id}).all()
    if not waiting:
        return []
    chapter, me = queries.card(), queries.member(waiting[0].member_id)
    page = partial(_page, chapter.slug)
    still = _still_due({row.kind for row in waiting}, me, now=now)
    items = []
    for row in waiting:
        due = still.get((row.kind, row.subject_id, row.since))
        if due is None:
            _settle(Nudge.id == row.id, NudgeState.OVERTAKEN, at=now)
            continue
        said = KINDS[row.kind].say(due, me, page, settings)
        db.session.execute(update(Nudge).where(Nudge.id == row.id).values(said=said.subject))
        items.append(Item(KINDS[row.kind], said, me, chapter))
    return sorted(items, key=lambda item: list(KINDS).index(item.kind.name))


def _still_due(names: set[str], me: Member, *, now: datetime) -> dict[tuple[str, UUID, date], Due]:
    """What is due to a member of these kinds, as far as there still are such and they want it."""
    choices = mine(me.user_id)
    return {
        (name, due.subject_id, due.since): due
        for name in names
        if name in KINDS and choices.want(name)
        for due in KINDS[name].find(now=now, member_id=me.id)
        if due.member_id == me.id
    }


def _hand_over(
    user_id: UUID, mail_id: UUID, items: list[Item], *, settings: Settings, now: datetime
) -> MailState | None:
    """Send it and say how it stands; nothing, when it has to be tried again."""
    try:
        with transaction():
            mail = _locked(user_id, mail_id)
            if mail.state == MailState.CLOSED:
                _post(mail, items, settings=settings, now=now)
            return MailState(mail.state)
    except (MailDelayed, IntegrityError):
        # It stays closed. The round that comes next tries again, or finds a later moment for it.
        return None


def _post(mail: NudgeMail, items: list[Item], *, settings: Settings, now: datetime) -> None:
    if not items:
        mail.state = MailState.EMPTY
        return
    zone = items[0].me.zone
    mail.state, mail.sent_at = MailState.SENT, now
    mail.sent_on, mail.clear_at = clock.day(now, zone), now + pace.APART
    db.session.flush()  # where the database says no, if another was sent meanwhile
    try:
        post.send(_words(mail.id, items, settings, now=now), settings=settings, now=now)
    except MailRefused as refused:
        mail.state, mail.problem = MailState.FAILED, str(refused)
        mail.sent_at = mail.sent_on = mail.clear_at = None


def _words(mail_id: UUID, items: list[Item], settings: Settings, *, now: datetime) -> Mail:
    me = items[0].me
    stop = partial(links.address, me, secret=settings.secret_key, now=now)
    chapters = {item.chapter for item in items}
    chapter = chapters.pop() if len(chapters) == 1 else None
    words = mails.render(
        "nudges",
        me=me,
        chapter=chapter,
        items=items,
        kinds={item.kind.name: (item.kind.label, stop(item.kind.name)) for item in items},
        stop_all=stop(None),
        choices=_page(items[0].chapter.slug, "notifications.mail"),
    )
    return Mail(
        key=f"nudges {mail_id}",
        to=me.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        from_name=f"{chapter.name} on Curbside" if chapter else "Curbside",
        headers={
            "List-Unsubscribe": f"<{stop(None)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _write_down(user_id: UUID, mail_id: UUID, *, now: datetime) -> None:
    """Tell each chapter what became of its nudges in a mail that is done with."""
    with transaction():
        mail = _locked(user_id, mail_id)
        outcome, at = _OUTCOMES[MailState(mail.state)], mail.sent_at or now
    waiting = (Nudge.mail_id == mail_id) & (Nudge.state == NudgeState.WAITING)
    for chapter_id in queries.chapters_of(user_id):
        with scope.chapter(chapter_id), transaction():
            _settle(waiting, outcome, at=at)
    with transaction():
        _locked(user_id, mail_id).next_at = None


_OUTCOMES = {
    MailState.SENT: NudgeState.SENT,
    MailState.FAILED: NudgeState.FAILED,
    MailState.EMPTY: NudgeState.OVERTAKEN,
}


def _settle(which: ColumnElement[bool], state: NudgeState, *, at: datetime) -> None:
    db.session.execute(update(Nudge).where(which).values(state=state, settled_at=at))


def _locked(user_id: UUID, mail_id: UUID) -> NudgeMail:
    return db.session.scalars(_MAIL, {"user_id": user_id, "mail_id": mail_id}).one()


def _page(chapter_slug: str, endpoint: str, **values: object) -> str:
    return absolute(f"chapter.{endpoint}", chapter_slug=chapter_slug, **values)
