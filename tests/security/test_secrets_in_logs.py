"""Nothing that opens something, and nobody's address, is ever in a log: canaries are looked for."""

import logging
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from mentorship.foundation.database import db
from mentorship.foundation.queue import defer
from mentorship.web import logs
from mentorship.web.redaction import LONGEST, discreet
from tests import make
from tests.web.test_logs import record

#: Short enough, and plain enough, to pass for any word.
SECRET = "canary" + "Xy7"
LONG = "canary" + "-" + "Zk3_q" * 9
MAIL = "canary" + ".bird@example.org"

#: What libraries and errors say, as they do, with the secret in it.
SAID = [
    "Authorization: Bearer {secret}",
    "Authorization: Basic {secret}==",
    "headers {{'Authorization': 'Bearer {secret}', 'Accept': '*/*'}}",
    'send: b"GET / HTTP/1.1\\r\\nCookie: __Host-sign-in={secret}; session={secret}"',
    "Set-Cookie: __Host-sign-in={secret}; Path=/; HttpOnly",
    "X-CSRFToken: {secret}",
    "Exception on /sign-in/{secret} [POST]",
    "Exception on /sign-in/undo/{secret} [POST]",
    "Exception on /account/address/{secret} [GET]",
    "Exception on /k/{secret} [GET]",
    "Exception on /cal/{secret}.ics [GET]",
    "https://curbside.example.org/sign-in/{secret}",
    "webcal://calendar.example.org/private-{secret}/basic.ics",
    "Starting new HTTPS connection to https://user:{secret}@calendar.example.org/feed",
    "HTTPSConnectionPool(host='cal.example.org', port=443): Max retries exceeded with url:"
    " /ical/{secret}.ics (Caused by ConnectTimeoutError())",
    'https://cal.example.org:443 "GET /ical/{secret}/basic.ics HTTP/1.1" 200 512',
    "postgresql+psycopg://owner:{secret}@db.example.org/curbside",
    "GET /callback?code={secret}&state={secret} failed",
    "/c/lakeside/people?q={secret}",
    "id_token={secret}&access_token={secret}",
    "client_secret={secret}",
    '{{"client_secret": "{secret}", "grant_type": "authorization_code"}}',
    "token response: {{'access_token': '{secret}', 'token_type': 'Bearer'}}",
    "refresh_token: {secret}",
    "code_verifier={secret}, nonce={secret}",
    "state={secret}",
    '{{"code": "{secret}"}}',
    "credential_id={secret}",
    "{{'rawId': '{secret}', 'signature': '{secret}', 'userHandle': '{secret}'}}",
    "challenge={secret}",
    "smtp_password='{secret}'",
    "SECRET_KEY={secret}",
    "session_id={secret}",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ{secret}.",
    "task send_sign_in_link(email='{mail}')",
    "550 no such mailbox: <{mail}>",
    "it said {long}",
    "passkey {long} is unknown",
]


@pytest.fixture
def told(caplog) -> Callable[[], str]:
    """Everything that was logged, by whomever, as both kinds of lines."""
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "urllib3", "authlib", "procrastinate", "mentorship"):
        caplog.set_level(logging.DEBUG, name)

    def told() -> str:
        kept = [each for each in caplog.records if each.name != "mail.log"]
        forms, keep = (logs.JsonLines(), logs.TextLines()), logs.WithoutFacts()
        return "\n".join(form.format(each) for each in kept if keep.filter(each) for form in forms)

    return told


@pytest.mark.parametrize("words", SAID)
def test_a_line_that_holds_a_secret_is_written_without_it(words):
    said = record(words.format(secret=SECRET, long=LONG, mail=MAIL))

    for form in (logs.JsonLines(), logs.TextLines()):
        assert "canary" not in form.format(said)


@pytest.mark.parametrize("words", SAID)
def test_an_error_that_quotes_a_secret_is_told_without_it(words):
    try:
        raise ValueError(words.format(secret=SECRET, long=LONG, mail=MAIL))
    except ValueError as error:
        said = record("it broke", error=error)

    assert "canary" not in logs.JsonLines().format(said)


def test_an_error_that_quotes_what_was_typed_is_told_without_it():
    said = record("it broke", error=KeyError("canary typed this"))

    assert "canary" not in logs.JsonLines().format(said)


