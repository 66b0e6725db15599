"""From when until when a role counts. Pure: what is kept beside a member's roles, and read back.

SQL answers the same question in the same way, in `roles_at` (migration 0029).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mentorship.foundation import clock
from mentorship.tenancy.roles import Role

#: The roles that are an office: they change hands, so they may have a term.
OFFICES = (Role.OFFICER, Role.COORDINATOR, Role.ADVISOR)
#: Those who run a chapter. Somebody has to, at every moment.
RUN_IT = (Role.COORDINATOR, Role.ADVISOR)

Kept = Mapping[str, Mapping[str, str]]
"""Terms as they are kept: {role: {"from": instant, "until": instant}}, each end only if it has."""


class Term(NamedTuple):
    """Half open: from an instant on, and until another is reached. Without an end, on and on."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None

    def counts(self, at: datetime) -> bool:
        begun = self.begins_at is None or self.begins_at <= at
        return begun and not self.is_over(at)

    def is_over(self, at: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= at

    def last_day(self, zone: str) -> date | None:
        """The last day on which it counts, in the chapter's zone."""
        if self.ends_at is None:
            return None
        return clock.day(self.ends_at - timedelta(microseconds=1), zone)

    def first_day(self, zone: str) -> date | None:
        return None if self.begins_at is None else clock.day(self.begins_at, zone)


ALWAYS = Term()


def of_days(first: date | None, last: date | None, *, zone: str) -> Term:
    """A term from the beginning of a day to the end of another, in the chapter's zone."""
    return Term(
        None if first is None else midnight(first, zone),
        None if last is None else midnight(last + timedelta(days=1), zone),
    )


def read(kept: Kept, role: str) -> Term:
    """The term of one role, from what is kept; without a term a role counts always."""
    ends = kept.get(role, {})
    begins_at, ends_at = (
        datetime.fromisoformat(ends[name]) if name in ends else None for name in ("from", "until")
    )
    return Term(begins_at, ends_at)


def with_term(kept: Kept, role: str, term: Term) -> dict[str, dict[str, str]]:
    """What is kept once a role has this term."""
    changed = {name: dict(ends) for name, ends in kept.items() if name != role}
    ends = {
        name: end.isoformat()
        for name, end in (("from", term.begins_at), ("until", term.ends_at))
        if end is not None
    }
    return changed | ({role: ends} if ends else {})


def without_gap(terms: Iterable[Term], *, since: datetime) -> bool:
    """Whether at every instant from `since` on at least one of the terms counts."""
    reached = since
    for term in sorted(terms, key=lambda one: one.begins_at or since):
        if term.begins_at is not None and term.begins_at > reached:
            return False
        if term.ends_at is None:
            return True
        reached = max(reached, term.ends_at)
    return False


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins in a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=clock.zone(zone))
