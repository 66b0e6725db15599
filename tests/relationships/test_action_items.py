from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import action_items
from mentorship.relationships.models import ActionItem, PairingState
from mentorship.relationships.queries import my_action_item, my_pairing
from tests import make


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
