"""What attacks of several kinds need."""

from tests.tenancy.university.conftest import going, university  # noqa: F401
