"""One deed, one notice for each who should know, one mail: once, whatever happens on the way."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import post, scope
from mentorship.foundation.database import db
from mentorship.foundation.post import MailDelayed
from mentorship.jobs import tasks
from mentorship.notifications import delivery
from mentorship.notifications.models import Notice, NoticeState
from mentorship.scheduling import meetings
from mentorship.scheduling.models import MeetingDeed
from tests import make
from tests.notifications.stories import THURSDAY, Pair


def notices() -> list[Notice]:
    return list(db.session.scalars(select(Notice).order_by(Notice.id)))


@pytest.fixture
def asked(pair, inside, mara):
    """A request whose notice is written and whose mail waits; the notice's id."""
    pair.ask()
    with inside(mara):
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.deed == MeetingDeed.REQUESTED)
        ).one()
        delivery.tell(event.id)
        [notice] = notices()
        return notice.id


@pytest.fixture
def send(settings, now, mara):
    def send(notice_id, **how) -> None:
        with scope.chapter(mara.chapter_id):
            delivery.send(notice_id, settings=settings, now=now, **how)

    return send


@pytest.fixture
def state(mara):
    def state(notice_id) -> tuple[str, str]:
        with scope.chapter(mara.chapter_id):
            notice = db.session.scalars(select(Notice).where(Notice.id == notice_id)).one()
            return notice.state, notice.problem

    return state


class TestOnce:
    def test_each_reader_of_each_deed_gets_one_mail(self, pair, tray, work, mara, sol):
        meeting_id = pair.ask()
        work()
        pair.do(meetings.accept, meeting_id, mara)
        work()

        assert [mail["To"] for mail in tray.mails].count(mara.email) == 2
        assert [mail["To"] for mail in tray.mails].count(sol.email) == 1

    def test_a_deed_that_is_read_twice_is_told_once(self, asked, inside, mara):
        with inside(mara):
            [event_id] = db.session.scalars(select(Notice.event_id))
            delivery.tell(event_id)
            assert len(notices()) == 1

    def test_a_job_that_is_done_twice_mails_once(self, asked, send, tray, state):
        send(asked)
        send(asked)

        assert len(tray.mails) == 1
        assert state(asked) == (NoticeState.SENT, "")

    def test_a_crash_between_mail_and_record_repeats_it_under_the_same_id(
        self, asked, send, tray, state, monkeypatch
    ):
        def dies_afterwards(*args: object, **facts: object) -> None:
            real(*args, **facts)
            raise KeyboardInterrupt

        real = post.send
        monkeypatch.setattr(post, "send", dies_afterwards)
        with pytest.raises(KeyboardInterrupt):
            send(asked)
        assert state(asked) == (NoticeState.WAITING, "")

        monkeypatch.setattr(post, "send", real)
        send(asked)

        first, again = tray.mails
        assert first["Message-ID"] == again["Message-ID"]
        assert state(asked) == (NoticeState.SENT, "")

    def test_what_was_not_done_is_not_told(self, mara, sol, now, tray, work):
        with scope.chapter(sol.chapter_id):
            meetings.request(
                mentor=mara,
                kind=Pair.kind,
                starts_at=THURSDAY,
                minutes=25,
                purpose="My thesis",
                by=sol,
                now=now,
            )
            db.session.rollback()

        assert work() == 0
        assert tray.mails == []

    def test_of_two_workers_one_mails(self, own_database, tray, at, monkeypatch):
        now = at(Pair.now)
        lakeside = make.chapter("lakeside")
        mara = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
        pair = Pair(mara, make.student(lakeside, "Sol Adair"), now=now)
        pair.ask(at=THURSDAY)
        tray.seconds = 0.3
        with scope.chapter(lakeside.id):
            event_id = db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)).all()[-1]
            delivery.tell(event_id)
            db.session.commit()
            [notice] = notices()
            notice_id = notice.id
        start = threading.Barrier(2)

        def worker() -> None:
            with own_database.app_context(), scope.chapter(lakeside.id):
                start.wait()
                delivery.send(notice_id, settings=own_database.config["SETTINGS"], now=now)

        workers = [threading.Thread(target=worker) for _ in range(2)]
        for each in workers:
            each.start()
        for each in workers:
            each.join(30)

        assert tray.begun == len(tray.mails) == 1


