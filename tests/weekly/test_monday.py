"""The mail on Monday morning: once, at eight where the reader is, and not for those who stop it."""

from datetime import UTC, datetime, timedelta

import pytest

from mentorship.jobs import tasks
from mentorship.notifications.nudges import choices
from mentorship.relationships.models import PairingState
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import do_jobs, words

DAY = timedelta(days=1)
EIGHT = datetime(2026, 3, 2, 14, tzinfo=UTC)  # in Chicago


@pytest.fixture
def go_to(undone, at):
    """Move the clock to an instant, and have the worker do its round there."""

    def go_to(instant):
        at(instant)
        for duty in ("look_for_nudges", "send_due_nudges"):
            tasks.tasks.tasks[duty](timestamp=0)
            do_jobs()

    return go_to


@pytest.fixture
def busy(lakeside, mara, cora):
    """Four lines, the first of them about wellness."""
    discreet = make.student(lakeside, "Well Ness")
    make.pairing(mara, discreet, Kind.WELLNESS, began_at=EIGHT - 60 * DAY)
    for name in ("Quiet One", "Quiet Two", "Quiet Three"):
        make.pairing(
            *(mara, make.student(lakeside, name), Kind.CONTENT),
            state=PairingState.ACTIVE,
            last_contact_on=(EIGHT - 200 * DAY).date(),
        )


def mails(tray, who):
    return [mail for mail in tray.to(who.email) if "This week" in str(mail["Subject"])]


def test_comes_at_eight_with_the_count_and_the_first_three(busy, cora, go_to, tray):
    go_to(EIGHT - timedelta(minutes=5))
    assert mails(tray, cora) == []
    go_to(EIGHT)
    [mail] = mails(tray, cora)

    assert mail["Subject"] == "This week: 4 things to look at"
    text = " ".join(words(mail).split())
    assert "A wellness pairing needs a hand." in text
    assert "Quiet One with Dr. Mara Quist: No contact for 28 weeks" in text
    assert "Quiet Two" not in text or "Quiet Three" not in text
    assert "Well Ness" not in text
    assert "/c/lakeside/week" in text


def test_comes_once(busy, cora, go_to, tray):
    for hours in (0, 1, 5, 30, 60):
        go_to(EIGHT + timedelta(hours=hours))
    assert len(mails(tray, cora)) == 1
    go_to(EIGHT + timedelta(days=7))
    assert len(mails(tray, cora)) == 2


def test_comes_by_the_readers_own_clock(busy, lakeside, go_to, tray):
    early = make.member(lakeside, "coordinator", name="Early", zone="America/New_York")
    go_to(EIGHT - timedelta(hours=1))
    assert len(mails(tray, early)) == 1


def test_does_not_come_when_nobody_waits(lakeside, cora, go_to, tray):
    go_to(EIGHT)
    assert mails(tray, cora) == []


def test_does_not_come_to_who_stopped_it(inside, busy, cora, go_to, tray, now):
    with inside(cora):
        choices.stop(kind="week", by=cora, now=now)
    go_to(EIGHT)
    assert mails(tray, cora) == []
