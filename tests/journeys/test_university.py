"""A coordinator opens the door to a university, and a phone comes in through its own form."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from mentorship.tenancy.members import Member
from mentorship.tenancy.university import relying
from tests import make
from tests.journeys.conftest import DESK, Person
from tests.provider.running import running

#: Monday noon in Chicago.
BEGAN = datetime(2026, 3, 2, 18, tzinfo=UTC)
SECRET = "a secret + more/of=it for lakeside"


@pytest.fixture
def cora(served) -> Member:
    relying.forget()
    with served.app_context():
        return make.coordinator(make.chapter("lakeside"), "Cora Winslow")


@pytest.fixture
def provider(served):
    base = served.config["SETTINGS"].base_url
    with running() as providers:
        providers.change(
            "lakeside",
            back=[f"{base}/c/lakeside/auth/callback"],
            goodbye=[f"{base}/c/lakeside/auth/signed-out"],
            people={
                login: {"email": f"{login}@lakeside.edu", "email_verified": True, "name": name}
                for login, name in (("sol", "Sol Adair"), ("cora", "Cora Winslow"))
            },
        )
        yield providers.lakeside


def sign_in_there(somebody: Person, issuer: str, login: str) -> None:
    """Through the provider's own pages, which are not ours to look at."""
    page = somebody.page
    page.wait_for_url(f"{issuer}/interaction/*")
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{somebody.address}/**")
    page.wait_for_load_state()
    somebody.look()


def without_the_world(somebody: Person) -> Person:
    """The provider's pages ask for letters from elsewhere; a browser of ours asks nobody."""
    elsewhere = re.compile(r"^https?://(?!127\.0\.0\.1)")
    somebody.page.context.route(elsewhere, lambda route: route.fulfill(body=""))
    return somebody


def test_a_coordinator_opens_the_door_and_a_student_comes_in(served, seat, cora, provider):
    desk = without_the_world(seat(cora, viewport=DESK, has_touch=False))
    desk.open("/c/lakeside/settings/sign-in")
    page = desk.page
    page.get_by_label("Your university’s name").fill("Lakeside University")
    page.get_by_label("Issuer").fill(f"{provider}/")
    page.get_by_label("Client id").fill("curbside-at-lakeside")
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_label("Domains of its addresses").fill("lakeside.edu")
    page.get_by_label("Who becomes a member").select_option("domain")
    desk.press("Save")
    desk.reads("It is a draft")

    # What is wrong is said, in the words that mend it.
    desk.press("Check the connection")
    desk.reads(f"The provider calls itself {provider}, and you typed {provider}/")
    page.get_by_label("Issuer").fill(provider)
    page.get_by_label("Client secret").fill(SECRET)
    desk.press("Save")
    desk.press("Check the connection")
    desk.reads("All is well")
    page.get_by_role("button", name="Sign in as a test").click()
    sign_in_there(desk, provider, "cora")
    desk.reads("The test sign-in went all the way.")
    desk.press("Switch on")
    desk.reads("People are let in through Lakeside University.")

    phone = without_the_world(seat())
    phone.open("/c/lakeside/")
    phone.page.get_by_role("link", name="Sign in with Lakeside University").click()
    sign_in_there(phone, provider, "sol")
    assert urlsplit(phone.page.url).path == "/c/lakeside/"
    phone.reads("Sol")

    for path in ("waiting", "mail/a-token", "callback?state=none"):
        seat().open(f"/c/lakeside/auth/{path}")
    desk.open("/c/lakeside/settings/sign-in/remove")

    # And out again, there too.
    phone.open("/account")
    phone.reads("Lakeside University")
    phone.page.get_by_role("button", name="account menu").click()
    phone.page.get_by_role("button", name="Sign out", exact=True).click()
    phone.page.wait_for_url(f"{provider}/session/end*")
    phone.page.get_by_role("button", name="Yes, sign me out").click()
    phone.page.wait_for_url(f"{phone.address}/c/lakeside/auth/signed-out*")
    phone.look()
    phone.reads("at your university too")
    phone.open("/c/lakeside/")
    phone.reads("Sign in with Lakeside University")
