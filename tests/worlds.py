"""The demo's world as it stands at an instant, made once for all tests of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.demo import world
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from tests import databases

LEAP_DAY = datetime(2028, 2, 29, 17, 5, tzinfo=UTC)


def load(url: str, *, settings: Settings, now: datetime) -> None:
    """Make the world in the database at this address."""
    app = create_app(replace(settings, database_url=url), pool=NullPool)
    with app.app_context():
        world.load(now=now)
        db.session.remove()


@contextmanager
def on_leap_day(settings: Settings) -> Iterator[str]:
    """The name of a database that holds the world of a leap day, to be copied."""
    with databases.shared("leap", lambda url: load(url, settings=settings, now=LEAP_DAY)) as name:
        yield name
