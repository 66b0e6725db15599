"""Fixtures of other tests that attacks need, too."""

from tests.house.test_privacy import log, said  # noqa: F401  used by their names
