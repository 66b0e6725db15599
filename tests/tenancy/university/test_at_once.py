"""A university that is switched off while somebody is just coming back from it."""

import threading

from sqlalchemy import select, text

from mentorship.accounts.models import DeviceSession
from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.tenancy.university import arrivals, providers
from tests import make
from tests.conftest import MONDAY_NOON
from tests.processes import until
from tests.tenancy.university.going import Going, going_on
from tests.tenancy.university.misbehaving import serving

BLOCKED = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_whoever_comes_in_just_then_is_out_too(own_database, monkeypatch, now):
    lakeside = make.chapter("lakeside")
    cora = make.coordinator(lakeside)
    arrive = arrivals.arrive
    others = []

    def switch_off():
        with own_database.app_context(), scope.chapter(lakeside.id), transaction():
            providers.switch_off(by=cora, now=MONDAY_NOON)

    def arrive_meanwhile(*args, **more):
        """Somebody is looked for while a coordinator switches it off, who waits or is done."""
        others.append(threading.Thread(target=switch_off))
        others[0].start()
        until(lambda: db.session.scalar(BLOCKED) or not others[0].is_alive())
        return arrive(*args, **more)

    monkeypatch.setattr(arrivals, "arrive", arrive_meanwhile)
    with serving() as university:
        going_on(lakeside, university, joining="domain")
        going = Going(own_database.test_client(), university)
        assert going.there_and_back().status_code == 303
        others[0].join(60)

        assert not going.is_in
    assert db.session.scalar(select(DeviceSession.ended_why)) == "revoked"
