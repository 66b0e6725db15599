"""When people of the demo can meet: inside the mentor's real hours, and nobody twice at once."""

from collections import defaultdict
from datetime import datetime, time, timedelta

from mentorship.demo.people import DemoMentor
from mentorship.foundation import clock
from mentorship.scheduling import slots
from mentorship.scheduling.slots import Span, Weekly


def weekly(mentor: DemoMentor) -> list[Weekly]:
    """The mentor's hours as the product keeps them."""
    return [
        Weekly(window.weekday, time.fromisoformat(window.starts), time.fromisoformat(window.ends))
        for window in mentor.weekly
    ]


class Diary:
    """Everybody's meetings over all chapters, the past ones too, which hold no time anymore."""

    def __init__(self) -> None:
        self._taken: dict[str, list[Span]] = defaultdict(list)

    def book(
        self,
        mentor: DemoMentor,
        mentee: str,
        *,
        minutes: int,
        since: datetime,
        until: datetime,
        near: datetime,
    ) -> datetime | None:
        """Take the free start in `[since, until)` that is nearest to an instant, if there is one.

        `mentee` is an e-mail.
        """
        if until <= since:
            return None
        zone = clock.zone(mentor.zone)
        found = slots.starts(
            slots.open_spans(weekly(mentor), zone, since=since, until=until),
            [*self._taken[mentor.email], *self._taken[mentee]],
            minutes=minutes,
            earliest=since,
            latest=until,
            zone=zone,
        )
        if not found:
            return None
        start = min(found, key=lambda at: (abs(at - near), at))
        span = Span(start, start + timedelta(minutes=minutes))
        self._taken[mentor.email].append(span)
        self._taken[mentee].append(span)
        return start
