"""What holds of every answer, whatever page gives it: its headers, its cookies and its key."""

import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from mentorship.web.headers import ALWAYS

NOBODY = UUID(int=7)


def paths(app: Flask, method: str) -> list[tuple[Rule, str]]:
    """Every address that takes this method, as one that leads to nothing in particular."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if method in rule.methods:
            values = {name: NOBODY if name.endswith("_id") else "x" for name in rule.arguments}
            if "chapter_slug" in values:
                values["chapter_slug"] = "lakeside"
            found.append((rule, adapter.build(rule.endpoint, values, method=method)))
    return found


@pytest.fixture
def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms need their token, as they do outside of tests."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"X-CSRFToken": "forged"}])
def test_nothing_is_taken_from_another_site(app, guarded, sol, sign_in, headers):
    client = sign_in(sol)
    for rule, path in paths(app, "POST"):
        if rule.endpoint == "stopping.stop":  # where mail programs post; a signed address is needed
            continue
        answer = client.post(path, data={"csrf_token": "forged", "x": "y"}, headers=headers)

        assert answer.status_code == 400, rule.rule
        assert "open for too long" in answer.text, rule.rule


def test_a_token_of_another_visit_opens_nothing(app, guarded, undone, sol, sign_in):
    theirs = app.test_client().get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', theirs)[1]

    answer = sign_in(sol).post("/sign-out", data={"csrf_token": token})

    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE"])
def test_every_answer_says_what_a_browser_must_not_do(app, undone, sol, sign_in, method):
    every = {path for one in ("GET", "POST") for _, path in paths(app, one)}
    stranger, member = app.test_client(), sign_in(sol)
    for path in [*sorted(every), "/nowhere", "/static/app.css", "/c/lakeside", "//evil.example/c/"]:
        if method == "POST":  # which may sign them out
            stranger, member = app.test_client(), sign_in(sol)
        for client in (stranger, member):
            with client.open(path, method=method) as answer:
                for name in ALWAYS:
                    assert name in answer.headers, f"{method} {path}"
                if method == "TRACE":
                    assert answer.status_code >= 400, f"{method} {path}"
                assert answer.headers["X-Request-ID"], f"{method} {path}"
                if not path.startswith("/static/"):
                    assert answer.headers["Cache-Control"] == "no-store", f"{method} {path}"


def test_cookies_are_for_this_site_and_no_script(app, sol, sign_in):
    kept = sign_in(sol).get("/c/lakeside/").headers.getlist("Set-Cookie")
    kept += app.test_client().get("/sign-in").headers.getlist("Set-Cookie")

    assert kept
    for cookie in kept:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain=" not in cookie


def test_an_id_that_somebody_sends_is_not_told_back(app, undone):
    answer = app.test_client().get("/", headers={"X-Request-ID": "<evil>"})

    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-ID"])


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "lb.internal:8080", "evil.example", "[::1]:80", "x_y"]
)
def test_a_process_is_well_under_whatever_name_it_is_asked(app, undone, host):
    client = app.test_client()

    assert client.get("/healthz", environ_overrides={"HTTP_HOST": host}).json == {"ok": True}
    assert client.get("/sign-in", environ_overrides={"HTTP_HOST": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example/<script>", "a b", "", "@", "\xff"])
def test_a_name_that_somebody_made_up_stands_nowhere(app, sol, sign_in, host):
    spoofed = {"HTTP_HOST": host, "HTTP_X_FORWARDED_HOST": "evil.example"}
    for client in (app.test_client(), sign_in(sol)):
        for path in ("/", "/sign-in", "/c/lakeside", "/c/lakeside/", "/nowhere"):
            answer = client.get(path, environ_overrides=spoofed)

            assert answer.status_code < 500, path
            assert "evil" not in answer.text, path
            assert "evil" not in answer.headers.get("Location", ""), path


@pytest.mark.parametrize(
    "cookie",
    [
        *("session=", "session=x.y.z", "session=\xff\xfe", "session=" + "a" * 9000, "=", ";;;"),
        *("remember_token=1|\xe9", "remember_token=|", "remember_token=x|" + "0" * 128),
        *("theme=<script>", "theme=\xff", "theme=" + "x" * 9000),
    ],
)
def test_a_cookie_that_is_not_ours_opens_and_breaks_nothing(app, undone, lakeside, cookie):
    client: FlaskClient = app.test_client(use_cookies=False)

    answer = client.get("/", environ_overrides={"HTTP_COOKIE": cookie})
    sent_away = client.get("/c/lakeside/", environ_overrides={"HTTP_COOKIE": cookie})

    assert answer.status_code == 200
    assert "<script>" not in re.sub("<script src[^>]*>", "", answer.text)
    assert sent_away.status_code == 302
    assert sent_away.location.startswith("/sign-in")
