"""The rules of pairing many are those of pairing two."""

import pytest
from sqlalchemy import func, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.relationships import cohorts, conflicts, pairings
from mentorship.relationships.cohorts import Asked
from mentorship.relationships.models import Pairing, PairingDeed
from mentorship.vocabulary.kinds import Kind
from tests import make

CAREER, CONTENT, APPLICATION, WELLNESS = Kind


class TestBegin:
    def test_pairs_them_all_and_leaves_a_deed_of_each(self, inside, lakeside, mara, sol, cora, now):
        rio = make.student(lakeside, "Rio")
        reasons = [{"factor": "room", "points": 15, "of": 15, "words": "3 of 3 places open"}]
        asked = [
            Asked(sol, mara, CAREER, fit=15, reasons=reasons),
            Asked(rio, mara, CONTENT, topic="toxicology"),
        ]
        with inside(cora):
            cohorts.begin(asked, by=cora, now=now)

            made = {one.mentee_id: one for one in db.session.scalars(select(Pairing))}
            assert (made[sol.id].kind, made[sol.id].reasons) == (CAREER, reasons)
            assert (made[rio.id].kind, made[rio.id].topic) == (CONTENT, "toxicology")
            assert pairings.places_left([mara.user_id]) == {mara.user_id: 1}
            deeds = select(AuditEvent.subject_id, AuditEvent.by_id).where(
                AuditEvent.deed == PairingDeed.ACCEPTED
            )
            assert {tuple(deed) for deed in db.session.execute(deeds)} == {
                (one.id, cora.id) for one in made.values()
            }

    def test_pairs_nobody_when_one_pair_cannot_begin(self, inside, lakeside, mara, sol, cora, now):
        rio = make.student(lakeside, "Rio")
        with inside(cora):
            conflicts.block(other=rio, by=mara, now=now)
            with pytest.raises(cohorts.NotAll) as refusal:
                cohorts.begin(
                    [Asked(sol, mara, CAREER), Asked(rio, mara, CAREER)], by=cora, now=now
                )

            assert {place: type(no) for place, no in refusal.value.refusals.items()} == {
                1: conflicts.Blocked
            }
            assert db.session.scalar(select(func.count()).select_from(Pairing)) == 0

    def test_counts_the_places_that_the_others_take(self, inside, lakeside, sol, cora, now):
        small = make.mentor(lakeside, places=1)
        rio = make.student(lakeside, "Rio")
        asked = [Asked(sol, small, CAREER), Asked(rio, small, CAREER)]
        with inside(cora), pytest.raises(cohorts.NotAll) as refusal:
            cohorts.begin(asked, by=cora, now=now)

        assert list(refusal.value.refusals) == [1]
        assert str(refusal.value) == pairings.MentorFull.sentence

    def test_allows_two_kinds_by_one_person_only_where_the_chapter_does(
        self, inside, mara, sol, cora, now
    ):
        relaxed = make.chapter("relaxed", two_kinds_by_one_mentor=True)
        mentor, mentee = make.mentor(relaxed), make.student(relaxed)
        with inside(mentee):
            two = [Asked(mentee, mentor, CAREER), Asked(mentee, mentor, WELLNESS)]
            cohorts.begin(two, by=None, now=now)
        two = [Asked(sol, mara, CAREER), Asked(sol, mara, WELLNESS)]
        with inside(cora), pytest.raises(cohorts.NotAll):
            cohorts.begin(two, by=None, now=now)

    @pytest.mark.parametrize("kind", list(Kind))
    @pytest.mark.parametrize(
        "case", ["free", "blocked", "kept apart", "judges all", "judges one", "met", "full"]
    )
    def test_agrees_with_pairing_two(self, inside, lakeside, cora, sol, now, kind, case):
        mentor = make.mentor(lakeside, places=2 if case == "met" else 1)
        if case == "met":
            make.pairing(mentor, sol, CAREER)
        if case == "full":
            make.pairing(mentor, make.student(lakeside))
        with inside(cora):
            if case == "blocked":
                conflicts.block(other=mentor, by=sol, now=now)
            if case == "kept apart":
                conflicts.separate(one=sol, other=mentor, by=cora, now=now)
            if case.startswith("judges"):
                conflicts.declare_evaluation(
                    role="Clerkship director",
                    starts_on=now.date(),
                    ends_on=None,
                    mentee=sol if case == "judges one" else None,
                    by=mentor,
                    now=now,
                )
            db.session.commit()
            alone = ""
            try:
                pairings.begin(mentee=sol, mentor=mentor, kind=kind, by=cora, now=now)
            except Refusal as refusal:
                alone = str(refusal)
            db.session.rollback()

            together = ""
            try:
                cohorts.begin([Asked(sol, mentor, kind)], by=cora, now=now)
            except cohorts.NotAll as refusal:
                together = str(refusal)
            assert together == alone
            db.session.rollback()
