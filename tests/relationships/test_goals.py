from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.insights import pairs
from mentorship.relationships import action_items
from mentorship.relationships.goals import goals, queries
from mentorship.relationships.goals.goals import Direction
from mentorship.relationships.goals.models import Goal, GoalState
from mentorship.relationships.models import PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.vocabulary.kinds import Kind
from tests import make

APRIL = date(2026, 4, 1)


def begin(by, now, *, what="Two eSLOEs in", how_known="Both are uploaded", due_on=APRIL) -> Goal:
    return goals.begin(what=what, how_known=how_known, due_on=due_on, by=by, now=now)


def take_on(pairing_id, by, now):
    return action_items.take_on(
        pairing_id=pairing_id, owner=by, what="Email", due_on=None, by=by, now=now
    )


def deeds(of) -> list[str]:
    one = select(AuditEvent.deed).where(AuditEvent.subject_id == of.id).order_by(AuditEvent.id)
    return list(db.session.scalars(one))


def mine(member, now) -> list[str]:
    return [goal.what for goal in queries.open_goals(member, now=now)]


def seen_by(mentor, pairing_id, now) -> list[str]:
    pair = pairs.my_pair(pairing_id, member=mentor, now=now)
    return [goal.what for goal in pair.kept.goals]


class TestBegin:
    def test_is_specific_private_and_leaves_one_deed(self, inside, sol, now):
        with inside(sol):
            goal = begin(sol, now)
            found = queries.my_card(goal.id, member=sol, now=now)

            assert (found.what, found.how_known, found.due_on) == (
                "Two eSLOEs in",
                "Both are uploaded",
                APRIL,
            )
            assert not found.with_all
            assert found.mentor_ids == frozenset()
            assert deeds(goal) == ["goal.begun"]

    @pytest.mark.parametrize("words", ["", "  ", "x" * 301])
    def test_refuses_nothing_and_too_much(self, inside, sol, now, words):
        with inside(sol):
            with pytest.raises(goals.NotSaid):
                begin(sol, now, what=words)
            with pytest.raises(goals.NotKnown):
                begin(sol, now, how_known=words)

    def test_may_be_for_today_where_its_owner_is(self, inside, sol):
        late = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)  # Monday, 23:30 in Chicago
        with inside(sol):
            assert begin(sol, late, due_on=date(2026, 3, 2))
            with pytest.raises(goals.DueInThePast):
                begin(sol, late, due_on=date(2026, 3, 1))

    def test_refuses_more_than_a_plan_holds(self, inside, sol, now):
        with inside(sol):
            for _ in range(goals.MOST):
                goal = begin(sol, now)
            with pytest.raises(goals.TooMany):
                begin(sol, now)
            goals.let_go(goal, by=sol, now=now)
            begin(sol, now)
            with pytest.raises(goals.TooMany):
                goals.take_up(goal, by=sol, now=now)


class TestChange:
    def test_keeps_a_day_that_has_passed_but_takes_no_new_one(self, inside, sol, now):
        later = now + timedelta(days=60)
        with inside(sol):
            goal = begin(sol, now)
            said = {"how_known": "Uploaded", "by": sol, "now": later}
            goals.change(goal, what="One eSLOE in", due_on=APRIL, **said)
            with pytest.raises(goals.DueInThePast):
                goals.change(goal, what="x", due_on=APRIL + timedelta(days=1), **said)

            assert goal.what == "One eSLOE in"
            assert queries.my_card(goal.id, member=sol, now=later).overdue

    def test_the_same_again_is_no_deed(self, inside, sol, now):
        with inside(sol):
            goal = begin(sol, now)
            facts = {"what": goal.what, "how_known": goal.how_known, "due_on": goal.due_on}
            goals.change(goal, **facts, by=sol, now=now)
            assert deeds(goal) == ["goal.begun"]

    def test_is_for_its_owner_alone(self, inside, lakeside, mara, sol, now):
        make.pairing(mara, sol)
        others = (mara, make.student(lakeside))
        with inside(sol):
            goal = begin(sol, now)
            goals.share(goal, with_all=True, mentor_ids=[], by=sol, now=now)
            for other in others:
                with pytest.raises(NotYours):
                    queries.my_goal(goal.id, member=other)


