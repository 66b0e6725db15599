"""The page of weekly hours, with and without the script."""

import re
from datetime import date, time

import pytest

from mentorship.scheduling import hours
from mentorship.scheduling.slots import Weekly
from mentorship.tenancy.roles import Role
from tests import make

PAGE = "/c/lakeside/hours"
MONDAY = {"monday-0-opens": "13:00", "monday-0-closes": "17:00"}


@pytest.fixture
def nora(lakeside, now):
    """A mentor without any hours yet."""
    return make.mentor(lakeside, "Dr. Nora Vale")


@pytest.fixture
def client(sign_in, nora):
    return sign_in(nora)


@pytest.fixture
def kept(nora, inside):
    """Nora's hours as they are stored."""

    def kept() -> list[Weekly]:
        with inside(nora):
            return hours.weekly_of(nora.user_id)

    return kept


def shown(page: str) -> dict[str, str]:
    """Every time on the page, by the name of its field."""
    inputs = re.findall(r"<input[^>]*type=\"time\"[^>]*>", page)
    named = {re.search(r'name="([^"]+)"', one)[1]: one for one in inputs}
    return {name: re.search(r'value="([^"]*)"', one)[1] for name, one in named.items()}


class TestSaving:
    def test_several_lines_a_day_and_past_midnight(self, client, kept):
        answer = client.post(
            PAGE,
            data=MONDAY
            | {
                "monday-1-opens": "08:00",
                "monday-1-closes": "09:30",
                "friday-0-opens": "18:00",
                "friday-0-closes": "02:00",
            },
        )
        assert (answer.status_code, answer.location) == (303, PAGE)
        assert kept() == [
            Weekly(0, time(8), time(9, 30)),
            Weekly(0, time(13), time(17)),
            Weekly(4, time(18), time(2)),
        ]
        page = client.get(PAGE).text
        assert "Past midnight, into Saturday." in page
        assert shown(page)["monday-0-opens"] == "08:00"

    def test_equal_times_are_a_whole_day(self, client, kept):
        client.post(PAGE, data={"sunday-0-opens": "07:00", "sunday-0-closes": "07:00"})
        assert kept() == [Weekly(6, time(7), time(7))]
        assert "A whole day, until the same time on Monday." in client.get(PAGE).text

    def test_empty_lines_and_gaps_in_the_numbers_do_not_matter(self, client, kept):
        client.post(
            PAGE,
            data={
                "monday-0-opens": "",
                "monday-0-closes": "",
                "monday-7-opens": "13:00",
                "monday-7-closes": "17:00:00",
            },
        )
        assert kept() == [Weekly(0, time(13), time(17))]

    @pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "-1", "0x1", " 1", "", "1.5"])
    def test_a_line_under_a_name_that_no_page_gives_is_none(self, client, kept, number):
        answer = client.post(PAGE, data={**MONDAY, f"monday-{number}-opens": "10:00"})

        assert answer.status_code == 303
        assert kept() == [Weekly(0, time(13), time(17))]

    def test_two_taps_save_once(self, client, kept):
        for _ in range(2):
            assert client.post(PAGE, data=MONDAY | {"form_key": "k"}).status_code == 303
        assert len(kept()) == 1

    def test_taking_all_away_says_what_that_means(self, client, kept):
        client.post(PAGE, data=MONDAY)
        client.post(PAGE, data={})
        assert kept() == []
        assert "Students see no weekly hours now." in client.get(PAGE).text

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"monday-0-opens": "13:00"}, "Fill in both times, or remove the line."),
            ({"monday-0-closes": "13:00"}, "Fill in both times, or remove the line."),
            (MONDAY | {"monday-0-opens": "noon"}, "Write the time as a clock shows it"),
            (MONDAY | {"monday-0-opens": "25:00"}, "Write the time as a clock shows it"),
            (MONDAY | {"monday-0-closes": "13:05"}, "shorter than 10 minutes"),
            (
                MONDAY | {"monday-1-opens": "16:00", "monday-1-closes": "18:00"},
                "Monday, 1:00 PM to 5:00 PM and Monday, 4:00 PM to 6:00 PM overlap.",
            ),
        ],
    )
    def test_says_what_is_wrong_beside_the_line_and_keeps_what_was_typed(
        self, client, kept, typed, words
    ):
        answer = client.post(PAGE, data=typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert "field-bad" in answer.text
        assert shown(answer.text).items() >= typed.items()
        assert kept() == []

    def test_more_lines_than_a_day_has_are_left_out(self, client, kept):
        typed = {}
        for number in range(200):
            typed |= {f"monday-{number}-opens": "13:00", f"monday-{number}-closes": "17:00"}
        assert client.post(PAGE, data=typed).status_code == 422


class TestSomeWeeks:
    EVERY_SECOND = MONDAY | {"monday-0-every": "2", "monday-0-since": "2026-03-11"}

    def test_are_kept_and_shown_again(self, client, kept):
        assert client.post(PAGE, data=self.EVERY_SECOND).status_code == 303
        assert kept() == [Weekly(0, time(13), time(17), 2, date(2026, 3, 11))]
        page = client.get(PAGE).text
        assert 'value="2026-03-11"' in page
        assert "Mon, Mar 9" in page
        assert "Mon, Mar 2" not in page

    def test_may_take_turns_at_the_same_hour(self, client, kept):
        turns = self.EVERY_SECOND | {
            "monday-1-opens": "13:00",
            "monday-1-closes": "17:00",
            "monday-1-every": "2",
            "monday-1-since": "2026-03-18",
        }
        assert client.post(PAGE, data=turns).status_code == 303
        assert len(kept()) == 2

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"monday-0-since": ""}, "Choose a day in the first of those weeks."),
            ({"monday-0-since": "soon"}, "Write the day as the calendar shows it"),
            ({"monday-0-every": "5"}, "Choose from the list."),
            (
                {"monday-1-opens": "16:00", "monday-1-closes": "18:00"},
                "1:00 PM to 5:00 PM every second week and Monday, 4:00 PM to 6:00 PM overlap",
            ),
        ],
    )
    def test_that_cannot_be_are_refused_beside_the_line(self, client, kept, more, words):
        answer = client.post(PAGE, data=self.EVERY_SECOND | more)
        assert answer.status_code == 422
        assert words in answer.text
        assert kept() == []

    def test_are_copied_with_the_day(self, client):
        page = client.post(PAGE, data=self.EVERY_SECOND | {"copy": "monday"}).text
        assert page.count('value="2026-03-11"') == 5


