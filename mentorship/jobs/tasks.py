"""Every task the worker knows, and every duty it does by the clock. All of them on this page.

A task opens the app, enters its chapter, calls one verb in one transaction, and is safe to be
done twice: what it does is recorded in the same transaction as what it did.
"""

import functools
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Flask
from procrastinate import JobContext
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from mentorship.accounts import addresses, links
from mentorship.accounts import sessions as device_sessions
from mentorship.accounts.passkeys import challenges
from mentorship.audit import cutting, seals
from mentorship.files import documents
from mentorship.foundation import clock, origin, rates, scope, storage
from mentorship.foundation.database import transaction
from mentorship.foundation.origin import Through
from mentorship.foundation.queue import tasks
from mentorship.foundation.settings import Settings
from mentorship.jobs.retries import ALWAYS, LINK, MAIL
from mentorship.matching import attempts, runs
from mentorship.notifications import (
    account_mail,
    address_mail,
    delivery,
    sign_in_mail,
    university_mail,
)
from mentorship.notifications.inbound import polling
from mentorship.notifications.nudges import finding, sending
from mentorship.own_data import chapters, erasure, exports, keeping
from mentorship.profiles import uploads
from mentorship.relationships import pauses
from mentorship.relationships.contacts import updates
from mentorship.safety import concerns
from mentorship.scheduling import meetings, next_choices, reschedules, sendings
from mentorship.scheduling.feeds import clashes, pulling
from mentorship.scheduling.feeds.clashes import Clash
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.slots import Span
from mentorship.scheduling.standing import series
from mentorship.scheduling.waiting import offering, waits
from mentorship.tenancy import queries, submissions, support
from mentorship.tenancy.university import arrivals, providers

#: A job of a worker that has been silent for this many seconds is given to another.
SILENT = 60
#: A job that so many workers have died of is given up: it is the job that kills them.
DEATHS = 5
#: Hours for which a job that was given up is kept, for whoever looks into it.
KEPT = 30 * 24

log = logging.getLogger("mentorship.job")

_app: Flask | None = None


def use(app: Flask) -> None:
    """The app that tasks run in; each process has one."""
    global _app
    _app = app


def _settings() -> Settings:
    assert _app is not None
    return _app.config["SETTINGS"]


def in_app(task: Callable) -> Callable:
    """Run a task in an application context of its own: its own session, its own connection."""

    @functools.wraps(task)
    def run(*args: object, **facts: str) -> None:
        assert _app is not None, "the worker sets the app before it starts"
        with _app.app_context(), origin.coming(Through.JOB):
            task(*args, **facts)

    return run


@tasks.task(name="send_sign_in_link", queue="now", retry=LINK)
@in_app
def send_sign_in_link(
    link_id: str,
    email: str,
    next_path: str,
    asked_from: str = "",
    instead_of: str = "",
    is_known: str = "",
) -> None:
    sign_in_mail.send(
        link_id=UUID(link_id),
        email=email,
        next_path=next_path,
        is_known=bool(is_known),
        asked_from=asked_from,
        instead_of=UUID(instead_of) if instead_of else None,
        settings=_settings(),
        now=clock.now(),
    )


@tasks.task(name="tell_account", retry=MAIL)
@in_app
def tell_account(event_id: str) -> None:
    account_mail.send(UUID(event_id), settings=_settings(), now=clock.now())


@tasks.task(name="send_address_link", queue="now", retry=MAIL)
@in_app
def send_address_link(change_id: str) -> None:
    address_mail.send_link(UUID(change_id), settings=_settings(), now=clock.now())


@tasks.task(name="send_address_changed", retry=MAIL)
@in_app
def send_address_changed(change_id: str) -> None:
    address_mail.send_changed(UUID(change_id), settings=_settings(), now=clock.now())


