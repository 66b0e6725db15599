"""Who somebody is here whom the university has let in."""

from tests import make
from tests.tenancy.university.going import Going, going_on


def test_somebody_who_is_known_is_let_in(going, lakeside, sign_in):
    answer = going.there_and_back()
    print(answer.status_code, answer.location, answer.text)
    assert answer.location == "/c/lakeside/auth/waiting"
