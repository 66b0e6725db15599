"""The worker as it really runs: a process of its own, which may be stopped or killed."""

import json
from datetime import time, timedelta

import pytest
from procrastinate import SyncPsycopgConnector
from procrastinate.jobs import Job
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from mentorship.accounts import links
from mentorship.accounts.models import SignInLink
from mentorship.audit.models import AuditEvent
from mentorship.foundation import clock, scope
from mentorship.foundation.database import as_role, db, driver_url, psycopg_dsn
from mentorship.foundation.schema import ROLE
from mentorship.jobs import rescue, tasks, worker
from mentorship.jobs.retries import ALWAYS, LINK, MAIL
from mentorship.notifications.models import Notice, NoticeState
from mentorship.scheduling import meetings
from mentorship.scheduling.models import Meeting, MeetingDeed, MeetingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Submission
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.processes import environ, running, until


@pytest.fixture
def owner(own_database):
    """A connection past the product, as the owner of its database."""
    url = own_database.config["SETTINGS"].database_url
    engine = create_engine(driver_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def environment(own_database, mail_server, tray):
    return environ(own_database.config["SETTINGS"].database_url, mail_server[1])


@pytest.fixture
def people(own_database) -> tuple[Member, Member]:
    lakeside = make.chapter("lakeside")
    around_the_clock = [(day, time(0), time(0)) for day in range(7)]
    mara = make.mentor(lakeside, "Dr. Mara Quist", hours=around_the_clock)
    return mara, make.student(lakeside, "Sol Adair")


@pytest.fixture
def ask(people):
    mara, sol = people

    def ask():
        now = clock.now()
        at = (now + timedelta(days=9)).replace(minute=0, second=0, microsecond=0)
        with scope.chapter(sol.chapter_id):
            meeting = meetings.request(
                mentor=mara,
                kind=Kind.CAREER,
                starts_at=at,
                minutes=25,
                purpose="My thesis",
                by=sol,
                now=now,
            )
            db.session.commit()
            return meeting.id

    return ask


@pytest.fixture
def once(own_database):
    """Another worker, in this process: it does what is due, and stops."""

    def once() -> None:
        worker.work(own_database, own_database.config["SETTINGS"], once=True)

    return once


def waiting(owner) -> list:
    """All jobs but those that the clock asked for, whatever the time is."""
    return owner.execute(
        text(
            "SELECT task_name, status, attempts, scheduled_at FROM procrastinate_jobs"
            " WHERE task_name NOT IN (SELECT task_name FROM procrastinate_periodic_defers)"
            " ORDER BY id"
        )
    ).all()


def make_everything_due(owner) -> None:
    owner.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))


def let_the_dead_be_long_dead(owner) -> None:
    owner.execute(
        text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'")
    )


