"""How a task is done: known by the name of its function, and in an app context of its own."""

import functools
from collections.abc import Callable
from typing import Any

from flask import Flask
from procrastinate.tasks import Task

from mentorship.foundation import origin
from mentorship.foundation.origin import Through
from mentorship.foundation.queue import tasks
from mentorship.foundation.settings import Settings
from mentorship.jobs.retries import ALWAYS, Patiently

_app: Flask | None = None


def use(app: Flask) -> None:
    """The app that tasks run in; each process has one."""
    global _app
    _app = app


def settings() -> Settings:
    """Those of the app that tasks run in."""
    assert _app is not None
    return _app.config["SETTINGS"]


def task(*, retry: Patiently | None = ALWAYS, **options: Any) -> Callable[[Callable], Task]:
    """Have the worker know a function; a verb defers it by its name, with ids and words as facts.

    `options` are Procrastinate's: the queue, a `lock` under which no two jobs run at the same time,
    a `queueing_lock` under which no two wait at the same time.
    """

    def known(do: Callable) -> Task:
        return tasks.task(name=do.__name__, retry=retry or False, **options)(_in_app(do))

    return known


def duty(cron: str, **options: Any) -> Callable[[Callable[[], None]], Task]:
    """Have the worker do a function by the clock, in UTC, unless a round of it waits already.

    `options` are those of a task.
    """

    def known(do: Callable[[], None]) -> Task:
        @functools.wraps(do)
        def on_time(timestamp: int) -> None:
            do()

        return tasks.periodic(cron=cron)(task(queueing_lock=do.__name__, **options)(on_time))

    return known


def _in_app(do: Callable) -> Callable:
    """Do it in an application context of its own: its own session, its own connection."""

    @functools.wraps(do)
    def run(*args: object, **facts: str) -> None:
        assert _app is not None, "the worker sets the app before it starts"
        with _app.app_context(), origin.coming(Through.JOB):
            do(*args, **facts)

    return run
