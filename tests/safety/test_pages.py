"""The pages of safety: reported and looked into at a browser, blocks, and whom to call."""

import logging
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text

from mentorship.foundation.database import db
from mentorship.relationships import check_ins, conflicts
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.safety import resources
from mentorship.safety.models import Concern
from mentorship.scheduling.groups import queries as groups
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import GroupSeat
from mentorship.scheduling.waiting import waits
from mentorship.scheduling.waiting.models import Wait
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.house import test_routes
from tests.safety.conftest import SECRET

HOME = "/c/lakeside"
NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)


class TestReporting:
    def test_a_pairing_brings_the_other_one_along(self, adler, mara, sol, sign_in, inside, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        client = sign_in(sol)

        page = client.get(f"{HOME}/pairings/{pairing_id}").text
        link = f"/c/lakeside/concerns/new?pairing={pairing_id}"
        assert link in page
        form = client.get(link).text
        assert f'<option selected value="{mara.id}">' in form
        answer = client.post(link, data={"about": str(mara.id), "words": SECRET, "reach": "555"})

        with inside(sol):
            [concern] = db.session.scalars(select(Concern)).all()
        assert answer.location == f"/c/lakeside/concerns/{concern.id}"
        assert (concern.about_id, concern.pairing_id) == (mara.id, pairing_id)

    def test_a_meeting_and_a_person_bring_theirs(self, adler, mara, sol, sign_in, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=NEXT_WEEK)
        client = sign_in(sol)
        for page, link in (
            (f"/meetings/{meeting_id}", f"/concerns/new?meeting={meeting_id}"),
            (f"/mentors/{mara.id}", f"/concerns/new?who={mara.id}"),
        ):
            assert HOME + link in client.get(HOME + page).text
            assert f'<option selected value="{mara.id}">' in client.get(HOME + link).text

    @pytest.mark.parametrize("role", list(Role))
    def test_anybody_can_and_reads_numbers_before_the_form(self, lakeside, role, sign_in, now):
        somebody = make.member(lakeside, role, name="Some Body")
        page = sign_in(somebody).get(f"{HOME}/concerns/new").text

        assert page.index("tel:988") < page.index("<textarea")
        assert f"{HOME}/concerns/new" in sign_in(somebody).get(f"{HOME}/").text

    @pytest.mark.parametrize(
        "query", ["?pairing=x", "?meeting=1", "?who=%00", "?pairing=" + "9" * 99]
    )
    def test_an_address_that_is_wrong_takes_the_form_away_from_nobody(
        self, sol, sign_in, now, query
    ):
        assert sign_in(sol).get(f"{HOME}/concerns/new{query}").status_code == 200

    def test_of_others_nothing_is_brought_along(self, lakeside, mara, sol, sign_in, now, odd):
        other = make.student(lakeside, "Rio Vega")
        pairing_id = make.pairing(mara, other)
        page = sign_in(sol).get(f"{HOME}/concerns/new?pairing={pairing_id}").text

        assert '<option selected value="">' in page
        assert "Rio" not in page
        assert "Odd" not in sign_in(sol).get(f"{HOME}/concerns/new?who={odd.id}").text

    @pytest.mark.parametrize(
        "more",
        [
            {"words": ""},
            {"words": "x" * 100_000},
            {"reach": "y" * 500},
            {"block": "y"},
            {"about": "7" * 36},
        ],
    )
    def test_what_does_not_work_comes_back_as_typed(self, adler, sol, sign_in, inside, now, more):
        facts = {"words": "typed before", "reach": "at noon"} | more
        answer = sign_in(sol).post(f"{HOME}/concerns/new", data=facts)

        assert answer.status_code == 422
        assert "error" in answer.text
        if "reach" not in more:
            assert "at noon" in answer.text
        with inside(sol):
            assert db.session.scalars(select(Concern)).all() == []

    def test_a_script_is_words(self, adler, sol, sign_in, now):
        client = sign_in(sol)
        sent = client.post(f"{HOME}/concerns/new", data={"words": "<script>alert(1)</script>"})

        assert "&lt;script&gt;alert" in client.get(sent.location).text

    def test_without_an_advisor_it_says_so_and_names_whom_to_call(self, sol, mara, sign_in, now):
        client = sign_in(sol)
        assert "no faculty advisor" in client.get(f"{HOME}/concerns/new").text
        sent = client.post(f"{HOME}/concerns/new", data={"words": "x"})
        page = client.get(sent.location).text

        assert "Nobody in this chapter can look into this" in page
        assert "tel:988" in page


class TestLookingInto:
    def test_from_the_mail_to_the_end(self, adler, mara, sol, sign_in, work, tray, now):
        student, advisor = sign_in(sol), sign_in(adler)
        sent = student.post(
            f"{HOME}/concerns/new?who={mara.id}",
            data={"words": SECRET, "about": str(mara.id), "reach": "555"},
        )
        here = sent.location
        work()
        assert here in words(tray.to(adler.email)[0])

        closed = advisor.get(here).text
        assert SECRET not in closed
        assert "Not yet" in student.get(here).text
        advisor.post(f"{here}/look")
        assert SECRET in advisor.get(here).text
        assert "Mon, Mar 2, 12:00" in student.get(here).text
        advisor.post(f"{here}/take")
        advisor.post(f"{here}/notes", data={"words": "triagenote"})
        advisor.post(f"{here}/apart")
        assert "You keep Sol Adair and Dr. Mara Quist apart" in advisor.get(here).text
        page = student.get(here).text
        assert "In hand" in page
        for hidden in ("triagenote", "kept apart", "Keep"):
            assert hidden not in page
        advisor.post(f"{here}/together")
        assert advisor.post(f"{here}/close", data={}).status_code == 422
        advisor.post(f"{here}/close", data={"outcome": "talked"})
        assert "Talked over with those concerned" in student.get(here).text
        assert "triagenote" in advisor.get(here).text

    @pytest.mark.parametrize("role", [*Role, "accused advisor"])
    def test_nobody_else_finds_it_on_any_page(
        self, app, lakeside, adler, berg, mara, sol, sign_in, reported, now, role
    ):
        somebody = adler if role == "accused advisor" else make.member(lakeside, role, name="A B")
        about = adler if role in ("accused advisor", Role.ADVISOR) else mara
        concern_id = reported(sol, about)
        if role is Role.ADVISOR:
            return self._an_advisor_reads_it_once_looked_at(concern_id, somebody, sign_in)
        client = sign_in(somebody)
        names = {name for rule in test_routes.rules(app) for name in rule.arguments}
        ids = dict.fromkeys(names - test_routes.WORDS.keys(), UUID(int=7))
        ids |= {"mentor_id": mara.id, "concern_id": concern_id}
        for _, _, path in test_routes.requests(app, lakeside.slug, ids, ("GET",)):
            page = client.get(path).text
            assert SECRET not in page, path
            assert "For you to look into" not in page, path
        for verb in ("look", "take", "reopen", "apart", "together", "pass-on", "notes", "close"):
            answer = sign_in(somebody).post(f"{HOME}/concerns/{concern_id}/{verb}")
            assert answer.status_code == 404

    def _an_advisor_reads_it_once_looked_at(self, concern_id, advisor, sign_in):
        client = sign_in(advisor)
        assert client.post(f"{HOME}/concerns/{concern_id}/look").status_code == 303
        assert SECRET in client.get(f"{HOME}/concerns/{concern_id}").text

    def test_no_log_job_or_deed_holds_a_word(self, adler, sol, sign_in, inside, work, caplog, now):
        caplog.set_level(logging.DEBUG)
        client = sign_in(sol)
        facts = {"words": f"{SECRET} I want to die", "reach": SECRET}
        here = client.post(f"{HOME}/concerns/new", data=facts).location
        with inside(sol):
            jobs = list(db.session.scalars(text("SELECT args::text FROM procrastinate_jobs")))
            facts = list(db.session.scalars(text("SELECT facts::text FROM audit_events")))
            digests = list(db.session.scalars(text("SELECT location FROM submissions")))
        work()
        sign_in(adler).post(f"{here}/look")

        for kept in (*jobs, *facts, *digests, caplog.text):
            assert SECRET not in kept
            assert "want to die" not in kept


class TestBlocking:
    def test_from_a_persons_page_and_lifted_by_whoever_set_it(
        self, mara, sol, sign_in, inside, now
    ):
        client = sign_in(sol)
        there = f"{HOME}/people/{mara.id}/block"
        assert there in client.get(f"{HOME}/mentors/{mara.id}").text
        client.post(there)
        with inside(sol):
            assert conflicts.blocked(mara.id, sol.id)
        assert "Dr. Mara Quist" in client.get(f"{HOME}/concerns").text
        assert "Sol" not in sign_in(mara).get(f"{HOME}/concerns").text

        sign_in(mara).post(f"{HOME}/people/{sol.id}/unblock")
        with inside(sol):
            assert conflicts.blocked(mara.id, sol.id)
        assert "Lift your block" in client.get(there).text
        client.post(f"{HOME}/people/{mara.id}/unblock")
        with inside(sol):
            assert not conflicts.blocked(mara.id, sol.id)

    def test_nobody_blocks_oneself(self, sol, sign_in, now):
        assert sign_in(sol).post(f"{HOME}/people/{sol.id}/block").status_code == 404

    def test_gives_back_seats_and_leaves_waiting_lists(self, lakeside, sol, sign_in, inside, now):
        full = make.mentor(lakeside, "Dr. Full", places=1)
        make.pairing(full, make.student(lakeside))
        session_id = make.group_session(full, starts_at=NEXT_WEEK)
        with inside(sol):
            sessions.join(groups.session(session_id, member=sol), by=sol, now=now)
            waits.join(mentor=full, kind=Kind.CAREER, by=sol, now=now, why="")
        sign_in(sol).post(f"{HOME}/people/{full.id}/block")

        with inside(sol):
            assert db.session.scalars(select(GroupSeat.state)).all() == ["left"]
            assert db.session.scalars(select(Wait.state)).all() == ["left"]

    def test_what_was_said_just_before_is_not_mailed(
        self, mara, sol, sign_in, inside, work, tray, now
    ):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        with inside(mara):
            pairing = my_pairing(pairing_id, member=mara)
            check_ins.log(pairing=pairing, by=mara, how=How.WELL, line="unwelcome", now=now)
        sign_in(sol).post(f"{HOME}/people/{mara.id}/block")
        work()

        assert all("unwelcome" not in str(mail) for mail in tray.mails)
        [told] = tray.to(mara.email)
        assert "has come to its end" in told["Subject"]
        assert "block" not in words(told).lower()


class TestWhomToCall:
    def test_the_schools_own_come_first_everywhere(self, adler, cora, sol, sign_in, now):
        answer = sign_in(cora).post(
            f"{HOME}/help/edit",
            data={
                "rows-0-name": "Dean on call",
                "rows-0-reach": "+1 (312) 555-0100",
                "rows-1-name": "Counseling",
                "rows-1-reach": "https://counseling.example.edu",
                "look_within": "2",
            },
        )
        assert answer.status_code == 303
        page = sign_in(sol).get(f"{HOME}/concerns/new").text
        assert 'href="tel:+13125550100"' in page
        assert "within 2 working days" in page
        assert "tel:988" not in page

    @pytest.mark.parametrize(
        ("name", "reach"), [("", "988"), ("x", ""), ("x" * 121, "1"), ("x", "y" * 100_000)]
    )
    def test_half_a_row_is_refused(self, cora, sign_in, now, name, reach):
        facts = {"rows-0-name": name, "rows-0-reach": reach, "look_within": "1"}

        assert sign_in(cora).post(f"{HOME}/help/edit", data=facts).status_code == 422

    @pytest.mark.parametrize("reach", ["javascript:alert(1)", "http://x.example", "//evil.example"])
    def test_only_numbers_and_safe_links_can_be_tapped(self, reach):
        assert resources.Resource("x", reach).href == ""

    @pytest.mark.parametrize(
        ("zone", "number"),
        [("America/Chicago", "988"), ("America/Toronto", "988"), ("Pacific/Honolulu", "988")],
    )
    def test_the_usual_numbers_are_those_of_the_country(self, zone, number):
        assert number in [one.reach for one in resources.usual(zone)]

    @pytest.mark.parametrize("zone", ["Europe/Oslo", "America/Mexico_City", "UTC", "x"])
    def test_elsewhere_none_is_made_up(self, zone):
        assert not any(one.reach.isdigit() for one in resources.usual(zone))

    @pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    def test_others_do_not_set_them(self, lakeside, role, sign_in, now):
        somebody = make.member(lakeside, role)

        assert sign_in(somebody).get(f"{HOME}/help/edit").status_code == 403


class TestWordsOfDanger:
    SAID = "What you wrote is saved. It sounds heavy."

    def test_show_the_writer_whom_to_call_once_and_nobody_else(
        self, adler, mara, sol, cora, sign_in, work, tray, now
    ):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS, state=PairingState.ACTIVE)
        client = sign_in(sol)
        facts = {"how": "stuck", "line": "I just want to die"}
        sent = client.post(f"{HOME}/pairings/{pairing_id}/check-in", data=facts)
        assert sent.status_code == 303

        page = client.get(sent.location).text
        assert self.SAID in page
        assert 'href="tel:988"' in page
        assert self.SAID not in client.get(sent.location).text
        work()
        for other in (mara, adler, cora):
            assert self.SAID not in sign_in(other).get(f"{HOME}/").text
        assert all(self.SAID not in str(mail) for mail in tray.mails)

    def test_are_kept_by_nothing_beyond_what_was_written(self, adler, sol, sign_in, inside, now):
        before = kept(inside, sol)
        sign_in(sol).post(f"{HOME}/concerns/new", data={"words": "I want to die"})
        after_danger = kept(inside, sol)
        sign_in(sol).post(f"{HOME}/concerns/new", data={"words": "I want to ski"})

        grew = {name: after_danger[name] - before[name] for name in before}
        again = {name: count - after_danger[name] for name, count in kept(inside, sol).items()}
        assert grew == again

    def test_say_nothing_when_nothing_was_saved(self, adler, sol, sign_in, now):
        client = sign_in(sol)
        facts = {"words": "I want to die", "block": "y"}
        assert client.post(f"{HOME}/concerns/new", data=facts).status_code == 422

        assert self.SAID not in client.get(f"{HOME}/").text

    def test_talk_of_work_shows_nothing(self, mara, sol, sign_in, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        client = sign_in(sol)
        facts = {"how": "well", "line": "Killing it on this rotation"}
        sent = client.post(f"{HOME}/pairings/{pairing_id}/check-in", data=facts)

        assert self.SAID not in client.get(sent.location).text


def kept(inside, member) -> dict[str, int]:
    """How many rows each table holds, and how many jobs there are."""
    from sqlalchemy import inspect

    names = [name for name in inspect(db.engine).get_table_names() if "alembic" not in name]
    with inside(member):
        return {name: db.session.scalar(text(f"SELECT count(*) FROM {name}")) for name in names}
