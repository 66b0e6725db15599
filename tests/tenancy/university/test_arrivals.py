"""Who somebody is here whom the university has let in."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mentorship.accounts.models import User
from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.tenancy import memberships, queries
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.tenancy.university.models import Identity, UniversityDeed
from tests import make
from tests.conftest import signed_in, words
from tests.tenancy.university.going import Going, change, going_on

HOME, WAITING = "/c/lakeside/", "/c/lakeside/auth/waiting"


@pytest.fixture
def proven(lakeside, sign_in):
    """A student of the chapter alone, who has signed in by mail before."""
    student = make.student(lakeside, "Sol Adair", email="sol@lakeside.edu")
    sign_in(student).get("/account")
    return student


def identities(inside, who) -> list[tuple[str, str]]:
    with inside(who):
        rows = db.session.execute(select(Identity.subject, Identity.how).order_by(Identity.subject))
        return [tuple(row) for row in rows]


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


def test_a_verified_address_of_a_listed_domain_is_the_same_person(going, proven, inside, lakeside):
    answer = going.there_and_back()

    assert answer.location == HOME
    assert going.is_in
    assert identities(inside, lakeside) == [("4711", "email")]


def test_and_from_then_on_the_subject_alone_says_who_it_is(going, proven, inside, lakeside):
    going.there_and_back()
    make.student(lakeside, "Ann Colleague", email="ann@lakeside.edu")
    going.provider.claims = {"email": "ann@lakeside.edu"}

    assert going.there_and_back().location == HOME
    assert "Sol" in going.browser.get("/c/lakeside/profile").text
    assert identities(inside, lakeside) == [("4711", "email")]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email_verified": "false"},
        {"email_verified": 1},
        {"email": "sol@elsewhere.edu"},
        {"email": "sol@lakeside.edu.evil.example"},
        {"email": "sol@evil.lakeside.edu"},
    ],
    ids=["false", "absent", "true in words", "false in words", "one", *"abc"],
)
def test_an_address_that_is_not_vouched_for_never_links(
    going, proven, inside, lakeside, claims, sign_in
):
    if "email" in claims:  # of somebody whom a word for that domain would let in
        sign_in(make.student(lakeside, "Other Sol", email=claims["email"])).get("/account")
    going.provider.claims = claims

    assert going.there_and_back().location == WAITING
    assert not going.is_in
    assert identities(inside, lakeside) == []


def test_nor_does_one_whose_account_was_never_proven(going, lakeside, inside):
    make.student(lakeside, "Sol Adair", email="sol@lakeside.edu")

    assert going.there_and_back().location == WAITING
    assert identities(inside, lakeside) == []


def test_nor_one_that_opens_another_chapter_too(going, proven, inside, lakeside, odd):
    """Whoever runs this chapter's provider could come in there."""
    with inside(odd):
        memberships.join(
            email=proven.email, name="Sol", roles=[Role.MENTOR], zone="UTC", now=make.LONG_AGO
        )

    assert going.there_and_back().location == WAITING
    assert identities(inside, lakeside) == []


def test_nor_one_that_runs_the_network(going, proven, inside, lakeside):
    db.session.execute(User.__table__.update().values(is_network_admin=True))

    assert going.there_and_back().location == WAITING
    assert identities(inside, lakeside) == []


def test_known_and_unknown_are_answered_alike(going, lakeside, tray, work):
    make.student(lakeside, "Sol Adair", email="sol@lakeside.edu")
    known = going.there_and_back()
    going.provider.claims = {"email": "nobody@lakeside.edu", "sub": "another"}
    unknown = going.there_and_back()
    work()

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert len(tray.to("sol@lakeside.edu")) == 1
    assert tray.to("nobody@lakeside.edu") == []


@pytest.fixture
def mailed(going, lakeside, tray, work):
    """The path of the link that somebody was mailed who could not be known otherwise."""
    make.student(lakeside, "Sol Adair", email="sol@lakeside.edu")
    going.there_and_back("?next=/c/lakeside/meetings")
    work()
    [mail] = tray.to("sol@lakeside.edu")
    return re.search(r"(/c/lakeside/auth/mail/\S+)", words(mail))[1]


