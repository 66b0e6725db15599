"""What a run seeks, what its draft comes to, what could be otherwise, and who did what."""

import re

import pytest
from sqlalchemy import select, update

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.matching import queries, runs, trials
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.settings import Policy
from mentorship.matching.models import Draft, MatchingRun, RunState
from mentorship.matching.preferences import Preferences
from mentorship.profiles import affinities
from mentorship.tenancy.roles import Role
from mentorship.vocabulary import backgrounds
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make
from tests.matching.conftest import CYCLE

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
RUNS = "/c/lakeside/runs"


@pytest.fixture
def client(sign_in, cora, now):
    return sign_in(cora)


@pytest.fixture
def few_places(lakeside):
    """Two students who want a career mentor, and one mentor with one place."""
    students = [make.student(lakeside, f"Student {n}", wants={CAREER: ()}) for n in (1, 2)]
    return make.mentor(lakeside, "Dr. Only", offers={CAREER: ()}, places=1), students


def words(answer) -> str:
    """What a page says, on one line, without its markup."""
    plain = re.sub(r"<[^>]+>", " ", answer.text)
    return re.sub(r"\s+", " ", plain.replace("&#39;", "'"))


class TestSettings:
    def test_of_a_run_are_those_of_the_form(self, client, inside, mara, sol, cora):
        sent = client.post(
            f"{RUNS}/new",
            data={
                "cycle": CYCLE,
                "kinds": ["career"],
                "policy": "stable",
                "most_from_one_institution": "2",
                "keep": "5",
            },
        )

        assert sent.status_code == 303
        with inside(cora):
            run = queries.run_under_way()
            assert run.preferences == Preferences(
                policy=Policy.STABLE, most_from_one_institution=2, keep=5
            )

    def test_begin_with_those_of_the_last_run(self, client, inside, mara, sol, cora, now):
        with inside(cora):
            seeks = Preferences(policy=Policy.STABLE, keep=7, rematch=True)
            run = runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now, preferences=seeks)
            runs.discard(run, by=cora, now=now)

        page = client.get(f"{RUNS}/new").text

        assert re.search(r'value="stable" checked', page)
        assert re.search(r'name="keep"[^>]*value="7"', page)
        with inside(cora):
            assert not queries.last_preferences().rematch

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"career_interests": "50"}, "What counts for career mentoring adds up to"),
            ({"career_interests": "many"}, "Write a whole percent from 0 to 100."),
            ({"career_interests": "-1"}, "Write a whole percent from 0 to 100."),
            ({"keep": "21"}, "Write a whole number from 0 to 20."),
            ({"keep": ""}, "Write a whole number from 0 to 20."),
            ({"policy": "worst"}, "Choose what to seek from the list."),
            ({"most_from_one_institution": "9"}, "Choose a number from the list."),
        ],
    )
    def test_that_are_wrong_come_back_with_what_was_typed(self, client, mara, sol, wrong, said):
        data = {"cycle": CYCLE, "kinds": ["career"], "career_stage": "31"} | wrong

        page = client.post(f"{RUNS}/new", data=data)

        assert page.status_code == 422
        assert said in words(page)
        assert re.search(r'name="career_stage"[^>]*value="31"', page.text)

    def test_changed_in_review_work_out_another_draft(self, client, inside, draft, mara, sol, cora):
        run_id = draft(cora)

        sent = client.post(f"{RUNS}/{run_id}/settings", data={"policy": "stable"})

        assert (sent.status_code, sent.location) == (303, f"{RUNS}/{run_id}")
        with inside(cora):
            run = queries.run(run_id)
            assert (run.draft, run.preferences.policy) == (2, Policy.STABLE)

    def test_can_be_opened_without_something(self, client, draft, mara, sol, cora):
        run_id = draft(cora)

        page = client.get(f"{RUNS}/{run_id}/settings?without=stage")

        assert re.search(r'name="career_stage"[^>]*value="0"', page.text)

    def test_are_for_coordinators(self, sign_in, draft, mara, sol, cora, lakeside):
        run_id = draft(cora)
        advisor = sign_in(make.member(lakeside, Role.ADVISOR))

        assert advisor.get(f"{RUNS}/{run_id}/settings").status_code == 403
        assert advisor.post(f"{RUNS}/rematch").status_code == 403


