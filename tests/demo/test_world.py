"""The demo world as a whole: complete, plausible, unbroken, and counted from the moment given."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.demo import people, stories, world
from mentorship.demo.archive import Archive
from mentorship.demo.cast import Cast
from mentorship.demo.people import CHAPTER_SLUGS, LEADS
from mentorship.demo.scripts import DAY, Fate, Pair, Talk, meet
from mentorship.demo.stage import Stage
from mentorship.demo.timeline import Script, Timeline
from mentorship.foundation import schema, scope
from mentorship.foundation.database import db, driver_url
from mentorship.foundation.settings import Settings
from mentorship.matching import runs
from mentorship.relationships import pairings
from mentorship.scheduling import slots
from mentorship.scheduling.slots import Weekly
from mentorship.tenancy import chapters, queries
from mentorship.vocabulary import cycles
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage as Training
from tests import databases, worlds

#: Half an hour before the clocks go forward in Chicago.
NOW = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@dataclass
class World:
    """A loaded world: its app, and questions to its database as the owner, over all chapters."""

    app: Flask
    url: str
    now: datetime
    owner: Connection

    def rows(self, question: str, **facts: object) -> list:
        return list(self.owner.execute(text(question), {"now": self.now, **facts}))

    def one(self, question: str, **facts: object) -> object:
        return self.owner.execute(text(question), {"now": self.now, **facts}).scalar_one()

    def none(self, question: str, **facts: object) -> None:
        assert self.rows(question, **facts) == []


@contextmanager
def looked_at(settings: Settings, url: str, now: datetime) -> Iterator[World]:
    app = create_app(replace(settings, database_url=url), pool=NullPool)
    engine = create_engine(driver_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as owner:
        yield World(app, url, now, owner)


@contextmanager
def loaded(settings: Settings, label: str) -> Iterator[World]:
    with databases.clone(label) as url:
        worlds.load(url, settings=settings, now=NOW)
        with looked_at(settings, url, NOW) as made:
            yield made


@pytest.fixture(scope="module")
def demo(settings, worker_id) -> Iterator[World]:
    with loaded(settings, f"{worker_id}_demo") as made:
        yield made


@pytest.fixture(scope="module")
def again(settings, worker_id) -> Iterator[World]:
    """The first chapter of the same world, made a second time."""
    first = people.chapters()[:1]
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(people, "chapters", lambda: first)
            made = stack.enter_context(loaded(settings, f"{worker_id}_again"))
        yield made


@pytest.fixture(scope="module")
def on_leap_day(settings, worker_id, leap_day) -> Iterator[World]:
    with (
        databases.clone(f"{worker_id}_leap", template=leap_day) as url,
        looked_at(settings, url, worlds.LEAP_DAY) as made,
    ):
        yield made


@pytest.fixture(params=["demo", "on_leap_day"])
def either(request) -> World:
    return request.getfixturevalue(request.param)


class TestPeople:
    def test_are_all_there_in_their_chapters(self, demo):
        found = demo.rows(
            "SELECT slug, count(*) FILTER (WHERE 'student' = ANY (roles)),"
            " count(*) FILTER (WHERE 'mentor' = ANY (roles))"
            " FROM memberships JOIN chapters c ON c.id = chapter_id GROUP BY slug"
        )

        students = Counter(student.chapter_slug for student in people.students(on=NOW.date()))
        mentors = Counter(slug for mentor in people.mentors() for slug in mentor.chapters)
        assert {slug: (some, others) for slug, some, others in found} == {
            slug: (students[slug], mentors[slug]) for slug in CHAPTER_SLUGS
        }

    def test_hold_their_offices_and_have_profiles(self, demo):
        for office in people.offices():
            assert demo.one(
                "SELECT :role = ANY (roles) FROM memberships JOIN users u ON u.id = user_id"
                " JOIN chapters c ON c.id = chapter_id WHERE email = :email AND slug = :slug",
                role=office.role,
                email=office.email,
                slug=office.chapter_slug,
            )
        demo.none(
            "SELECT name FROM memberships m LEFT JOIN mentor_profiles p ON p.member_id = m.id"
            " WHERE 'mentor' = ANY (roles) AND (p.member_id IS NULL OR p.search = '')"
        )
        demo.none(
            "SELECT name FROM memberships m LEFT JOIN mentee_profiles p ON p.member_id = m.id"
            " WHERE 'student' = ANY (roles) AND p.member_id IS NULL"
        )

    def test_look_for_all_that_they_are_written_to_look_for(self, demo):
        wants = sum(len(student.wants) for student in people.students(on=NOW.date()))

        assert demo.one("SELECT count(*) FROM wants") == wants

    def test_are_paused_full_or_without_hours_now_and_then(self, either):
        assert either.one("SELECT count(*) FROM mentor_profiles WHERE paused_at IS NOT NULL") == 3
        assert (
            2
            <= either.one(
                "SELECT count(DISTINCT user_id) FROM memberships WHERE 'mentor' = ANY (roles)"
                " AND user_id NOT IN (SELECT user_id FROM weekly_hours)"
            )
            <= 4
        )
        full = "SELECT count(*) FROM users u WHERE places = (SELECT count(*) FROM places_taken"
        assert either.one(f"{full} WHERE user_id = u.id)") >= 15


class TestToday:
    @pytest.mark.parametrize(
        ("since", "until"), [(-36, 0), (0, 24), (24, 48), (48, 24 * 9)], ids=str
    )
    def test_has_meetings_behind_and_ahead(self, either, since, until):
        found = either.rows(
            "SELECT DISTINCT slug FROM meetings JOIN chapters c ON c.id = chapter_id"
            " WHERE state IN ('held', 'accepted') AND starts_at BETWEEN :since AND :until",
            since=either.now + timedelta(hours=since),
            until=either.now + timedelta(hours=until),
        )

        assert "lakeshore" in {slug for (slug,) in found}
        assert len(found) >= 2

    def test_has_requests_in_every_chapter_one_of_them_nearly_too_late(self, either):
        waiting = either.rows(
            "SELECT slug, answer_by FROM meetings JOIN chapters c ON c.id = chapter_id"
            " WHERE state = 'requested'"
        )

        assert {slug for slug, _ in waiting} == set(CHAPTER_SLUGS)
        assert all(answer_by > either.now for _, answer_by in waiting)
        assert min(answer_by for _, answer_by in waiting) < either.now + timedelta(hours=4)

    def test_has_action_items_due_this_week_and_some_overdue(self, either):
        due = either.rows("SELECT due_on FROM action_items WHERE done_at IS NULL")
        days = [(day - either.now.date()).days for (day,) in due]

        assert sum(0 <= day <= 7 for day in days) >= 5
        assert any(day < 0 for day in days)

    def test_has_check_ins_due_and_pairings_that_never_met(self, either):
        quiet = either.rows(
            "SELECT 1 FROM pairings WHERE state = 'active' AND last_contact_on < :day",
            day=either.now.date() - timedelta(days=60),
        )
        never = either.rows("SELECT 1 FROM pairings WHERE state = 'accepted' AND began_at < :now")

        assert len(quiet) >= 5
        assert 3 <= len(never) <= 20

    def test_leaves_something_for_the_next_run_to_do(self, either):
        nobody = either.one(
            "SELECT count(*) FROM memberships m WHERE 'student' = ANY (roles) AND NOT EXISTS"
            " (SELECT FROM pairings p WHERE p.mentee_id = m.id AND p.ended_at IS NULL)"
        )
        free = either.one("SELECT sum(places) - (SELECT count(*) FROM places_taken) FROM users")

        assert nobody >= 10
        assert 15 <= free <= 80
        assert either.rows("SELECT slug, state FROM matching_runs r JOIN chapters c"
                           " ON c.id = r.chapter_id ORDER BY slug") == [
            ("cedar-valley", "published"), ("harbor", "published"), ("lakeshore", "published"),
        ]  # fmt: skip

    def test_has_everything_that_can_become_of_a_request_in_the_richest_chapter(self, either):
        states = either.rows(
            "SELECT state, count(*) FROM meetings JOIN chapters c ON c.id = chapter_id"
            " WHERE slug = 'lakeshore' GROUP BY state"
        )

        assert {state for state, _ in states} == {
            "requested", "accepted", "held", "no_show", "declined", "withdrawn", "lapsed",
            "cancelled",
        }  # fmt: skip
        assert dict(map(tuple, states))["held"] >= 80
        declined = "SELECT referred_to_id, word FROM meetings WHERE state = 'declined'"
        assert all(better and word for better, word in either.rows(declined))

    def test_is_richest_at_lakeshore(self, either):
        held = either.rows(
            "SELECT slug, count(*) FROM meetings JOIN chapters c ON c.id = chapter_id"
            " WHERE state = 'held' GROUP BY slug"
        )
        counts = dict(map(tuple, held))

        assert counts["lakeshore"] > counts["cedar-valley"] > 20
        assert counts["harbor"] > 20


class TestLeads:
    def test_can_all_sign_in(self, demo):
        for lead in LEADS.values():
            assert (
                demo.one(
                    "SELECT count(*) FROM users u JOIN memberships m ON m.user_id = u.id"
                    " JOIN chapters c ON c.id = m.chapter_id WHERE email = :email AND slug = :slug",
                    email=lead.email,
                    slug=lead.chapter_slug,
                )
                == 1
            )

    def test_have_lived_what_was_written_for_them(self, either):
        for arc in stories.arcs():
            met = either.rows(
                "SELECT m.state, m.purpose, m.starts_at FROM meetings m"
                " JOIN users a ON a.id = mentee_user_id JOIN users b ON b.id = mentor_user_id"
                " WHERE a.email = :mentee AND b.email = :mentor ORDER BY starts_at",
                mentee=arc.mentee,
                mentor=arc.mentor,
            )
            assert [purpose for _, purpose, _ in met] == [
                meeting.conversation.purpose for meeting in arc.meetings
            ]
            for (state, _, starts_at), meeting in zip(met, arc.meetings, strict=True):
                assert state == ("held" if meeting.days < 0 else "accepted")
                assert abs(starts_at - either.now - meeting.days * DAY) < 9 * DAY

    def test_are_a_student_with_one_mentor_of_each_kind(self, either):
        found = either.rows(
            "SELECT kind FROM pairings JOIN users u ON u.id = mentee_user_id"
            " WHERE email = :email AND state = 'active'",
            email=LEADS["student"].email,
        )

        assert sorted(kind for (kind,) in found) == sorted(Kind)

    @pytest.mark.parametrize(("key", "waiting"), [("mentor", 4), ("resident", 1)])
    def test_are_mentors_with_requests_in_their_inbox(self, either, key, waiting):
        asked = either.rows(
            "SELECT asked_at, reminded_at FROM meetings JOIN users u ON u.id = mentor_user_id"
            " WHERE email = :email AND state = 'requested' AND awaiting = 'mentor'",
            email=LEADS[key].email,
        )

        assert len(asked) == waiting
        for asked_at, reminded_at in asked:
            assert bool(reminded_at) == (either.now - asked_at > timedelta(hours=48))

    def test_keep_notes_of_their_own_that_nobody_else_has(self, demo):
        assert demo.one("SELECT count(*) FROM private_notes n JOIN memberships m"
                        " ON m.id = n.member_id JOIN users u ON u.id = m.user_id"
                        " WHERE email = :email", email=LEADS["student"].email) >= 3  # fmt: skip


class TestInvariants:
    def test_of_the_schema_hold(self, demo):
        assert schema.invariants(demo.owner) == []

    def test_places_are_those_of_open_pairings_and_never_too_many(self, either):
        either.none(
            "SELECT p.id FROM pairings p FULL JOIN places_taken t ON t.pairing_id = p.id"
            " WHERE (p.ended_at IS NULL) <> (t.pairing_id IS NOT NULL)"
            " OR t.user_id <> p.mentor_user_id"
        )
        either.none(
            "SELECT email FROM users u JOIN places_taken t ON t.user_id = u.id"
            " GROUP BY u.id HAVING count(*) > places"
        )

    def test_busy_times_are_those_of_meetings_that_wait_are_set_or_took_place(self, either):
        live = (
            "(SELECT person, id, starts_at, ends_at FROM meetings,"
            " unnest(ARRAY[mentee_user_id, mentor_user_id]) person"
            " WHERE state IN ('requested', 'accepted', 'held', 'no_show')"
            " UNION ALL SELECT mentor_user_id, id, starts_at, ends_at FROM group_sessions"
            " WHERE state = 'open'"
            " UNION ALL SELECT s.user_id, s.id, g.starts_at, g.ends_at FROM group_seats s"
            " JOIN group_sessions g ON g.id = s.session_id WHERE s.state = 'seated'"
            " UNION ALL SELECT mentor_user_id, id, starts_at, ends_at FROM conference_blocks"
            " WHERE closed_at IS NULL"
            " UNION ALL SELECT mentee_user_id, id, starts_at, ends_at FROM meet_ups"
            " WHERE state = 'taken')"
        )
        busy = "SELECT user_id, meeting_id, starts_at, ends_at FROM busy_times"

        either.none(f"({live} EXCEPT {busy}) UNION ALL ({busy} EXCEPT {live})")

    def test_holds_a_meet_up_at_a_conference_and_somebody_who_waits(self, either):
        taken = (
            "SELECT conference FROM meet_ups m JOIN conference_blocks b ON b.id = m.block_id"
            " WHERE m.state = 'taken'"
        )
        assert either.rows(taken) == [("ACEP Scientific Assembly",)]
        assert either.rows("SELECT state FROM waits") == [("waiting",)]

    def test_holds_a_standing_meeting_and_a_full_session(self, either):
        ahead = "SELECT count(*) FROM standing_dates WHERE meeting_id IS NOT NULL"
        assert either.one(ahead) >= 1
        assert either.one("SELECT count(*) FROM group_seats WHERE state = 'seated'") == 4
        assert either.one("SELECT count(*) FROM group_seats WHERE state = 'waiting'") == 1

    def test_nobody_was_ever_in_two_meetings_at_once(self, either):
        either.none(
            "WITH seats AS (SELECT person, id, tstzrange(starts_at, ends_at) span FROM meetings,"
            " unnest(ARRAY[mentee_user_id, mentor_user_id]) person"
            " WHERE state IN ('requested', 'accepted', 'held', 'no_show'))"
            " SELECT a.id FROM seats a JOIN seats b"
            " ON a.person = b.person AND a.id < b.id AND a.span && b.span"
        )

    def test_evaluators_are_nobodys_wellness_mentors(self, either):
        assert either.one("SELECT count(*) FROM evaluative_roles") == 7
        either.none(
            "SELECT p.id FROM pairings p JOIN evaluative_roles e ON e.member_id = p.mentor_id"
            " WHERE p.kind = 'wellness'"
        )

    def test_everybody_meets_in_hours_that_the_mentor_has(self, either):
        hours: dict[str, list[Weekly]] = {}
        for email, day, opens, closes in either.rows(
            "SELECT email, weekday, opens, closes FROM weekly_hours JOIN users u ON u.id = user_id"
        ):
            hours.setdefault(email, []).append(Weekly(day, opens, closes))
        zones = {mentor.email: mentor.zone for mentor in people.mentors()}
        for email, starts_at, ends_at in either.rows(
            "SELECT email, starts_at, ends_at FROM meetings JOIN users u ON u.id = mentor_user_id"
        ):
            zone = slots.ZoneInfo(zones[email])
            spans = slots.open_spans(hours[email], zone, since=starts_at, until=ends_at)
            assert any(each.covers(slots.Span(starts_at, ends_at)) for each in spans)

    def test_nothing_has_happened_yet_that_lies_ahead(self, either):
        either.none("SELECT id FROM audit_events WHERE at > :now")
        either.none("SELECT id FROM meetings WHERE state IN ('held', 'no_show') AND ends_at > :now")
        either.none("SELECT id FROM check_ins WHERE created_at > :now")
        either.none("SELECT id FROM action_items WHERE done_at > :now OR created_at > :now")

    def test_nobody_mentors_after_the_end(self, either):
        either.none(
            "SELECT m.id FROM meetings m JOIN pairings p ON p.id = m.pairing_id"
            " WHERE m.state IN ('held', 'no_show', 'accepted') AND starts_at > ended_at"
        )
        either.none(
            "SELECT c.id FROM check_ins c JOIN pairings p ON p.id = c.pairing_id"
            " WHERE created_at NOT BETWEEN began_at AND coalesce(ended_at, 'infinity')"
        )


class TestJobs:
    def test_tell_nothing_of_the_past(self, either):
        old = either.rows(
            "SELECT e.deed FROM procrastinate_jobs j JOIN audit_events e"
            " ON e.id::text = args->>'event_id' LEFT JOIN meetings m ON m.id = subject_id"
            " WHERE e.at < :since AND m.state IS DISTINCT FROM 'requested'",
            since=either.now - world.NEWS,
        )

        assert old == []
        assert 10 <= either.one("SELECT count(*) FROM procrastinate_jobs") <= 150

    def test_remind_of_every_waiting_request_and_let_it_lapse_in_time(self, either):
        lapses = either.rows(
            "SELECT m.id, scheduled_at FROM procrastinate_jobs JOIN meetings m"
            " ON m.id::text = args->>'meeting_id' WHERE task_name = 'lapse_request'"
        )
        waiting = either.rows("SELECT id, answer_by FROM meetings WHERE state = 'requested'")

        assert set(waiting) <= set(lapses)
        unreminded = (
            "SELECT count(*) FROM meetings WHERE state = 'requested' AND reminded_at IS NULL"
        )
        reminders = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'remind_of_request'"
        assert either.one(reminders) >= either.one(unreminded)
        either.none("SELECT id FROM procrastinate_jobs WHERE scheduled_at < :now")


class TestMaking:
    def test_gives_the_same_world_at_the_same_moment(self, demo, again):
        story = (
            "SELECT a.email, b.email, p.kind, p.topic, p.state, m.starts_at, m.state, m.purpose"
            " FROM pairings p JOIN users a ON a.id = p.mentee_user_id"
            " JOIN users b ON b.id = p.mentor_user_id LEFT JOIN meetings m ON m.pairing_id = p.id"
            " JOIN chapters c ON c.id = p.chapter_id WHERE slug = 'lakeshore'"
            " ORDER BY 1, 2, 3, 6, 8"
        )

        assert demo.rows(story) == again.rows(story)
        assert len(demo.rows(story)) > 150

    def test_leaves_a_coordinator_to_start_the_next_run(self, again):
        with again.app.app_context():
            queries._ids.clear()  # another world's chapters have other ids
            with scope.chapter(queries.chapter_id("lakeshore")):
                by = queries.member_by_email(LEADS["coordinator"].email)
                run = runs.start(
                    cycle=cycles.current(NOW.date()).key, kinds=tuple(Kind), by=by, now=NOW
                )
                db.session.commit()
                runs.work(run.id, draft=1, now=NOW)
                db.session.refresh(run)
                state, facts = run.state, run.facts
                db.session.rollback()
            db.session.remove()

        assert state == "review"
        assert facts["pairs"] >= 10
        assert facts["left"] >= 10

    def test_is_seen_to_be_done(self, demo, own_database):
        with demo.app.app_context():
            assert world.is_there()
        assert not world.is_there()

    def test_leaves_nothing_when_it_is_interrupted(self, own_database, monkeypatch):
        def interrupted(stage: Stage) -> None:
            assert db.session.execute(text("SELECT count(*) FROM users")).scalar_one() > 50
            raise KeyboardInterrupt

        monkeypatch.setattr(Stage, "_run", interrupted)

        with pytest.raises(KeyboardInterrupt):
            world.load(now=NOW)

        assert not world.is_there()
        assert db.session.execute(text("SELECT count(*) FROM users")).scalar_one() == 0
        db.session.rollback()

    def test_refuses_a_database_with_chapters_of_others(self, own_database):
        chapters.found(slug="other", name="O", school="O", zone="America/Chicago", now=NOW)
        db.session.commit()

        with pytest.raises(world.NotTheDemos, match="Name an empty one"):
            world.is_there()


class TestArchive:
    """The older past is written as rows: they are to be those that the verbs leave."""

    @pytest.mark.parametrize("fate", [Fate.HELD, Fate.MISSED])
    def test_leaves_what_the_verbs_would_have_left(self, undone, fate):
        chapter = people.chapters()[2]
        cast = Cast.of(chapter, on=NOW.date())
        founded = chapters.found(
            slug=chapter.slug, name=chapter.name, school=chapter.school, zone=chapter.zone, now=NOW
        )
        db.session.commit()
        with scope.chapter(founded.id):
            talk = self.talk(cast, fate)
            before = db.session.begin_nested()
            timeline = Timeline()
            timeline.add(meet(cast, talk))
            timeline.play(until=NOW)
            played = self.everything()
            before.rollback()
            db.session.expire_all()
            archive = Archive(cast, NOW)
            archive.meet(talk)
            archive.write()

            assert self.everything() == played
            assert len(played["audit_events"]) >= 4
            db.session.rollback()

    def talk(self, cast: Cast, fate: Fate) -> Talk:
        """A meeting of two who were paired before it, with all that a meeting can have."""
        mentor = next(
            mentor
            for mentor in cast.mentors.values()
            if Kind.CAREER in mentor.offers and mentor.chapters == ("harbor",)
        )
        student = next(email for email in cast.students if email not in cast.mentors)
        began_at = NOW - 50 * DAY
        cast.welcome_mentor(mentor.email, now=began_at)
        cast.welcome_student(student, now=began_at)
        pairings.begin(
            mentee=cast[student], mentor=cast[mentor.email], kind=Kind.CAREER, by=None, now=began_at
        )
        first = next(
            iter(
                slots.starts(
                    slots.open_spans(
                        [Weekly(w.weekday, *map(_time, (w.starts, w.ends))) for w in mentor.weekly],
                        slots.ZoneInfo(mentor.zone),
                        since=began_at + 5 * DAY,
                        until=began_at + 20 * DAY,
                    ),
                    [],
                    minutes=20,
                    earliest=began_at + 5 * DAY,
                    latest=began_at + 20 * DAY,
                )
            )
        )
        words = next(
            words
            for words in stories.conversations(Kind.CAREER, stage=Training.M1)
            if words.private and len(words.actions) > 1
        )
        return Talk(
            Pair(student, mentor.email, Kind.CAREER, None),
            asked_at=first - 3 * DAY,
            answered_at=first - 3 * DAY + timedelta(hours=5),
            starts_at=first,
            minutes=20,
            words=words,
            fate=fate,
            forgets=2,
        )

    def everything(self) -> dict[str, list]:
        """All rows of a pairing's life, without ids that are drawn anew each time."""
        db.session.flush()
        drawn = "'id', 'pairing_id', 'meeting_id', 'subject_id', 'item_id', 'by_id', 'event_id'"
        found = {}
        for name in (
            "pairings",
            "meetings",
            "agenda_items",
            "private_notes",
            "action_items",
            "check_ins",
            "audit_events",
            "busy_times",
        ):
            rows = db.session.execute(
                text(f"SELECT (to_jsonb(t) - ARRAY[{drawn}])::text FROM {name} t")
            )
            lines = sorted(row for (row,) in rows)
            found[name] = [_without_ids(line) for line in lines]
        return found


def _time(words: str) -> object:
    return datetime.strptime(words, "%H:%M").time()


def _without_ids(line: str) -> str:
    """Facts of a deed name what they are about by id."""
    return re.sub(r'"(item_id|pairing_id)": "[0-9a-f-]+"', r'"\1": "…"', line)


class TestTimeline:
    def test_plays_scripts_together_in_the_order_of_time(self):
        said: list[tuple[str, datetime]] = []

        def script(name: str, *hours: int) -> Script:
            for hour in hours:
                now = yield NOW + timedelta(hours=hour)
                said.append((name, now))

        timeline = Timeline()
        timeline.add(script("a", 1, 5))
        timeline.add(script("b", 1, 3, 9))
        timeline.play(until=NOW + timedelta(hours=5))

        assert [(name, (at - NOW) / timedelta(hours=1)) for name, at in said] == [
            ("a", 1), ("b", 1), ("b", 3), ("a", 5),
        ]  # fmt: skip

    def test_never_goes_back_in_time(self):
        said: list[datetime] = []

        def script() -> Script:
            yield NOW
            said.append((yield NOW - DAY))

        timeline = Timeline()
        timeline.add(script())
        timeline.play(until=NOW)

        assert said == [NOW]
