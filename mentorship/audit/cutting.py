"""Taking the older end of the trail away: when its time is over, or its chapter goes.

The role that the product works as cannot do it. It is done as the owner of the tables, whom
`DATABASE_URL` names, in the caller's transaction, and leaves a mark that stays.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from mentorship.audit import cuts, seals
from mentorship.audit.seals import Chain
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.schema import as_owner

log = logging.getLogger("mentorship.audit")

#: How long the trail of a chapter is kept: about the years of a student.
CHAPTERS = timedelta(days=3 * 365)
#: And how long what happened to an account: a year, and a month to look back at it.
ACCOUNTS = timedelta(days=396)


def cut(
    of: Chain,
    *,
    before: datetime | None,
    by_id: UUID | None,
    secrets: Sequence[str],
    now: datetime,
) -> int:
    """Take away the events before an instant, or all of them; how many these were.

    What stands behind a younger event in the chain stays until that one goes.

    :param by_id: the account of whoever wanted it; None when it is the retention.
    """
    while seals.seal(of, secrets=secrets, now=now):
        pass
    last = seals.last_before(of, before)
    if last is None:
        return 0
    gone = of.seals.number <= last.number
    events = delete(of.events).where(of.events.id.in_(select(of.seals.event_id).where(gone)))
    cuts.write(last, chain_id=of.id, before=before, by_id=by_id, secret=secrets[0], now=now)
    with as_owner():
        taken = count_touched(events.execution_options(synchronize_session=False))
        db.session.execute(
            delete(of.seals).where(gone).execution_options(synchronize_session=False)
        )
    return taken


def forget(of: Chain, *, kept: timedelta, secrets: Sequence[str], now: datetime) -> None:
    """Take away what was kept for long enough. A chain that is not whole is left as it is."""
    try:
        with transaction():
            cut(of, before=now - kept, by_id=None, secrets=secrets, now=now)
    except seals.NotOurs:
        log.error("trail cannot be cut", extra={"chain": str(of.id)})
