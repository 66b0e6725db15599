from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select, text

from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import NotYours
from mentorship.matching import drafts, marks, queries, review, runs
from mentorship.matching.engine import solve
from mentorship.matching.models import LeftOut, MatchingRun, Proposal, RunDeed, RunState
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.matching.conftest import CYCLE, gone

CAREER, CONTENT, APPLICATION, WELLNESS = Kind


def jobs() -> int:
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'run_matching'"
    return db.session.execute(text(waiting)).scalar_one()


def state_of(run_id) -> RunState:
    return queries.run(run_id).state


def put(run_id, state: RunState) -> None:
    """Put a run into a state by hand."""
    queries.run_record(run_id).state = state
    db.session.flush()


def proposed(run_id) -> set[tuple]:
    rows = select(Proposal.mentee_id, Proposal.mentor_id, Proposal.kind)
    return {tuple(row) for row in db.session.execute(rows.where(Proposal.run_id == run_id))}


class TestStart:
    def test_queues_a_run_with_one_deed_and_one_job(self, inside, deeds, mara, sol, cora, now):
        with inside(cora):
            run = runs.start(cycle=CYCLE, kinds=[WELLNESS, CAREER], by=cora, now=now)

            assert (run.number, run.draft, run.state) == (1, 1, RunState.QUEUED)
            assert run.kinds == ["career", "wellness"]
            assert (deeds(RunDeed.STARTED), jobs()) == (1, 1)

    def test_leaves_no_run_and_no_job_if_its_transaction_fails(self, inside, mara, sol, cora, now):
        with inside(cora):
            runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now)
            db.session.rollback()

            assert jobs() == 0
            assert queries.runs() == ([], False)

    def test_refuses_a_cycle_that_is_not_on_file(self, inside, mara, sol, cora, now):
        with inside(cora), pytest.raises(runs.NoSuchCycle):
            runs.start(cycle="1999-00", kinds=[CAREER], by=cora, now=now)

    def test_refuses_a_run_for_no_kind(self, inside, mara, sol, cora, now):
        with inside(cora), pytest.raises(runs.NoKinds):
            runs.start(cycle=CYCLE, kinds=[], by=cora, now=now)

    def test_refuses_when_no_student_asks_for_these_kinds(self, inside, lakeside, mara, cora, now):
        make.student(lakeside, wants={CAREER: ()})
        with inside(cora), pytest.raises(runs.NobodyToPair, match="No student"):
            runs.start(cycle=CYCLE, kinds=[WELLNESS], by=cora, now=now)

    def test_refuses_when_no_mentor_offers_these_kinds(self, inside, lakeside, sol, cora, now):
        make.mentor(lakeside, offers={CAREER: ()})
        with inside(cora), pytest.raises(runs.NobodyToPair, match="No mentor"):
            runs.start(cycle=CYCLE, kinds=[WELLNESS], by=cora, now=now)

    def test_does_not_count_those_who_left(self, inside, mara, sol, cora, now):
        with inside(cora):
            gone(sol, now)
            with pytest.raises(runs.NobodyToPair):
                runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now)

    @pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.REVIEW])
    def test_refuses_while_another_is_under_way(self, inside, start, mara, sol, cora, now, state):
        first = start(cora)
        with inside(cora):
            put(first, state)
            with pytest.raises(runs.AnotherRun, match="run 1"):
                runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now)

    @pytest.mark.parametrize("state", [RunState.PUBLISHED, RunState.FAILED, RunState.DISCARDED])
    def test_begins_the_next_once_that_is_over(self, inside, start, mara, sol, cora, now, state):
        first = start(cora)
        with inside(cora):
            put(first, state)

            assert runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now).number == 2

    def test_does_not_mind_the_run_of_another_chapter(self, inside, start, mara, sol, cora, now):
        elsewhere = make.chapter("harborside")
        make.student(elsewhere), make.mentor(elsewhere)
        start(make.coordinator(elsewhere))

        with inside(cora):
            assert runs.start(cycle=CYCLE, kinds=[CAREER], by=cora, now=now).number == 1

    def test_begins_one_run_when_two_coordinators_press_at_once(self, own_database, now):
        chapter = make.chapter("racing")
        make.student(chapter), make.mentor(chapter)
        both = [make.coordinator(chapter), make.coordinator(chapter)]
        together = Barrier(2)

        def press(who) -> str:
            with own_database.app_context(), scope.chapter(chapter.id):
                together.wait()
                try:
                    with transaction():
                        runs.start(cycle=CYCLE, kinds=[CAREER], by=who, now=now)
                except runs.AnotherRun:
                    return "refused"
                return "started"

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(press, both)) == ["refused", "started"]
        with scope.chapter(chapter.id):
            assert db.session.scalar(select(func.count()).select_from(MatchingRun)) == 1
            assert jobs() == 1


