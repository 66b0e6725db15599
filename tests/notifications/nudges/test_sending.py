"""One mail of nudges a day, at a decent hour, with what still holds and is wanted; each once."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from mentorship.accounts import users
from mentorship.foundation import post, scope
from mentorship.foundation.database import db, transaction
from mentorship.notifications.nudges import choices, finding, sending
from mentorship.notifications.nudges.models import MailState, Nudge, NudgeMail, NudgeState
from mentorship.notifications.nudges.pace import Quiet
from mentorship.notifications.nudges.registry import KINDS
from mentorship.relationships import action_items
from mentorship.relationships.models import ActionItem, PairingState
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import MONDAY_NOON, words

NOW = MONDAY_NOON
TODAY = NOW.date()
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def pairing_id(mara, sol):
    return make.pairing(mara, sol, state=PairingState.ACTIVE, last_contact_on=TODAY)


@pytest.fixture
def take_on(inside, pairing_id):
    """Something that somebody has taken on for a day."""

    def take_on(owner, *, what="Draft", on=TODAY, pairing=None):
        with inside(owner):
            item = ActionItem(
                pairing_id=pairing or pairing_id,
                owner_id=owner.id,
                what=what,
                due_on=on,
                created_at=NOW - DAY,
            )
            db.session.add(item)
            db.session.flush()
            return item.id

    return take_on


@pytest.fixture
def states(inside, lakeside):
    def states() -> list[tuple[str, int, str]]:
        with inside(lakeside):
            rows = select(Nudge.kind, Nudge.number, Nudge.state).order_by(Nudge.id)
            return [tuple(row) for row in db.session.execute(rows)]

    return states


def subjects(tray) -> list[str]:
    return [str(mail["Subject"]) for mail in tray.mails]


class TestOneMail:
    def test_holds_everything_that_is_due_to_a_person(self, take_on, mara, sol, go_to, tray):
        for what in ("One", "Two", "Three"):
            take_on(sol, what=what)
        take_on(mara, what="Mine")

        go_to(NOW)

        assert len(tray.to(sol.email)) == len(tray.to(mara.email)) == 1
        [mail] = tray.to(sol.email)
        assert mail["Subject"] == "3 small things, when you have a moment"
        for what in ("“One”", "“Two”", "“Three”"):
            assert what in words(mail)
        assert "Mine" not in words(mail)

    def test_comes_from_all_chapters_of_the_person_together(
        self, take_on, sol, go_to, tray, inside
    ):
        harborside = make.chapter("harborside")
        there = make.student(harborside, "Sol Adair", email=sol.email)
        mentor = make.mentor(harborside, "Dr. Noor Haddad")
        pairing = make.pairing(mentor, there, state=PairingState.ACTIVE, last_contact_on=TODAY)
        take_on(sol, what="Here")
        take_on(there, what="There", pairing=pairing)

        go_to(NOW)

        [mail] = tray.mails
        assert "Lakeside EMIG: You took something on with Dr. Mara Quist" in words(mail)
        assert "Harborside EMIG: You took something on with Dr. Noor Haddad" in words(mail)
        assert "/c/lakeside/" in words(mail)
        assert "/c/harborside/" in words(mail)

    def test_is_the_only_one_of_its_day(self, take_on, sol, go_to, tray):
        take_on(sol, what="One")
        go_to(NOW)
        take_on(sol, what="Two")

        for hours in range(1, 20):
            go_to(NOW + hours * HOUR)
        assert len(tray.mails) == 1

        go_to(NOW + 20 * HOUR)  # eight in the morning
        assert len(tray.mails) == 2
        assert "“Two”" in words(tray.mails[1])
        assert "“One”" not in words(tray.mails[1])

    def test_comes_twice_for_one_thing_and_then_never_again(self, take_on, go_to, tray, sol):
        take_on(sol)

        for day in range(60):
            go_to(NOW + day * DAY)

        assert len(tray.mails) == 2
        assert len({mail["Message-ID"] for mail in tray.mails}) == 2

    def test_says_what_to_do_where_in_the_readers_zone_and_how_to_stop(
        self, sol, mara, go_to, tray, pairing_id
    ):
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=NOW + 20 * HOUR)

        go_to(NOW)

        [mail] = tray.mails
        assert mail["Subject"] == "The agenda for Tue, Mar 3, 8:00 AM CST is still blank"
        assert "Tuesday, March 3, 8:00 to 8:25 AM CST" in words(mail)
        assert f"/c/lakeside/meetings/{meeting_id}" in words(mail)
        assert "/c/lakeside/mail" in words(mail)
        assert mail["From"].addresses[0].display_name == "Lakeside EMIG on Curbside"
        assert mail.get_content_type() == "multipart/alternative"

    def test_carries_the_addresses_that_mail_programs_press(self, take_on, sol, go_to, tray):
        take_on(sol)

        go_to(NOW)

        [mail] = tray.mails
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"<http://localhost[:\d]*/u/[\w.-]+>", mail["List-Unsubscribe"])

    def test_tells_nothing_that_was_written_in_wellness_mentoring(
        self, mara, sol, take_on, go_to, tray
    ):
        pairing = make.pairing(
            mara, sol, Kind.WELLNESS, state=PairingState.ACTIVE, last_contact_on=TODAY
        )
        take_on(sol, what="seecounselor", pairing=pairing)

        go_to(NOW)

        assert "seecounselor" not in tray.mails[0].as_string()
        assert "ellness" not in words(tray.mails[0])

    def test_has_a_subject_that_shows_nothing_over_a_shoulder(self, take_on, sol, go_to, tray):
        take_on(sol, what="Retake Step 2")

        go_to(NOW)

        assert subjects(tray) == ["An action item was for Monday, March 2"]


class TestHours:
    def test_nobody_is_nudged_at_night(self, take_on, sol, go_to, tray):
        take_on(sol, on=TODAY + DAY)
        midnight = datetime(2026, 3, 3, 6, tzinfo=UTC)

        for hours in range(8):
            go_to(midnight + hours * HOUR)
        assert tray.mails == []

        go_to(midnight + 8 * HOUR)
        assert len(tray.mails) == 1

    def test_quiet_hours_are_ones_own(self, take_on, sol, go_to, tray, inside):
        with inside(sol):
            choices.choose(wanted=KINDS, listed=KINDS, quiet=Quiet(6, 19), by=sol, now=NOW)
        take_on(sol)

        for hours in range(7):
            go_to(NOW + hours * HOUR)
        assert tray.mails == []

        go_to(NOW + 7 * HOUR)
        assert len(tray.mails) == 1

    def test_a_move_while_it_waits_is_heeded(self, take_on, sol, go_to, tray):
        take_on(sol)
        in_the_night = NOW + 10 * HOUR
        go_to(in_the_night)  # ten in the evening in Chicago
        users.set_zone(sol.user_id, zone="Pacific/Honolulu")
        db.session.commit()

        go_to(NOW + 20 * HOUR)  # eight in Chicago, four in Honolulu
        assert tray.mails == []

        go_to(NOW + 24 * HOUR)
        assert len(tray.mails) == 1

    def test_a_day_that_comes_twice_to_a_traveler_brings_one_mail(self, take_on, sol, go_to, tray):
        users.set_zone(sol.user_id, zone="Asia/Tokyo")
        db.session.commit()
        take_on(sol, what="One")
        morning = datetime(2026, 3, 3, 0, tzinfo=UTC)  # nine on Tuesday there; Monday in Honolulu
        go_to(morning)
        users.set_zone(sol.user_id, zone="Pacific/Honolulu")
        db.session.commit()
        take_on(sol, what="Two")

        for hours in range(1, 34):
            go_to(morning + hours * HOUR)
        assert len(tray.mails) == 1  # until eight on Tuesday in Honolulu

        go_to(morning + 42 * HOUR)
        assert len(tray.mails) == 2

    def test_a_clock_that_runs_back_repeats_nothing(self, take_on, sol, go_to, tray):
        take_on(sol)
        go_to(NOW + 2 * DAY)

        for hours in (-30, -3, 0, 3, 24, 47, 48, 60):
            go_to(NOW + hours * HOUR)

        assert len(tray.mails) == 1


class TestOvertaken:
    @pytest.fixture
    def waits(self, take_on, sol, at):
        """A nudge that was found in the night, and waits for the morning."""
        item_id = take_on(sol)
        at(NOW + 10 * HOUR)
        with scope.chapter(sol.chapter_id), transaction():
            assert finding.find(now=NOW + 10 * HOUR) == 1
        return item_id

    def test_what_is_done_by_then_is_not_sent(self, waits, sol, inside, go_to, tray, states):
        with inside(sol):
            item = db.session.get(ActionItem, (sol.chapter_id, waits))
            action_items.finish(item, by=sol, now=NOW)

        go_to(NOW + DAY)

        assert tray.mails == []
        assert states() == [("action_item", 1, NudgeState.OVERTAKEN)]
        assert db.session.scalars(select(NudgeMail.state)).all() == [MailState.EMPTY]

    def test_the_rest_is_sent(self, waits, take_on, sol, inside, go_to, tray, states):
        take_on(sol, what="Another")
        with inside(sol):
            db.session.execute(delete(ActionItem).where(ActionItem.id == waits))

        go_to(NOW + DAY)

        assert "“Another”" in words(tray.mails[0])
        assert "“Draft”" not in words(tray.mails[0])
        assert sorted(state for *_, state in states()) == [NudgeState.OVERTAKEN, NudgeState.SENT]

    @pytest.mark.parametrize("kind", ["action_item", None])
    def test_what_was_turned_off_meanwhile_is_not_sent(
        self, waits, sol, inside, go_to, tray, states, kind
    ):
        with inside(sol):
            choices.stop(kind=kind, by=sol, now=NOW)

        go_to(NOW + DAY)

        assert tray.mails == []
        assert states() == [("action_item", 1, NudgeState.OVERTAKEN)]

    def test_what_is_turned_off_is_not_even_found(self, take_on, sol, inside, go_to, states):
        with inside(sol):
            choices.stop(kind="action_item", by=sol, now=NOW)
        take_on(sol)

        go_to(NOW)

        assert states() == []


class TestTrouble:
    def test_a_server_that_is_away_is_asked_again_and_nothing_is_lost(
        self, take_on, sol, go_to, tray, states
    ):
        take_on(sol)
        tray.answers = ["451 Later", "451 Later"]

        for minutes in range(0, 91, 10):
            go_to(NOW + timedelta(minutes=minutes))

        assert tray.begun == 3
        assert len(tray.mails) == 1
        assert states() == [("action_item", 1, NudgeState.SENT)]

    def test_an_address_that_refuses_is_recorded(self, take_on, sol, go_to, tray, states):
        take_on(sol)
        tray.answers = ["550 No such mailbox"]

        for hours in range(3):
            go_to(NOW + hours * HOUR)

        assert tray.begun == 1
        assert states() == [("action_item", 1, NudgeState.FAILED)]
        assert db.session.execute(select(NudgeMail.state, NudgeMail.problem)).one() == (
            MailState.FAILED,
            "SMTP 550",
        )

    def test_a_crash_between_mail_and_record_repeats_it_under_the_same_id(
        self, take_on, sol, go_to, tray, monkeypatch, states
    ):
        def dies_afterwards(*args: object, **facts: object) -> None:
            real(*args, **facts)
            raise KeyboardInterrupt

        take_on(sol)
        real = post.send
        monkeypatch.setattr(post, "send", dies_afterwards)
        with pytest.raises(KeyboardInterrupt):
            go_to(NOW)
        monkeypatch.setattr(post, "send", real)
        db.session.rollback()
        scope.leave()

        go_to(NOW + HOUR)

        first, again = tray.mails
        assert first["Message-ID"] == again["Message-ID"]
        assert words(first) == words(again)
        assert states() == [("action_item", 1, NudgeState.SENT)]

    def test_a_crash_before_it_was_written_down_sends_nothing_again(
        self, take_on, sol, go_to, tray, monkeypatch, states
    ):
        def dies(*args: object, **facts: object) -> None:
            raise KeyboardInterrupt

        take_on(sol)
        with monkeypatch.context() as patch:
            patch.setattr(sending, "_write_down", dies)
            with pytest.raises(KeyboardInterrupt):
                go_to(NOW)
        assert states() == [("action_item", 1, NudgeState.WAITING)]

        go_to(NOW + HOUR)

        assert len(tray.mails) == 1
        assert states() == [("action_item", 1, NudgeState.SENT)]


def test_of_two_workers_one_finds_and_one_sends(own_database, tray, at):
    now = at(NOW)
    lakeside = make.chapter("lakeside")
    mara, sol = make.mentor(lakeside, "Dr. Mara Quist"), make.student(lakeside, "Sol Adair")
    pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, last_contact_on=TODAY)
    with scope.chapter(lakeside.id):
        db.session.add(
            ActionItem(
                pairing_id=pairing_id, owner_id=sol.id, what="Draft", due_on=TODAY, created_at=now
            )
        )
        db.session.commit()
    settings = own_database.config["SETTINGS"]
    tray.seconds = 0.3

    def together(do) -> list:
        start, done = threading.Barrier(2), []

        def worker() -> None:
            with own_database.app_context():
                start.wait()
                done.append(do())

        workers = [threading.Thread(target=worker) for _ in range(2)]
        for each in workers:
            each.start()
        for each in workers:
            each.join(30)
        return done

    def find() -> int:
        with scope.chapter(lakeside.id), transaction():
            return finding.find(now=now)

    assert sorted(together(find)) == [0, 1]
    mail_id = db.session.scalars(select(NudgeMail.id)).one()
    db.session.rollback()
    together(lambda: sending.send(sol.user_id, mail_id, settings=settings, now=now))

    assert tray.begun == len(tray.mails) == 1
    with scope.chapter(lakeside.id):
        assert db.session.scalars(select(Nudge.state)).all() == [NudgeState.SENT]
