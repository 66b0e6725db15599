"""A run at each point of its life."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.matching import queries, runs
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind

CYCLE = "2025-26"


def gone(who: Member, now: datetime) -> None:
    """Have a member leave the chapter that was entered."""
    left = update(Membership).where(Membership.id == who.id).values(left_at=now)
    db.session.execute(left, execution_options={"synchronize_session": False})


@pytest.fixture
def start(inside: Callable, now: datetime) -> Callable[..., UUID]:
    """Start a run and leave its job waiting: `start(cora)`."""

    def start(by: Member, *kinds: Kind) -> UUID:
        with inside(by):
            return runs.start(cycle=CYCLE, kinds=kinds or tuple(Kind), by=by, now=now).id

    return start


@pytest.fixture
def worked(inside: Callable, now: datetime) -> Callable[..., UUID]:
    """Work a draft out as the job does, without its mail: `worked(run_id, cora)`."""

    def worked(run_id: UUID, by: Member) -> UUID:
        with inside(by):
            draft = queries.run(run_id).draft
            db.session.rollback()
            runs.work(run_id, draft=draft, now=now)
        return run_id

    return worked


@pytest.fixture
def draft(start: Callable, worked: Callable) -> Callable[..., UUID]:
    """Start a run and have its draft worked out: `draft(cora)`."""

    def draft(by: Member, *kinds: Kind) -> UUID:
        return worked(start(by, *kinds), by)

    return draft


@pytest.fixture
def publish(inside: Callable, now: datetime) -> Callable[..., None]:
    """Publish the draft that is in review: `publish(run_id, cora)`."""

    def publish(run_id: UUID, by: Member, *, draft: int = 1) -> None:
        with inside(by):
            runs.publish(queries.run_record(run_id), draft=draft, by=by, now=now)

    return publish


@pytest.fixture
def deeds() -> Callable[[str], int]:
    """How often a deed is in the trail of the chapter that was entered."""

    def deeds(deed: str) -> int:
        counted = select(func.count()).select_from(AuditEvent).where(AuditEvent.deed == deed)
        return db.session.scalar(counted)

    return deeds
