"""Sign-in, connecting, sign-out and new keys, against a provider that others wrote."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.tenancy import queries
from mentorship.tenancy.university import relying
from mentorship.tenancy.university.models import Identity
from tests import make
from tests.conftest import words
from tests.provider.running import Providers, running, sign_out, walk
from tests.stage import standing
from tests.tenancy.university.going import change, going_on, sealed

SLUGS = ("lakeside", "harbor")


@pytest.fixture(scope="module")
def providers():
    with running() as providers:
        for name in SLUGS:
            providers.change(
                name,
                back=[f"http://localhost/c/{name}/auth/callback"],
                goodbye=[f"http://localhost/c/{name}/auth/signed-out"],
                people={
                    "sol": {"email": f"sol@{name}.edu", "email_verified": True, "name": "Sol"},
                    "una": {"email": f"una@{name}.edu", "email_verified": False, "name": "Una"},
                },
            )
        yield providers


@standing
def lakeside(lakeside, providers, now):
    """Lakeside signs in through one issuer."""
    return _opened(lakeside, providers.lakeside)


@pytest.fixture
def harbor(undone, providers, now):
    """Harbor, at the same time, through the other, which tells addresses only when it is asked."""
    return _opened(make.chapter("harbor"), providers.harbor)


def _opened(chapter, issuer):
    facts = sealed(f"a secret + more/of=it for {chapter.slug}")
    facts |= {"issuer": issuer, "client_id": f"curbside-at-{chapter.slug}"}
    going_on(chapter, None, domains=[f"{chapter.slug}.edu"], joining="domain", **facts)
    return chapter


def there(browser, slug, query=""):
    answer = browser.get(f"/c/{slug}/auth/begin{query}")
    assert answer.status_code == 200, answer.text
    return answer.headers["Refresh"].removeprefix("0; url=")


def back(browser, address):
    parts = urlsplit(address)
    assert parts.netloc == "localhost"
    return browser.get(f"{parts.path}?{parts.query}")


def come_in(browser, slug, login="sol", query=""):
    return back(browser, walk(there(browser, slug, query), login))


def identities(inside, chapter):
    with inside(chapter):
        rows = db.session.execute(select(Identity.subject, Identity.how).order_by(Identity.subject))
        return [tuple(row) for row in rows]


def test_two_chapters_with_different_providers_at_once(app, lakeside, harbor, inside):
    here, elsewhere = app.test_client(), app.test_client()
    one, other = there(here, "lakeside"), there(elsewhere, "harbor")

    assert back(elsewhere, walk(other, "sol")).location == "/c/harbor/"
    assert back(here, walk(one, "sol")).location == "/c/lakeside/"
    for chapter in (lakeside, harbor):
        assert identities(inside, chapter) == [("sol", "joined")]
        with inside(chapter):
            assert queries.member_by_email(f"sol@{chapter.slug}.edu").name == "Sol"


def test_an_answer_of_one_is_none_for_the_other(app, lakeside, harbor):
    browser = app.test_client()
    there(browser, "harbor")
    answer = walk(there(browser, "lakeside"), "sol")

    assert browser.get(f"/c/harbor/auth/callback?{urlsplit(answer).query}").status_code == 403


def test_it_says_which_issuer_answers_and_its_code_works_once(app, lakeside, providers):
    browser = app.test_client()
    answer = walk(there(browser, "lakeside"), "sol")

    assert parse_qs(urlsplit(answer).query)["iss"] == [providers.lakeside]
    assert back(browser, answer.replace("iss=", "was=")).status_code == 403
    answer = walk(there(browser, "lakeside"), "sol")
    assert back(browser, answer).status_code == 303
    assert back(browser, answer).status_code == 403


@pytest.mark.parametrize("slug", SLUGS)
def test_somebody_who_was_known_before_is_connected(
    app, request, inside, sign_in, slug, lakeside, harbor
):
    chapter = {"lakeside": lakeside, "harbor": harbor}[slug]
    sol = make.student(chapter, "Sol Adair", email=f"sol@{slug}.edu")
    sign_in(sol).get("/account")

    assert come_in(app.test_client(), slug).status_code == 303
    assert identities(inside, chapter) == [("sol", "email")]


def test_an_unverified_address_is_asked_by_mail(app, lakeside, inside, tray, work):
    make.student(lakeside, "Una Maple", email="una@lakeside.edu")
    browser = app.test_client()

    assert come_in(browser, "lakeside", "una").location == "/c/lakeside/auth/waiting"
    work()
    [mail] = tray.to("una@lakeside.edu")
    link = re.search(r"(/c/lakeside/auth/mail/\S+)", words(mail))[1]
    assert browser.post(link).location == "/c/lakeside/"
    assert identities(inside, lakeside) == [("una", "mail")]


def test_somebody_connects_while_they_are_signed_in(app, lakeside, sol, sign_in, inside):
    browser = sign_in(sol)
    on = browser.post("/c/lakeside/university/connect").location

    assert come_in(browser, "lakeside", "una", "?" + on.partition("?")[2]).location == "/account"
    assert identities(inside, lakeside) == [("una", "self")]


def test_who_proves_themselves_again_signs_in_there_again(app, lakeside):
    browser = app.test_client()
    come_in(browser, "lakeside")
    on = browser.post("/c/lakeside/university/again", data={"next": "/account/devices"}).location
    answer = come_in(browser, "lakeside", "sol", "?" + on.partition("?")[2])

    assert answer.location == "/account/devices"


def test_sign_out_goes_there_and_comes_back(app, lakeside):
    browser = app.test_client()
    come_in(browser, "lakeside")
    onward = browser.post("/sign-out").headers["Refresh"].removeprefix("0; url=")
    home = sign_out(onward)

    assert home.startswith("http://localhost/c/lakeside/auth/signed-out?state=")
    assert browser.get("/account").status_code == 302
    assert back(browser, home).status_code == 200


@pytest.mark.parametrize("old", ["keep", "drop"])
def test_new_keys_are_found(app, lakeside, providers, old):
    assert come_in(app.test_client(), "lakeside").status_code == 303
    providers.change("lakeside", rotate=old)

    assert come_in(app.test_client(), "lakeside").status_code == 303


def test_a_wrong_secret_is_found_by_the_check_and_lets_nobody_in(app, lakeside, cora, sign_in):
    desk = sign_in(cora)
    assert "All is well" in desk.post("/c/lakeside/settings/sign-in/check").text
    change(lakeside, **sealed("another", lakeside), version=2, tested_version=2)
    relying.forget()

    assert "secret is wrong" in desk.post("/c/lakeside/settings/sign-in/check").text
    assert come_in(app.test_client(), "lakeside").status_code == 403


def test_a_place_to_come_back_to_that_it_does_not_know(app, lakeside, providers):
    address = there(app.test_client(), "lakeside").replace("callback", "callback2")

    with pytest.raises(AssertionError, match="redirect_uri"):
        walk(address, "sol")
    assert isinstance(providers, Providers)
