"""A copy of everything about somebody: what is in it, what is not, and who can fetch it."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from mentorship.accounts.models import DeviceSession
from mentorship.foundation import scope, storage
from mentorship.foundation.database import db
from mentorship.own_data import exports, gathering
from mentorship.own_data.gathering import Who
from mentorship.own_data.models import Export
from mentorship.own_data.register import REGISTER
from mentorship.tenancy.models import Membership
from tests import make
from tests.house.wellness import PRIVATE, everything_said
from tests.own_data import planting

DAY = timedelta(days=1)


@pytest.fixture
def said(lakeside, mara, sol, cora, now, settings):
    make.mentor(lakeside)
    return everything_said(mara, sol, cora, store=storage.of(settings), now=now)


@pytest.fixture
def archive(work):
    """Ask for a copy, have it made, and open it."""

    def archive(who, now) -> zipfile.ZipFile:
        export_id = exports.ask(who.user_id, now=now)
        db.session.commit()
        work()
        _, parts = exports.fetch(who.user_id, export_id, now=now)
        content = b"".join(parts)
        db.session.commit()
        return zipfile.ZipFile(io.BytesIO(content))

    return archive


def test_it_holds_ones_own_words_and_what_was_shared_and_no_secret_of_the_other(
    said, mara, sol, archive, now
):
    mine = archive(sol, now)

    read = mine.read("data.json").decode()
    for word in ("solown", "notesword", "olderword", "goalword", "updateword", "checkinword"):
        assert word in read, word
    for word in PRIVATE["mara"]:
        assert word not in read, word
    assert mara.email not in read
    assert sol.email in read


def test_the_other_one_gets_theirs_and_not_what_the_first_kept(said, mara, sol, archive, now):
    read = archive(mara, now).read("data.json").decode()

    assert "maraown" in read
    assert "notesword" in read
    for word in (*PRIVATE["sol"], "goalword", "Something else."):
        assert word not in read, word
    assert sol.email not in read


def test_the_page_in_it_says_the_same_stands_alone_and_runs_nothing(said, sol, archive, now):
    page = archive(sol, now).read("index.html").decode()

    assert "Your private notes" in page
    assert "solown" in page
    assert "Dr. Mara Quist" in page
    assert "<script" not in page
    assert "src=" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_files_are_in_it_under_their_names(said, sol, archive, now):
    names = archive(sol, now).namelist()

    assert [name for name in names if name.startswith("files/lakeside/")]
    assert all(".." not in name and not name.startswith("/") for name in names)


def test_it_is_over_every_chapter_and_those_that_were_left(lakeside, sol, archive, inside, now):
    other = make.chapter("riverside")
    again = make.member(other, name="Sol Elsewhere", email=sol.email)
    with inside(again):
        db.session.execute(
            update(Membership).where(Membership.id == again.id).values(left_at=now - DAY)
        )

    told = json.loads(archive(sol, now).read("data.json"))

    assert [one["name"] for one in told["chapters"]] == ["Lakeside EMIG", "Riverside EMIG"]
    assert told["chapters"][1]["data"]["memberships"][0]["name"] == "Sol Elsewhere"


def test_every_entry_of_the_register_is_in_it(own_database, now):
    """A row in every table, and each that is said to be exported is found by the gathering."""
    chapter = make.chapter("lakeside")
    zoe = make.member(chapter, name="Zoe Canary")
    ivo = make.member(chapter, name="Ivo Bystander")
    db.session.remove()
    with planting.owner(own_database.config["SETTINGS"].database_url) as owner:
        planting.loosen(owner)
        planting.plant(owner, zoe, "Canary")
        planting.plant(owner, ivo, "Bystander")
        owner.execute(text("UPDATE concerns SET state = 'closed', may_name = true"))
    found = gathering.about_person(Who(zoe.user_id))
    db.session.rollback()
    with scope.chapter(zoe.chapter_id):
        found += gathering.about_person(Who(zoe.user_id, zoe.id))

    assert {one.title for one in found} == {entry.title for entry in REGISTER if entry.exported}
    for section in found:
        columns = set(section.rows[0])
        entry = next(one for one in REGISTER if one.title == section.title)
        assert not columns & set(entry.left_out), section.title
        assert "Bystander" not in repr(section.rows), section.title


def test_a_concern_about_somebody_is_not_told_while_it_is_looked_at(said, mara, archive, now):
    told = archive(mara, now).read("data.json").decode()

    assert '"concerns"' not in told


def test_one_a_day(sol, undone, now):
    exports.ask(sol.user_id, now=now)
    with pytest.raises(exports.OneADay):
        exports.ask(sol.user_id, now=now + DAY - timedelta(seconds=1))

    exports.ask(sol.user_id, now=now + DAY)


def test_a_worker_that_died_over_it_leaves_nothing_double(said, sol, work, now, settings):
    export_id = exports.ask(sol.user_id, now=now)
    db.session.commit()
    store = storage.of(settings)
    exports.start(sol.user_id, export_id, steps=3)
    exports.finish(sol.user_id, export_id, io.BytesIO(b"half"), now=now)
    db.session.execute(update(Export).values(state="working", ready_at=None, kept_until=None))
    db.session.commit()

    exports.work(sol.user_id, export_id, store=store, now=now)
    exports.work(sol.user_id, export_id, store=store, now=now)

    size, parts = exports.fetch(sol.user_id, export_id, now=now)
    content = b"".join(parts)
    assert len(content) == size
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_its_page_leads_to_it_and_nobody_else_gets_it(sign_in, sol, mara, work, tray, now, at):
    client = sign_in(sol)
    assert client.post("/account/data/copy").location == "/account/data#copy"
    work()
    mail = tray.to(sol.email)[-1]
    assert "/account/data/copy/" not in mail.as_string()
    copy = exports.newest(sol.user_id)
    db.session.commit()
    path = f"/account/data/copy/{copy.id}"

    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    assert sign_in(mara).get(path).status_code == 404
    assert path in client.get("/account/data").text


def test_a_week_later_it_is_gone(sign_in, sol, work, now, at):
    exports.ask(sol.user_id, now=now)
    db.session.commit()
    work()
    copy = exports.newest(sol.user_id)
    later = at(now + timedelta(days=7, seconds=1))

    answer = sign_in(sol).get(f"/account/data/copy/{copy.id}")

    assert answer.status_code == 404
    assert exports.sweep(now=later) == 1
    assert db.session.scalar(text("SELECT count(*) FROM export_parts")) == 0


def test_whoever_proved_who_they_are_long_ago_does_so_again_first(sign_in, sol, now):
    client = sign_in(sol)
    client.get("/account/data")
    db.session.execute(update(DeviceSession).values(proven_at=now - timedelta(minutes=11)))
    db.session.commit()

    for path in ("/account/data/delete", f"/account/data/copy/{sol.id}"):
        assert client.get(path).location.startswith("/account/confirm"), path
    assert client.post("/account/data/copy").location.startswith("/account/confirm")
