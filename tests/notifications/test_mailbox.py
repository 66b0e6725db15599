"""The demo's mailbox under /dev/mail, and that there is none anywhere else."""

import time
from dataclasses import replace

import pytest
from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.demo import mailserver
from mentorship.foundation import post
from mentorship.foundation import settings as config
from mentorship.foundation.post import Mail
from tests.conftest import _for_tests
from tests.processes import free_port

MAIL = Mail(
    key="notice 1",
    to="sol@example.org",
    subject="Sol <b>& Co</b> asks",
    text="See http://localhost/r/token\n",
    html='<html><head><title>x</title></head><body><a href="http://localhost/r/token">Go</a></body>',
    invitation=(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "REQUEST"),
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mail"


@pytest.fixture
def demo(settings, folder):
    """The product with a mailbox, and with the demo's mail server."""
    port = free_port()
    server = mailserver.start(folder, port=port)
    changed = replace(settings, mailbox=str(folder), smtp_port=port)
    yield _for_tests(create_app(changed, pool=NullPool))
    server.stop()


@pytest.fixture
def browser(demo):
    with demo.app_context():
        yield demo.test_client()


@pytest.fixture
def send(demo, now):
    def send(**changed: str) -> None:
        post.send(replace(MAIL, **changed), settings=demo.config["SETTINGS"], now=now)
        time.sleep(0.002)  # so that the files differ by their time

    return send


def key_of(browser) -> str:
    page = browser.get("/dev/mail/").text
    return page.split('href="/dev/mail/')[1].split('"')[0]


def test_is_absent_unless_it_is_set_up(app, undone):
    assert not app.config["SETTINGS"].mailbox
    assert "mailbox" not in app.blueprints
    for path in ("/dev/mail/", "/dev/mail/1", "/dev/mail/1/html"):
        assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("environment", ["production", "development", "test"])
def test_is_set_up_in_no_environment_but_the_demo(settings, environment):
    values = {
        "CURBSIDE_ENV": environment,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "BASE_URL": "https://curbside.example.org",
        "SMTP_HOST": "localhost",
        "MAIL_FROM": "curbside@example.org",
    }

    assert config.load(values).mailbox == ""
    with pytest.raises(config.SettingsError, match="for the demo alone"):
        config.load(values | {"MAILBOX": "/somewhere"})


def test_is_empty_at_first(browser):
    assert "No mail yet" in browser.get("/dev/mail/").text


def test_lists_the_newest_first_and_filters_by_address(browser, send):
    send()
    send(to="mara@example.org", subject="For Mara")

    page = browser.get("/dev/mail/").text
    assert page.index("For Mara") < page.index("Sol &lt;b&gt;&amp; Co&lt;/b&gt; asks")
    assert "with an invitation" in page

    only = browser.get("/dev/mail/?to=MARA").text
    assert "For Mara" in only
    assert "asks" not in only


def test_shows_one_as_it_looks_and_as_plain_text(browser, send):
    send()
    key = key_of(browser)

    page = browser.get(f"/dev/mail/{key}")
    assert "calendar invitation" in page.text
    assert 'href="http://localhost/r/token"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]

    inside = browser.get(f"/dev/mail/{key}/html")
    assert '<base target="_top">' in inside.text
    # A mail may bring styles; it may load or run nothing.
    assert inside.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script" not in inside.headers["Content-Security-Policy"]


@pytest.mark.parametrize("key", ["1", "x", "..%2fsecret", "²", "9" * 400])
def test_what_is_not_there_is_a_404(browser, key):
    assert browser.get(f"/dev/mail/{key}").status_code == 404
    assert browser.get(f"/dev/mail/{key}/html").status_code == 404
