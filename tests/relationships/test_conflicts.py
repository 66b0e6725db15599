"""Blocks: contact between two people stops, and stays stopped, until it is lifted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.relationships import conflicts, pairings, states
from mentorship.relationships.models import PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.scheduling.models import BusyTime, Meeting, MeetingState
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words

SOON = datetime(2026, 3, 6, 20, tzinfo=UTC)


def meeting_states(of) -> list[str]:
    rows = select(Meeting.state).where(Meeting.pairing_id == of).order_by(Meeting.starts_at)
    return list(db.session.scalars(rows))


class TestBlock:
    def test_is_set_and_lifted_once_however_often(self, inside, mara, sol, now):
        with inside(sol):
            for _ in range(2):
                conflicts.block(other=mara, by=sol, now=now)
            assert conflicts.blocked(mara.id, sol.id)
            for _ in range(2):
                conflicts.lift(other=mara, by=sol, now=now)
            assert not conflicts.blocked(sol.id, mara.id)
            deeds = db.session.scalars(select(AuditEvent.deed).order_by(AuditEvent.id))
            assert list(deeds) == ["block.set", "block.lifted"]

    def test_can_be_lifted_by_whoever_set_it_only(self, inside, mara, sol, now):
        with inside(sol):
            conflicts.block(other=mara, by=sol, now=now)
            conflicts.lift(other=sol, by=mara, now=now)

            assert conflicts.blocked(mara.id, sol.id)


class TestPart:
    def test_ends_every_pairing_of_the_two_and_no_other(self, inside, now):
        relaxed = make.chapter("relaxed", two_kinds_by_one_mentor=True)
        mentor, mentee = make.mentor(relaxed, places=5), make.student(relaxed)
        two = [make.pairing(mentor, mentee, kind) for kind in (Kind.CAREER, Kind.WELLNESS)]
        other = make.pairing(mentor, make.student(relaxed))
        with inside(mentee):
            for _ in range(2):
                pairings.part(other=mentor, by=mentee, now=now)

            assert [my_pairing(one, member=mentee).state for one in two] == ["ended", "ended"]
            assert my_pairing(other, member=mentor).state == PairingState.ACCEPTED
            assert pairings.places_left([mentor.user_id]) == {mentor.user_id: 4}

    @pytest.mark.parametrize("who", ["mara", "sol"])
    def test_calls_off_what_is_ahead(self, request, inside, mara, sol, now, who):
        by = request.getfixturevalue(who)
        other = sol if by is mara else mara
        pairing_id = make.pairing(mara, sol)
        for days, state in ((-7, MeetingState.HELD), (1, MeetingState.ACCEPTED)):
            make.meeting(mara, sol, pairing_id, starts_at=SOON + timedelta(days=days), state=state)
        make.meeting(mara, sol, pairing_id, starts_at=SOON, state=MeetingState.REQUESTED)
        with inside(by):
            pairings.part(other=other, by=by, now=now)
            closed = "declined" if by is mara else "withdrawn"

            assert meeting_states(pairing_id) == ["held", closed, "cancelled"]
            assert db.session.scalars(select(BusyTime)).all() == []

    def test_leaves_a_meeting_that_has_begun_to_be_settled(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        make.meeting(mara, sol, pairing_id, starts_at=now - timedelta(minutes=5))
        with inside(sol):
            pairings.end(my_pairing(pairing_id, member=sol), by=sol, now=now)

            assert meeting_states(pairing_id) == ["accepted"]


class TestEnd:
    def test_does_not_complete_what_has_not_begun(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.PROPOSED)
        with inside(sol), pytest.raises(states.NotBegun):
            pairings.end(
                my_pairing(pairing_id, member=sol),
                by=sol,
                now=now,
                state=PairingState.COMPLETED,
            )


class TestPages:
    def test_block_ends_the_pairing_and_can_be_lifted(self, sign_in, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        client, url = sign_in(sol), f"/c/lakeside/pairings/{pairing_id}"
        assert "stops at once" in client.get(f"{url}/block").text

        page = client.post(f"{url}/block", follow_redirects=True).text
        assert "You have blocked Dr. Quist" in page
        with inside(sol):
            assert conflicts.blocked(mara.id, sol.id)
            assert my_pairing(pairing_id, member=sol).state == PairingState.ENDED

        page = client.post(f"{url}/unblock", follow_redirects=True).text
        assert "You have blocked" not in page
        with inside(sol):
            assert not conflicts.blocked(mara.id, sol.id)
            assert my_pairing(pairing_id, member=sol).state == PairingState.ENDED

    def test_the_other_one_is_not_told_of_a_block(self, sign_in, mara, sol, now, work, tray):
        pairing_id = make.pairing(mara, sol)
        sign_in(sol).post(f"/c/lakeside/pairings/{pairing_id}/block")
        work()

        page = sign_in(mara).get(f"/c/lakeside/pairings/{pairing_id}").text
        assert "blocked" not in page.lower()
        assert "Lift the block" not in page
        assert [mail["Subject"] for mail in tray.to(mara.email)]
        assert all("block" not in words(mail).lower() for mail in tray.to(mara.email))

    def test_block_after_the_end_keeps_them_apart_too(self, sign_in, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        client, url = sign_in(mara), f"/c/lakeside/pairings/{pairing_id}"
        client.post(f"{url}/end", data={"state": "ended"})

        assert client.post(f"{url}/block").status_code == 303
        with inside(sol):
            assert conflicts.blocked(mara.id, sol.id)

    @pytest.mark.parametrize("state", ["completed", "ended"])
    def test_end_asks_how_and_does_it(self, sign_in, inside, mara, sol, now, state):
        pairing_id = make.pairing(mara, sol)
        client, url = sign_in(sol), f"/c/lakeside/pairings/{pairing_id}/end"
        assert client.get(url).status_code == 200
        assert client.post(url, data={"state": state}).status_code == 303
        with inside(sol):
            assert my_pairing(pairing_id, member=sol).state == state
        # Its page is not there anymore, and a second tab is told so.
        assert client.get(url).status_code == 303
        again = client.post(url, data={"state": state})
        assert again.status_code == 422
        assert "ended already" in again.text

    @pytest.mark.parametrize("sent", [{}, {"state": ""}, {"state": "active"}, {"state": "🩺"}])
    def test_end_needs_one_of_the_two(self, sign_in, inside, mara, sol, now, sent):
        pairing_id = make.pairing(mara, sol)
        answer = sign_in(sol).post(f"/c/lakeside/pairings/{pairing_id}/end", data=sent)

        assert answer.status_code == 422
        with inside(sol):
            assert my_pairing(pairing_id, member=sol).state == PairingState.ACCEPTED

    def test_are_not_there_for_others(self, sign_in, lakeside, mara, sol, cora, now):
        url = f"/c/lakeside/pairings/{make.pairing(mara, sol)}"
        for member in (cora, make.mentor(lakeside), make.student(lakeside)):
            client = sign_in(member)
            for page in ("end", "block"):
                assert client.get(f"{url}/{page}").status_code == 404
            for page in ("end", "block", "unblock"):
                assert client.post(f"{url}/{page}", data={"state": "ended"}).status_code == 404
