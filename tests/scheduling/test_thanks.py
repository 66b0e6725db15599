"""Thanks after a meeting: once, by mail, and on the line of both."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import action_items, pairings
from mentorship.relationships.queries import my_pairing
from mentorship.scheduling import agendas, notes, queries
from mentorship.scheduling.models import MeetingState
from mentorship.scheduling.thanks import thanks
from mentorship.scheduling.thanks.models import Thanks
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words

LINE = "Thank you for the tip about signals. I sent three on Monday."


@pytest.fixture
def meet(mara, sol, now):
    """Have the two meet two hours ago, or say what came of it otherwise."""

    def meet(kind=Kind.CAREER, state=MeetingState.HELD, **more):
        pairing_id = make.pairing(mara, sol, kind)
        facts = {"purpose": "My away rotations", **more}
        at = now - timedelta(hours=2)
        return make.meeting(mara, sol, pairing_id, starts_at=at, state=state, **facts)

    return meet


def say(meeting_id, by, now, line=LINE) -> None:
    thanks.say(queries.my_meeting(meeting_id, member=by), words=line, by=by, now=now)


class TestSay:
    def test_goes_by_mail_as_from_a_person_and_stands_on_the_line(
        self, inside, mara, sol, meet, now, tray, work, sign_in
    ):
        meeting_id = meet()
        with inside(sol):
            say(meeting_id, sol, now)
            pairing_id = queries.my_meeting(meeting_id, member=sol).pairing_id
        work()
        [mail] = tray.mails
        assert str(mail["To"]) == mara.email
        assert str(mail["From"]).startswith("Sol Adair via Curbside <")
        assert str(mail["Subject"]) == "Thanks from Sol Adair"
        assert LINE in words(mail)
        assert "Monday, March 2" in words(mail)
        for who, whose in ((sol, "You said thanks"), (mara, "Sol said thanks")):
            page = sign_in(who).get(f"/c/lakeside/pairings/{pairing_id}").text
            assert whose in page
            assert LINE in page

    def test_happens_once_for_a_meeting(self, inside, sol, meet, now, tray, work):
        meeting_id = meet()
        with inside(sol):
            say(meeting_id, sol, now)
            with pytest.raises(thanks.SaidAlready):
                say(meeting_id, sol, now, "And again.")
            assert db.session.scalar(select(func.count()).select_from(Thanks)) == 1
        work()
        assert len(tray.mails) == 1

    @pytest.mark.parametrize("line", ["", "  \n", "x" * 501])
    def test_takes_a_line(self, inside, sol, meet, now, line):
        meeting_id = meet()
        with inside(sol), pytest.raises(thanks.NotSaid):
            say(meeting_id, sol, now, line)

    @pytest.mark.parametrize(
        "state", [MeetingState.ACCEPTED, MeetingState.LAPSED, MeetingState.CANCELLED]
    )
    def test_needs_a_meeting_that_was_held(self, inside, sol, meet, now, state):
        meeting_id = meet(state=state)
        with inside(sol), pytest.raises(thanks.NotHeld):
            say(meeting_id, sol, now)

    def test_is_the_mentees(self, inside, mara, meet, now):
        meeting_id = meet()
        with inside(mara), pytest.raises(NotYours):
            say(meeting_id, mara, now)

    def test_is_over_with_the_pairing(self, inside, sol, meet, now):
        meeting_id = meet()
        with inside(sol):
            pairing_id = queries.my_meeting(meeting_id, member=sol).pairing_id
            pairings.end(my_pairing(pairing_id, member=sol), by=sol, now=now)
            with pytest.raises(thanks.NotUnderWay):
                say(meeting_id, sol, now)

    def test_of_wellness_is_not_in_the_mail(self, inside, sol, meet, now, tray, work):
        meeting_id = meet(Kind.WELLNESS)
        with inside(sol):
            say(meeting_id, sol, now)
        work()
        [mail] = tray.mails
        assert LINE not in str(mail)
        assert "wellness" not in f"{words(mail)} {mail}".lower()


class TestFirstWords:
    def first(self, inside, sol, meeting_id) -> str:
        with inside(sol):
            return thanks.beginning(meeting_id, member=sol).words

    def test_name_what_was_asked(self, inside, sol, meet):
        assert self.first(inside, sol, meet()).endswith("helped me: My away rotations")

    def test_name_a_topic_of_the_agenda_before(self, inside, sol, meet, now):
        meeting_id = meet(state=MeetingState.ACCEPTED)
        with inside(sol):
            meeting = queries.my_meeting(meeting_id, member=sol)
            agendas.add(meeting=meeting, what="Which signals?", by=sol, now=now)
            meeting.state = MeetingState.HELD
        assert self.first(inside, sol, meeting_id).endswith("helped me: Which signals?")

    def test_name_what_the_student_took_on_before_that_and_nothing_private(
        self, inside, mara, sol, meet, now
    ):
        meeting_id = meet()
        with inside(sol):
            meeting = queries.my_meeting(meeting_id, member=sol)
            notes.write_private(meeting=meeting, words="mine alone", by=sol, now=now)
            for owner, what in ((mara, "Write to the county"), (sol, "Draft my list")):
                action_items.take_on(
                    **{"pairing_id": meeting.pairing_id, "owner": owner, "what": what},
                    **{"due_on": date(2026, 4, 1), "by": sol, "now": now},
                    meeting_id=meeting_id,
                )
        said = self.first(inside, sol, meeting_id)
        assert said == "Thank you for our talk. What I take from it first: Draft my list"

    def test_of_wellness_name_nothing(self, inside, sol, meet):
        said = self.first(inside, sol, meet(Kind.WELLNESS))
        assert said == "Thank you for our talk. It helped."

    def test_stay_within_what_can_be_sent(self, inside, sol, meet):
        assert len(self.first(inside, sol, meet(purpose="word " * 50))) < 250


class TestCallbacks:
    def test_are_about_each_pairings_own_last_talk(self, inside, lakeside, mara, sol, meet, now):
        meeting_id = meet()
        earlier = now - timedelta(days=9)
        lee = make.mentor(lakeside, "Dr. Ana Lee")
        with inside(sol):
            hers = queries.my_meeting(meeting_id, member=sol).pairing_id
        held = {"starts_at": earlier, "state": MeetingState.HELD}
        make.meeting(mara, sol, hers, purpose="Long ago", **held)
        theirs = make.pairing(lee, sol)
        make.meeting(lee, sol, theirs, purpose="Airway", **held)
        never = make.pairing(make.mentor(lakeside), sol)
        with inside(sol):
            found = thanks.callbacks([hers, theirs, never], member=sol)
        assert found == {
            hers: "When we talked on Mon, Mar 2, it was about this: My away rotations",
            theirs: "When we talked on Sat, Feb 21, it was about this: Airway",
        }

    def test_of_wellness_say_only_when(self, inside, sol, meet):
        meeting_id = meet(Kind.WELLNESS)
        with inside(sol):
            hers = queries.my_meeting(meeting_id, member=sol).pairing_id
            found = thanks.callbacks([hers], member=sol)
        assert found == {hers: "Thank you again for our talk on Mon, Mar 2."}

    def test_are_for_nobody_else(self, inside, lakeside, sol, meet):
        meeting_id, rio = meet(), make.student(lakeside)
        with inside(sol):
            hers = queries.my_meeting(meeting_id, member=sol).pairing_id
        with inside(rio):
            assert thanks.callbacks([hers], member=rio) == {}


class TestPage:
    def test_begins_with_words_and_sends_them(self, sign_in, sol, meet, now):
        client, meeting_id = sign_in(sol), meet()
        url = f"/c/lakeside/meetings/{meeting_id}/thanks"
        assert f'href="{url}"' in client.get(f"/c/lakeside/meetings/{meeting_id}").text
        assert "helped me: My away rotations" in client.get(url).text
        sent = client.post(url, data={"words": LINE})
        assert sent.status_code == 303
        assert LINE in client.get(sent.location).text
        assert "You have said thanks for this meeting" in client.get(url).text
        again = client.post(url, data={"words": "Twice"})
        assert again.status_code == 422
        assert thanks.SaidAlready.sentence in again.text

    @pytest.mark.parametrize("line", ["", "x" * 501])
    def test_keeps_what_was_typed(self, sign_in, sol, meet, now, line):
        answer = sign_in(sol).post(f"/c/lakeside/meetings/{meet()}/thanks", data={"words": line})
        assert answer.status_code == 422
        assert thanks.NotSaid.sentence in answer.text
        assert line in answer.text

    def test_is_not_the_mentors(self, sign_in, mara, meet, now):
        url = f"/c/lakeside/meetings/{meet()}/thanks"
        assert sign_in(mara).get(url).status_code == 404
        assert sign_in(mara).post(url, data={"words": LINE}).status_code == 404

    @pytest.mark.parametrize("role", list(Role))
    def test_is_there_for_nobody_else(self, sign_in, lakeside, meet, now, role):
        url = f"/c/lakeside/meetings/{meet()}/thanks"
        answer = sign_in(make.member(lakeside, role)).post(url, data={"words": LINE})
        assert answer.status_code in (403, 404)
