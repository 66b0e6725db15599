"""The product as it is served, and people who sit in front of it with a browser."""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, JSHandle, Locator, Page, expect

from mentorship.demo.people import LEADS, DemoLead
from mentorship.foundation import scope
from mentorship.foundation.settings import Settings
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from tests import databases
from tests.journeys.serving import cookie, listening, opened
from tests.worlds import LEAP_DAY

#: Seconds in which a page has to answer.
ANSWER = 30
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
AXE = Path(__file__).parents[1] / "vendor" / "axe-4.14.1.min.js"
expect.set_options(timeout=ANSWER * 1000)
#: Each element of a page with all that a barrier can hang on: what it is, and all it stands in. Of
#: attributes it is told that they are there, and of those with a few words for values, which.
_PLACES = """() => {
    const told = /^(autocomplete|class|lang|role|scope|tabindex|type)$/
    const refers = /^(for|headers|list|aria-(controls|describedby|details|labelledby|owns))$/
    const found = id => document.querySelectorAll('#' + CSS.escape(id)).length
    const says = ({name, value}) =>
        name === 'id' ? found(value)
        : refers.test(name) ? value.split(' ').map(found)
        : told.test(name) || (name.startsWith('aria-') && name !== 'aria-label') ? value
        : Boolean(value.trim())
    const places = new Map()
    for (const element of document.querySelectorAll('*')) {
        const attributes = [...element.attributes].map(one => `${one.name}=${says(one)}`).sort()
        const scrolls = element.scrollWidth > element.clientWidth
        places.set(element, [places.get(element.parentElement), element.tagName, ...attributes,
            Boolean(element.textContent.trim()), element.labels?.length, scrolls].join())
    }
    return places
}"""
#: The barriers of a page, among all that is the first at a place that is new.
_BARRIERS = """async (places, [fresh, rules]) => {
    const left = new Set(fresh), kept = new Set([document.documentElement])
    for (let [element, place] of places)
        if (element.isConnected && left.delete(place))
            for (; !kept.has(element); element = element.parentElement) kept.add(element)
    const exclude = [...kept].flatMap(one => [...one.children])
        .filter(one => places.has(one) && !kept.has(one))
    const found = await axe.run({exclude}, {resultTypes: ['violations'], ...rules})
    return found.violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
        .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html).join(' | ')}`)
}"""
#: Places on pages where no barrier was found, by the width of the screen.
_FREE_OF_BARRIERS: dict[int, set[str]] = defaultdict(set)
#: What a browser also says of a refusal, and of a network that the test has taken away.
_EXPECTED = re.compile(
    "the server responded with a status of 4|net::ERR_INTERNET_DISCONNECTED"
    "|^htmx: htmx:error: Failed to fetch"
)


