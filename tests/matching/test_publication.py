from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from mentorship.foundation.database import db
from mentorship.matching import marks, publication, queries, runs
from mentorship.matching.models import RunDeed, RunState
from mentorship.profiles.models import MentorProfile
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import Pairing, PairingDeed, PairingState
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.matching.conftest import gone

CAREER, CONTENT, APPLICATION, WELLNESS = Kind


def paired() -> set[tuple]:
    rows = select(Pairing.mentee_id, Pairing.mentor_id, Pairing.kind)
    return {tuple(row) for row in db.session.execute(rows)}


def telling_jobs() -> int:
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tell'"
    return db.session.execute(text(waiting)).scalar_one()


class TestPublish:
    def test_makes_every_proposal_a_pairing_with_its_place_and_its_deed(
        self, inside, lakeside, draft, publish, deeds, mara, sol, cora, now
    ):
        rio = make.student(lakeside, "Rio", wants={CAREER: ()})
        make.student(lakeside, "Ned", wants={CONTENT: ("wilderness",)}, interests=())
        run_id = draft(cora, CAREER, CONTENT)
        publish(run_id, cora)

        with inside(cora):
            assert (rio.id, mara.id, CAREER) in paired()
            made = db.session.scalars(select(Pairing).where(Pairing.mentee_id == sol.id)).one()
            assert (made.state, made.began_at, made.ended_at) == (PairingState.ACCEPTED, now, None)
            assert made.fit == sum(reason["points"] for reason in made.reasons)
            assert pairings.places_left([mara.user_id]) == {mara.user_id: 1}
            assert deeds(PairingDeed.ACCEPTED) == 2
            run = queries.run(run_id)
            assert (run.state, run.published_at) == (RunState.PUBLISHED, now)
            assert deeds(RunDeed.PUBLISHED) == 1

    def test_keeps_nothing_if_its_transaction_fails(
        self, inside, draft, deeds, mara, sol, cora, now
    ):
        run_id = draft(cora)
        with inside(cora):
            before = telling_jobs()
            runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)
            assert telling_jobs() > before
            db.session.rollback()

            assert (paired(), telling_jobs()) == (set(), before)
            assert pairings.places_left([mara.user_id]) == {mara.user_id: 3}
            assert (deeds(RunDeed.PUBLISHED), deeds(PairingDeed.ACCEPTED)) == (0, 0)
            assert queries.run(run_id).state is RunState.REVIEW

    def test_tells_each_person_once_and_nobody_twice(
        self, inside, lakeside, start, publish, work, mara, sol, cora, now, tray
    ):
        ned = make.student(lakeside, "Ned", wants={CONTENT: ("wilderness",)}, interests=())
        rio = make.student(lakeside, "Rio", wants={CAREER: ()})
        run_id = start(cora)
        work()
        publish(run_id, cora)
        with inside(cora):
            with pytest.raises(runs.NotInReview, match="Nobody was told twice"):
                runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)
            assert len(paired()) == 2
        work()

        assert [len(tray.to(who.email)) for who in (mara, sol, rio, ned)] == [1, 1, 1, 1]
        assert "Dr. Mara Quist" in str(tray.to(rio.email)[0]["Subject"])

    def test_does_it_in_a_few_statements_however_many_pairs(
        self, inside, lakeside, draft, statements, cora, now
    ):
        def publishing(students: int) -> int:
            for _ in range(students):
                make.student(lakeside, wants={CAREER: ()})
                make.mentor(lakeside, places=1)
            run_id = draft(cora, CAREER)
            with inside(cora), statements() as seen:
                runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)
                assert queries.run(run_id).facts["pairs"] == students
            return len(seen)

        assert publishing(2) == publishing(9) < 32

    @pytest.mark.parametrize(
        "state", [RunState.QUEUED, RunState.RUNNING, RunState.FAILED, RunState.DISCARDED]
    )
    def test_refuses_a_run_that_is_not_in_review(self, inside, draft, mara, sol, cora, now, state):
        run_id = draft(cora)
        with inside(cora):
            record = queries.run_record(run_id)
            record.state = state
            db.session.flush()
            with pytest.raises(runs.NotInReview):
                runs.publish(record, draft=1, by=cora, now=now)
            assert paired() == set()

    def test_refuses_a_draft_that_is_not_the_one_in_review(
        self, inside, draft, worked, mara, sol, cora, now
    ):
        run_id = draft(cora)
        with inside(cora):
            runs.rerun(queries.run_record(run_id), by=cora, now=now)
        worked(run_id, cora)
        with inside(cora):
            with pytest.raises(runs.StaleDraft, match="number 2"):
                runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)
            assert paired() == set()

    def test_refuses_a_draft_without_pairs(self, inside, lakeside, draft, cora, now):
        make.student(lakeside, wants={CONTENT: ("ems",)}, interests=())
        make.mentor(lakeside, offers={CONTENT: ("airway",)}, interests=())
        run_id = draft(cora)
        with inside(cora), pytest.raises(publication.NothingProposed):
            runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)

    def test_refuses_a_draft_that_holds_a_pair_set_aside(self, inside, draft, mara, sol, cora, now):
        run_id = draft(cora, CAREER)
        with inside(cora):
            run = queries.run_record(run_id)
            marks.exclude(run, mentee=sol, mentor=mara, kind=CAREER, by=cora, now=now)
            with pytest.raises(publication.SetAside):
                runs.publish(run, draft=1, by=cora, now=now)
            assert paired() == set()


