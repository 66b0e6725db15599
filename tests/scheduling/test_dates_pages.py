"""The pages of single dates and of limits, and what they say students will see."""

import re
from datetime import date, time, timedelta
from typing import ClassVar

import pytest

from mentorship.scheduling import dates, limits
from mentorship.scheduling.slots import Away, Limits, Opening
from mentorship.tenancy.roles import Role
from tests import make
from tests.scheduling.asking import WEDNESDAY_AT_TWO, ask

DATES, LIMITS = "/c/lakeside/hours/dates", "/c/lakeside/hours/limits"
EXTRA = {"day": "2026-03-07", "opens": "18:00", "closes": "02:00"}
EVENING = Opening(date(2026, 3, 7), time(18), time(2))
TRIP = {"first": "2026-03-09", "last": "2026-03-20"}


@pytest.fixture
def client(sign_in, mara, now):
    return sign_in(mara)


@pytest.fixture
def kept(mara, inside):
    """Mara's dates as they are stored."""

    def kept() -> list[Opening | Away]:
        with inside(mara):
            return [
                *dates.openings_of(mara.user_id).values(),
                *dates.away_of(mara.user_id).values(),
            ]

    return kept


def fields(form: str) -> dict[str, str]:
    """The hidden fields of a form, but for those that every form has."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return {name: found[name] for name in found if name not in ("csrf_token", "form_key")}


class TestAway:
    def test_is_added_and_hides_the_days(self, client, kept):
        assert client.post(DATES, data=TRIP).location == DATES
        assert kept() == [Away(date(2026, 3, 9), date(2026, 3, 20))]
        page = client.get(DATES).text
        assert "Mon, Mar 9 to Fri, Mar 20" in page
        assert re.search(r"Tue, Mar 10</dt><dd[^>]*>Away", page)

    def test_of_one_day_needs_no_end(self, client, kept):
        client.post(DATES, data={"first": "2026-03-09", "last": "", "since": "", "until": "15:00"})
        assert kept() == [Away(date(2026, 3, 9), date(2026, 3, 9), None, time(15))]
        page = client.get(DATES).text
        assert "Mon, Mar 9, until 3:00 PM" in page
        assert re.search(r"Mon, Mar 9</dt><dd[^>]*><span[^>]*>3:00 to 4:55 PM", page)

    def test_says_what_is_booked_in_it_already(self, client, mara, sol, now):
        ask(mara, sol, now=now)
        client.post(DATES, data={"first": "2026-03-04"})
        assert "1 meeting is in it already, and stays." in client.get(DATES).text

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"first": ""}, "Choose the day."),
            ({"first": "soon"}, "Write the day as the calendar shows it"),
            ({"first": "2026-03-09", "last": "2026-03-08"}, "The end comes before the beginning"),
            ({"first": "2026-02-01", "last": "2026-02-02"}, "That is over already"),
            ({"first": "2026-03-09", "last": "2029-03-08"}, "within a year"),
            ({"first": "2026-03-09", "since": "noon"}, "Write the time as a clock shows it"),
        ],
    )
    def test_that_cannot_be_keeps_what_was_typed(self, client, kept, typed, words):
        answer = client.post(DATES, data=typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert all(f'value="{value}"' in answer.text for value in typed.values() if value)
        assert kept() == []


class TestHoursBesides:
    def test_are_added_by_their_week(self, client, kept):
        assert client.post(DATES, data=EXTRA).status_code == 303
        assert kept() == [EVENING]
        page = client.get(DATES).text
        assert "Week of Mon, Mar 2" in page
        assert "Sat, Mar 7, 6:00 PM to 2:00 AM" in page
        assert re.search(r"Sat, Mar 7</dt><dd[^>]*><span[^>]*>6:00 PM to 12:10 AM", page)

    def test_are_copied_to_the_week_after(self, client, kept):
        client.post(DATES, data=EXTRA)
        client.post(DATES, data={"copy": "2026-03-02"})
        assert "Copied 1 line to the week after." in client.get(DATES).text
        client.post(DATES, data={"copy": "2026-03-02"})
        assert "The week after has all of it already." in client.get(DATES).text
        assert [each.day.day for each in kept()] == [7, 14]

    def test_are_copied_to_any_week(self, client, kept):
        client.post(DATES, data=EXTRA)
        assert 'value="2026-03-02"' in client.get(DATES).text
        to = {"copy": "2026-03-02", "to": "2026-03-25"}
        assert client.post(DATES, data=to).status_code == 303
        assert "Copied 1 line to the week of Mon, Mar 23." in client.get(DATES).text
        assert [each.day.day for each in kept()] == [7, 28]

    @pytest.mark.parametrize(
        ("to", "said"),
        [
            ("", "Choose the day."),
            ("2026-02-10", dates.IsOver.sentence),
            ("2029-02-10", dates.TooFarOff.sentence),
        ],
    )
    def test_to_no_week_that_can_be_are_not_copied(self, client, kept, to, said):
        client.post(DATES, data=EXTRA)
        answer = client.post(DATES, data={"copy": "2026-03-02", "to": to})
        assert answer.status_code == 422
        assert said in answer.text
        assert len(kept()) == 1

    @pytest.mark.parametrize("monday", ["2026-03-16", "soon", "9999-12-31", "0001-01-01", ""])
    def test_of_a_week_that_has_none_are_not_copied(self, client, kept, monday):
        assert client.post(DATES, data={"copy": monday}).status_code == 303
        assert kept() == []

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"day": ""}, "Choose the day."),
            ({"opens": ""}, "Choose the time."),
            ({"closes": "18:05"}, "shorter than 10 minutes"),
            ({"day": "2026-03-01"}, "That is over already"),
            ({"day": "9999-12-31"}, "within a year"),
        ],
    )
    def test_that_cannot_be_keep_what_was_typed(self, client, kept, more, words):
        typed = EXTRA | more
        answer = client.post(DATES, data=typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert all(f'value="{value}"' in answer.text for value in typed.values() if value)
        assert kept() == []


class TestTakingOff:
    @pytest.mark.parametrize(
        "typed", [EXTRA, TRIP, {"first": "2026-03-09", "last": "2026-03-09", "since": "09:00"}]
    )
    def test_can_be_put_back(self, client, kept, typed):
        client.post(DATES, data=typed)
        before = kept()
        one = re.search(r'name="remove" value="([^"]+)"', client.get(DATES).text)[1]

        answer = client.post(DATES, data={"remove": one})
        assert kept() == []
        page = client.get(answer.location).text
        assert "Taken off:" in page
        back = fields(page.split("Was that a slip?")[0].rsplit("<form", 1)[1])
        assert client.post(DATES, data=back).status_code == 303
        assert kept() == before

    def test_twice_is_once(self, client, kept):
        client.post(DATES, data=EXTRA)
        one = re.search(r'name="remove" value="([^"]+)"', client.get(DATES).text)[1]
        for _ in range(2):
            answer = client.post(DATES, data={"remove": one})
            assert answer.status_code == 303
        assert "Was that a slip?" not in client.get(answer.location).text
        assert kept() == []

    @pytest.mark.parametrize(
        "back", ["extra", "extra~a~b~c", "away~2026-03-01~x~~", "gone", "~~~", "extra~<b>~~"]
    )
    def test_an_address_that_was_made_up_puts_nothing_back(self, client, back):
        page = client.get(DATES, query_string={"back": back})
        assert page.status_code == 200
        assert "Was that a slip?" not in page.text

    @pytest.mark.parametrize("pressed", ["", "soon", "00000000-0000-0000-0000-000000000007"])
    def test_what_there_is_not_does_no_harm(self, client, pressed):
        assert client.post(DATES, data={"remove": pressed}).status_code in (303, 422)


class TestLimits:
    CHOSEN: ClassVar = {
        "notice": "48",
        "horizon": "14",
        "buffer": "15",
        "per_day": "1",
        "per_week": "",
        "per_month": "10",
    }

    def test_are_kept_and_shown_again(self, client, mara, inside):
        assert client.post(LIMITS, data=self.CHOSEN).location == LIMITS
        with inside(mara):
            assert limits.limits_of(mara.user_id) == Limits(
                notice=timedelta(hours=48),
                horizon=timedelta(days=14),
                buffer=timedelta(minutes=15),
                per_day=1,
                per_month=10,
            )
        page = client.get(LIMITS).text
        assert re.findall(r'<option selected value="([^"]*)"', page) == [*self.CHOSEN.values()]
        page = client.get("/c/lakeside/hours").text
        assert "Students book 48 hours ahead at least, two weeks at most" in page

    def test_begin_with_the_programs(self, client):
        page = client.get(LIMITS).text
        chosen = ["24", "42", "5", "", "", ""]
        assert re.findall(r'<option selected value="([^"]*)"', page) == chosen

    def test_show_a_day_that_is_full_as_full(self, client, mara, sol, now):
        ask(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO)
        client.post(LIMITS, data=self.CHOSEN | {"notice": "24"})
        page = client.get(LIMITS).text
        assert re.search(r"Wed, Mar 4</dt><dd[^>]*>Full", page)

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"notice": "1"}, "Choose from the list."),
            ({"notice": "x"}, "Choose from the list."),
            ({"buffer": "7"}, "Choose from the list."),
            ({"horizon": ""}, "Choose from the list."),
            ({"notice": "168", "horizon": "7"}, "nothing is left of the weeks ahead"),
            ({"per_day": "0"}, "Write a number from 1 to 20"),
            ({"per_day": "9999"}, "Write a number from 1 to 20"),
            ({"per_week": "²"}, "Choose from the list."),
        ],
    )
    def test_that_cannot_be_are_refused(self, client, mara, inside, more, words):
        answer = client.post(LIMITS, data=self.CHOSEN | more)
        assert answer.status_code == 422
        assert words in answer.text
        with inside(mara):
            assert limits.limits_of(mara.user_id) == Limits()


@pytest.mark.parametrize("path", [DATES, LIMITS])
class TestBothPages:
    def test_stay_within_their_statements(self, client, statements, path):
        client.post(DATES, data=EXTRA)
        client.get(path)
        with statements() as seen:
            client.get(path)
        assert len(seen) <= 4

    def test_are_for_mentors(self, sign_in, sol, cora, odd, now, path):
        assert sign_in(sol).get(path).status_code == 403
        assert sign_in(cora).post(path, data=EXTRA).status_code == 403
        assert sign_in(odd).get(path).status_code == 404

    def test_open_for_a_mentor_without_a_profile(self, lakeside, sign_in, now, path):
        client = sign_in(make.member(lakeside, Role.MENTOR))
        assert client.get(path).status_code == 200
        assert client.post(DATES, data=EXTRA).status_code == 303
        assert client.post(LIMITS, data=TestLimits.CHOSEN).status_code == 303
        assert "fill in what you offer first" in client.get(path).text

    def test_two_taps_do_it_once(self, client, kept, path):
        for _ in range(2):
            assert client.post(DATES, data=EXTRA | {"form_key": "k"}).status_code == 303
        assert kept() == [EVENING]
