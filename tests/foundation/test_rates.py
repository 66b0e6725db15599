"""How often something may be tried."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.foundation import rates
from mentorship.foundation.database import db
from mentorship.foundation.rates import Rate, TooMany, Tries

THREE_A_MINUTE = Rate("a test", 3, timedelta(minutes=1))


def kept() -> list[bytes]:
    with db.engines[rates.BIND].connect() as connection:
        return list(connection.scalars(select(Tries.key)))


def tried(*seconds: float, now: datetime) -> list[bool]:
    return [
        rates.allow(THREE_A_MINUTE, "sol", now=now + timedelta(seconds=second))
        for second in seconds
    ]


def test_a_rate_lets_through_as_many_as_it_says(undone, now):
    assert tried(0, 1, 2, 3, 4, now=now) == [True, True, True, False, False]


def test_a_try_is_allowed_again_when_the_oldest_is_a_span_ago(undone, now):
    assert tried(0, 10, 20, 59.9, 60, 60.1, 70, now=now) == [
        *(True, True, True),
        *(False, True, False, True),
    ]


def test_a_refused_try_makes_nobody_wait_longer(undone, now):
    tried(0, 0, 0, *range(1, 60), now=now)

    assert tried(60, now=now) == [True]


def test_each_key_and_each_rate_is_counted_by_itself(undone, now):
    tried(0, 0, 0, 0, now=now)

    assert rates.allow(THREE_A_MINUTE, "mara", now=now)
    assert rates.allow(replace(THREE_A_MINUTE, name="another"), "sol", now=now)


def test_who_has_to_wait_is_told_how_long(undone, now):
    tried(0, 10, 20, now=now)

    with pytest.raises(TooMany) as refused:
        rates.insist(THREE_A_MINUTE, "sol", now=now + timedelta(seconds=25))

    assert refused.value.wait == timedelta(seconds=35)
    assert rates.left(THREE_A_MINUTE, "nobody", now=now) == timedelta()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "Wait a minute,"),
        (61, "Wait 2 minutes,"),
        (59 * 60 + 1, "Wait an hour,"),
        (3601, "Wait 2 hours,"),
    ],
)
def test_the_wait_is_said_in_words_and_never_too_short(seconds, words):
    assert words in str(TooMany(timedelta(seconds=seconds)))


def test_a_try_stays_counted_when_its_request_is_undone(own_database, now):
    rates.allow(THREE_A_MINUTE, "sol", now=now)
    db.session.rollback()

    assert len(kept()) == 1


def test_the_table_does_not_say_who_tried(undone, now):
    rates.allow(THREE_A_MINUTE, "203.0.113.7", now=now)

    [key] = kept()
    assert len(key) == 32
    assert b"203" not in key
    before = rates._digest(THREE_A_MINUTE, "203.0.113.7")
    assert key == before


def test_a_digest_needs_the_secret(app, undone, now, settings):
    with_ours = rates._digest(THREE_A_MINUTE, "sol")
    rates.use("another secret, of another installation")
    try:
        assert rates._digest(THREE_A_MINUTE, "sol") != with_ours
    finally:
        rates.use(settings.secret_key)


def test_tries_that_count_no_more_are_swept(own_database, now):
    rates.allow(THREE_A_MINUTE, "sol", now=now)
    rates.allow(THREE_A_MINUTE, "mara", now=now + timedelta(minutes=2))

    assert rates.sweep(now=now + timedelta(minutes=2)) == 1
    db.session.commit()
    assert len(kept()) == 1


def test_the_table_costs_no_log(own_database):
    kind = "SELECT relpersistence FROM pg_class WHERE relname = 'tries'"
    assert db.session.scalars(text(kind)).one() == "u"


def test_of_a_hundred_at_once_in_two_processes_exactly_as_many_come_through(own_database, now):
    other = create_app(own_database.config["SETTINGS"], pool=NullPool)
    ten = Rate("a race", 10, timedelta(minutes=1))
    gate = threading.Barrier(20, timeout=60)

    def five_tries(number: int) -> int:
        with (own_database, other)[number % 2].app_context():
            gate.wait()
            return sum(rates.allow(ten, "sol", now=now) for _ in range(5))

    with ThreadPoolExecutor(20) as crowd:
        assert sum(crowd.map(five_tries, range(20))) == ten.most


@given(gaps=st.lists(st.integers(0, 90), max_size=40))
@hypothesis_settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_span_wherever_it_begins_holds_more_than_the_rate(undone, gaps):
    who = str(uuid4())
    at, through, refused = datetime(2026, 3, 2, tzinfo=UTC), [], []
    for gap in gaps:
        at += timedelta(seconds=gap)
        (through if rates.allow(THREE_A_MINUTE, who, now=at) else refused).append(at)

    def within(end: datetime) -> int:
        return sum(end - THREE_A_MINUTE.per < each <= end for each in through)

    assert all(within(each) <= THREE_A_MINUTE.most for each in through)
    # And nobody is refused who has room.
    assert all(within(each) == THREE_A_MINUTE.most for each in refused)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("", None),
        ("no address", "\x00"),
    ],
)
def test_addresses_of_one_home_are_one_place(one, other):
    assert rates.place(one) == rates.place(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8:1:2::1", "2001:db8:1:3::1"), ("203.0.113.7", "203.0.113.8"), ("::1", "127.0.0.1")],
)
def test_other_homes_are_other_places(one, other):
    assert rates.place(one) != rates.place(other)