class TestSettle:
    def test_is_reached_or_let_go_with_a_word_and_taken_up_again(self, inside, sol, now):
        with inside(sol):
            first, second = begin(sol, now), begin(sol, now, what="A poster")
            goals.reach(first, word=" In on time ", by=sol, now=now)
            goals.let_go(second, by=sol, now=now)

            assert (first.state, first.word, first.settled_at) == (
                GoalState.REACHED,
                "In on time",
                now,
            )
            assert mine(sol, now) == []
            goals.take_up(second, by=sol, now=now)
            assert mine(sol, now) == ["A poster"]
            assert deeds(second) == ["goal.begun", "goal.let_go", "goal.taken_up"]

    def test_what_is_settled_is_not_changed(self, inside, sol, now):
        with inside(sol):
            goal = begin(sol, now)
            step = goals.add_step(goal, what="Ask", by=sol, now=now)
            goals.reach(goal, by=sol, now=now)
            at = {"by": sol, "now": now}
            for verb in (
                lambda: goals.reach(goal, **at),
                lambda: goals.let_go(goal, **at),
                lambda: goals.change(goal, what="x", how_known="x", due_on=APRIL, **at),
                lambda: goals.move(goal, direction=Direction.UP, **at),
                lambda: goals.add_step(goal, what="x", **at),
                lambda: goals.tick_step(step.id, goal=goal, done=True, **at),
                lambda: goals.move_step(step.id, goal=goal, direction=Direction.UP, **at),
                lambda: goals.remove_step(step.id, goal=goal, **at),
            ):
                with pytest.raises(goals.Settled):
                    verb()

    def test_what_is_open_is_not_taken_up(self, inside, sol, now):
        with inside(sol), pytest.raises(goals.NotSettled):
            goals.take_up(begin(sol, now), by=sol, now=now)

    def test_refuses_a_long_word(self, inside, sol, now):
        with inside(sol), pytest.raises(goals.TooLong):
            goals.reach(begin(sol, now), word="x" * 301, by=sol, now=now)


class TestSteps:
    def test_are_ordered_ticked_and_removed(self, inside, sol, now):
        def steps() -> list[tuple[str, bool]]:
            found = queries.my_card(goal.id, member=sol, now=now).steps
            return [(step.what, step.done) for step in found]

        with inside(sol):
            goal = begin(sol, now)
            at = {"goal": goal, "by": sol, "now": now}
            one, two, three = (
                goals.add_step(goal, what=what, by=sol, now=now) for what in ("1", "2", "3")
            )
            goals.move_step(three.id, direction=Direction.UP, **at)
            goals.move_step(one.id, direction=Direction.UP, **at)  # it is the first already
            goals.tick_step(two.id, done=True, **at)
            assert steps() == [("1", False), ("3", False), ("2", True)]
            goals.tick_step(two.id, done=False, **at)
            goals.move_step(one.id, direction=Direction.DOWN, **at)
            assert goals.remove_step(three.id, **at) == "3"
            assert steps() == [("1", False), ("2", False)]

    def test_of_another_goal_are_not_there(self, inside, sol, now):
        with inside(sol):
            goal, other = begin(sol, now), begin(sol, now)
            step = goals.add_step(other, what="Ask", by=sol, now=now)
            with pytest.raises(goals.Gone):
                goals.tick_step(step.id, goal=goal, done=True, by=sol, now=now)

    def test_refuses_nothing_and_too_many(self, inside, sol, now):
        with inside(sol):
            goal = begin(sol, now)
            with pytest.raises(goals.NoStep):
                goals.add_step(goal, what=" ", by=sol, now=now)
            for _ in range(goals.MOST_STEPS):
                goals.add_step(goal, what="x", by=sol, now=now)
            with pytest.raises(goals.TooManySteps):
                goals.add_step(goal, what="x", by=sol, now=now)


def test_goals_change_places(inside, sol, now):
    with inside(sol):
        first, _, last = (begin(sol, now, what=what) for what in ("1", "2", "3"))
        goals.move(last, direction=Direction.UP, by=sol, now=now)
        goals.move(first, direction=Direction.UP, by=sol, now=now)
        assert mine(sol, now) == ["1", "3", "2"]


