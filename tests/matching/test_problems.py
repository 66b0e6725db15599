"""What a run reads is what its chapter holds, and nothing else."""

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.matching import marks, problems, queries
from mentorship.matching.engine.fit import Mentee, Mentor, Offer, Want
from mentorship.relationships import conflicts, pairings, partings
from mentorship.relationships.models import Pairing, PairingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests import make
from tests.matching.conftest import gone

CAREER, CONTENT, APPLICATION, WELLNESS = Kind


def read(who, now, *kinds):
    """The problem of a run for these kinds, in the chapter of this member."""
    with scope.chapter(who.chapter_id):
        return problems.of_run(who.id, [kind.value for kind in kinds or Kind], now=now)


class TestOfRun:
    def test_reads_a_student_as_they_are(self, lakeside, cora, now):
        rio = make.student(
            lakeside, stage=Stage.M4, wants={CONTENT: ("ems",)}, interests=("ems", "airway")
        )

        [mentee] = read(cora, now).mentees

        assert mentee == Mentee(
            id=rio.id,
            stage=Stage.M4,
            wants=(Want(CONTENT, frozenset({"ems"})),),
            interests=frozenset({"ems", "airway"}),
            school=lakeside.school,
        )

    def test_reads_a_mentor_as_they_are(self, lakeside, sol, cora, now):
        rhea = make.mentor(
            lakeside,
            offers={CONTENT: ("ems",)},
            interests=("airway",),
            standing=Standing.RESIDENT,
            places=2,
            hours=[(0, time(13), time(15))],
            recent_cycle=False,
            paused=True,
        )
        make.pairing(rhea, sol)

        [mentor] = read(cora, now).mentors

        assert mentor == Mentor(
            id=rhea.id,
            standing=Standing.RESIDENT,
            offers=(Offer(CONTENT, frozenset({"ems"})),),
            interests=frozenset({"airway"}),
            places=1,
            load=1,
            paused=True,
            recent_cycle=False,
            free=frozenset({38, 39, 40, 41}),
            institution="Lakeside General",
            settings=frozenset({"academic"}),
        )

    def test_half_a_profile_takes_part_as_far_as_it_goes(self, lakeside, cora, now):
        make.student(lakeside, stage=None, interests=(), wants={CAREER: ()})

        [mentee] = read(cora, now).mentees

        assert (mentee.stage, mentee.interests) == (None, frozenset())

    def test_leaves_out_who_wants_or_offers_nothing_of_it(self, lakeside, cora, now):
        make.student(lakeside, wants={WELLNESS: ()})
        make.student(lakeside, wants={})
        make.member(lakeside, Role.STUDENT)
        make.member(lakeside, Role.MENTOR)
        make.mentor(lakeside, offers={})

        problem = read(cora, now, CAREER)

        assert (problem.mentees, problem.mentors) == ((), ())

    def test_leaves_out_who_has_left(self, inside, mara, sol, cora, now):
        with inside(cora):
            gone(sol, now)
            gone(mara, now)

        problem = read(cora, now)

        assert (problem.mentees, problem.mentors) == ((), ())

    def test_takes_a_resident_on_both_sides(self, lakeside, cora, now):
        rhea = make.student(lakeside, stage=Stage.PGY2, roles=[Role.MENTOR], email="r@example.org")
        make.mentor(lakeside, email="r@example.org")

        problem = read(cora, now)

        assert [one.id for one in problem.mentees] == [one.id for one in problem.mentors]
        assert problem.mentors[0].stage is Stage.PGY2
        assert problem.mentees[0].id == rhea.id

    def test_binds_what_is_paired_blocked_judged_pinned_and_set_aside(
        self, inside, lakeside, draft, mara, sol, cora, now
    ):
        other = make.mentor(lakeside)
        rio = make.student(lakeside)
        make.pairing(other, rio, WELLNESS)
        make.pairing(mara, rio, CAREER, state=PairingState.PROPOSED)
        run_id = draft(cora)
        today = {"starts_on": now.date(), "ends_on": None, "now": now}
        with inside(cora):
            conflicts.block(other=rio, by=mara, now=now)
            conflicts.separate(one=other, other=rio, by=cora, now=now)
            conflicts.declare_evaluation(role="Director", mentee=None, by=mara, **today)
            conflicts.declare_evaluation(role="Grader", mentee=sol, by=other, **today)
            run = queries.run_record(run_id)
            marks.pin(run, mentee=sol, mentor=mara, kind=CAREER, by=cora, now=now)
            marks.exclude(run, mentee=sol, mentor=other, kind=CONTENT, by=cora, now=now)
            db.session.commit()
            problem = problems.of_run(run_id, ["career", "content"], now=now)

        assert problem.kinds == (CAREER, CONTENT)
        assert problem.current == {(rio.id, other.id, WELLNESS), (rio.id, mara.id, CAREER)}
        assert problem.blocks == {(mara.id, rio.id), (other.id, rio.id)}
        assert problem.pins == {(sol.id, mara.id, CAREER)}
        assert problem.exclusions == {(sol.id, other.id, CONTENT)}
        judges = {one.id: (one.evaluates_everyone, one.evaluates) for one in problem.mentors}
        assert judges == {mara.id: (True, frozenset()), other.id: (False, {sol.id})}
        assert problem.one_kind_per_mentor

    def test_remembers_who_worked_together_to_a_good_end(
        self, inside, lakeside, mara, sol, cora, now
    ):
        rio = make.student(lakeside)
        for student, state in ((sol, PairingState.COMPLETED), (rio, PairingState.ENDED)):
            pairing_id = make.pairing(mara, student)
            with inside(mara):
                pairing = db.session.get_one(Pairing, (lakeside.id, pairing_id))
                pairings.end(pairing, state=state, by=mara, now=now)
                db.session.commit()

        problem = read(cora, now)

        assert problem.past == {(sol.id, mara.id)}
        assert problem.current == frozenset()

    def test_weighs_nothing_of_which_nobody_has_said_anything(self, mara, sol, cora, now):
        always = {"topics", "interests", "stage", "room", "past"}
        assert read(cora, now).factors == always

    def test_does_not_bind_what_is_over(self, inside, lakeside, mara, sol, cora, now):
        yesterday = now.date().replace(day=1)
        with inside(cora):
            conflicts.declare_evaluation(
                role="Grader", starts_on=yesterday, ends_on=yesterday, mentee=sol, by=mara, now=now
            )

        assert read(cora, now).mentors[0].evaluates == frozenset()

    def test_lets_one_person_hold_two_kinds_where_the_chapter_does(self, undone, now):
        relaxed = make.chapter("relaxed", two_kinds_by_one_mentor=True)

        assert not read(make.coordinator(relaxed), now).one_kind_per_mentor

    def test_knows_who_was_left_with_nobody_by_the_last_published_run_only(
        self, inside, lakeside, draft, publish, cora, now
    ):
        make.mentor(lakeside, offers={CAREER: ()}, places=1)
        both = {CAREER: (), WELLNESS: ()}
        students = {make.student(lakeside, wants=both).id for _ in range(2)}
        publish(draft(cora, CAREER), cora)
        with inside(cora):
            [served] = db.session.scalars(select(Pairing.mentee_id))
        draft(cora, CAREER)

        waited = {one.id: one.waited for one in read(cora, now).mentees}

        assert waited == {one: one != served for one in students}

    def test_does_not_send_two_back_to_each_other_who_met_and_ended_it(
        self, inside, mara, sol, draft, cora, now
    ):
        pairing_id = make.pairing(mara, sol, CAREER, state=PairingState.ACTIVE)
        with inside(cora):
            pairing = db.session.scalars(select(Pairing).where(Pairing.id == pairing_id)).one()
            pairing.first_met_at = now
            pairings.end(pairing, by=sol, now=now)

        assert read(cora, now).exclusions == {(sol.id, mara.id, CAREER)}
        run_id = draft(cora, CAREER)
        with inside(cora):
            run = queries.run(run_id)
            assert (run.facts["pairs"], run.facts["marks"]) == (0, [])
            marks.pin(
                queries.run_record(run_id), mentee=sol, mentor=mara, kind=CAREER, by=cora, now=now
            )
            assert problems.of_run(run_id, [CAREER], now=now).exclusions == frozenset()

    def test_puts_whoever_asked_for_another_mentor_first_and_not_back(
        self, inside, mara, sol, draft, cora, now
    ):
        pairing_id = make.pairing(mara, sol, CAREER)
        with inside(cora):
            pairing = db.session.scalars(select(Pairing).where(Pairing.id == pairing_id)).one()
            partings.finish(pairing, by=sol, now=now, another=True)
        draft(cora, CAREER)
        problem = read(cora, now)

        assert problem.exclusions == {(sol.id, mara.id, CAREER)}
        assert [one.waited for one in problem.mentees] == [True]
        assert CAREER in {want.kind for want in problem.mentees[0].wants}

    def test_reads_nothing_of_another_chapter(self, inside, lakeside, draft, mara, sol, cora, now):
        elsewhere = make.chapter("harborside", zone="Europe/Oslo")
        boss, theirs = make.coordinator(elsewhere), make.student(elsewhere)
        twin = make.mentor(elsewhere, email=mara.email, hours=[(2, time(8), time(10))])
        make.pairing(twin, theirs)
        run_id = draft(boss)
        with inside(boss):
            conflicts.block(other=theirs, by=twin, now=now)
            conflicts.declare_evaluation(
                role="Director", starts_on=now.date(), ends_on=None, mentee=None, by=twin, now=now
            )
            run = queries.run_record(run_id)
            marks.pin(run, mentee=theirs, mentor=twin, kind=CAREER, by=boss, now=now)

        with inside(cora):
            here = problems.of_run(run_id, list(Kind), now=now)

        assert [one.id for one in here.mentees] == [sol.id]
        [mentor] = here.mentors
        assert (mentor.id, mentor.evaluates_everyone) == (mara.id, False)
        assert (here.current, here.blocks, here.pins, here.exclusions) == (
            *(frozenset(), frozenset()),
            *(frozenset(), frozenset()),
        )
        # What belongs to the person counts in every chapter: their places, and their hours.
        assert (mentor.places, mentor.load) == (2, 1)
        assert mentor.free is not None

    def test_takes_two_statements_however_many_people(self, lakeside, cora, now, statements):
        def asked() -> int:
            with statements() as seen:
                read(cora, now)
            return len(seen)

        few = asked()
        for _ in range(6):
            make.student(lakeside), make.mentor(lakeside, hours=make.WEEKDAYS)

        assert asked() == few == 2


