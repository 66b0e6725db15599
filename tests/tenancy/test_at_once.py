"""Two who run a chapter do the same at the same moment, on a database of its own."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.tenancy import memberships, queries
from mentorship.tenancy.roles import Role
from tests import make
from tests.conftest import MONDAY_NOON


def _dismiss(one, other):
    memberships.dismiss(other, Role.COORDINATOR, by=one, now=MONDAY_NOON)


def _leave(one, _other):
    memberships.leave(one, by=one, now=MONDAY_NOON)


@pytest.mark.parametrize("act", [_dismiss, _leave])
def test_of_two_coordinators_one_stays(own_database, now, act):
    lakeside = make.chapter("lakeside")
    two = [make.student(lakeside, roles=[Role.COORDINATOR]) for _ in range(2)]
    gate = Barrier(2, timeout=60)

    def one(number):
        with own_database.app_context(), scope.chapter(lakeside.id):
            gate.wait()
            try:
                act(two[number], two[1 - number])
                db.session.commit()
            except Refusal as refusal:
                db.session.rollback()
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(2) as pool:
        came_to = list(pool.map(one, range(2)))

    assert Counter(came_to) == {"done": 1, "LastCoordinator": 1}
    with scope.chapter(lakeside.id):
        stay = [who for who in two if queries.left_at(who.id) is None]
        assert any(Role.COORDINATOR in queries.member(who.id).roles for who in stay)
