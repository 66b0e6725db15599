"""What must never be: one person in two places, however much happens at once.

Each race is run a few times with the suite, and as often as RACES says with `make races`: with
people of its own each time, on a database where everything is really committed.
"""

from collections import Counter
from datetime import datetime, timedelta
from itertools import repeat

from sqlalchemy import func, select, text

from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.scheduling import holds, meetings, reschedules
from mentorship.scheduling.feeds import pulling
from mentorship.scheduling.feeds.kinds import Blocks
from mentorship.scheduling.feeds.reading import Reading, Taken
from mentorship.scheduling.models import LIVE, Meeting, MeetingState, Proposed
from mentorship.scheduling.slots import Span
from mentorship.scheduling.standing import series
from mentorship.scheduling.standing.models import StandingMeeting, StandingState
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import MONDAY_NOON
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, mine, request
from tests.scheduling.conftest import Held
from tests.scheduling.test_over_zones import keep_calendar

NOW = MONDAY_NOON
QUARTER = HALF_AN_HOUR / 2
THURSDAY = WEDNESDAY_AT_TWO + timedelta(days=1)


def in_order(held: Held) -> None:
    """Check that what is held is what is live, asked for or proposed."""
    live = select(
        Meeting.id,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.mentor_user_id,
        Meeting.mentee_user_id,
    ).where(Meeting.state.in_(LIVE))
    wanted = {
        (who, one.id): (one.starts_at, one.ends_at)
        for one in db.session.execute(live)
        for who in (one.mentor_user_id, one.mentee_user_id)
    }
    asked = select(StandingMeeting).where(StandingMeeting.state == StandingState.PROPOSED)
    for one in db.session.scalars(asked):
        first = series.rhythm_of(one).first
        wanted |= {(who, one.id): tuple(first) for who in (one.mentor_user_id, one.mentee_user_id)}
    open_ones = select(Proposed.id).where(Proposed.outcome.is_(None))
    proposed = {id_ for one in db.session.scalars(open_ones) for id_ in holds._ids_of(one)}
    assert {by: span for by, span in held.items() if by[1] not in proposed} == wanted


def agreed(mara: Member, sol: Member, **more: object):
    asked = ask(mara, sol, now=NOW, **more)
    with scope.chapter(mara.chapter_id):
        meetings.accept(mine(asked, mara), by=mara, now=NOW)
        db.session.commit()
    return asked


def propose(meeting_id, by: Member, *starts) -> None:
    with scope.chapter(by.chapter_id):
        reschedules.propose(mine(meeting_id, by), starts=starts, by=by, now=NOW)
        db.session.commit()


def deeds(chapter: ChapterCard, subject_id) -> Counter[str]:
    with scope.chapter(chapter.id):
        told = select(AuditEvent.deed).where(AuditEvent.subject_id == subject_id)
        return Counter(db.session.scalars(told))


def look(meeting_id, who: Member) -> tuple[str, object, int]:
    with scope.chapter(who.chapter_id):
        found = mine(meeting_id, who)
        return found.state, found.starts_at, found.sequence


