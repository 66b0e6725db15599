from collections.abc import Callable
from datetime import datetime

import pytest

from mentorship.jobs import tasks
from tests import make
from tests.conftest import do_jobs
from tests.stage import standing


def do_round() -> None:
    """What the worker does by the clock: look for what is due, and send what is ready."""
    for duty in ("look_for_nudges", "send_due_nudges"):
        tasks.tasks.tasks[duty](timestamp=0)
        do_jobs()


@pytest.fixture
def go_to(undone: None, at: Callable) -> Callable[[datetime], None]:
    """Move the clock to an instant, and have the worker do its round there."""

    def go_to(instant: datetime) -> None:
        at(instant)
        do_round()

    return go_to


@standing
def mara(lakeside):
    """A mentor in New York."""
    return make.mentor(lakeside, "Dr. Mara Quist", zone="America/New_York")