def whole(*hours: int) -> set[int]:
    """Both half hours of these hours of the week."""
    return {2 * hour + half for hour in hours for half in (0, 1)}


class TestSlotsOfWeek:
    MORNING = ((0, time(8), time(10)),)

    @pytest.mark.parametrize(
        ("at", "slots"),
        [
            (datetime(2026, 3, 2, 18, tzinfo=UTC), whole(14, 15)),
            (datetime(2026, 3, 9, 18, tzinfo=UTC), whole(13, 14)),
            (datetime(2026, 11, 2, 18, tzinfo=UTC), whole(14, 15)),
        ],
    )
    def test_keeps_to_the_wall_clock_across_daylight_saving(self, at, slots):
        assert problems.slots_of_week(self.MORNING, zone="America/Chicago", now=at) == slots

    @pytest.mark.parametrize(
        ("weekly", "slots"),
        [
            # The night in which two o'clock does not exist: Sunday, March 8.
            ((6, time(2), time(3)), set()),
            ((6, time(1), time(4)), whole(6 * 24 + 7, 6 * 24 + 8)),
            # Past midnight, and around the end of the week.
            ((4, time(22), time(1)), whole(5 * 24 + 4, 5 * 24 + 5, 5 * 24 + 6)),
            ((6, time(23), time(1)), whole(4, 5)),
            # Only whole half hours count.
            ((0, time(8, 30), time(10)), {29, 30, 31}),
            ((0, time(8, 30), time(9, 15)), {29}),
            ((0, time(8, 15), time(8, 50)), set()),
        ],
    )
    def test_counts_half_hours_in_utc(self, now, weekly, slots):
        found = problems.slots_of_week([weekly], zone="America/Chicago", now=now)

        assert found == slots

    def test_counts_the_hour_that_happens_twice_as_two(self):
        fall = datetime(2026, 10, 28, 18, tzinfo=UTC)

        found = problems.slots_of_week([(6, time(1), time(2))], zone="America/Chicago", now=fall)

        assert found == whole(6 * 24 + 6, 6 * 24 + 7)

    def test_keeps_every_half_hour_of_a_half_hour_zone(self, now):
        found = problems.slots_of_week([(0, time(9), time(12))], zone="Asia/Kolkata", now=now)

        assert found == {7, 8, 9, 10, 11, 12}
