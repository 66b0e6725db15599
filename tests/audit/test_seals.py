"""Sealing what the database holds, and finding what somebody did to it behind our back."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from mentorship.audit import account_trail, cutting, seals, trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.chain import Fault, Harm
from mentorship.audit.models import AuditEvent, TrailCut, TrailSeal
from mentorship.foundation import schema
from mentorship.foundation.database import db
from mentorship.jobs import tasks

SECRETS = ("a secret that only tests know, one", "and the one before it, of old times")


class SomeDeed(StrEnum):
    DONE = "some.done"


class Thing:
    id = UUID("01a21483-0d18-7cf8-bfcd-c15659bfa535")


@pytest.fixture
def here(inside, sol, now):
    """In a chapter with three sealed events."""
    with inside(sol):
        # Those of the fixtures have seals, too.
        happen(sol, now, 3)
        seal(now)
        yield seals.of_chapter()


def happen(who, now, times: int = 1) -> list[UUID]:
    return [
        trail.record(SomeDeed.DONE, Thing, by=who, now=now, number=number).id
        for number in range(times)
    ]


def seal(now, **how) -> int:
    return seals.seal(seals.of_chapter(), secrets=how.pop("secrets", SECRETS), now=now, **how)


def look(**how) -> seals.Finding:
    return seals.look(seals.of_chapter(), secrets=how.pop("secrets", SECRETS), **how)


def cuts(of: seals.Chain) -> list[TrailCut]:
    marks = select(TrailCut).where(TrailCut.chain == of.id).order_by(TrailCut.number.desc())
    return list(db.session.scalars(marks))


def last_event() -> UUID:
    return db.session.scalars(select(TrailSeal.event_id).order_by(TrailSeal.number.desc())).first()


def tamper(words: str, **values) -> None:
    """Do as the owner of the tables what the role of the product cannot."""
    db.session.execute(text("SET LOCAL ROLE NONE"))
    db.session.execute(text(words), values)
    db.session.execute(text(f"SET LOCAL ROLE {schema.ROLE}"))
    db.session.expire_all()


def test_everything_that_happened_is_sealed_once(here, sol, now):
    count = len(db.session.scalars(select(AuditEvent.id)).all())

    assert look() == seals.Finding(sealed=count, waiting=0, fault=None)
    assert seal(now) == 0
    happen(sol, now)
    assert look() == seals.Finding(sealed=count, waiting=1, fault=None)
    assert seal(now) == 1
    assert look() == seals.Finding(sealed=count + 1, waiting=0, fault=None)


def test_what_is_committed_late_is_sealed_late(here, sol, now):
    slow = AuditEvent(
        id=UUID(int=last_event().int - (3_600_000 << 80)),  # an hour ago, by its id
        deed=SomeDeed.DONE,
        at=now - timedelta(hours=1),
        by_id=sol.id,
        subject_id=Thing.id,
        facts={},
        about=[],
        through="job",
        network="",
    )
    db.session.add(slow)
    db.session.flush()

    assert seal(now) == 1
    assert last_event() == slow.id
    assert look().fault is None


def test_what_was_put_in_among_the_old_is_found(here, now):
    tamper(
        "INSERT INTO audit_events (chapter_id, id, deed, at, subject_id, facts) SELECT chapter_id,"
        " :id, deed, at, subject_id, facts FROM audit_events LIMIT 1",
        id=(put_in := UUID(int=last_event().int - (90_000_000 << 80))),
    )

    assert seal(now) == 0
    assert look().fault == Fault(0, put_in, Harm.PUT_IN)


@pytest.mark.parametrize(
    "change",
    [
        "deed = 'none.done'",
        "at = at + interval '1 microsecond'",
        "by_id = subject_id",
        "by_id = NULL",
        "subject_id = gen_random_uuid()",
        "facts = facts || '{\"more\": 1}'",
        "about = ARRAY[subject_id]",
        "through = 'nowhere'",
        "network = '192.0.2.0/24'",
        "session_id = subject_id",
    ],
)
def test_no_column_can_be_changed_unseen(here, change):
    event_id = last_event()

    tamper(f"UPDATE audit_events SET {change} WHERE id = :id", id=event_id)

    assert look().fault == Fault(look().sealed, event_id, Harm.CHANGED)


def test_every_column_of_an_event_is_sealed():
    for events, fields in seals._FIELDS.items():
        assert {*fields, "chapter_id"} >= {column.name for column in events.__table__.columns}


def test_a_removed_event_is_missed(here):
    event_id = last_event()

    tamper("DELETE FROM audit_events WHERE id = :id", id=event_id)

    assert look().fault == Fault(look().sealed, event_id, Harm.REMOVED)


def test_the_moment_of_sealing_is_sealed(here):
    tamper("UPDATE trail_seals SET at = at - interval '1 day' WHERE number = 1")

    assert look().fault.number == 1


def test_an_end_taken_off_with_its_seal_is_found_by_what_was_written_down(here, sol, now):
    written = seals.latest(here)

    tamper("DELETE FROM audit_events WHERE id = :id", id=written.event_id)
    tamper("DELETE FROM trail_seals WHERE event_id = :id", id=written.event_id)

    assert look().fault is None
    known = {written.number: written.digest}
    assert look(known=known).fault == Fault(written.number, None, Harm.REMOVED)
    happen(sol, now)
    seal(now)
    assert look(known=known).fault.harm == Harm.OTHER


def test_the_key_can_be_changed(here, sol, now):
    new = ("a new secret, which nobody knows yet", SECRETS[0])
    happen(sol, now)

    assert seal(now, secrets=new) == 1
    assert look(secrets=new[:1]).fault is None


def test_nothing_is_built_on_a_seal_that_is_not_ours(here, sol, now):
    happen(sol, now)

    with pytest.raises(seals.NotOurs):
        seal(now, secrets=("another secret altogether",))
    assert look(secrets=("another secret altogether",)).fault.harm == Harm.FORGED
    assert seal(now, secrets=("another secret altogether",), anyway=True) == 1
    assert look(secrets=("another secret altogether",)).fault is None


@pytest.mark.parametrize("table", schema.TRAIL)
@pytest.mark.parametrize("harm", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_product_itself_can_change_nothing(here, table, harm):
    with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
        db.session.execute(text(harm.format(table)))


def test_the_older_end_can_be_cut_off_and_leaves_a_mark(here, sol, now):
    later = now + timedelta(days=400)
    young = happen(sol, later, 2)

    taken = cutting.cut(here, before=later, by_id=sol.user_id, secrets=SECRETS, now=later)

    assert taken >= 3
    assert list(db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id))) == young
    [mark] = cuts(here)
    assert (mark.number, mark.before, mark.by_id, mark.at) == (taken, later, sol.user_id, later)
    assert look() == seals.Finding(sealed=taken + 2, waiting=0, fault=None)
    happen(sol, later)
    seal(later)
    assert look().fault is None


def test_a_cut_is_known_by_its_mark(here, sol, now):
    cutting.cut(here, before=None, by_id=None, secrets=SECRETS, now=now)

    assert db.session.scalars(select(AuditEvent.id)).all() == []
    happen(sol, now)
    seal(now)
    assert look().fault is None
    tamper("UPDATE trail_cuts SET by_id = gen_random_uuid()")
    assert look().fault.harm == Harm.FORGED
    tamper("DELETE FROM trail_cuts")
    assert look().fault is not None


def test_a_cut_takes_nothing_that_is_younger_or_stands_behind_it(here, sol, now):
    happen(sol, now + timedelta(days=3))
    happen(sol, now)
    count = len(db.session.scalars(select(AuditEvent.id)).all())

    before = now + timedelta(days=2)
    taken = cutting.cut(here, before=before, by_id=None, secrets=SECRETS, now=now)

    assert count - taken == 2


def test_where_everything_is_younger_nothing_is_cut(here, now):
    assert not cutting.cut(here, before=now, by_id=None, secrets=SECRETS, now=now)
    assert db.session.scalars(select(TrailCut)).all() == []


def test_a_cut_of_one_chapter_leaves_the_others(sol, odd, inside, now):
    with inside(odd):
        happen(odd, now)
        seal(now)
    with inside(sol):
        happen(sol, now)
        cutting.cut(seals.of_chapter(), before=None, by_id=None, secrets=SECRETS, now=now)
    with inside(odd):
        assert look().sealed >= 1
        assert look().fault is None


def test_accounts_have_a_chain_of_their_own(undone, sol, now):
    account_trail.record(AccountDeed.SIGNED_IN, user_id=sol.user_id, now=now)
    account_trail.record(AccountDeed.SIGN_IN_FAILED, user_id=None, now=now)

    accounts = seals.of_accounts()
    assert seals.seal(accounts, secrets=SECRETS, now=now) >= 2
    assert seals.look(accounts, secrets=SECRETS).fault is None
    tamper("UPDATE account_events SET user_id = gen_random_uuid() WHERE user_id IS NULL")
    assert seals.look(accounts, secrets=SECRETS).fault.harm == Harm.CHANGED


class TestWorker:
    @pytest.fixture
    def both(self, sol, odd, inside, now):
        """Two chapters in each of which something has happened."""
        for who in (sol, odd):
            with inside(who):
                happen(who, now)
        account_trail.record(AccountDeed.SIGNED_IN, user_id=sol.user_id, now=now)
        db.session.commit()
        return sol, odd

    def test_seals_every_chapter_and_the_accounts(self, both, inside, settings):
        tasks.seal_trails(0)

        for who in both:
            with inside(who):
                found = look(secrets=settings.secrets)
                assert (found.sealed > 0, found.waiting, found.fault) == (True, 0, None)
        assert seals.look(seals.of_accounts(), secrets=settings.secrets).waiting == 0

    def test_goes_on_to_the_next_chapter_where_one_cannot_be_sealed(
        self, both, inside, settings, caplog, now
    ):
        for who in both:
            with inside(who):
                seal(now, secrets=SECRETS if who is both[0] else settings.secrets)
                happen(who, now)

        tasks.seal_trails(0)

        with inside(both[0]):
            assert look(secrets=settings.secrets).waiting == 1
        with inside(both[1]):
            assert look(secrets=settings.secrets).waiting == 0
        assert "trail cannot be sealed" in caplog.text

    def test_takes_away_at_night_what_was_kept_for_long_enough(
        self, both, inside, settings, at, now
    ):
        tasks.seal_trails(0)
        at(now + cutting.ACCOUNTS + timedelta(days=1))
        tasks.cut_trails(0)
        assert cuts(seals.of_accounts())
        db.session.commit()
        with inside(both[0]):
            assert not cuts(seals.of_chapter())

        at(now + cutting.CHAPTERS + timedelta(days=1))
        tasks.cut_trails(0)
        with inside(both[0]):
            [mark] = cuts(seals.of_chapter())
            assert mark.by_id is None
            assert look(secrets=settings.secrets).fault is None
