"""What is tried in a job: kept, compared, and nothing changed by it."""

import re

import pytest
from sqlalchemy import select, text

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.matching import attempts, drafts, queries, runs, trials
from mentorship.matching.engine.settings import Policy
from mentorship.matching.models import Attempt, AttemptState, Draft, RunDeed, RunState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.matching.conftest import CYCLE

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
RUNS = "/c/lakeside/runs"
STABLE = {"what": "policy", "policy": "stable"}


def words(answer) -> str:
    """What a page says, on one line, without its markup."""
    plain = re.sub(r"<[^>]+>", " ", answer.text)
    return re.sub(r"\s+", " ", plain.replace("&#39;", "'"))


@pytest.fixture
def client(sign_in, cora, now):
    return sign_in(cora)


@pytest.fixture
def few_places(lakeside):
    """Two students who want a career mentor, and one mentor with one place."""
    students = [make.student(lakeside, f"Student {n}", wants={CAREER: ()}) for n in (1, 2)]
    return make.mentor(lakeside, "Dr. Only", offers={CAREER: ()}, places=1), students


@pytest.fixture
def tried(inside, cora, now):
    """Ask for a change beside the draft of a run, and do the job's work."""

    def tried(run_id, change):
        with inside(cora):
            attempt_id = attempts.begin(queries.run_record(run_id), change, by=cora, now=now).id
            db.session.commit()
            attempts.work(attempt_id, now=now)
            return attempt_id

    return tried


class TestAttempt:
    def test_is_queued_with_one_deed_and_one_job(self, inside, draft, deeds, few_places, cora, now):
        run_id = draft(cora, CAREER)
        with inside(cora):
            attempts.begin(queries.run_record(run_id), STABLE, by=cora, now=now)

            jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'try_matching'"
            assert (deeds(RunDeed.TRIED), db.session.execute(text(jobs)).scalar_one()) == (1, 1)

    @pytest.mark.parametrize(
        ("change", "filled"),
        [
            (STABLE, 1),
            ({"what": "newcomers", "count": 1, "kind": "career", "topic": ""}, 2),
            ({"what": "without", "factor": "stage"}, 1),
        ],
    )
    def test_comes_to_what_a_run_would(
        self, inside, draft, tried, few_places, cora, change, filled
    ):
        run_id = draft(cora, CAREER)
        tried(run_id, change)

        with inside(cora):
            ((attempt, summary),) = attempts.kept(run_id)
            assert (attempt.state, attempt.done, attempt.draft) == (AttemptState.DONE, 100, 1)
            assert summary.facts["pairs"] == len(summary.pairs) == filled
            run = queries.run(run_id)
            assert (run.draft, run.state, len(db.session.scalars(select(Draft)).all())) == (
                1,
                RunState.REVIEW,
                1,
            )

    def test_comes_to_the_same_as_the_draft_that_is_then_made(
        self, inside, draft, worked, tried, lakeside, cora, now
    ):
        for number in range(6):
            make.student(lakeside, f"Student {number}", wants={CAREER: (), WELLNESS: ()})
        for number in range(3):
            make.mentor(lakeside, offers={CAREER: (), WELLNESS: ()}, places=2 + number)
        run_id = draft(cora, CAREER, WELLNESS)
        tried(run_id, STABLE)
        with inside(cora):
            record = queries.run_record(run_id)
            stable = runs.Preferences(policy=Policy.STABLE)
            runs.rerun(record, by=cora, now=now, preferences=stable)
        worked(run_id, cora)

        with inside(cora):
            ((_, summary),) = attempts.kept(run_id)
            made = {
                (str(mentee), str(mentor), kind)
                for mentee, mentor, kind in drafts.pairs_before(run_id, 3)
            }
            assert summary.pairs.keys() == made

    def test_is_not_asked_twice_beside_one_draft(self, inside, draft, tried, few_places, cora, now):
        run_id = draft(cora, CAREER)
        first = tried(run_id, STABLE)
        with inside(cora):
            again = attempts.begin(queries.run_record(run_id), STABLE, by=cora, now=now)

            assert again.id == first

    def test_waits_for_the_one_at_work(self, inside, draft, few_places, cora, now):
        run_id = draft(cora, CAREER)
        with inside(cora):
            record = queries.run_record(run_id)
            attempts.begin(record, STABLE, by=cora, now=now)
            with pytest.raises(attempts.OneAtATime):
                attempts.begin(record, {"what": "without", "factor": "stage"}, by=cora, now=now)

    def test_needs_a_draft(self, inside, start, few_places, cora, now):
        run_id = start(cora, CAREER)
        with inside(cora), pytest.raises(runs.NotInReview):
            attempts.begin(queries.run_record(run_id), STABLE, by=cora, now=now)

    def test_that_goes_wrong_says_so_and_can_be_asked_again(
        self, inside, draft, tried, few_places, cora, monkeypatch
    ):
        run_id = draft(cora, CAREER)
        with monkeypatch.context() as patch:
            patch.setattr(trials, "changed", lambda *_: 1 / 0)
            first = tried(run_id, STABLE)
        with inside(cora):
            assert attempts.one(run_id, first).state is AttemptState.FAILED

        assert tried(run_id, STABLE) != first

    def test_done_twice_changes_nothing(self, inside, draft, tried, few_places, cora, now):
        run_id = draft(cora, CAREER)
        attempt_id = tried(run_id, STABLE)
        with inside(cora):
            before = attempts.kept(run_id)
            db.session.rollback()
            attempts.work(attempt_id, now=now)

            assert attempts.kept(run_id) == before

    def test_is_forgotten_with_the_run_and_when_there_are_newer(
        self, inside, draft, tried, few_places, cora, now, monkeypatch
    ):
        monkeypatch.setattr(attempts, "KEPT", 2)
        run_id = draft(cora, CAREER)
        for factor in ("stage", "topics", "interests"):
            tried(run_id, {"what": "without", "factor": factor})
        with inside(cora):
            assert len(db.session.scalars(select(Attempt)).all()) == 2
            runs.discard(queries.run_record(run_id), by=cora, now=now)
            assert db.session.scalars(select(Attempt)).all() == []

    def test_of_another_run_is_not_shown(self, inside, draft, tried, few_places, cora, now):
        run_id = draft(cora, CAREER)
        attempt_id = tried(run_id, STABLE)
        with inside(cora):
            runs.discard(queries.run_record(run_id), by=cora, now=now)
            other = runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now)
            with pytest.raises(NotYours):
                attempts.one(other.id, attempt_id)