class TestProcess:
    def test_does_jobs_until_it_is_told_to_stop(
        self, ask, environment, tmp_path, tray, owner, people
    ):
        with running("worker", environ=environment, folder=tmp_path) as process:
            ask()
            until(lambda: tray.mails, process=process)
            # By the clock, too: the last full minute is made up for.
            due = text(
                "SELECT count(*) FROM procrastinate_periodic_defers WHERE task_name = 'rescue'"
            )
            until(lambda: owner.execute(due).scalar(), process=process)
            assert process.stop() == 0

        assert [job.task_name for job in waiting(owner)] == ["remind_of_request", "lapse_request"]
        assert owner.execute(text("SELECT count(*) FROM procrastinate_workers")).scalar() == 0
        lines = [json.loads(line) for line in process.says.splitlines()]
        done = [line["task"] for line in lines if line["says"] == "job"]
        assert {"tell", "send_notice"} <= set(done)
        for person in people:
            assert person.email not in process.says

    def test_finishes_what_is_under_way_when_it_is_told_to_stop(
        self, ask, environment, tmp_path, tray, owner
    ):
        tray.seconds = 1.0
        with running("worker", environ=environment, folder=tmp_path) as process:
            ask()
            until(lambda: tray.begun, process=process)
            assert process.stop() == 0

        assert len(tray.mails) == 1
        assert [job.task_name for job in waiting(owner)] == ["remind_of_request", "lapse_request"]

    def test_leaves_what_it_was_killed_over_to_another(
        self, ask, environment, tmp_path, tray, owner, people, once
    ):
        mara, _ = people
        meeting_id = ask()
        owner.execute(text("DELETE FROM procrastinate_jobs WHERE task_name <> 'lapse_request'"))
        with scope.chapter(mara.chapter_id):
            meeting = db.session.get(Meeting, (mara.chapter_id, meeting_id))
            meeting.answer_by = clock.now()
            db.session.commit()
        make_everything_due(owner)
        other = create_engine(driver_url(environment["DATABASE_URL"]), poolclass=NullPool)
        with other.connect() as holder:
            # Whoever holds the mentor's row keeps the job in its middle. What else may wait for a
            # moment in a worker that begins, waits for somebody else.
            holder.execute(
                text("SELECT FROM users WHERE id = :id FOR UPDATE"), {"id": mara.user_id}
            )
            mine = {"pid": holder.execute(text("SELECT pg_backend_pid()")).scalar_one()}
            blocked = text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND :pid = ANY (pg_blocking_pids(pid))"
            )
            with running("worker", environ=environment, folder=tmp_path) as process:
                until(lambda: owner.execute(blocked, mine).scalar(), process=process)
                process.kill()
        assert waiting(owner)[0].status == "doing"
        let_the_dead_be_long_dead(owner)

        once()

        assert waiting(owner) == []
        with scope.chapter(mara.chapter_id):
            lapsed = select(AuditEvent.id).where(AuditEvent.deed == MeetingDeed.LAPSED)
            assert len(db.session.scalars(lapsed).all()) == 1
            assert db.session.scalars(select(Meeting.state)).one() == MeetingState.LAPSED
        assert [str(mail["Subject"]) for mail in tray.mails] == [
            "No answer came from Dr. Mara Quist"
        ]

    def test_killed_over_a_mail_it_may_repeat_it_under_the_same_id(
        self, ask, environment, tmp_path, tray, owner, once
    ):
        tray.seconds = 2.0
        with running("worker", environ=environment, folder=tmp_path) as process:
            ask()
            until(lambda: tray.begun, process=process)
            process.kill()
        tray.seconds = 0.0
        let_the_dead_be_long_dead(owner)

        once()

        assert tray.begun == 2
        assert len({mail["Message-ID"] for mail in tray.mails}) == 1


class TestOnce:
    """In this process: what is due is done, with all that follows, and nothing else."""

    def test_does_what_is_due_and_what_follows(self, ask, once, tray, owner):
        ask()

        once()

        assert len(tray.mails) == 1
        assert [job.task_name for job in waiting(owner)] == ["remind_of_request", "lapse_request"]

    def test_a_busy_mail_server_is_tried_again_later(self, ask, once, tray, owner, people, caplog):
        ask()
        tray.answers = ["451 Later"]

        once()

        [told] = [each for each in caplog.records if each.msg == "job to be tried again"]
        assert (told.task, told.attempt, told.why) == ("send_notice", 1, "MailDelayed")

        job = waiting(owner)[-1]
        assert (job.task_name, job.status, job.attempts) == ("send_notice", "todo", 1)
        wait = job.scheduled_at - clock.now()
        assert timedelta(0) < wait <= timedelta(seconds=4)
        owner.execute(
            text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = :name"),
            {"name": "send_notice"},
        )
        once()
        assert len(tray.mails) == 1
        with scope.chapter(people[0].chapter_id):
            assert db.session.scalars(select(Notice.state)).one() == NoticeState.SENT

    def test_news_of_one_thing_to_one_person_keeps_its_order(self, ask, once, tray, owner, people):
        mara, sol = people
        meeting_id = ask()
        once()
        tray.empty()
        _do(meetings.accept, meeting_id, mara)
        tray.answers = ["451 Later", "451 Later"]
        once()
        _do(meetings.cancel, meeting_id, sol)
        once()
        # The invitations wait for the server, and what takes them back waits for them.
        assert tray.mails == []

        owner.execute(
            text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = :name"),
            {"name": "send_notice"},
        )
        once()

        assert {str(mail["Subject"])[:10] for mail in tray.mails} == {"Called off"}
        assert len(tray.mails) == 2

    def test_forgets_what_was_given_up_a_month_ago(self, ask, once, owner):
        ask()
        owner.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
        owner.execute(text("UPDATE procrastinate_events SET at = now() - interval '31 days'"))
        with tasks.tasks.replace_connector(_connector(owner)) as live, live.open():
            live.tasks["forget_jobs"].configure().defer(timestamp=0)

        once()

        assert waiting(owner) == []

    def test_a_job_that_kills_its_workers_is_given_up(self, ask, once, owner, tray):
        ask()
        owner.execute(text("DELETE FROM procrastinate_jobs WHERE task_name <> 'tell'"))
        owner.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', attempts = :deaths"),
            {"deaths": rescue.DEATHS},
        )

        once()

        assert {job.status for job in waiting(owner)} == {"failed"}
        assert tray.mails == []


