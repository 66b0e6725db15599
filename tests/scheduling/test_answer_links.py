"""Answering from a mail, by somebody who is not signed in."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from mentorship.foundation import scope, tokens
from mentorship.foundation.database import db
from mentorship.scheduling import answers, meetings
from mentorship.tenancy.models import Membership
from tests import make
from tests.conftest import words
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, deeds, mine


@pytest.fixture
def asked(mara, sol, now) -> UUID:
    return ask(mara, sol, now=now, questions=["Which one?"])


@pytest.fixture
def link(app, asked, inside):
    """The path in somebody's mail about the request, as it stands now."""

    def link(member) -> str:
        with inside(member):
            secret = app.config["SECRET_KEY"]
            return f"/r/{answers.token_for(mine(asked, member), member, secret=secret)}"

    return link


@pytest.fixture
def anyone(app):
    """A browser that nobody is signed in with."""
    return app.test_client()


@pytest.fixture
def state(asked, mara, inside):
    def state() -> str:
        with inside(mara):
            return mine(asked, mara).state

    return state


def signed(app, **facts) -> str:
    """A link that we signed, whatever it says."""
    until = WEDNESDAY_AT_TWO + timedelta(days=90)
    secret = app.config["SECRET_KEY"]
    return f"/r/{tokens.sign(facts, purpose='answer', secret=secret, until=until)}"


class TestTheMail:
    def test_its_link_leads_to_the_page_and_the_page_to_the_yes(
        self, asked, mara, anyone, tray, work, state
    ):
        work()
        [mail] = tray.to(mara.email)
        path = re.search(r"https?://[^/\s]+(/r/\S+)", words(mail))[1]
        assert anyone.get(path).status_code == 200
        assert anyone.post(path).location == path
        assert state() == "accepted"
        assert "Accepted: Wed, Mar 4, 2:00 PM CST" in anyone.get(path).text


class TestLooking:
    def test_shows_the_request_and_changes_nothing(self, link, mara, anyone, state):
        page = anyone.get(link(mara))
        assert page.status_code == 200
        for said in (
            "Sol Adair asks for 25 minutes",
            "Academic or community: how did you decide?",
            "Which one?",
            "Accept Wed, Mar 4, 2:00 PM CST",
            "Propose another time",
            "Decline and refer",
        ):
            assert said in page.text
        assert state() == "requested"

    def test_tells_no_other_site_its_address(self, link, mara, anyone):
        path = link(mara)
        for answer in (anyone.get(path), anyone.post(path), anyone.get("/r/forged")):
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"

    def test_shows_times_in_the_zone_of_whose_mail_it_was(
        self, lakeside, mara, app, anyone, now, inside
    ):
        student = make.student(lakeside, zone="America/New_York")
        asked = ask(mara, student, now=now)
        with inside(mara):
            meeting = mine(asked, mara)
            at = WEDNESDAY_AT_TWO + HALF_AN_HOUR
            meetings.propose_other_time(meeting, starts_at=at, by=mara, now=now)
            token = answers.token_for(meeting, student, secret=app.config["SECRET_KEY"])
        page = anyone.get(f"/r/{token}").text
        assert "Dr. Quist proposes Wed, Mar 4, 3:30 PM EST" in page
        assert "Withdraw the request" in page

    def test_works_for_somebody_who_is_signed_in_too(self, link, mara, odd, sign_in, state):
        path = link(mara)
        for who in (mara, odd):
            assert sign_in(who).get(path).status_code == 200
        assert sign_in(odd).post(path).status_code == 303
        assert state() == "accepted"

    def test_stays_within_its_statements(self, link, mara, anyone, statements):
        path = link(mara)
        with statements() as seen:
            anyone.get(path)
        assert len(seen) <= 5


class TestAccepting:
    def test_two_taps_are_one_yes(self, asked, link, mara, anyone, state, inside):
        path = link(mara)
        for _ in range(2):
            assert (anyone.post(path).status_code, state()) == (303, "accepted")
        with inside(mara):
            assert deeds(asked) == ["meeting.requested", "meeting.accepted"]

    def test_needs_the_pages_own_token_against_forged_posts(self, app, link, mara, state):
        path = link(mara)
        app.config["WTF_CSRF_ENABLED"] = True
        try:
            assert app.test_client().post(path).status_code == 400
            client = app.test_client()
            page = client.get(path).text
            csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
            assert client.post(path, data={"csrf_token": csrf}).status_code == 303
        finally:
            app.config["WTF_CSRF_ENABLED"] = False
        assert state() == "accepted"


