from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.forms.road import RoadForm
from mentorship.profiles.road import maps
from mentorship.profiles.road.models import Mark
from mentorship.relationships.goals import queries
from mentorship.relationships.models import ActionItem
from mentorship.vocabulary import cycles, road_map
from mentorship.vocabulary.cycles import Cycle
from mentorship.vocabulary.road_map import Step
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage
from tests import make

APRIL = date(2026, 4, 1)


@pytest.fixture
def files(monkeypatch):
    """The cycles on file, as a test would have them."""

    def files(**years: dict[str, date]) -> dict[str, Cycle]:
        found = {
            name: Cycle(
                name,
                name,
                "ResidencyCAS",
                date(int(name[1:]), 6, 1),
                date(int(name[1:]) + 1, 5, 31),
                dates,
            )
            for name, dates in years.items()
        }
        for module in (cycles, road_map):
            monkeypatch.setattr(module, "cycles", lambda: found)
        return found

    return files


class TestDays:
    def test_are_those_of_the_cycles_file(self, files):
        found = files(y2025={"opens": date(2025, 6, 4)}, y2026={"opens": date(2026, 6, 10)})
        step = Step("x", "x", day="opens", weeks=-1)

        assert road_map.when(step, found["y2025"]).on == date(2025, 5, 28)
        assert road_map.when(step, found["y2026"]) == road_map.When(date(2026, 6, 3))

    def test_next_years_file_is_enough_for_next_year(self, files):
        step = Step("x", "x", day="opens+1")
        (only,) = files(y2025={"opens": date(2025, 6, 4)}).values()
        # Until it is there, the day is only about right, and a Wednesday again.
        assert road_map.when(step, only) == road_map.When(date(2026, 6, 3), about=True)
        found = files(y2025={"opens": date(2025, 6, 4)}, y2026={"opens": date(2026, 6, 10)})
        assert road_map.when(step, found["y2025"]) == road_map.When(date(2026, 6, 10))

    def test_that_no_file_ever_had_are_left_out(self, files):
        (only,) = files(y2025={}).values()
        assert road_map.when(Step("x", "x", day="opens"), only) is None
        assert road_map.when(Step("x", "x"), only) is None

    def test_of_a_month_lie_in_the_cycle(self, files):
        (only,) = files(y2025={}).values()
        for day in road_map.month_ends():
            due = road_map.when(Step("x", "x", day=day), only)
            assert only.starts_on <= due.on <= only.ends_on

    @given(st.text(max_size=12))
    def test_are_nothing_else_than_what_is_offered(self, day):
        if road_map.is_day(day):
            name, _, ahead = day.partition("+")
            assert day in ("", *road_map.month_ends()) or (
                name in road_map.names() and ahead in "1"
            )


class TestTheFile:
    def test_has_steps_for_every_stage_of_a_mentee(self):
        assert [stage for stage in MENTEE_STAGES if not road_map.usual(stage)] == []

    def test_has_days_that_the_chapters_page_offers(self, app):
        with app.test_request_context():
            offered = {value for value, *_ in RoadForm().steps[0].form.day.choices} | {
                choice.value for choice in RoadForm().steps[0].form.day.choices
            }
        used = {step.day for stage in Stage for step in road_map.usual(stage)}
        assert used <= offered

    def test_names_every_step_once_at_a_stage_and_keeps_to_the_lengths(self):
        for stage in MENTEE_STAGES:
            keys = [step.key for step in road_map.usual(stage)]
            assert len(keys) == len(set(keys)) <= maps.MOST
            for step in road_map.usual(stage):
                assert maps._fitting(step, step.key) == step

    def test_knows_every_date_that_a_step_names(self):
        found = cycles.cycles()["2025-26"]
        for stage in MENTEE_STAGES:
            for step in road_map.usual(stage):
                assert not step.day or road_map.when(step, found)


def keys(member, now, stage=None) -> list[str]:
    return [stop.step.key for stop in maps.of(member, now=now, stage=stage).stops]


class TestRoad:
    def test_is_of_the_readers_stage_by_day(self, inside, lakeside, now):
        senior = make.student(lakeside, stage=Stage.M4)
        with inside(senior):
            road = maps.of(senior, now=now)
            days = [stop.on for stop in road.stops]

            assert (road.shown, road.cycle.key) == (Stage.M4, "2025-26")
            assert days == sorted(days)
            assert "submit" in keys(senior, now)
            assert "join-emig" in keys(senior, now, Stage.M1)

    def test_begins_somewhere_for_who_has_said_no_stage(self, inside, lakeside, now):
        member = make.student(lakeside, stage=None)
        with inside(member):
            road = maps.of(member, now=now)
            assert (road.stage, road.shown) == (None, Stage.M1)

    def test_turns_to_the_next_cycle_at_midnight_where_the_reader_is(self, inside, lakeside):
        chicago = make.student(lakeside, zone="America/Chicago")
        tokyo = make.student(lakeside, zone="Asia/Tokyo")
        instant = datetime(2026, 5, 31, 18, tzinfo=UTC)
        with inside(chicago):
            assert maps.of(chicago, now=instant).cycle.key == "2025-26"
            assert maps.of(tokyo, now=instant).cycle.key == "2026-27"


