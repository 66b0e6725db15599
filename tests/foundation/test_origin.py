"""From where: as much as is needed to recognize a place, and no more."""

from uuid import UUID

import pytest

from mentorship.foundation import origin
from mentorship.foundation.origin import Origin, Through


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unix:", ""),
        ("192.0.2.77, 198.51.100.1", ""),
    ],
)
def test_of_an_address_the_network_is_kept(address, kept):
    assert origin.network(address) == kept


def test_what_nobody_announced_is_a_command():
    assert origin.here() == Origin(Through.COMMAND)
    origin.by_mail()
    assert origin.here() == Origin(Through.COMMAND)


def test_a_request_has_its_network_its_session_and_its_end():
    origin.arrive("192.0.2.77")
    origin.under(UUID(int=7))
    assert origin.here() == Origin(Through.PAGE, "192.0.2.0/24", UUID(int=7))
    origin.by_mail()
    assert origin.here() == Origin(Through.MAIL, "192.0.2.0/24", UUID(int=7))
    origin.depart()
    assert origin.here() == Origin(Through.COMMAND)


def test_a_job_is_one_until_it_ends():
    with origin.coming(Through.JOB):
        assert origin.here() == Origin(Through.JOB)
    assert origin.here() == Origin(Through.COMMAND)
