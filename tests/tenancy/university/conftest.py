"""A chapter whose university lets people in, and browsers that go there and back."""

import pytest

from tests.tenancy.university.going import Going, going_on
from tests.tenancy.university.misbehaving import Misbehaving, serving


@pytest.fixture
def university(lakeside) -> Misbehaving:
    """The provider of Lakeside's university, live there."""
    with serving() as provider:
        going_on(lakeside, provider)
        yield provider


@pytest.fixture
def going(app, university, lakeside, now) -> Going:
    """A browser in front of Lakeside's door."""
    return Going(app.test_client(), university)
