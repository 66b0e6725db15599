"""The stage that tests share: who stands there is as they were made, and nobody else is there."""

from sqlalchemy import func, select, update

from mentorship.foundation.database import db
from mentorship.tenancy.models import Membership
from tests import make
from tests.stage import standing

made = []


@standing
def rio(lakeside):
    made.append("Rio")
    return make.student(lakeside, "Rio Tan")


def names(inside, chapter) -> list[str]:
    with inside(chapter):
        return list(db.session.scalars(select(Membership.name).order_by(Membership.name)))


def test_whoever_a_test_asks_for_is_there(lakeside, rio, inside):
    with inside(lakeside):
        db.session.execute(update(Membership).values(name="Somebody Else"))
    make.student(lakeside, "Una Holt")

    assert names(inside, lakeside) == ["Somebody Else", "Una Holt"]


def test_the_next_finds_them_as_they_were_and_does_not_make_them_again(lakeside, rio, inside):
    assert names(inside, lakeside) == ["Rio Tan"]
    assert made == ["Rio"]


def test_one_who_was_not_asked_for_is_gone(lakeside, inside):
    with inside(lakeside):
        assert db.session.scalar(select(func.count()).select_from(Membership)) == 0


def test_one_more_in_between_changes_nothing(sol, rio, lakeside, inside):
    assert names(inside, lakeside) == ["Rio Tan", "Sol Adair"]
