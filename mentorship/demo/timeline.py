"""Playing a history in the order of time.

A script is a generator that says when it goes on, and goes on when that moment has come:

    def ask(…) -> Script:
        now = yield wanted_at
        meeting = meetings.request(…, now=now)
        now = yield now + timedelta(hours=5)
        meetings.accept(meeting, …, now=now)

Many scripts are played together, so that of two deeds the earlier is always done first.
"""

from collections.abc import Generator
from datetime import datetime
from heapq import heappop, heappush

Script = Generator[datetime, datetime, None]


class Timeline:
    """Scripts that wait for their moment. What lies after the last `play` never happens."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Script]] = []
        self._numbers = 0

    def add(self, script: Script) -> None:
        """Let a script say when it begins. Of two at one instant, the one added first is first."""
        self._numbers += 1
        self._wait(next(script, None), self._numbers, script)

    def play(self, *, until: datetime) -> None:
        """Let everything happen up to and with an instant."""
        while self._waiting and self._waiting[0][0] <= until:
            now, number, script = heappop(self._waiting)
            try:
                later = script.send(now)
            except StopIteration:
                continue
            self._wait(max(now, later), number, script)

    def _wait(self, at: datetime | None, number: int, script: Script) -> None:
        if at is not None:
            heappush(self._waiting, (at, number, script))
