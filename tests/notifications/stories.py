"""Everything that the product mails, brought about as it really happens.

Each story tells what two people do: Mara, a mentor in New York, and Sol, a student in Chicago.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from mentorship.accounts import users
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.matching import runs
from mentorship.relationships import action_items, check_ins, fit_checks, pairings, pauses
from mentorship.relationships.contacts import updates
from mentorship.relationships.models import Fit, Pairing, PairingState
from mentorship.scheduling import meetings, queries
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.conference import queries as conference
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.scheduling.standing import series
from mentorship.scheduling.thanks import thanks
from mentorship.scheduling.waiting import waits
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import MONDAY_NOON

#: Two in the afternoon for Mara, one o'clock for Sol.
WEDNESDAY = datetime(2026, 3, 4, 19, tzinfo=UTC)
THURSDAY = datetime(2026, 3, 5, 20, tzinfo=UTC)
PURPOSE = "Is my list of away rotations too bold? Two are reaches, and I'm unsure of both."
WORD = "I am on nights until the end of March."


@dataclass
class Pair:
    """Two members of one chapter, and the moment at which they act."""

    mara: Member
    sol: Member
    kind: Kind = Kind.APPLICATION
    now: datetime = MONDAY_NOON

    def ask(self, *, at: datetime = WEDNESDAY) -> UUID:
        with scope.chapter(self.sol.chapter_id):
            meeting = meetings.request(
                mentor=self.mara,
                kind=self.kind,
                topic="toxicology" if self.kind is Kind.CONTENT else None,
                starts_at=at,
                minutes=25,
                purpose=PURPOSE,
                questions=["Which one would you drop?"],
                by=self.sol,
                now=self.now,
            )
            db.session.commit()
            return meeting.id

    def do(
        self, verb: Callable[..., object], meeting_id: UUID, by: Member, **facts: object
    ) -> None:
        with scope.chapter(by.chapter_id):
            meeting: Meeting = queries.my_meeting(meeting_id, member=by)
            verb(meeting, by=by, now=self.now, **facts)
            db.session.commit()

    def move(self, meeting_id: UUID, by: Member, *, to: datetime = THURSDAY) -> None:
        self.do(meetings.propose_other_time, meeting_id, by, starts_at=to)

    def agree(self) -> UUID:
        meeting_id = self.ask()
        self.do(meetings.accept, meeting_id, self.mara)
        return meeting_id

    def check_in(self, by: Member, line: str) -> None:
        pairing_id = make.pairing(self.mara, self.sol, self.kind)
        with scope.chapter(by.chapter_id):
            check_ins.log(
                pairing=db.session.get(Pairing, (by.chapter_id, pairing_id)),
                how=check_ins.How.WELL,
                line=line,
                by=by,
                now=self.now,
            )
            db.session.commit()

    def on(self, verb: Callable[..., object], by: Member, **facts: object) -> None:
        """Do something with the one pairing of these two."""
        with scope.chapter(by.chapter_id):
            pairing = db.session.scalars(select(Pairing)).one()
            verb(pairing, by=by, now=self.now, **facts)
            db.session.commit()

    def hand_over(self, *, by: Member, to: Member) -> None:
        """Sol had taken it on, and now it is somebody else's."""
        pairing_id = make.pairing(self.mara, self.sol, self.kind)
        with scope.chapter(by.chapter_id):
            facts = {"what": "Thin out the away rotations", "due_on": date(2026, 3, 6)}
            item = action_items.take_on(
                pairing_id=pairing_id, owner=self.sol, by=self.sol, now=self.now, **facts
            )
            action_items.change(item, owner=to, by=by, now=self.now, **facts)
            db.session.commit()

    def pause(self, by: Member, **facts: object) -> None:
        make.pairing(self.mara, self.sol, self.kind)
        self.on(pauses.pause, by, **facts)

    def meet_once(self, *, fit: Fit | None = None) -> None:
        """They have met for the first time, as Mara says; and then, how it fits."""
        pairing_id = make.pairing(self.mara, self.sol, self.kind)
        at = self.now - timedelta(hours=2)
        meeting_id = make.meeting(self.mara, self.sol, pairing_id, starts_at=at)
        self.do(meetings.held, meeting_id, self.mara)
        if fit is not None:
            self.on(fit_checks.answer, self.mara, said=fit)

    def propose_standing(self) -> UUID:
        """Sol asks to meet every two weeks, from Wednesday on."""
        pairing_id = make.pairing(self.mara, self.sol, self.kind)
        with scope.chapter(self.sol.chapter_id):
            made = series.propose(
                pairing=db.session.get(Pairing, (self.sol.chapter_id, pairing_id)),
                starts_at=WEDNESDAY,
                minutes=25,
                every=2,
                purpose=PURPOSE,
                by=self.sol,
                now=self.now,
            )
            db.session.commit()
            return made.id

    def thank(self, words: str) -> None:
        """They have met, and Sol says thanks."""
        pairing_id = make.pairing(self.mara, self.sol, self.kind)
        at = self.now - timedelta(hours=2)
        meeting_id = make.meeting(
            *(self.mara, self.sol, pairing_id), starts_at=at, state=MeetingState.HELD
        )
        self.do(thanks.say, meeting_id, self.sol, words=words)

    def send_update(self, words: str, *, line: str) -> None:
        """Sol sends Mara an update, which goes out in ten minutes."""
        pairing_id = make.pairing(self.mara, self.sol, self.kind)
        with scope.chapter(self.sol.chapter_id):
            facts = {"to": [pairing_id], "lines": {}, "own_address": False}
            one = updates.save(None, words=words, by=self.sol, now=self.now, **facts)
            updates.send(one, lines={pairing_id: line}, by=self.sol, now=self.now)
            db.session.commit()

    def end(self, by: Member, *, state: PairingState = PairingState.ENDED) -> None:
        pairing_id = make.pairing(self.mara, self.sol, self.kind)
        with scope.chapter(by.chapter_id):
            pairing = db.session.get(Pairing, (by.chapter_id, pairing_id))
            pairings.end(pairing, by=by, now=self.now, state=state)
            db.session.commit()


