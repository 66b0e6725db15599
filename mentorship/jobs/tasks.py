"""Every task the worker knows, and every duty it does by the clock. All of them on this page.

A task enters its chapter, calls one verb in one transaction, and is safe to be done twice: what
it does is recorded in the same transaction as what it did.
"""

from datetime import datetime
from uuid import UUID

from procrastinate import JobContext

from mentorship.accounts import addresses, links
from mentorship.accounts import sessions as device_sessions
from mentorship.accounts.passkeys import challenges
from mentorship.audit import cutting, seals
from mentorship.files import documents
from mentorship.foundation import clock, rates, scope, storage
from mentorship.foundation.database import transaction
from mentorship.foundation.queue import tasks
from mentorship.jobs.rescue import rescue_from
from mentorship.jobs.retries import ALWAYS, LINK, MAIL
from mentorship.jobs.running import duty, settings, task
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

#: Hours for which a job that was given up is kept, for whoever looks into it.
KEPT = 30 * 24


# What a verb defers.


@task(queue="now", retry=LINK)
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
        settings=settings(),
        now=clock.now(),
    )


@task(retry=MAIL)
def tell_account(event_id: str) -> None:
    account_mail.send(UUID(event_id), settings=settings(), now=clock.now())


@task(queue="now", retry=MAIL)
def send_address_link(change_id: str) -> None:
    address_mail.send_link(UUID(change_id), settings=settings(), now=clock.now())


@task(retry=MAIL)
def send_address_changed(change_id: str) -> None:
    address_mail.send_changed(UUID(change_id), settings=settings(), now=clock.now())


