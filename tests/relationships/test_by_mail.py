"""A reminder of a check-in is answered with one tap from its mail, without signing in."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from mentorship.foundation.database import db
from mentorship.relationships import check_ins, pairings
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import CheckIn, PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.notifications.nudges.conftest import do_round
from tests.notifications.test_mails import insist_on_manners

CADENCE = timedelta(days=60)


@pytest.fixture
def pairing_id(mara, sol, now):
    """A wellness pairing in which a check-in is due today."""
    return make.pairing(
        *(mara, sol, Kind.WELLNESS),
        state=PairingState.ACTIVE,
        began_at=now - timedelta(days=200),
        last_contact_on=now.date() - CADENCE,
    )


@pytest.fixture
def mail(pairing_id, sol, tray, undone):
    do_round()
    [mail] = tray.to(sol.email)
    return mail


@pytest.fixture
def links(mail) -> dict[How, str]:
    """Where each answer in the mail leads."""
    found = re.findall(r"(.+):\s+http://localhost(/k/\S+)", words(mail))
    return {next(how for how in How if how.label == label): link for label, link in found}


def said(inside, sol) -> list[tuple[str, str]]:
    with inside(sol):
        every = select(CheckIn.how, CheckIn.line).order_by(CheckIn.id)
        return [tuple(one) for one in db.session.execute(every)]


def closed(answer) -> str:
    assert answer.status_code == 410
    assert "This link does not open anything" in answer.text
    return re.sub(r'(nonce|value|content)="[^"]*"', "", answer.text)


def test_the_mail_has_a_link_for_each_answer_and_a_page_for_more(mail, links, pairing_id):
    assert list(links) == list(How)
    assert len(set(links.values())) == 4
    assert f"/c/lakeside/pairings/{pairing_id}/check-in" in words(mail)
    html = mail.get_body(("html",)).get_content()
    for how, link in links.items():
        assert link in html
        assert how.label in html


def test_the_mail_has_manners(mail):
    insist_on_manners(mail)


def test_the_mail_names_no_kind(mail):
    assert "wellness" not in f"{mail['Subject']} {words(mail)} {mail}".lower()


@pytest.mark.parametrize("how", list(How))
def test_an_answer_is_looked_at_and_then_given(app, inside, sol, links, how, pairing_id):
    client = app.test_client()
    for _ in range(3):  # a scanner looks, and looks again
        page = client.get(links[how])
        assert page.status_code == 200
        assert how.label in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert said(inside, sol) == []

    answer = client.post(links[how], data={"line": "One line."})
    assert answer.status_code == 200
    assert "This link has done its work" in answer.text
    assert said(inside, sol) == [(how, "One line.")]
    with inside(sol):
        assert my_pairing(pairing_id, member=sol).last_contact_on == date(2026, 3, 2)


def test_one_answer_uses_up_all_four(app, inside, sol, links):
    client = app.test_client()
    client.post(links[How.WELL])
    for link in links.values():
        closed(client.get(link))
        closed(client.post(link))
    assert said(inside, sol) == [("well", "")]


def test_a_line_that_is_too_long_comes_back_and_uses_nothing_up(app, inside, sol, links):
    client, long = app.test_client(), "x" * 501
    answer = client.post(links[How.STUCK], data={"line": long})
    assert answer.status_code == 422
    assert check_ins.LineTooLong.sentence in answer.text
    assert long in answer.text
    assert said(inside, sol) == []
    assert client.post(links[How.STUCK]).status_code == 200


def test_every_link_that_opens_nothing_says_the_same(
    app, inside, mara, sol, links, pairing_id, now, at, sign_in
):
    link = links[How.WELL]
    told = {closed(sign_in(mara).post(link))}  # it was forwarded to somebody else
    told.add(closed(app.test_client().post("/k/x")))
    told.add(closed(app.test_client().post(link[:-2] + "xx")))
    at(now + timedelta(days=28))
    told.add(closed(app.test_client().post(link)))
    at(now)
    with inside(sol):
        db.session.execute(update(Membership).where(Membership.id == sol.id).values(left_at=now))
    told.add(closed(app.test_client().post(link)))
    with inside(sol):
        db.session.execute(update(Membership).where(Membership.id == sol.id).values(left_at=None))
        pairings.end(my_pairing(pairing_id, member=mara), by=mara, now=now)
    told.add(closed(app.test_client().post(link)))

    assert len(told) == 1
    assert said(inside, sol) == []


def test_the_one_whom_it_was_sent_to_may_be_signed_in(inside, sol, links, sign_in):
    assert sign_in(sol).post(links[How.WELL]).status_code == 200
    assert said(inside, sol) == [("well", "")]


def test_it_works_until_four_weeks_later(app, inside, sol, links, now, at):
    at(now + timedelta(days=27))
    assert app.test_client().post(links[How.WELL]).status_code == 200
