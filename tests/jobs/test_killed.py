"""A worker that is killed at any moment loses nothing, and doubles nothing.

Each round a worker of its own, a real process, is killed with SIGKILL while it finds and mails
what two people are to be told; another takes up what it left. A few rounds run with the suite,
and as many as KILLS says with `make kills`. Mail is handed over before that can be recorded, so
one that was under way may come again: as the same mail, under the same Message-ID, which is how
mail programs know it.
"""

import os
import random
import time
from collections import defaultdict
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.pool import NullPool

from mentorship.foundation import clock, scope
from mentorship.foundation.database import db, driver_url, transaction
from mentorship.jobs import worker
from mentorship.notifications.models import Notice, NoticeState
from mentorship.notifications.nudges import choices, finding, sending
from mentorship.notifications.nudges.models import MailState, Nudge, NudgeMail, NudgeState
from mentorship.notifications.nudges.pace import Quiet
from mentorship.notifications.nudges.registry import KINDS
from mentorship.relationships import check_ins
from mentorship.relationships.models import ActionItem, PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy.members import ChapterCard, Member
from tests import make
from tests.conftest import Tray, words
from tests.processes import environ, running, until

KILLS = int(os.environ.get("KILLS", "3"))
#: Seconds within which a worker is killed, from the moment at which there is work.
WITHIN = 2.5


@pytest.fixture
def owner(own_database):
    """A connection past the product, as the owner of its database."""
    url = own_database.config["SETTINGS"].database_url
    engine = create_engine(driver_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def die(own_database, mail_server, owner, tmp_path) -> Callable[[Callable[[], None], float], None]:
    """Have a worker do something, and kill it so many seconds later."""
    settings = own_database.config["SETTINGS"]
    environment = environ(settings.database_url, mail_server[1], BASE_URL=settings.base_url)
    at_work = text("SELECT count(*) FROM procrastinate_workers")

    def die(cause: Callable[[], None], after: float) -> None:
        owner.execute(text("DELETE FROM procrastinate_workers"))
        with running("worker", environ=environment, folder=tmp_path) as process:
            until(lambda: owner.execute(at_work).scalar(), process=process)
            cause()
            end = time.monotonic() + after
            while time.monotonic() < end:
                send_what_is_due()
                time.sleep(0.02)
            process.kill()

    return die


@pytest.fixture
def take_up(own_database, owner) -> Callable[[], None]:
    """Another worker takes up what one that died has left, once that is known."""

    def take_up() -> None:
        settings = own_database.config["SETTINGS"]
        for _ in range(3):
            for overdue in (
                "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'",
                "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'",
                "UPDATE nudge_mails SET next_at = now() WHERE next_at IS NOT NULL",
            ):
                owner.execute(text(overdue))
            send_what_is_due()
            worker.work(own_database, settings, once=True)

    return take_up


def send_what_is_due() -> None:
    with transaction():
        sending.defer_due(now=clock.now())


def two_people(chapter: ChapterCard, number: int) -> tuple[Member, Member]:
    """A mentor and a student who have both taken something on, and may be told at any hour."""
    mentor = make.mentor(chapter, f"Dr. Mentor {number}")
    student = make.student(chapter, f"Student {number}")
    today = clock.day(clock.now(), student.zone)
    pairing_id = make.pairing(mentor, student, state=PairingState.ACTIVE, last_contact_on=today)
    with scope.chapter(chapter.id), transaction():
        for who in (mentor, student):
            choices.choose(wanted=KINDS, listed=KINDS, quiet=Quiet(0, 0), by=who, now=clock.now())
            db.session.add(
                ActionItem(
                    pairing_id=pairing_id,
                    owner_id=who.id,
                    what=f"Promise {number}",
                    due_on=today,
                    created_at=clock.now(),
                )
            )
    return mentor, student


def check_in(mentor: Member, student: Member) -> None:
    """Something that is mailed at once, and a look for what is due."""
    with scope.chapter(student.chapter_id), transaction():
        pairing_id = db.session.scalars(
            select(ActionItem.pairing_id).where(ActionItem.owner_id == student.id)
        ).one()
        check_ins.log(
            pairing=my_pairing(pairing_id, member=student),
            by=student,
            how=check_ins.How.WELL,
            now=clock.now(),
        )
    with transaction():
        finding.begin_round()


def recorded(chapter: ChapterCard) -> int:
    """How many mails are on record as sent."""
    with scope.chapter(chapter.id):
        notices = select(func.count()).where(Notice.state == NoticeState.SENT)
        nudges = select(func.count()).where(NudgeMail.state == MailState.SENT)
        return db.session.scalar(notices) + db.session.scalar(nudges)


def told(tray: Tray, who: Member) -> dict[str, list[EmailMessage]]:
    """What somebody got, by its Message-ID."""
    found = defaultdict(list)
    for mail in tray.to(who.email):
        found[mail["Message-ID"]].append(mail)
    return found


def test_nothing_is_lost_and_nothing_is_doubled(own_database, tray, die, take_up):
    lakeside = make.chapter("lakeside")
    for number in range(KILLS):
        chance = random.Random(number)
        tray.empty()
        tray.seconds = chance.choice([0.0, 0.1, 0.4])
        before = recorded(lakeside)
        mentor, student = two_people(lakeside, number)

        die(lambda two=(mentor, student): check_in(*two), chance.uniform(0, WITHIN))
        under_way = tray.begun - (recorded(lakeside) - before)
        tray.seconds = 0.0
        take_up()

        # The nudge that each is due, and what the mentor is told of the check-in.
        assert len(told(tray, student)) == 1, number
        assert len(told(tray, mentor)) == 2, number
        every = [*told(tray, student).values(), *told(tray, mentor).values()]
        for copies in every:
            assert len({(str(mail["Subject"]), words(mail)) for mail in copies}) == 1, number
        assert sum(len(copies) - 1 for copies in every) <= under_way, number
        with scope.chapter(lakeside.id):
            owners = (Nudge.member_id.in_([mentor.id, student.id]), Nudge.number == 1)
            assert db.session.scalars(select(Nudge.state).where(*owners)).all() == [
                NudgeState.SENT,
                NudgeState.SENT,
            ], number
