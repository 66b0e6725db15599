"""A chapter whose provider says what its coordinator likes, on the way into another chapter."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.accounts.models import DeviceSession
from mentorship.accounts.passkeys.models import Passkey
from mentorship.foundation import rates
from mentorship.foundation.database import db, uuid7
from mentorship.profiles import intake
from mentorship.profiles.roster import read
from mentorship.tenancy import memberships
from mentorship.tenancy.roles import Role
from tests import make
from tests.conftest import signed_in
from tests.tenancy.university.going import change, going_on

DEAN = "dean@harbor.edu"
HARBOR = "/c/harbor/"


@pytest.fixture
def hostile(going, lakeside):
    """Lakeside's provider, which says that it knows Harbor's dean."""
    change(lakeside, joining="domain", domains=["harbor.edu"])
    going.provider.claims = {"email": DEAN}
    return going


@pytest.fixture
def harbor(undone):
    return make.chapter("harbor")


@pytest.fixture(params=["by hand", "roster"])
def appoint(inside, harbor, now, request):
    """Have Harbor take in its dean as a coordinator, by the address."""

    def appoint():
        with inside(harbor):
            if request.param == "roster":
                roster = f"name,email,role\nDean,{DEAN},coordinator\n".encode()
                intake.take_in(read(roster).entries, by=None, now=now)
            else:
                facts = {"email": DEAN, "name": "Dean", "zone": "UTC", "now": now}
                memberships.join(roles=[Role.COORDINATOR], **facts)

    return appoint


def passkey_of(user_id, now):
    facts = {"name": "Phone", "public_key": b"x", "sign_count": 0, "aaguid": uuid7()}
    more = {"transports": [], "is_synced": False, "is_backed_up": False, "added_at": now}
    return Passkey(user_id=user_id, credential_id=uuid7().bytes, **facts, **more)


def test_an_account_made_ahead_with_somebodys_address_is_lost_once_they_come(
    hostile, appoint, inside, now
):
    """Pre-hijacking: whoever was let in with the address waits until it means something."""
    assert hostile.there_and_back().status_code == 303
    user_id = db.session.scalars(select(DeviceSession.user_id)).one()
    db.session.add(passkey_of(user_id, now))
    db.session.commit()

    appoint()

    assert hostile.browser.get(HARBOR).location == f"/sign-in?next={HARBOR}"
    assert db.session.scalars(select(Passkey)).all() == []


def test_nor_does_the_provider_let_anybody_in_as_them_later(hostile, appoint, tray, work):
    hostile.there_and_back()
    appoint()

    assert hostile.there_and_back().location == "/c/lakeside/auth/waiting"
    assert hostile.browser.get(HARBOR).location == f"/sign-in?next={HARBOR}"
    work()
    assert len(tray.to(DEAN)) > 0


def test_who_has_proven_the_address_keeps_what_is_theirs(
    hostile, appoint, app, inside, lakeside, now
):
    member = make.student(lakeside, "Dean", email=DEAN)
    theirs = app.test_client()
    theirs.set_cookie("sign-in", signed_in(member))
    db.session.add(passkey_of(member.user_id, now - timedelta(days=1)))
    db.session.commit()
    hostile.there_and_back()

    appoint()

    assert theirs.get(HARBOR).status_code == 200
    assert len(db.session.scalars(select(Passkey)).all()) == 1
    assert hostile.browser.get(HARBOR).location == f"/sign-in?next={HARBOR}"


def test_whoever_says_by_mail_that_it_is_them_is_asked_once(hostile, appoint, tray, work, app):
    hostile.there_and_back()
    appoint()
    hostile.there_and_back()
    work()
    mailed = str(tray.to(DEAN)[-1].get_body(("plain",)).get_content())
    [path] = [word for word in mailed.split() if "/auth/mail/" in word]
    assert hostile.browser.post(path.removeprefix("http://localhost")).status_code == 303
    assert hostile.browser.get(HARBOR).status_code == 200

    assert hostile.there_and_back().location == "/c/lakeside/"


def test_a_provider_that_names_somebody_all_the_time_uses_up_its_own_mails_alone(
    going, lakeside, harbor, tray, work
):
    for chapter in (lakeside, harbor):
        make.student(chapter, "Sol Adair", email="sol@lakeside.edu")
    going_on(harbor, going.provider)
    for _ in range(rates.UNIVERSITY_MAILS.most + 2):
        going.there_and_back()
    work()
    assert len(tray.to("sol@lakeside.edu")) == rates.UNIVERSITY_MAILS.most

    going.slug = "harbor"
    going.there_and_back()
    work()

    assert len(tray.to("sol@lakeside.edu")) == rates.UNIVERSITY_MAILS.most + 1
