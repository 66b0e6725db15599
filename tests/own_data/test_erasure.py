"""Deleting an account: what goes, what stays, and that nothing of a person is found afterwards."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from mentorship.foundation.database import db
from mentorship.own_data import erasure
from tests import make
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
