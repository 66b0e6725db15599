from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import action_items, pairings
from mentorship.relationships.goals import goals
from mentorship.relationships.models import ActionItem, PairingState
from mentorship.relationships.queries import my_action_item, my_pairing
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words


@pytest.fixture
def paired(mara, sol) -> object:
    return make.pairing(mara, sol)


def take_on(pairing_id, by, now, *, owner=None, what="Email Dr. Chen", due_on=None):
    return action_items.take_on(
        pairing_id=pairing_id, owner=owner or by, what=what, due_on=due_on, by=by, now=now
    )


def deeds(of) -> list[str]:
    one = select(AuditEvent.deed).where(AuditEvent.subject_id == of.id).order_by(AuditEvent.id)
    return list(db.session.scalars(one))


class TestTakeOn:
    def test_is_for_either_of_the_two(self, inside, mara, sol, paired, now):
        with inside(sol):
            assert take_on(paired, sol, now).owner_id == sol.id
            assert take_on(paired, sol, now, owner=mara).owner_id == mara.id

    def test_refuses_anybody_else_as_owner(self, inside, sol, cora, paired, now):
        with inside(sol), pytest.raises(action_items.NotOneOfTheTwo):
            take_on(paired, sol, now, owner=cora)

    def test_is_not_for_others_to_write(self, inside, cora, paired, now):
        with inside(cora), pytest.raises(NotYours):
            take_on(paired, cora, now)

    @pytest.mark.parametrize("what", ["", "   ", "x" * 301])
    def test_refuses_nothing_and_too_much(self, inside, sol, paired, now, what):
        with inside(sol), pytest.raises(action_items.NotSaid):
            take_on(paired, sol, now, what=what)

    def test_may_be_due_today_where_its_writer_is(self, inside, sol, paired):
        late = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)  # Monday, 23:30 in Chicago
        with inside(sol):
            assert take_on(paired, sol, late, due_on=date(2026, 3, 2)).due_on == date(2026, 3, 2)
            with pytest.raises(action_items.DueInThePast):
                take_on(paired, sol, late, due_on=date(2026, 3, 1))

    @pytest.mark.parametrize("state", [PairingState.PROPOSED, PairingState.ENDED])
    def test_refuses_before_and_after_the_pairing(self, inside, sol, paired, now, state):
        with inside(sol):
            pairing = my_pairing(paired, member=sol)
            pairing.state = state
            pairing.ended_at = None if state is PairingState.PROPOSED else now
            with pytest.raises(action_items.NotUnderWay):
                take_on(paired, sol, now)


class TestTick:
    def test_is_done_once_and_can_be_taken_back(self, inside, mara, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now)
            for _ in range(2):
                action_items.finish(item, by=mara, now=now)
            assert item.done_at == now
            for _ in range(2):
                action_items.reopen(item, by=sol, now=now)
            assert item.done_at is None
            assert deeds(item) == [
                "action_item.taken_on",
                "action_item.finished",
                "action_item.reopened",
            ]

    def test_refuses_what_was_dropped(self, inside, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now)
            for _ in range(2):
                action_items.drop(item, by=sol, now=now)
            with pytest.raises(action_items.Dropped):
                action_items.finish(item, by=sol, now=now)
            with pytest.raises(action_items.Dropped):
                action_items.reopen(item, by=sol, now=now)
            assert deeds(item) == ["action_item.taken_on", "action_item.dropped"]

    def test_is_found_by_the_two_only(self, inside, lakeside, mara, sol, paired, now):
        stranger = make.student(lakeside)
        with inside(sol):
            item = take_on(paired, sol, now)
            assert my_action_item(item.id, member=mara).id == item.id
            with pytest.raises(NotYours):
                my_action_item(item.id, member=stranger)


URL = "/c/lakeside/pairings/{}/action-items"


@pytest.fixture
def item(inside, sol, paired, now) -> ActionItem:
    with inside(sol):
        return take_on(paired, sol, now)


