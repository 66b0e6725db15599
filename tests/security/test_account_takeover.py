"""Somebody's account in other hands for a while, and what is left of that when they are put out.

How an address is changed and given back is in tests/accounts/test_addresses.py.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.accounts import users
from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.tenancy.university.models import Identity
from tests import make
from tests.conftest import signed_in

THEIRS, AND_THIRD = "thief@example.org", "thief.again@example.org"


@pytest.fixture
def thief(app, sol, now):
    """A browser with a session of Sol's, not long after Sol has proven who they are."""
    browser = app.test_client()
    browser.set_cookie("sign-in", signed_in(sol))
    return browser


@pytest.fixture
def take(thief, path_in):
    """Give the account another address; the way back that the one before has been mailed."""

    def take(to, before):
        thief.post("/account/address", data={"email": to})
        thief.post(path_in(to, "Confirm your new address for Curbside"))
        return path_in(before, "Your address at Curbside was changed")

    return take


def email_of(member):
    return db.session.scalars(select(User.email).where(User.id == member.user_id)).one()


def test_the_way_back_of_a_second_change_does_not_take_the_account_once_more(app, take, sol):
    """Changed twice, the thief's first mailbox is an "old address" itself, with a week's link."""
    owners_way_back = take(THEIRS, sol.email)
    thiefs_way_back = take(AND_THIRD, THEIRS)
    assert app.test_client().post(owners_way_back).status_code == 303

    assert app.test_client().post(thiefs_way_back).status_code == 422
    assert email_of(sol) == sol.email


def test_who_has_the_old_address_taken_elsewhere_stays_signed_in_no_more(
    app, thief, take, sol, now
):
    """An account that somebody makes with it keeps the address, and no thief in the account."""
    way_back = take(THEIRS, sol.email)
    users.find_or_create(email=sol.email, zone="UTC", now=now)

    answer = app.test_client().post(way_back)

    assert answer.status_code == 422
    assert "Everybody was signed out" in answer.text.replace("\n", " ")
    assert thief.get("/account").status_code == 302


@pytest.fixture
def harbor(sol):
    """Another chapter of Sol's."""
    harbor = make.chapter("harbor")
    make.student(harbor, email=sol.email)
    return harbor


@pytest.fixture
def connected(inside, sol, lakeside, harbor):
    """Connect somebody at a university with Sol's account, in both of Sol's chapters."""

    def connected(subject, at):
        for chapter in (lakeside, harbor):
            with inside(chapter):
                facts = {"user_id": sol.user_id, "how": "self", "connected_at": at}
                db.session.add(Identity(issuer=f"https://{subject}.edu", subject=subject, **facts))

    return connected


def test_a_university_that_a_thief_has_connected_lets_in_nobody_afterwards(
    app, take, sol, now, connected, inside, lakeside, harbor
):
    """Whoever has an account at the same university could connect their own."""
    connected("owner", now - timedelta(days=1))
    way_back = take(THEIRS, sol.email)
    connected("thief", now + timedelta(minutes=1))

    assert app.test_client().post(way_back).status_code == 303
    for chapter in (lakeside, harbor):
        with inside(chapter):
            assert db.session.scalars(select(Identity.subject)).all() == ["owner"]
    assert email_of(sol) == sol.email
