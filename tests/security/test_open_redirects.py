"""Open redirects: an address of ours that leads on to somebody else's page."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from mentorship.accounts import links
from mentorship.foundation.database import db
from tests.conftest import words

#: Spellings of a place elsewhere, or of a script, in what is said to be a way on.
ELSEWHERE = [
    *("https://evil.example", "http://evil.example/c/lakeside/", "HTTPS://evil.example"),
    *("//evil.example", "///evil.example", "////evil.example/c/", "/\\evil.example"),
    *("\\\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example"),
    *("\t//evil.example", " //evil.example", "\r\n//evil.example", "/%2fevil.example"),
    *("/%5cevil.example", "%2f%2fevil.example", "//evil.example%00.localhost", "//evil%2eexample"),
    *("https:evil.example", "https:/evil.example", "http:///evil.example", "//@evil.example"),
    *("//localhost@evil.example", "https://localhost:x@evil.example", "//evil.example#@localhost"),
    *("//localhost.evil.example", "//evil.example?localhost", "//[::1]@evil.example", "//["),
    *("javascript:alert(1)", "java\nscript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x"),
    *(
        "vbscript:x",
        "/c/\\evil.example",
        "/c/\tx",
        "/c/x\r\nLocation: //evil.example",
        "c/lakeside",
    ),
    *("/c/x\u2028//evil.example", "\u3000//evil.example", "\ufeff//evil.example", "c/lakeside"),
    *("..//evil.example", "/sign-out", "/static/../c/", "?next=//evil.example", "/c/" + "x" * 1001),
]


def leads_to(location: str) -> str:
    """The host that a browser goes to: it drops what shows nothing, and takes \\ for /."""
    seen = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    return urlsplit(urljoin("http://localhost/sign-in", seen)).hostname or ""


@pytest.fixture(params=ELSEWHERE, ids=repr)
def elsewhere(request) -> str:
    return request.param


def test_a_mailed_link_leads_nowhere_else(app, sol, tray, work, now, elsewhere):
    browser = app.test_client()
    browser.post("/sign-in", data={"email": sol.email, "next": elsewhere})
    work()
    [mail] = tray.mails
    address = re.search(r"http://localhost(/sign-in/\S+)", words(mail))[1]

    assert browser.post(address).location == "/"


def test_the_page_of_sign_in_hands_on_no_other_place(app, undone, elsewhere):
    page = app.test_client().get("/sign-in", query_string={"next": elsewhere}).text

    assert 'name="next" type="hidden" value=""' in page
    assert "evil" not in page


def test_proving_who_one_is_leads_nowhere_else(sol, sign_in, now, elsewhere):
    on = sign_in(sol).get("/account/confirm", query_string={"next": elsewhere})

    assert on.location == "/account"


def test_a_door_that_sends_strangers_away_keeps_them_here(app, undone, lakeside, elsewhere):
    answer = app.test_client().get(f"/c/lakeside/{elsewhere.replace('?', '')}")

    assert leads_to(answer.headers.get("Location", "/")) == "localhost"


def test_what_a_link_keeps_is_the_way_on_and_no_more(undone, sol, now):
    link = links.issue(email=sol.email, next_path="/c/lakeside/meetings?week=2026-03-09", now=now)
    db.session.flush()

    assert link.next_path == "/c/lakeside/meetings?week=2026-03-09"


@pytest.mark.parametrize(
    "path", ["//evil.example/c/lakeside", "//evil.example/sign-in/", "/%2fevil.example/", "/\\x/"]
)
def test_a_missing_slash_is_put_right_on_our_own_host(app, sol, sign_in, path):
    for client in (app.test_client(), sign_in(sol)):
        answer = client.get(path)

        assert leads_to(answer.headers.get("Location", "/")) == "localhost"