class TestLinksThatOpenNothing:
    def test_forged_or_cut(self, link, mara, anyone, state):
        path = link(mara)
        for broken in (path[:-3], path + "x", "/r/x", "/r/" + "a" * 3000, "/r/" + path[3:].upper()):
            for answer in (anyone.get(broken), anyone.post(broken)):
                assert answer.status_code == 404
                assert "This link does not open anything" in answer.text
        assert state() == "requested"

    def test_signed_for_something_else(self, app, asked, mara, anyone):
        secret = app.config["SECRET_KEY"]
        facts = {
            "chapter": str(mara.chapter_id),
            "meeting": str(asked),
            "member": str(mara.id),
            "sequence": 0,
        }
        until = WEDNESDAY_AT_TWO
        token = tokens.sign(facts, purpose="sign-in", secret=secret, until=until)
        assert anyone.get(f"/r/{token}").status_code == 404

    def test_of_another_chapter_or_of_people_who_are_not_in_it(
        self, app, asked, mara, sol, odd, lakeside, anyone, state
    ):
        whose = {"meeting": str(asked), "sequence": 0}
        for facts in (
            {"chapter": str(odd.chapter_id), "member": str(mara.id)},
            {"chapter": str(odd.chapter_id), "member": str(odd.id)},
            {"chapter": str(lakeside.id), "member": str(odd.id)},
            {"chapter": str(lakeside.id), "member": str(make.mentor(lakeside).id)},
            {"chapter": str(uuid4()), "member": str(mara.id)},
        ):
            path = signed(app, **whose, **facts)
            for answer in (anyone.get(path), anyone.post(path)):
                assert answer.status_code == 404
                assert "Sol" not in answer.text
        assert state() == "requested"

    def test_of_somebody_who_has_left(self, link, mara, anyone, now, state):
        path = link(mara)
        with scope.chapter(mara.chapter_id):
            db.session.execute(
                update(Membership).where(Membership.id == mara.id).values(left_at=now)
            )
            db.session.commit()
        assert anyone.get(path).status_code == 404
        assert anyone.post(path).status_code == 404
        assert state() == "requested"

    def test_past_its_time(self, link, mara, anyone, at, state):
        path = link(mara)
        at(WEDNESDAY_AT_TWO)
        for answer in (anyone.get(path), anyone.post(path)):
            assert answer.status_code == 410
            assert "This link is past its time" in answer.text
            assert "Sol" not in answer.text
        assert state() == "requested"

    @pytest.mark.parametrize("verb", ["withdraw", "decline"])
    def test_settled_meanwhile(self, asked, link, mara, sol, anyone, inside, now, verb):
        path = link(mara)
        by = sol if verb == "withdraw" else mara
        with inside(by):
            getattr(meetings, verb)(mine(asked, by), by=by, now=now)
        for answer in (anyone.get(path), anyone.post(path)):
            assert answer.status_code == 410
            assert "Nothing to answer" in answer.text
            assert f"/c/lakeside/meetings/{asked}" in answer.text

    def test_accepted_and_called_off_since(self, asked, link, mara, anyone, inside, now, state):
        path = link(mara)
        anyone.post(path)
        with inside(mara):
            meetings.cancel(mine(asked, mara), by=mara, now=now)
        assert anyone.post(path).status_code == 410
        assert state() == "cancelled"

    def test_moved_since(self, asked, link, mara, sol, anyone, inside, now, state):
        old = link(mara)
        with inside(mara):
            meeting = mine(asked, mara)
            for number, who in enumerate((mara, sol), 1):
                at = WEDNESDAY_AT_TWO + number * HALF_AN_HOUR
                meetings.propose_other_time(meeting, starts_at=at, by=who, now=now)
        for answer in (anyone.get(old), anyone.post(old)):
            assert answer.status_code == 409
            assert "The time was changed" in answer.text
        assert state() == "requested"
        assert anyone.post(link(mara)).status_code == 303
        assert state() == "accepted"

    def test_of_the_one_who_asked(self, link, sol, anyone, state):
        answer = anyone.post(link(sol))
        assert answer.status_code == 409
        assert "The answer is the other person&#39;s to give." in answer.text
        assert state() == "requested"
