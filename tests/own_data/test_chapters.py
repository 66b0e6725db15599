"""A chapter as a whole: a copy of what it is run by, and its end, which takes two people."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from mentorship.foundation import scope, storage
from mentorship.foundation.database import db
from mentorship.own_data import chapters, exports
from mentorship.tenancy import chapters as founding
from mentorship.tenancy import queries
from mentorship.tenancy.roles import Role
from tests import make
from tests.house.wellness import WORDS, everything_said
from tests.own_data import planting

TWO_WEEKS = timedelta(days=14)


@pytest.fixture
def ada(lakeside):
    """A faculty advisor."""
    return make.member(lakeside, Role.ADVISOR, name="Dr. Ada Brandt")


def want(chapter, who, now):
    chapters.ask_for_removal(chapter, typed=chapter.name, by=who, now=now)


def confirm(chapter, who, now):
    return chapters.confirm_removal(chapter, typed=chapter.name, by=who, now=now)


class TestRemoval:
    def test_takes_a_coordinator_and_an_advisor(self, lakeside, cora, ada, inside, now):
        with inside(cora):
            want(lakeside, cora, now)
            assert chapters.wish().due_at is None
            assert confirm(lakeside, ada, now) == now + TWO_WEEKS

    def test_is_confirmed_by_nobody_else(self, lakeside, cora, ada, inside, now):
        second = make.coordinator(lakeside, "Cleo Second")
        with inside(cora):
            want(lakeside, cora, now)
            for who in (cora, second):
                with pytest.raises(chapters.TwoPeople):
                    confirm(lakeside, who, now)

    def test_is_not_confirmed_by_one_with_both_roles_for_themselves(self, lakeside, inside, now):
        both = make.member(lakeside, Role.COORDINATOR, Role.ADVISOR, name="Bo Both")
        with inside(both):
            want(lakeside, both, now)
            with pytest.raises(chapters.TwoPeople):
                confirm(lakeside, both, now)

    def test_wants_the_chapters_name(self, lakeside, cora, inside, now):
        with inside(cora), pytest.raises(chapters.NotItsName):
            chapters.ask_for_removal(lakeside, typed="another", by=cora, now=now)

    def test_does_nothing_before_its_time_and_nothing_when_it_was_stopped(
        self, lakeside, cora, ada, inside, now, work, at, settings
    ):
        store = storage.of(settings)
        with inside(cora):
            want(lakeside, cora, now)
            confirm(lakeside, ada, now)
        early = now + TWO_WEEKS - timedelta(seconds=1)
        assert chapters.remove(lakeside.id, store=store, now=early) == 0
        with inside(cora):
            chapters.stop_removal(lakeside, by=cora, now=now)
        at(now + TWO_WEEKS)
        work()

        assert queries.chapter_ids() == [lakeside.id]

    def test_tells_everyone_once_it_is_set(self, lakeside, cora, ada, sol, inside, now, work, tray):
        with inside(cora):
            want(lakeside, cora, now)
        work()
        assert [mail["To"] for mail in tray.mails] == [ada.email]
        with inside(cora):
            confirm(lakeside, ada, now)
        work()

        told = {str(mail["To"]) for mail in tray.mails if "will be removed" in mail["Subject"]}
        assert told == {cora.email, ada.email, sol.email}

    def test_the_database_itself_refuses_what_two_people_did_not_say(
        self, lakeside, cora, inside, now
    ):
        with inside(cora):
            want(lakeside, cora, now)
        with (
            pytest.raises(DBAPIError, match="not to be removed"),
            scope.chapter(lakeside.id),
            db.session.begin_nested(),
        ):
            db.session.scalar(select(func.remove_chapter(lakeside.id)))
        db.session.rollback()


@pytest.fixture
def removed(own_database, now):
    """Two chapters of the same people, full of words, of which one was removed."""
    settings = own_database.config["SETTINGS"]
    store = storage.of(settings)
    lakeside, riverside = make.chapter("lakeside"), make.chapter("riverside")
    for chapter in (lakeside, riverside):
        mara = make.mentor(chapter, "Dr. Mara Quist", email="mara@example.org")
        sol = make.student(chapter, "Sol Adair", email="sol@example.org")
        cora = make.coordinator(chapter, "Cora Winslow", email="cora@example.org")
        ada = make.member(chapter, Role.ADVISOR, name="Dr. Ada Brandt", email="ada@example.org")
        if chapter is lakeside:
            make.mentor(chapter)
            everything_said(mara, sol, cora, store=store, now=now)
            exports.begin(cora.user_id, chapter="lakeside", now=now)
            db.session.commit()
            with scope.chapter(chapter.id):
                want(chapter, cora, now)
                confirm(chapter, ada, now)
                db.session.commit()
    with planting.owner(settings.database_url) as owner:
        before = rows_of(owner, riverside.id)
        count = chapters.remove(lakeside.id, store=store, now=now + TWO_WEEKS)
        db.session.remove()
        yield lakeside, riverside, owner, before, count


def rows_of(owner, chapter_id) -> dict[str, int]:
    """How many rows each table has of a chapter."""
    return {
        name: owner.execute(
            text(f'SELECT count(*) FROM "{name}" WHERE chapter_id = :id'), {"id": chapter_id}
        ).scalar_one()
        for name, table in planting.TABLES.items()
        if "chapter_id" in table.c
    }


def test_of_a_removed_chapter_no_row_is_left_and_other_chapters_are_as_they_were(
    removed, own_database, now
):
    lakeside, riverside, owner, before, count = removed

    assert count > 100
    assert set(rows_of(owner, lakeside.id).values()) == {0}
    assert set(planting.holding(owner, str(lakeside.id))) == set()
    for word in WORDS:
        assert set(planting.holding(owner, word)) == set(), word
    left = owner.execute(text("SELECT slug FROM removed_chapters")).scalars().all()
    assert left == ["lakeside"]
    assert rows_of(owner, riverside.id) == before
    # Who wanted it is kept with the two of them, in the sealed trail of accounts.
    kept = owner.execute(
        text(
            "SELECT u.email, e.facts FROM account_events e JOIN users u ON u.id = e.user_id"
            " WHERE e.deed = 'account.chapter_removed' ORDER BY u.email"
        )
    ).all()
    assert [tuple(one) for one in kept] == [
        ("ada@example.org", {"slug": "lakeside", "part": "confirmed"}),
        ("cora@example.org", {"slug": "lakeside", "part": "asked"}),
    ]
    assert owner.execute(text("SELECT count(*) FROM users")).scalar_one() >= 4
    # Nobody else gets its address, and to remove it again changes nothing.
    with pytest.raises(founding.SlugTaken):
        founding.found(slug="lakeside", name="New", school="New", zone="UTC", now=now)
    db.session.rollback()
    store = storage.of(own_database.config["SETTINGS"])
    assert chapters.remove(lakeside.id, store=store, now=now + TWO_WEEKS) == 0


class TestCopy:
    def test_holds_what_the_chapter_is_run_by_and_no_word_of_anybody(
        self, lakeside, mara, sol, cora, inside, work, now, settings
    ):
        make.mentor(lakeside)
        everything_said(mara, sol, cora, store=storage.of(settings), now=now)
        with inside(cora):
            export_id = chapters.ask_for_copy(lakeside, by=cora, now=now)
        work()
        _, parts = exports.fetch(cora.user_id, export_id, chapter="lakeside", now=now)
        made = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
        db.session.commit()

        read = made.read("data.json").decode()
        assert sol.email in read
        for word in (*WORDS, "Something else."):
            assert word not in read, word
        assert not [name for name in made.namelist() if name.startswith("files/")]

    def test_the_operators_is_whole(self, lakeside, mara, sol, cora, now, settings):
        make.mentor(lakeside)
        store = storage.of(settings)
        everything_said(mara, sol, cora, store=store, now=now)
        target = io.BytesIO()

        chapters.write_copy(target, lakeside.id, whole=True, store=store, now=now)

        made = zipfile.ZipFile(target)
        told = json.loads(made.read("data.json"))["chapters"][0]["data"]
        assert {"private_notes", "concerns", "meetings", "audit_events"} <= set(told)
        assert [name for name in made.namelist() if name.startswith("files/")]

    def test_only_whoever_asked_fetches_it_and_only_while_they_run_the_chapter(
        self, lakeside, cora, ada, sol, sign_in, inside, work, now
    ):
        client = sign_in(cora)
        assert client.post("/c/lakeside/settings/copy").status_code == 303
        work()
        copy = exports.newest(cora.user_id, chapter="lakeside")
        db.session.commit()
        path = f"/c/lakeside/settings/copy/{copy.id}"

        assert client.get(path).status_code == 200
        assert sign_in(ada).get(path).status_code == 404
        assert sign_in(sol).get(path).status_code == 403
        # Nor is it theirs as a copy of their own data.
        assert client.get(f"/account/data/copy/{copy.id}").status_code == 404


def test_the_page_of_the_end_asks_confirms_and_stops(lakeside, sign_in, cora, ada, inside, now):
    first, second, page = sign_in(cora), sign_in(ada), "/c/lakeside/settings/end"

    wrong = first.post(page, data={"name": "Something"})
    assert wrong.status_code == 422
    assert "Something" in wrong.text
    assert first.post(page, data={"name": lakeside.name}).status_code == 303
    assert "Nothing happens before a second person" in second.get(page).text
    assert second.post(page, data={"name": lakeside.name}).status_code == 303
    assert "will be removed" in first.get(page).text
    assert first.post(f"{page}/stop").status_code == 303
    with inside(cora):
        assert chapters.wish() is None
