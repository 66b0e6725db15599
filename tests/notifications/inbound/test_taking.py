"""Mail that comes back: what each kind does, and that nothing else does anything."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mentorship.app import create_app  # noqa: F401
from mentorship.notifications.inbound import letters, taking
from mentorship.notifications.inbound.taking import Ignored
from mentorship.scheduling import meetings, reschedules
from mentorship.scheduling.models import Part
from mentorship.scheduling.replies import addresses
from mentorship.scheduling.replies.addresses import Claim
from mentorship.scheduling.replies.replies import Came
from tests.conftest import words
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, deeds, mine
from tests.scheduling.replies import calendars

THURSDAY = WEDNESDAY_AT_TWO + timedelta(days=1)
PROGRAMS = [calendars.google, calendars.outlook, calendars.apple]


@pytest.fixture
def reading(settings, app, monkeypatch):
    """Settings with which answers by mail are read, in the app as well."""
    with_mail = replace(settings, mail_in="pipe")
    monkeypatch.setitem(app.config, "SETTINGS", with_mail)
    return with_mail


@pytest.fixture
def asked(mara, sol, now):
    return ask(mara, sol, now=now)


@pytest.fixture
def agreed(asked, mara, now, inside):
    with inside(mara):
        meetings.accept(mine(asked, mara), by=mara, now=now)
    return asked


@pytest.fixture
def back(reading, asked, mara):
    """Where one of the two answers about the meeting."""

    def back(part=Part.MENTOR, *, sequence=None, meeting_id=asked, chapter_id=mara.chapter_id):
        claim = Claim(chapter_id, meeting_id, part, sequence)
        return addresses.address(claim, settings=reading)

    return back


@pytest.fixture
def take(reading, now):
    def take(raw: bytes):
        return taking.take(raw, settings=reading, now=now)

    return take


@pytest.fixture
def uid(asked, reading):
    return f"{asked}@{reading.host_name}"


@pytest.fixture
def state(asked, mara, inside):
    def state():
        with inside(mara):
            found = mine(asked, mara)
            return found.state, found.starts_at, found.sequence

    return state


@pytest.fixture
def told(asked, mara, inside):
    def told():
        with inside(mara):
            return deeds(asked)

    return told


class TestACalendarsAnswer:
    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.__name__)
    def test_to_a_request_is_the_mentors_yes(self, program, take, back, uid, state):
        raw = program(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED")

        assert [take(raw), take(raw)] == [Came.DONE, Came.REPEATED]
        assert state()[0] == "accepted"

    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.__name__)
    def test_no_to_a_request_declines_it(self, program, take, back, uid, state):
        raw = program(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="DECLINED")

        assert [take(raw), take(raw)] == [Came.DONE, Came.OVER]
        assert state()[0] == "declined"

    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.__name__)
    def test_no_to_a_meeting_calls_nothing_off_and_tells_both_once(
        self, program, agreed, take, back, uid, state, told, work, tray, mara, sol
    ):
        work()
        tray.empty()
        raw = program(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="DECLINED")

        assert [take(raw), take(raw)] == [Came.DONE, Came.REPEATED]
        work()
        assert state()[0] == "accepted"
        assert told().count("reply.declined") == 1
        assert {str(mail["To"]) for mail in tray.mails} == {mara.email, sol.email}
        assert "calls nothing off" in words(tray.to(sol.email)[0])

    @pytest.mark.parametrize("said", ["ACCEPTED", "TENTATIVE"])
    def test_yes_or_perhaps_to_a_meeting_is_noted_and_nobody_is_told(
        self, agreed, take, back, uid, told, work, tray, said
    ):
        work()
        tray.empty()
        raw = calendars.google(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said=said)

        assert take(raw) is Came.NOTED
        work()
        assert (tray.mails, told()[-1]) == ([], "reply.noted")

    def test_another_time_for_a_meeting_is_proposed(
        self, agreed, take, back, uid, state, inside, mara
    ):
        raw = calendars.outlook_counter(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, instead=THURSDAY)

        assert [take(raw), take(raw)] == [Came.DONE, Came.REPEATED]
        assert state()[:2] == ("accepted", WEDNESDAY_AT_TWO)
        with inside(mara):
            assert reschedules.is_open(mine(agreed, mara))

    def test_another_time_for_a_request_is_proposed_and_held(self, take, back, uid, state):
        raw = calendars.outlook_counter(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, instead=THURSDAY)

        assert take(raw) is Came.DONE
        assert state() == ("requested", THURSDAY, 1)

    def test_a_time_that_cannot_be_is_refused_and_whoever_said_it_is_told_why(
        self, agreed, take, back, uid, state, work, tray, sol, mara
    ):
        work()
        tray.empty()
        sunday = WEDNESDAY_AT_TWO + timedelta(days=4)
        raw = calendars.outlook_counter(
            to=back(Part.MENTEE), uid=uid, at=WEDNESDAY_AT_TWO, instead=sunday
        )

        assert [take(raw), take(raw)] == [Came.UNUSED, Came.REPEATED]
        work()
        [mail] = tray.mails
        assert str(mail["To"]) == sol.email
        assert "outside the mentor's open hours" in " ".join(words(mail).split())
        assert state()[:2] == ("accepted", WEDNESDAY_AT_TWO)

    def test_to_a_time_that_has_moved_since_changes_nothing(
        self, take, back, uid, state, inside, mara, now
    ):
        with inside(mara):
            later = WEDNESDAY_AT_TWO + HALF_AN_HOUR
            meetings.propose_other_time(mine_of(uid, mara), starts_at=later, by=mara, now=now)
        for old in (
            calendars.google(to=back(Part.MENTEE), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED"),
            calendars.outlook(
                to=back(Part.MENTEE), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED", sequence=None
            ),
        ):
            assert take(old) is Came.STALE
        assert state()[0] == "requested"

    def test_that_was_overtaken_by_a_later_one_changes_nothing(self, agreed, take, back, uid, told):
        def said(word, minutes):
            stamp = calendars.STAMP + timedelta(minutes=minutes)
            return calendars.google(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said=word, stamp=stamp)

        assert take(said("ACCEPTED", 2)) is Came.NOTED
        assert take(said("DECLINED", 1)) is Came.STALE
        assert "reply.declined" not in told()

    def test_about_another_event_changes_nothing(self, take, back, state):
        raw = calendars.google(
            to=back(), uid="other@localhost", at=WEDNESDAY_AT_TWO, said="ACCEPTED"
        )
        assert take(raw) is Ignored.ANOTHER
        assert state()[0] == "requested"

    def test_of_the_one_who_asked_accepts_nothing(self, take, back, uid, state):
        raw = calendars.google(to=back(Part.MENTEE), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED")
        assert take(raw) is Came.UNUSED
        assert state()[0] == "requested"

    def test_is_found_by_its_organizer_where_the_way_here_has_lost_the_address(
        self, take, back, uid, state
    ):
        raw = calendars.google(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED")
        head, _, rest = raw.partition(b"\r\n\r\n")
        lost = head.replace(back().encode(), b"curbside@example.org") + b"\r\n\r\n" + rest

        assert take(lost) is Came.DONE
        assert state()[0] == "accepted"


def mine_of(uid, who):
    from uuid import UUID

    return mine(UUID(uid.split("@")[0]), who)


class TestTypedWords:
    @pytest.mark.parametrize(
        "said",
        [
            "Yes",
            "yes, that works!",
            "OK",
            "Sure.\n\nMara Quist, MD\nLakeside General",
            "Accept\n-- \nM",
        ],
    )
    def test_yes_accepts(self, take, back, state, said):
        assert take(calendars.typed(said, to=back(sequence=0))) is Came.DONE
        assert state()[0] == "accepted"

    @pytest.mark.parametrize("said", ["No", "Sorry, no.", "I can't\n\nSent from my phone"])
    def test_no_declines(self, take, back, state, said):
        assert take(calendars.typed(said, to=back(sequence=0))) is Came.DONE
        assert state()[0] == "declined"

    @pytest.mark.parametrize(
        "said",
        [
            "Yes\n\nbut could we make it four instead?",
            "Yes, if you can do Thursday.",
            "No problem, see you then!",
            "Which rotation is it about?",
            "",
            "Yes.\n\nOr rather, ask Ona.",
        ],
    )
    def test_anything_else_changes_nothing_and_is_answered_once(
        self, take, back, state, work, tray, mara, said
    ):
        work()
        tray.empty()
        raw = calendars.typed(said, to=back(sequence=0))

        assert [take(raw), take(raw)] == [Came.UNUSED, Came.REPEATED]
        work()
        assert state()[0] == "requested"
        [mail] = tray.mails
        assert str(mail["To"]) == mara.email
        assert "could not tell" in words(mail)

    def test_yes_to_a_mail_about_an_older_time_says_so(
        self, take, back, state, inside, mara, sol, now, uid
    ):
        with inside(mara):
            for number, who in enumerate((mara, sol), 1):
                at = WEDNESDAY_AT_TWO + number * HALF_AN_HOUR
                meetings.propose_other_time(mine_of(uid, who), starts_at=at, by=who, now=now)

        assert take(calendars.typed("Yes", to=back(sequence=0))) is Came.UNUSED
        assert state()[0] == "requested"
        assert take(calendars.typed("Yes", to=back(sequence=2))) is Came.DONE

    def test_yes_while_other_times_are_proposed_chooses_none(
        self, agreed, take, back, state, inside, sol, now
    ):
        with inside(sol):
            reschedules.propose(mine(agreed, sol), starts=[THURSDAY], by=sol, now=now)

        assert take(calendars.typed("Yes", to=back(sequence=0))) is Came.UNUSED
        assert state()[1] == WEDNESDAY_AT_TWO


class TestMailThatDoesNothing:
    @pytest.mark.parametrize(
        "header",
        [
            "Auto-Submitted: auto-replied",
            "Precedence: bulk",
            "X-Autoreply: yes",
            "Return-Path: <>",
            "List-Id: <all.example.org>",
        ],
    )
    def test_written_by_a_program(self, take, back, state, told, header):
        raw = calendars.typed("Yes", to=back(sequence=0), headers=header + "\n")
        assert take(raw) is Ignored.AUTOMATIC
        assert told() == ["meeting.requested"]

    def test_a_bounce_that_carries_an_answer(self, take, back, uid, state):
        answer = calendars.apple(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED")
        bounce = (
            (
                f"To: {back()}\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
                "Content-Type: message/rfc822\r\n\r\n"
            ).encode()
            + answer
            + b"\r\n--b--\r\n"
        )
        assert take(bounce) is Ignored.AUTOMATIC
        assert state()[0] == "requested"

    def test_our_own_invitation_sent_back(self, agreed, take, work, tray, mara, told, reading):
        work()
        sent = [mail for mail in tray.to(mara.email) if "invite.ics" in mail.as_string()]
        assert "+" in str(sent[0]["From"])
        before = told()
        sent[0].replace_header("To", str(sent[0]["From"]))
        assert take(sent[0].as_bytes()) is Ignored.SAYS_NOTHING
        assert told() == before

    @pytest.mark.parametrize("wrong", ["unsealed", "foreign chapter", "no such meeting"])
    def test_to_an_address_that_is_none_of_ours(
        self, take, back, uid, odd, sol, reading, state, wrong
    ):
        to = {
            "unsealed": "curbside+" + "a" * 44 + "@example.org",
            "foreign chapter": back(chapter_id=odd.chapter_id),
            "no such meeting": back(meeting_id=odd.id),
        }[wrong]
        raw = calendars.google(to=to, uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED")
        assert take(raw) in (Ignored.NOT_OURS, Ignored.ANOTHER)
        assert state()[0] == "requested"

    def test_it_does_not_matter_who_a_mail_says_it_is_from(self, take, back, uid, state):
        raw = calendars.google(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED")
        assert take(raw.replace(b"mara@example.org", b"odd@example.org")) is Came.DONE

    def test_of_somebody_who_has_left(self, take, back, uid, mara, now, state):
        from sqlalchemy import update

        from mentorship.foundation import scope
        from mentorship.foundation.database import db
        from mentorship.tenancy.models import Membership

        with scope.chapter(mara.chapter_id):
            gone = update(Membership).where(Membership.id == mara.id).values(left_at=now)
            db.session.execute(gone)
            db.session.commit()
        raw = calendars.google(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="ACCEPTED")
        assert take(raw) is Ignored.NOT_OURS

    def test_about_a_meeting_that_is_over(self, agreed, reading, back, uid):
        raw = calendars.google(to=back(), uid=uid, at=WEDNESDAY_AT_TWO, said="DECLINED")
        later = WEDNESDAY_AT_TWO + timedelta(hours=1)
        assert taking.take(raw, settings=reading, now=later) is Came.OVER


def nested(depth: int, to: str) -> bytes:
    head = f"To: {to}\r\n".encode()
    for number in range(depth):
        head += f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n".encode()
    return head + b"\r\nYes"


JUNK = {
    "nothing": lambda to: b"",
    "zeros": lambda to: b"\0" * 5000,
    "ten megabytes": lambda to: f"To: {to}\r\n\r\n".encode() + b"x" * 10_000_000,
    "one endless line": lambda to: f"To: {to} ".encode() + b"," * 900_000,
    "nested": lambda to: nested(5000, to),
    "no charset that there is": lambda to: (
        f"To: {to}\r\nContent-Type: text/plain; charset=nowhere\r\n\r\n\xff\xfe".encode("latin-1")
    ),
    "half a calendar": lambda to: (
        f"To: {to}\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY".encode()
    ),
    "broken base64": lambda to: (
        f"To: {to}\r\nContent-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%"
    ).encode(),
    "the year one": lambda to: calendars.google(
        to=to, uid="x", at=WEDNESDAY_AT_TWO, said="ACCEPTED"
    ).replace(b"20260304", b"00010101"),
    "a sequence that is no number": lambda to: calendars.google(
        to=to, uid="x", at=WEDNESDAY_AT_TWO, said="ACCEPTED"
    ).replace(b"SEQUENCE:0", b"SEQUENCE:many"),
    "two attendees": lambda to: calendars.google(
        to=to, uid="x", at=WEDNESDAY_AT_TWO, said="ACCEPTED"
    ).replace(b"SEQUENCE:0", b"ATTENDEE;PARTSTAT=DECLINED:mailto:x@example.org\r\nSEQUENCE:0"),
}


@pytest.mark.parametrize("junk", JUNK)
def test_junk_has_a_clear_result_and_changes_nothing(take, back, state, junk):
    came = take(JUNK[junk](back(sequence=0)))

    assert isinstance(came, Ignored | Came)
    assert came not in (Came.DONE, Came.NOTED)
    assert state() == ("requested", WEDNESDAY_AT_TWO, 0)


def test_a_mail_that_is_too_large_is_not_even_parsed(take):
    assert take(b"x" * (letters.MOST + 1)) is Ignored.TOO_LARGE


def test_mails_say_where_their_answers_come_in(agreed, reading, work, tray, mara, sol):
    work()
    by_subject: dict[str, EmailMessage] = {str(mail["To"]): mail for mail in tray.mails}
    for who in (mara, sol):
        mail = by_subject[who.email]
        invite = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        organizer = mail["From"].addresses[0].addr_spec
        assert organizer in invite.get_content().replace("\r\n ", "")
        assert str(mail["Reply-To"]) not in ("", organizer)
    assert len({str(mail["From"]) for mail in by_subject.values()}) == 2
