import pytest

from tests import make
from tests.notifications.stories import Pair
from tests.stage import standing


@standing
def mara(lakeside):
    """A mentor in New York."""
    return make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS, zone="America/New_York")


@pytest.fixture
def pair(mara, sol, now):
    """Mara in New York and Sol in Chicago, on Monday at noon there."""
    return Pair(mara, sol, now=now)
