"""What has happened in a chapter of the demo: which pairings went how, and what is to come.

Everything here is a plan. It finds times in people's real hours and chooses words; the deeds
are `scripts`, and a `Timeline` plays them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mentorship.demo import scripts, stories
from mentorship.demo.archive import Archive
from mentorship.demo.cast import Cast
from mentorship.demo.courses import APPROACHES, AROUND_NOW, Approach, Course, pick_course
from mentorship.demo.diary import Diary
from mentorship.demo.people import DemoMentor
from mentorship.demo.pools import pick
from mentorship.demo.scripts import DAY, MINUTE, Fate, Pair, Talk
from mentorship.demo.stories import Arc, Conversation, WaitingRequest
from mentorship.demo.timeline import Script
from mentorship.relationships.check_ins import How
from mentorship.vocabulary.kinds import Kind

HOUR = timedelta(hours=1)
#: Meetings of the past end at least this long ago; those of the last day are planned one by one.
PAST = 30 * HOUR
#: Requests are made so long before the meeting that they are not too soon.
NOTICE = 25 * HOUR


@dataclass(frozen=True)
class PlannedArc:
    """A lead's pairing, when it begins, and all that happens in it."""

    pair: Pair
    began_at: datetime
    scripts: list[Script]


@dataclass
class History:
    """The plans of one chapter. The diary is that of all chapters."""

    cast: Cast
    diary: Diary
    now: datetime

    def pair(self, mentee: str, mentor: str, kind: Kind) -> Pair:
        """Two people with the topic that they would talk about, where the kind has topics."""
        if kind is not Kind.CONTENT:
            return Pair(mentee, mentor, kind, None)
        offered = self.cast.mentors[mentor].offers[kind]
        wanted = self.cast.students[mentee].wants[kind].topics
        shared = [topic for topic in wanted if topic in offered]
        return Pair(mentee, mentor, kind, (shared or offered)[0])

    def arc(self, arc: Arc) -> PlannedArc:
        """A lead's written history: a pairing outside any run, from its first day on."""
        pair = Pair(arc.mentee, arc.mentor, arc.kind, arc.topic)
        first, *further = [self._arc_talk(pair, meeting) for meeting in arc.meetings]
        began_at = first.starts_at - 9 * DAY
        first = replace(first, asked_at=began_at + 3 * HOUR, answered_at=began_at + 8 * HOUR)
        return PlannedArc(
            pair,
            began_at,
            [
                scripts.begin(self.cast, pair, at=began_at),
                *(scripts.meet(self.cast, talk) for talk in (first, *further)),
                *(
                    scripts.check_in(self.cast, pair, line=line.text, at=self.now + line.days * DAY)
                    for line in arc.check_ins
                ),
            ],
        )

    def waiting(self, request: WaitingRequest) -> Script:
        """A request in a lead's inbox."""
        pair = Pair(request.mentee, request.mentor, request.kind, request.topic)
        words = Conversation(request.purpose, request.questions, (), "", None, (), None)
        asked_at = self.now - request.hours_ago * HOUR
        talk = self._talk(
            pair,
            words,
            minutes=request.minutes,
            since=self.now + NOTICE,
            until=self.now + 20 * DAY,
            near=self.now + 4 * DAY,
        )
        return scripts.unanswered(self.cast, replace(talk, asked_at=asked_at))

    def courses(
        self, pairs: Sequence[Pair], archive: Archive, *, began_at: datetime
    ) -> Iterator[Script]:
        """What became of the pairs of a matching run, by the table of courses.

        The older past goes to the archive at once; what is around today is played.
        """
        ahead = []
        for number, pair in enumerate(pairs):
            course = pick_course(number)
            self._past_of(pair, course, number, archive, began_at=began_at)
            if course.ends is not None:
                at = began_at + course.ends * DAY + 9 * HOUR
                yield scripts.end(self.cast, pair, state=course.ended_as, at=at)
            if course.ahead:
                ahead.append((number, pair))
        yield from self._around_now(ahead)

    def approaches(
        self,
        pairs: Sequence[Pair],
        *,
        new_mentors: Sequence[str],
        new_students: Sequence[str],
        most: int,
    ) -> Iterator[Script]:
        """Requests that students have made by themselves, and how they were answered."""
        paired = {(pair.mentee, pair.kind) for pair in pairs}
        students = [
            *new_students,
            *(email for email in self.cast.students if email not in new_students),
        ]
        asked: Counter[str] = Counter()
        room = {email: self.cast.mentors[email].places - 1 for email in new_mentors}
        for number, approach in enumerate(APPROACHES[:most]):
            found = next(
                (
                    pair
                    for email in students
                    if not asked[email]
                    for pair in self._wanted(email, new_mentors)
                    if (email, pair.kind) not in paired and room[pair.mentor] > 0
                ),
                None,
            )
            if found is None:
                return
            asked[found.mentee] += 1
            room[found.mentor] -= approach.becomes in ("met", "waiting", "moved")
            yield from self._approach(found, approach, number)

    def _arc_talk(self, pair: Pair, meeting: stories.ArcMeeting) -> Talk:
        near = self.now + meeting.days * DAY
        ahead = meeting.days > 0
        return self._talk(
            pair,
            meeting.conversation,
            minutes=meeting.minutes,
            since=max(near - 8 * DAY, self.now + 2 * HOUR) if ahead else near - 8 * DAY,
            until=near + 8 * DAY if ahead else min(near + 8 * DAY, self.now - PAST),
            near=near,
        )

    def _past_of(
        self, pair: Pair, course: Course, number: int, archive: Archive, *, began_at: datetime
    ) -> None:
        planned = [(day, Fate.HELD) for day in course.met]
        planned += [(course.missed, Fate.MISSED)] if course.missed is not None else []
        over_at = self.now if course.ends is None else began_at + course.ends * DAY
        talks = [
            talk
            for turn, (day, fate) in enumerate(sorted(planned, key=lambda entry: entry[0]))
            if (talk := self._past(pair, fate, day, number, turn, began_at, over_at))
        ]
        for talk in talks:
            forgets = 2 if number % 3 == 0 and talk is talks[-1] else 0
            archive.meet(replace(talk, thanks=number % 2 == 0, forgets=forgets, topics=1))
        lines = stories.check_in_lines(self.cast.students[pair.mentee].stage)
        for turn, day in enumerate(course.checked_in):
            how = (How.WELL, How.WELL, How.NEED_A_DATE, How.WELL, How.STUCK)[(number + turn) % 5]
            at = began_at + day * DAY + (number * 53 % 600 + 60) * MINUTE
            archive.check_in(pair, line=pick(lines, number * 2 + turn), how=how, at=at)

    def _past(
        self,
        pair: Pair,
        fate: Fate,
        day: int,
        number: int,
        turn: int,
        began_at: datetime,
        over_at: datetime,
    ) -> Talk | None:
        # Not everybody at once: those of one kind meet around one another.
        days = day + 2 * list(Kind).index(pair.kind) + number % 3
        near = began_at + timedelta(days=days, hours=number % 7)
        return self._talk_if_free(
            pair,
            self._words(pair, number, turn),
            minutes=pick(self.cast.mentors[pair.mentor].lengths, number + turn),
            since=max(near - 5 * DAY, began_at + NOTICE + 3 * HOUR),
            until=min(near + 8 * DAY, self.now - PAST, over_at - 2 * DAY),
            near=near,
            not_before=began_at + 2 * HOUR,
            fate=fate,
            number=number,
        )

    def _around_now(self, ahead: list[tuple[int, Pair]]) -> Iterator[Script]:
        """Give each of these pairs a meeting around today, in the windows' order where it fits."""
        open_windows = [AROUND_NOW[turn % len(AROUND_NOW)] for turn in range(len(ahead))]
        for since, until, fate in open_windows:
            for place, (number, pair) in enumerate(ahead):
                talk = self._talk_if_free(
                    pair,
                    self._words(pair, number, 9),
                    minutes=min(self.cast.mentors[pair.mentor].lengths),
                    since=self.now + since * HOUR,
                    until=self.now + until * HOUR,
                    near=self.now + (since + until) / 2 * HOUR,
                    not_before=self.now - 40 * DAY,
                    fate=fate,
                    number=number,
                )
                if talk:
                    topics = 1 if number % 4 else 3
                    yield scripts.meet(self.cast, replace(talk, topics=topics))
                    del ahead[place]
                    break

    def _approach(self, pair: Pair, approach: Approach, number: int) -> Iterator[Script]:
        asked_at = self.now - approach.hours_ago * HOUR
        over = approach.becomes == "met"
        talk = self._talk_if_free(
            pair,
            self._words(pair, number, 4),
            minutes=pick(self.cast.mentors[pair.mentor].lengths, number),
            since=asked_at + NOTICE if over else max(asked_at, self.now) + NOTICE,
            until=self.now - PAST if over else self.now + 25 * DAY,
            near=asked_at + 4 * DAY,
            not_before=asked_at,
            fate=Fate.HELD,
            number=number,
        )
        if talk is None:
            return
        talk = replace(talk, asked_at=asked_at, answered_at=asked_at + (5 + number) * HOUR)
        if approach.becomes == "met":
            yield scripts.meet(self.cast, talk)
        elif approach.becomes in ("waiting", "lapsed"):
            yield scripts.unanswered(self.cast, talk)
        elif approach.becomes == "withdrawn":
            yield scripts.withdrawn(self.cast, talk)
        elif approach.becomes == "declined":
            word = pick(stories.decline_lines(), number)
            better = self._colleague(pair, number)
            yield scripts.declined(self.cast, talk, word=word, better=better)
        else:
            yield from self._moved(pair, talk)

    def _moved(self, pair: Pair, talk: Talk) -> Iterator[Script]:
        other = self._talk_if_free(
            pair,
            talk.words,
            minutes=talk.minutes,
            since=self.now + 2 * DAY,
            until=self.now + 25 * DAY,
            near=talk.starts_at + 3 * DAY,
            not_before=talk.asked_at,
            fate=Fate.HELD,
            number=0,
        )
        if other:
            yield scripts.moved(self.cast, talk, to=other.starts_at)

    def _wanted(self, student: str, mentors: Sequence[str]) -> Iterator[Pair]:
        """The pairs that this student could ask for among these mentors, new ones first."""
        for kind, want in self.cast.students[student].wants.items():
            for email in mentors:
                offered = self.cast.mentors[email].offers
                if email == student or kind not in offered:
                    continue
                topics = [topic for topic in want.topics if topic in offered[kind]]
                if kind is not Kind.CONTENT:
                    yield Pair(student, email, kind, None)
                elif topics:
                    yield Pair(student, email, kind, topics[0])

    def _colleague(self, pair: Pair, number: int) -> str:
        """Somebody else who offers this kind, for a referral."""
        others = [
            email
            for email, mentor in self.cast.mentors.items()
            if pair.kind in mentor.offers
            and not mentor.paused
            and email in self.cast.members
            and email not in (pair.mentor, pair.mentee)
        ]
        return pick(others, number)

    def _words(self, pair: Pair, number: int, turn: int) -> Conversation:
        stage = self.cast.students[pair.mentee].stage
        pool = stories.conversations(pair.kind, stage=stage, topic=pair.topic)
        return pick(pool, number * 3 + turn)

    def _talk(
        self,
        pair: Pair,
        words: Conversation,
        *,
        minutes: int,
        since: datetime,
        until: datetime,
        near: datetime,
    ) -> Talk:
        talk = self._talk_if_free(
            pair,
            words,
            minutes=minutes,
            since=since,
            until=until,
            near=near,
            not_before=since - 60 * DAY,
            fate=Fate.HELD,
            number=0,
        )
        if talk is None:
            raise LookupError(f"{pair.mentor} has no time for {pair.mentee} near {near}")
        return talk

    def _talk_if_free(
        self,
        pair: Pair,
        words: Conversation,
        *,
        minutes: int,
        since: datetime,
        until: datetime,
        near: datetime,
        not_before: datetime,
        fate: Fate,
        number: int,
    ) -> Talk | None:
        mentor: DemoMentor = self.cast.mentors[pair.mentor]
        start = self.diary.book(
            mentor, pair.mentee, minutes=minutes, since=since, until=until, near=near
        )
        if start is None:
            return None
        lead = timedelta(days=3 + number % 5, hours=number * 5 % 11, minutes=number * 17 % 60)
        asked_at = max(not_before, min(start - lead, self.now - (8 + number % 40) * HOUR))
        answered_at = min(
            asked_at + timedelta(hours=2 + number % 9, minutes=number * 7 % 60),
            start - HOUR,
        )
        return Talk(pair, asked_at, answered_at, start, minutes, words, fate)
