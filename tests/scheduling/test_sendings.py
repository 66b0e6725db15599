"""Agendas that go ahead by mail: when, to whom, with what, and once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.jobs import tasks
from mentorship.relationships import action_items, conflicts
from mentorship.scheduling import agendas, notes, sendings
from mentorship.scheduling.models import ItemKind, Meeting, MeetingDeed, MeetingState
from mentorship.scheduling.queries import my_meeting
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words

STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)
HOUR = timedelta(hours=1)
RECORD = "Step 1 failed once, passed in May.\nA leave of three months."


@pytest.fixture
def meeting_id(mara, sol, now):
    return make.meeting(mara, sol, make.pairing(mara, sol), starts_at=STARTS)


@pytest.fixture
def write(meeting_id, sol, inside, now):
    """Put something on the agenda."""

    def write(what="Away rotations", by=sol, **more):
        with inside(by):
            meeting = my_meeting(meeting_id, member=by)
            return agendas.add(meeting=meeting, what=what, by=by, **{"now": now} | more).id

    return write


@pytest.fixture
def plan(meeting_id, inside, now):
    def plan(by, hours_before=24, along=None, **more):
        with inside(by):
            meeting = my_meeting(meeting_id, member=by)
            sendings.plan(
                meeting=meeting, hours_before=hours_before, along=along, by=by, now=now, **more
            )

    return plan


@pytest.fixture
def send(at, work):
    """Do at an instant what the worker does every ten minutes."""

    def send(instant):
        at(instant)
        tasks.send_agendas(0)
        work(until=instant)

    return send


class TestWhen:
    def test_a_day_before_to_both_and_once(self, write, mara, sol, send, tray):
        write()
        send(STARTS - 25 * HOUR)
        assert tray.mails == []

        for _ in range(3):
            send(STARTS - 24 * HOUR)
        send(STARTS - HOUR)
        assert sorted(str(mail["To"]) for mail in tray.mails) == sorted([mara.email, sol.email])

    def test_not_when_it_is_empty_and_as_soon_as_it_is_not(self, write, send, tray):
        send(STARTS - 23 * HOUR)
        assert tray.mails == []

        write()
        send(STARTS - 22 * HOUR)
        assert len(tray.mails) == 2

    def test_not_while_somebody_is_writing(self, write, send, tray):
        write(now=STARTS - 20 * HOUR)
        send(STARTS - 20 * HOUR + timedelta(minutes=14))
        assert tray.mails == []

        send(STARTS - 20 * HOUR + timedelta(minutes=15))
        assert len(tray.mails) == 2

    def test_when_they_choose(self, write, plan, mara, sol, send, tray):
        write()
        plan(mara, hours_before=2)
        send(STARTS - 3 * HOUR)
        assert tray.mails == []

        plan(sol, hours_before=12)
        send(STARTS - 3 * HOUR)
        assert len(tray.mails) == 2

    def test_not_at_all_where_they_do_not_want_it(self, write, plan, sol, send, tray):
        write()
        plan(sol, hours_before=None)
        send(STARTS - HOUR)

        assert tray.mails == []

    @pytest.mark.parametrize("late", [timedelta(0), HOUR])
    def test_never_once_it_has_begun(self, write, send, tray, late):
        write()
        send(STARTS + late)

        assert tray.mails == []

    @pytest.mark.parametrize("state", ["requested", "cancelled"])
    def test_only_of_what_is_agreed(self, write, mara, sol, now, inside, send, tray, state):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS)
        other = make.meeting(
            mara, sol, pairing_id, starts_at=STARTS + HOUR, state=MeetingState.REQUESTED
        )
        with inside(sol):
            meeting = my_meeting(other, member=sol)
            agendas.add(meeting=meeting, what="Nights", by=sol, now=now)
            if state == "cancelled":
                meeting.state, meeting.awaiting, meeting.answer_by = state, None, None
        send(STARTS - HOUR)

        assert tray.mails == []

    def test_again_for_another_time(self, write, meeting_id, sol, inside, send, tray):
        write()
        send(STARTS - HOUR)
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            meeting.starts_at, meeting.ends_at = STARTS + 48 * HOUR, STARTS + 48.5 * HOUR
        send(STARTS)
        assert len(tray.mails) == 2

        send(STARTS + 30 * HOUR)
        assert len(tray.mails) == 4

    def test_what_was_moved_before_the_mail_went_is_not_sent(
        self, write, meeting_id, sol, inside, at, work, tray
    ):
        write()
        at(STARTS - HOUR)
        tasks.send_agendas(0)
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            meeting.starts_at, meeting.ends_at = STARTS + 48 * HOUR, STARTS + 48.5 * HOUR
        work()

        assert tray.mails == []


class TestPlan:
    def test_leaves_one_deed_that_does_not_say_what_goes_along(self, plan, sol, inside):
        plan(sol, along=RECORD)
        plan(sol, along=RECORD)

        with inside(sol):
            planned = AuditEvent.deed == MeetingDeed.AGENDA_PLANNED
            (deed,) = db.session.scalars(select(AuditEvent).where(planned))
            assert deed.facts == {"hours_before": 24}

    def test_the_mentor_says_when_and_leaves_the_record_alone(
        self, plan, meeting_id, mara, sol, inside
    ):
        plan(sol, along=RECORD)
        plan(mara, hours_before=48)

        with inside(sol):
            assert sendings.of(meeting_id)[:2] == (48, RECORD)
        with pytest.raises(sendings.MenteesOwn):
            plan(mara, along="Mine")

    @pytest.mark.parametrize("hours", [0, 1, 25, -24, 169, 10**6])
    def test_only_at_a_time_that_is_offered(self, plan, sol, hours):
        with pytest.raises(sendings.NotThen):
            plan(sol, hours_before=hours)

    def test_there_is_a_longest(self, plan, sol):
        plan(sol, along="é" * sendings.LONGEST)
        with pytest.raises(sendings.TooMuchAlong):
            plan(sol, along="é" * (sendings.LONGEST + 1))

    def test_asks_about_what_looks_like_a_patient(self, plan, sol):
        with pytest.raises(notes.AboutAPatient):
            plan(sol, along="The case of MRN 00412233")
        plan(sol, along="The case of MRN 00412233", anyway=True)

    def test_is_for_the_two_alone(self, meeting_id, cora, sol, inside, now):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            with pytest.raises(NotYours):
                sendings.plan(meeting=meeting, hours_before=2, along=None, by=cora, now=now)

    def test_stops_where_one_has_blocked_the_other(self, plan, mara, sol, inside, now):
        with inside(sol):
            conflicts.block(other=sol, by=mara, now=now)
        with pytest.raises(notes.NoContact):
            plan(sol, along=RECORD)


class TestMail:
    def test_says_what_stands_there_to_each_in_their_zone(
        self, lakeside, write, plan, meeting_id, mara, sol, inside, now, send, tray
    ):
        write("Which rotations?", minutes=8)
        write("A decision", kind=ItemKind.WANT)
        write("The paper", by=mara, kind=ItemKind.READING, link="https://example.org/p")
        with inside(sol):
            pairing_id = db.session.scalars(select(Meeting.pairing_id)).one()
            action_items.take_on(
                pairing_id=pairing_id,
                owner=sol,
                what="Write to Dr. Chen",
                due_on=None,
                by=sol,
                now=now,
            )
        plan(sol, along=RECORD)
        send(STARTS - HOUR)

        (mail,) = tray.to(mara.email)
        text = words(mail).replace("\r\n", "\n")
        assert mail["Subject"] == "Agenda for Thu, Mar 5 with Sol Adair"
        assert "25 minutes with Sol Adair, Thursday, March 5, 1:00 to 1:25 PM CST." in text
        assert "1. Which rotations? (8 min)\n" in text
        assert "2. Wanted from this: A decision\n" in text
        assert "3. To read before: The paper https://example.org/p\n" in text
        assert "- Write to Dr. Chen (Sol Adair)\n" in text
        assert f"Sol Adair sends along:\n\n{RECORD}\n" in text
        assert f"/c/lakeside/meetings/{meeting_id}" in text
        assert "\n\n\n" not in text
        html = mail.get_body(("html",)).get_content()
        assert 'href="https://example.org/p"' in html
        assert "A leave of three months." in html

        (own,) = tray.to(sol.email)
        assert "You send along:" in words(own)
        assert "- Write to Dr. Chen (you)" in words(own)

    def test_of_wellness_holds_no_words(self, mara, sol, now, inside, send, tray):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS)
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=STARTS, purpose="purposeword")
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            agendas.add(meeting=meeting, what="agendaword", by=sol, now=now)
            sendings.plan(meeting=meeting, hours_before=24, along="alongword", by=sol, now=now)
            action_items.take_on(
                pairing_id=pairing_id, owner=sol, what="itemword", due_on=None, by=sol, now=now
            )
        send(STARTS - HOUR)

        assert len(tray.mails) == 2
        for mail in tray.mails:
            said = f"{mail['Subject']} {words(mail)} {mail.get_body(('html',)).get_content()}"
            assert "The agenda has 1 item." in said
            assert not [
                word for word in ("agenda", "along", "item", "purpose") if f"{word}word" in said
            ]


class TestPage:
    def test_the_mentee_chooses_and_the_mentor_reads(self, meeting_id, mara, sol, sign_in):
        page = f"/c/lakeside/meetings/{meeting_id}"
        answer = sign_in(sol).post(f"{page}/agenda/sending", data={"hours": "48", "along": RECORD})
        assert answer.status_code == 303

        mentor = sign_in(mara).get(page).text
        assert "A leave of three months." in mentor
        assert 'name="along"' not in mentor
        assert "Goes to both of you 48 hours before" in mentor

    @pytest.mark.parametrize(
        ("sent", "reason"),
        [
            ({"hours": "5", "along": "Kept words"}, "Choose one of the times"),
            ({"hours": "x", "along": "Kept words"}, "Choose one of the times"),
            ({"hours": "24", "along": "Kept words, SSN 123-45-6789"}, "could identify a patient"),
            ({"hours": "24", "along": "Kept words" + "x" * 5_000}, "within 5,000 characters"),
        ],
    )
    def test_what_cannot_be_comes_back_with_the_reason(
        self, meeting_id, sol, sign_in, sent, reason
    ):
        page = f"/c/lakeside/meetings/{meeting_id}"
        answer = sign_in(sol).post(f"{page}/agenda/sending", data=sent)

        assert answer.status_code == 422
        assert reason in answer.text
        assert "Kept words" in answer.text

    def test_can_be_turned_off(self, meeting_id, sol, sign_in):
        page = f"/c/lakeside/meetings/{meeting_id}"
        client = sign_in(sol)
        client.post(f"{page}/agenda/sending", data={"hours": "", "along": ""})

        assert "Does not go by mail" in client.get(page).text
