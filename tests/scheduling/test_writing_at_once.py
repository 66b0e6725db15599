"""Both write on one meeting at the same moment, on connections of their own: nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.scheduling import agendas, notes
from mentorship.scheduling.models import AgendaItem, Meeting
from mentorship.scheduling.queries import my_meeting
from tests import make

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)
WRITERS = 6

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def two(own_database):
    lakeside = make.chapter("lakeside")
    return make.mentor(lakeside, "Dr. Mara Quist"), make.student(lakeside, "Sol Adair")


@pytest.fixture
def at_once(own_database, two) -> Callable:
    """Let several do something to the meeting, each having read it before any of them writes."""
    mentor, mentee = two
    meeting_id = make.meeting(mentor, mentee, make.pairing(mentor, mentee), starts_at=STARTS)
    all_have_read = Barrier(WRITERS)

    def at_once(do: Callable[[Meeting, int], object]) -> list[object]:
        def one(number: int) -> object:
            with own_database.app_context(), scope.chapter(mentor.chapter_id):
                meeting = my_meeting(meeting_id, member=two[number % 2])
                all_have_read.wait(30)
                try:
                    result = do(meeting, number)
                    db.session.commit()
                except notes.Overtaken as overtaken:
                    db.session.rollback()
                    return overtaken
                return result

        with ThreadPoolExecutor(WRITERS) as pool:
            return list(pool.map(one, range(WRITERS)))

    return at_once


def test_one_writes_the_notes_and_the_others_are_shown_both(two, at_once):
    results = at_once(
        lambda meeting, number: notes.write_shared(
            meeting=meeting,
            words=f"Writer {number}",
            seen_version=0,
            by=two[number % 2],
            now=NOW,
        )
    )

    overtaken = [each for each in results if isinstance(each, notes.Overtaken)]
    assert results.count(1) == 1
    assert len(overtaken) == WRITERS - 1
    winner = f"Writer {results.index(1)}"
    assert {each.words for each in overtaken} == {winner}
    with scope.chapter(two[0].chapter_id):
        kept = db.session.scalars(select(Meeting)).one()
        assert (kept.notes, kept.notes_version) == (winner, 1)


def test_everything_that_is_added_to_the_agenda_stands_there_in_an_order(two, at_once):
    at_once(
        lambda meeting, number: (
            agendas.add(meeting=meeting, what=f"Item {number}", by=two[number % 2], now=NOW).id
        )
    )

    with scope.chapter(two[0].chapter_id):
        items = db.session.scalars(select(AgendaItem).order_by(AgendaItem.position)).all()
        assert {item.what for item in items} == {f"Item {number}" for number in range(WRITERS)}
        assert [item.position for item in items] == list(range(1, WRITERS + 1))
