"""What several tests of scheduling need."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import Refusal


@pytest.fixture
def at_once(own_database: Flask) -> Callable[..., list[str]]:
    """Do many things at the same moment, each on its own connection. What each came to."""

    def at_once(deeds: Iterable[Callable[[], Any]], chapters: Iterable[Any]) -> list[str]:
        deeds = list(deeds)
        # So many open connections at once; they start together, each with its own.
        gate = threading.Barrier(len(deeds), timeout=120)

        def one(deed: Callable[[], Any], chapter: Any) -> str:
            with own_database.app_context(), scope.chapter(chapter.id):
                db.session.execute(select(func.now()))
                gate.wait()
                try:
                    with transaction():
                        deed()
                except Refusal as refusal:
                    return type(refusal).__name__
                return "done"

        with ThreadPoolExecutor(len(deeds)) as threads:
            return list(threads.map(one, deeds, chapters))

    return at_once
