"""Contact that happened elsewhere: two taps, and taken back as fast."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import check_ins, pairings
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts import contacts
from mentorship.relationships.contacts.models import Contact, Way
from mentorship.relationships.models import PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy.roles import Role
from tests import make

TODAY = date(2026, 3, 2)
EARLIER = date(2026, 2, 20)


@pytest.fixture
def paired(mara, sol):
    return make.pairing(
        *(mara, sol), began_at=datetime(2026, 2, 1, 18, tzinfo=UTC), last_contact_on=EARLIER
    )


def log(pairing_id, by, now, **more) -> Contact:
    pairing = my_pairing(pairing_id, member=by)
    return contacts.log(pairing=pairing, by=by, way=Way.HALLWAY, now=now, **more)


def last(inside, by, pairing_id) -> date | None:
    with inside(by):
        return my_pairing(pairing_id, member=by).last_contact_on


class TestLog:
    @pytest.mark.parametrize("who", ["mara", "sol"])
    def test_counts_as_contact_for_both(self, request, inside, paired, now, who):
        by = request.getfixturevalue(who)
        with inside(by):
            log(paired, by, now)
        assert last(inside, by, paired) == TODAY

    def test_of_a_day_before_the_last_contact_changes_nothing_there(self, inside, sol, paired, now):
        with inside(sol):
            log(paired, sol, now, happened_on=date(2026, 2, 10))
        assert last(inside, sol, paired) == EARLIER

    @pytest.mark.parametrize("on", [date(2026, 3, 3), date(2026, 1, 31), date(1, 1, 1)])
    def test_refuses_a_day_outside_the_pairing(self, inside, sol, paired, now, on):
        with inside(sol), pytest.raises(check_ins.NotOnThatDay):
            log(paired, sol, now, happened_on=on)

    def test_refuses_before_and_after_the_pairing(self, inside, mara, sol, paired, now):
        with inside(sol):
            pairings.end(my_pairing(paired, member=sol), by=sol, now=now)
            with pytest.raises(check_ins.NotUnderWay):
                log(paired, sol, now)
        asked = make.pairing(mara, sol, state=PairingState.PROPOSED)
        with inside(sol), pytest.raises(check_ins.NotUnderWay):
            log(asked, sol, now)

    def test_is_for_the_two_only(self, inside, cora, sol, paired, now):
        with inside(sol):
            pairing = my_pairing(paired, member=sol)
            with pytest.raises(NotYours):
                contacts.log(pairing=pairing, by=cora, way=Way.CALL, now=now)

    def test_mails_nobody(self, inside, sol, paired, now, tray, work):
        with inside(sol):
            log(paired, sol, now)
        work()
        assert tray.mails == []


class TestUndo:
    def test_leaves_the_pairing_as_it_was(self, inside, sol, paired, now):
        with inside(sol):
            contacts.undo(log(paired, sol, now), by=sol, now=now + contacts.REGRET)
            assert db.session.scalars(select(Contact)).all() == []
        assert last(inside, sol, paired) == EARLIER

    def test_keeps_what_came_since(self, inside, mara, sol, paired, now):
        with inside(sol):
            noted = log(paired, sol, now)
            check_ins.log(pairing=my_pairing(paired, member=mara), by=mara, how=How.WELL, now=now)
            contacts.undo(noted, by=sol, now=now)
        assert last(inside, sol, paired) == TODAY

    def test_is_refused_after_ten_minutes(self, inside, sol, paired, now):
        with inside(sol):
            noted = log(paired, sol, now)
            with pytest.raises(contacts.TooLate):
                contacts.undo(noted, by=sol, now=now + contacts.REGRET + timedelta(seconds=1))

    def test_is_for_whoever_wrote_it(self, inside, mara, sol, paired, now):
        with inside(sol):
            noted = log(paired, sol, now)
            with pytest.raises(NotYours):
                contacts.undo(noted, by=mara, now=now)
            with pytest.raises(NotYours):
                contacts.mine(noted.id, member=mara)


class TestPages:
    def url(self, pairing_id) -> str:
        return f"/c/lakeside/pairings/{pairing_id}/contact"

    def test_two_taps_from_home_and_from_the_pairing(self, sign_in, inside, sol, paired, now):
        client = sign_in(sol)
        for page in ("/c/lakeside/", f"/c/lakeside/pairings/{paired}"):
            assert f'href="{self.url(paired)}"' in client.get(page).text
        answer = client.post(self.url(paired), data={"way": "text"})
        assert answer.status_code == 303

        line = client.get(f"/c/lakeside/pairings/{paired}").text
        assert "You noted a text message" in line
        with inside(sol):
            noted = db.session.scalars(select(Contact)).one()
        undo = f"/c/lakeside/contacts/{noted.id}/undo"
        assert undo in line
        assert client.post(undo, data={}).status_code == 303
        assert "You noted" not in client.get(f"/c/lakeside/pairings/{paired}").text

    def test_the_other_one_sees_it_and_cannot_undo_it(self, sign_in, mara, sol, paired, now):
        sign_in(sol).post(self.url(paired), data={"way": "call"})
        line = sign_in(mara).get(f"/c/lakeside/pairings/{paired}").text
        assert "Sol noted a phone call" in line
        assert "/undo" not in line

    def test_undo_is_gone_after_ten_minutes(self, sign_in, inside, sol, paired, now, at):
        client = sign_in(sol)
        client.post(self.url(paired), data={"way": "call"})
        with inside(sol):
            noted = db.session.scalars(select(Contact)).one()
        at(now + timedelta(minutes=11))
        assert "/undo" not in client.get(f"/c/lakeside/pairings/{paired}").text
        client.post(f"/c/lakeside/contacts/{noted.id}/undo", data={})
        assert last(inside, sol, paired) == TODAY

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            ({}, "Choose how you were in touch."),
            ({"way": "pigeon"}, "Choose how you were in touch."),
            ({"way": "call", "happened_on": "2026-03-03"}, check_ins.NotOnThatDay.sentence),
            ({"way": "call", "happened_on": "yesterday"}, "Write the day as the calendar"),
        ],
    )
    def test_keeps_what_was_typed(self, sign_in, sol, paired, now, sent, told):
        answer = sign_in(sol).post(self.url(paired), data=sent)
        assert answer.status_code == 422
        assert told in answer.text
        assert sent.get("happened_on", "") in answer.text

    @pytest.mark.parametrize("role", list(Role))
    def test_are_there_for_nobody_else(self, sign_in, inside, lakeside, sol, paired, now, role):
        with inside(sol):
            noted = log(paired, sol, now)
        client = sign_in(make.member(lakeside, role))
        assert client.get(self.url(paired)).status_code == 404
        assert client.post(self.url(paired), data={"way": "call"}).status_code == 404
        assert client.post(f"/c/lakeside/contacts/{noted.id}/undo").status_code == 404

    def test_of_another_chapter_do_not_exist(self, sign_in, odd, paired, now):
        assert sign_in(odd).get(f"/c/elsewhere/pairings/{paired}/contact").status_code == 404

    def test_it_stands_in_the_strip_of_weeks(self, sign_in, mara, sol, paired, now):
        sign_in(sol).post(self.url(paired), data={"way": "call"})
        assert "1 check-in" in sign_in(mara).get(f"/c/lakeside/pairings/{paired}").text
