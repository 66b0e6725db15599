"""What programs look for at fixed places."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest


@pytest.fixture
def browser(app, undone):
    return app.test_client()


def test_whoever_finds_a_hole_reads_whom_to_tell(browser, now):
    answer = browser.get("/.well-known/security.txt")

    assert answer.content_type == "text/plain; charset=utf-8"
    told = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert told["Contact"] == "mailto:security@example.org"
    assert told["Canonical"] == "http://localhost/.well-known/security.txt"
    assert timedelta() < datetime.fromisoformat(told["Expires"]) - now < timedelta(days=365)


def test_nobody_to_tell_is_no_file(undone, settings, monkeypatch, app):
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, security_contact=""))

    assert app.test_client().get("/.well-known/security.txt").status_code == 404


def test_a_password_manager_is_led_to_the_ways_in(browser, sign_in, sol):
    assert browser.get("/.well-known/change-password").location == "/account"
    assert sign_in(sol).get("/account").status_code == 200


def test_search_engines_are_told_to_go_away(browser):
    assert browser.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