class TestShare:
    def test_with_one_mentor_is_not_for_the_other(self, inside, lakeside, mara, sol, now):
        tox = make.mentor(lakeside)
        with_mara, with_tox = make.pairing(mara, sol), make.pairing(tox, sol, Kind.CONTENT)
        with inside(sol):
            goal = begin(sol, now)
            assert seen_by(mara, with_mara, now) == []
            goals.share(goal, with_all=False, mentor_ids=[mara.id], by=sol, now=now)
            assert seen_by(mara, with_mara, now) == ["Two eSLOEs in"]
            assert seen_by(tox, with_tox, now) == []
            assert queries.goal_i_see(goal.id, member=mara)
            assert queries.goal_i_see(goal.id, member=tox) is None
            goals.share(goal, with_all=False, mentor_ids=[], by=sol, now=now)
            assert seen_by(mara, with_mara, now) == []

    def test_with_all_is_for_those_of_later_on_as_well(self, inside, lakeside, mara, sol, now):
        with inside(sol):
            goals.share(begin(sol, now), with_all=True, mentor_ids=[], by=sol, now=now)
        later = make.pairing(mara, sol)
        with inside(sol):
            assert seen_by(mara, later, now) == ["Two eSLOEs in"]

    def test_ends_with_the_pairing(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        with inside(sol):
            goal = begin(sol, now)
            goals.share(goal, with_all=True, mentor_ids=[], by=sol, now=now)
            pairing = my_pairing(pairing_id, member=sol)
            pairing.state, pairing.ended_at = PairingState.ENDED, now
            db.session.flush()
            assert seen_by(mara, pairing_id, now) == []
            assert queries.goal_i_see(goal.id, member=mara) is None
            assert queries.for_item(pairing_id, member=mara) == []

    def test_does_not_begin_before_the_pairing(self, inside, mara, sol, now):
        asked = make.pairing(mara, sol, state=PairingState.PROPOSED)
        with inside(sol):
            goals.share(begin(sol, now), with_all=True, mentor_ids=[], by=sol, now=now)
            assert seen_by(mara, asked, now) == []
            assert queries.for_item(asked, member=mara) == []

    def test_refuses_who_is_no_mentor_of_theirs(self, inside, lakeside, mara, sol, cora, now):
        make.pairing(mara, sol)
        strangers = (cora.id, make.mentor(lakeside).id, uuid4())
        with inside(sol):
            goal = begin(sol, now)
            for stranger in strangers:
                with pytest.raises(goals.NotYourMentor):
                    goals.share(goal, with_all=False, mentor_ids=[stranger], by=sol, now=now)

    def test_a_mentors_own_goal_is_not_their_mentees(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        with inside(mara):
            goals.share(begin(mara, now), with_all=True, mentor_ids=[], by=mara, now=now)
            assert seen_by(sol, pairing_id, now) == []


class TestServe:
    @pytest.fixture
    def pairing_id(self, mara, sol):
        return make.pairing(mara, sol)

    def test_an_item_serves_one_goal_and_is_listed_with_it(self, inside, sol, pairing_id, now):
        with inside(sol):
            item = take_on(pairing_id, sol, now)
            first, second = begin(sol, now), begin(sol, now)
            for goal in (first, second):
                goals.serve(item, goal.id, by=sol, now=now)
            tasks = [queries.my_card(one.id, member=sol, now=now).tasks for one in (first, second)]
            assert [[task.what for task in each] for each in tasks] == [[], ["Email"]]
            goals.serve(item, None, by=sol, now=now)
            assert queries.served_by(item.id) is None

    def test_a_private_goal_is_not_for_the_mentor_to_name_or_to_take_away(
        self, inside, mara, sol, pairing_id, now
    ):
        with inside(sol):
            item, goal = take_on(pairing_id, sol, now), begin(sol, now)
            assert queries.for_item(pairing_id, member=mara) == []
            with pytest.raises(NotYours):
                goals.serve(item, goal.id, by=mara, now=now)
            goals.serve(item, goal.id, by=sol, now=now)
            goals.serve(item, None, by=mara, now=now)
            assert queries.served_by(item.id) == goal.id

    def test_refuses_what_is_settled_or_the_mentors_own(self, inside, mara, sol, pairing_id, now):
        with inside(sol):
            item, goal = take_on(pairing_id, sol, now), begin(sol, now)
            goals.reach(goal, by=sol, now=now)
            with pytest.raises(goals.NotForThisItem):
                goals.serve(item, goal.id, by=sol, now=now)
            with pytest.raises(goals.NotForThisItem):
                goals.serve(item, begin(mara, now).id, by=mara, now=now)


URL = "/c/lakeside/goals"
GOOD = {"what": "Two eSLOEs in", "how_known": "Uploaded", "due_on": "2026-04-01"}


@pytest.fixture
def goal(inside, sol, now) -> Goal:
    with inside(sol):
        return begin(sol, now)


class TestPages:
    def test_set_one_and_share_it(self, sign_in, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        client = sign_in(sol)
        answer = client.post(f"{URL}/new", data=GOOD)
        page = answer.location

        assert answer.status_code == 303
        assert "Only you." in client.get(page).text
        client.post(f"{page}/steps", data={"step": "Ask Dr. Quist"})
        sent = client.post(f"{page}/share", data={"whom": "some", "mentors": [str(mara.id)]})
        assert sent.status_code == 303
        assert "Dr. Mara Quist" in client.get(page).text
        seen = sign_in(mara).get(f"/c/lakeside/pairings/{pairing_id}").text
        assert "Two eSLOEs in" in seen
        assert "Ask Dr. Quist" in seen

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({"what": ""}, "Say what you want to reach"),
            ({"what": "x" * 301}, "Say what you want to reach"),
            ({"how_known": "\u202e\x00"}, "Say how you will know"),
            ({"due_on": ""}, "Choose a day."),
            ({"due_on": "soon"}, "Write the day as the calendar shows"),
            ({"due_on": "2026-03-01"}, "Choose a day from today on"),
        ],
    )
    def test_say_what_is_wrong_and_keep_what_was_typed(self, sign_in, inside, sol, now, sent, says):
        answer = sign_in(sol).post(f"{URL}/new", data=GOOD | {"how_known": "By mail"} | sent)

        assert answer.status_code == 422
        assert says in answer.text
        assert "Two eSLOEs in" in answer.text or "what" in sent
        with inside(sol):
            assert db.session.scalars(select(Goal)).all() == []

    def test_share_with_somebody_who_is_none_of_theirs_is_no_choice(self, sign_in, sol, cora, goal):
        sent = {"whom": "some", "mentors": [str(cora.id)]}
        assert sign_in(sol).post(f"{URL}/{goal.id}/share", data=sent).status_code == 422

    def test_settle_needs_an_answer(self, sign_in, inside, sol, goal):
        client, url = sign_in(sol), f"{URL}/{goal.id}/settle"
        assert client.post(url, data={"word": "Well"}).status_code == 422
        assert client.post(url, data={"how": "reached", "word": "Well"}).status_code == 303
        assert "Well" in client.get(URL).text
        assert client.post(url, data={"how": "reached"}).status_code == 422

    def test_order_by_buttons(self, sign_in, inside, sol, goal, now):
        with inside(sol):
            second = begin(sol, now, what="A poster")
        client = sign_in(sol)
        assert client.post(f"{URL}/{second.id}/move", data={"to": "up"}).status_code == 303
        with inside(sol):
            assert mine(sol, now) == ["A poster", "Two eSLOEs in"]

    def test_home_brings_them(self, sign_in, sol, goal):
        client = sign_in(sol)
        assert "/c/lakeside/goals/open" in client.get("/c/lakeside/").text
        assert "Two eSLOEs in" in client.get(f"{URL}/open").text

    def test_are_not_there_for_others_and_not_for_mentors_alone(
        self, sign_in, lakeside, mara, goal
    ):
        student = sign_in(make.student(lakeside))
        for path in ("", "/change", "/share", "/settle"):
            assert student.get(f"{URL}/{goal.id}{path}").status_code == 404
        for path in ("move", "steps", "take-up", "settle"):
            assert student.post(f"{URL}/{goal.id}/{path}").status_code == 404
        assert sign_in(mara).get(URL).status_code == 403


def test_a_shared_goal_is_on_the_line_of_both_once_it_is_reached(sign_in, inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    with inside(sol):
        private, shared = begin(sol, now, what="Quietly"), begin(sol, now)
        goals.share(shared, with_all=True, mentor_ids=[], by=sol, now=now)
        for goal in (private, shared):
            goals.reach(goal, word="At last", by=sol, now=now)
    for reader, says in ((mara, "Sol has reached a goal"), (sol, "You have reached a goal")):
        page = sign_in(reader).get(f"/c/lakeside/pairings/{pairing_id}?show=goals").text
        assert says in page
        assert "At last" in page
        assert "Quietly" not in page
