"""The people of a concern: Sol reports, Dr. Adler advises, and another advisor is there or not."""

import pytest

from mentorship.safety import concerns, queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from tests import make

SECRET = "secretword"


@pytest.fixture
def adler(lakeside) -> Member:
    return make.member(lakeside, Role.ADVISOR, Role.MENTOR, name="Dr. Adler")


@pytest.fixture
def berg(lakeside) -> Member:
    return make.member(lakeside, Role.ADVISOR, name="Dr. Berg")


@pytest.fixture
def reported(inside, now):
    """Have somebody report a concern; gives its id."""

    def reported(by: Member, about: Member | None = None, **more):
        with inside(by):
            facts = {"words": f"It is about a {SECRET}", "by": by, "about": about, "now": now}
            return concerns.report(**facts | more).id

    return reported


@pytest.fixture
def found(inside):
    """A concern as a verb of somebody finds it."""

    def found(concern_id, member: Member):
        return queries.concern(concern_id, member=member, for_update=True)

    return found
