"""Answering from a mail, by somebody who is not signed in."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from mentorship.foundation import scope, tokens
from mentorship.foundation.database import db
from mentorship.scheduling import answers, meetings, reschedules
from mentorship.scheduling.models import Proposed
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
        assert "Accepted: Wed, Mar 4, 2:00 PM CST" in anyone.post(path).text
        assert state() == "accepted"


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
        assert sign_in(odd).post(path).status_code == 200
        assert state() == "accepted"

    def test_stays_within_its_statements(self, link, mara, anyone, statements):
        path = link(mara)
        with statements() as seen:
            anyone.get(path)
        assert len(seen) <= 5


class TestAccepting:
    def test_works_once(self, asked, link, mara, anyone, state, inside):
        path = link(mara)
        assert [anyone.post(path).status_code for _ in range(2)] == [200, 410]
        assert state() == "accepted"
        with inside(mara):
            assert deeds(asked) == ["meeting.requested", "meeting.accepted"]

    def test_survives_scanners_that_fetch_it_before_the_person_does(
        self, asked, link, mara, app, anyone, state, inside
    ):
        path = link(mara)
        for _ in range(3):
            scanner = app.test_client()
            assert scanner.get(path).status_code == 200
            assert scanner.head(path).status_code == 200
            assert scanner.options(path).status_code == 200
        assert state() == "requested"
        with inside(mara):
            assert deeds(asked) == ["meeting.requested"]
        assert anyone.post(path).status_code == 200
        assert state() == "accepted"

    def test_needs_no_password_on_a_phone(self, link, mara, app, state):
        phone = app.test_client()
        path = link(mara)
        page = phone.get(path).text
        assert "password" not in page.casefold()
        assert 'name="viewport"' in page
        assert phone.post(path).status_code == 200
        assert state() == "accepted"

    def test_needs_the_pages_own_token_against_forged_posts(self, app, link, mara, state):
        path = link(mara)
        app.config["WTF_CSRF_ENABLED"] = True
        try:
            assert app.test_client().post(path).status_code == 400
            client = app.test_client()
            page = client.get(path).text
            csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
            assert client.post(path, data={"csrf_token": csrf}).status_code == 200
        finally:
            app.config["WTF_CSRF_ENABLED"] = False
        assert state() == "accepted"


class TestLinksThatOpenNothing:
    """Used, expired, overtaken, foreign or forged: each says the same, and nothing of anybody."""

    @pytest.fixture
    def opens_nothing(self, anyone):
        def opens_nothing(*paths: str) -> None:
            unknown = anyone.get("/r/x").text
            assert "This link does not open anything" in unknown
            for path in paths:
                for answer in (anyone.get(path), anyone.post(path)):
                    assert (answer.status_code, answer.text) == (410, unknown)

        return opens_nothing

    def test_forged_or_cut(self, link, mara, opens_nothing, state):
        path = link(mara)
        opens_nothing(path[:-3], path + "x", "/r/" + "a" * 3000, "/r/" + path[3:].upper())
        assert state() == "requested"

    def test_signed_for_something_else(self, app, asked, mara, opens_nothing):
        secret = app.config["SECRET_KEY"]
        facts = {
            "chapter": str(mara.chapter_id),
            "meeting": str(asked),
            "member": str(mara.id),
            "sequence": 0,
        }
        until = WEDNESDAY_AT_TWO
        token = tokens.sign(facts, purpose="sign-in", secret=secret, until=until)
        opens_nothing(f"/r/{token}")

    def test_of_another_chapter_or_of_people_who_are_not_in_it(
        self, app, asked, mara, odd, lakeside, opens_nothing, state
    ):
        whose = {"meeting": str(asked), "sequence": 0}
        for facts in (
            {"chapter": str(odd.chapter_id), "member": str(mara.id)},
            {"chapter": str(odd.chapter_id), "member": str(odd.id)},
            {"chapter": str(lakeside.id), "member": str(odd.id)},
            {"chapter": str(lakeside.id), "member": str(make.mentor(lakeside).id)},
            {"chapter": str(uuid4()), "member": str(mara.id)},
        ):
            opens_nothing(signed(app, **whose, **facts))
        assert state() == "requested"

    def test_of_somebody_who_has_left(self, link, mara, opens_nothing, now, state):
        path = link(mara)
        with scope.chapter(mara.chapter_id):
            db.session.execute(
                update(Membership).where(Membership.id == mara.id).values(left_at=now)
            )
            db.session.commit()
        opens_nothing(path)
        assert state() == "requested"

    def test_expired(self, link, mara, opens_nothing, at, state):
        path = link(mara)
        at(WEDNESDAY_AT_TWO)
        opens_nothing(path)
        assert state() == "requested"

    @pytest.mark.parametrize("verb", ["withdraw", "decline", "accept"])
    def test_used_or_settled_meanwhile(
        self, asked, link, mara, sol, opens_nothing, inside, now, verb
    ):
        path = link(mara)
        by = sol if verb == "withdraw" else mara
        with inside(by):
            getattr(meetings, verb)(mine(asked, by), by=by, now=now)
        opens_nothing(path)

    def test_accepted_and_called_off_since(
        self, asked, link, mara, anyone, opens_nothing, inside, now, state
    ):
        path = link(mara)
        anyone.post(path)
        with inside(mara):
            meetings.cancel(mine(asked, mara), by=mara, now=now)
        opens_nothing(path)
        assert state() == "cancelled"

    def test_moved_since(self, asked, link, mara, sol, anyone, opens_nothing, inside, now, state):
        old = link(mara)
        with inside(mara):
            meeting = mine(asked, mara)
            for number, who in enumerate((mara, sol), 1):
                at = WEDNESDAY_AT_TWO + number * HALF_AN_HOUR
                meetings.propose_other_time(meeting, starts_at=at, by=who, now=now)
        opens_nothing(old)
        assert state() == "requested"
        assert anyone.post(link(mara)).status_code == 200
        assert state() == "accepted"

    def test_of_the_one_who_asked(self, link, sol, anyone, state):
        answer = anyone.post(link(sol))
        assert answer.status_code == 409
        assert "The answer is the other person&#39;s to give." in answer.text
        assert "Quist" not in answer.text
        assert state() == "requested"


class TestOtherTimes:
    """The link in a mail that proposes to move a meeting."""

    THURSDAY = WEDNESDAY_AT_TWO + timedelta(days=1)

    @pytest.fixture
    def moved(self, asked, mara, sol, now, inside):
        with inside(mara):
            meetings.accept(mine(asked, mara), by=mara, now=now)
        with inside(sol):
            later = WEDNESDAY_AT_TWO + HALF_AN_HOUR
            starts = [self.THURSDAY, later]
            reschedules.propose(mine(asked, sol), starts=starts, by=sol, now=now)

        def moved():
            with inside(mara):
                found = mine(asked, mara)
                return found.starts_at, reschedules.is_open(found)

        return moved

    @pytest.fixture
    def path(self, moved, mara, tray, work):
        work()
        shape = re.compile(r"https?://[^/\s]+(/t/\S+)")
        found = [shape.search(words(mail)) for mail in tray.to(mara.email)]
        return next(one[1] for one in found if one)

    def test_looking_moves_nothing_whoever_looks(self, path, moved, anyone):
        for _ in range(3):
            page = anyone.get(path)
            assert anyone.head(path).status_code == page.status_code == 200
        for said in ("Sol Adair asks to move Wed, Mar 4, 2:00 PM CST", "Move to Thu, Mar 5, 2:00"):
            assert said in page.text
        assert moved() == (WEDNESDAY_AT_TWO, True)
        assert page.headers["Referrer-Policy"] == "no-referrer"

    def test_a_press_moves_it_once(self, path, moved, anyone):
        said = {"starts_at": "2026-03-05T20:00Z"}
        answer = anyone.post(path, data=said)
        assert (answer.status_code, moved()) == (200, (self.THURSDAY, False))
        assert "You meet Thu, Mar 5, 2:00 PM CST" in answer.text
        unknown = anyone.get("/r/x").text
        for again in (anyone.post(path, data=said), anyone.get(path)):
            assert (again.status_code, again.text) == (410, unknown)

    def test_another_press_keeps_it_where_it_is(self, path, moved, anyone):
        assert "You meet Wed, Mar 4, 2:00 PM CST" in anyone.post(path, data={"keep": "1"}).text
        assert moved() == (WEDNESDAY_AT_TWO, False)

    def test_a_time_that_is_not_proposed_moves_nothing(self, path, moved, anyone):
        assert anyone.post(path, data={"starts_at": "2026-03-06T20:00Z"}).status_code == 409
        assert anyone.post(path, data={"starts_at": "soon"}).status_code == 422
        assert anyone.post(path).status_code == 422
        assert moved() == (WEDNESDAY_AT_TWO, True)

    def test_opens_nothing_past_its_time_or_for_the_one_who_proposes(
        self, path, moved, asked, anyone, sol, app, inside, at
    ):
        with inside(sol):
            proposed = db.session.scalars(select(Proposed)).one()
            secret = app.config["SECRET_KEY"]
            theirs = f"/t/{answers.times_token_for(proposed, sol, secret=secret)}"
        unknown = anyone.get("/r/x").text
        assert anyone.get(theirs).text == anyone.get("/t/x").text == unknown
        at(WEDNESDAY_AT_TWO)
        assert anyone.get(path).text == unknown