class TestReport:
    def test_says_what_would_help(self, client, draft, few_places, cora):
        page = words(client.get(f"{RUNS}/{draft(cora, CAREER)}"))

        assert "1 more career mentor (1 place) would bring career coverage from 50% to 100%" in page
        assert "One more place with Dr. Only would bring 1 student a first mentor" in page
        assert "One more place with one of them would help" in page

    def test_says_how_little_is_enough_for_all_kinds_together(self, client, draft, lakeside, cora):
        both = {CAREER: (), WELLNESS: ()}
        for n in range(4):
            make.student(lakeside, f"Student {n}", wants=both)
        make.mentor(lakeside, "Dr. Both", offers=both, places=2)
        make.mentor(lakeside, "Dr. Career", offers={CAREER: ()}, places=1)
        make.mentor(lakeside, "Dr. Wellness", offers={WELLNESS: ()}, places=1)

        page = words(client.get(f"{RUNS}/{draft(cora, CAREER, WELLNESS)}"))

        # Who is found for one kind leaves Dr. Both to the other.
        assert "1 more career mentor (3 places) would bring career coverage" in page
        assert "1 more wellness mentor (3 places) would bring wellness coverage" in page
        assert (
            "1 more career mentor (3 places) and 1 more wellness mentor (1 place) together would"
            " be enough for every request."
        ) in page

    def test_is_proven(self, client, draft, few_places, cora):
        assert "Proven best under your rules" in words(client.get(f"{RUNS}/{draft(cora, CAREER)}"))

    def test_hides_groups_of_fewer_than_five(self, client, draft, lakeside, cora):
        make.mentor(lakeside, offers={CAREER: ()}, places=9)
        for stage, many in ((Stage.M1, 6), (Stage.M3, 7), (Stage.M4, 3)):
            for _ in range(many):
                make.student(lakeside, wants={CAREER: ()}, stage=stage)

        page = client.get(f"{RUNS}/{draft(cora, CAREER)}")

        fair = words(page).split("Who fares how")[-1]
        assert "Everyone 16" in fair
        assert "M4 3" not in fair

    def test_holds_each_group_against_what_it_alone_could_have(self, client, draft, lakeside, cora):
        make.mentor(lakeside, offers={CAREER: ()}, places=7)
        for stage in (Stage.M1, Stage.M4):
            for _ in range(6):
                make.student(lakeside, wants={CAREER: ()}, stage=stage)

        page = words(client.get(f"{RUNS}/{draft(cora, CAREER)}"))

        fair = page.split("Who fares how")[-1]
        assert "M1 6 1 1 of 6 6 at best" in fair
        assert "M4 6 6 6 of 6" in fair

    def test_counts_groups_that_people_chose_to_have_counted_if_there_are_five(
        self, inside, draft, lakeside, cora, now
    ):
        make.mentor(lakeside, offers={CAREER: ()}, places=12)
        first, second = list(backgrounds.affinities())[:2]
        for number in range(12):
            student = make.student(lakeside, wants={CAREER: ()})
            groups = [first] if number < 6 else [second] if number < 9 else []
            if groups:
                with inside(student):
                    affinities.save(groups, agreed=True, by=student, now=now)
                    db.session.commit()
        run_id = draft(cora, CAREER)

        with inside(cora):
            questions = queries.run(run_id).report["fairness"]["questions"]
            (groups,) = [one for one in questions if one["name"] == "group"]
            assert [name for name, _ in groups["groups"]] == [backgrounds.affinities()[first]]
            assert groups["hidden"] == 1

    def test_of_the_stable_policy_knows_of_nobody_who_would_rather(
        self, client, inside, start, worked, lakeside, few_places, cora, now
    ):
        with inside(cora):
            seeks = Preferences(policy=Policy.STABLE)
            run_id = runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now, preferences=seeks).id
        worked(run_id, cora)

        with inside(cora):
            assert queries.run(run_id).report["blocking"]["count"] == 0
        page = words(client.get(f"{RUNS}/{run_id}"))
        assert "No student and mentor would both rather have each other" in page

    def test_is_forgotten_with_the_run(self, inside, draft, few_places, cora, now):
        run_id = draft(cora, CAREER)
        with inside(cora):
            runs.discard(queries.run_record(run_id), by=cora, now=now)

            assert queries.run(run_id).report == {}
            assert db.session.scalars(select(Draft)).all() == []


