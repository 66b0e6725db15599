"""What several tests of scheduling need."""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import Refusal
from mentorship.scheduling.models import BusyTime

#: How often each race is run.
TIMES = int(os.environ.get("RACES", "2"))
#: When somebody is held, by who it is and for what.
Held = dict[tuple[UUID, UUID], tuple[datetime, datetime]]
_HELD = select(BusyTime.user_id, BusyTime.meeting_id, BusyTime.starts_at, BusyTime.ends_at)


@pytest.fixture
def rounds(
    own_database: Flask, request: pytest.FixtureRequest
) -> Callable[[Callable[[int], None]], None]:
    """Run a race as often as is wanted.

    After each, in every chapter nobody is in two places, and what is held is `in_order` as the file
    has it: told what is held, by person and for what.
    """

    def rounds(race: Callable[[int], None]) -> None:
        for number in range(TIMES):
            race(number)
            for (chapter_id,) in db.session.execute(text("SELECT id FROM chapters")).all():
                db.session.commit()
                with scope.chapter(chapter_id):
                    rows = db.session.execute(_HELD).all()
                    spans = sorted((row.user_id, row.starts_at, row.ends_at) for row in rows)
                    for one, after in pairwise(spans):
                        assert one[0] != after[0] or one[2] <= after[1]
                    held: Held = {(who, what): (starts, ends) for who, what, starts, ends in rows}
                    assert len(held) == len(rows)
                    request.module.in_order(held)
            db.session.commit()

    return rounds


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
