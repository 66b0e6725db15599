"""What the logs say, and what they never say."""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from mentorship.accounts.models import User
from mentorship.foundation.database import db
from mentorship.foundation.post import MailDelayed
from mentorship.web import logs
from tests import make

#: What somebody typed. Never written out below, since tracebacks quote our own source.
TYPED = "my" + "-secret"
TOKEN = "W3siaWQiOiIwMWEyMTQ4My0xMDY2In0sMTc3MjQ3NTMwMF0.qGxPrORvBEh9DAT6ArybJ_D0Lk0"


def record(says: str, *facts: object, error: BaseException | None = None, name: str = "x", **extra):
    made = logging.LogRecord(
        name,
        logging.ERROR,
        "here.py",
        1,
        says,
        facts,
        (type(error), error, None) if error else None,
    )
    made.__dict__.update(extra)
    return made


def line(**how) -> dict:
    return json.loads(logs.JsonLines().format(record(**how)))


class TestLine:
    def test_says_when_in_one_time_for_all_machines(self):
        when = datetime.fromisoformat(line(says="x")["at"])

        assert when.utcoffset() == timedelta(0)
        assert abs(when - datetime.now(UTC)) < timedelta(minutes=1)

    def test_is_one_line_of_json_with_what_was_passed(self):
        said = logs.JsonLines().format(record("a\nb", task="tell", ms=1.5))

        assert "\n" not in said
        assert json.loads(said) | {"at": ""} == {
            "at": "",
            "level": "ERROR",
            "logger": "x",
            "says": "a\nb",
            "task": "tell",
            "ms": 1.5,
        }

    @pytest.mark.parametrize(
        ("says", "told"),
        [
            ("Exception on /sign-in/" + TOKEN + " [POST]", "Exception on /sign-in/(token) [POST]"),
            ("no mail to sol.adair+em@example.org, sorry", "no mail to (address), sorry"),
            ("run 01a21483-0d18-7cf8-bfcd-c15659bfa535 went on",) * 2,
            ("Cannot open /var/lib/curbside/config.toml",) * 2,
        ],
    )
    def test_is_discreet(self, says, told):
        assert line(says=says)["says"] == told

    def test_tells_an_error_and_its_cause_in_their_order(self):
        try:
            try:
                int("the first words")
            except ValueError as cause:
                raise MailDelayed(f"SMTP 451 for sol@example.org\nand {TYPED}") from cause
        except MailDelayed as error:
            story = line(says="broke", error=error)["error"]

        first, last = story.split("\n\n")
        assert first.endswith("ValueError: invalid literal for int() with base 10: (quoted)")
        assert last.endswith("MailDelayed: SMTP 451 for (address)")
        assert "test_logs.py" in last
        assert TYPED not in story

    def test_for_people_says_the_same(self):
        said = logs.TextLines().format(
            record(
                "no mail to sol@example.org", error=ValueError("to sol@example.org"), task="tell"
            )
        )

        assert "no mail to (address) task=tell\n" in said
        assert said.endswith("ValueError: to (address)")


class TestDatabase:
    """Errors of the database quote whole rows. The log does not."""

    @pytest.mark.parametrize(
        "harm",
        [
            {"email": "sol@example.org", "zone": "America/Chicago"},
            {"email": "SOL-secret@example.org", "zone": "secret-zone"},
        ],
    )
    def test_of_an_error_there_is_the_rule_and_not_the_row(self, undone, now, harm):
        db.session.add(User(email="sol@example.org", zone="America/Chicago", created_at=now))
        db.session.flush()

        with pytest.raises(IntegrityError) as broke:
            db.session.execute(
                User.__table__.insert(), {"id": make.chapter().id, "created_at": now} | harm
            )

        said = logs.JsonLines().format(record("unexpected", error=broke.value))
        assert "users" in said
        for secret in ("sol@", "SOL-", "secret", "America"):
            assert secret not in said
        db.session.rollback()


class TestLibrary:
    """The queue's own lines hold the facts of jobs."""

    def test_is_kept_from_telling_how_a_job_ended(self):
        said = record("Job tell[1](email='x')", name="procrastinate.worker", action="job_error")

        assert not logs.WithoutFacts().filter(said)

    def test_tells_the_rest_without_the_facts(self):
        said = record("Side task failed", name="procrastinate", action="stop", job={"args": "x"})

        assert logs.WithoutFacts().filter(said)
        assert "args" not in logs.JsonLines().format(said)

    def test_others_are_left_alone(self):
        assert logs.WithoutFacts().filter(record("x", action="job_error"))


def test_a_page_that_breaks_tells_nothing_of_what_was_typed(app, undone, caplog, monkeypatch):
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def breaks() -> str:
        db.session.execute(text("SELECT 1/0 WHERE 'sol@example.org' = :typed"), {"typed": TYPED})
        return ""

    monkeypatch.setitem(app.view_functions, "tenancy.choose_chapter", breaks)
    with caplog.at_level(logging.INFO):
        answer = app.test_client().get("/", query_string={"typed": TYPED})

    assert answer.status_code == 500
    said = [json.loads(logs.JsonLines().format(each)) for each in caplog.records]
    [broke] = [each for each in said if "error" in each]
    assert "ZeroDivision" in broke["error"] or "division by zero" in broke["error"]
    assert TYPED not in json.dumps(said)