class TestTakeOn:
    def test_as_a_goal_in_ones_own_words(self, inside, sol, now):
        with inside(sol):
            facts = {"how_known": "The form is in", "due_on": APRIL, "by": sol, "now": now}
            maps.adopt_as_goal("away-rotation", what="Away in Ohio", **facts)

            assert [goal.what for goal in queries.open_goals(sol, now=now)] == ["Away in Ohio"]
            assert maps.find("away-rotation", member=sol, now=now).mark is Mark.GOAL
            with pytest.raises(maps.TakenOn):
                maps.adopt_as_goal("away-rotation", what="Again", **facts)

    def test_as_an_action_item_with_a_mentor(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        with inside(sol):
            maps.adopt_as_item(
                "away-rotation", pairing_id=pairing_id, what="x", due_on=None, by=sol, now=now
            )
            item = db.session.scalars(select(ActionItem)).one()
            assert (item.owner_id, item.pairing_id) == (sol.id, pairing_id)
            assert maps.find("away-rotation", member=sol, now=now).mark is Mark.ITEM

    def test_refuses_a_pairing_of_others_and_a_step_that_is_none(
        self, inside, lakeside, mara, sol, now
    ):
        theirs = make.pairing(mara, make.student(lakeside))
        with inside(sol):
            facts = {"what": "x", "due_on": None, "by": sol, "now": now}
            with pytest.raises(NotYours):
                maps.adopt_as_item("away-rotation", pairing_id=theirs, **facts)
            with pytest.raises(NotYours):
                maps.adopt_as_item("no-such-step", pairing_id=theirs, **facts)


class TestHide:
    def test_and_bring_back(self, inside, sol, now):
        with inside(sol):
            for _ in range(2):
                try:
                    maps.hide("away-rotation", by=sol, now=now)
                except maps.TakenOn:
                    pytest.fail("hiding twice is no harm")
            assert maps.find("away-rotation", member=sol, now=now).hidden
            for _ in range(2):
                maps.bring_back("away-rotation", by=sol, now=now)
            assert not maps.find("away-rotation", member=sol, now=now).hidden
            told = select(AuditEvent.facts).where(AuditEvent.deed == "road.marked")
            marks = [facts["mark"] for facts in db.session.scalars(told.order_by(AuditEvent.id))]
            assert marks == ["hidden", "none"]

    def test_is_over_with_the_cycle(self, inside, sol, now):
        with inside(sol):
            maps.hide("away-rotation", by=sol, now=now)
            later = now + timedelta(days=120)
            assert not maps.find("away-rotation", member=sol, now=later).hidden

    def test_is_nobody_elses(self, inside, lakeside, sol, now):
        other = make.student(lakeside)
        with inside(sol):
            maps.hide("away-rotation", by=sol, now=now)
            assert not maps.find("away-rotation", member=other, now=now).hidden

    def test_refuses_what_was_taken_on(self, inside, sol, now):
        with inside(sol):
            maps.adopt_as_goal(
                "away-rotation", what="x", how_known="x", due_on=APRIL, by=sol, now=now
            )
            with pytest.raises(maps.TakenOn):
                maps.hide("away-rotation", by=sol, now=now)


class TestChapter:
    def test_words_its_own_and_adds_steps(self, inside, cora, sol, now):
        with inside(cora):
            usual = maps.of_chapter(Stage.M3)
            own = [replace(usual[0], what="Talk to us"), Step("", "Come to ACEP", day="opens+1")]
            maps.change(Stage.M3, steps=own, by=cora, now=now)
            found = maps.of_chapter(Stage.M3)

            assert [step.what for step in found] == ["Talk to us", "Come to ACEP"]
            assert found[0].key == usual[0].key
            assert found[1].key not in ("", usual[0].key)
            assert set(keys(sol, now)) == {step.key for step in found}
            maps.change(Stage.M3, steps=found, by=cora, now=now)  # the same again
            maps.reset(Stage.M3, by=cora, now=now)
            assert maps.of_chapter(Stage.M3) == usual
            changes = select(AuditEvent.deed).where(AuditEvent.deed.startswith("road."))
            assert list(db.session.scalars(changes.order_by(AuditEvent.id))) == [
                "road.changed",
                "road.reset",
            ]

    def test_is_another_chapters_never(self, inside, odd, cora, now):
        with inside(cora):
            maps.change(Stage.M3, steps=[Step("", "Ours")], by=cora, now=now)
        with inside(odd):
            assert maps.of_chapter(Stage.M3) == road_map.usual(Stage.M3)

    @pytest.mark.parametrize(
        "step",
        [
            Step("", " "),
            Step("", "x" * 201),
            Step("", "x", "x" * 201),
            Step("", "x", day="never"),
            Step("", "x", day="opens+2"),
            Step("", "x", day="opens", weeks=27),
        ],
        ids=["nothing", "long", "long why", "no day", "too far ahead", "too many weeks"],
    )
    def test_refuses_what_is_no_step(self, inside, cora, now, step):
        with inside(cora), pytest.raises(maps.Unfit):
            maps.change(Stage.M3, steps=[step], by=cora, now=now)

    def test_refuses_none_and_too_many(self, inside, cora, now):
        with inside(cora):
            with pytest.raises(maps.Empty):
                maps.change(Stage.M3, steps=[], by=cora, now=now)
            with pytest.raises(maps.TooMany):
                maps.change(Stage.M3, steps=[Step("", "x")] * 21, by=cora, now=now)

    def test_takes_no_key_twice_and_none_that_is_not_its_own(self, inside, cora, now):
        with inside(cora):
            steps = [Step("away-rotation", "x")] * 2 + [Step("forged", "x")]
            maps.change(Stage.M3, steps=steps, by=cora, now=now)
            found = [step.key for step in maps.of_chapter(Stage.M3)]
            assert found[0] == "away-rotation"
            assert len(set(found)) == 3
            assert "forged" not in found


URL = "/c/lakeside/road-map"
GOOD = {"taken_as": "goal", "what": "Away", "how_known": "It is in", "due_on": "2026-04-01"}


@pytest.mark.usefixtures("now")
class TestPages:
    def test_show_the_road_and_what_was_taken_on(self, sign_in, sol):
        client = sign_in(sol)
        assert "Apply for an away rotation" in client.get(URL).text
        assert client.post(f"{URL}/away-rotation", data=GOOD).status_code == 303
        assert "A goal of yours" in client.get(URL).text
        client.post(f"{URL}/step-2-date/mark", data={"hide": "1"})
        assert "1 hidden step" in client.get(URL).text
        client.post(f"{URL}/step-2-date/mark")
        assert "hidden step" not in client.get(URL).text

    def test_offer_the_mentors_one_has(self, sign_in, inside, mara, sol):
        pairing_id = make.pairing(mara, sol)
        client = sign_in(sol)
        assert "An action item with Dr. Mara Quist" in client.get(f"{URL}/away-rotation").text
        sent = GOOD | {"taken_as": str(pairing_id), "how_known": ""}
        assert client.post(f"{URL}/away-rotation", data=sent).status_code == 303
        assert "An action item of yours" in client.get(URL).text

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({"taken_as": str(uuid4())}, "Not a valid choice"),
            ({"what": ""}, "Say what you want to reach"),
            ({"how_known": ""}, "Say how you will know"),
            ({"due_on": ""}, "A goal has a day"),
            ({"due_on": "2026-03-01"}, "Choose a day from today on"),
        ],
        ids=["nobody", "nothing", "not known", "no day", "past"],
    )
    def test_say_what_is_wrong(self, sign_in, inside, sol, now, sent, says):
        answer = sign_in(sol).post(f"{URL}/away-rotation", data=GOOD | sent)
        assert answer.status_code == 422
        assert says in answer.text
        with inside(sol):
            assert queries.open_goals(sol, now=now) == []
            assert maps.find("away-rotation", member=sol, now=now).mark is None

    def test_are_for_students_and_the_chapters_for_who_runs_it(self, sign_in, mara, sol, cora):
        assert sign_in(mara).get(URL).status_code == 403
        assert sign_in(sol).get("/c/lakeside/road-maps").status_code == 403
        assert sign_in(cora).get("/c/lakeside/road-maps?stage=m3").status_code == 200

    def test_let_a_coordinator_change_a_stage(self, sign_in, cora, sol):
        client, url = sign_in(cora), "/c/lakeside/road-maps?stage=m3"
        sent = {"steps-0-what": "Come to us", "steps-0-day": "opens", "steps-0-weeks": "2"}
        assert client.post(url, data=sent | {"steps-0-weeks": "soon"}).status_code == 422
        bad = client.post(url, data=sent | {"steps-0-day": "never"})
        assert (bad.status_code, "Come to us" in bad.text) == (422, True)
        assert client.post(url, data={}).status_code == 422
        assert client.post(url, data=sent).status_code == 303
        assert "Come to us" in sign_in(sol).get(URL).text
        assert client.post("/c/lakeside/road-maps/usual?stage=m3").status_code == 303
        assert "Come to us" not in sign_in(sol).get(URL).text
