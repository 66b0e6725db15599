from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.tenancy import mail_links, queries, terms
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.tenancy.terms import Term
from tests import make

NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
_instants = st.integers(-10, 10).map(lambda days: NOON + timedelta(days=days))
_terms = st.builds(Term, st.none() | _instants, st.none() | _instants)


def give_term(member, role, term):
    db.session.execute(
        update(Membership)
        .where(Membership.id == member.id)
        .values(terms=terms.with_term({}, role, term))
    )
    db.session.commit()


def test_a_term_of_days_ends_with_its_last_day_where_the_chapter_is():
    term = terms.of_days(date(2026, 3, 1), date(2026, 3, 31), zone="America/Chicago")

    assert term.begins_at == datetime(2026, 3, 1, 6, tzinfo=UTC)  # before daylight saving
    assert term.ends_at == datetime(2026, 4, 1, 5, tzinfo=UTC)  # and in it
    assert term.first_day("America/Chicago") == date(2026, 3, 1)
    assert term.last_day("America/Chicago") == date(2026, 3, 31)


@given(_terms)
def test_what_is_kept_is_what_is_read(term):
    kept = terms.with_term({"officer": {"until": NOON.isoformat()}}, "advisor", term)

    assert terms.read(kept, "advisor") == term
    assert terms.read(kept, "officer") == Term(None, NOON)
    assert terms.with_term(kept, "advisor", terms.ALWAYS) == {
        "officer": {"until": NOON.isoformat()}
    }


@given(st.lists(_terms, max_size=5))
def test_there_is_no_gap_if_and_only_if_one_counts_at_every_moment(some):
    # Whether one counts can change only where one begins or ends.
    moments = {NOON, *(end for term in some for end in term if end is not None and end > NOON)}
    always = all(any(term.counts(at) for term in some) for at in moments)

    assert terms.without_gap(some, since=NOON) == always


@pytest.mark.parametrize(
    ("term", "counts"),
    [
        (Term(), True),
        (Term(None, NOON + timedelta(seconds=1)), True),
        (Term(None, NOON), False),
        (Term(NOON, None), True),
        (Term(NOON + timedelta(seconds=1), None), False),
    ],
)
def test_the_database_and_the_code_agree_which_roles_count(lakeside, inside, now, term, counts):
    who = make.member(lakeside, Role.STUDENT, Role.OFFICER)
    with inside(who):
        give_term(who, Role.OFFICER, term)

        assert term.counts(now) == counts
        roles = {Role.STUDENT, Role.OFFICER} if counts else {Role.STUDENT}
        assert queries.member(who.id).roles == roles
        found = select(Membership.id).where(Membership.roles.contains([Role.OFFICER]))
        assert (who.id in db.session.scalars(found).all()) == counts


def test_links_in_mails_end_with_the_last_role(lakeside, inside, now):
    who = make.member(lakeside, Role.OFFICER)
    with inside(who):
        assert mail_links.still_here(who.id).id == who.id
        give_term(who, Role.OFFICER, Term(None, now))
        with pytest.raises(NotYours):
            mail_links.still_here(who.id)


def test_a_role_ends_with_the_day_at_the_next_request(lakeside, sign_in, inside, at):
    cora = make.coordinator(lakeside, "Cora Winslow")
    last = date(2026, 3, 7)  # the day before the clocks change
    with inside(cora):
        give_term(cora, Role.COORDINATOR, terms.of_days(None, last, zone="America/Chicago"))
    client = sign_in(cora)

    at(datetime(2026, 3, 8, 5, 59, 59, tzinfo=UTC))
    assert client.get("/c/lakeside/people").status_code == 200
    at(datetime(2026, 3, 8, 6, tzinfo=UTC))
    assert client.get("/c/lakeside/people").status_code == 404
