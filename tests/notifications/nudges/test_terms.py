"""A term that ends is recalled 30 and 7 days before, to whoever holds it and who coordinates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mentorship.tenancy import memberships, terms
from mentorship.tenancy.roles import Role
from tests import make

#: A Wednesday. Midnight after it is the end, by the chapter's clock.
LAST = date(2026, 5, 27)
END = datetime(2026, 5, 28, 5, tzinfo=UTC)
NOON = timedelta(hours=12)


@pytest.fixture
def sol_until(sol, cora, inside, now):
    def sol_until(role):
        term = terms.of_days(None, LAST, zone="America/Chicago")
        with inside(cora):
            memberships.appoint(sol, role, term=term, by=cora, now=now)

    return sol_until


def subjects(tray, who):
    return [str(mail["Subject"]) for mail in tray.to(who.email) if "ends on" in mail["Subject"]]


def test_both_are_told_thirty_and_seven_days_before_and_not_oftener(
    sol_until, sol, cora, go_to, tray
):
    sol_until(Role.OFFICER)
    for before in (31, 29, 20, 8, 6, 3, 1):
        go_to(END - timedelta(days=before) + NOON)

    told = "term as chapter officer ends on May 27, 2026"
    assert subjects(tray, sol) == [f"Your {told}"] * 2
    assert len(subjects(tray, cora)) == 2
    assert all("Sol Adair’s term ends on May 27, 2026" in one for one in subjects(tray, cora))


def test_nobody_else_is_told(sol_until, mara, lakeside, odd, go_to, tray):
    officer = make.member(lakeside, Role.OFFICER)
    sol_until(Role.OFFICER)
    go_to(END - timedelta(days=29) + NOON)

    for who in (mara, officer, odd):
        assert subjects(tray, who) == []


def test_whoever_runs_the_chapter_is_led_to_handing_over(sol_until, sol, go_to, tray):
    sol_until(Role.COORDINATOR)
    go_to(END - timedelta(days=6) + NOON)

    [mail] = [mail for mail in tray.to(sol.email) if "ends on" in mail["Subject"]]
    plain = mail.get_body(("plain",)).get_content()
    assert "/c/lakeside/settings/hand-over" in plain


def test_who_has_left_is_not_told(sol_until, sol, cora, inside, now, go_to, tray):
    sol_until(Role.OFFICER)
    with inside(cora):
        memberships.leave(sol, by=cora, now=now)
    go_to(END - timedelta(days=29) + NOON)

    assert subjects(tray, sol) == subjects(tray, cora) == []


def test_the_advisor_hears_where_a_coordinator_goes_and_of_no_officer(
    sol_until, mara, lakeside, go_to, tray
):
    ada = make.member(lakeside, Role.ADVISOR)
    sol_until(Role.OFFICER)
    go_to(END - timedelta(days=29) + NOON)
    assert subjects(tray, ada) == []
    sol_until(Role.COORDINATOR)
    go_to(END - timedelta(days=6) + NOON)
    assert len(subjects(tray, ada)) == 1
