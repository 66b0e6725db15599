"""The wall between chapters, from both sides of it."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from mentorship.accounts.models import User
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.scope import WallBreach
from mentorship.relationships.models import Pairing, PlaceTaken
from mentorship.scheduling.models import BusyTime
from mentorship.tenancy.models import Affiliation, Membership
from tests import make

# Every shape in which a statement can reach for a chapter's rows.
READS = {
    "the record": lambda: select(Membership),
    "one column": lambda: select(Membership.id),
    "a join": lambda: select(User.id).join(Membership, Membership.user_id == User.id),
    "an exists": lambda: select(User.id).where(exists().where(Membership.user_id == User.id)),
    "an in": lambda: select(User.id).where(User.id.in_(select(Membership.user_id))),
    "a subquery": lambda: select(select(Membership.id).subquery()),
    "a count": lambda: select(func.count(Membership.id)).having(func.count() > 0),
}
WRITES = {
    "an update": lambda: update(Membership).values(name="Nobody"),
    "a delete": lambda: delete(Pairing),
}


@pytest.mark.parametrize("reach", (READS | WRITES).values(), ids=READS | WRITES)
def test_a_forgotten_chapter_is_an_error_not_a_leak(sol, reach):
    with pytest.raises(WallBreach):
        db.session.execute(reach())


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_no_read_reaches_over_the_wall(sol, odd, inside, read):
    with inside(sol):
        assert len(db.session.execute(read()).all()) == 1  # Sol's, and nobody's elsewhere


def test_no_write_reaches_over_the_wall(sol, odd, inside):
    there = make.student(make.chapter("far"), "Faye Far")
    with inside(sol):
        db.session.execute(update(Membership).values(name="Nobody"))
    with inside(there):
        assert db.session.scalars(select(Membership.name)).all() == ["Faye Far"]


@pytest.mark.parametrize("table", ["memberships", "pairings", "audit_events", "busy_times"])
def test_the_database_itself_shows_nothing_without_a_chapter(sol, mara, table):
    make.pairing(mara, sol)

    assert db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_the_database_itself_takes_nothing_without_a_chapter(sol):
    with pytest.raises(DBAPIError, match="row-level security"):
        db.session.execute(
            text(
                "INSERT INTO submissions (chapter_id, digest, location, at)"
                " VALUES (:chapter, 'x', '', now())"
            ),
            {"chapter": sol.chapter_id},
        )


def test_the_database_takes_no_row_for_another_chapter(sol, odd, inside):
    row = text(
        "INSERT INTO submissions (chapter_id, digest, location, at)"
        " VALUES (:chapter, 'x', '', now())"
    )
    with inside(sol):
        with pytest.raises(DBAPIError, match="row-level security"):
            db.session.execute(row, {"chapter": odd.chapter_id})
        db.session.rollback()


def test_a_reference_into_another_chapter_cannot_be_written(sol, odd, inside):
    across = Pairing(
        mentee_id=sol.id,
        mentee_user_id=sol.user_id,
        mentor_id=odd.id,
        mentor_user_id=odd.user_id,
        kind="career",
        state="accepted",
        began_at=make.LONG_AGO,
    )
    with inside(sol):
        db.session.add(across)
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_a_record_of_another_chapter_cannot_be_added(sol, odd, inside):
    strange = Membership(
        chapter_id=odd.chapter_id,
        user_id=sol.user_id,
        name="Sol",
        roles=[],
        joined_at=make.LONG_AGO,
    )
    with inside(sol):
        db.session.add(strange)
        with pytest.raises(WallBreach):
            db.session.flush()
        db.session.expunge_all()


def test_a_session_enters_one_chapter_in_its_life(sol, odd, inside):
    with inside(sol), pytest.raises(WallBreach):
        scope.enter(odd.chapter_id)


def test_a_chapter_is_entered_by_its_id_only(undone):
    with pytest.raises(WallBreach):
        scope.enter("'; DROP TABLE chapters; --")


def test_a_chapter_cannot_be_entered_in_the_middle_of_other_work(sol):
    db.session.execute(select(User.id))
    with pytest.raises(WallBreach):
        scope.enter(sol.chapter_id)


def test_changes_that_were_not_kept_are_an_error(sol):
    with pytest.raises(WallBreach), scope.chapter(sol.chapter_id):
        db.session.scalars(select(Membership)).first().name = "Somebody"


def test_what_one_chapter_left_in_the_session_is_forgotten(sol, odd, inside):
    with inside(sol):
        assert db.session.scalars(select(Membership)).one().name == "Sol Adair"
    with inside(odd):
        assert db.session.get(Membership, (sol.chapter_id, sol.id)) is None


class TestAcrossChapters:
    """The three questions that may be asked of a person, and how little they tell."""

    def test_the_tables_behind_them_show_one_chapter_only(self, sol, odd, inside):
        with inside(sol):
            for table in (BusyTime, PlaceTaken, Affiliation):
                found = db.session.execute(select(func.count()).select_from(table)).scalar_one()
                assert found == (1 if table is Affiliation else 0)

    def test_they_say_how_many_places_but_not_whose(self, lakeside, inside):
        here = make.mentor(lakeside, "Dr. Both")
        elsewhere = make.chapter("harborside")
        there = make.mentor(elsewhere, "Dr. Both", email=here.email)
        make.pairing(there, make.student(elsewhere))

        with inside(here):
            asked = text("SELECT * FROM places_taken_by(:persons)")
            rows = db.session.execute(asked, {"persons": [here.user_id, uuid4()]}).mappings().all()
            assert [dict(row) for row in rows] == [{"user_id": here.user_id, "taken": 1}]
