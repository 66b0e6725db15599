"""Sealing the trail, and looking whether it is still what was sealed.

Sealed is what is not sealed yet, whenever it was committed: nothing is inferred from the order of
ids or of transactions, which is not that in which they become visible and does not survive a
restored backup. Only what claims to be much older than its neighbours is left out, and found.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select

from mentorship.audit import chain, cuts
from mentorship.audit.chain import Fault, Harm, Seal
from mentorship.audit.models import AccountEvent, AccountSeal, AuditEvent, TrailCut, TrailSeal
from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction

log = logging.getLogger("mentorship.audit")

#: An event is written in the transaction of its deed. None of ours lasts longer than this.
LATE = timedelta(days=1)
#: How many are sealed in one transaction.
AT_ONCE = 1000
#: The chain of what happens to accounts, which belong to no chapter.
ACCOUNTS = UUID(int=0)

_FIELDS = {
    AuditEvent: (
        *("id", "deed", "at", "by_id", "subject_id", "facts", "about"),
        *("through", "network", "session_id"),
    ),
    AccountEvent: ("id", "deed", "at", "user_id", "facts", "through", "network", "session_id"),
}


@dataclass(frozen=True)
class Chain:
    """Where the events of one chain are, and their seals."""

    id: UUID
    events: type[AuditEvent] | type[AccountEvent]
    seals: type[TrailSeal] | type[AccountSeal]


@dataclass(frozen=True)
class Finding:
    """What a look at one chain has found."""

    sealed: int
    """Up to which number."""
    waiting: int
    """Events that no seal vouches for yet."""
    fault: Fault | None


class NotOurs(Exception):
    """The last seal fits no key of ours: nothing may be built on it before somebody has looked."""


def of_chapter() -> Chain:
    """The chain of the chapter that was entered."""
    return Chain(scope.here(), AuditEvent, TrailSeal)


def of_accounts() -> Chain:
    return Chain(ACCOUNTS, AccountEvent, AccountSeal)


def seal(of: Chain, *, secrets: Sequence[str], now: datetime, anyway: bool = False) -> int:
    """Seal what is not sealed yet, up to `AT_ONCE` events; how many these were.

    :param secrets: the one to seal with first, then those that were used before.
    :param anyway: go on after a seal that fits none of them: the key is lost, and it is known.
    :raises NotOurs: it fits none.
    """
    newest, cut = _newest(of), cuts.latest(of.id)
    if newest and not anyway and not chain.vouched(newest.digest, newest.mac, secrets):
        raise NotOurs
    last = newest or (cuts.as_seal(cut) if cut else None)
    rows = []
    for event in db.session.execute(_waiting(of, newest).limit(AT_ONCE)):
        last = chain.make(of.id, event._asdict(), after=last, secret=secrets[0], at=now)
        rows.append(vars(last) | _belonging(of))
    if rows:
        db.session.execute(insert(of.seals), rows)
    return len(rows)


def seal_up(of: Chain, *, secrets: Sequence[str], now: datetime) -> None:
    """Seal everything that waits, and say so in the log where it cannot be."""
    try:
        while True:
            with transaction():
                if seal(of, secrets=secrets, now=now) < AT_ONCE:
                    return
    except NotOurs:
        # Not raised: other chapters have their turn, and `mentorship audit verify` says more.
        log.error("trail cannot be sealed", extra={"chain": str(of.id)})


def latest(of: Chain) -> Seal | None:
    """The last seal: what may be written down elsewhere. None when there is none."""
    return _newest(of)


def last_before(of: Chain, instant: datetime | None) -> Seal | None:
    """The last seal up to which everything is older than an instant; the last of all for None."""
    if instant is None:
        return _newest(of)
    younger = select(func.min(of.seals.number)).join(
        of.events, (of.events.id == of.seals.event_id) & (of.events.at >= instant)
    )
    first = db.session.scalars(younger).one()
    if first is None:
        return _newest(of)
    row = db.session.execute(_seals(of).where(of.seals.number == first - 1)).one_or_none()
    return Seal(*row) if row else None


def look(of: Chain, *, secrets: Sequence[str], known: Mapping[int, bytes] | None = None) -> Finding:
    """Go through a chain from its beginning, and name the first thing that is not as it was.

    :param known: digests that were written down elsewhere, by number.
    """
    newest, cut = _newest(of), cuts.latest(of.id)
    waiting = db.session.scalars(
        select(func.count()).select_from(_waiting(of, newest).subquery())
    ).one()
    fault = _fault(of, newest, cut, secrets=secrets, known=known)
    last = newest or (cuts.as_seal(cut) if cut else None)
    return Finding(last.number if last else 0, waiting, fault)


def _fault(
    of: Chain,
    newest: Seal | None,
    cut: TrailCut | None,
    *,
    secrets: Sequence[str],
    known: Mapping[int, bytes] | None,
) -> Fault | None:
    if cut and not cuts.vouched(cut, secrets):
        return Fault(cut.number, None, Harm.FORGED)
    after = cuts.as_seal(cut) if cut else None
    # What was cut away cannot be compared anymore.
    left = {at: made for at, made in (known or {}).items() if not cut or at > cut.number}
    return chain.first_fault(
        of.id, _links(of), secrets=secrets, after=after, known=left
    ) or _put_in(of, newest)


def _newest(of: Chain) -> Seal | None:
    row = db.session.execute(_seals(of).order_by(of.seals.number.desc()).limit(1)).one_or_none()
    return Seal(*row) if row else None


def _seals(of: Chain) -> Select:
    """The seals of a chain, with the columns of a `Seal`."""
    kept = of.seals
    return select(kept.number, kept.event_id, kept.at, kept.digest, kept.mac)


def _links(of: Chain) -> Iterator[tuple[Seal, chain.Event | None]]:
    """Each seal by its number, with the event that is there now."""
    both = (
        _seals(of)
        .add_columns(*_columns(of))
        .outerjoin(of.events, of.events.id == of.seals.event_id)
        .order_by(of.seals.number)
        .limit(AT_ONCE)
    )
    width, number = len(fields(Seal)), 0
    while rows := db.session.execute(both.where(of.seals.number > number)).all():
        for row in rows:
            event = dict(zip(_FIELDS[of.events], row[width:], strict=True))
            yield Seal(*row[:width]), event if event["id"] else None
        number = rows[-1].number


def _columns(of: Chain) -> list[Any]:
    return [getattr(of.events, name) for name in _FIELDS[of.events]]


def _unsealed(of: Chain) -> Select:
    mine = select(of.seals.number).where(of.seals.event_id == of.events.id)
    return select(*_columns(of)).where(~mine.exists())


def _waiting(of: Chain, newest: Seal | None) -> Select:
    """The events without a seal that may have one, in the order of their ids."""
    found = _unsealed(of).order_by(of.events.id)
    return found.where(of.events.id > _oldest(newest)) if newest else found


def _put_in(of: Chain, newest: Seal | None) -> Fault | None:
    """An event that has no seal, and is older than anything that could still be waiting."""
    if newest is None:
        return None
    old = _unsealed(of).where(of.events.id <= _oldest(newest)).order_by(of.events.id).limit(1)
    found = db.session.execute(old).first()
    return Fault(0, found.id, Harm.PUT_IN) if found else None


def _oldest(newest: Seal) -> UUID:
    """The least id of an event that can still be waiting: ids begin with when they were made."""
    milliseconds = (newest.event_id.int >> 80) - int(LATE.total_seconds() * 1000)
    return UUID(int=max(milliseconds, 0) << 80)


def _belonging(of: Chain) -> dict[str, UUID]:
    return {"chapter_id": of.id} if of.seals is TrailSeal else {}
