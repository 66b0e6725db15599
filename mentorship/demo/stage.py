"""One chapter of the demo, act by act: people gather, a run pairs them, and life goes on."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mentorship.accounts import users
from mentorship.demo import gatherings, people, scripts, stories
from mentorship.demo.archive import Archive
from mentorship.demo.cast import Cast
from mentorship.demo.diary import Diary
from mentorship.demo.history import HOUR, History
from mentorship.demo.people import CHAPTER_SLUGS, DemoMentor
from mentorship.demo.scripts import DAY, MINUTE, Pair
from mentorship.demo.timeline import Script, Timeline
from mentorship.foundation.database import db
from mentorship.matching import runs
from mentorship.matching.models import RunState
from mentorship.relationships.models import Pairing
from mentorship.tenancy import chapters
from mentorship.tenancy.roles import Role
from mentorship.vocabulary import cycles
from mentorship.vocabulary.kinds import Kind

#: How many days ago each chapter published its matching run, and how many requests students
#: have made by themselves since.
RUN_DAYS_AGO = {"lakeshore": 132, "cedar-valley": 97, "harbor": 76}
APPROACHES = {"lakeshore": 10, "cedar-valley": 5, "harbor": 6}
#: Days before the run on which a chapter was founded and its people began to join.
FOUNDED, GATHERED = 92, 88
#: Days from now to the end of their terms; the advisor, who stays, agreed them after the run.
TERMS_LEFT = {Role.COORDINATOR: 215, Role.OFFICER: 125}
#: One in so many mentors and students has come after the run.
NEW_MENTORS, NEW_STUDENTS = 5, 9


class Stage:
    """A chapter's history. The diary is shared by all chapters, the later ones last."""

    def __init__(self, cast: Cast, diary: Diary, now: datetime) -> None:
        self.cast, self.now = cast, now
        self.slug = cast.chapter.slug
        self.run_at = now - RUN_DAYS_AGO[self.slug] * DAY
        self.timeline = Timeline()
        self.history = History(cast, diary, now)
        # The leads come first: their arcs take the times that they were written for.
        self.arcs = [self.history.arc(arc) for arc in stories.arcs() if arc.mentee in cast.students]
        self.requests = [
            request for request in stories.waiting_requests() if request.mentee in cast.students
        ]
        self.inbox = [self.history.waiting(request) for request in self.requests]
        # The run is to leave the leads to their arcs, and those in an inbox without that kind.
        for arc in self.arcs:
            cast.not_yet[arc.pair.mentee].update(Kind)
        for request in self.requests:
            cast.not_yet[request.mentee].add(request.kind)
        self.new_mentors, self.new_students = self._newcomers()

    def found(self) -> UUID:
        """Found the chapter; its id, to be entered."""
        chapter = self.cast.chapter
        return chapters.found(
            slug=chapter.slug,
            name=chapter.name,
            school=chapter.school,
            zone=chapter.zone,
            now=self.run_at - FOUNDED * DAY,
        ).id

    def play(self) -> None:
        """Let everything happen that led to today, in this order and in the order of time."""
        self._gather()
        for arc in self.arcs:
            self._add(arc.scripts)
        self.timeline.play(until=self.run_at - HOUR)
        pairs = self._run()
        self._add(self._newcomers_arrive())
        archive = Archive(self.cast, self.now)
        self._add(self._what_followed(pairs, archive))
        archive.write()
        self.timeline.play(until=self.now)

    def _add(self, scripts: Iterator[Script] | list[Script]) -> None:
        for script in scripts:
            self.timeline.add(script)

    def _gather(self) -> None:
        """Everybody who is there from the start joins, and says what they offer and look for."""
        at = self.run_at - GATHERED * DAY
        self.cast.open_office(now=at)
        for email in self.cast.mentors:
            if email not in self.new_mentors:
                at += 40 * MINUTE
                self.cast.welcome_mentor(email, now=at)
        for email in self.cast.students:
            if email not in self.new_students:
                at += 25 * MINUTE
                self.cast.welcome_student(email, now=at)

    def _run(self) -> list[Pair]:
        """A matching run, drafted, reviewed and published; the pairs that it made."""
        kept = self._places_kept()
        for mentor, places in kept.items():
            self._set_places(mentor, self.cast.mentors[mentor].places - places)
        by, started_at = self.cast.coordinator, self.run_at - HOUR
        cycle = cycles.current(started_at.date()).key
        run = runs.start(cycle=cycle, kinds=tuple(Kind), by=by, now=started_at)
        runs.work(run.id, draft=run.draft, now=started_at + MINUTE)
        db.session.refresh(run)
        if run.state != RunState.REVIEW:
            raise RuntimeError(f"The matching run of {self.slug} went wrong.")
        runs.publish(run, draft=run.draft, by=by, now=self.run_at)
        for mentor in kept:
            self._set_places(mentor, self.cast.mentors[mentor].places)
        return self._paired()

    def _places_kept(self) -> Counter[str]:
        """Places that the run is not to give away: the leads' own, and some for other chapters."""
        kept = Counter(request.mentor for request in self.requests)
        kept.update(arc.pair.mentor for arc in self.arcs if arc.began_at > self.run_at)
        to_come = set(CHAPTER_SLUGS[CHAPTER_SLUGS.index(self.slug) + 1 :])
        for email, mentor in self.cast.mentors.items():
            if to_come.intersection(mentor.chapters):
                kept[email] += mentor.places // 2
        return kept

    def _set_places(self, email: str, places: int) -> None:
        if email in self.cast.members:
            users.set_places(self.cast[email].user_id, places=places)

    def _paired(self) -> list[Pair]:
        by_id = {member.id: email for email, member in self.cast.members.items()}
        made = db.session.scalars(select(Pairing).where(Pairing.began_at == self.run_at))
        pairs = [
            self.history.pair(
                by_id[pairing.mentee_id], by_id[pairing.mentor_id], Kind(pairing.kind)
            )
            for pairing in made
        ]
        return sorted(pairs, key=lambda pair: (pair.mentee, pair.kind))

    def _what_followed(self, pairs: list[Pair], archive: Archive) -> Iterator[Script]:
        yield from self.inbox
        for request in self.requests:
            at = self.run_at + 20 * DAY
            yield scripts.wish(self.cast, request.mentee, request.kind, at=at)
        for mentee in {arc.pair.mentee: arc for arc in self.arcs}:
            yield scripts.wish(self.cast, mentee, *Kind, at=self.now - 40 * DAY)
        yield from self.history.courses(pairs, archive, began_at=self.run_at)
        yield from self.history.approaches(
            pairs,
            new_mentors=[email for email, hours in self.new_mentors.items() if hours],
            new_students=self.new_students,
            most=APPROACHES[self.slug],
        )
        for email, mentor in self.cast.mentors.items():
            if mentor.paused:
                yield scripts.pause(self.cast, email, at=self.now - 25 * DAY)
        last_days = {role: (self.now + days * DAY).date() for role, days in TERMS_LEFT.items()}
        yield scripts.agree_terms(self.cast, last_days, at=self.run_at + 9 * DAY)
        yield from gatherings.scripts(self.cast, pairs, now=self.now)

    def _newcomers(self) -> tuple[dict[str, bool], list[str]]:
        """Who comes only after the run: mentors, each with whether they set hours; students.

        None of those whom other data speaks of, and nobody with two hats or two chapters.
        """
        cast = self.cast
        spoken_for = {office.email for office in people.offices()}
        for arc in self.arcs:
            spoken_for |= {arc.pair.mentee, arc.pair.mentor}
        for request in self.requests:
            spoken_for |= {request.mentee, request.mentor}
        spoken_for |= cast.students.keys() & cast.mentors.keys()

        def may_be_new(mentor: DemoMentor) -> bool:
            return (
                mentor.email not in spoken_for and len(mentor.chapters) == 1 and not mentor.paused
            )

        mentors = [mentor.email for mentor in cast.mentors.values() if may_be_new(mentor)]
        mentors = mentors[2::NEW_MENTORS]
        students = [email for email in cast.students if email not in spoken_for]
        # The last of them has joined, and not yet said when they are free.
        return {email: email != mentors[-1] for email in mentors}, students[3::NEW_STUDENTS]

    def _newcomers_arrive(self) -> Iterator[Script]:
        for number, (email, hours) in enumerate(self.new_mentors.items()):
            at = self.now - (34 - 2 * number) * DAY
            yield scripts.join_as_mentor(self.cast, email, with_hours=hours, at=at)
        for number, email in enumerate(self.new_students):
            at = self.now - (30 - number) * DAY + 3 * HOUR
            yield scripts.join_as_student(self.cast, email, at=at)