def test_a_link_by_mail_connects_in_the_same_browser(going, mailed, inside, lakeside):
    assert going.browser.get(mailed).status_code == 200
    assert not going.is_in

    assert going.browser.post(mailed).location == "/c/lakeside/meetings"
    assert going.is_in
    assert identities(inside, lakeside) == [("4711", "mail")]


def test_the_link_does_nothing_in_another_browser(app, going, mailed, inside, lakeside):
    """Somebody else may have gone to the university with this address, and wait for a click."""
    answer = app.test_client().post(mailed)

    assert answer.status_code == 403
    assert "browser" in answer.text
    assert identities(inside, lakeside) == []


def test_it_works_once_and_for_ten_minutes(going, mailed, at, now):
    at(now + timedelta(minutes=10))
    assert going.browser.post(mailed).status_code == 403
    at(now)
    assert going.browser.post(mailed).status_code == 303
    going.browser.post("/sign-out")
    assert going.browser.post(mailed).status_code == 403


def test_it_is_worth_nothing_once_the_university_is_another_one(going, mailed, lakeside, inside):
    change(lakeside, issuer="https://login.example.edu")

    assert going.browser.post(mailed).status_code == 403
    assert identities(inside, lakeside) == []


def test_a_changed_subject_stops_and_the_coordinator_is_told(
    going, proven, cora, inside, lakeside, tray, work
):
    going.there_and_back()
    going.browser.post("/sign-out")
    going.provider.claims = {"sub": "another"}

    answer = going.there_and_back()

    assert answer.status_code == 403
    assert "another number" in answer.text
    assert not going.is_in
    assert identities(inside, lakeside) == [("4711", "email")]
    work()
    [mail] = tray.to(cora.email)
    assert "Sol Adair" in mail["Subject"]


def test_without_an_address_nobody_is_known(going, proven):
    going.provider.claims = {"email": None, "email_verified": None}
    answer = going.there_and_back()

    assert answer.status_code == 403
    assert "email address" in answer.text


def test_an_address_that_is_told_apart_is_asked_for(going, proven, inside, lakeside):
    """Many providers say it only at their userinfo endpoint."""
    going.provider.claims = {"email": None, "email_verified": None}
    going.provider.userinfo = {"email": "Sol@Lakeside.EDU", "email_verified": True}

    assert going.there_and_back().location == HOME
    assert identities(inside, lakeside) == [("4711", "email")]


def test_nobody_joins_where_people_are_invited(going, tray, work):
    before = count(User)
    assert going.there_and_back().location == WAITING
    work()

    assert tray.mails == []
    assert count(User) == before


def test_whoever_has_a_listed_address_joins_where_that_is_the_rule(going, lakeside, inside):
    change(lakeside, joining="domain")

    assert going.there_and_back().location == HOME
    assert going.is_in
    assert identities(inside, lakeside) == [("4711", "joined")]
    with inside(lakeside):
        member = queries.member_by_email("sol@lakeside.edu")
    assert (member.name, member.roles) == ("Sol Adair", {Role.STUDENT})
    assert member.zone == lakeside.zone


def test_but_not_with_an_address_that_nobody_vouches_for(going, lakeside, inside, tray, work):
    """The mailbox is asked first; then they join."""
    change(lakeside, joining="domain")
    going.provider.claims = {"email_verified": False}

    assert going.there_and_back().location == WAITING
    work()
    [mail] = tray.to("sol@lakeside.edu")
    path = re.search(r"(/c/lakeside/auth/mail/\S+)", words(mail))[1]
    assert going.browser.post(path).location == HOME
    assert identities(inside, lakeside) == [("4711", "joined")]


@pytest.mark.parametrize(
    ("said", "joins"),
    [("em", True), (["x", "em"], True), ("EM", False), (["em "], False), (None, False), (7, False)],
    ids=["itself", "among several", "otherwise", "nearly", "not said", "a number"],
)
def test_a_claim_makes_a_member_where_that_is_the_rule(going, lakeside, said, joins):
    facts = {"claim_name": "groups", "claim_value": "em", "joins_as": "mentor"}
    change(lakeside, joining="claim", **facts)
    going.provider.claims = {"groups": said}

    assert going.there_and_back().location == (HOME if joins else WAITING)


def test_whoever_has_left_does_not_come_back_by_the_university(going, lakeside, inside, proven):
    change(lakeside, joining="domain")
    going.there_and_back()
    with inside(lakeside):
        one = db.session.scalars(select(Membership).where(Membership.id == proven.id)).one()
        one.left_at = make.LONG_AGO

    answer = going.there_and_back()

    assert answer.status_code == 403
    assert "anymore" in answer.text


