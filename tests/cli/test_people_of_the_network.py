"""The commands about who may ask chapters to be let in, and for a chapter that nobody runs."""

from sqlalchemy import select

from mentorship.accounts.models import User
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.tenancy import queries
from mentorship.tenancy.roles import Role
from tests import make
from tests.tenancy.university.going import going_on


def is_admin(email):
    db.session.remove()
    return db.session.scalar(select(User.is_network_admin).where(User.email == email))


def test_somebody_becomes_a_network_admin_and_is_none_again(run):
    assert run("network-admin", "add", "Nell@Example.org").exit_code == 0
    assert is_admin("nell@example.org") is True
    assert run("network-admin", "remove", "nell@example.org").exit_code == 0
    assert is_admin("nell@example.org") is False


def test_what_is_no_address_is_refused_in_one_line(run):
    refused = run("network-admin", "add", "nell at example")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)


def test_a_chapter_that_nobody_runs_gets_a_coordinator(run):
    lakeside = make.chapter("lakeside")
    sol = make.student(lakeside, "Sol Adair", email="sol@example.org")

    assert run("chapter", "appoint", "lakeside", "SOL@example.org", "coordinator").exit_code == 0
    with scope.chapter(lakeside.id):
        assert Role.COORDINATOR in queries.member(sol.id).roles


def test_a_domain_is_confirmed_to_be_the_universitys_and_taken_back(run):
    going_on(make.chapter("lakeside"), issuer="https://login.lakeside.edu", confirmed=[])
    words = ("chapter", "confirm-domain", "lakeside")

    confirmed = run(*words, "Lakeside.edu")
    assert "lakeside.edu are led to Lakeside University, at https://login." in confirmed.output
    assert "are not led to" in run(*words, "lakeside.edu", "--take-back").output
    assert run(*words, "elsewhere.edu").exit_code == 1
    assert run("chapter", "confirm-domain", "nowhere", "lakeside.edu").exit_code == 1


def test_who_does_not_belong_to_it_is_named_nothing(run):
    make.chapter("lakeside")
    for words in (("lakeside", "nobody@example.org"), ("nowhere", "nobody@example.org")):
        assert run("chapter", "appoint", *words, "advisor").exit_code == 1
