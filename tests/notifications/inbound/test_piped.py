"""`mentorship mail take`, as a mail server runs it: a mail comes in by standard input."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

from click.testing import CliRunner
from sqlalchemy import select, update

from mentorship.cli.commands import main
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.settings import ROOT
from mentorship.scheduling.models import Meeting, MeetingState, Part
from mentorship.scheduling.replies import addresses
from mentorship.scheduling.replies.addresses import Claim
from tests import make
from tests.processes import PATIENCE, environ
from tests.scheduling.replies import calendars


def take(raw: bytes, database_url: str) -> tuple[int, str]:
    """The command's exit status, and what it says of a mail."""
    done = subprocess.run(
        [sys.executable, "-m", "mentorship.cli.commands", "mail", "take"],
        input=raw,
        capture_output=True,
        env=environ(database_url, MAIL_IN="pipe"),
        cwd=ROOT,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, (done.stderr if done.returncode else done.stdout).decode()


def take_here(raw: bytes, database_url: str) -> tuple[int, str]:
    """The same of the command in this process, which costs no start of another."""
    environment = environ(database_url, MAIL_IN="pipe", CURBSIDE_ENV="test")
    result = CliRunner().invoke(main, ["mail", "take"], input=raw, env=environment)
    return result.exit_code, result.output


def test_does_once_what_a_mail_says_and_bounces_none(own_database):
    settings = own_database.config["SETTINGS"]
    chapter = make.chapter("lakeside")
    mara, sol = make.mentor(chapter), make.student(chapter)
    # A process reads the clock on the wall.
    at = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    asked = make.meeting(
        mara, sol, make.pairing(mara, sol), starts_at=at, state=MeetingState.REQUESTED
    )
    with scope.chapter(chapter.id):
        db.session.execute(update(Meeting).values(asked_at=clock.now(), answer_by=at))
        db.session.commit()
    claim = Claim(chapter.id, asked, Part.MENTOR, 0)
    to = addresses.address(claim, settings=replace(settings, mail_in="pipe"))
    yes, url = calendars.typed("Yes", to=to), settings.database_url

    assert take(yes, url) == (0, "done\n")
    assert take_here(yes, url) == (0, "repeated\n")
    with scope.chapter(chapter.id):
        assert db.session.scalars(select(Meeting.state)).all() == [MeetingState.ACCEPTED]
    foreign = (0, "not an answer to one of our mails\n")
    assert take(b"\0\xff" * 99, url) == foreign
    for raw in (b"To: a@example.org\r\n\r\nHello", b""):
        assert take_here(raw, url) == foreign


def test_asks_to_be_tried_again_where_the_database_is_away():
    status, said = take(b"x", "postgresql://nobody@127.0.0.1:1/none")
    assert status == 75, said
    assert "Traceback" not in said