def start_run(cora: Member, *, now: datetime) -> UUID:
    with scope.chapter(cora.chapter_id):
        run = runs.start(cycle="2026-27", kinds=list(Kind), by=cora, now=now)
        db.session.commit()
        return run.id


def publish(run_id: UUID, cora: Member, *, now: datetime) -> None:
    with scope.chapter(cora.chapter_id):
        run = db.session.get(runs.MatchingRun, (cora.chapter_id, run_id))
        runs.publish(run, draft=1, by=cora, now=now)
        db.session.commit()


def wait_for_a_place(mara: Member, sol: Member, *, now: datetime) -> UUID:
    """Sol waits for Mara, who has no place, and then has one."""
    with scope.chapter(sol.chapter_id):
        users.set_places(mara.user_id, places=0)
        wait = waits.join(
            mentor=mara, kind=Kind.CAREER, why="Her talk on toxicology.", by=sol, now=now
        )
        users.set_places(mara.user_id, places=1)
        waits.look_for_room(mara.user_id)
        db.session.commit()
        return wait.id


def take_a_meet_up(mara: Member, sol: Member, *, now: datetime) -> UUID:
    """Sol takes ten minutes with Mara at a conference in Los Angeles. The id of the block."""
    starts_at = datetime(2026, 3, 9, 17, tzinfo=UTC)
    block_id = make.conference_block(mara, starts_at=starts_at)
    with scope.chapter(sol.chapter_id):
        block = conference.block(block_id, member=sol)
        meetups.take(block, starts_at=starts_at, question="Which fellowship?", by=sol, now=now)
        db.session.commit()
    return block_id


TWO_DAYS, THREE_DAYS = timedelta(hours=48), timedelta(hours=72)
