"""A real browser that nobody but a test answers, and what it does beyond showing a page."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route

ORIGIN = "http://localhost"
#: A script that is stored calls this, should it ever run.
CALLED = "pwned"
_REPORTS = """document.addEventListener('securitypolicyviolation', event =>
    reported(`against ${event.violatedDirective}: ${event.blockedURI} on ${location.pathname}`))"""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Onlooker:
    """Somebody who looks at one page after the other. Every complaint is kept."""

    page: Page
    did: list[str] = field(default_factory=list)

    def look(self, path: str) -> None:
        """Open a page, and wait for what it fetches of its own accord."""
        self.page.goto(ORIGIN + path)
        if self.page.locator("[hx-trigger*=load], [hx-trigger*=revealed]").count():
            self.page.wait_for_load_state("networkidle")


@contextmanager
def looking_on(browser: Browser, answer: Callable[[str, str], Answer]) -> Iterator[Onlooker]:
    """An onlooker whose requests are answered here, by method and path. Other hosts are not."""
    with browser.new_context() as context:
        somebody = Onlooker(context.new_page())
        did = somebody.did.append

        def reply(route: Route) -> None:
            url = urlsplit(route.request.url)
            if f"{url.scheme}://{url.netloc}" != ORIGIN:
                did(f"asked {route.request.url}")
                route.abort()
                return
            path = f"{url.path}?{url.query}" if url.query else url.path
            status, headers, body = answer(route.request.method, path)
            route.fulfill(status=status, headers=dict(headers), body=body)

        context.route("**/*", reply)
        context.expose_function(CALLED, lambda *_: did(f"ran a script on {somebody.page.url}"))
        context.expose_function("reported", lambda what: did(what))
        context.add_init_script(_REPORTS)
        somebody.page.on("dialog", lambda dialog: (did("opened a dialog"), dialog.dismiss()))
        somebody.page.on("pageerror", lambda error: did(f"had an error: {error}"))
        somebody.page.on("popup", lambda _: did("opened a window"))
        yield somebody