class TestRunAgain:
    def test_keeps_every_pair_that_nothing_speaks_against(
        self, client, inside, draft, worked, lakeside, cora
    ):
        for number in range(4):
            make.student(lakeside, f"Student {number}", wants={CAREER: ()})
            make.mentor(lakeside, f"Dr. {number}", offers={CAREER: ()}, places=1)
        run_id = draft(cora, CAREER)

        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)

        page = words(client.get(f"{RUNS}/{run_id}"))
        assert "The same pairs as in the draft before" in page

    def test_lists_what_changed(self, client, inside, draft, worked, few_places, cora):
        mentor, students = few_places
        run_id = draft(cora, CAREER)
        with inside(cora):
            [[mentee, _, kind, _]] = db.session.scalar(select(Draft.pairs))
        client.post(
            f"{RUNS}/{run_id}/marks",
            data={"mentee": mentee, "mentor": mentor.id, "kind": kind, "mark": "exclude"},
        )

        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)

        was, other = sorted(students, key=lambda one: str(one.id) != mentee)
        page = words(client.get(f"{RUNS}/{run_id}"))
        assert "Changed since the draft before: 1 new, 1 gone" in page
        assert f"{other.name} gets Dr. Only, career" in page
        assert f"{was.name} no longer gets Dr. Only, career" in page


class TestCompare:
    def test_holds_two_drafts_against_each_other(
        self, client, inside, draft, worked, few_places, cora
    ):
        mentor, students = few_places
        run_id = draft(cora, CAREER)
        for student in students:
            about = {"mentee": student.id, "mentor": mentor.id, "kind": "career"}
            client.post(f"{RUNS}/{run_id}/marks", data=about | {"mark": "exclude"})
        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)

        page = words(client.get(f"{RUNS}/{run_id}/compare"))

        assert "Students with nobody 2 1" in page
        assert "Requests filled 0 of 2, 0% 1 of 2, 50%" in page
        assert "Pairs that differ: 0 against 1" in page

    @pytest.mark.parametrize("asked", ["one=7", "other=nothing", "one=-1", "one=%00"])
    def test_knows_no_other_choice(self, client, draft, few_places, cora, asked):
        assert client.get(f"{RUNS}/{draft(cora, CAREER)}/compare?{asked}").status_code == 404

    def test_of_a_run_at_work_leads_back_to_it(self, client, start, few_places, cora):
        run_id = start(cora, CAREER)
        assert client.get(f"{RUNS}/{run_id}/compare").location == f"{RUNS}/{run_id}"
        assert client.get(f"{RUNS}/{run_id}/what-if").location == f"{RUNS}/{run_id}"


class TestWhatIf:
    def ask(self, client, run_id, **asked):
        return client.get(f"{RUNS}/{run_id}/what-if", query_string=asked)

    def test_a_mentor_took_one_more(self, client, inside, draft, few_places, cora):
        mentor, _ = few_places
        run_id = draft(cora, CAREER)

        page = words(self.ask(client, run_id, what="places", mentor=mentor.id, places=2))

        assert "If Dr. Only took 2 people in all" in page
        assert "1 more student has a mentor" in page
        assert "1 of 2, 50% 2 of 2, 100%" in page
        assert "gets Dr. Only, career" in page
        assert "ask Dr. Only" in page
        with inside(cora):
            places = select(User.places).where(User.id == mentor.user_id)
            assert db.session.scalar(places) == 1

    def test_what_is_claimed_comes_true(self, client, inside, draft, worked, few_places, cora):
        mentor, _ = few_places
        run_id = draft(cora, CAREER)
        with inside(cora):
            db.session.execute(
                update(User).where(User.id == mentor.user_id).values(places=2),
                execution_options={"synchronize_session": False},
            )
            db.session.commit()
        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)

        with inside(cora):
            assert queries.run(run_id).facts["coverage"] == [["career", 2, 2]]

    def test_somebody_new_came(self, client, draft, few_places, cora):
        page = words(
            self.ask(client, draft(cora, CAREER), what="newcomers", count=1, kind="career")
        )

        assert "With 1 more career mentor" in page
        assert "gets new mentor 1, career" in page

    def test_something_did_not_count(self, client, draft, few_places, cora):
        run_id = draft(cora, CAREER)

        page = self.ask(client, run_id, what="without", factor="stage")

        assert "If stage of training did not count" in words(page)
        assert f'href="{RUNS}/{run_id}/settings?without=stage"' in page.text

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"what": "places"}, "Choose a mentor."),
            ({"what": "places", "places": "x"}, "Write a whole number from 0 to 50."),
            ({"what": "places", "mentor": "x", "places": "3"}, "Not a valid choice"),
            ({"what": "newcomers", "count": "21", "kind": "career"}, "from 1 to 20"),
            ({"what": "newcomers", "count": "1", "kind": "x"}, "Choose a kind from the list."),
            ({"what": "without", "factor": "x"}, "Not a valid choice"),
        ],
    )
    def test_is_told_in_words_what_is_wrong(self, client, draft, few_places, cora, asked, said):
        page = self.ask(client, draft(cora, CAREER), **asked)

        assert page.status_code == 200
        assert said in words(page)

    def test_of_a_very_large_run_is_not_worked_out(
        self, client, draft, few_places, cora, monkeypatch
    ):
        run_id = draft(cora, CAREER)
        monkeypatch.setattr(trials, "MOST", 1)

        page = self.ask(client, run_id, what="without", factor=Factor.STAGE.value)

        assert "too large to be tried while you wait" in words(page)
        assert 'name="factor" value="stage"' in page.text

    def test_may_be_asked_by_who_sees_runs(self, sign_in, draft, few_places, cora, lakeside):
        run_id = draft(cora, CAREER)
        advisor = sign_in(make.member(lakeside, Role.ADVISOR))

        page = self.ask(advisor, run_id, what="without", factor="stage")

        assert page.status_code == 200
        assert "settings?without" not in page.text