class TestPages:
    def test_write_one_down(self, sign_in, inside, mara, sol, paired, now):
        answer = sign_in(sol).post(
            URL.format(paired),
            data={"what": "Send the draft", "owner": "other", "due_on": "2026-03-06"},
        )

        assert answer.location.endswith(f"/pairings/{paired}#items")
        with inside(sol):
            made = db.session.scalars(select(ActionItem)).one()
            assert (made.what, made.owner_id, made.due_on) == (
                "Send the draft",
                mara.id,
                date(2026, 3, 6),
            )

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({"what": ""}, "Say what is to be done"),
            ({"what": "\u202e\x00 "}, "Say what is to be done"),
            ({"what": "x" * 301}, "Say what is to be done"),
            ({"owner": "cora"}, "Not a valid choice"),
            ({"due_on": "soon"}, "Write the day as the calendar shows"),
            ({"due_on": "2026-03-01"}, "Choose a due date from today on"),
        ],
    )
    def test_say_what_is_wrong_and_change_nothing(
        self, sign_in, inside, sol, paired, now, sent, says
    ):
        usual = {"what": "Read 🩺 it’s short", "owner": "me", "due_on": ""}
        answer = sign_in(sol).post(URL.format(paired), data=usual | sent)

        assert answer.status_code == 422
        assert says in answer.text
        with inside(sol):
            assert db.session.scalars(select(ActionItem)).all() == []

    @pytest.mark.parametrize(
        ("back", "leads"), [("home", "/c/lakeside/#due"), ("pairing", "#items"), ("", "#items")]
    )
    def test_tick_and_go_back_to_where_it_was(self, sign_in, inside, sol, item, now, back, leads):
        client, url = sign_in(sol), f"/c/lakeside/action-items/{item.id}"
        answer = client.post(url, data={"done": "1", "back": back})

        assert answer.status_code == 303
        assert answer.location.endswith(leads)
        with inside(sol):
            assert my_action_item(item.id, member=sol).done_at == now
        client.post(url, data={"back": back})
        with inside(sol):
            assert my_action_item(item.id, member=sol).done_at is None

    def test_tick_of_what_was_dropped_meanwhile_is_answered_in_words(self, sign_in, sol, item, now):
        client, url = sign_in(sol), f"/c/lakeside/action-items/{item.id}"
        assert client.post(f"{url}/drop").status_code == 303

        answer = client.post(url, data={"done": "1"})
        assert answer.status_code == 409
        assert "This action item was dropped" in answer.text

    def test_are_not_there_for_others(self, sign_in, lakeside, cora, item, paired, now):
        for member in (cora, make.mentor(lakeside), make.student(lakeside)):
            client = sign_in(member)
            assert client.get(URL.format(paired)).status_code == 404
            assert client.post(f"/c/lakeside/action-items/{item.id}").status_code == 404
            assert client.post(f"/c/lakeside/action-items/{item.id}/drop").status_code == 404


class TestChange:
    def change(self, item, by, now, **more):
        facts = {"what": item.what, "owner": by, "due_on": item.due_on}
        action_items.change(item, **(facts | more), by=by, now=now)

    def test_says_it_better_and_moves_its_day(self, inside, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now)
            self.change(item, sol, now, what=" Call ", due_on=date(2026, 3, 9))
            assert (item.what, item.due_on) == ("Call", date(2026, 3, 9))
            self.change(item, sol, now)  # the same again
            assert deeds(item) == ["action_item.taken_on", "action_item.changed"]

    def test_keeps_a_day_that_has_passed_but_takes_no_new_one(self, inside, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now, due_on=date(2026, 3, 3))
            later = now + timedelta(days=5)
            self.change(item, sol, later, what="Call")
            with pytest.raises(action_items.DueInThePast):
                self.change(item, sol, later, due_on=date(2026, 3, 6))

    def test_hands_it_to_the_other_and_to_nobody_else(
        self, inside, mara, sol, cora, paired, now, work, tray
    ):
        with inside(sol):
            item = take_on(paired, sol, now, what="Email Dr. Chen")
            with pytest.raises(action_items.NotOneOfTheTwo):
                self.change(item, sol, now, owner=cora)
            self.change(item, sol, now, owner=mara)
            assert item.owner_id == mara.id
        work()
        (mail,) = tray.mails
        assert mail["To"] == mara.email
        assert mail["Subject"] == "Sol Adair has handed you an action item"
        assert "“Email Dr. Chen”" in words(mail)

    def test_says_nothing_of_wellness_in_a_mail(self, inside, mara, sol, now, work, tray):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS)
        with inside(sol):
            self.change(take_on(pairing_id, sol, now, what="Sleep"), sol, now, owner=mara)
        work()
        (mail,) = tray.mails
        assert "Sleep" not in words(mail)

    def test_tells_nobody_of_what_was_handed_back_meanwhile(
        self, inside, mara, sol, paired, now, work, tray
    ):
        with inside(sol):
            item = take_on(paired, sol, now)
            self.change(item, sol, now, owner=mara)
            self.change(item, sol, now, owner=sol)
        work()
        assert [mail["Subject"] for mail in tray.mails] == [
            "Sol Adair has taken over an action item of yours"
        ]

    def test_refuses_who_has_left(self, inside, mara, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now)
            db.session.execute(
                update(Membership).where(Membership.id == mara.id).values(left_at=now)
            )
            with pytest.raises(action_items.HasLeft):
                self.change(item, sol, now, owner=mara)
            with pytest.raises(action_items.HasLeft):
                take_on(paired, sol, now, owner=mara)

    def test_refuses_once_it_is_done_or_dropped_or_the_pairing_is_over(
        self, inside, sol, paired, now
    ):
        with inside(sol):
            done, dropped, late = (take_on(paired, sol, now) for _ in range(3))
            action_items.finish(done, by=sol, now=now)
            action_items.drop(dropped, by=sol, now=now)
            with pytest.raises(action_items.Done):
                self.change(done, sol, now, what="x")
            with pytest.raises(action_items.Dropped):
                self.change(dropped, sol, now, what="x")
            pairing = my_pairing(paired, member=sol)
            pairing.state, pairing.ended_at = PairingState.ENDED, now
            with pytest.raises(action_items.NotUnderWay):
                self.change(late, sol, now, what="x")
            action_items.finish(late, came_of_it="Sent", by=sol, now=now)
            assert late.done_at == now