class TestOvertaken:
    def test_a_time_that_was_changed_since_is_not_told(self, pair, tray, work, mara, sol):
        meeting_id = pair.ask()
        pair.move(meeting_id, mara)
        work()

        assert [str(mail["Subject"]) for mail in tray.mails] == [
            "Dr. Mara Quist proposes another time"
        ]

    def test_a_time_that_was_changed_and_changed_back_is_told_once(
        self, pair, tray, work, mara, sol
    ):
        meeting_id = pair.ask(at=THURSDAY)
        pair.move(meeting_id, mara, to=THURSDAY.replace(minute=30))
        pair.move(meeting_id, sol, to=THURSDAY)
        work()

        assert [str(mail["Subject"]) for mail in tray.mails] == ["Sol Adair proposes another time"]

    def test_a_request_that_was_answered_is_not_told(self, pair, tray, work, inside, mara):
        pair.agree()
        work()

        assert not any("asks for" in str(mail["Subject"]) for mail in tray.mails)
        with inside(mara):
            assert NoticeState.OVERTAKEN in {notice.state for notice in notices()}

    def test_a_request_that_is_not_answered_has_one_mail_on_its_end(self, pair, tray, work, mara):
        """Not another about the pairing, which was only asked for."""
        pair.do(meetings.decline, pair.ask(), mara)
        work()

        assert len(tray.mails) == 1


class TestTrouble:
    def test_a_no_for_good_is_recorded_and_not_tried_again(self, asked, send, tray, state, work):
        tray.answers = ["550 No such mailbox"]

        send(asked)

        assert state(asked) == (NoticeState.FAILED, "SMTP 550")
        send(asked)
        assert tray.begun == 1

    def test_a_no_for_now_is_tried_again(self, asked, send, tray, state):
        tray.answers = ["451 Later"]

        with pytest.raises(MailDelayed):
            send(asked)

        assert state(asked) == (NoticeState.WAITING, "")
        send(asked)
        assert state(asked) == (NoticeState.SENT, "")
        assert len(tray.mails) == 1

    def test_the_last_try_leaves_a_reason(self, asked, send, tray, state):
        tray.answers = ["451 Later"]

        send(asked, last=True)

        assert state(asked) == (NoticeState.FAILED, "SMTP 451")

    def test_a_server_that_is_away_is_waited_for(self, asked, mara, settings, now, state):
        away = replace(settings, smtp_port=1)
        with scope.chapter(mara.chapter_id), pytest.raises(MailDelayed):
            delivery.send(asked, settings=away, now=now)

        assert state(asked) == (NoticeState.WAITING, "")


def test_a_notice_is_not_mailed_from_another_chapter(asked, odd, settings, now, tray):
    with scope.chapter(odd.chapter_id), pytest.raises(Exception, match="No row was found"):
        delivery.send(asked, settings=settings, now=now)

    assert tray.mails == []


class TestSignIn:
    def test_a_job_that_is_done_twice_makes_one_link(self, undone, sol, now, tray):
        facts = {"link_id": "0190a1b2-0000-7000-8000-000000000000", "email": sol.email}
        for _ in range(2):
            tasks.tasks.tasks["send_sign_in_link"](next_path="", **facts)

        first, again = tray.mails
        assert first["Message-ID"] == again["Message-ID"]
        assert first.get_body(("plain",)).get_content() == again.get_body(("plain",)).get_content()

    def test_a_link_that_was_used_is_not_sent_again(self, app, undone, sol, now, tray, work):
        facts = {"link_id": "0190a1b2-0000-7000-8000-000000000000", "email": sol.email}
        tasks.tasks.tasks["send_sign_in_link"](next_path="", **facts)
        address = tray.mails[0].get_body(("plain",)).get_content().split("http://localhost")[1]
        app.test_client().post(address.split()[0], data={"email": sol.email})

        tasks.tasks.tasks["send_sign_in_link"](next_path="", **facts)

        assert len(tray.mails) == 1

    def test_a_mailbox_that_is_gone_is_not_tried_again(self, undone, sol, now, tray):
        tray.answers = ["550 No such mailbox"]
        tasks.tasks.tasks["send_sign_in_link"](
            link_id="0190a1b2-0000-7000-8000-000000000000", email=sol.email, next_path=""
        )

        assert tray.mails == []