@task()
def tell(chapter_id: str, event_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        delivery.tell(UUID(event_id))


@task(retry=MAIL, pass_context=True)
def send_notice(context: JobContext, chapter_id: str, notice_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        delivery.send(
            UUID(notice_id),
            settings=settings(),
            now=clock.now(),
            last=MAIL.is_last(context.job),
        )


@task(queue="slow")
def run_matching(chapter_id: str, run_id: str, draft: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        runs.work(UUID(run_id), draft=int(draft), now=clock.now())


@task(queue="slow")
def try_matching(chapter_id: str, attempt_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        attempts.work(UUID(attempt_id), now=clock.now())


@task(queue="slow")
def import_roster(chapter_id: str, upload_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        uploads.work(UUID(upload_id), now=clock.now())


@task()
def remind_of_request(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        meetings.remind(UUID(meeting_id), now=clock.now())


@task()
def lapse_request(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        meetings.lapse(UUID(meeting_id), now=clock.now())


@task()
def ask_next_mentor(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        next_choices.go_on(UUID(meeting_id), now=clock.now())


@task()
def resume_pairing(chapter_id: str, pairing_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        pauses.resume_due(UUID(pairing_id), now=clock.now())


@task()
def send_update(chapter_id: str, update_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        updates.go_out(UUID(update_id), now=clock.now())


@task()
def offer_places(user_id: str) -> None:
    offering.offer_places(UUID(user_id), now=clock.now())


@task()
def lapse_offer(chapter_id: str, wait_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        waits.lapse(UUID(wait_id), now=clock.now())


@task()
def lapse_proposed_times(chapter_id: str, meeting_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        reschedules.lapse(UUID(meeting_id), now=clock.now())


@task()
def fill_seats(chapter_id: str, session_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        sessions.fill(UUID(session_id), now=clock.now())


@task()
def remind_of_standing(chapter_id: str, standing_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        series.remind(UUID(standing_id), now=clock.now())


@task()
def lapse_standing(chapter_id: str, standing_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        series.lapse(UUID(standing_id), now=clock.now())


@task(queue="slow")
def pull_feed(user_id: str, feed_id: str) -> None:
    pulling.pull(UUID(user_id), UUID(feed_id), settings=settings(), now=clock.now())


@task()
def tell_of_clash(user_id: str, **ends: str) -> None:
    at = {name: datetime.fromisoformat(end) for name, end in ends.items()}
    clash = Clash(Span(at["starts_at"], at["ends_at"]), Span(at["taken_from"], at["taken_until"]))
    clashes.tell(UUID(user_id), clash, now=clock.now())


@task()
def remind_of_concern(chapter_id: str, concern_id: str, number: str, look_by: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        concerns.remind(
            UUID(concern_id),
            number=int(number),
            look_by=datetime.fromisoformat(look_by),
            now=clock.now(),
        )


@task()
def find_nudges(chapter_id: str) -> None:
    with scope.chapter(UUID(chapter_id)), transaction():
        finding.find(now=clock.now())


@task()
def send_nudges(user_id: str, mail_id: str) -> None:
    sending.send(UUID(user_id), UUID(mail_id), settings=settings(), now=clock.now())


@task(queue="now", retry=LINK)
def mail_arrival(chapter_id: str, arrival_id: str) -> None:
    with scope.chapter(UUID(chapter_id)):
        university_mail.send_link(UUID(arrival_id), settings=settings(), now=clock.now())


@task(queue="slow")
def forget_file(chapter_id: str, key: str) -> None:
    """Take the bytes of a deleted file away."""
    with scope.chapter(UUID(chapter_id)), transaction():
        storage.of(settings()).remove(key)


@task(queue="slow")
def make_export(user_id: str, export_id: str, chapter: str = "") -> None:
    """Make a copy of somebody's data, or of a chapter for one who runs it."""
    who, which, now = UUID(user_id), UUID(export_id), clock.now()
    if chapter:
        chapters.work(who, which, slug=chapter, now=now)
    else:
        exports.work(who, which, store=storage.of(settings()), now=now)


@task(queue="slow", retry=MAIL)
def erase_account(user_id: str) -> None:
    erasure.go_through(UUID(user_id), now=clock.now())


@task(queue="slow", retry=MAIL)
def remove_chapter(chapter_id: str) -> None:
    chapters.remove(UUID(chapter_id), store=storage.of(settings()), now=clock.now())


# What is done by the clock.


@duty("7 * * * *")
def look_for_nudges() -> None:
    """Have every chapter looked through for what is due."""
    with transaction():
        finding.begin_round()


@duty("*/10 * * * *")
def send_due_nudges() -> None:
    """Have the mails of nudges sent whose moment has come."""
    with transaction():
        sending.defer_due(now=clock.now())


@duty("*/5 * * * *")
def pull_due_feeds() -> None:
    """Have the calendars read whose turn it is."""
    with transaction():
        pulling.defer_due(now=clock.now())


@duty("* * * * *", lock="take_mail_in", retry=None)
def take_mail_in() -> None:
    """Look into the mailbox, where there is one. What fails is tried again a minute later."""
    if settings().mail_in == "imap":
        polling.take_new(settings=settings(), now=clock.now())


@duty("*/10 * * * *")
def send_agendas() -> None:
    """Send the agendas ahead whose time has come."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            sendings.send_due(now=now)


@duty("*/10 * * * *")
def tend_sessions() -> None:
    """Remind whoever comes to a group session, and end seats that are not to be."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            sessions.tend(now=now)


@duty("23 * * * *")
def tell_of_quiet_feeds() -> None:
    """Tell the owners of calendars that keep their times from being offered."""
    pulling.tell_of_quiet(now=clock.now())


@duty("*/10 * * * *")
def end_support() -> None:
    """Tell whoever runs a chapter that somebody's time there is over. It has been, by itself."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            support.lapse(now=now)


@duty("41 4 * * *")
def extend_standing() -> None:
    """Set the dates of standing meetings that have come within the horizon."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            for standing_id in series.due():
                with transaction():
                    series.extend(standing_id, now=now)


@duty("*/10 * * * *", lock="seal_trails")
def seal_trails() -> None:
    """Seal what has happened since the last time, in every chapter and with accounts."""
    secrets, now = settings().secrets, clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            seals.seal_up(seals.of_chapter(), secrets=secrets, now=now)
    seals.seal_up(seals.of_accounts(), secrets=secrets, now=now)


@duty("11 5 * * *")
def warn_of_secrets() -> None:
    """Tell coordinators that what opens their university's sign-in ends soon."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            providers.warn_of_end(now=now, today=clock.day(now, queries.card().zone))


@duty("57 3 * * *", lock="seal_trails")
def cut_trails() -> None:
    """Take away the end of the trails that was kept for long enough."""
    secrets, now = settings().secrets, clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            chain = seals.of_chapter()
            cutting.forget(chain, kept=cutting.CHAPTERS, secrets=secrets, now=now)
    cutting.forget(seals.of_accounts(), kept=cutting.ACCOUNTS, secrets=secrets, now=now)


@duty("23 2 * * *", queue="slow")
def tidy_chapters() -> None:
    """Let go of what chapters no longer keep."""
    now = clock.now()
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id):
            keeping.tidy(now=now)


@duty("47 3 * * *", queue="slow")
def sweep_files() -> None:
    """Take away the bytes of uploads that came to nothing."""
    now, store = clock.now(), storage.of(settings())
    for chapter_id in queries.chapter_ids():
        with scope.chapter(chapter_id), transaction():
            documents.sweep(store=store, now=now)


@duty("17 3 * * *")
def sweep() -> None:
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


@tasks.periodic(cron="* * * * *")
@tasks.task(name="rescue", queue="now", queueing_lock="rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    await rescue_from(context.app.job_manager)


@tasks.periodic(cron="37 3 * * *")
@tasks.task(name="forget_jobs", queueing_lock="forget_jobs", pass_context=True, retry=ALWAYS)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Forget jobs that were given up a month ago: their facts are about people."""
    await context.app.job_manager.delete_old_jobs(
        KEPT, include_failed=True, include_aborted=True, include_cancelled=True
    )