@tasks.task(name="tell", retry=ALWAYS)
@in_app
def tell(chapter_id: str, event_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        delivery.tell(UUID(event_id))


@tasks.task(name="send_notice", retry=MAIL, pass_context=True)
@in_app
def send_notice(context: JobContext, chapter_id: str, notice_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        delivery.send(
            UUID(notice_id),
            settings=_settings(),
            now=clock.now(),
            last=MAIL.is_last(context.job),
        )


@tasks.task(name="run_matching", queue="slow", retry=ALWAYS)
@in_app
def run_matching(chapter_id: str, run_id: str, draft: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        runs.work(UUID(run_id), draft=int(draft), now=clock.now())


@tasks.task(name="try_matching", queue="slow", retry=ALWAYS)
@in_app
def try_matching(chapter_id: str, attempt_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        attempts.work(UUID(attempt_id), now=clock.now())


@tasks.task(name="import_roster", queue="slow", retry=ALWAYS)
@in_app
def import_roster(chapter_id: str, upload_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        uploads.work(UUID(upload_id), now=clock.now())


@tasks.task(name="remind_of_request", retry=ALWAYS)
@in_app
def remind_of_request(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        meetings.remind(UUID(meeting_id), now=clock.now())


@tasks.task(name="lapse_request", retry=ALWAYS)
@in_app
def lapse_request(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        meetings.lapse(UUID(meeting_id), now=clock.now())


@tasks.task(name="ask_next_mentor", retry=ALWAYS)
@in_app
def ask_next_mentor(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        next_choices.go_on(UUID(meeting_id), now=clock.now())


@tasks.task(name="resume_pairing", retry=ALWAYS)
@in_app
def resume_pairing(chapter_id: str, pairing_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        pauses.resume_due(UUID(pairing_id), now=clock.now())


@tasks.task(name="send_update", retry=ALWAYS)
@in_app
def send_update(chapter_id: str, update_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        updates.go_out(UUID(update_id), now=clock.now())


@tasks.task(name="offer_places", retry=ALWAYS)
@in_app
def offer_places(user_id: str) -> None:
    offering.offer_places(UUID(user_id), now=clock.now())


@tasks.task(name="lapse_offer", retry=ALWAYS)
@in_app
def lapse_offer(chapter_id: str, wait_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        waits.lapse(UUID(wait_id), now=clock.now())


@tasks.task(name="lapse_proposed_times", retry=ALWAYS)
@in_app
def lapse_proposed_times(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        reschedules.lapse(UUID(meeting_id), now=clock.now())


@tasks.task(name="fill_seats", retry=ALWAYS)
@in_app
def fill_seats(chapter_id: str, session_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        sessions.fill(UUID(session_id), now=clock.now())


@tasks.task(name="remind_of_standing", retry=ALWAYS)
@in_app
def remind_of_standing(chapter_id: str, standing_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        series.remind(UUID(standing_id), now=clock.now())


@tasks.task(name="lapse_standing", retry=ALWAYS)
@in_app
def lapse_standing(chapter_id: str, standing_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        series.lapse(UUID(standing_id), now=clock.now())


@tasks.task(name="pull_feed", queue="slow", retry=ALWAYS)
@in_app
def pull_feed(user_id: str, feed_id: str) -> None:
    pulling.pull(UUID(user_id), UUID(feed_id), settings=_settings(), now=clock.now())


@tasks.task(name="tell_of_clash", retry=ALWAYS)
@in_app
def tell_of_clash(user_id: str, **ends: str) -> None:
    at = {name: datetime.fromisoformat(end) for name, end in ends.items()}
    clash = Clash(Span(at["starts_at"], at["ends_at"]), Span(at["taken_from"], at["taken_until"]))
    clashes.tell(UUID(user_id), clash, now=clock.now())


@tasks.task(name="remind_of_concern", retry=ALWAYS)
@in_app
def remind_of_concern(chapter_id: str, concern_id: str, number: str, look_by: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        concerns.remind(
            UUID(concern_id),
            number=int(number),
            look_by=datetime.fromisoformat(look_by),
            now=clock.now(),
        )


@tasks.task(name="find_nudges", retry=ALWAYS)
@in_app
def find_nudges(chapter_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        finding.find(now=clock.now())


@tasks.task(name="send_nudges", retry=ALWAYS)
@in_app
def send_nudges(user_id: str, mail_id: str) -> None:
    sending.send(UUID(user_id), UUID(mail_id), settings=_settings(), now=clock.now())


@tasks.periodic(cron="7 * * * *")
@tasks.task(name="look_for_nudges", queueing_lock="look_for_nudges", retry=ALWAYS)
@in_app
def look_for_nudges(timestamp: int) -> None:
    """Have every chapter looked through for what is due."""
    with transaction():
        finding.begin_round()


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="send_due_nudges", queueing_lock="send_due_nudges", retry=ALWAYS)
@in_app
def send_due_nudges(timestamp: int) -> None:
    """Have the mails of nudges sent whose moment has come."""
    with transaction():
        sending.defer_due(now=clock.now())


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="pull_due_feeds", queueing_lock="pull_due_feeds", retry=ALWAYS)
@in_app
def pull_due_feeds(timestamp: int) -> None:
    """Have the calendars read whose turn it is."""
    with transaction():
        pulling.defer_due(now=clock.now())


@tasks.periodic(cron="* * * * *")
@tasks.task(name="take_mail_in", queueing_lock="take_mail_in", lock="take_mail_in")
@in_app
def take_mail_in(timestamp: int) -> None:
    """Look into the mailbox, where there is one. What fails is tried again a minute later."""
    if _settings().mail_in == "imap":
        polling.take_new(settings=_settings(), now=clock.now())


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="send_agendas", queueing_lock="send_agendas", retry=ALWAYS)
@in_app
def send_agendas(timestamp: int) -> None:
    """Send the agendas ahead whose time has come."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            sendings.send_due(now=now)


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="tend_sessions", queueing_lock="tend_sessions", retry=ALWAYS)
@in_app
def tend_sessions(timestamp: int) -> None:
    """Remind whoever comes to a group session, and end seats that are not to be."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            sessions.tend(now=now)


@tasks.periodic(cron="23 * * * *")
@tasks.task(name="tell_of_quiet_feeds", queueing_lock="tell_of_quiet_feeds", retry=ALWAYS)
@in_app
def tell_of_quiet_feeds(timestamp: int) -> None:
    """Tell the owners of calendars that keep their times from being offered."""
    pulling.tell_of_quiet(now=clock.now())


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="end_support", queueing_lock="end_support", retry=ALWAYS)
@in_app
def end_support(timestamp: int) -> None:
    """Tell whoever runs a chapter that somebody's time there is over. It has been, by itself."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            support.lapse(now=now)


@tasks.periodic(cron="41 4 * * *")
@tasks.task(name="extend_standing", queueing_lock="extend_standing", retry=ALWAYS)
@in_app
def extend_standing(timestamp: int) -> None:
    """Set the dates of standing meetings that have come within the horizon."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            for standing_id in series.due():
                with transaction():
                    series.extend(standing_id, now=now)


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="seal_trails", queueing_lock="seal_trails", lock="seal_trails", retry=ALWAYS)
@in_app
def seal_trails(timestamp: int) -> None:
    """Seal what has happened since the last time, in every chapter and with accounts."""
    secrets, now = _settings().secrets, clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            seals.seal_up(seals.of_chapter(), secrets=secrets, now=now)
    seals.seal_up(seals.of_accounts(), secrets=secrets, now=now)


@tasks.task(name="mail_arrival", queue="now", retry=LINK)
@in_app
def mail_arrival(chapter_id: str, arrival_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        university_mail.send_link(UUID(arrival_id), settings=_settings(), now=clock.now())


@tasks.periodic(cron="11 5 * * *")
@tasks.task(name="warn_of_secrets", queueing_lock="warn_of_secrets", retry=ALWAYS)
@in_app
def warn_of_secrets(timestamp: int) -> None:
    """Tell coordinators that what opens their university's sign-in ends soon."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            providers.warn_of_end(now=now, today=clock.day(now, queries.card().zone))


@tasks.periodic(cron="57 3 * * *")
@tasks.task(name="cut_trails", queueing_lock="cut_trails", lock="seal_trails", retry=ALWAYS)
@in_app
def cut_trails(timestamp: int) -> None:
    """Take away the end of the trails that was kept for long enough."""
    secrets, now = _settings().secrets, clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            chain = seals.of_chapter()
            cutting.forget(chain, kept=cutting.CHAPTERS, secrets=secrets, now=now)
    cutting.forget(seals.of_accounts(), kept=cutting.ACCOUNTS, secrets=secrets, now=now)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="rescue", queue="now", queueing_lock="rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    await rescue_from(context.app.job_manager)


async def rescue_from(manager: JobManager) -> None:
    """Give the jobs of workers that died to the living; they begin again from the start."""
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        if job.attempts < DEATHS:
            await manager.retry_job(job)
        else:
            log.error("job given up", extra={"task": job.task_name, "job": job.id, "why": "deaths"})
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)


@tasks.periodic(cron="37 3 * * *")
@tasks.task(name="forget_jobs", queueing_lock="forget_jobs", pass_context=True, retry=ALWAYS)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Forget jobs that were given up a month ago: their facts are about people."""
    await context.app.job_manager.delete_old_jobs(
        KEPT, include_failed=True, include_aborted=True, include_cancelled=True
    )


@tasks.task(name="forget_file", queue="slow", retry=ALWAYS)
@in_app
def forget_file(chapter_id: str, key: str) -> None:
    """Take the bytes of a deleted file away."""
    with scope.chapter(UUID(chapter_id)), transaction():
        storage.of(_settings()).remove(key)


@tasks.task(name="make_export", queue="slow", retry=ALWAYS)
@in_app
def make_export(user_id: str, export_id: str, chapter: str = "") -> None:
    """Make a copy of somebody's data, or of a chapter for one who runs it."""
    who, which, now = UUID(user_id), UUID(export_id), clock.now()
    if chapter:
        chapters.work(who, which, slug=chapter, now=now)
    else:
        exports.work(who, which, store=storage.of(_settings()), now=now)


@tasks.task(name="erase_account", queue="slow", retry=MAIL)
@in_app
def erase_account(user_id: str) -> None:
    erasure.go_through(UUID(user_id), now=clock.now())


@tasks.task(name="remove_chapter", queue="slow", retry=MAIL)
@in_app
def remove_chapter(chapter_id: str) -> None:
    chapters.remove(UUID(chapter_id), store=storage.of(_settings()), now=clock.now())


@tasks.periodic(cron="23 2 * * *")
@tasks.task(name="tidy_chapters", queue="slow", queueing_lock="tidy_chapters", retry=ALWAYS)
@in_app
def tidy_chapters(timestamp: int) -> None:
    """Let go of what chapters no longer keep."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            keeping.tidy(now=now)


@tasks.periodic(cron="47 3 * * *")
@tasks.task(name="sweep_files", queue="slow", queueing_lock="sweep_files", retry=ALWAYS)
@in_app
def sweep_files(timestamp: int) -> None:
    """Take away the bytes of uploads that came to nothing."""
    now, store = clock.now(), storage.of(_settings())
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            documents.sweep(store=store, now=now)


@tasks.periodic(cron="17 3 * * *")
@tasks.task(name="sweep", queueing_lock="sweep", retry=ALWAYS)
@in_app
def sweep(timestamp: int) -> None:
    """Forget what nobody needs: used links, submits that will not come again, old rosters."""
    now = clock.now()
    with transaction():
        links.sweep(now=now)
        exports.sweep(now=now)
        challenges.sweep(now=now)
        device_sessions.sweep(now=now)
        addresses.sweep(now=now)
        rates.sweep(now=now)
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            submissions.sweep(now=now)
            arrivals.sweep(now=now)
            uploads.sweep(now=now)
