"""The commands that seal the trail and say whether it is whole."""

import pytest
from sqlalchemy import create_engine, text

from mentorship.audit import account_trail, trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation import scope
from mentorship.foundation.database import db, driver_url
from mentorship.relationships.models import PairingDeed
from tests import make


@pytest.fixture
def chapter(own_database, now):
    """A chapter in which three things have happened, and an account that was entered."""
    chapter = make.chapter("birch-hill")
    cora = make.coordinator(chapter, "Cora Winslow")
    happen(cora, now, 3)
    account_trail.record(AccountDeed.SIGNED_IN, user_id=cora.user_id, now=now)
    db.session.commit()
    return cora


def happen(who, now, times):
    with scope.chapter(who.chapter_id):
        for _ in range(times):
            trail.record(PairingDeed.ENDED, who, by=who, now=now)
        db.session.commit()


@pytest.fixture
def tamper(own_database):
    """Change the trail behind the product's back, as the owner of its tables."""

    def tamper(words: str) -> None:
        engine = create_engine(driver_url(own_database.config["SETTINGS"].database_url))
        with engine.begin() as connection:
            connection.execute(text(words))
        engine.dispose()

    return tamper


@pytest.fixture
def written(run, chapter, tmp_path):
    file = tmp_path / "seals"
    file.write_text(run("audit", "seal", "--print").output, "utf-8")
    return file


def test_writes_down_the_last_seal_of_every_chain(written):
    lines = [line.split() for line in written.read_text().splitlines()]

    assert [(name, number) for name, number, _ in lines] == [("birch-hill", "3"), ("*", "1")]
    assert {len(digest) for _, _, digest in lines} == {64}


def test_says_that_a_trail_is_whole_and_what_waits(run, chapter, written, now):
    happen(chapter, now, 2)

    answer = run("audit", "verify", "--against", written)

    assert answer.exit_code == 0
    assert answer.output == "birch-hill: whole, 3 sealed, 2 wait to be\n*: whole, 1 sealed\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("UPDATE audit_events SET deed = 'none.done'", "birch-hill: number 1 is changed"),
        ("DELETE FROM audit_events", "birch-hill: number 1 is removed"),
        ("UPDATE account_events SET deed = 'none.done'", "*: number 1 is changed"),
        (
            "DELETE FROM trail_seals; DELETE FROM audit_events",
            "birch-hill: number 1 is removed",
        ),
    ],
)
def test_names_the_first_fault(run, chapter, written, tamper, words, says):
    tamper(words)

    answer = run("audit", "verify", "--against", written)

    assert answer.exit_code == 1
    assert says in answer.stderr


def test_a_chain_that_was_written_down_and_is_gone_is_missed(run, written):
    written.write_text(written.read_text() + "cedar-falls 4 " + "0" * 64 + "\n")

    answer = run("audit", "verify", "--against", written)

    assert answer.exit_code == 1
    assert "cedar-falls: was written down, and is not there" in answer.stderr


def test_one_chapter_can_be_looked_at_alone(run, chapter, written):
    assert run("audit", "verify", "--chapter", "birch-hill").output == (
        "birch-hill: whole, 3 sealed\n"
    )
    assert "There is no chapter" in run("audit", "verify", "--chapter", "nowhere").stderr


def test_a_line_that_is_no_seal_is_refused(run, chapter, tmp_path):
    (tmp_path / "seals").write_text("birch-hill three\n", "utf-8")

    answer = run("audit", "verify", "--against", tmp_path / "seals")

    assert answer.exit_code == 1
    assert "Line 1 of" in answer.stderr


def test_a_lost_key_is_said_and_can_be_gone_past(run, chapter, written, monkeypatch, now):
    monkeypatch.setenv("SECRET_KEY", "another secret, with which nothing was sealed")
    happen(chapter, now, 1)

    assert "fits no key" in run("audit", "seal").stderr
    assert "not ours" in run("audit", "verify").stderr
    assert run("audit", "seal", "--anyway").exit_code == 0
    assert "birch-hill: whole, 4 sealed" in run("audit", "verify").output