def test_accept_against_accept_is_one_yes(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        asked = ask(mara, sol, now=NOW)

        came_to = at_once(
            [lambda: meetings.accept(mine(asked, mara), by=mara, now=NOW)] * 6, repeat(lakeside)
        )

        assert came_to == ["done"] * 6
        assert deeds(lakeside, asked) == {"meeting.requested": 1, "meeting.accepted": 1}

    rounds(race)


def test_accept_against_cancel_ends_in_one_of_the_two(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        asked = ask(mara, sol, now=NOW)

        came_to = at_once(
            [
                lambda: meetings.accept(mine(asked, mara), by=mara, now=NOW),
                lambda: meetings.cancel(mine(asked, sol), by=sol, now=NOW),
                lambda: meetings.withdraw(mine(asked, sol), by=sol, now=NOW),
                lambda: meetings.cancel(mine(asked, mara), by=mara, now=NOW),
            ],
            repeat(lakeside),
        )

        state, _, sequence = look(asked, sol)
        told = deeds(lakeside, asked)
        assert set(came_to) <= {"done", "Settled"}
        assert state in ("accepted", "cancelled", "withdrawn")
        assert told["meeting.cancelled"] == sequence == (state == MeetingState.CANCELLED)
        assert told["meeting.accepted"] + told["meeting.withdrawn"] == 1

    rounds(race)


def test_hold_against_hold_over_chapters_and_kinds_gives_the_time_once(rounds, at_once):
    chapters = [make.chapter("lakeside"), make.chapter("hillside")]

    def race(number: int) -> None:
        # One mentor of two chapters, whom students of both want, a quarter of an hour apart.
        email = f"two-{number}@example.org"
        mentors = {one.id: make.mentor(one, email=email, places=9) for one in chapters}
        make.offer_hours(mentors[chapters[0].id], make.WEEKDAYS)
        there = chapters * 3
        students = [make.student(one) for one in there]
        kinds = (Kind.CAREER, Kind.WELLNESS, Kind.APPLICATION)

        came_to = at_once(
            [
                lambda student=student, n=n: request(
                    mentors[student.chapter_id],
                    student,
                    now=NOW,
                    kind=kinds[n % 3],
                    starts_at=WEDNESDAY_AT_TWO + (n % 2) * QUARTER,
                )
                for n, student in enumerate(students)
            ],
            there,
        )

        assert Counter(came_to) == {"done": 1, "TimeTaken": 5}

    rounds(race)


def test_a_student_of_two_chapters_is_in_one_place(rounds, at_once):
    chapters = [make.chapter("lakeside"), make.chapter("hillside")]

    def race(number: int) -> None:
        email = f"sol-{number}@example.org"
        me = {one.id: make.student(one, email=email) for one in chapters}
        there = chapters * 2
        mentors = [make.mentor(one, hours=make.WEEKDAYS) for one in there]

        came_to = at_once(
            [
                lambda mentor=mentor: request(mentor, me[mentor.chapter_id], now=NOW)
                for mentor in mentors
            ],
            there,
        )

        assert Counter(came_to) == {"done": 1, "AlreadyBusy": 3}

    rounds(race)


def test_reschedule_against_book_gives_the_time_once(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        others = [make.student(lakeside) for _ in range(2)]
        meeting_id = agreed(mara, sol)
        propose(meeting_id, mara, THURSDAY)

        came_to = at_once(
            [
                lambda: reschedules.agree(
                    mine(meeting_id, sol), starts_at=THURSDAY, by=sol, now=NOW
                ),
                *(
                    lambda other=other: request(mara, other, now=NOW, starts_at=THURSDAY + QUARTER)
                    for other in others
                ),
            ],
            repeat(lakeside),
        )

        # The proposed time is held, so whoever it was proposed to comes first.
        assert came_to == ["done", "TimeTaken", "TimeTaken"]
        assert look(meeting_id, sol)[1] == THURSDAY

    rounds(race)


def test_two_meetings_that_move_to_one_time_are_not_both_there(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara = make.mentor(lakeside, hours=make.WEEKDAYS)
        students = [make.student(lakeside) for _ in range(2)]
        ids = [
            agreed(mara, student, starts_at=WEDNESDAY_AT_TWO + 2 * n * HALF_AN_HOUR)
            for n, student in enumerate(students)
        ]

        came_to = at_once(
            [
                lambda student=student, one=one: reschedules.propose(
                    mine(one, student), starts=[THURSDAY], by=student, now=NOW
                )
                for student, one in zip(students, ids, strict=True)
            ],
            repeat(lakeside),
        )

        assert Counter(came_to) == {"done": 1, "NotThen": 1}
        first = came_to.index("done")
        with scope.chapter(lakeside.id):
            reschedules.agree(mine(ids[first], mara), starts_at=THURSDAY, by=mara, now=NOW)
            db.session.commit()
        assert look(ids[1 - first], students[1 - first])[1] != THURSDAY

    rounds(race)


def test_propose_against_book_gives_the_time_once(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        other = make.student(lakeside)
        meeting_id = agreed(mara, sol)

        came_to = at_once(
            [
                lambda: reschedules.propose(
                    mine(meeting_id, sol), starts=[THURSDAY], by=sol, now=NOW
                ),
                lambda: request(mara, other, now=NOW, starts_at=THURSDAY + QUARTER),
            ],
            repeat(lakeside),
        )

        assert came_to in (["done", "TimeTaken"], ["NotThen", "done"])

    rounds(race)


def test_reschedule_against_cancel_has_one_end_and_no_gap_in_its_sequence(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        meeting_id = agreed(mara, sol)
        propose(meeting_id, mara, THURSDAY)

        came_to = at_once(
            [
                lambda: reschedules.agree(
                    mine(meeting_id, sol), starts_at=THURSDAY, by=sol, now=NOW
                ),
                lambda: meetings.cancel(mine(meeting_id, mara), by=mara, now=NOW),
                lambda: meetings.cancel(mine(meeting_id, sol), by=sol, now=NOW),
                lambda: reschedules.keep(mine(meeting_id, mara), by=mara, now=NOW),
            ],
            repeat(lakeside),
        )

        told = deeds(lakeside, meeting_id)
        state, _, sequence = look(meeting_id, sol)
        assert set(came_to) <= {"done", "Settled", "NothingProposed"}
        assert (state, told["meeting.cancelled"]) == (MeetingState.CANCELLED, 1)
        assert sequence == told["meeting.cancelled"] + told["meeting.rescheduled"]

    rounds(race)


def test_a_calendar_that_takes_the_time_in_between_is_seen_or_came_after(
    rounds, at_once, own_database
):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara = make.mentor(lakeside, hours=make.WEEKDAYS)
        sol, later = make.student(lakeside), make.student(lakeside)
        shift = (Blocks.BUSY, Span(WEDNESDAY_AT_TWO, WEDNESDAY_AT_TWO + 4 * HALF_AN_HOUR))

        came_to = at_once(
            [
                lambda: request(mara, sol, now=NOW),
                lambda: keep_calendar(mara, [shift], now=NOW),
            ],
            repeat(lakeside),
        )
        after = at_once(
            [lambda: request(mara, later, now=NOW, starts_at=WEDNESDAY_AT_TWO + 2 * HALF_AN_HOUR)],
            repeat(lakeside),
        )

        assert came_to in (["done", "done"], ["CalendarBusy", "done"])
        assert after == ["CalendarBusy"]
        with scope.chapter(lakeside.id):
            waiting = select(func.count()).where(Meeting.mentor_id == mara.id)
            assert db.session.scalar(waiting) == (came_to[0] == "done")

    rounds(race)


def busy_from(starts_at) -> Reading:
    """What a calendar says that has two hours in it."""
    span = Span(starts_at, starts_at + 4 * HALF_AN_HOUR)
    return Reading((Taken(span, Blocks.BUSY),), covers=span, events=1, unread=0, warnings=())


def told_of(who: Member) -> set[datetime]:
    """Beginnings of meetings of which a clash with the calendar is to be told."""
    jobs = "SELECT args FROM procrastinate_jobs WHERE task_name = 'tell_of_clash'"
    found = [job for (job,) in db.session.execute(text(jobs)) if job["user_id"] == str(who.user_id)]
    db.session.commit()
    return {datetime.fromisoformat(job["starts_at"]) for job in found}


def test_a_calendar_that_is_read_as_somebody_books_is_kept_to_or_its_clash_is_told(
    rounds, at_once, settings
):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        feed_id = make.calendar_feed(mara, holds="busy", good_until=THURSDAY)

        def arrives() -> None:
            feed = pulling._locked(mara.user_id, feed_id)
            pulling.took(feed, busy_from(WEDNESDAY_AT_TWO), settings=settings, now=NOW)

        came_to = at_once([lambda: request(mara, sol, now=NOW), arrives], repeat(lakeside))

        assert came_to in (["done", "done"], ["CalendarBusy", "done"])
        assert told_of(mara) == ({WEDNESDAY_AT_TWO} if came_to[0] == "done" else set())

    rounds(race)


def test_a_calendar_that_is_read_as_a_proposed_time_is_taken_is_kept_to_or_its_clash_is_told(
    rounds, at_once, settings
):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        feed_id = make.calendar_feed(mara, holds="busy", good_until=THURSDAY)
        meeting_id = agreed(mara, sol)
        propose(meeting_id, sol, THURSDAY)

        def arrives() -> None:
            feed = pulling._locked(mara.user_id, feed_id)
            pulling.took(feed, busy_from(THURSDAY), settings=settings, now=NOW)

        came_to = at_once(
            [
                lambda: reschedules.agree(
                    mine(meeting_id, mara), starts_at=THURSDAY, by=mara, now=NOW
                ),
                arrives,
            ],
            repeat(lakeside),
        )

        assert came_to in (["done", "done"], ["ShiftThen", "done"])
        moved = look(meeting_id, sol)[1] == THURSDAY
        assert moved == (came_to[0] == "done")
        # What is only proposed is held too, and found by whoever reads; only a meeting is told of.
        assert THURSDAY in told_of(mara)

    rounds(race)


def test_another_time_for_a_request_against_book_gives_the_time_once(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        rival = make.student(lakeside)
        asked = ask(mara, sol, now=NOW)

        came_to = at_once(
            [
                lambda: meetings.propose_other_time(
                    mine(asked, mara), starts_at=THURSDAY, by=mara, now=NOW
                ),
                lambda: request(mara, rival, now=NOW, starts_at=THURSDAY + QUARTER),
            ],
            repeat(lakeside),
        )

        assert came_to in (["done", "TimeTaken"], ["AlreadyBusy", "done"])
        assert look(asked, sol)[1] == (THURSDAY if came_to[0] == "done" else WEDNESDAY_AT_TWO)

    rounds(race)


def test_yes_to_a_proposed_time_against_another_booking_leaves_the_student_in_one_place(
    rounds, at_once
):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        others = [make.mentor(lakeside, hours=make.WEEKDAYS) for _ in range(2)]
        asked = ask(mara, sol, now=NOW)
        with scope.chapter(lakeside.id):
            meetings.propose_other_time(mine(asked, mara), starts_at=THURSDAY, by=mara, now=NOW)
            db.session.commit()

        came_to = at_once(
            [
                lambda: meetings.accept(mine(asked, sol), by=sol, now=NOW),
                *(
                    lambda other=other, at=at: request(
                        other, sol, now=NOW, starts_at=at, kind=Kind.WELLNESS
                    )
                    for other, at in zip(others, (THURSDAY, WEDNESDAY_AT_TWO), strict=True)
                ),
            ],
            repeat(lakeside),
        )

        # The time that is proposed is held, and the one that was asked for before is not.
        assert came_to == ["done", "AlreadyBusy", "done"]

    rounds(race)
