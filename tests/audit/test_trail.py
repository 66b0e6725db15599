"""The trail: one deed, one event, and one job that tells of it, if it was really done."""

from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from mentorship.audit import trail
from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.scope import WallBreach


class SomeDeed(StrEnum):
    DONE = "some.done"


class Thing:
    id = UUID("01a21483-0d18-7cf8-bfcd-c15659bfa535")


def jobs() -> list:
    return db.session.execute(
        text("SELECT task_name, args, lock FROM procrastinate_jobs ORDER BY id")
    ).all()


def test_keeps_who_did_what_to_what_and_when(inside, sol, now):
    with inside(sol):
        trail.record(SomeDeed.DONE, Thing, by=sol, now=now, minutes=25)

        [event] = db.session.scalars(select(AuditEvent))
        assert (event.deed, event.by_id, event.subject_id, event.at) == (
            SomeDeed.DONE,
            sol.id,
            Thing.id,
            now,
        )
        assert event.facts == {"minutes": 25}


def test_of_what_time_has_done_nobody_is_named(inside, sol, now):
    with inside(sol):
        trail.record(SomeDeed.DONE, Thing, by=None, now=now)

        assert db.session.scalars(select(AuditEvent.by_id)).one() is None


def test_has_it_told_in_the_order_of_the_subject(inside, sol, now):
    with inside(sol):
        event = trail.record(SomeDeed.DONE, Thing, by=sol, now=now)

    [job] = jobs()
    assert job.task_name == "tell"
    assert job.args == {"chapter_id": str(sol.chapter_id), "event_id": str(event.id)}
    assert job.lock == f"tell {Thing.id}"


def test_keeps_facts_as_json_holds_them(inside, sol, now):
    facts = {
        "at": datetime(2026, 3, 4, tzinfo=UTC),
        "who": sol.id,
        "kind": SomeDeed.DONE,
        "no": None,
    }
    with inside(sol):
        trail.record(SomeDeed.DONE, Thing, by=sol, now=now, **facts)

        assert db.session.scalars(select(AuditEvent.facts)).one() == {
            "at": "2026-03-04T00:00:00+00:00",
            "who": str(sol.id),
            "kind": "some.done",
            "no": None,
        }


def test_what_was_not_kept_was_never_done(inside, sol, now):
    with inside(sol):
        trail.record(SomeDeed.DONE, Thing, by=sol, now=now)
        db.session.rollback()

    assert jobs() == []


def test_belongs_to_a_chapter(undone, sol, now):
    with pytest.raises(WallBreach):
        trail.record(SomeDeed.DONE, Thing, by=sol, now=now)
    db.session.rollback()


def test_is_not_seen_from_another_chapter(inside, sol, odd, now):
    with inside(sol):
        trail.record(SomeDeed.DONE, Thing, by=sol, now=now)
    with inside(odd):
        assert Thing.id not in db.session.scalars(select(AuditEvent.subject_id)).all()


@pytest.mark.parametrize(
    "harm", ["UPDATE audit_events SET deed = 'none'", "DELETE FROM audit_events"]
)
def test_cannot_be_rewritten(inside, sol, now, harm):
    with inside(sol):
        trail.record(SomeDeed.DONE, Thing, by=sol, now=now)
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(harm))
