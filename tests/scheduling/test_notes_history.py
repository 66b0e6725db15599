"""Shared notes keep what stood there: who wrote it, when, what changed, and the way back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.relationships import conflicts
from mentorship.scheduling import notes
from mentorship.scheduling.models import Meeting, NotesVersion
from mentorship.scheduling.notes import Change, Passage
from mentorship.scheduling.queries import my_meeting
from tests import make

STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def meeting_id(mara, sol):
    return make.meeting(mara, sol, make.pairing(mara, sol), starts_at=STARTS)


@pytest.fixture
def meeting(meeting_id, sol, inside):
    """The meeting, inside its chapter."""
    with inside(sol):
        yield my_meeting(meeting_id, member=sol)


@pytest.fixture
def page(meeting_id) -> str:
    return f"/c/lakeside/meetings/{meeting_id}/notes/history"


def write(meeting, words, by, at):
    return notes.write_shared(
        meeting=meeting, words=words, seen_version=meeting.notes_version, by=by, now=at
    )


def kept() -> list[tuple]:
    columns = NotesVersion.version, NotesVersion.by_id, NotesVersion.words
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(columns[0]))]


class TestVersions:
    def test_one_sitting_is_one_version(self, meeting, sol, now):
        for minutes, words in enumerate(("One", "One, two", "One, two, three")):
            write(meeting, words, sol, now + minutes * MINUTE)

        assert kept() == [(3, sol.id, "One, two, three")]

    def test_each_writer_and_each_sitting_has_its_own(self, meeting, mara, sol, now):
        write(meeting, "Mine", sol, now)
        write(meeting, "Mine and theirs", mara, now + MINUTE)
        write(meeting, "Mine, theirs", sol, now + 2 * MINUTE)
        write(meeting, "Mine, theirs, later", sol, now + 2 * MINUTE + notes.SITTING)

        assert kept() == [
            (1, sol.id, "Mine"),
            (2, mara.id, "Mine and theirs"),
            (3, sol.id, "Mine, theirs"),
            (4, sol.id, "Mine, theirs, later"),
        ]

    def test_what_is_wiped_out_by_a_slip_is_kept(self, meeting, sol, now):
        write(meeting, "All that we said", sol, now)
        write(meeting, "Al", sol, now + MINUTE)
        write(meeting, "", sol, now + MINUTE)

        assert [words for *_, words in kept()] == ["All that we said", "Al", ""]

    def test_begins_with_what_was_written_before_there_was_a_history(self, meeting, sol, now):
        meeting.notes, meeting.notes_version = "From long ago", 7
        db.session.flush()
        write(meeting, "From long ago, and now", sol, now)

        assert kept() == [(7, None, "From long ago"), (8, sol.id, "From long ago, and now")]

    def test_the_same_words_again_are_no_version(self, meeting, mara, sol, now):
        write(meeting, "Mine", sol, now)
        write(meeting, "Mine", mara, now)

        assert len(kept()) == 1


class TestRestore:
    def restore(self, version, meeting, by, now, seen=None):
        seen = meeting.notes_version if seen is None else seen
        return notes.restore(version, meeting=meeting, seen_version=seen, by=by, now=now)

    def test_is_a_new_version_and_loses_nothing(self, meeting, mara, sol, now):
        write(meeting, "First", sol, now)
        write(meeting, "Second", mara, now)

        assert self.restore(1, meeting, mara, now + MINUTE) == 3
        assert meeting.notes == "First"
        assert self.restore(2, meeting, sol, now + MINUTE) == 4
        assert [words for *_, words in kept()] == ["First", "Second", "First", "Second"]

    def test_not_over_words_that_were_not_seen(self, meeting, mara, sol, now):
        write(meeting, "First", sol, now)
        write(meeting, "Second", mara, now)

        with pytest.raises(notes.Overtaken):
            self.restore(1, meeting, sol, now, seen=1)
        assert meeting.notes == "Second"

    @pytest.mark.parametrize("version", [-1, 0, 2, 99])
    def test_not_to_what_never_was(self, meeting, sol, now, version):
        write(meeting, "First", sol, now)

        with pytest.raises(notes.NoSuchVersion):
            self.restore(version, meeting, sol, now)

    def test_not_where_one_has_blocked_the_other(self, meeting, mara, sol, now):
        write(meeting, "First", sol, now)
        write(meeting, "Second", mara, now)
        conflicts.block(other=sol, by=mara, now=now)

        with pytest.raises(notes.NoContact):
            self.restore(1, meeting, sol, now)


class TestDifference:
    def test_is_read_line_by_line(self):
        assert notes.difference("a\nb\nc", "a\nB\nc\nd") == [
            Passage(Change.KEPT, "a"),
            Passage(Change.REMOVED, "b"),
            Passage(Change.ADDED, "B"),
            Passage(Change.KEPT, "c"),
            Passage(Change.ADDED, "d"),
        ]

    @given(*[st.lists(st.sampled_from("abc"), max_size=8).map("\n".join)] * 2)
    def test_holds_both_texts_whole(self, before, after):
        passages = notes.difference(before, after)

        def lines(but: Change) -> list[str]:
            found = [part.words.split("\n") for part in passages if part.change is not but]
            return [line for part in found for line in part]

        assert lines(Change.ADDED) == before.splitlines()
        assert lines(Change.REMOVED) == after.splitlines()


class TestPage:
    def test_shows_who_wrote_what_to_both(self, page, meeting_id, mara, sol, now, inside, sign_in):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            write(meeting, "Eight programs", sol, now)
            write(meeting, "Ten programs <b", mara, now + MINUTE)
        answer = sign_in(sol).get(page)

        assert answer.status_code == 200
        assert "Dr. Mara Quist, " in answer.text
        assert '<ins><span class="vh">Added: </span>Ten programs &lt;b</ins>' in answer.text
        assert '<del><span class="vh">Taken out: </span>Eight programs</del>' in answer.text
        assert "This is how they read now." in answer.text
        first = sign_in(mara).get(f"{page}?version=1").text
        assert "Let the notes read so again" in first
        assert "Ten programs" not in first

    def test_leads_back(self, page, meeting_id, mara, sol, now, inside, sign_in):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            write(meeting, "Eight programs", sol, now)
            write(meeting, "Gone", mara, now)
        client = sign_in(sol)
        answer = client.post(f"{page}?version=1", data={"version": "1", "seen": "2"})
        assert answer.status_code == 303
        with inside(sol):
            assert db.session.scalars(select(Meeting.notes)).one() == "Eight programs"

    def test_says_what_was_too_late(self, page, meeting_id, mara, sol, now, inside, sign_in):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            write(meeting, "Eight programs", sol, now)
            write(meeting, "Ten programs", mara, now)
        answer = sign_in(sol).post(page, data={"version": "1", "seen": "1"})

        assert answer.status_code == 422
        assert "changed meanwhile" in answer.text

    @pytest.mark.parametrize("query", ["", "?version=x", "?version=99", "?version=-1"])
    def test_is_empty_in_words(self, page, sol, now, sign_in, query):
        answer = sign_in(sol).get(page + query)

        assert (answer.status_code, "Nothing yet" in answer.text) == (200, True)

    @pytest.mark.parametrize("sent", [{}, {"version": "x", "seen": "٣"}, {"version": "9" * 12}])
    def test_a_bad_version_is_said_to_be(self, page, sol, now, sign_in, sent):
        answer = sign_in(sol).post(page, data=sent)

        assert (answer.status_code, "no such version" in answer.text) == (422, True)

    def test_is_nobody_elses(self, lakeside, page, cora, odd, now, sign_in):
        assert sign_in(make.student(lakeside, "Rio")).get(page).status_code == 404
        assert sign_in(cora).get(page).status_code == 403
        assert sign_in(odd).get(page).status_code == 404

    def test_holds_its_budget(self, page, meeting_id, sol, now, inside, sign_in, statements):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            for number in range(12):
                write(meeting, f"Version {number}", sol, now + number * notes.SITTING)
        client = sign_in(sol)
        with statements() as seen:
            assert client.get(page).text.count("?version=") >= 12
        assert len(seen) <= 6