@pytest.mark.parametrize(
    "facts",
    [
        {"client_secret": SECRET},
        {"authorization": SECRET},
        {"to": MAIL},
        {"url": f"https://cal.example.org/{SECRET}"},
        {"facts": {"token": SECRET, "email": MAIL}},
        {"several": [MAIL, LONG]},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_what_is_passed_along_is_written_without_it(facts):
    for form in (logs.JsonLines(), logs.TextLines()):
        assert "canary" not in form.format(record("said", **facts))


def test_what_helps_to_mend_it_stays():
    said = (
        "run 01a21483-0d18-7cf8-bfcd-c15659bfa535 went on",
        "Cannot open /var/lib/curbside/config.toml",
        "job given up",
        'relation "audit_events" does not exist',
        "exit code: 1",
        "the state is published",
    )
    for words in said:
        assert discreet(words) == words


def test_every_address_with_a_token_in_it_is_known(app):
    tokened = [rule for rule in app.url_map.iter_rules() if "token" in rule.arguments]
    assert len(tokened) > 10
    for rule in tokened:
        path = rule.rule.replace("<token>", LONG[:12] + SECRET)
        assert SECRET not in discreet(f"Exception on {path} [GET]"), rule.rule


@pytest.mark.parametrize(
    "words", ["a" * 100_000, "@" * 100_000, "/k/" * 40_000, "token=" * 20_000, "eyJ." * 30_000]
)
def test_a_line_that_is_made_to_take_long_does_not(words):
    began = time.process_time()

    assert len(discreet(words)) <= 4 * LONGEST
    assert time.process_time() - began < 5  # seconds of work; it takes some thousandths


class TestRequests:
    def test_no_page_logs_the_token_in_its_address_or_what_came_with_it(self, app, undone, told):
        client = app.test_client()
        client.set_cookie("sign-in", LONG)
        client.set_cookie("session", LONG)
        headers = {"Authorization": f"Bearer {LONG}", "Referer": f"http://localhost/k/{LONG}"}
        for rule in app.url_map.iter_rules():
            if "token" in rule.arguments and rule.arguments <= {"token"}:
                path = rule.rule.replace("<token>", LONG)
                for method in sorted({"GET", "POST"} & (rule.methods or set())):
                    client.open(
                        path,
                        method=method,
                        query_string={"code": SECRET, "state": SECRET},
                        data={"email": MAIL} if method == "POST" else None,
                        headers=headers,
                    )

        assert "request" in told()
        assert "canary" not in told()

    def test_asking_for_a_link_and_using_it_logs_neither(
        self, app, lakeside, undone, told, work, tray
    ):

        make.student(lakeside, "Canary Bird", email=MAIL)
        client = app.test_client()
        client.post("/sign-in", data={"email": MAIL})
        work()
        assert tray.to(MAIL)

        assert MAIL not in told()
        assert "Canary" not in told()

    def test_a_page_that_breaks_logs_nothing_of_what_was_sent(self, app, undone, told, monkeypatch):
        def breaks() -> str:
            db.session.execute(text("SELECT :said::uuid"), {"said": SECRET})
            return ""

        monkeypatch.setattr(app, "testing", False)
        monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
        monkeypatch.setitem(app.view_functions, "tenancy.choose_chapter", breaks)
        answer = app.test_client().get(
            "/", query_string={"code": SECRET}, headers={"Cookie": f"sign-in={SECRET}"}
        )

        assert answer.status_code == 500
        assert SECRET not in answer.text
        assert "unexpected" in told()
        assert SECRET not in told()


class TestJobs:
    def test_deferring_and_doing_logs_no_facts_of_a_job(self, undone, told, work):
        links_asked = {"link_id": "01a21483-0d18-7cf8-bfcd-c15659bfa535", "email": MAIL}
        defer("send_sign_in_link", next_path=f"/c/x?{SECRET}", **links_asked)
        db.session.commit()
        work()

        assert "canary" not in told()

    def test_the_librarys_own_lines_about_a_job_are_dropped(self, told):
        for action in ("job_deferred", "job_error", "job_retry"):
            logging.getLogger("procrastinate.worker").error(
                "Job %s[1](email=%s)", action, MAIL, extra={"action": action, "job": {"e": MAIL}}
            )

        assert "canary" not in told()


def test_settings_do_not_print_their_secrets(settings):
    assert settings.secret_key not in repr(settings)
