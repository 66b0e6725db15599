"""Help from the network: by consent, for a while, in the trail, and never where people wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.accounts import users
from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.jobs import tasks
from mentorship.tenancy import memberships, queries, support
from mentorship.tenancy.models import Membership, SupportDeed, SupportVisit
from mentorship.tenancy.roles import SUPPORT, Permission, Reach, Role
from tests import make

EMAIL = "nell@network.example.org"


@pytest.fixture
def nell(undone):
    """A network admin: the id of their account."""
    return make.network_admin(EMAIL)


@pytest.fixture
def let_in(lakeside, nell, cora, inside, now, sign_in):
    """Let Nell in, and give her browser back."""

    def let_in(reach=Reach.READS, lasts=support.USUAL):
        with inside(cora):
            support.let_in(email=EMAIL, why="A run.", reach=reach, lasts=lasts, by=cora, now=now)
            who = db.session.scalars(select(Membership).where(Membership.user_id == nell)).one()
            member = queries.member(who.id)
        return sign_in(member)

    return let_in


def visit():
    return db.session.scalars(select(SupportVisit)).one()


class TestNothingIsOpen:
    def test_by_being_a_network_admin(self, lakeside, nell, sign_in):
        client = sign_in(make.student(make.chapter(), email=EMAIL))

        assert client.get("/c/lakeside/").status_code == 404
        assert client.get("/c/lakeside/people").status_code == 404

    def test_by_asking(self, lakeside, nell, cora, inside, now, sign_in):
        client = sign_in(make.student(make.chapter(), email=EMAIL))
        sent = client.post(
            "/support", data={"chapter": "lakeside", "why": "A run is stuck.", "reach": "reads"}
        )
        assert (sent.status_code, sent.location) == (303, "/support")
        with inside(cora):
            assert support.visits(now=now)[0].waits
        assert client.get("/c/lakeside/people").status_code == 404

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"chapter": "nowhere", "why": "x"}, "There is no chapter at that address."),
            ({"chapter": "", "why": "x"}, "Write the chapter’s address."),
            ({"chapter": "lakeside", "why": ""}, "Say why"),
            ({"chapter": "lakeside", "why": "x" * 501}, "Say why"),
            ({"chapter": "lakeside", "why": "x", "reach": "all"}, "Not a valid choice"),
        ],
    )
    def test_what_cannot_be_asked_comes_back(self, lakeside, nell, sign_in, data, words):
        client = sign_in(make.student(make.chapter(), email=EMAIL))
        page = client.post("/support", data={"reach": "reads"} | data)

        assert page.status_code == 422
        assert words in page.text

    def test_the_page_does_not_exist_for_anybody_else(self, sol, cora, sign_in, app):
        assert sign_in(sol).get("/support").status_code == 404
        assert sign_in(cora).post("/support").status_code == 404
        assert app.test_client().get("/support").status_code == 302


class TestLetIn:
    @pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    def test_is_for_those_who_run_the_chapter(self, lakeside, nell, inside, now, role):
        who = make.member(lakeside, role)
        facts = {"email": EMAIL, "why": "x", "reach": Reach.READS, "lasts": support.USUAL}
        with inside(who), pytest.raises(NotYours):
            support.let_in(**facts, by=who, now=now)

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"email": "sol@example.org"}, support.NobodyOfTheNetwork),
            ({"why": " "}, support.NoReason),
            ({"why": "x" * 501}, support.NoReason),
            ({"lasts": timedelta(days=8)}, support.NotThatLong),
            ({"lasts": timedelta(0)}, support.NotThatLong),
            ({"lasts": timedelta(days=-1)}, support.NotThatLong),
        ],
    )
    def test_refuses_what_cannot_be(self, nell, cora, inside, now, changed, refusal):
        facts = {"email": EMAIL, "why": "x", "reach": Reach.READS, "lasts": support.USUAL}
        with inside(cora), pytest.raises(refusal):
            support.let_in(**facts | changed, by=cora, now=now)

    def test_refuses_who_belongs_here_already(self, lakeside, nell, cora, inside, now):
        make.student(lakeside, email=EMAIL)
        facts = {"email": EMAIL, "why": "x", "reach": Reach.READS, "lasts": support.USUAL}
        with inside(cora), pytest.raises(support.BelongsAlready):
            support.let_in(**facts, by=cora, now=now)

    def test_refuses_a_second_one_while_the_first_goes_on(self, let_in, cora, inside, now):
        let_in()
        facts = {"email": EMAIL, "why": "x", "reach": Reach.READS, "lasts": support.USUAL}
        with inside(cora), pytest.raises(support.AskedAlready):
            support.let_in(**facts, by=cora, now=now)

    def test_who_left_comes_back_as_nobody_but_a_visitor(
        self, lakeside, nell, cora, inside, now, sign_in
    ):
        was = make.coordinator(lakeside, email=EMAIL)
        with inside(cora):
            memberships.leave(was, by=cora, now=now)
            support.let_in(
                email=EMAIL, why="x", reach=Reach.READS, lasts=support.USUAL, by=cora, now=now
            )
            assert queries.member(was.id).roles == set()
        assert sign_in(was).get("/c/lakeside/people").status_code == 200
        assert sign_in(was).get("/c/lakeside/people/import").status_code == 403


class TestWhileItLasts:
    @pytest.mark.parametrize("page", ["people", "runs", "dashboard", "settings"])
    def test_they_see_how_the_chapter_stands_under_a_banner(self, let_in, page):
        answer = let_in().get(f"/c/lakeside/{page}")

        assert answer.status_code == 200
        assert "You help Lakeside EMIG by its consent." in answer.text

    def test_home_leads_them_on(self, let_in):
        assert let_in().get("/c/lakeside/", follow_redirects=True).status_code == 200

    @pytest.mark.parametrize("page", ["people/import", "runs/new", "settings/support", "profile"])
    def test_who_may_look_changes_nothing(self, let_in, page):
        client = let_in()
        assert client.get(f"/c/lakeside/{page}").status_code in (403, 404)
        assert client.post(f"/c/lakeside/{page}").status_code in (403, 404, 405)

    def test_who_may_look_posts_nothing_whatever_is_within_reach(self, let_in, monkeypatch):
        within = SUPPORT[Reach.READS] | {Permission.ROSTER_IMPORT}
        monkeypatch.setitem(SUPPORT, Reach.READS, within)
        client = let_in()

        assert client.get("/c/lakeside/people/import").status_code == 200
        assert client.post("/c/lakeside/people/import").status_code == 403

    def test_who_may_do_what_coordinators_do_brings_in_a_roster_but_names_nobody(self, let_in, sol):
        client = let_in(Reach.RUNS)
        assert client.get("/c/lakeside/people/import").status_code == 200
        for page in ("role", "out"):
            assert client.get(f"/c/lakeside/people/{sol.id}/{page}").status_code == 403
        for page in ("support", "hand-over"):
            assert client.get(f"/c/lakeside/settings/{page}").status_code == 403

    def test_each_page_is_in_the_trail_once(self, let_in, lakeside):
        client = let_in()
        for _ in range(2):
            client.get("/c/lakeside/people")
        client.get("/c/lakeside/dashboard")

        with scope.chapter(lakeside.id):
            looks = select(AuditEvent.facts).where(AuditEvent.deed == SupportDeed.LOOKED)
            pages = [facts["page"] for facts in db.session.scalars(looks.order_by(AuditEvent.id))]
        assert pages == ["/c/lakeside/people", "/c/lakeside/dashboard"]

    def test_it_is_over_when_its_time_is_without_any_job(self, let_in, at, now):
        client = let_in(lasts=timedelta(hours=4))
        at(now + timedelta(hours=4) - timedelta(seconds=1))
        assert client.get("/c/lakeside/people").status_code == 200
        at(now + timedelta(hours=4))
        assert client.get("/c/lakeside/people").status_code == 404

    def test_it_is_over_at_once_when_somebody_ends_it(self, let_in, cora, sign_in, inside, now):
        client = let_in()
        with inside(cora):
            visit_id = visit().id
        sent = sign_in(cora).post(f"/c/lakeside/settings/support/{visit_id}/end")

        assert sent.status_code == 303
        assert client.get("/c/lakeside/people").status_code == 404

    def test_it_is_over_when_they_are_no_network_admin_anymore(self, let_in, nell):
        client = let_in()
        users.make_network_admin(nell, is_one=False)
        db.session.commit()
        assert client.get("/c/lakeside/people").status_code == 404

    def test_everybody_who_runs_the_chapter_is_told_of_its_beginning_and_end(
        self, let_in, lakeside, cora, work, tray, at, now
    ):
        ada = make.member(lakeside, Role.ADVISOR)
        let_in()
        work()
        at(now + support.USUAL)
        tasks.tasks.tasks["end_support"](timestamp=0)
        work()

        for who in (cora, ada):
            assert [str(mail["Subject"]) for mail in tray.to(who.email)] == [
                "The network may help in Lakeside EMIG now",
                "Nobody of the network is in Lakeside EMIG anymore",
            ]
        with scope.chapter(lakeside.id):
            assert visit().ended_at == now + support.USUAL


def test_nothing_that_people_wrote_and_nobodys_role_is_within_reach():
    within = SUPPORT[Reach.READS] | SUPPORT[Reach.RUNS]

    assert SUPPORT[Reach.READS] < SUPPORT[Reach.RUNS]
    assert not within & {
        *(Permission.WORDS_READ, Permission.CONCERN_REPORT, Permission.PAIRING_SEE),
        *(Permission.MEETING_SEE, Permission.FILE_READ, Permission.FILE_KEEP),
        *(Permission.ROLE_GIVE, Permission.MEMBER_TAKE_OUT, Permission.SUPPORT_LET),
    }


class TestConsent:
    @pytest.fixture
    def asked(self, lakeside, nell, cora, inside, now):
        with inside(cora):
            return support.ask(nell, why="A run is stuck.", reach=Reach.RUNS, now=now).id

    def test_lets_in_for_less_than_was_asked(self, asked, cora, sign_in, inside, now):
        sent = sign_in(cora).post(
            f"/c/lakeside/settings/support/{asked}", data={"reach": "reads", "hours": "4"}
        )
        assert sent.status_code == 303
        with inside(cora):
            found = support.visit(asked)
            assert (found.reach, found.until) == (Reach.READS, now + timedelta(hours=4))

    def test_no_is_no(self, asked, cora, sign_in, inside, now):
        sign_in(cora).post(f"/c/lakeside/settings/support/{asked}/end")
        page = sign_in(cora).post(
            f"/c/lakeside/settings/support/{asked}", data={"reach": "reads", "hours": "4"}
        )
        assert page.status_code == 422
        assert "That is over." in page.text

    def test_is_not_for_another_chapter(self, asked, odd, sign_in):
        page = sign_in(odd).get(f"/c/elsewhere/settings/support/{asked}")
        assert page.status_code == 404
        sent = sign_in(odd).post(f"/c/elsewhere/settings/support/{asked}/end")
        assert sent.status_code == 404

    def test_is_not_for_who_is_no_network_admin_anymore(self, asked, nell, cora, inside, now):
        users.make_network_admin(nell, is_one=False)
        db.session.commit()
        with inside(cora), pytest.raises(support.NobodyOfTheNetwork):
            support.consent(asked, reach=Reach.READS, lasts=support.USUAL, by=cora, now=now)