class TestWork:
    def test_leaves_a_draft_to_review_with_its_facts(self, inside, draft, deeds, mara, sol, cora):
        run_id = draft(cora)

        with inside(cora):
            run = queries.run(run_id)
            assert (run.state, run.done) == (RunState.REVIEW, 100)
            assert run.finished_at is not None
            assert (run.facts["pairs"], run.facts["left"]) == (1, 3)
            assert run.facts["told"] == {"mentees": 1, "mentors": 1, "waiting": 0, "people": 2}
            assert run.facts["proven"]
            assert len(proposed(run_id)) == 1
            assert deeds(RunDeed.FINISHED) == 1

    def test_done_twice_leaves_one_draft_and_one_deed(
        self, inside, draft, deeds, mara, sol, cora, now
    ):
        run_id = draft(cora)
        with inside(cora):
            before = proposed(run_id)
            db.session.rollback()
            runs.work(run_id, draft=1, now=now)

            assert proposed(run_id) == before
            assert (state_of(run_id), deeds(RunDeed.FINISHED)) == (RunState.REVIEW, 1)

    def test_after_a_crash_begins_again_from_the_start(self, inside, start, mara, sol, cora, now):
        run_id = start(cora)
        with inside(cora):
            put(run_id, RunState.RUNNING)
            db.session.commit()
            runs.work(run_id, draft=1, now=now)

            assert state_of(run_id) is RunState.REVIEW

    def test_tells_each_step_with_its_detail(
        self, inside, start, mara, sol, cora, now, monkeypatch
    ):
        run_id = start(cora)
        seen = []
        explained = solve.explain.left_out

        def look(*args, **settings):
            run = queries.run(run_id)
            seen.append((run.state, run.step, run.done, run.facts["steps"]))
            db.session.rollback()
            return explained(*args, **settings)

        monkeypatch.setattr(solve.explain, "left_out", look)
        with inside(cora):
            runs.work(run_id, draft=1, now=now)

        [(state, step, done, steps)] = seen
        assert (state, step, done) == (RunState.RUNNING, "reasons", 75)
        assert set(steps) == {"reading", "rules", "pairing", "reasons"}
        assert steps["reading"] == "1 student and 1 mentor"

    def test_does_nothing_for_a_draft_that_was_discarded(
        self, inside, start, mara, sol, cora, now, work
    ):
        run_id = start(cora)
        with inside(cora):
            runs.discard(queries.run_record(run_id), by=cora, now=now)
        work()

        with inside(cora):
            assert state_of(run_id) is RunState.DISCARDED
            assert proposed(run_id) == set()

    def test_stops_when_it_is_discarded_while_it_thinks(
        self, inside, start, deeds, mara, sol, cora, now, monkeypatch
    ):
        run_id = start(cora)
        decided = solve.decided

        def discarded_meanwhile(problem, **more):
            found = decided(problem, **more)
            put(run_id, RunState.DISCARDED)
            db.session.commit()
            return found

        monkeypatch.setattr(runs.solve, "decided", discarded_meanwhile)
        with inside(cora):
            runs.work(run_id, draft=1, now=now)

            assert state_of(run_id) is RunState.DISCARDED
            assert proposed(run_id) == set()
            assert deeds(RunDeed.FINISHED) == 0

    def test_leaves_a_newer_draft_alone(self, inside, draft, mara, sol, cora, now):
        run_id = draft(cora)
        with inside(cora):
            runs.rerun(queries.run_record(run_id), by=cora, now=now)
            db.session.commit()
            runs.work(run_id, draft=1, now=now)

            assert (queries.run(run_id).draft, state_of(run_id)) == (2, RunState.QUEUED)

    def test_that_goes_wrong_leaves_a_run_that_can_be_tried_again(
        self, inside, start, worked, deeds, mara, sol, cora, now, monkeypatch
    ):
        run_id = start(cora)
        with monkeypatch.context() as broken:
            broken.setattr(drafts, "facts", lambda *_: 1 / 0)
            worked(run_id, cora)

        with inside(cora):
            failed = queries.run(run_id)
            assert (failed.state, failed.step) == (RunState.FAILED, runs.WENT_WRONG)
            assert proposed(run_id) == set()
            assert deeds(RunDeed.FAILED) == 1
            runs.rerun(queries.run_record(run_id), by=cora, now=now)
        worked(run_id, cora)

        with inside(cora):
            assert (queries.run(run_id).draft, state_of(run_id)) == (2, RunState.REVIEW)

    def test_is_a_job_and_tells_whoever_started_it_that_the_draft_is_ready(
        self, start, work, mara, sol, cora, tray
    ):
        start(cora)
        work()

        [mail] = tray.to(cora.email)
        assert "ready to review" in mail["Subject"]

    def test_knows_no_run_of_another_chapter(self, inside, start, mara, sol, cora, odd, now):
        run_id = start(cora)
        with inside(odd), pytest.raises(NotYours):
            queries.run_record(run_id)


