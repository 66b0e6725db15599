"""Roles and their terms, and who may give them; leaving, and coming back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.tenancy import memberships, queries, terms
from mentorship.tenancy.models import Handover, MemberDeed
from mentorship.tenancy.roles import Role
from mentorship.tenancy.terms import ALWAYS, Term
from tests import make

MAY = datetime(2026, 5, 31, 5, tzinfo=UTC)


@pytest.fixture
def ada(lakeside):
    """The faculty advisor."""
    return make.member(lakeside, Role.ADVISOR, name="Prof. Ada Ray")


@pytest.fixture
def cato(lakeside):
    """Another coordinator."""
    return make.coordinator(lakeside, "Cato Bell")


def again(member):
    """The member as they are now."""
    return queries.member(member.id)


def deeds(member):
    return list(
        db.session.scalars(
            select(AuditEvent.deed)
            .where(AuditEvent.subject_id == member.id)
            .order_by(AuditEvent.id)
        )
    )


class TestAppoint:
    def test_gives_a_role_from_a_day_until_another_and_leaves_one_deed(
        self, cora, sol, inside, now
    ):
        term = terms.of_days(date(2026, 3, 3), date(2026, 5, 30), zone="America/Chicago")
        with inside(cora):
            memberships.appoint(sol, Role.OFFICER, term=term, by=cora, now=now)
            assert again(sol).roles == {Role.STUDENT}
            assert deeds(sol) == [MemberDeed.APPOINTED]

    def test_the_same_again_changes_nothing(self, cora, sol, inside, now):
        with inside(cora):
            for _ in range(2):
                memberships.appoint(sol, Role.OFFICER, by=cora, now=now)
            assert deeds(sol) == [MemberDeed.APPOINTED]

    @pytest.mark.parametrize("giver", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    @pytest.mark.parametrize("role", list(Role))
    def test_is_not_for_who_does_not_run_the_chapter(self, lakeside, sol, inside, now, giver, role):
        who = make.member(lakeside, giver)
        with inside(who), pytest.raises(NotYours):
            memberships.appoint(sol, role, by=who, now=now)

    @pytest.mark.parametrize("role", list(Role))
    def test_nobody_gives_themselves_a_role(self, lakeside, cora, ada, inside, now, role):
        for who in (cora, ada):
            if role in who.roles:
                continue
            with inside(who), pytest.raises((memberships.NotToOneself, memberships.NotByYou)):
                memberships.appoint(who, role, by=who, now=now)

    def test_nobody_gives_themselves_more_time(self, lakeside, cora, cato, inside, now):
        with inside(cora):
            term = Term(None, MAY)
            memberships.appoint(cora, Role.COORDINATOR, term=term, by=cato, now=now)
            with pytest.raises(memberships.NotToOneself):
                memberships.appoint(cora, Role.COORDINATOR, term=ALWAYS, by=cora, now=now)
            sooner = Term(None, MAY - timedelta(days=9))
            memberships.appoint(cora, Role.COORDINATOR, term=sooner, by=cora, now=now)

    def test_a_coordinator_names_the_first_advisor_and_no_other(self, cora, sol, inside, now, mara):
        with inside(cora):
            memberships.appoint(mara, Role.ADVISOR, by=cora, now=now)
            with pytest.raises(memberships.NotByYou):
                memberships.appoint(sol, Role.ADVISOR, by=cora, now=now)
            with pytest.raises(memberships.NotByYou):
                memberships.dismiss(mara, Role.ADVISOR, by=cora, now=now)

    def test_an_advisor_appoints_a_coordinator_where_there_is_none(
        self, lakeside, ada, sol, inside, now
    ):
        with inside(ada):
            memberships.appoint(sol, Role.COORDINATOR, by=ada, now=now)
            assert Role.COORDINATOR in again(sol).roles

    @pytest.mark.parametrize(
        ("role", "term", "refusal"),
        [
            (Role.STUDENT, Term(None, MAY), memberships.NoTermForThat),
            (Role.MENTOR, Term(MAY, None), memberships.NoTermForThat),
            (Role.OFFICER, Term(MAY, MAY), memberships.EndsBeforeItBegins),
            (Role.OFFICER, Term(MAY, MAY - timedelta(1)), memberships.EndsBeforeItBegins),
            (Role.OFFICER, Term(None, datetime(2026, 3, 2, tzinfo=UTC)), memberships.OverAlready),
        ],
    )
    def test_refuses_a_term_that_makes_no_sense(self, cora, mara, inside, now, role, term, refusal):
        with inside(cora), pytest.raises(refusal):
            memberships.appoint(mara, role, term=term, by=cora, now=now)

    def test_is_not_for_who_has_left(self, cora, sol, inside, now):
        with inside(cora):
            memberships.leave(sol, by=sol, now=now)
            with pytest.raises(NotYours):
                memberships.appoint(sol, Role.OFFICER, by=cora, now=now)


class TestTheLastCoordinator:
    def test_cannot_lay_it_down(self, lakeside, cora, ada, inside, now):
        make.student(lakeside, email=cora.email)
        with inside(cora), pytest.raises(memberships.LastCoordinator):
            memberships.dismiss(cora, Role.COORDINATOR, by=cora, now=now)

    def test_cannot_leave(self, cora, ada, inside, now):
        with inside(cora), pytest.raises(memberships.LastCoordinator):
            memberships.leave(cora, by=cora, now=now)

    def test_may_have_a_last_day_while_an_advisor_stays(self, cora, ada, inside, now):
        with inside(cora):
            memberships.appoint(cora, Role.COORDINATOR, term=Term(None, MAY), by=ada, now=now)

    def test_may_have_none_where_nobody_follows(self, cora, inside, now):
        with inside(cora), pytest.raises(memberships.NobodyWouldRunIt):
            memberships.appoint(cora, Role.COORDINATOR, term=Term(None, MAY), by=cora, now=now)

    def test_may_have_one_when_somebody_follows_without_a_gap(self, cora, sol, inside, now):
        with inside(cora):
            memberships.appoint(sol, Role.COORDINATOR, term=Term(MAY, None), by=cora, now=now)
            memberships.appoint(cora, Role.COORDINATOR, term=Term(None, MAY), by=cora, now=now)

    def test_may_not_end_an_hour_before_the_next_one_begins(self, cora, sol, inside, now):
        with inside(cora):
            later = Term(MAY + timedelta(hours=1), None)
            memberships.appoint(sol, Role.COORDINATOR, term=later, by=cora, now=now)
            with pytest.raises(memberships.NobodyWouldRunIt):
                memberships.appoint(cora, Role.COORDINATOR, term=Term(None, MAY), by=cora, now=now)

    def test_lapses_and_the_advisor_appoints_one(self, cora, ada, sol, inside, now):
        with inside(cora):
            memberships.appoint(cora, Role.COORDINATOR, term=Term(None, MAY), by=ada, now=now)
            memberships.appoint(sol, Role.COORDINATOR, by=ada, now=MAY)


class TestHandOver:
    def test_passes_a_role_on_at_one_instant(self, cora, sol, inside, now, at):
        with inside(cora):
            made = memberships.hand_over(
                Role.COORDINATOR, to=sol, starts_at=MAY, words="Ask the dean.", by=cora, now=now
            )
            assert deeds(made) == [MemberDeed.HANDED_OVER]
            at(MAY - timedelta(seconds=1))
            assert again(cora).roles == {Role.COORDINATOR}
            assert again(sol).roles == {Role.STUDENT}
            at(MAY)
            assert again(cora).roles == set()
            assert again(sol).roles == {Role.STUDENT, Role.COORDINATOR}

    def test_refuses_oneself_and_a_role_that_is_not_theirs(self, cora, sol, inside, now):
        with inside(cora):
            with pytest.raises(memberships.NotToAnother):
                memberships.hand_over(
                    Role.COORDINATOR, to=cora, starts_at=MAY, words="", by=cora, now=now
                )
            with pytest.raises(NotYours):
                memberships.hand_over(
                    Role.ADVISOR, to=sol, starts_at=MAY, words="", by=cora, now=now
                )

    def test_refuses_a_day_that_is_over_and_too_many_words(self, cora, sol, inside, now):
        facts = {"to": sol, "by": cora, "now": now}
        with inside(cora):
            with pytest.raises(memberships.BeginsBefore):
                memberships.hand_over(
                    Role.COORDINATOR, starts_at=now - timedelta(days=1), words="", **facts
                )
            with pytest.raises(memberships.TooMuch):
                memberships.hand_over(Role.COORDINATOR, starts_at=MAY, words="x" * 4001, **facts)
            assert db.session.scalars(select(Handover)).first() is None

    def test_a_successor_whose_own_term_ends_is_followed_by_nobody(self, cora, sol, inside, now):
        with inside(cora):
            short = Term(None, MAY + timedelta(days=1))
            memberships.appoint(sol, Role.COORDINATOR, term=short, by=cora, now=now)
            with pytest.raises(memberships.NobodyWouldRunIt):
                memberships.hand_over(
                    Role.COORDINATOR, to=sol, starts_at=MAY, words="", by=cora, now=now
                )


class TestLeave:
    def test_is_out_at_the_next_request_and_is_told_so(self, cora, sol, sign_in, inside, now):
        client = sign_in(sol)
        assert client.get("/c/lakeside/").status_code == 200
        with inside(cora):
            memberships.leave(sol, by=cora, now=now)

        page = client.get("/c/lakeside/")
        assert page.status_code == 404
        assert "You are not in Lakeside EMIG anymore" in page.text
        assert client.post("/c/lakeside/leave").status_code == 404
        assert queries.chapters_of(sol.user_id) == []

    def test_leaves_their_other_chapters_as_they_are(self, sol, sign_in, inside, now):
        elsewhere = make.student(make.chapter("harborside"), email=sol.email)
        with inside(sol):
            memberships.leave(sol, by=sol, now=now)

        assert queries.chapters_of(sol.user_id) == [elsewhere.chapter_id]
        assert sign_in(elsewhere).get("/c/harborside/").status_code == 200

    def test_leaves_a_deed_that_says_whose_doing_it_was(self, cora, sol, mara, inside, now):
        with inside(cora):
            for _ in range(2):
                memberships.leave(sol, by=cora, now=now)
            memberships.leave(mara, by=mara, now=now)
            assert deeds(sol) == [MemberDeed.TAKEN_OUT]
            assert deeds(mara) == [MemberDeed.LEFT]

    def test_somebody_else_cannot_take_them_out(self, mara, sol, lakeside, inside, now):
        officer = make.member(lakeside, Role.OFFICER)
        with inside(mara):
            for who in (mara, officer):
                with pytest.raises(NotYours):
                    memberships.leave(sol, by=who, now=now)

    def test_a_coordinator_cannot_take_the_advisor_out(self, cora, ada, inside, now):
        with inside(cora), pytest.raises(memberships.NotByYou):
            memberships.leave(ada, by=cora, now=now)

    def test_within_thirty_days_what_was_theirs_is_there_again_but_no_office(
        self, cora, lakeside, inside, now, sign_in
    ):
        sol = make.student(lakeside, roles=[Role.OFFICER])
        with inside(cora):
            memberships.leave(sol, by=sol, now=now)
            memberships.bring_back(sol, by=cora, now=now + memberships.REGRET)
            assert again(sol).roles == {Role.STUDENT}
        assert sign_in(sol).get("/c/lakeside/profile").status_code == 200

    def test_later_it_takes_a_roster(self, cora, sol, inside, now):
        late = now + memberships.REGRET + timedelta(seconds=1)
        with inside(cora):
            memberships.leave(sol, by=sol, now=now)
            with pytest.raises(memberships.TooLate):
                memberships.bring_back(sol, by=cora, now=late)

    def test_who_held_nothing_but_an_office_has_nothing_to_come_back_to(
        self, cora, cato, inside, now
    ):
        with inside(cora):
            memberships.leave(cato, by=cora, now=now)
            with pytest.raises(memberships.OnlyOffices):
                memberships.bring_back(cato, by=cora, now=now)

    def test_nobody_comes_back_by_themselves(self, cora, sol, mara, inside, now):
        with inside(cora):
            memberships.leave(sol, by=sol, now=now)
            for who in (sol, mara):
                with pytest.raises(NotYours):
                    memberships.bring_back(sol, by=who, now=now)


class TestDismiss:
    def test_takes_a_role_away_at_once(self, lakeside, cora, inside, now):
        both = make.student(lakeside, roles=[Role.OFFICER])
        with inside(cora):
            for _ in range(2):
                memberships.dismiss(both, Role.OFFICER, by=cora, now=now)
            assert again(both).roles == {Role.STUDENT}
            assert deeds(both) == [MemberDeed.DISMISSED]

    def test_anybody_lays_down_their_own(self, lakeside, inside, now):
        both = make.student(lakeside, roles=[Role.OFFICER])
        with inside(both):
            memberships.dismiss(both, Role.OFFICER, by=both, now=now)

    def test_leaves_nobody_without_a_role(self, cora, sol, inside, now):
        with inside(cora), pytest.raises(memberships.OnlyRole):
            memberships.dismiss(sol, Role.STUDENT, by=cora, now=now)

    def test_is_not_for_a_student_to_do_to_another(self, cora, sol, lakeside, inside, now):
        both = make.student(lakeside, roles=[Role.OFFICER])
        with inside(sol), pytest.raises(NotYours):
            memberships.dismiss(both, Role.OFFICER, by=sol, now=now)


class TestInvite:
    def test_is_mailed_once_a_day(self, cora, sol, inside, now):
        with inside(cora):
            memberships.invite(sol, by=cora, now=now)
            with pytest.raises(memberships.InvitedLately):
                memberships.invite(sol, by=cora, now=now + timedelta(hours=23))
            memberships.invite(sol, by=cora, now=now + timedelta(hours=25))


_days = st.none() | st.integers(-3, 9)
_acts = st.lists(
    st.tuples(
        st.sampled_from(["appoint", "dismiss", "leave", "bring_back", "hand_over", "wait"]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(terms.RUN_IT),
        _days,
        _days,
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_acts, advised=st.booleans())
def test_whatever_is_done_in_whatever_order_somebody_runs_the_chapter(undone, at, acts, advised):
    chapter = make.chapter()
    roles = [[Role.COORDINATOR], [Role.STUDENT], [Role.STUDENT, Role.OFFICER], [Role.MENTOR]]
    if advised:
        roles[3].append(Role.ADVISOR)
    cast = [make.member(chapter, *held) for held in roles]
    now = at(datetime(2026, 3, 2, 18, tzinfo=UTC))
    with scope.chapter(chapter.id):
        for act, by, to, role, first, last in acts:
            if act == "wait":
                now = at(now + timedelta(days=to + 1))
            days = (None if day is None else now + timedelta(days=day) for day in (first, last))
            by, to = queries.member(cast[by].id), queries.member(cast[to].id)
            try:
                with db.session.begin_nested():
                    _do(act, by, to, role, Term(*days), now)
            except (Refusal, NotYours):
                db.session.expire_all()
            held = [queries.member(one.id) for one in cast]
            here = [one for one in held if queries.left_at(one.id) is None]
            assert any(one.roles & set(terms.RUN_IT) for one in here)
        db.session.rollback()


def _do(act, by, to, role, term, now):
    if queries.left_at(by.id) is not None or not by.roles:
        return
    match act:
        case "appoint":
            memberships.appoint(to, role, term=term, by=by, now=now)
        case "dismiss":
            memberships.dismiss(to, role, by=by, now=now)
        case "leave":
            memberships.leave(to, by=by, now=now)
        case "bring_back":
            memberships.bring_back(to, by=by, now=now)
        case "hand_over":
            starts_at = term.begins_at or now
            memberships.hand_over(role, to=to, starts_at=starts_at, words="", by=by, now=now)