def _connector(owner) -> SyncPsycopgConnector:
    return SyncPsycopgConnector(conninfo=psycopg_dsn(owner.engine.url))


def _do(verb, meeting_id, by: Member) -> None:
    with scope.chapter(by.chapter_id):
        verb(db.session.get(Meeting, (by.chapter_id, meeting_id)), by=by, now=clock.now())
        db.session.commit()


class TestPlans:
    def test_a_request_is_recalled_after_two_days_and_lapses_after_three(self, ask, owner, people):
        meeting_id = ask()
        with scope.chapter(people[0].chapter_id):
            asked_at = db.session.get(Meeting, (people[0].chapter_id, meeting_id)).asked_at

        planned = {job.task_name: job.scheduled_at for job in waiting(owner)}

        assert planned["remind_of_request"] - asked_at == timedelta(hours=48)
        assert planned["lapse_request"] - asked_at == timedelta(hours=72)

    def test_the_sweep_goes_through_every_chapter(self, undone, lakeside, odd, now, at, inside):
        for who in (lakeside, odd):
            with inside(who):
                db.session.add(Submission(digest="x", location="/", at=now))
        links.issue(email=odd.email, now=now)
        db.session.commit()
        at(now + timedelta(days=30))

        tasks.tasks.tasks["sweep"](timestamp=0)

        assert db.session.scalars(select(SignInLink)).all() == []
        db.session.rollback()
        for who in (lakeside, odd):
            with inside(who):
                assert db.session.scalars(select(Submission)).all() == []

    def test_every_duty_by_the_clock_is_known(self):
        duties = {name for name, _ in tasks.tasks.periodic_registry.periodic_tasks}

        assert duties == {
            *("rescue", "sweep", "sweep_files", "forget_jobs"),
            *("pull_due_feeds", "tell_of_quiet_feeds"),
            *("look_for_nudges", "send_due_nudges"),
            *("take_mail_in", "send_agendas", "extend_standing", "tend_sessions"),
            *("seal_trails", "cut_trails", "tidy_chapters"),
            *("end_support", "warn_of_secrets"),
        }

    @pytest.mark.parametrize(
        ("patience", "least", "most"),
        [
            (MAIL, timedelta(hours=20), timedelta(hours=30)),
            (LINK, timedelta(minutes=1), timedelta(minutes=5)),
            (ALWAYS, timedelta(minutes=15), timedelta(minutes=45)),
        ],
    )
    def test_patience_has_an_end(self, patience, least, most):
        job, waited, before = _job(0), timedelta(0), timedelta(0)
        while decision := patience.get_retry_decision(exception=ValueError(), job=job):
            wait = decision.retry_at - clock.now()
            assert before - timedelta(seconds=1) <= wait
            before, waited, job = wait, waited + wait, _job(job.attempts + 1)

        assert patience.is_last(job)
        assert least <= waited <= most


def _job(attempts: int) -> Job:
    return Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="tell", attempts=attempts)


def test_the_worker_works_as_the_role_that_the_wall_binds(own_database):
    url = as_role(own_database.config["SETTINGS"].database_url, ROLE)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == ROLE
        assert connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