class TestPages:
    def test_lead_from_the_button_to_the_comparison(self, client, draft, work, few_places, cora):
        run_id = draft(cora, CAREER)
        assert "not worked out yet" in words(client.get(f"{RUNS}/{run_id}/compare?other=stable"))

        sent = client.post(f"{RUNS}/{run_id}/trials", data=STABLE)
        waiting = client.get(sent.location)
        assert "Waiting to start" in words(waiting)
        assert "<progress" in waiting.text
        assert "Something is being worked out" in words(client.get(f"{RUNS}/{run_id}/compare"))
        work()

        done = client.get(sent.location)
        assert done.status_code == 303
        page = words(client.get(done.location))
        assert "Pairs nobody would swap, tried beside draft 1" in page
        assert "Requests filled 1 of 2, 50% 1 of 2, 50%" in page
        by_name = words(client.get(f"{RUNS}/{run_id}/compare?other=stable"))
        assert "Requests filled 1 of 2, 50% 1 of 2, 50%" in by_name

    def test_htmx_is_sent_on_once_it_is_done(self, client, draft, tried, few_places, cora):
        run_id = draft(cora, CAREER)
        attempt_id = tried(run_id, STABLE)

        answer = client.get(f"{RUNS}/{run_id}/trials/{attempt_id}", headers={"HX-Request": "true"})

        assert answer.headers["HX-Redirect"].startswith(f"{RUNS}/{run_id}/compare")

    def test_have_what_is_too_large_worked_out(
        self, client, draft, work, few_places, cora, monkeypatch
    ):
        mentor, _ = few_places
        run_id = draft(cora, CAREER)
        monkeypatch.setattr(trials, "MOST", 1)

        sent = client.post(
            f"{RUNS}/{run_id}/trials",
            data={"what": "places", "mentor": mentor.id, "places": 2},
        )
        work()

        page = words(client.get(client.get(sent.location).location))
        assert "Dr. Only takes 2 in all, tried beside draft 1" in page
        assert "Requests filled 1 of 2, 50% 2 of 2, 100%" in page

    def test_name_those_who_are_only_imagined(self, client, draft, tried, few_places, cora):
        run_id = draft(cora, CAREER)
        tried(run_id, {"what": "newcomers", "count": 1, "kind": "career", "topic": ""})

        assert "with new mentor 1" in words(client.get(f"{RUNS}/{run_id}/compare"))

    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"what": "policy", "policy": "x"},
            {"what": "places", "mentor": "x", "places": "1"},
            {"what": "newcomers", "count": "0", "kind": "career"},
            {"what": "nothing"},
        ],
    )
    def test_know_no_other_change(self, client, draft, few_places, cora, change):
        assert client.post(f"{RUNS}/{draft(cora, CAREER)}/trials", data=change).status_code == 404

    def test_say_what_is_in_the_way_and_keep_the_comparison(
        self, client, inside, draft, few_places, cora, now
    ):
        run_id = draft(cora, CAREER)
        client.post(f"{RUNS}/{run_id}/trials", data=STABLE)

        page = client.post(f"{RUNS}/{run_id}/trials", data={"what": "without", "factor": "stage"})

        assert page.status_code == 422
        assert "Wait until it is done" in words(page)

    def test_are_for_those_who_see_runs(self, sign_in, draft, few_places, cora, lakeside):
        run_id = draft(cora, CAREER)
        student, advisor = (
            sign_in(make.member(lakeside, role)) for role in (Role.STUDENT, Role.ADVISOR)
        )

        assert student.post(f"{RUNS}/{run_id}/trials", data=STABLE).status_code in (403, 404)
        assert advisor.post(f"{RUNS}/{run_id}/trials", data=STABLE).status_code == 303
