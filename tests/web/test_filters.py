"""What the filters promise to templates: times, counts, lists and names, as people say them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.web import filters

CHICAGO = "America/Chicago"
TUESDAY = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)

instants = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)
zones = st.sampled_from(sorted(available_timezones()))


class TestWhen:
    def test_says_day_time_and_zone(self) -> None:
        assert filters.when(TUESDAY, CHICAGO) == "Tue, Nov 24, 4:30 PM CST"

    def test_takes_a_zone_as_an_object_too(self) -> None:
        assert filters.when(TUESDAY, ZoneInfo(CHICAGO)) == filters.when(TUESDAY, CHICAGO)

    @pytest.mark.parametrize(
        ("hour", "said"), [(0, "12:00 AM"), (11, "11:00 AM"), (12, "12:00 PM"), (23, "11:00 PM")]
    )
    def test_has_a_midnight_and_a_noon(self, hour: int, said: str) -> None:
        assert filters.clock(datetime(2026, 6, 1, hour, tzinfo=UTC)) == f"{said} UTC"

    @pytest.mark.parametrize(
        ("zone", "letters"),
        [
            ("America/Sao_Paulo", "GMT-3"),
            ("Asia/Kathmandu", "GMT+5:45"),
            ("America/New_York", "EST"),
        ],
    )
    def test_reads_well_where_a_zone_has_no_letters(self, zone: str, letters: str) -> None:
        assert filters.clock(TUESDAY, zone).endswith(f" {letters}")

    def test_refuses_a_time_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match="no zone"):
            filters.when(datetime(2026, 11, 24, 16, 30), CHICAGO)

    @given(instants, zones)
    def test_works_at_any_time_in_any_zone(self, instant: datetime, zone: str) -> None:
        assert filters.day(instant, zone) in filters.when(instant, zone)

    @given(instants, zones)
    def test_keeps_the_instant_in_the_attribute(self, instant: datetime, zone: str) -> None:
        instant = instant.replace(second=0, microsecond=0)
        assert datetime.fromisoformat(filters.iso(instant, zone)) == instant


class TestSpan:
    def test_names_the_half_of_the_day_once(self) -> None:
        end = TUESDAY + timedelta(minutes=25)
        assert filters.span(TUESDAY, end, CHICAGO) == "4:30 to 4:55 PM CST"

    def test_names_both_halves_over_noon(self) -> None:
        start = datetime(2026, 11, 24, 17, 50, tzinfo=UTC)
        said = filters.span(start, start + timedelta(minutes=25), CHICAGO)
        assert said == "11:50 AM to 12:15 PM CST"

    def test_names_both_days_over_midnight(self) -> None:
        start = datetime(2026, 11, 25, 5, 50, tzinfo=UTC)
        said = filters.span(start, start + timedelta(minutes=25), CHICAGO)
        assert said == "11:50 PM to Wed, Nov 25, 12:15 AM CST"

    def test_names_both_zones_when_the_clocks_go_back_in_between(self) -> None:
        start = datetime(2026, 11, 1, 6, 50, tzinfo=UTC)
        said = filters.span(start, start + timedelta(minutes=25), CHICAGO)
        assert said == "1:50 AM CDT to 1:15 AM CST"


class TestDays:
    def test_are_short_in_lists_and_long_in_sentences(self) -> None:
        there = date(2026, 11, 24)
        assert filters.day(there) == "Tue, Nov 24"
        assert filters.long_day(there) == "Tuesday, November 24"
        assert filters.dated(there) == "Nov 24, 2026"

    def test_are_those_of_the_reader(self) -> None:
        assert filters.day(TUESDAY, "Asia/Tokyo") == "Wed, Nov 25"

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (0, "today"),
            (1, "tomorrow"),
            (-1, "yesterday"),
            (3, "in 3 days"),
            (-13, "13 days ago"),
            (49, "in 7 weeks"),
            (-91, "3 months ago"),
            (-800, "2 years ago"),
        ],
    )
    def test_are_as_far_off_as_the_calendar_says(self, days: int, said: str) -> None:
        there = date(2026, 11, 24) + timedelta(days=days)
        assert filters.relative_day(there, TUESDAY, CHICAGO) == said

    def test_turn_at_the_readers_midnight(self) -> None:
        late = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
        assert filters.relative_day(late, TUESDAY, CHICAGO) == "today"
        assert filters.relative_day(late, TUESDAY, "UTC") == "tomorrow"


class TestAgo:
    @pytest.mark.parametrize(
        ("past", "said"),
        [
            (timedelta(seconds=20), "just now"),
            (timedelta(minutes=1), "1 minute ago"),
            (timedelta(hours=3), "3 hours ago"),
            (timedelta(days=1), "1 day ago"),
            (timedelta(weeks=7), "7 weeks ago"),
        ],
    )
    def test_says_it_in_the_unit_that_fits(self, past: timedelta, said: str) -> None:
        assert filters.ago(TUESDAY - past, TUESDAY) == said


class TestZoneCity:
    def test_is_the_city_alone(self) -> None:
        assert filters.zone_city("America/New_York") == "New York"
        assert filters.zone_city(ZoneInfo("America/Indiana/Knox")) == "Knox"


class TestPlural:
    @pytest.mark.parametrize(
        ("count", "said"), [(0, "0 mentors"), (1, "1 mentor"), (1204, "1,204 mentors")]
    )
    def test_counts(self, count: int, said: str) -> None:
        assert filters.plural(count, "mentor") == said

    def test_takes_an_irregular_form(self) -> None:
        assert filters.plural(2, "person", "people") == "2 people"


class TestListing:
    @pytest.mark.parametrize(
        ("items", "said"),
        [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
    )
    def test_joins_as_a_sentence_does(self, items: list[str], said: str) -> None:
        assert filters.listing(items) == said

    def test_takes_another_last_word(self) -> None:
        assert filters.listing(["a", "b"], "or") == "a or b"


class TestNames:
    @pytest.mark.parametrize(
        ("name", "initials", "first", "called"),
        [
            ("Dr. Hannah Weiss", "HW", "Hannah", "Dr. Weiss"),
            ("Prof. Dr. Max Ritter", "MR", "Max", "Prof. Ritter"),
            ("Dr. Ana de la Cruz", "AC", "Ana", "Dr. de la Cruz"),
            ("Dr. Linh Do", "LD", "Linh", "Dr. Do"),
            ("Sam Hill Jr.", "SH", "Sam", "Sam"),
            ("Noor Aziz, MD", "NA", "Noor", "Noor"),
            ("Rory O'Neil", "RO", "Rory", "Rory"),
            ("ana ng", "AN", "ana", "ana"),
            ("Priya", "P", "Priya", "Priya"),
            ("王小明", "王", "王小明", "王小明"),
            ("Dr.", "D", "Dr.", "Dr."),
            ("", "?", "", ""),
        ],
    )
    def test_are_shortened_as_people_would(
        self, name: str, initials: str, first: str, called: str
    ) -> None:
        assert filters.initials(name) == initials
        assert filters.first_name(name) == first
        assert filters.surname_title(name) == called

    @given(st.text(max_size=60))
    def test_always_give_one_or_two_initials(self, name: str) -> None:
        assert 1 <= len(filters.initials(name)) <= 2

    @given(st.text(max_size=60))
    def test_never_fail(self, name: str) -> None:
        filters.first_name(name)
        filters.surname_title(name)


class TestAttributes:
    def test_are_written_with_hyphens_and_escaped(self) -> None:
        written = filters.attributes({"hx_post": '/a?b="c"', "data_guard": True, "hidden": False})
        assert written == ' hx-post="/a?b=&#34;c&#34;" data-guard'
