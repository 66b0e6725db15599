"""The table of permissions by itself; whether the product keeps to it, a house test says."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.foundation.errors import NotYours, Refusal
from mentorship.tenancy import roles
from mentorship.tenancy.roles import Permission, Role, Whose

ME, OTHER = "me", "other"
RECORDS = st.builds(
    SimpleNamespace,
    mentee_id=st.sampled_from([ME, OTHER]),
    mentor_id=st.sampled_from([ME, OTHER]),
    owner_id=st.sampled_from([ME, OTHER]),
    from_id=st.just(OTHER),
    to_id=st.sampled_from([ME, OTHER]),
    triages=st.booleans(),
    state=st.sampled_from(sorted({state for each in Permission for state in each.when or ()})),
)
ROLES = st.frozensets(st.sampled_from(Role))


class NotNow(Refusal):
    sentence = "Not now."


def member(of: frozenset[Role] | set[Role], *, id: str = ME) -> SimpleNamespace:
    return SimpleNamespace(id=id, roles=frozenset(of), reach=None)


def test_every_row_says_what_it_lets_one_do_and_is_carried_by_somebody():
    for permission in Permission:
        noun, _, verb = permission.partition(":")

        assert noun, permission
        assert verb, permission
        assert permission.words[0].isupper(), permission
        assert not permission.words.endswith("."), permission
        assert permission.roles, permission


def test_a_name_that_there_is_not_is_a_mistake_and_no_no():
    with pytest.raises(KeyError):
        roles.NAMED["meeting:eat"]


@given(permission=st.sampled_from(Permission), record=RECORDS, of=ROLES)
def test_whoever_may_is_refused_neither_by_relationship_nor_by_state(permission, record, of):
    who = member(of)
    try:
        roles.insist(permission, record, by=who)
        roles.insist_on_state(permission, record, NotNow)
    except (NotYours, NotNow):
        assert not roles.may(permission, who, record)
    else:
        assert roles.may(permission, who, record) is roles.may(permission, who)


@given(permission=st.sampled_from(Permission), record=RECORDS)
def test_without_a_role_nobody_may_do_anything(permission, record):
    assert not roles.may(permission, member(set()), record)


@given(permission=st.sampled_from(Permission), record=RECORDS, of=ROLES, more=ROLES)
def test_one_more_role_takes_nothing_away(permission, record, of, more):
    if roles.may(permission, member(of), record):
        assert roles.may(permission, member(of | more), record)


@pytest.mark.parametrize(
    ("whose", "mine"),
    [
        (Whose.OWN, {"owner_id": ME}),
        (Whose.ITS_TWO, {"mentee_id": ME, "mentor_id": OTHER}),
        (Whose.ITS_TWO, {"mentee_id": OTHER, "mentor_id": ME}),
        (Whose.ITS_MENTEE, {"mentee_id": ME, "mentor_id": OTHER}),
        (Whose.ITS_MENTOR, {"mentee_id": OTHER, "mentor_id": ME}),
        (Whose.FROM_OR_TO, {"from_id": ME, "to_id": OTHER}),
        (Whose.FROM_OR_TO, {"from_id": OTHER, "to_id": ME}),
    ],
)
def test_a_record_is_for_whom_it_names_and_for_nobody_else(whose, mine):
    record = SimpleNamespace(**mine)

    assert whose.holds(member({Role.STUDENT}), record)
    assert not whose.holds(member({Role.STUDENT}, id="third"), record)


def test_nobody_asks_themselves():
    record = SimpleNamespace(mentor_id=ME)

    assert not Whose.NOT_ITS_MENTOR.holds(member({Role.MENTOR}), record)
    assert Whose.NOT_ITS_MENTOR.holds(member({Role.STUDENT}, id=OTHER), record)


@pytest.mark.parametrize("role", list(Role))
def test_of_a_session_its_mentor_and_coordinators_decide(role):
    record = SimpleNamespace(mentor_id=OTHER)
    holds = Whose.ITS_MENTOR_OR_COORDINATOR.holds

    assert holds(member({role}), record) is (role is Role.COORDINATOR)
    assert holds(member({role}, id=OTHER), record)


@pytest.mark.parametrize("name", ["owner_id", "member_id", "by_id"])
def test_a_record_says_whose_it_is_in_one_of_three_ways(name):
    record = SimpleNamespace(**{name: ME})

    assert Whose.OWN.holds(member({Role.STUDENT}), record)
    assert not Whose.OWN.holds(member({Role.STUDENT}, id=OTHER), record)