class TestWhenTheWorldHasChanged:
    """All or nothing: one pair that has become impossible keeps the whole draft unpublished."""

    @pytest.fixture
    def refused(self, inside, draft, lakeside, mara, sol, cora, now):
        """Draft two pairs, have something happen to one, and read the refusal."""
        other = make.mentor(lakeside, "Dr. Other", offers={WELLNESS: ()})
        make.student(lakeside, "Untouched", wants={WELLNESS: ()})

        def refused(happen=lambda: None, *, outside=lambda: None) -> str:
            with inside(cora):
                # So that which pair is meant is known: Sol and Mara, for wellness.
                conflicts.block(other=other, by=sol, now=now)
            run_id = draft(cora, WELLNESS)
            outside()
            with inside(cora):
                happen()
                with pytest.raises(publication.Impossible) as refusal:
                    runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)
                made = select(func.count()).select_from(Pairing).where(Pairing.fit.is_not(None))
                assert db.session.scalar(made) == 0
                assert queries.run(run_id).state is RunState.REVIEW
            return str(refusal.value)

        return refused

    def test_names_who_and_why_and_what_to_do(self, refused, mara, sol, now):
        words = refused(lambda: conflicts.block(other=sol, by=mara, now=now))

        assert words == (
            "One pair of this draft cannot be made anymore. Sol Adair with Dr. Mara Quist: "
            "These two people cannot be paired with each other. Nothing was published. "
            "Run again to find the best draft without it."
        )

    @pytest.mark.parametrize("who", ["sol", "mara"])
    def test_refuses_when_somebody_left(self, request, refused, now, who):
        left = request.getfixturevalue(who)

        assert "takes no part in this chapter" in refused(lambda: gone(left, now))

    def test_refuses_when_somebody_is_no_mentor_any_more(self, refused, mara):
        words = refused(lambda: change(Membership, Membership.id == mara.id, held=[]))

        assert "takes no part in this chapter" in words

    def test_refuses_when_the_mentor_paused(self, refused, mara, now):
        paused = {"paused_at": now}
        words = refused(lambda: change(MentorProfile, MentorProfile.member_id == mara.id, **paused))

        assert "This mentor is paused." in words

    def test_refuses_when_the_mentor_became_an_evaluator(self, refused, mara, now):
        words = refused(
            lambda: conflicts.declare_evaluation(
                role="Clerkship director",
                starts_on=now.date(),
                ends_on=None,
                mentee=None,
                by=mara,
                now=now,
            )
        )

        assert "A wellness mentor may not evaluate the student" in words

    def test_refuses_when_the_mentors_places_were_taken(self, refused, lakeside, mara):
        def fill():
            for _ in range(3):
                make.pairing(mara, make.student(lakeside))

        assert "This mentor has no place left." in refused(outside=fill)

    def test_refuses_when_the_student_found_a_mentor_of_the_kind(self, refused, lakeside, sol):
        def find():
            make.pairing(make.mentor(lakeside), sol, WELLNESS)

        assert "This student has a mentor for wellness already." in refused(outside=find)


class TestAcrossChapters:
    def test_refuses_when_the_places_were_taken_in_another_chapter(
        self, inside, lakeside, draft, sol, cora, now
    ):
        shared = make.mentor(lakeside, "Dr. Shared", places=1)
        run_id = draft(cora, CAREER)
        harborside = make.chapter("harborside")
        there = make.mentor(harborside, "Dr. Shared", email=shared.email, places=1)
        make.pairing(there, make.student(harborside))

        with inside(cora):
            with pytest.raises(publication.Impossible, match="Every place is taken, here or in"):
                runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)
            assert paired() == set()

    def test_counts_the_places_of_a_draft_over_all_chapters(
        self, inside, lakeside, draft, publish, sol, cora
    ):
        shared = make.mentor(lakeside, "Dr. Shared", places=2)
        make.student(lakeside, "Rio", wants={CAREER: ()})
        harborside = make.chapter("harborside")
        there = make.mentor(harborside, "Dr. Shared", email=shared.email, places=2)
        make.pairing(there, make.student(harborside))

        publish(draft(cora, CAREER), cora)

        with inside(cora):
            assert len(paired()) == 1
            assert pairings.places_left([shared.user_id]) == {shared.user_id: 0}


class TestWhoComesFirst:
    def test_gives_everyone_a_first_mentor_before_anyone_a_second(
        self, inside, lakeside, draft, publish, cora
    ):
        greedy = [make.student(lakeside) for _ in range(3)]
        make.mentor(lakeside, places=2), make.mentor(lakeside, places=1, interests=("ems",))

        publish(draft(cora), cora)

        with inside(cora):
            assert sorted(mentee_id for mentee_id, _, _ in paired()) == sorted(
                one.id for one in greedy
            )

    def test_puts_whoever_was_left_with_nobody_first_the_next_time(
        self, inside, lakeside, draft, publish, cora, now
    ):
        both = {make.student(lakeside, wants={CAREER: ()}).id for _ in range(2)}
        make.mentor(lakeside, places=1)
        publish(draft(cora, CAREER), cora)
        with inside(cora):
            [(first, _, _)] = paired()
            [pairing] = db.session.scalars(select(Pairing))
            pairings.end(pairing, by=cora, now=now + timedelta(days=1))

        run_id = draft(cora, CAREER)

        with inside(cora):
            [told] = queries.run(run_id).facts["coverage"]
            assert told == ["career", 2, 1]
        publish(run_id, cora)
        with inside(cora):
            still = select(Pairing.mentee_id).where(Pairing.ended_at.is_(None))
            assert {first, db.session.scalars(still).one()} == both


def change(record, where, **values) -> None:
    """Change a record behind the verbs' backs."""
    statement = update(record).where(where).values(**values)
    db.session.execute(statement, execution_options={"synchronize_session": False})
