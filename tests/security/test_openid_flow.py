"""The way to the university and back, walked by somebody who should not."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update

from mentorship.accounts.models import DeviceSession
from mentorship.foundation import rates
from mentorship.foundation.database import db
from mentorship.tenancy.university import relying
from mentorship.tenancy.university.models import Provider
from tests import make
from tests.tenancy.university.going import Going, change, going_on
from tests.tenancy.university.misbehaving import serving


@pytest.fixture(autouse=True)
def anybody_joins(university, lakeside, now):
    change(lakeside, joining="domain")


@pytest.fixture
def harbor(university):
    """Another chapter, at the same provider."""
    chapter = make.chapter("lakeside-b")
    going_on(chapter, university, joining="domain")
    return chapter


def sessions() -> int:
    return db.session.scalar(select(func.count()).select_from(DeviceSession))


def refused(answer) -> bool:
    return answer.status_code == 403 and "That did not work" in answer.text and sessions() == 0


def test_a_code_works_once(going, app):
    said = going.provider.answer(going.begin())
    assert going.back(said).status_code == 303
    again = Going(app.test_client(), going.provider)
    kept = sessions()

    assert going.back(said).status_code == 403
    assert again.back(said).status_code == 403
    assert sessions() == kept


def test_what_somebody_else_began_does_not_let_me_in(going, app):
    """Login CSRF: their code, in my browser."""
    said = going.provider.answer(going.begin())

    assert refused(Going(app.test_client(), going.provider).back(said))


@pytest.mark.parametrize("from_where", ["cross-site", "same-site"])
def test_another_site_has_nobody_signed_in(going, from_where):
    """Login CSRF by a link or a picture: a browser that is signed in over there would come back."""
    led = going.browser.get("/c/lakeside/auth/begin", headers={"Sec-Fetch-Site": from_where})

    assert (led.status_code, led.location) == (302, "/sign-in")


@pytest.mark.parametrize("from_where", ["same-origin", "none"])
def test_our_own_page_and_an_address_that_is_typed_lead_there(going, from_where):
    led = going.browser.get("/c/lakeside/auth/begin", headers={"Sec-Fetch-Site": from_where})

    assert led.headers["Refresh"].startswith("0; url=")


def test_nor_does_their_code_with_my_state(going, app):
    theirs = Going(app.test_client(), going.provider)
    said = going.provider.answer(theirs.begin())
    mine = going.provider.answer(going.begin())

    assert refused(going.back({"code": said["code"], "state": mine["state"]}))


@pytest.mark.parametrize("began", ["lakeside", "lakeside-b"])
def test_what_was_begun_at_one_chapter_is_not_finished_at_another(going, harbor, began):
    """Whose slug may be the beginning of the other's."""
    ends = {"lakeside": "lakeside-b", "lakeside-b": "lakeside"}[began]
    going.slug = began
    said = going.provider.answer(going.begin())
    going.slug = ends

    assert refused(going.back(said))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"state": ""},
        {"code": "x"},
        {"state": "x", "code": "x"},
        {"state": "\x00", "code": "\x00"},
        {"error": "access_denied"},
        {"id_token": "a.b.c", "state": "x"},
    ],
    ids=range(7),
)
def test_an_answer_to_nothing(going, said):
    assert refused(going.back(said))


def test_a_state_alone_is_no_answer(going):
    state = going.provider.answer(going.begin())["state"]

    assert refused(going.back({"state": state}))


@pytest.mark.parametrize("issuer", ["https://login.evil.example", "", "http://127.0.0.1"])
def test_mix_up_by_an_answer_of_another_issuer(going, issuer):
    """RFC 9207."""
    assert refused(going.there_and_back(iss=issuer))


def test_mix_up_by_an_answer_that_names_none_though_it_would(going):
    going.provider.metadata = {"authorization_response_iss_parameter_supported": True}

    assert refused(going.there_and_back())
    assert going.there_and_back(iss=going.provider.url).status_code == 303


def test_the_code_goes_to_the_issuer_where_it_was_begun(app, going, lakeside):
    """The chapter's provider is changed while somebody is away at the other one."""
    said = going.provider.answer(going.begin())
    with serving() as other:
        change(lakeside, issuer=other.url, version=2, tested_version=2)

        assert refused(going.back(said))
        assert other.asked == []


