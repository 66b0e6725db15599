"""What every answer carries, and every way a request can go wrong."""

import json
import logging
import re

import pytest

from mentorship.web import logs
from mentorship.web.links import absolute


@pytest.fixture
def browser(app, undone):
    return app.test_client()


def test_every_answer_is_hardened(browser):
    headers = browser.get("/").headers

    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_one_time_link_is_not_told_to_other_pages(browser):
    assert browser.get("/sign-in/token").headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/", 405), ("GET", "/c/lakeside/x/%ff", 404)],
)
def test_a_wrong_turn_is_a_page_with_the_requests_id(browser, method, path, status):
    answer = browser.open(path, method=method)

    assert answer.status_code == status
    assert answer.headers["X-Request-ID"] in answer.text
    assert "<h1>" in answer.text


def test_a_mistake_of_ours_is_a_page_and_a_log_line_with_the_same_id(app, browser, caplog):
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["tenancy.choose_chapter"], before = (
        lambda: 1 / 0,
        app.view_functions["tenancy.choose_chapter"],
    )
    try:
        with caplog.at_level(logging.ERROR):
            answer = browser.get("/")
    finally:
        app.testing = True
        app.view_functions["tenancy.choose_chapter"] = before

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert any(record.exc_info for record in caplog.records)


def test_a_form_without_its_token_is_refused_in_words(app, browser):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = browser.post("/sign-in", data={"email": "sol@example.org"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert answer.status_code == 400
    assert "open for too long" in answer.text


def test_a_form_is_taken_from_a_page_that_does_not_say_where_it_is(app, browser):
    """As a page does that a mail leads to; browsers send no Referer from it."""
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = browser.get("/sign-in/token", base_url="https://localhost")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        answer = browser.post(
            "/sign-in/token", data={"csrf_token": token}, base_url="https://localhost"
        )
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert answer.status_code == 422
    assert "was used already" in answer.text


def test_what_is_too_large_is_refused_in_words(browser):
    answer = browser.post("/sign-in", data={"email": "x" * (6 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "5 MB" in answer.text


def test_the_process_says_that_it_lives(browser):
    assert browser.get("/healthz").json == {"ok": True}


def test_without_a_worker_the_product_is_not_ready(browser):
    answer = browser.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"ok": False, "database": True, "migrations": True, "worker": False}


def test_log_lines_are_json_and_hold_no_one_time_token(app, browser, caplog):
    with caplog.at_level(logging.INFO, logger="mentorship.request"):
        browser.get("/sign-in/secret-token")

    [record] = [one for one in caplog.records if one.name == "mentorship.request"]
    line = json.loads(logs.JsonLines().format(record))
    assert line["route"] == "/sign-in/<token>"
    assert "secret-token" not in json.dumps(line)


def test_a_whole_address_is_that_of_base_url_whatever_the_request_says(app):
    with app.test_request_context("/", base_url="https://evil.example"):
        assert absolute("accounts.sign_in") == "http://localhost/sign-in"
