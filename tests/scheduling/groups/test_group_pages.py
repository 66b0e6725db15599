"""The pages of group sessions: opening one, taking a seat, calling it off."""

from datetime import UTC, datetime

import pytest

from mentorship.relationships.models import PairingState
from mentorship.scheduling import holds
from mentorship.scheduling.groups import sessions
from tests import make

TWO = datetime(2026, 3, 5, 20, tzinfo=UTC)
FIELDS = {
    **{"title": "Rank lists", "about": "Bring yours.", "day": "2026-03-05", "at": "14:00"},
    **{"minutes": "60", "seats": "1", "place": "https://meet.example.org/mara"},
    **{"audience": "chapter"},
}
LIST = "/c/lakeside/sessions"


def test_a_mentor_opens_one_and_students_take_seats(mara, sol, lakeside, sign_in, now):
    mentors, students, other = sign_in(mara), sign_in(sol), make.student(lakeside, "Wanda Late")
    page = mentors.post(f"{LIST}/open", data=FIELDS).location
    assert "Nobody yet." in mentors.get(page).text

    assert "1 of 1 seat free" in students.get(LIST).text
    before = students.get(page).text
    assert "meet.example.org" not in before
    assert students.post(f"{page}/join").location == page
    assert "meet.example.org/mara" in students.get(page).text
    assert "Wait in line for a seat" in sign_in(other).get(page).text
    sign_in(other).post(f"{page}/join")

    who = mentors.get(page).text
    assert "Sol Adair" in who
    assert "In line" in who
    assert "Wanda Late" not in students.get(page).text
    assert "Rank lists" in students.get(f"{LIST}/mine").text
    assert students.post(f"{page}/leave").status_code == 303

    assert students.post(f"{page}/call-off").status_code == 403
    assert mentors.post(f"{page}/call-off", data={"word": "A shift was moved."}).status_code == 303
    assert "A shift was moved." in students.get(page).text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title", "", "Say what it is about."),
        ("day", "2026-03-01", sessions.NotAhead.sentence),
        ("at", "late", "Write the time as a clock shows it"),
        ("minutes", "20", "Choose one of the lengths that are offered."),
        ("seats", "0", sessions.NoSuchNumber.sentence),
        ("seats", "many", sessions.NoSuchNumber.sentence),
        ("audience", "all", "Choose who may come."),
        ("place", "", "Say where it is."),
    ],
)
def test_what_does_not_work_keeps_what_was_typed(mara, sign_in, now, field, typed, said):
    answer = sign_in(mara).post(f"{LIST}/open", data=FIELDS | {field: typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Bring yours." in answer.text


def test_a_time_that_is_taken_is_told_beside_it(mara, sol, sign_in, now):
    make.meeting(mara, sol, make.pairing(mara, sol, state=PairingState.ACTIVE), starts_at=TWO)
    answer = sign_in(mara).post(f"{LIST}/open", data=FIELDS)
    assert answer.status_code == 422
    assert holds.AlreadyBusy.sentence in answer.text


def test_a_coordinator_asks_a_mentor(mara, cora, sol, sign_in, now):
    coordinators = sign_in(cora)
    assert "Mara" in coordinators.get(f"{LIST}/open").text
    made = coordinators.post(f"{LIST}/open", data=FIELDS | {"mentor": str(mara.id)})
    assert made.status_code == 303
    assert sign_in(sol).get(made.location).status_code == 404
    assert "Yes, open it" in sign_in(mara).get(made.location).text
    assert sign_in(mara).post(f"{made.location}/agree").status_code == 303
    assert sign_in(sol).get(made.location).status_code == 200
    assert (
        coordinators.post(f"{LIST}/open", data=FIELDS | {"mentor": str(sol.id)}).status_code == 422
    )


NEW = {"day": "2026-03-06", "at": "15:30", "place": "Room 9"}


class TestChanging:
    def test_starts_from_what_it_is_and_shows_what_it_is_now(self, mara, sol, sign_in, now):
        page = f"{LIST}/{make.group_session(mara, starts_at=TWO)}"
        mentors = sign_in(mara)
        assert f"{page}/change" in mentors.get(page).text
        form = mentors.get(f"{page}/change").text
        assert 'value="2026-03-05"' in form
        assert 'value="14:00"' in form
        assert mentors.post(f"{page}/change", data=NEW).location == page
        after = sign_in(sol).get(page).text
        assert "Fri, Mar 6, 3:30" in after
        assert "Room 9" in after

    def test_keeps_what_was_typed_and_says_why_not(self, mara, cora, sol, sign_in, now):
        page = f"{LIST}/{make.group_session(mara, starts_at=TWO)}/change"
        early = sign_in(mara).post(page, data=NEW | {"day": "2026-03-01"})
        assert early.status_code == 422
        assert sessions.NotAhead.sentence in early.text
        assert "Room 9" in early.text
        others = sign_in(cora).post(page, data=NEW)
        assert others.status_code == 422
        assert sessions.MentorsTime.sentence in others.text
        assert sign_in(sol).post(page, data=NEW).status_code == 403
