"""The pages of who runs a chapter: what they show, to whom, and what cannot be typed into them."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from mentorship.accounts.models import DeviceSession
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.tenancy import memberships, queries, terms
from mentorship.tenancy.models import Handover
from mentorship.tenancy.roles import Role
from mentorship.tenancy.running import queries as running
from tests import make


@pytest.fixture(autouse=True)
def _now(now):
    """Every page here is about days."""


@pytest.fixture
def ada(lakeside):
    return make.member(lakeside, Role.ADVISOR, name="Prof. Ada Ray")


def roles_of(member):
    with scope.chapter(member.chapter_id):
        return queries.member(member.id).roles


def shown(page):
    return " ".join(page.text.split())


class TestSettings:
    def test_leads_coordinators_to_everything(self, cora, sign_in):
        page = sign_in(cora).get("/c/lakeside/settings")
        for there in ("people", "hand-over", "support", "sign-in", "keeping"):
            assert f'href="/c/lakeside/settings/{there}"' in page.text

    def test_leads_advisors_to_what_is_theirs(self, ada, sign_in):
        page = sign_in(ada).get("/c/lakeside/settings")
        assert 'href="/c/lakeside/settings/trail"' in page.text
        assert 'href="/c/lakeside/settings/sign-in"' not in page.text

    @pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    def test_is_for_those_who_run_the_chapter(self, lakeside, sign_in, role):
        client = sign_in(make.member(lakeside, role))
        assert client.get("/c/lakeside/settings").status_code == 403
        assert client.get("/c/lakeside/settings/people").status_code == 403
        assert 'href="/c/lakeside/settings"' not in client.get("/c/lakeside/profile").text


class TestOffices:
    def test_says_who_holds_what_until_when(self, cora, sol, sign_in, inside, now):
        with inside(cora):
            term = terms.of_days(None, date(2026, 5, 31), zone="America/Chicago")
            memberships.appoint(sol, Role.OFFICER, term=term, by=cora, now=now)
        page = shown(sign_in(cora).get("/c/lakeside/settings/people"))

        assert "Chapter officer, until May 31, 2026" in page
        assert "Coordinator, without an end" in page

    def test_does_not_show_who_held_one(self, cora, sol, sign_in, inside, now, at):
        with inside(cora):
            term = terms.of_days(None, date(2026, 3, 3), zone="America/Chicago")
            memberships.appoint(sol, Role.OFFICER, term=term, by=cora, now=now)
        at(now + timedelta(days=2))
        assert sol.name not in sign_in(cora).get("/c/lakeside/settings/people").text

    def test_takes_as_many_statements_for_fifty(self, lakeside, cora, inside, now, statements):
        def count():
            with inside(cora), statements() as seen:
                running.offices(now=now)
            return len(seen)

        few = count()
        for _ in range(10):
            make.member(lakeside, Role.OFFICER)
        assert count() == few


class TestMember:
    def test_shows_roles_and_what_can_be_done(self, cora, sol, sign_in):
        page = sign_in(cora).get(f"/c/lakeside/people/{sol.id}")
        assert page.status_code == 200
        assert f"/c/lakeside/people/{sol.id}/role" in page.text
        assert f"/c/lakeside/people/{sol.id}/out" in page.text

    @pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    @pytest.mark.parametrize("path", ["", "/role", "/out"])
    def test_is_for_those_who_run_the_chapter(self, lakeside, sol, sign_in, role, path):
        client = sign_in(make.member(lakeside, role))
        assert client.get(f"/c/lakeside/people/{sol.id}{path}").status_code == 403

    def test_is_of_this_chapter(self, cora, odd, sign_in):
        for path in ("", "/role", "/out"):
            assert sign_in(cora).get(f"/c/lakeside/people/{odd.id}{path}").status_code == 404


class TestGiveRole:
    def send(self, client, who, **data):
        return client.post(f"/c/lakeside/people/{who.id}/role", data=data)

    def test_gives_it(self, cora, sol, sign_in):
        sent = self.send(sign_in(cora), sol, role="officer", ends_on="2026-05-31")

        assert (sent.status_code, sent.location) == (303, f"/c/lakeside/people/{sol.id}")
        assert roles_of(sol) == {Role.STUDENT, Role.OFFICER}

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({}, "Choose a role."),
            ({"role": "advisor-in-chief"}, "Not a valid choice"),
            ({"role": "officer", "ends_on": "tomorrow"}, "Write the day as the calendar shows it"),
            ({"role": "officer", "ends_on": "2026-03-01"}, "That day is over."),
            (
                {"role": "officer", "begins_on": "2026-05-02", "ends_on": "2026-05-01"},
                "The last day comes before the first.",
            ),
            ({"role": "mentor", "ends_on": "2026-05-01"}, "Only an office has a term."),
        ],
    )
    def test_what_cannot_be_comes_back_with_what_was_typed(self, cora, sol, sign_in, data, words):
        page = self.send(sign_in(cora), sol, **data)

        assert page.status_code == 422
        assert words in page.text
        assert data.get("ends_on", "") in page.text
        assert roles_of(sol) == {Role.STUDENT}

    def test_offers_a_coordinator_no_second_advisor(self, cora, ada, sol, sign_in):
        page = sign_in(cora).get(f"/c/lakeside/people/{sol.id}/role")
        assert 'value="advisor"' not in page.text
        assert self.send(sign_in(cora), sol, role="advisor").status_code == 422
        assert self.send(sign_in(ada), sol, role="advisor").status_code == 303

    def test_not_to_oneself(self, cora, sign_in):
        page = self.send(sign_in(cora), cora, role="mentor")
        assert page.status_code == 422
        assert "Nobody gives themselves a role" in page.text

    def test_shows_the_term_that_there_is(self, cora, sol, sign_in):
        self.send(sign_in(cora), sol, role="officer", ends_on="2026-05-31")
        page = sign_in(cora).get(f"/c/lakeside/people/{sol.id}/role?role=officer")
        assert 'value="2026-05-31"' in page.text

    def test_whoever_has_not_proven_lately_who_they_are_does_so_first(
        self, cora, sol, sign_in, now
    ):
        client = sign_in(cora)
        client.get("/c/lakeside/people")
        long_ago = now - timedelta(minutes=11)
        db.session.execute(update(DeviceSession).values(proven_at=long_ago))
        answer = client.get(f"/c/lakeside/people/{sol.id}/role")
        assert answer.status_code == 303
        assert answer.location.startswith("/account/confirm?next=")
        assert self.send(client, sol, role="officer").location.startswith("/account/confirm")
        assert roles_of(sol) == {Role.STUDENT}


class TestTakeRole:
    def test_takes_it_away(self, lakeside, cora, sign_in):
        both = make.student(lakeside, roles=[Role.OFFICER])
        client = sign_in(both)
        assert client.get("/c/lakeside/dashboard").status_code == 200
        sent = sign_in(cora).post(
            f"/c/lakeside/people/{both.id}/role/take-away", data={"role": "officer"}
        )
        assert sent.status_code == 303
        assert client.get("/c/lakeside/dashboard").status_code == 403

    @pytest.mark.parametrize(
        ("role", "words"),
        [("student", "Take them out of the chapter instead."), ("x", ""), ("", "")],
    )
    def test_says_why_it_cannot(self, cora, sol, sign_in, role, words):
        page = sign_in(cora).post(
            f"/c/lakeside/people/{sol.id}/role/take-away", data={"role": role}
        )
        assert page.status_code == 422
        assert words in page.text


class TestTakeOut:
    def test_says_first_what_will_happen_and_does_it_then(self, cora, mara, sol, sign_in):
        make.pairing(mara, sol)
        client = sign_in(cora)
        page = shown(client.get(f"/c/lakeside/people/{sol.id}/out"))
        assert "1 pairing ends." in page

        sent = client.post(f"/c/lakeside/people/{sol.id}/out", data={"sure": "y"})
        assert (sent.status_code, sent.location) == (303, "/c/lakeside/settings/people")
        there = client.get("/c/lakeside/settings/people").text
        assert "Left in the last 30 days" in there
        assert sol.name in there
        assert sol.name not in client.get("/c/lakeside/people").text

    def test_and_brings_back(self, cora, sol, sign_in):
        client = sign_in(cora)
        client.post(f"/c/lakeside/people/{sol.id}/out", data={"sure": "y"})
        assert "Bring back" in client.get(f"/c/lakeside/people/{sol.id}").text
        assert client.get(f"/c/lakeside/people/{sol.id}/out").status_code == 404
        assert client.get(f"/c/lakeside/people/{sol.id}/role").status_code == 404
        assert client.post(f"/c/lakeside/people/{sol.id}/bring-back").status_code == 303
        assert sign_in(sol).get("/c/lakeside/").status_code == 200

    def test_the_last_coordinator_cannot_leave(self, cora, sign_in):
        page = sign_in(cora).post("/c/lakeside/leave", data={"sure": "y"})
        assert page.status_code == 422
        assert "Name another one first." in page.text


class TestLeave:
    def test_anybody_leaves_by_themselves(self, sol, sign_in):
        client = sign_in(sol)
        assert 'href="/c/lakeside/leave"' in client.get("/c/lakeside/profile").text
        assert "Nothing is under way that would end." in client.get("/c/lakeside/leave").text
        sent = client.post("/c/lakeside/leave", data={"sure": "y"})
        assert (sent.status_code, sent.location) == (303, "/")
        assert client.get("/c/lakeside/").status_code == 404

    def test_nobody_leaves_by_a_form_that_comes_empty(self, cora, sol, sign_in):
        for client, path in ((sign_in(sol), "leave"), (sign_in(cora), f"people/{sol.id}/out")):
            page = client.post(f"/c/lakeside/{path}")
            assert page.status_code == 422
            assert "Use the button below to go ahead." in page.text
        assert sign_in(sol).get("/c/lakeside/").status_code == 200


class TestHandOver:
    def test_passes_it_on_with_what_to_know(self, cora, sol, mara, sign_in):
        client = sign_in(cora)
        sent = client.post(
            "/c/lakeside/settings/hand-over",
            data={
                "role": "coordinator",
                "to": str(sol.id),
                "starts_on": "2026-06-01",
                "words": "Ask **Dean** Wu <script>.",
            },
        )
        assert sent.status_code == 303
        page = sign_in(sol).get(sent.location)
        assert page.status_code == 200
        assert "Dean" in page.text
        assert "<script>." not in page.text
        assert sign_in(mara).get(sent.location).status_code == 404

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"to": ""}, "Choose who follows you."),
            ({"to": "00000000-0000-0000-0000-000000000000"}, "Not a valid choice"),
            ({"starts_on": ""}, "Say when they begin."),
            ({"starts_on": "2026-03-01"}, "That day is over."),
            ({"words": "x" * 4001}, "within 4000 characters"),
            ({"role": "advisor"}, "Not a valid choice"),
        ],
    )
    def test_what_cannot_be_comes_back(self, cora, sol, sign_in, inside, data, words):
        usual = {"role": "coordinator", "to": str(sol.id), "starts_on": "2026-06-01", "words": "W"}
        page = sign_in(cora).post("/c/lakeside/settings/hand-over", data=usual | data)

        assert page.status_code == 422
        assert words in page.text
        with inside(cora):
            assert db.session.scalars(select(Handover)).first() is None

    @pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    def test_is_for_those_who_run_the_chapter(self, lakeside, sign_in, role):
        client = sign_in(make.member(lakeside, role))
        assert client.get("/c/lakeside/settings/hand-over").status_code == 403


class TestRoster:
    """A roster gives no office that whoever brings it in may not give."""

    def bring_in(self, client, *lines):
        content = "\n".join(["name,email,role", *lines]).encode()
        sent = client.post(
            "/c/lakeside/people/import", data={"file": (io.BytesIO(content), "r.csv")}
        )
        return client.post(sent.location)

    def test_names_no_second_advisor(self, cora, ada, sign_in):
        page = self.bring_in(sign_in(cora), "Eve,eve@example.org,advisor")
        assert page.status_code == 422
        assert "Only a faculty advisor decides" in page.text

    def test_names_the_first_one(self, cora, sign_in):
        page = self.bring_in(sign_in(cora), "Eve,eve@example.org,advisor")
        assert page.status_code == 303

    def test_gives_no_office_to_whoever_brings_it_in(self, cora, sign_in):
        page = self.bring_in(sign_in(cora), f"Cora,{cora.email},advisor")
        assert page.status_code == 422
        assert "Nobody gives themselves a role" in page.text
        assert roles_of(cora) == {Role.COORDINATOR}

    def test_prolongs_no_term(self, cora, sol, sign_in, inside, now, at):
        with inside(cora):
            term = terms.of_days(None, date(2026, 3, 3), zone="America/Chicago")
            memberships.appoint(sol, Role.OFFICER, term=term, by=cora, now=now)
        at(now + timedelta(days=3))
        self.bring_in(sign_in(cora), f"{sol.name},{sol.email},student; officer")
        assert roles_of(sol) == {Role.STUDENT}

    def test_does_not_lose_a_role_that_is_still_to_come(self, cora, sol, sign_in, inside, now, at):
        with inside(cora):
            term = terms.of_days(date(2026, 4, 1), None, zone="America/Chicago")
            memberships.appoint(sol, Role.OFFICER, term=term, by=cora, now=now)
        self.bring_in(sign_in(cora), f"Sol A.,{sol.email},student")
        at(now + timedelta(days=60))
        assert roles_of(sol) == {Role.STUDENT, Role.OFFICER}


#: Everything here that changes something about somebody, or lets somebody in.
ACTS = (
    *("people/{member}/role", "people/{member}/role/take-away", "people/{member}/out"),
    *("people/{member}/bring-back", "people/{member}/invite", "settings/hand-over"),
    *("settings/support", "settings/support/{visit}", "settings/support/{visit}/end"),
)


class TestActs:
    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    def test_are_not_for_who_does_not_run_the_chapter(self, lakeside, sol, sign_in, act, role):
        path = act.format(member=sol.id, visit=make.support_visit(lakeside))
        client = sign_in(make.member(lakeside, role))
        assert client.post(f"/c/lakeside/{path}", data={"role": "officer"}).status_code == 403

    @pytest.mark.parametrize("act", [act for act in ACTS if "{" in act])
    def test_know_nobody_of_another_chapter(self, lakeside, cora, odd, sign_in, act):
        path = act.format(member=odd.id, visit=make.support_visit(make.chapter()))
        sent = {"role": "officer", "sure": "y", "reach": "reads", "hours": "4"}
        assert sign_in(cora).post(f"/c/lakeside/{path}", data=sent).status_code == 404