def test_nor_is_anybody_let_in_by_a_provider_that_was_changed_meanwhile(going, monkeypatch):
    """While we wait for its token."""
    finish = relying.finish

    def and_then_it_changes(*args, **more):
        proof = finish(*args, **more)
        db.session.execute(update(Provider).values(version=2, tested_version=2))
        db.session.commit()
        return proof

    monkeypatch.setattr(relying, "finish", and_then_it_changes)

    assert refused(going.there_and_back())


def test_it_is_over_after_a_quarter_of_an_hour(going, at, now):
    said = going.provider.answer(going.begin())
    at(now + timedelta(minutes=15, seconds=1))

    assert refused(going.back(said))


def test_a_no_of_the_university_is_told_without_its_words(going):
    state = going.provider.answer(going.begin())["state"]
    said = {"error": "access_denied", "error_description": "Call +1 555 0100", "state": state}
    answer = going.back(said)

    assert refused(answer)
    assert "turned back" in answer.text
    assert "555" not in answer.text


NOT_OURS = (
    *(
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
    ),
    *("https://evil.example", "https:evil.example", "http://localhost@evil.example", "/c//evil"),
    *("javascript:alert(1)", "data:text/html,x", "/c/lakeside/\n//evil.example", "/sign-out"),
    *("/c/elsewhere/", "/account", "/c/lakeside", "/c/lakeside/\\evil.example", "@evil.example"),
    "/c/lakeside/" + "x" * 2000,
)


@pytest.mark.parametrize("path", NOT_OURS, ids=range(len(NOT_OURS)))
def test_nobody_is_led_on_to_another_site(going, path):
    query = {"next": path}
    address = going.browser.get("/c/lakeside/auth/begin", query_string=query)
    answer = going.back(going.provider.answer(address.headers["Refresh"].removeprefix("0; url=")))

    assert answer.location == "/c/lakeside/"


def test_but_on_to_where_they_were_going(going):
    assert going.there_and_back("?next=/c/lakeside/mentors?kind=career").location == (
        "/c/lakeside/mentors?kind=career"
    )


def test_what_is_asked_of_the_university(going):
    asked = {name: one for name, [one] in parse_qs(urlsplit(going.begin()).query).items()}

    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert min(len(asked["state"]), len(asked["nonce"])) >= 20
    assert asked["redirect_uri"] == "http://localhost/c/lakeside/auth/callback"
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}


def test_a_browser_may_begin_as_often_as_it_likes(going):
    """What it holds stays small enough for a cookie, and the latest way back is open."""
    for _ in range(30):
        address = going.begin("?next=/c/lakeside/" + "x" * 900)

    cookie = going.browser.get_cookie("session")
    assert len(cookie.value) < 4000
    assert going.back(going.provider.answer(address)).status_code == 303


def test_the_session_from_before_is_another_one_afterwards(going, app):
    before = going.browser.get_cookie("sign-in")
    going.there_and_back()
    first = going.browser.get_cookie("sign-in").value
    going.there_and_back()
    second = going.browser.get_cookie("sign-in").value

    assert before is None
    assert first != second
    old = app.test_client()
    old.set_cookie("sign-in", first)
    assert old.get("/account").status_code == 302


@pytest.mark.parametrize("slug", ["elsewhere", "no-such-chapter", "lakeside%00"])
def test_a_chapter_without_a_university_is_like_one_that_does_not_exist(app, odd, slug):
    for page in ("begin", "callback?code=x&state=x"):
        answer = app.test_client().get(f"/c/{slug}/auth/{page}")

        assert (answer.status_code, answer.location) == (302, "/sign-in")


def test_a_draft_lets_nobody_in(going, lakeside):
    said = going.provider.answer(going.begin())
    change(lakeside, state="draft")

    assert refused(going.back(said))
    assert going.browser.get("/c/lakeside/auth/begin").location == "/sign-in"


def test_too_many_ways_from_one_place(going):
    most = rates.UNIVERSITY.most
    answers = [going.browser.get("/c/lakeside/auth/callback").status_code for _ in range(most + 1)]

    assert answers[most - 1] == 403
    assert answers[most] == 429


@pytest.mark.parametrize("auth_time", [None, 1_000_000, True, float("nan"), -1e300], ids=range(5))
def test_a_browser_left_open_proves_nothing_by_being_signed_in_at_the_university(
    going, at, now, auth_time
):
    """Whoever finds it goes there and back, and nobody is asked anything."""
    going.there_and_back()
    at(now + timedelta(hours=1))
    going.provider.claims = {"auth_time": auth_time}
    assert going.there_and_back().status_code == 303

    answer = going.browser.get("/account/passkeys/add")

    assert answer.location == "/account/confirm?next=/account/passkeys/add"
