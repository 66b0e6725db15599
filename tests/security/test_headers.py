"""What every answer tells a browser, and what follows for attacks that a browser would carry out.

That every page, of whatever method, has all of it is in `house/test_doors.py`.
"""

import re
from dataclasses import replace

import pytest
from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.web.headers import ALWAYS, DEVICE


@pytest.fixture
def stranger(app, undone):
    return app.test_client()


def policy() -> dict[str, str]:
    rules = ALWAYS["Content-Security-Policy"].split(";")
    return {name: sources for name, _, sources in (rule.strip().partition(" ") for rule in rules)}


class TestScriptFromElsewhere:
    def test_only_files_of_ours_may_run_or_dress_a_page(self):
        assert policy()["script-src"] == policy()["style-src"] == "'self'"
        assert policy()["default-src"] == policy()["base-uri"] == "'none'"

    def test_nothing_loosens_the_policy(self):
        loose = ("unsafe", "nonce", "strict-dynamic", "*", "http", "blob:", "sha256")

        assert not [word for word in loose if word in ALWAYS["Content-Security-Policy"]]
        # A picture in an address can do nothing; a script or a page could.
        assert [name for name, said in policy().items() if "data:" in said] == ["img-src"]

    def test_what_is_typed_is_sent_to_us_alone(self):
        assert policy()["form-action"] == policy()["connect-src"] == "'self'"


class TestClickjacking:
    def test_no_page_stands_in_a_frame(self, stranger):
        answer = stranger.get("/sign-in")

        assert policy()["frame-ancestors"] == "'none'"
        assert answer.headers["X-Frame-Options"] == "DENY"


class TestMimeSniffing:
    def test_a_browser_believes_what_it_is_told(self, stranger):
        with stranger.get("/static/app.css") as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.content_type == "text/css; charset=utf-8"


class TestWindowsOfOthers:
    def test_another_site_gets_no_hold_of_our_windows_or_answers(self, stranger):
        answer = stranger.get("/sign-in")

        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Origin-Agent-Cluster"] == "?1"
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


class TestDevice:
    def test_a_page_may_use_passkeys_and_nothing_else(self):
        allowed = {name for name, who in DEVICE.items() if who != "()"}

        assert allowed == {"publickey-credentials-create", "publickey-credentials-get"}


class TestListeningOnTheWire:
    @pytest.fixture
    def secure(self, settings):
        return create_app(replace(settings, base_url="https://curbside.example.org"), pool=NullPool)

    def test_a_browser_comes_by_https_for_a_year(self, secure):
        answer = secure.test_client().get("/healthz")

        seconds = re.match(r"max-age=(\d+); includeSubDomains$", _of(answer))
        assert int(seconds[1]) >= 365 * 24 * 3600

    def test_without_https_nothing_is_promised(self, stranger):
        assert _of(stranger.get("/healthz")) is None

    def test_cookies_travel_by_https_alone_and_to_this_host_alone(self, secure):
        for name in ("SESSION_COOKIE_NAME", "SIGN_IN_COOKIE_NAME"):
            assert secure.config[name].startswith("__Host-")
        assert secure.config["SESSION_COOKIE_SECURE"]


def _of(answer):
    return answer.headers.get("Strict-Transport-Security")