class TestChangingLines:
    """Nothing is kept before Save, and what was typed stays."""

    def test_adds_one(self, client, kept):
        answer = client.post(PAGE, data=MONDAY | {"add": "monday", "form_key": "k"})
        assert answer.status_code == 200
        assert shown(answer.text) == MONDAY | {"monday-1-opens": "", "monday-1-closes": ""}
        assert kept() == []
        assert client.post(PAGE, data=MONDAY | {"form_key": "k"}).status_code == 303

    def test_adds_the_first_of_a_day(self, client):
        answer = client.post(PAGE, data={"add": "saturday"})
        assert shown(answer.text) == {"saturday-0-opens": "", "saturday-0-closes": ""}

    def test_removes_one(self, client):
        two = MONDAY | {"monday-1-opens": "18:00", "monday-1-closes": "bad"}
        answer = client.post(PAGE, data=two | {"remove": "monday-0"})
        assert shown(answer.text) == {"monday-1-opens": "18:00", "monday-1-closes": "bad"}
        assert "Error:" not in answer.text

    def test_copies_a_day_to_the_other_weekdays(self, client):
        typed = MONDAY | {"tuesday-0-opens": "08:00", "tuesday-0-closes": "09:00"}
        answer = shown(client.post(PAGE, data=typed | {"copy": "monday"}).text)
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday"):
            assert (answer[f"{day}-0-opens"], answer[f"{day}-0-closes"]) == ("13:00", "17:00")
        assert "saturday-0-opens" not in answer

    def test_looking_shows_what_students_would_see_of_what_is_typed(self, client, kept):
        answer = client.post(PAGE, data=MONDAY | {"look": "1", "form_key": "k"})
        assert answer.status_code == 200
        assert "As typed, not saved yet" in answer.text
        assert "Mon, Mar 9" in answer.text
        assert kept() == []

    @pytest.mark.parametrize("pressed", ["add", "remove", "copy", "look"])
    def test_a_button_that_was_tampered_with_does_nothing(self, client, pressed):
        answer = client.post(PAGE, data=MONDAY | {pressed: "\x00someday"})
        assert answer.status_code == 200
        assert shown(answer.text) == MONDAY


class TestThePage:
    def test_previews_what_students_see(self, sign_in, mara, now):
        page = sign_in(mara).get(PAGE).text
        assert "Tue, Mar 3" in page
        assert "1:00 to 4:55 PM" in page
        assert "15 times" in page
        assert "Meetings of 20, 25 or 30 minutes." in page

    def test_tells_of_the_clock_change_that_is_near(self, client):
        page = client.get(PAGE).text
        assert "On Sunday, March 8 your clocks go forward." in page

    def test_tells_of_none_where_there_is_none(self, lakeside, sign_in, now):
        mentor = make.mentor(lakeside, zone="America/Phoenix")
        page = sign_in(mentor).get(PAGE).text
        assert "your clocks go" not in page
        assert "Phoenix" in page

    def test_of_a_mentor_who_is_paused(self, lakeside, sign_in, now):
        mentor = make.mentor(lakeside, paused=True, hours=make.WEEKDAYS)
        assert "You are paused." in sign_in(mentor).get(PAGE).text

    def test_of_a_mentor_without_a_profile(self, lakeside, sign_in, now, inside):
        mentor = make.member(lakeside, Role.MENTOR)
        client = sign_in(mentor)
        assert "fill in what you offer first" in client.get(PAGE).text
        assert client.post(PAGE, data=MONDAY).status_code == 303
        assert shown(client.get(PAGE).text) == MONDAY

    def test_is_for_mentors(self, sign_in, sol, cora, odd, now):
        assert sign_in(sol).get(PAGE).status_code == 403
        assert sign_in(cora).get(PAGE).status_code == 403
        assert sign_in(odd).get(PAGE).status_code == 404

    def test_stays_within_its_statements(self, client, statements):
        client.get(PAGE)
        with statements() as seen:
            client.get(PAGE)
        assert len(seen) <= 4
