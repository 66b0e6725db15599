"""Deleting an account: what goes, what stays, and that nothing of a person is found afterwards."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.own_data import erasure
from mentorship.scheduling.models import Meeting, MeetingState, PrivateNote
from mentorship.tenancy.models import Membership
from tests import make
from tests.conftest import words
from tests.own_data import planting
from tests.own_data.test_register import SHARED

WORD = "Quetzalcanary"
WEEK = timedelta(days=7)


@pytest.fixture
def planted(own_database, now):
    """Zoe, with a word of hers in every column of every table, and Ivo with one of his."""
    chapter = make.chapter("lakeside")
    zoe = make.member(chapter, name=f"Zoe {WORD}", email=f"zoe.{WORD.lower()}@example.org")
    ivo = make.member(chapter, name="Ivo Bystander", email="ivo@example.org")
    db.session.remove()
    with planting.owner(own_database.config["SETTINGS"].database_url) as owner:
        planting.loosen(owner)
        planting.plant(owner, zoe, WORD)
        planting.plant(owner, ivo, "Bystander")
        owner.execute(text("UPDATE erasures SET due_at = :now, done_at = NULL"), {"now": now})
        owner.execute(text("UPDATE memberships SET left_at = :now"), {"now": now})
        yield zoe, ivo, owner


def test_afterwards_no_word_of_the_person_is_in_any_table(planted, now):
    zoe, _, owner = planted
    assert len(set(planting.holding(owner, WORD))) > 100  # the world has what it should find

    erasure.go_through(zoe.user_id, now=now)

    assert set(planting.holding(owner, WORD)) <= set(SHARED)


def test_nobody_elses_row_is_touched(planted, now):
    zoe, _, owner = planted
    before = rows_of(owner, "Bystander")

    erasure.go_through(zoe.user_id, now=now)

    after = rows_of(owner, "Bystander")
    # Rosters that still wait go whole, since they may name anybody.
    assert before - after <= {one for one in before if one[0] == "roster_uploads"}
    assert len(before) > 50


def test_done_again_after_a_kill_it_ends_the_same(planted, now, monkeypatch):
    zoe, _, owner = planted
    with monkeypatch.context() as killed:
        killed.setattr(erasure, "_erase_account", lambda *_args, **_facts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erasure.go_through(zoe.user_id, now=now)
    db.session.remove()

    erasure.go_through(zoe.user_id, now=now)
    erasure.go_through(zoe.user_id, now=now)

    assert set(planting.holding(owner, WORD)) <= set(SHARED)
    deeds = owner.execute(text("SELECT deed FROM audit_events WHERE deed = 'member.erased'"))
    assert len(deeds.all()) == 1


class TestAsk:
    def test_sets_a_day_in_a_week_and_keeps_to_it_when_asked_again(self, sol, undone, now):
        due_at = erasure.ask(sol.user_id, typed=f" {sol.email.upper()} ", now=now)

        db.session.commit()
        assert due_at == now + WEEK
        assert erasure.ask(sol.user_id, typed=sol.email, now=now + WEEK / 2) == due_at

    def test_wants_the_address_typed(self, sol, undone, now):
        with pytest.raises(erasure.NotYourAddress):
            erasure.ask(sol.user_id, typed="somebody@example.org", now=now)

    def test_has_whoever_runs_a_chapter_alone_hand_over_first(self, cora, sol, undone, now):
        with pytest.raises(erasure.HandOverFirst, match="Lakeside"):
            erasure.ask(cora.user_id, typed=cora.email, now=now)

    def test_lets_go_whoever_has_a_successor_or_is_alone(self, lakeside, cora, odd, undone, now):
        make.coordinator(lakeside, "Cleo Second")
        erasure.ask(cora.user_id, typed=cora.email, now=now)
        erasure.ask(odd.user_id, typed=odd.email, now=now)


class TestGoThrough:
    def test_is_a_job_a_week_later_that_tells_the_others_first(
        self, lakeside, mara, sol, cora, inside, now, at, work, tray
    ):
        pairing_id = make.pairing(mara, sol)
        starts_at = now + 2 * WEEK
        make.meeting(mara, sol, pairing_id, starts_at=starts_at)
        past_id = make_past(mara, sol, pairing_id, now)
        with inside(sol):
            db.session.add(PrivateNote(meeting_id=past_id, member_id=sol.id, words="ownword"))
        erasure.ask(sol.user_id, typed=sol.email, now=now)
        db.session.commit()
        work()
        assert db.session.scalar(select(User.email).where(User.id == sol.user_id)) == sol.email
        tray.empty()

        later = at(now + WEEK)
        work()
        assert any("Sol Adair" in words(mail) for mail in tray.to(mara.email))
        at(later + erasure.TO_TELL)
        work()

        with inside(sol):
            me = db.session.execute(
                select(Membership.name, Membership.held, Membership.left_at).where(
                    Membership.id == sol.id
                )
            ).one()
            assert (me.name, me.held, me.left_at) == ("Former member", [], later)
            assert db.session.scalar(select(PrivateNote.words)) is None
            assert len(db.session.scalars(select(Meeting)).all()) == 2
        email = db.session.scalar(select(User.email).where(User.id == sol.user_id))
        assert email == f"{sol.user_id}@erased.invalid"
        db.session.commit()
        # The address is free for somebody new.
        assert make.student(lakeside, "Sol Anew", email=sol.email).user_id != sol.user_id

    def test_does_nothing_when_it_was_called_off(self, sol, undone, now, at, work):
        erasure.ask(sol.user_id, typed=sol.email, now=now)
        assert erasure.call_off(sol.user_id, now=now)
        assert not erasure.call_off(sol.user_id, now=now)
        db.session.commit()
        at(now + WEEK)
        work()

        assert db.session.scalar(select(User.email).where(User.id == sol.user_id)) == sol.email

    def test_waits_for_the_later_wish_when_the_first_was_called_off(
        self, sol, undone, now, at, work
    ):
        erasure.ask(sol.user_id, typed=sol.email, now=now)
        erasure.call_off(sol.user_id, now=now)
        erasure.ask(sol.user_id, typed=sol.email, now=now + WEEK / 2)
        db.session.commit()
        at(now + WEEK)
        work()

        assert db.session.scalar(select(User.email).where(User.id == sol.user_id)) == sol.email


class TestPages:
    def test_ask_show_and_call_off(self, sign_in, sol, now, work, tray):
        client, page = sign_in(sol), "/account/data/delete"
        assert "Notes and agreements that you wrote together" in client.get(page).text
        wrong = client.post(page, data={"email": "else@example.org"})
        assert wrong.status_code == 422
        assert "else@example.org" in wrong.text
        assert client.post(page, data={"email": sol.email}).status_code == 303
        work()
        (mail,) = tray.to(sol.email)
        assert "/account/data" in words(mail)
        assert "will be deleted" in client.get("/account/data").text
        assert client.post("/account/data/keep").status_code == 303
        assert "will be deleted" not in client.get("/account/data").text

    def test_say_who_has_to_hand_over(self, sign_in, cora, sol, now):
        answer = sign_in(cora).post("/account/data/delete", data={"email": cora.email})

        assert answer.status_code == 422
        assert "Nobody would run Lakeside EMIG without you" in answer.text


def make_past(mara, sol, pairing_id, now):
    return make.meeting(
        mara, sol, pairing_id, starts_at=now - WEEK, state=MeetingState.HELD, purpose="purposeword"
    )


def rows_of(owner, word: str) -> set[tuple[str, str]]:
    """Every row that holds a word, as text."""
    tables = {one.partition(".")[0] for one in planting.holding(owner, word)}
    return {
        (table, row)
        for table in tables
        for (row,) in owner.execute(
            text(f'SELECT t::text FROM "{table}" t WHERE t::text ILIKE :word'),
            {"word": f"%{word}%"},
        )
    }
