"""Notes: shared without overwriting each other, private to whoever wrote them, about no patient."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts
from mentorship.scheduling import notes
from mentorship.scheduling.models import MeetingDeed, PrivateNote
from mentorship.scheduling.queries import my_meeting
from tests import make

STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)


@pytest.fixture
def meeting(mara, sol, inside):
    """The meeting, inside its chapter."""
    meeting_id = make.meeting(mara, sol, make.pairing(mara, sol), starts_at=STARTS)
    with inside(sol):
        yield my_meeting(meeting_id, member=sol)


def deeds() -> list[AuditEvent]:
    written = AuditEvent.deed == MeetingDeed.NOTES_WRITTEN
    return list(db.session.scalars(select(AuditEvent).where(written).order_by(AuditEvent.id)))


class TestShared:
    def write(self, meeting, words, by, now, seen=0, **more):
        return notes.write_shared(
            meeting=meeting, words=words, seen_version=seen, by=by, now=now, **more
        )

    def test_either_writes_and_the_version_goes_up(self, meeting, mara, sol, now):
        assert self.write(meeting, "Eight programs.", sol, now) == 1
        assert self.write(meeting, "Eight programs, not ten.", mara, now, seen=1) == 2
        assert (meeting.notes, meeting.notes_version) == ("Eight programs, not ten.", 2)

    def test_a_deed_says_that_it_was_written_and_not_what(self, meeting, sol, now):
        self.write(meeting, "I took a leave last year.", sol, now)

        (deed,) = deeds()
        assert (deed.by_id, deed.subject_id) == (sol.id, meeting.id)
        assert deed.facts == {"version": 1}

    def test_the_same_words_again_change_nothing(self, meeting, sol, now):
        self.write(meeting, "Eight programs.", sol, now)

        assert self.write(meeting, "Eight programs.\r\n", sol, now) == 1
        assert len(deeds()) == 1

    def test_nothing_is_overwritten_unseen(self, meeting, mara, sol, now):
        self.write(meeting, "Theirs", mara, now)

        with pytest.raises(notes.Overtaken) as overtaken:
            self.write(meeting, "Mine", sol, now, seen=0)
        assert (overtaken.value.words, overtaken.value.version) == ("Theirs", 1)
        assert meeting.notes == "Theirs"

    @pytest.mark.parametrize("seen", [-1, 5])
    def test_a_version_that_never_was_is_not_seen(self, meeting, sol, now, seen):
        with pytest.raises(notes.Overtaken):
            self.write(meeting, "Mine", sol, now, seen=seen)

    def test_they_can_be_emptied(self, meeting, sol, now):
        self.write(meeting, "A slip", sol, now)

        assert self.write(meeting, "  ", sol, now, seen=1) == 2
        assert meeting.notes == ""

    def test_there_is_a_longest(self, meeting, sol, now):
        self.write(meeting, "é" * notes.LONGEST, sol, now)

        with pytest.raises(notes.TooLong):
            self.write(meeting, "é" * (notes.LONGEST + 1), sol, now, seen=1)

    def test_it_is_for_the_two_alone(self, cora, meeting, now):
        with pytest.raises(NotYours):
            self.write(meeting, "Hello", cora, now)

    def test_it_stops_where_one_has_blocked_the_other(self, meeting, mara, sol, now):
        conflicts.block(other=sol, by=mara, now=now)

        with pytest.raises(notes.NoContact):
            self.write(meeting, "Please", sol, now)

    def test_what_looks_like_a_patient_is_asked_about_once(self, meeting, sol, now):
        with pytest.raises(notes.AboutAPatient) as asked:
            self.write(meeting, "Saw MRN 00412233.", sol, now)
        assert "“MRN 00412233”" in str(asked.value)
        assert meeting.notes == ""

        self.write(meeting, "Saw MRN 00412233.", sol, now, anyway=True)
        self.write(meeting, "Saw MRN 00412233. And more.", sol, now, seen=1)
        with pytest.raises(notes.AboutAPatient):
            self.write(meeting, "Saw MRN 00412233. And MRN 5512345.", sol, now, seen=2)


class TestPrivate:
    def write(self, meeting, words, by, now, **more):
        notes.write_private(meeting=meeting, words=words, by=by, now=now, **more)

    def test_each_has_their_own(self, meeting, mara, sol, now):
        self.write(meeting, "Ask about nights.", sol, now)
        self.write(meeting, "Keen, needs a plan.", mara, now)
        self.write(meeting, "Ask about nights and fellowship.", sol, now)

        assert notes.private(meeting, by=sol) == "Ask about nights and fellowship."
        assert notes.private(meeting, by=mara) == "Keen, needs a plan."

    def test_the_deed_keeps_the_words_to_itself(self, meeting, sol, now):
        self.write(meeting, "I am afraid of him.", sol, now)
        self.write(meeting, "I am afraid of him.", sol, now)

        (deed,) = deeds()
        assert deed.facts == {"private": True}

    def test_emptied_is_gone(self, meeting, sol, now):
        self.write(meeting, "A slip", sol, now)
        self.write(meeting, "", sol, now)

        assert db.session.scalar(select(func.count()).select_from(PrivateNote)) == 0

    def test_a_block_does_not_keep_anyone_from_their_own_notes(self, meeting, mara, sol, now):
        conflicts.block(other=sol, by=mara, now=now)
        self.write(meeting, "What happened", sol, now)

        assert notes.private(meeting, by=sol) == "What happened"

    def test_it_is_for_the_two_alone(self, cora, meeting, now):
        with pytest.raises(NotYours):
            self.write(meeting, "Hello", cora, now)

    def test_there_is_a_longest(self, meeting, sol, now):
        with pytest.raises(notes.TooLong):
            self.write(meeting, "x" * (notes.LONGEST + 1), sol, now)

    def test_what_looks_like_a_patient_is_asked_about(self, meeting, sol, now):
        with pytest.raises(notes.AboutAPatient):
            self.write(meeting, "DOB 3/14/1962", sol, now)
        self.write(meeting, "DOB 3/14/1962", sol, now, anyway=True)

        assert notes.private(meeting, by=sol) == "DOB 3/14/1962"


class TestMerged:
    @pytest.mark.parametrize(
        ("theirs", "mine", "both"),
        [
            ("A\nB", "A\nC", "A\nB\nC"),
            ("A", "", "A"),
            ("", "A", "A"),
            ("A\nB", "A\nB", "A\nB"),
            ("A", "A\n\nB", "A\n\nB"),
            ("  A", "A", "A"),
        ],
    )
    def test_holds_every_line_of_both(self, theirs, mine, both):
        assert notes.merged(theirs, mine) == both


class TestPatientMarks:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("Case with MRN 1234567 and a fall", ["MRN 1234567"]),
            ("mrn: A-448812", ["mrn: A-448812"]),
            ("MRN55123", ["MRN55123"]),
            ("Medical record number 88431", ["Medical record number 88431"]),
            ("born 3/14/1962, chest pain", ["born 3/14/1962"]),
            ("DOB: 1962-03-14", ["DOB: 1962-03-14"]),
            ("date of birth was 14.3.62", ["date of birth was 14.3.62"]),
            ("SSN 123-45-6789", ["123-45-6789"]),
            ("call (312) 555-0142 back", ["(312) 555-0142"]),
            ("+1 312-555-0142", ["+1 312-555-0142"]),
            ("312.555.0142", ["312.555.0142"]),
            ("312\u2011555\u20110142", ["312\u2011555\u20110142"]),
            ("pt 00412233 in bed 4", ["00412233"]),
            ("MRN 11223344, DOB 1/2/1950", ["MRN 11223344", "DOB 1/2/1950"]),
        ],
    )
    def test_finds(self, words, found):
        assert notes.patient_marks(words) == found

    @pytest.mark.parametrize(
        "words",
        [
            "",
            "Keep the list to eight programs by 11/24/2026.",
            "Step 2 CK: 256. Class of 2027.",
            "Meet again 3/19 at 4:30 PM, room 4.212",
            "https://video.example.org/j/9876543210?pwd=12345678",
            "Read PMID: 31234567 and doi 10.1016/j.annemergmed.2024.1234567",
            "The trial is NCT01234567",
            "The bill was 1,250,000 dollars",
            "born to teach",
            "Nobody was reborn on 12",
        ],
    )
    def test_leaves_alone(self, words):
        assert notes.patient_marks(words) == []

    def test_a_long_text_takes_no_time(self):
        assert notes.patient_marks("mrn " * 2500) == []
        assert notes.patient_marks("(1" * 5000) == []
        assert len(notes.patient_marks("1" * 10_000)) == 0
