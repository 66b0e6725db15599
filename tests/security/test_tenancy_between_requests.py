"""What outlives a request or a job takes nothing of one chapter to the next one.

Connections are kept in a pool, threads keep context variables, and processes keep caches.
"""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text

from mentorship.app import create_app
from mentorship.foundation import afterwards, origin, scope
from mentorship.foundation.database import Model, db
from mentorship.jobs import tasks
from mentorship.relationships.models import Pairing
from mentorship.tenancy import queries
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission
from tests import databases, make


class Broken(Exception):
    """What nobody expects."""


@pytest.fixture
def pooled(settings, worker_id):
    """The product with a single connection that everything shares, as it has in earnest."""
    with databases.clone(f"{worker_id}_pooled") as url:
        app = create_app(replace(settings, database_url=url))
        with app.app_context():
            yield app
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def chapter_of_the_connection() -> str | None:
    return db.session.scalar(text("SELECT current_setting('app.chapter_id', true)"))


def test_a_pooled_connection_forgets_the_chapter(pooled):
    here, there = make.student(make.chapter("here")), make.student(make.chapter("there"))
    served = set()
    for ending in (db.session.commit, db.session.rollback):
        for who in (here, there):
            with scope.chapter(who.chapter_id):
                names = db.session.scalars(select(Membership.name)).all()
                served.add(db.session.scalar(text("SELECT pg_backend_pid()")))
                ending()
            assert names == [who.name]
            assert not chapter_of_the_connection()
            assert db.session.scalar(text("SELECT count(*) FROM memberships")) == 0
            db.session.rollback()

    assert len(served) == 1


def test_a_broken_request_leaves_no_chapter_behind(app, sign_in, sol, odd, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise Broken

    client = sign_in(sol)
    client.get("/c/lakeside/")
    with monkeypatch.context() as patch:
        broken.permission = Permission.CHAPTER_SEE
        patch.setitem(app.view_functions, "chapter.insights.home", broken)
        with pytest.raises(Broken):
            client.get("/c/lakeside/")

    assert db.session().info.get("chapter_id") is None
    assert origin.here() is origin._COMMAND
    assert afterwards._notes.get() is None
    assert odd.name in sign_in(odd).get("/c/elsewhere/").text


def test_a_broken_job_leaves_no_chapter_behind(undone, sol, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise Broken

    monkeypatch.setattr(tasks.meetings, "remind", broken)
    with pytest.raises(Broken):
        tasks.remind_of_request(chapter_id=str(sol.chapter_id), meeting_id=str(sol.id))

    assert db.session().info.get("chapter_id") is None
    assert origin.here() is origin._COMMAND
    assert not chapter_of_the_connection()


def test_an_exception_in_a_chapter_leads_out_of_it(undone, sol, odd):
    def broken() -> None:
        with scope.chapter(sol.chapter_id):
            db.session.scalars(select(Membership)).all()
            raise Broken

    with pytest.raises(Broken):
        broken()

    with scope.chapter(odd.chapter_id):
        assert db.session.scalars(select(Membership.name)).all() == [odd.name]


def test_what_a_process_remembers_of_chapters_is_which_address_leads_to_which(undone, sol, odd):
    assert queries.chapter_id("lakeside") == sol.chapter_id
    assert queries.chapter_id("elsewhere") == odd.chapter_id
    assert all(isinstance(one, UUID) for one in queries._ids.values())


def test_a_record_read_in_one_chapter_is_not_at_hand_in_the_next(undone, mara, sol, odd):
    pairing_id = make.pairing(mara, sol)
    with scope.chapter(sol.chapter_id):
        assert db.session.get(Pairing, (sol.chapter_id, pairing_id)) is not None
    with scope.chapter(odd.chapter_id):
        assert db.session.get(Pairing, (sol.chapter_id, pairing_id)) is None
        assert not any(isinstance(one, Model) for one in db.session.identity_map.values())