@dataclass
class Person:
    """Somebody in front of a screen. Whatever they see is examined, in light and dark."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    thorough: bool = False
    """Whether every page is examined, and not only those with something new on them."""

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.address + path)
        self.look()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the button, or follow the link, that leads on, and look at where it leads."""
        button = self.page.get_by_role("button", name=name)
        self.follow(button.or_(self.page.get_by_role("link", name=name)).first)

    def follow(self, control: Locator) -> None:
        """Follow what leads on to another page, and look at that."""
        # Waiting for "a navigation" would also be content with a fragment of the page that is left.
        self.page.evaluate("document.documentElement.dataset.left = ''")
        control.click()
        self.page.locator("html:not([data-left])").wait_for(state="attached")
        self.page.wait_for_load_state()
        self.look()

    def reads(self, text: str | re.Pattern[str]) -> None:
        """Wait until the page's main part says this."""
        expect(self.page.locator("main")).to_contain_text(text)

    def links(self) -> list[str]:
        """Where this page's links lead within the product, without their queries."""
        return self.page.evaluate(
            "[...document.links].filter(link => link.origin === location.origin)"
            ".map(link => link.pathname)"
        )

    def look(self) -> None:
        """Check what no page may have: sideways scroll, a missing title, barriers.

        Most of a page stood at the same place of another. Only what is new is examined, and a page
        with nothing new is passed over unless somebody is `thorough`.
        """
        expect(self.page).to_have_title(re.compile(" · Curbside"))
        expect(self.page.locator("h1")).to_have_count(1)
        known = _FREE_OF_BARRIERS[self.page.viewport_size["width"]]
        places = self.page.evaluate_handle(_PLACES)
        fresh = set(places.evaluate("places => [...new Set(places.values())]")) - known
        if self.thorough or fresh:
            self._look_for_barriers(places, list(fresh))
            known.update(fresh)
        sideways = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways <= 0, f"{self.page.url} scrolls sideways by {sideways} px"

    def _look_for_barriers(self, places: JSHandle, fresh: list[str]) -> None:
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text("utf-8"))
        # Only colors differ in the dark.
        for scheme, rules in (("dark", {"runOnly": ["color-contrast"]}), ("light", {})):
            self.page.emulate_media(color_scheme=scheme)
            barriers = places.evaluate(_BARRIERS, [fresh, rules])
            assert not barriers, f"{self.page.url} ({scheme}): {barriers}"

    def find_mail(self, *, to: str, subject: str | re.Pattern[str]) -> None:
        """Open the newest mail to an address with such a subject, once it is there."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.page.goto(f"{self.address}/dev/mail/?to={to}")
            mail = self.page.get_by_role("link", name=subject)
            if mail.count():
                mail.first.click()
                self.page.wait_for_load_state()
                return
            time.sleep(0.5)
        raise AssertionError(f"no mail to {to} says {subject}")

    def follow_in_mail(self, name: str | re.Pattern[str]) -> None:
        """Follow a link in the mail that is open."""
        self.page.frame_locator("iframe").get_by_role("link", name=name).click()
        self.page.wait_for_url(lambda url: "/dev/mail" not in url)
        self.look()


@contextmanager
def seats(browser: Browser, address: str) -> Iterator[Callable[..., Person]]:
    """Seat people, each at a browser of their own, set up as said; no page may complain."""
    seated: list[Person] = []

    def seat(**setup: object) -> Person:
        # Without motion, colors are what they are at once when the scheme changes.
        context = browser.new_context(**{"reduced_motion": "reduce"} | setup)
        context.set_default_timeout(ANSWER * 1000)
        somebody = Person(context.new_page(), address)
        somebody.page.on(
            "console",
            lambda said: somebody.complaints.append(said.text) if said.type == "error" else None,
        )
        somebody.page.on("pageerror", lambda error: somebody.complaints.append(str(error)))
        seated.append(somebody)
        return somebody

    yield seat
    for one in seated:
        one.page.context.close()
    # Whatever the Content-Security-Policy stops, and every script that fails, is said there.
    said = [said for one in seated for said in one.complaints]
    assert [words for words in said if not _EXPECTED.search(words)] == []


@pytest.fixture(scope="session")
def product(settings: Settings, worker_id: str) -> Iterator[Callable[[str], Flask]]:
    """The product under the name of a host, listening until the end of all tests."""
    database = databases.address(f"{worker_id}_served")
    with ExitStack() as stack:
        yield cache(
            lambda host: stack.enter_context(listening(settings, database=database, host=host))
        )


@pytest.fixture
def served(
    product: Callable[[str], Flask],
    monkeypatch: pytest.MonkeyPatch,
    worker_id: str,
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    """The product on a database of its own, from the instant on at which the module BEGAN.

    Under the name that the module gives it as HOST, where a number will not do.
    """
    app = product(getattr(request.module, "HOST", "127.0.0.1"))
    label, began = f"{worker_id}_served", request.module.BEGAN
    with opened(app, label=label, began=began, monkeypatch=monkeypatch):
        yield app


@pytest.fixture
def seat(served: Flask, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Seat somebody at a phone in Chicago: `seat()`, `seat(member)` signed in.

    What else their browser should be set up with, or otherwise, goes by name: `has_touch=False`.
    """
    chicago = {"viewport": PHONE, "has_touch": True, "timezone_id": "America/Chicago"}
    with seats(browser, served.config["SETTINGS"].base_url) as seat_down:

        def seat(member: Member | None = None, **more: object) -> Person:
            somebody = seat_down(**chicago | more)
            if member:
                somebody.page.context.add_cookies([cookie(served, member)])
            return somebody

        yield seat


@pytest.fixture
def demo(
    product: Callable[[str], Flask], monkeypatch: pytest.MonkeyPatch, worker_id: str, leap_day: str
) -> Iterator[Flask]:
    """The product with the demo's world in it, at the instant for which that was made."""
    app, label = product("127.0.0.1"), f"{worker_id}_served"
    with opened(app, label=label, began=LEAP_DAY, monkeypatch=monkeypatch, template=leap_day):
        yield app


@pytest.fixture
def person(demo: Flask, browser: Browser) -> Iterator[Callable[..., Person]]:
    """Seat somebody: `person()` at a phone, `person(DESK)`, `person(lead="…")` signed in."""
    leads = {lead.name: lead for lead in LEADS.values()}
    with seats(browser, demo.config["SETTINGS"].base_url) as seat:

        def person(screen: dict = PHONE, *, lead: str = "", script: bool = True) -> Person:
            somebody = seat(viewport=screen, java_script_enabled=script)
            if lead:
                somebody.page.context.add_cookies([cookie(demo, _member(demo, leads[lead]))])
            return somebody

        yield person


def _member(app: Flask, lead: DemoLead) -> Member:
    with app.app_context(), scope.chapter(queries.chapter_id(lead.chapter_slug)):
        return queries.member_by_email(lead.email)
