"""What is mailed about calendars: that one has kept its owner's times from being offered."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.scheduling.feeds.models import Feed
from mentorship.tenancy.members import Member


def _the_owner(event: AuditEvent) -> Sequence[UUID]:
    return [UUID(event.facts["member_id"])]


def _the_calendar(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    """The calendar, unless it is gone or was read meanwhile."""
    feed = db.session.execute(
        select(Feed.name, Feed.problem, Feed.read_at, Feed.told_at, Feed.address).where(
            Feed.user_id == reader.user_id, Feed.id == event.subject_id
        )
    ).one_or_none()
    if feed is None or feed.told_at is None:
        return None
    said = {"calendar": feed.name, "problem": feed.problem, "read_at": feed.read_at}
    return Facts(said | {"is_file": feed.address is None})


WENT_QUIET = Telling("feed_quiet", _the_owner, _the_calendar)
