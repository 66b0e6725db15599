"""Whatever happens in whatever order, everybody gets each nudge once, and one mail a day.

Workers look, close, send and die; people finish things, turn kinds off and on, and move between
zones; the clock runs, jumps and is set back, over both changes of daylight saving.
"""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, delete, select, update

from mentorship.accounts import users
from mentorship.foundation import clock, post, scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.post import MailDelayed
from mentorship.notifications.nudges import choices, finding, sending
from mentorship.notifications.nudges.models import MailChoices, Nudge, NudgeMail, NudgeState
from mentorship.notifications.nudges.pace import APART
from mentorship.relationships.models import ActionItem, PairingState
from tests import make

#: Days before daylight saving begins in North America, and before it ends.
STARTS = (datetime(2026, 3, 4, 15, tzinfo=UTC), datetime(2026, 10, 28, 15, tzinfo=UTC))
ZONES = ("America/Chicago", "Asia/Tokyo", "Pacific/Honolulu", "Australia/Sydney")

steps = st.one_of(
    st.tuples(st.just("look"), st.integers(0, 1)),
    st.tuples(st.just("send"), st.sampled_from(["well", "busy", "dies before", "dies after"])),
    st.tuples(st.just("wait"), st.integers(1, 30)),
    st.tuples(st.just("back"), st.integers(1, 50)),
    st.tuples(st.just("move"), st.sampled_from(ZONES)),
    st.tuples(st.just("promise"), st.integers(0, 1)),
    st.tuples(st.just("finish"), st.just(0)),
    st.tuples(st.just("stop"), st.booleans()),
)


class Died(Exception):
    """What ends a worker in its middle."""


class World:
    """One person in two chapters, with a mentor in each, and what the mail server took."""

    def __init__(self, now: datetime, app_settings) -> None:
        self.now, self.settings = now, app_settings
        self.sent: list[tuple[datetime, str, str]] = []
        self.pairings = {}
        email = ""
        for _ in range(2):
            chapter = make.chapter()
            sol = make.student(chapter, "Sol Adair", email=email)
            email = sol.email
            mentor = make.mentor(chapter)
            self.pairings[sol] = make.pairing(
                *(mentor, sol), state=PairingState.ACTIVE, last_contact_on=now.date()
            )
            self.user_id = sol.user_id
        self.members = list(self.pairings)

    def look(self, which: int) -> None:
        with scope.chapter(self.members[which].chapter_id), transaction():
            finding.find(now=self.now)

    def send(self, how: str) -> None:
        """Send what is due: well, or with a server that is busy, or a worker that dies."""

        def stand_in(mail, **_: object) -> None:
            if how == "busy":
                raise MailDelayed
            if how != "dies before":
                zone = db.session.execute(
                    select(users.User.zone).where(users.User.id == self.user_id)
                ).scalar_one()
                self.sent.append((self.now, mail.key, zone))
            if how.startswith("dies"):
                raise Died

        due = select(NudgeMail.id).where(
            NudgeMail.user_id == self.user_id, NudgeMail.next_at <= self.now
        )
        ids = db.session.scalars(due).all()
        db.session.rollback()
        real, post.send = post.send, stand_in
        try:
            for mail_id in ids:
                sending.send(self.user_id, mail_id, settings=self.settings, now=self.now)
        except Died:
            scope.leave()
        finally:
            post.send = real

    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def back(self, hours: int) -> None:
        self.now -= timedelta(hours=hours)

    def move(self, zone: str) -> None:
        users.set_zone(self.user_id, zone=zone)
        db.session.commit()

    def promise(self, which: int) -> None:
        sol = self.members[which]
        with scope.chapter(sol.chapter_id), transaction():
            db.session.add(
                ActionItem(
                    pairing_id=self.pairings[sol],
                    owner_id=sol.id,
                    what="Draft",
                    due_on=self.now.date(),
                    created_at=self.now,
                )
            )

    def finish(self, _: int) -> None:
        with scope.chapter(self.members[0].chapter_id), transaction():
            db.session.execute(
                update(ActionItem).where(ActionItem.done_at.is_(None)).values(done_at=self.now)
            )

    def stop(self, every: bool) -> None:
        """Want no more; or, the other way round, everything again."""
        if every:
            with scope.chapter(self.members[1].chapter_id), transaction():
                choices.stop(kind=None, by=self.members[1], now=self.now)
        else:
            with transaction():
                db.session.execute(delete(MailChoices).where(MailChoices.user_id == self.user_id))

    def settle(self) -> None:
        """Let days pass in order, until nothing waits for anything."""
        last = max([self.now, *(at for at, *_ in self.sent)])
        # Two days for what waits, and two for the second reminder a week later.
        for hours in (*range(0, 49, 8), *range(192, 241, 8)):
            self.now = last + timedelta(hours=hours)
            for which in range(2):
                self.look(which)
            self.send("well")

    def nudges(self) -> list[Row]:
        """What is on record, in both chapters."""
        columns = (Nudge.kind, Nudge.subject_id, Nudge.since, Nudge.state, Nudge.mail_id)
        found: list[Row] = []
        for sol in self.members:
            with scope.chapter(sol.chapter_id):
                found += db.session.execute(select(*columns)).all()
        return found


def insist_on_order(world: World) -> None:
    # A worker that dies after the server's yes may send a mail again, as the same mail.
    mails = defaultdict(list)
    for at, key, zone in world.sent:
        mails[key].append((at, zone))
    firsts = [copies[-1] for copies in mails.values()]
    for (at, _), (other_at, _) in combinations(firsts, 2):
        assert abs(at - other_at) >= APART
    for at, zone in firsts:
        assert 8 <= at.astimezone(clock.zone(zone)).hour < 21
    days = Counter((clock.day(at, zone), zone) for at, zone in firsts)
    assert not days or max(days.values()) == 1


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), story=st.lists(steps, min_size=5, max_size=25))
def test_each_nudge_is_sent_once_whatever_happens(undone, app, start, story):
    world = World(start, app.config["SETTINGS"])
    world.promise(0)
    for name, how in story:
        getattr(world, name)(how)
    insist_on_order(world)

    world.stop(False)
    world.settle()

    insist_on_order(world)
    kept = world.nudges()
    # Nothing waits for ever, and nothing was reminded of more than twice.
    assert not [nudge for nudge in kept if nudge.state == NudgeState.WAITING]
    each = Counter((nudge.kind, nudge.subject_id, nudge.since) for nudge in kept)
    assert max(each.values(), default=0) <= 2
    # What is on record as sent is what was sent.
    sent = {str(nudge.mail_id) for nudge in kept if nudge.state == NudgeState.SENT}
    assert sent == {key.removeprefix("nudges ") for _, key, _ in world.sent}


@pytest.mark.parametrize("start", STARTS)
def test_over_a_change_of_clocks_one_mail_a_day_is_all_there_is(undone, app, start):
    world = World(start, app.config["SETTINGS"])
    for day in range(10):
        world.promise(day % 2)
        for _ in range(4):
            world.look(0)
            world.look(1)
            world.send("well")
            world.wait(6)

    insist_on_order(world)
    assert 9 <= len(world.sent) <= 10
