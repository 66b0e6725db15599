import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.matching import marks, queries, review, runs
from mentorship.matching.models import Mark, RunDeed, RunState
from mentorship.relationships import conflicts
from mentorship.vocabulary.kinds import Kind
from tests import make

CAREER = Kind.CAREER


@pytest.fixture
def run_id(draft, mara, sol, cora):
    return draft(cora, CAREER)


def marked(run_id) -> list[tuple]:
    return [(one.mentee_id, one.mentor_id, one.kind, one.mark) for one in review.marks(run_id)]


@pytest.mark.parametrize(("verb", "mark"), [(marks.pin, Mark.PIN), (marks.exclude, Mark.EXCLUDE)])
class TestPinAndExclude:
    def test_notes_the_pair_with_one_deed(
        self, inside, deeds, run_id, mara, sol, cora, now, verb, mark
    ):
        with inside(cora):
            run = queries.run_record(run_id)
            verb(run, mentee=sol, mentor=mara, kind=CAREER, by=cora, now=now)

            assert marked(run_id) == [(sol.id, mara.id, CAREER, mark)]
            deed = select(AuditEvent).where(AuditEvent.deed == RunDeed.MARKED)
            event = db.session.scalars(deed).one()
            assert event.facts == {
                "mark": mark,
                "kind": "career",
                "mentee_id": str(sol.id),
                "mentor_id": str(mara.id),
            }

    @pytest.mark.parametrize("state", sorted(set(RunState) - {RunState.REVIEW}))
    def test_refuses_a_run_that_is_not_in_review(
        self, inside, run_id, mara, sol, cora, now, verb, mark, state
    ):
        with inside(cora):
            run = queries.run_record(run_id)
            run.state = state
            db.session.flush()
            with pytest.raises(runs.NotInReview):
                verb(run, mentee=sol, mentor=mara, kind=CAREER, by=cora, now=now)
            assert marked(run_id) == []


class TestMarks:
    def test_the_last_word_holds(self, inside, run_id, mara, sol, cora, now):
        pair = {"mentee": sol, "mentor": mara, "kind": CAREER, "by": cora, "now": now}
        with inside(cora):
            run = queries.run_record(run_id)
            marks.pin(run, **pair)
            marks.exclude(run, **pair)
            marks.exclude(run, **pair)

            assert marked(run_id) == [(sol.id, mara.id, CAREER, Mark.EXCLUDE)]

    def test_are_taken_back(self, inside, deeds, run_id, mara, sol, cora, now):
        pair = {"mentee": sol, "mentor": mara, "kind": CAREER, "by": cora, "now": now}
        with inside(cora):
            run = queries.run_record(run_id)
            marks.pin(run, **pair)
            marks.unmark(run, **pair)
            marks.unmark(run, **pair)

            assert marked(run_id) == []
            assert deeds(RunDeed.UNMARKED) == 1

    def test_a_pair_set_aside_is_not_drafted_again(
        self, inside, run_id, worked, mara, sol, cora, now
    ):
        with inside(cora):
            run = queries.run_record(run_id)
            marks.exclude(run, mentee=sol, mentor=mara, kind=CAREER, by=cora, now=now)
            runs.rerun(run, by=cora, now=now)
        worked(run_id, cora)

        with inside(cora):
            assert queries.run(run_id).facts["pairs"] == 0
            [left] = review.left_out(run_id)
            assert (left.mentee, left.with_nobody) == ("Sol Adair", True)

    def test_a_pin_overrules_a_judgment_and_the_draft_says_so(
        self, inside, lakeside, run_id, worked, sol, cora, now
    ):
        other = make.mentor(lakeside, "Dr. Other", offers={Kind.WELLNESS: ()})
        with inside(cora):
            run = queries.run_record(run_id)
            marks.pin(run, mentee=sol, mentor=other, kind=CAREER, by=cora, now=now)
            runs.rerun(run, by=cora, now=now)
        worked(run_id, cora)

        with inside(cora):
            [pair], _ = review.pairs(run_id, review.Shown())
            assert (pair.mentor, pair.mark) == ("Dr. Other", Mark.PIN)
            assert pair.cautions[0] == (
                "Pinned, although: This mentor does not offer career mentoring."
            )
            facts = queries.run(run_id).facts
            assert (facts["overruled"], facts["to_look_at"]) == (1, 1)

    def test_a_pin_against_a_block_is_not_kept_and_the_draft_says_why(
        self, inside, run_id, worked, mara, sol, cora, now
    ):
        with inside(cora):
            conflicts.block(other=mara, by=sol, now=now)
            run = queries.run_record(run_id)
            marks.pin(run, mentee=sol, mentor=mara, kind=CAREER, by=cora, now=now)
            runs.rerun(run, by=cora, now=now)
        worked(run_id, cora)

        with inside(cora):
            facts = queries.run(run_id).facts
            assert facts["pairs"] == 0
            [[*who, words]] = facts["broken_pins"]
            assert who == [str(sol.id), str(mara.id), "career"]
            assert words == "These two people cannot be paired."