def test_nor_whoever_has_left_before_they_were_connected(going, lakeside, inside, proven):
    change(lakeside, joining="domain")
    with inside(lakeside):
        one = db.session.scalars(select(Membership).where(Membership.id == proven.id)).one()
        one.left_at = make.LONG_AGO

    assert going.there_and_back().location == WAITING
    assert identities(inside, lakeside) == []


def test_a_signed_in_person_connects_by_their_own_act(app, university, sol, sign_in, inside):
    going = Going(sign_in(sol), university)
    university.claims = {"sub": "mine", "email": "somebody@else.example", "email_verified": False}
    answer = going.browser.post("/c/lakeside/university/connect")
    address = going.begin("?" + answer.location.partition("?")[2])

    assert going.back(university.answer(address)).location == "/account"
    assert identities(inside, sol) == [("mine", "self")]
    assert "Lakeside University" in going.browser.get("/account").text
    going.browser.post("/c/lakeside/university/disconnect")
    assert identities(inside, sol) == []


def test_a_link_that_somebody_else_made_connects_nothing(app, university, sol, sign_in, cora):
    theirs = sign_in(cora).post("/c/lakeside/university/connect").location

    assert sign_in(sol).get(theirs).status_code == 404


def test_what_one_person_began_is_not_finished_by_another_in_the_same_browser(
    app, university, sol, mara, sign_in, inside
):
    going = Going(sign_in(sol), university)
    answer = going.browser.post("/c/lakeside/university/connect")
    said = university.answer(going.begin("?" + answer.location.partition("?")[2]))
    going.browser.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], signed_in(mara))

    assert going.back(said).status_code == 404
    assert identities(inside, sol) == []


def test_an_account_of_the_university_belongs_to_one_person(university, proven, lakeside, sign_in):
    Going(sign_in(proven), university).there_and_back()
    other = Going(sign_in(make.student(lakeside, "Other Sol")), university)
    answer = other.browser.post("/c/lakeside/university/connect")
    back = other.back(university.answer(other.begin("?" + answer.location.partition("?")[2])))

    assert back.status_code == 403
    assert "Another account" in back.text


def test_who_proves_themselves_again_has_done_so_just_now(going, proven, at, now):
    going.there_and_back()
    at(now + timedelta(hours=1))
    act = "/c/lakeside/university/disconnect"
    assert going.browser.post(act).location.startswith("/account/confirm")
    assert "Lakeside University" in going.browser.get("/account/confirm").text
    on = going.browser.post("/c/lakeside/university/again", data={"next": "/account/devices"})
    address = going.begin("?" + on.location.partition("?")[2])

    assert "prompt=login" in address
    assert going.back(going.provider.answer(address)).location == "/account/devices"
    assert going.browser.post(act).location == "/account"


@pytest.mark.parametrize("auth_time", [None, 1_000_000, "now"], ids=["unsaid", "long ago", "text"])
def test_a_university_that_does_not_ask_anew_proves_nothing(going, proven, auth_time):
    going.there_and_back()
    on = going.browser.post("/c/lakeside/university/again")
    going.provider.claims = {"auth_time": auth_time}
    back = going.back(going.provider.answer(going.begin("?" + on.location.partition("?")[2])))

    assert back.status_code == 403


def test_the_same_person_at_one_university_is_two_members_of_two_chapters(
    app, university, lakeside, inside, now
):
    harbor = make.chapter("harbor")
    going_on(harbor, university, joining="domain")
    change(lakeside, joining="domain")
    here, there = (
        Going(app.test_client(), university),
        Going(app.test_client(), university, "harbor"),
    )

    assert here.there_and_back().location == HOME
    assert there.there_and_back().location == "/c/harbor/auth/waiting"
    assert identities(inside, lakeside) == [("4711", "joined")]
    assert identities(inside, harbor) == []


def test_what_was_done_is_in_the_trail(going, lakeside, inside):
    change(lakeside, joining="domain")
    going.there_and_back()

    with inside(lakeside):
        deeds = db.session.scalars(select(AuditEvent.deed)).all()
    assert UniversityDeed.JOINED in deeds
