"""Helping on the weekly list: once, remembered over weeks and people, and taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.matching.models import MatchingRun
from mentorship.notifications.nudges import asked, choices
from mentorship.relationships.help import Help, HelpDeed, Outcome, Reason
from mentorship.relationships.models import Fit, FitCheck, PairingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.weekly import finding, helping
from tests import make
from tests.conftest import words

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


@pytest.fixture
def late(mara, sol, now):
    """Two who have not met in 22 days."""
    return make.pairing(mara, sol, began_at=now - 22 * DAY)


@pytest.fixture
def week(inside, lakeside, now):
    def week(who, at=now):
        with inside(who):
            return finding.this_week(who, zone=lakeside.zone, now=at)

    return week


@pytest.fixture
def give(inside, lakeside, now):
    def give(by, reason, subject_id, outcome, at=now, **more):
        with inside(by):
            return helping.give(
                reason, subject_id, outcome, by=by, zone=lakeside.zone, now=at, **more
            )

    return give


class TestGiving:
    def test_takes_a_line_off_and_counts(self, give, week, late, cora):
        give(cora, Reason.NOT_MET, late, Outcome.CALLED, note="Back from nights on Friday.")
        found = week(cora)

        assert found.lines == []
        [done] = found.done
        assert (done.by_name, done.outcome, done.note) == (
            "Cora Winslow",
            Outcome.CALLED,
            "Back from nights on Friday.",
        )
        assert (len(found.done), found.listed) == (1, 1)

    def test_leaves_one_deed_without_the_note(self, give, inside, late, cora):
        give(cora, Reason.NOT_MET, late, Outcome.CALLED, note="Zanzibar")
        with inside(cora):
            deeds = db.session.scalars(
                select(AuditEvent).where(AuditEvent.deed == HelpDeed.GIVEN)
            ).all()

        assert len(deeds) == 1
        assert "Zanzibar" not in str(deeds[0].facts)

    def test_twice_does_it_once(self, give, inside, late, cora, lakeside):
        other = make.coordinator(lakeside)
        give(cora, Reason.NOT_MET, late, Outcome.CALLED)
        with pytest.raises(helping.NotOnTheList):
            give(other, Reason.NOT_MET, late, Outcome.CALLED)
        with inside(cora):
            assert len(db.session.scalars(select(Help)).all()) == 1

    @pytest.mark.parametrize("weeks", helping.WEEKS)
    def test_brings_it_back_after_so_many_weeks(self, give, week, late, cora, now, weeks):
        give(cora, Reason.NOT_MET, late, Outcome.LATER, weeks=weeks)

        assert week(cora, now + weeks * WEEK - DAY).lines == []
        assert [one.subject_id for one in week(cora, now + weeks * WEEK).lines] == [late]

    def test_is_remembered_the_week_after_whoever_looks(
        self, give, week, lakeside, mara, late, cora, now
    ):
        other = make.student(lakeside, "Late Too")
        make.pairing(mara, other, Kind.CONTENT, began_at=now - 30 * DAY)
        give(cora, Reason.NOT_MET, late, Outcome.CALLED)
        found = week(make.coordinator(lakeside), now + WEEK)

        assert (found.last_done, found.last_listed) == (1, 2)
        assert found.done == []

    @pytest.mark.parametrize(
        ("more", "refusal"),
        [({"weeks": 3}, helping.NotThatLong), ({"note": "x" * 501}, helping.TooLong)],
    )
    def test_refuses_what_is_not_offered(self, give, late, cora, more, refusal):
        with pytest.raises(refusal):
            give(cora, Reason.NOT_MET, late, Outcome.CALLED, **more)

    def test_knows_nothing_of_another_chapter(self, inside, late, odd, now):
        with inside(odd), pytest.raises(helping.NotOnTheList):
            helping.give(
                *(Reason.NOT_MET, late, Outcome.CALLED), by=odd, zone="Europe/Oslo", now=now
            )


class TestTakingBack:
    def test_puts_it_on_the_list_again_and_changes_nothing_twice(
        self, give, week, inside, lakeside, late, cora, now
    ):
        give(cora, Reason.NOT_MET, late, Outcome.CALLED)
        [done] = week(cora).done
        for _ in range(2):
            with inside(cora):
                helping.take_back(done.id, by=cora, zone=lakeside.zone, now=now)
        found = week(cora)

        assert ([one.subject_id for one in found.lines], found.done) == ([late], [])
        give(cora, Reason.NOT_MET, late, Outcome.CALLED)

    def test_is_for_this_week_and_this_chapter(
        self, give, week, inside, lakeside, late, cora, odd, now
    ):
        give(cora, Reason.NOT_MET, late, Outcome.CALLED)
        [done] = week(cora).done
        with inside(cora), pytest.raises(helping.TooLate):
            helping.take_back(done.id, by=cora, zone=lakeside.zone, now=now + WEEK)
        with inside(odd), pytest.raises(NotYours):
            helping.take_back(done.id, by=odd, zone="Europe/Oslo", now=now)


class TestReminding:
    def test_sends_the_mail_now(self, give, late, sol, cora, now, tray, work):
        [reminded] = give(cora, Reason.NOT_MET, late, Outcome.REMINDED).reminded
        assert (reminded.member_id, reminded.at) == (sol.id, now)
        work()

        [mail] = tray.to(sol.email)
        assert mail["Subject"] == "A first meeting with Dr. Quist"
        assert "Twenty minutes" in words(mail)

    def test_waits_for_the_end_of_their_quiet_hours(self, give, late, sol, cora, now, tray, work):
        night = now + timedelta(hours=10)  # ten at night in Chicago
        [reminded] = give(cora, Reason.NOT_MET, late, Outcome.REMINDED, at=night).reminded
        work()

        assert reminded.at == night + timedelta(hours=10)
        assert tray.to(sol.email) == []

    def test_stops_after_two_and_says_so(self, give, week, late, sol, cora, now, tray, work, at):
        for days in (0, 7):
            at(now + days * DAY)
            give(cora, Reason.NOT_MET, late, Outcome.REMINDED, at=now + days * DAY)
            work()
        assert len(tray.to(sol.email)) == 2
        [line] = week(cora, now + 14 * DAY).lines

        assert line.action is finding.Action.CALL
        assert line.words.endswith("2 reminders have gone out.")
        with pytest.raises(helping.NotThisWay):
            give(cora, Reason.NOT_MET, late, Outcome.REMINDED, at=now + 14 * DAY)

    def test_does_not_go_round_a_person_who_turned_it_off(self, give, inside, late, sol, cora, now):
        with inside(sol):
            choices.stop(kind=None, by=sol, now=now)
        with pytest.raises(asked.NotWanted):
            give(cora, Reason.NOT_MET, late, Outcome.REMINDED)

    def test_does_not_repeat_one_that_is_on_its_way(self, inside, late, cora, now):
        with inside(cora):
            asked.remind(late, now=now)
        with inside(cora), pytest.raises(asked.Enough):
            asked.remind(late, now=now)


class TestRematching:
    def test_begins_a_run_that_keeps_everybody(self, give, inside, mara, sol, cora):
        given = give(cora, Reason.NOBODY, sol.id, Outcome.REMATCHED)
        with inside(cora):
            [run] = db.session.scalars(select(MatchingRun)).all()

        assert given.run_begun
        assert run.state == "queued"

    def test_leaves_a_run_that_is_under_way(self, give, inside, lakeside, mara, sol, cora):
        other = make.student(lakeside)
        give(cora, Reason.NOBODY, sol.id, Outcome.REMATCHED)
        given = give(cora, Reason.NOBODY, other.id, Outcome.REMATCHED)
        with inside(cora):
            assert len(db.session.scalars(select(MatchingRun)).all()) == 1

        assert not given.run_begun

    def test_is_not_for_officers(self, give, lakeside, mara, sol):
        officer = make.member(lakeside, Role.OFFICER)
        with pytest.raises(helping.NotThisWay):
            give(officer, Reason.NOBODY, sol.id, Outcome.REMATCHED)
        give(officer, Reason.NOBODY, sol.id, Outcome.CALLED)


class TestWhatWasDone:
    def test_about_a_fit_is_seen_neither_by_officers_nor_by_the_other_of_the_two(
        self, give, week, inside, lakeside, sol, cora, now
    ):
        both = make.mentor(lakeside, "Dr. Both", roles=[Role.COORDINATOR])
        for kind, reason in ((Kind.CAREER, Reason.FIT), (Kind.WELLNESS, Reason.HAND)):
            pairing_id = make.pairing(
                *(both, sol, kind), state=PairingState.ACTIVE, last_contact_on=now.date()
            )
            with inside(sol):
                db.session.add(
                    FitCheck(
                        pairing_id=pairing_id,
                        member_id=sol.id,
                        answer=Fit.UNSURE,
                        line="",
                        at=now,
                    )
                )
            give(cora, reason, pairing_id, Outcome.CALLED)

        assert {one.reason for one in week(cora).done} == {Reason.FIT, Reason.HAND}
        assert week(both).done == []
        officer = make.member(lakeside, Role.OFFICER)
        assert {one.reason for one in week(officer).done} == {Reason.HAND}
