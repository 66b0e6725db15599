"""Deeds become notices, and notices become mail, once each.

A notice exists once for a deed and a member, so a deed that is read twice is told once. It is
locked while it is sent and marked in the same breath; only an answer that the mail server loses
can send it again, and then under the same Message-ID.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit.models import AuditEvent
from mentorship.foundation import post, scope
from mentorship.foundation.database import db, transaction, uuid7
from mentorship.foundation.post import Mail, MailDelayed, MailRefused
from mentorship.foundation.queue import defer
from mentorship.foundation.settings import Settings
from mentorship.notifications.models import Notice, NoticeState
from mentorship.notifications.notices import NOTICES, SPOKEN
from mentorship.relationships import conflicts
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.web import mail
from mentorship.web.links import absolute


def tell(event_id: UUID) -> None:
    """Write a notice for each member who should know of a deed, and queue its mail."""
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.id == event_id)).one()
    telling = NOTICES.get(event.deed)
    if telling is None:
        return
    readers = sorted(set(telling.to(event)))
    if not readers:
        return
    rows = [
        {
            "chapter_id": scope.here(),
            "id": uuid7(),
            "event_id": event_id,
            "member_id": member_id,
            "telling": telling.name,
            "state": NoticeState.WAITING,
            "problem": "",
        }
        for member_id in readers
    ]
    new = insert(Notice).on_conflict_do_nothing().returning(Notice.id, Notice.member_id)
    for notice_id, member_id in db.session.execute(new, rows):
        # The lock keeps the mails about one thing to one person in the order of the deeds.
        defer(
            "send_notice",
            lock=f"mail {event.subject_id} {member_id}",
            chapter_id=str(scope.here()),
            notice_id=str(notice_id),
        )


def send(notice_id: UUID, *, settings: Settings, now: datetime, last: bool = False) -> None:
    """Mail a notice, if it still waits and what it says still holds.

    `last` says that it will not be tried again: then a server that is away is a failure, too.

    :raises MailDelayed: the server could not take it; try again later.
    """
    with transaction():
        notice = db.session.scalars(
            select(Notice).where(Notice.id == notice_id).with_for_update()
        ).one()
        if notice.state != NoticeState.WAITING:
            return
        ready = _mail(notice, settings)
        if ready is None:
            notice.state = NoticeState.OVERTAKEN
            return
        try:
            post.send(ready, settings=settings, now=now)
        except MailRefused as refused:
            notice.state, notice.problem = NoticeState.FAILED, str(refused)
        except MailDelayed as away:
            if not last:
                raise
            notice.state, notice.problem = NoticeState.FAILED, str(away)
        else:
            notice.state, notice.sent_at = NoticeState.SENT, now


def _mail(notice: Notice, settings: Settings) -> Mail | None:
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.id == notice.event_id)).one()
    reader = queries.member(notice.member_id)
    if _unwelcome(event, reader) or _gone(event, reader):
        return None
    facts = NOTICES[event.deed].facts(event, reader, settings)
    if facts is None:
        return None
    chapter = queries.card()
    words = mail.render(
        notice.telling,
        me=reader,
        chapter=chapter,
        page=partial(_page, chapter.slug),
        **facts.words,
    )
    return Mail(
        key=f"notice {notice.id}",
        to=reader.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        from_name=facts.from_name or f"{chapter.name} on Curbside",
        invitation=facts.invitation,
        reply_to=facts.reply_to,
        organizer=facts.organizer,
    )


def _unwelcome(event: AuditEvent, reader: Member) -> bool:
    """Whether somebody speaks in it from whom the reader is kept apart by now."""
    return (
        event.deed in SPOKEN
        and event.by_id is not None
        and event.by_id != reader.id
        and conflicts.blocked(event.by_id, reader.id)
    )


def _gone(event: AuditEvent, reader: Member) -> bool:
    """Whether the reader has left. Only what ended by that is still told to them."""
    left_at = queries.left_at(reader.id)
    return left_at is not None and event.at != left_at


def _page(chapter_slug: str, endpoint: str, **values: object) -> str:
    """The whole address of one of the chapter's pages: `page('scheduling.inbox')`."""
    return absolute(f"chapter.{endpoint}", chapter_slug=chapter_slug, **values)