class TestWhatCameOfIt:
    def test_goes_with_the_tick_and_can_be_said_afterward(self, inside, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now)
            action_items.finish(item, by=sol, now=now)
            action_items.finish(item, came_of_it=" He\nsays yes ", by=sol, now=now)
            assert item.came_of_it == "He says yes"
            action_items.finish(item, by=sol, now=now)  # a tick takes no line away
            assert item.came_of_it == "He says yes"

    def test_is_a_line(self, inside, sol, paired, now):
        with inside(sol), pytest.raises(action_items.TooLong):
            action_items.finish(take_on(paired, sol, now), came_of_it="x" * 301, by=sol, now=now)

    def test_is_not_said_to_somebody_who_wants_no_contact(self, inside, mara, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now, owner=mara)
            pairings.part(other=mara, by=sol, now=now)
            with pytest.raises(action_items.NoContact):
                action_items.finish(item, came_of_it="Call me", by=mara, now=now)
            action_items.finish(item, by=mara, now=now)  # a tick alone says nothing
            assert (item.done_at, item.came_of_it) == (now, "")


class TestRestore:
    def test_puts_back_what_was_dropped_by_a_slip(self, inside, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now)
            action_items.restore(item, by=sol, now=now)  # nothing to put back
            action_items.drop(item, by=sol, now=now)
            action_items.restore(item, by=sol, now=now + action_items.TICKED)
            assert item.dropped_at is None
            assert deeds(item)[1:] == ["action_item.dropped", "action_item.restored"]

    def test_refuses_days_later(self, inside, sol, paired, now):
        with inside(sol):
            item = take_on(paired, sol, now)
            action_items.drop(item, by=sol, now=now)
            late = now + action_items.TICKED + timedelta(seconds=1)
            with pytest.raises(action_items.TooLate):
                action_items.restore(item, by=sol, now=late)


class TestMorePages:
    def test_change_one_and_hand_it_over(self, sign_in, inside, mara, sol, item):
        client, url = sign_in(sol), f"/c/lakeside/action-items/{item.id}/change"
        assert 'value="Email Dr. Chen"' in client.get(url).text
        bad = client.post(url, data={"what": "Call", "owner": "other", "due_on": "2026-02-01"})
        assert bad.status_code == 422
        assert 'value="Call"' in bad.text
        sent = client.post(url, data={"what": "Call", "owner": "other", "due_on": ""})
        assert sent.status_code == 303
        with inside(sol):
            assert my_action_item(item.id, member=sol).owner_id == mara.id

    def test_done_with_a_line_that_both_read(self, sign_in, mara, sol, item, paired):
        client, url = sign_in(sol), f"/c/lakeside/action-items/{item.id}/done"
        assert client.post(url, data={"came_of_it": "x" * 301}).status_code == 422
        assert client.post(url, data={"came_of_it": "He says yes"}).status_code == 303
        assert "He says yes" in sign_in(mara).get(f"/c/lakeside/pairings/{paired}").text

    def test_dropped_can_be_put_back_from_the_list_of_all(self, sign_in, inside, sol, item):
        client, url = sign_in(sol), f"/c/lakeside/action-items/{item.id}"
        sent = client.post(f"{url}/drop", data={"back": "owed"})
        assert sent.location.endswith("/c/lakeside/action-items#mine")
        page = client.get("/c/lakeside/action-items").text
        assert "Nothing open" in page
        assert "Put it back" in page
        assert client.post(f"{url}/restore", data={"back": "owed"}).status_code == 303
        assert "Yours, 1 open" in client.get("/c/lakeside/action-items").text

    def test_serve_a_goal_that_is_chosen(self, sign_in, inside, mara, sol, paired, now):
        with inside(sol):
            goal = goals.begin(
                what="Two eSLOEs", how_known="x", due_on=date(2026, 9, 1), by=sol, now=now
            )
            goal_id = goal.id
        sent = {"what": "Ask", "owner": "me", "due_on": "", "goal": str(goal_id)}
        # The mentor, with whom it is not shared, has no such choice.
        assert sign_in(mara).post(URL.format(paired), data=sent).status_code == 422
        assert sign_in(sol).post(URL.format(paired), data=sent).status_code == 303
        assert "Ask" in sign_in(sol).get(f"/c/lakeside/goals/{goal_id}").text

    def test_none_of_it_is_there_for_others(self, sign_in, lakeside, cora, item):
        for member in (cora, make.student(lakeside)):
            client = sign_in(member)
            for path in ("change", "done"):
                assert client.get(f"/c/lakeside/action-items/{item.id}/{path}").status_code == 404
            for path in ("change", "done", "restore"):
                assert client.post(f"/c/lakeside/action-items/{item.id}/{path}").status_code == 404
