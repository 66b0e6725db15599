from datetime import UTC, date, datetime, timedelta

from mentorship.foundation.database import db
from mentorship.insights import duties
from mentorship.relationships.models import ActionItem, Pairing, PairingState
from mentorship.scheduling.models import Part
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.insights.built import booking, pair

DAY = timedelta(days=1)


def add(inside, pairing_id, owner, now, *specs) -> None:
    with inside(owner):
        db.session.add_all(
            ActionItem(
                pairing_id=pairing_id,
                owner_id=owner.id,
                what=what,
                due_on=due_on,
                created_at=now,
                done_at=now - done * DAY if done is not None else None,
                dropped_at=now if what == "Dropped" else None,
            )
            for what, due_on, done in specs
        )


def test_open_ones_by_their_day_and_then_those_just_ticked(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    add(
        inside,
        pairing_id,
        sol,
        now,
        ("No date", None, None),
        ("Friday", date(2026, 3, 6), None),
        ("Ticked yesterday", date(2026, 3, 1), 1),
        ("Last week", date(2026, 2, 20), None),
        ("Ticked long ago", None, 9),
        ("Dropped", date(2026, 3, 2), None),
    )
    add(inside, pairing_id, mara, now, ("Mara's own", date(2026, 3, 3), None))
    with inside(sol):
        found = duties.due_from(sol, now=now)

    assert [item.what for item in found] == ["Last week", "Friday", "No date", "Ticked yesterday"]
    assert [item.overdue for item in found] == [True, False, False, False]
    assert {item.other_name for item in found} == {"Dr. Mara Quist"}


def test_of_a_pairing_are_those_of_both(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    add(inside, pairing_id, sol, now, ("Sol's", None, None))
    add(inside, pairing_id, mara, now, ("Mara's", None, None))
    with inside(mara):
        found = duties.of_pairing(pairing_id, member=mara, now=now)

    assert {(item.what, item.mine) for item in found} == {("Sol's", False), ("Mara's", True)}


def test_what_is_due_today_is_overdue_tomorrow_where_the_reader_is(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    add(inside, pairing_id, sol, now, ("Today", date(2026, 3, 2), None))
    for instant, overdue in (
        (datetime(2026, 3, 3, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 3, 6, 0, tzinfo=UTC), True),
    ):
        with inside(sol):
            assert [item.overdue for item in duties.due_from(sol, now=instant)] == [overdue]


def test_nothing_is_due_of_a_pairing_that_has_ended(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    add(inside, pairing_id, sol, now, ("Sol's", None, None))
    with inside(sol):
        ended = db.session.get(Pairing, (sol.chapter_id, pairing_id))
        ended.state, ended.ended_at = PairingState.ENDED, now
    with inside(sol):
        assert duties.due_from(sol, now=now) == []
        assert len(duties.of_pairing(pairing_id, member=sol, now=now)) == 1


def test_what_is_owed_is_over_all_pairings_the_overdue_first(inside, lakeside, mara, sol, now):
    first, second = make.pairing(mara, sol), make.pairing(make.mentor(lakeside), sol, Kind.CONTENT)
    over = make.pairing(make.mentor(lakeside), sol, Kind.WELLNESS)
    add(inside, first, sol, now, ("No date", None, None), ("Late", date(2026, 2, 20), None))
    add(inside, second, sol, now, ("Later", date(2026, 2, 10), None), ("Dropped", None, None))
    add(inside, second, sol, now, ("Ticked", None, 1), ("Ticked long ago", None, 9))
    add(inside, over, sol, now, ("Stranded", None, None))
    add(inside, first, mara, now, ("Mara's", None, None))
    with inside(sol):
        ended = db.session.get(Pairing, (sol.chapter_id, over))
        ended.state, ended.ended_at = PairingState.ENDED, now
    with inside(sol):
        found = duties.owed(sol, now=now)

    assert [[item.what for item in part] for part in (found.mine, found.theirs)] == [
        ["Later", "Late", "No date"],
        ["Mara's"],
    ]
    assert [[item.what for item in part] for part in (found.stranded, found.done)] == [
        ["Stranded"],
        ["Ticked"],
    ]
    assert [item.what for item in found.dropped] == ["Dropped"]


def test_a_long_list_is_cut(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    add(inside, pairing_id, sol, now, *(("x", None, None) for _ in range(duties.SHOWN + 3)))
    with inside(sol):
        assert len(duties.due_from(sol, now=now)) == duties.SHOWN


def test_strangers_items_are_not_due_from_anybody_else(inside, lakeside, mara, sol, now):
    add(inside, make.pairing(mara, sol), sol, now, ("Sol's", None, None))
    other = make.student(lakeside)
    with inside(other):
        assert duties.due_from(other, now=now) == []


def test_check_ins_are_due_the_longest_overdue_first():
    quiet = pair(kind=Kind.CONTENT, contact=90)
    soon = pair(kind=Kind.CONTENT, contact=58)
    in_rhythm = pair()
    booked = pair(booking(9 * DAY), kind=Kind.CONTENT, contact=90)
    waiting = pair(booking(9 * DAY, awaiting=Part.MENTOR), kind=Kind.CONTENT, contact=90)
    asked = pair(state=PairingState.PROPOSED)

    found = duties.check_ins_due([soon, in_rhythm, booked, asked, waiting, quiet])
    assert found == [quiet, soon]
