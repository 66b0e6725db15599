"""The people of one chapter of the demo, and how they come to it: by joining, as anybody does."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from mentorship.demo import people
from mentorship.demo.diary import weekly
from mentorship.demo.people import CHAPTER_SLUGS, DemoChapter, DemoMentor, DemoStudent
from mentorship.profiles import affinities, profiles, wishes
from mentorship.profiles.answers import MenteeAnswers, MentorAnswers, Wish
from mentorship.relationships import conflicts
from mentorship.scheduling import hours
from mentorship.tenancy import memberships, queries, terms
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind


@dataclass
class Cast:
    """Who is in a chapter, by e-mail. `members` grows as people join.

    `not_yet` holds the kinds that a student looks for only later.
    """

    chapter: DemoChapter
    students: dict[str, DemoStudent]
    mentors: dict[str, DemoMentor]
    members: dict[str, Member] = field(default_factory=dict)
    not_yet: dict[str, set[Kind]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, chapter: DemoChapter, *, on: date) -> "Cast":
        """Those who belong to this chapter on a day; none of them has joined yet."""
        return cls(
            chapter=chapter,
            students={
                student.email: student
                for student in people.students(on=on)
                if student.chapter_slug == chapter.slug
            },
            mentors={
                mentor.email: mentor
                for mentor in people.mentors()
                if chapter.slug in mentor.chapters
            },
        )

    def __getitem__(self, email: str) -> Member:
        return self.members[email]

    @property
    def coordinator(self) -> Member:
        """The first of the chapter's coordinators, who runs the program."""
        return next(
            self[office.email]
            for office in people.offices()
            if office.chapter_slug == self.chapter.slug and office.role == Role.COORDINATOR
        )

    def open_office(self, *, now: datetime) -> None:
        """Let the coordinators and the advisor join; officers take office once they are students.

        Only those who are nothing else in the chapter, so that everybody joins once.
        """
        for office in self._offices():
            if office.email not in self.students.keys() | self.mentors.keys():
                self._join(office.email, office.name, zone=self.chapter.zone, now=now)

    def agree_terms(self, *, until: Mapping[Role, date], now: datetime) -> None:
        """Have the advisor give each office of these roles its last day, in the chapter's zone."""
        (advisor,) = (self[one.email] for one in self._offices() if one.role == Role.ADVISOR)
        for office in self._offices():
            if last := until.get(Role(office.role)):
                term = terms.of_days(None, last, zone=self.chapter.zone)
                holder, role = self[office.email], Role(office.role)
                memberships.appoint(holder, role, term=term, by=advisor, now=now)

    def welcome_mentor(self, email: str, *, with_hours: bool = True, now: datetime) -> None:
        """Let a mentor join and say what they offer, when, and whom they evaluate."""
        mentor = self.mentors[email]
        member = self._join(email, mentor.name, zone=mentor.zone, now=now)
        said = MentorAnswers(
            standing=mentor.standing,
            title=mentor.title,
            institution=mentor.institution,
            interests=mentor.interests,
            facets=mentor.facets,
            story=mentor.story,
            offers=mentor.offers,
            places=mentor.places,
            lengths=mentor.lengths,
            video_link=mentor.video_link or "",
            recent_cycle=mentor.recent_cycle,
            details=mentor.details,
        )
        profiles.save_mentor(said, member=member, by=member, now=now)
        self._say_groups(email, mentor.groups, now=now)
        # Hours are a person's, over all chapters, and said in the first that they join.
        if with_hours and min(mentor.chapters, key=CHAPTER_SLUGS.index) == self.chapter.slug:
            hours.set_weekly(hours=weekly(mentor), by=member, now=now)
        if mentor.evaluates and mentor.chapters[0] == self.chapter.slug:
            conflicts.declare_evaluation(
                role=mentor.evaluates,
                starts_on=now.date(),
                ends_on=None,
                mentee=None,
                by=member,
                now=now,
            )

    def welcome_student(self, email: str, *, now: datetime) -> None:
        """Let a student join and say what they look for."""
        student = self.students[email]
        self._join(email, student.name, zone=student.zone or self.chapter.zone, now=now)
        self._save_wishes(email, now=now)
        self._say_groups(email, student.groups, now=now)
        wished = self._wished(student)
        if wished:
            wishes.save(wished, by=self[email], now=now)

    def wish(self, email: str, *kinds: Kind, now: datetime) -> None:
        """Let a student look from now on for kinds that they did not look for before."""
        if self.not_yet[email].intersection(kinds):
            self.not_yet[email].difference_update(kinds)
            self._save_wishes(email, now=now)

    def _save_wishes(self, email: str, *, now: datetime) -> None:
        student = self.students[email]
        said = MenteeAnswers(
            stage=student.stage,
            class_year=student.class_year,
            school=self.chapter.school,
            interests=student.interests,
            story=student.story,
            wants={
                kind: Wish(want.topics, want.looking_for)
                for kind, want in student.wants.items()
                if kind not in self.not_yet[email]
            },
            details=student.details,
        )
        profiles.save_mentee(said, member=self[email], by=self[email], now=now)

    def _say_groups(self, email: str, groups: Sequence[str], *, now: datetime) -> None:
        if groups:
            affinities.save(groups, agreed=True, by=self[email], now=now)

    def _wished(self, student: DemoStudent) -> list[UUID]:
        """One student in four wishes for mentors who share an interest with them."""
        if list(self.students).index(student.email) % 4 != 1:
            return []
        alike = (
            self[email].id
            for email, mentor in self.mentors.items()
            if email in self.members
            and email != student.email
            and set(mentor.interests) & set(student.interests)
        )
        return list(islice(alike, 2))

    def _offices(self) -> list[people.DemoOffice]:
        return [office for office in people.offices() if office.chapter_slug == self.chapter.slug]

    def _join(self, email: str, name: str, *, zone: str, now: datetime) -> Member:
        roles = {Role(office.role) for office in self._offices() if office.email == email}
        if email in self.students:
            roles.add(Role.STUDENT)
        if email in self.mentors:
            roles.add(Role.MENTOR)
        joined = memberships.join(email=email, name=name, roles=roles, zone=zone, now=now)
        self.members[email] = queries.member(joined.id)
        return self.members[email]
