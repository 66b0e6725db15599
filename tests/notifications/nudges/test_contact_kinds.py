"""Reminders of thanks, and of moments at which mentors like to hear how it went."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.notifications.nudges.kinds import thanks as thanks_kind
from mentorship.notifications.nudges.kinds import update as update_kind
from mentorship.relationships.contacts import rotations, updates
from mentorship.relationships.models import PairingState
from mentorship.scheduling import queries
from mentorship.scheduling.models import MeetingState
from mentorship.scheduling.thanks import thanks
from mentorship.vocabulary.cycles import cycles
from mentorship.vocabulary.stages import Stage
from tests import make
from tests.conftest import MONDAY_NOON, words

NOW = MONDAY_NOON
DAY = timedelta(days=1)
MATCH_DAY = cycles()["2025-26"].dates["match_day"]
#: Noon in Chicago on the day after.
AFTER_THE_MATCH = datetime.combine(MATCH_DAY + DAY, NOW.time(), UTC)


class TestThanks:
    @pytest.fixture
    def meeting_id(self, mara, sol, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, began_at=NOW - 9 * DAY)
        at = NOW - timedelta(hours=3)
        return make.meeting(mara, sol, pairing_id, starts_at=at, state=MeetingState.HELD)

    def due(self, inside, sol, now=NOW) -> list:
        with inside(sol):
            return [one.member_id for one in thanks_kind.find(now=now)]

    def test_are_asked_of_the_mentee_for_two_days(self, inside, sol, meeting_id):
        assert self.due(inside, sol) == [sol.id]
        assert self.due(inside, sol, NOW + 2 * DAY) == []
        assert self.due(inside, sol, NOW - timedelta(hours=3)) == []

    def test_are_not_asked_once_they_are_said(self, inside, sol, meeting_id):
        with inside(sol):
            meeting = queries.my_meeting(meeting_id, member=sol)
            thanks.say(meeting, words="Thank you.", by=sol, now=NOW)
        assert self.due(inside, sol) == []

    def test_are_not_asked_for_what_was_not_held(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        make.meeting(mara, sol, pairing_id, starts_at=NOW - timedelta(hours=3))
        assert self.due(inside, sol) == []

    def test_mail_leads_to_the_page_once(self, sol, meeting_id, go_to, tray):
        go_to(NOW)
        go_to(NOW + DAY)
        [mail] = tray.to(sol.email)
        assert str(mail["Subject"]) == "A word of thanks to Dr. Quist"
        assert f"/c/lakeside/meetings/{meeting_id}/thanks" in words(mail)


class TestMoments:
    @pytest.fixture
    def rio(self, lakeside, mara):
        """An M4 who is in touch with a mentor."""
        rio = make.student(lakeside, "Rio Vega", stage=Stage.M4)
        make.pairing(
            *(mara, rio),
            state=PairingState.ACTIVE,
            began_at=NOW - 90 * DAY,
            last_contact_on=NOW.date(),
        )
        return rio

    def due(self, inside, who, now) -> list[date]:
        with inside(who):
            return [one.since for one in update_kind.find(now=now) if one.member_id == who.id]

    def test_are_the_days_after_interviews_and_match_day(self, inside, rio):
        interviews = cycles()["2025-26"].dates["interviews_until"]
        assert self.due(inside, rio, NOW) == [interviews]
        assert self.due(inside, rio, AFTER_THE_MATCH - DAY) == []
        assert self.due(inside, rio, AFTER_THE_MATCH) == [MATCH_DAY]
        assert self.due(inside, rio, AFTER_THE_MATCH + 10 * DAY) == []

    def test_are_not_of_a_cycle_whose_file_does_not_say(self, inside, rio, monkeypatch):
        monkeypatch.setitem(cycles()["2025-26"].dates, "match_day", date(2027, 3, 20))
        assert self.due(inside, rio, AFTER_THE_MATCH) == []

    def test_of_the_cycle_are_for_those_who_apply(self, inside, sol, mara, rio):
        make.pairing(mara, sol, state=PairingState.ACTIVE)
        assert self.due(inside, sol, AFTER_THE_MATCH) == []

    def test_are_for_those_who_have_a_mentor(self, inside, lakeside):
        alone = make.student(lakeside, stage=Stage.M4)
        assert self.due(inside, alone, AFTER_THE_MATCH) == []

    def test_are_over_once_an_update_is_written(self, inside, rio, now):
        with inside(rio):
            to = [one.pairing_id for one in updates.mentors_of(rio)]
            one = updates.save(
                None, words="Done.", to=to, lines={}, own_address=False, by=rio, now=NOW
            )
            assert self.due_here(rio)
            updates.send(one, lines={}, by=rio, now=NOW)
            db.session.flush()
            assert not self.due_here(rio)

    def due_here(self, who) -> list:
        return list(update_kind.find(now=NOW, member_id=who.id))

    def test_are_the_days_after_rotations_at_any_stage(self, inside, mara, sol, now):
        make.pairing(mara, sol, state=PairingState.ACTIVE)
        ends_on = date(2026, 3, 10)
        with inside(sol):
            rotations.add(place="County", ends_on=ends_on, by=sol, now=NOW)
        # Midnight in Chicago, after its last day.
        midnight = datetime(2026, 3, 11, 5, tzinfo=UTC)
        assert self.due(inside, sol, midnight - timedelta(seconds=1)) == []
        assert self.due(inside, sol, midnight) == [ends_on]

    def test_after_the_match_nobody_is_congratulated(self, rio, go_to, tray):
        go_to(AFTER_THE_MATCH)
        go_to(AFTER_THE_MATCH + DAY)
        [mail] = [one for one in tray.to(rio.email) if "helped you" in str(one["Subject"])]
        said = f"{mail['Subject']} {words(mail)}".lower()
        for word in ("congrat", "matched", "celebrat", "great news"):
            assert word not in said
        assert "/c/lakeside/updates/new" in said
