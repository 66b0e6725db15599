"""The demo world: three chapters as they stand at an instant, with all that led there.

It is made with the product's own verbs, played in the order of time, so it cannot hold what the
product would not allow. Every date is counted from the instant given, and nothing is random.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, Engine, and_, column, delete, event, or_, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from mentorship.audit.models import AuditEvent
from mentorship.demo import people
from mentorship.demo.cast import Cast
from mentorship.demo.diary import Diary
from mentorship.demo.ids import steady_id
from mentorship.demo.people import CHAPTER_SLUGS
from mentorship.demo.stage import Stage
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.models import Chapter, Membership

#: Deeds so recent are still told by mail, once the worker runs.
NEWS = timedelta(hours=8)

_jobs = table(
    "procrastinate_jobs", column("task_name"), column("args", JSONB), column("scheduled_at")
)


class NotTheDemos(Refusal):
    sentence = (
        "The database in DATABASE_URL holds chapters that are not the demo's. Name an empty one."
    )


def is_there() -> bool:
    """Whether the world has been made. It is made whole, or not at all.

    :raises NotTheDemos: others have their chapters here, and none is ours.
    """
    slugs = set(db.session.scalars(select(Chapter.slug)))
    db.session.rollback()
    if slugs and slugs.isdisjoint(CHAPTER_SLUGS):
        raise NotTheDemos
    return slugs.issuperset(CHAPTER_SLUGS)


def load(*, now: datetime) -> None:
    """Make the world as it stands at this instant: all of it, or nothing if it is interrupted.

    :raises RuntimeError: a matching run went wrong; the log says how.
    """
    diary = Diary()
    with _all_or_nothing(), _steady_ids():
        for chapter in people.chapters():
            stage = Stage(Cast.of(chapter, on=now.date()), diary, now)
            chapter_id = stage.found()
            db.session.commit()
            with scope.chapter(chapter_id):
                stage.play()
                _forget_old_news(now=now)
                db.session.commit()


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Make whatever is committed inside one transaction of the database.

    The session works on one connection and inside a savepoint, so its commits end savepoints
    only. A process that is killed leaves an empty database.
    """
    engine = db.engine
    # What Flask-SQLAlchemy keeps is a dict, and its session works on a connection just as well.
    engines = cast(dict[str | None, Engine | Connection], db.engines)
    with engine.connect() as connection, connection.begin():
        savepoint = connection.begin_nested()
        db.session.remove()
        engines[None] = connection
        try:
            yield
            savepoint.commit()
        finally:
            db.session.remove()
            engines[None] = engine


@contextmanager
def _steady_ids() -> Iterator[None]:
    """Give members ids that follow from their names and the moment they joined.

    A matching run draws lots by id among pairs that fit equally well: the same people are to
    be paired the same way every time.
    """

    def number(session: Session, *_: object) -> None:
        for member in session.new:
            if isinstance(member, Membership) and member.id is None:
                member.id = steady_id(member.joined_at, member.name)

    session = db.session()
    event.listen(session, "before_flush", number)
    try:
        yield
    finally:
        event.remove(session, "before_flush", number)


def _forget_old_news(*, now: datetime) -> None:
    """Drop the chapter's jobs that are about the past, so that nobody is mailed of it.

    Deeds queue jobs as they always do. What stays is what somebody would have in their mailbox
    this morning, or still is to come: who is to be told of recent deeds and of requests that
    wait for an answer, and the reminder and the lapse of those at their own times.
    """
    waiting = select(Meeting.id).where(Meeting.state == MeetingState.REQUESTED)
    waits = {str(meeting_id) for meeting_id in db.session.scalars(waiting)}
    news = select(AuditEvent.id).where(
        or_(AuditEvent.at >= now - NEWS, AuditEvent.subject_id.in_(waiting))
    )
    told = {str(event_id) for event_id in db.session.scalars(news)}
    # A job about somebody in all their chapters looks for who waits for one of their places: the
    # past has had its answer.
    about = or_(
        _jobs.c.args["chapter_id"].astext == str(scope.here()), _jobs.c.args.has_key("user_id")
    )
    kept = or_(
        and_(_jobs.c.scheduled_at.is_(None), _jobs.c.args["event_id"].astext.in_(told)),
        and_(_jobs.c.scheduled_at > now, _jobs.c.args["meeting_id"].astext.in_(waits)),
    )
    # What the condition knows nothing of, such as the job of the run itself, is dropped too.
    db.session.execute(delete(_jobs).where(about, kept.is_not(True)))