class TestHistory:
    def test_says_who_did_what(self, client, inside, draft, worked, publish, few_places, cora):
        mentor, _ = few_places
        run_id = draft(cora, CAREER)
        with inside(cora):
            [[mentee, _, kind, _]] = db.session.scalar(select(Draft.pairs))
        about = {"mentee": mentee, "mentor": mentor.id, "kind": kind}
        for mark in ("pin", "none"):
            client.post(f"{RUNS}/{run_id}/marks", data=about | {"mark": mark})
        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)
        publish(run_id, cora, draft=2)

        page = words(client.get(f"{RUNS}/{run_id}/history"))

        for said in (
            "Started the run Cora Winslow",
            "Draft 1 was ready: 1 pair, 1 left over Curbside",
            "Pinned Student",
            "Took back what was said of Student",
            "Ran it again: draft 2 Cora Winslow",
            "Published draft 2: 1 pair, 1 left over Cora Winslow",
            "Draft 2 Published",
            "Proven: nothing better exists under these rules.",
        ):
            assert said in page

    def test_of_a_discarded_run_stays(self, client, inside, draft, few_places, cora, now):
        run_id = draft(cora, CAREER)
        with inside(cora):
            runs.discard(queries.run_record(run_id), by=cora, now=now)

        page = words(client.get(f"{RUNS}/{run_id}/history"))

        assert "Discarded the run Cora Winslow" in page


class TestRematch:
    def test_keeps_every_pairing_and_proposes_what_is_missing(
        self, client, inside, draft, publish, worked, lakeside, few_places, cora
    ):
        publish(draft(cora, CAREER), cora)
        make.mentor(lakeside, "Dr. New", offers={CAREER: ()}, places=3)

        sent = client.post(f"{RUNS}/rematch")

        assert sent.status_code == 303
        with inside(cora):
            run = queries.run_under_way()
        assert sent.location == f"{RUNS}/{run.id}"
        worked(run.id, cora)
        page = words(client.get(sent.location))
        assert "every pairing there is stays" in page
        assert "1 pair" in page
        with inside(cora):
            assert queries.run(run.id).facts["coverage"][0] == ["career", 1, 1]

    def test_waits_for_the_run_under_way(self, client, draft, few_places, cora):
        draft(cora, CAREER)

        page = client.post(f"{RUNS}/rematch")

        assert page.status_code == 422
        assert "Finish or discard run 1 first." in words(page)

    def test_of_a_chapter_with_nobody_says_what_is_missing(self, client, inside, cora):
        page = client.post(f"{RUNS}/rematch")

        assert page.status_code == 422
        assert "No student has asked for any of these kinds yet" in words(page)
        with inside(cora):
            assert db.session.scalar(select(MatchingRun.state)) != RunState.QUEUED
