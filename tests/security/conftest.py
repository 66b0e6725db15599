"""Fixtures of other tests that attacks need, too."""

from tests.house.test_fuzz import world  # noqa: F401
from tests.house.test_privacy import log, said  # noqa: F401  used by their names
from tests.tenancy.university.conftest import going, university  # noqa: F401