class TestRerun:
    def test_asks_for_another_draft_and_forgets_the_facts_of_the_last(
        self, inside, draft, mara, sol, cora, now
    ):
        run_id = draft(cora)
        with inside(cora):
            before = jobs()
            runs.rerun(queries.run_record(run_id), by=cora, now=now)

            run = queries.run(run_id)
            assert (run.draft, run.state, run.done, run.facts) == (2, RunState.QUEUED, 0, {})
            assert jobs() == before + 1

    def test_keeps_pins_and_exclusions(self, inside, lakeside, draft, worked, sol, cora, now):
        # Left alone, both of them go to the one who shares their interests.
        mara = make.mentor(lakeside, "Dr. Mara", offers={CAREER: ()}, places=2)
        max_ = make.mentor(lakeside, "Dr. Max", offers={CAREER: ()}, interests=("ems",))
        rio = make.student(lakeside, "Rio", wants={CAREER: ()})
        run_id = draft(cora, CAREER)
        with inside(cora):
            assert proposed(run_id) == {(sol.id, mara.id, CAREER), (rio.id, mara.id, CAREER)}
            run = queries.run_record(run_id)
            marks.pin(run, mentee=sol, mentor=max_, kind=CAREER, by=cora, now=now)
            marks.exclude(run, mentee=rio, mentor=mara, kind=CAREER, by=cora, now=now)
            runs.rerun(run, by=cora, now=now)
        worked(run_id, cora)

        with inside(cora):
            assert proposed(run_id) == {(sol.id, max_.id, CAREER), (rio.id, max_.id, CAREER)}
            runs.rerun(queries.run_record(run_id), by=cora, now=now)
        worked(run_id, cora)

        with inside(cora):
            assert proposed(run_id) == {(sol.id, max_.id, CAREER), (rio.id, max_.id, CAREER)}
            assert {(one.mentee, one.mark) for one in review.marks(run_id)} == {
                ("Sol Adair", "pin"),
                ("Rio", "exclude"),
            }

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [
            (RunState.QUEUED, "Draft 1 of run 1 is not ready yet."),
            (RunState.RUNNING, "Draft 1 of run 1 is not ready yet."),
            (RunState.PUBLISHED, "Run 1 was published already."),
            (RunState.DISCARDED, "Run 1 was discarded."),
        ],
    )
    def test_refuses_a_run_that_is_at_work_or_over(
        self, inside, draft, mara, sol, cora, now, state, sentence
    ):
        run_id = draft(cora)
        with inside(cora):
            put(run_id, state)
            with pytest.raises(runs.NotInReview, match=sentence):
                runs.rerun(queries.run_record(run_id), by=cora, now=now)

    def test_refuses_a_failed_run_when_another_was_started_since(
        self, inside, start, mara, sol, cora, now
    ):
        failed = start(cora)
        with inside(cora):
            put(failed, RunState.FAILED)
        start(cora)
        with inside(cora), pytest.raises(runs.AnotherRun, match="run 2"):
            runs.rerun(queries.run_record(failed), by=cora, now=now)


class TestDiscard:
    @pytest.mark.parametrize(
        "state", [RunState.QUEUED, RunState.RUNNING, RunState.REVIEW, RunState.FAILED]
    )
    def test_forgets_what_was_proposed_wherever_the_run_stands(
        self, inside, draft, deeds, mara, sol, cora, now, state
    ):
        run_id = draft(cora)
        with inside(cora):
            put(run_id, state)
            runs.discard(queries.run_record(run_id), by=cora, now=now)

            assert state_of(run_id) is RunState.DISCARDED
            assert proposed(run_id) == set()
            assert db.session.scalar(select(func.count()).select_from(LeftOut)) == 0
            assert deeds(RunDeed.DISCARDED) == 1

    @pytest.mark.parametrize("state", [RunState.PUBLISHED, RunState.DISCARDED])
    def test_refuses_a_run_that_is_over(self, inside, draft, mara, sol, cora, now, state):
        run_id = draft(cora)
        with inside(cora):
            put(run_id, state)
            with pytest.raises(runs.NotInReview):
                runs.discard(queries.run_record(run_id), by=cora, now=now)
            assert len(proposed(run_id)) == 1
