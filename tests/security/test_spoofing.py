"""Requests that lie about where they come from or whom they ask: host and proxy headers."""

import re
from dataclasses import replace

import pytest
from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.foundation import rates
from tests.conftest import Browser, signed_in, words

EVIL = "evil.example"
#: Every header by which some framework or proxy lets a request say whom it asks, or who asks.
LIES = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Host": EVIL,
    "X-Original-Host": EVIL,
    "X-Original-URL": f"//{EVIL}/",
    "X-Rewrite-URL": f"//{EVIL}/",
    "X-Forwarded-Prefix": f"//{EVIL}",
    "X-Forwarded-Proto": "javascript",
    "X-Forwarded-Port": "6666",
    "Forwarded": f"for=127.0.0.1;host={EVIL};proto=http",
    "X-HTTP-Host-Override": EVIL,
    "X-HTTP-Method-Override": "DELETE",
    "Origin": f"https://{EVIL}",
    "Referer": f"https://{EVIL}/",
    "Via": EVIL,
}


def lying(*names: str, cookie: str = "") -> dict[str, dict[str, str]]:
    """These lies. A browser sends no cookies to another host, but whoever attacks would."""
    told = {f"HTTP_{name.upper().replace('-', '_')}": LIES[name] for name in names}
    return {"environ_overrides": {**told, "HTTP_COOKIE": cookie}}


@pytest.fixture
def cookie(app, sol, now) -> str:
    """What the browser of somebody who is signed in sends."""
    return f"{app.config['SIGN_IN_COOKIE_NAME']}={signed_in(sol)}"


@pytest.fixture
def stranger(app, undone):
    return app.test_client()


@pytest.fixture(params=[0, 1, 2], ids="behind {} proxies".format)
def proxied(request, settings, undone):
    """The product as it stands behind so many proxies."""
    app = create_app(replace(settings, proxy_hops=request.param), pool=NullPool)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    return app, request.param


@pytest.mark.parametrize("header", LIES)
@pytest.mark.parametrize("path", ["/", "/sign-in", "/c/lakeside", "/c/lakeside/", "/nowhere"])
def test_no_page_takes_a_name_from_a_header(app, cookie, header, path):
    for sent in ("", cookie):
        answer = app.test_client(use_cookies=False).get(path, **lying(header, cookie=sent))

        assert EVIL not in answer.text
        assert EVIL not in answer.headers.get("Location", "")
        assert "javascript:" not in answer.headers.get("Location", "")
        assert answer.status_code < 500


@pytest.mark.parametrize("header", LIES)
def test_no_mail_takes_a_name_from_a_header(stranger, sol, tray, work, now, header):
    stranger.post("/sign-in", data={"email": sol.email}, **lying(header))
    work()

    [mail] = tray.mails
    assert EVIL not in mail.as_string()
    assert re.findall(r"https?://[^/\s]+", words(mail)) == ["http://localhost"]


def test_no_calendar_takes_a_name_from_a_header(app, cookie):
    client = app.test_client(use_cookies=False)
    client.post("/c/lakeside/calendar", **lying(*LIES, cookie=cookie))
    page = client.get("/c/lakeside/calendar", **lying(*LIES, cookie=cookie)).text

    assert EVIL not in page
    [address] = re.findall(r"value=\"http://localhost(/cal/[^\"<\s]+\.ics)", page)
    assert EVIL not in client.get(address, **lying(*LIES)).text


@pytest.mark.parametrize("says", ["198.51.100.7", "198.51.100.7, 203.0.113.9", "::1", "x", ""])
def test_without_a_proxy_nobody_is_somewhere_else_by_saying_so(stranger, monkeypatch, now, says):
    monkeypatch.setitem(rates.SIGN_IN_ASKS.__dict__, "most", 1)
    here = {"REMOTE_ADDR": "203.0.113.7"}
    stranger.post("/sign-in", data={"email": "a@example.org"}, environ_overrides=here)

    again = stranger.post(
        "/sign-in",
        data={"email": "a@example.org"},
        environ_overrides=here,
        headers={"X-Forwarded-For": says, "X-Real-IP": says, "Forwarded": f"for={says}"},
    )

    assert again.status_code == 429


def test_behind_proxies_only_what_they_add_is_believed(proxied, monkeypatch, now):
    app, hops = proxied
    places = []
    monkeypatch.setattr(rates, "allow", lambda rate, key, now: places.append(key) or True)
    # What a client makes up stands before what the proxies in front have added.
    claimed = ["10.9.9.9", "198.51.100.1", "198.51.100.2"]

    app.test_client().post(
        "/sign-in",
        data={"email": "a@example.org"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
        headers={"X-Forwarded-For": ", ".join(claimed)},
    )

    expected = ["203.0.113.7", "198.51.100.2", "198.51.100.1"][hops]
    assert places[0] == f"{expected}/32"


def test_a_method_is_what_it_is_and_not_what_a_header_says(sol, sign_in):
    answer = sign_in(sol).get(
        "/sign-out", headers={"X-HTTP-Method-Override": "POST"}, query_string={"_method": "POST"}
    )

    assert answer.status_code == 405
