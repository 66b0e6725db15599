from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts, evaluations, pairings
from mentorship.relationships.models import EvaluativeRole, Pairing, PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy import memberships
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import MONDAY_NOON

TODAY = date(2026, 3, 2)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def declare(by, now, *, mentee=None, starts_on=TODAY, ends_on=None, role="Grader", **more):
    return evaluations.declare(
        role=role,
        starts_on=starts_on,
        ends_on=ends_on,
        mentee=mentee,
        by=by,
        now=now,
        **more,
    )


class TestDeclare:
    @pytest.mark.parametrize("role", ["", "  ", "x" * 81])
    def test_refuses_a_role_without_a_name(self, inside, mara, now, role):
        with inside(mara), pytest.raises(evaluations.NotNamed):
            declare(mara, now, role=role)

    def test_refuses_dates_that_make_no_sense(self, inside, mara, now):
        with inside(mara):
            with pytest.raises(evaluations.EndsBeforeItStarts):
                declare(mara, now, starts_on=TOMORROW, ends_on=TODAY)
            with pytest.raises(evaluations.OverAlready):
                declare(mara, now, starts_on=date(2026, 1, 1), ends_on=YESTERDAY)

    def test_refuses_somebody_who_is_no_student(self, inside, mara, cora, now):
        with inside(mara):
            for nobody in (cora, mara):
                with pytest.raises(evaluations.NotAStudent):
                    declare(mara, now, mentee=nobody)

    def test_refuses_the_same_role_twice(self, inside, mara, sol, now):
        with inside(mara):
            declare(mara, now)
            with pytest.raises(evaluations.AlreadyDeclared):
                declare(mara, now, role=" GRADER ")
            declare(mara, now, mentee=sol)
            declare(mara, now, role="Program director")

    def test_names_the_wellness_pairings_that_must_end(self, inside, lakeside, mara, sol, now):
        wellness = make.pairing(mara, sol, Kind.WELLNESS)
        make.pairing(mara, make.student(lakeside), Kind.CAREER)
        with inside(mara):
            with pytest.raises(evaluations.WellnessMustEnd) as refused:
                declare(mara, now)

            assert [one.pairing_id for one in refused.value.endings] == [wellness]
            assert my_pairing(wellness, member=mara).state == PairingState.ACCEPTED
            assert evaluations.mine(mara, now=MONDAY_NOON) == []

    def test_ends_them_with_consent_and_no_others(self, inside, lakeside, mara, sol, now):
        wellness = make.pairing(mara, sol, Kind.WELLNESS)
        career = make.pairing(mara, make.student(lakeside), Kind.CAREER)
        with inside(mara):
            declare(mara, now, ending_wellness=True)

            assert my_pairing(wellness, member=mara).state == PairingState.ENDED
            assert my_pairing(career, member=mara).state == PairingState.ACCEPTED

    def test_looks_only_at_the_one_student_who_is_judged(self, inside, lakeside, mara, sol, now):
        wellness = make.pairing(mara, sol, Kind.WELLNESS)
        other = make.student(lakeside)
        with inside(mara):
            declare(mara, now, mentee=other)

            assert my_pairing(wellness, member=mara).state == PairingState.ACCEPTED

    @pytest.mark.parametrize("starts_on", [YESTERDAY, TODAY, TOMORROW, date(2026, 9, 1)])
    def test_keeps_a_wellness_pairing_from_beginning(self, inside, mara, sol, now, starts_on):
        with inside(mara):
            declare(mara, now, mentee=sol, starts_on=starts_on)

            with pytest.raises(conflicts.Evaluates):
                pairings.begin(mentee=sol, mentor=mara, kind=Kind.WELLNESS, by=None, now=now)


class TestEnd:
    def end(self, inside, mara, now, starts_on, ends_on=None) -> EvaluativeRole | None:
        with inside(mara):
            role_id = declare(mara, now, starts_on=starts_on, ends_on=ends_on).id
        for _ in range(2):
            with inside(mara):
                try:
                    conflicts.end_evaluation(role_id, by=mara, now=now)
                except NotYours:
                    assert starts_on >= TODAY  # it went the first time
        with inside(mara):
            deeds = select(AuditEvent.deed).where(AuditEvent.subject_id == role_id)
            assert sorted(db.session.scalars(deeds)) == ["evaluation.declared", "evaluation.ended"]
            assert evaluations.mine(mara, now=MONDAY_NOON) == []
            return db.session.get(EvaluativeRole, (mara.chapter_id, role_id))

    def test_keeps_a_role_that_stood_with_its_last_day(self, inside, mara, now):
        assert self.end(inside, mara, now, date(2026, 1, 1)).ends_on == YESTERDAY
        assert self.end(inside, mara, now, YESTERDAY, TOMORROW).ends_on == YESTERDAY

    @pytest.mark.parametrize("starts_on", [TODAY, TOMORROW])
    def test_forgets_one_that_never_stood(self, inside, mara, now, starts_on):
        assert self.end(inside, mara, now, starts_on) is None

    def test_lets_a_wellness_pairing_begin_again(self, inside, mara, sol, now):
        self.end(inside, mara, now, YESTERDAY)
        with inside(mara):
            assert (
                pairings.begin(mentee=sol, mentor=mara, kind=Kind.WELLNESS, by=None, now=now).kind
                == Kind.WELLNESS
            )

    def test_is_for_its_holder_only(self, inside, lakeside, mara, now):
        other = make.mentor(lakeside)
        with inside(mara):
            role_id = declare(mara, now).id
        with inside(other), pytest.raises(NotYours):
            conflicts.end_evaluation(role_id, by=other, now=now)


URL = "/c/lakeside/profile/evaluations"
SENT = {"role": "Clerkship director", "whom": "all", "starts_on": "2026-03-02"}


def roles(inside, member) -> list[str]:
    with inside(member):
        return [one.role for one in evaluations.mine(member, now=MONDAY_NOON)]


class TestPage:
    def test_declares_and_lists(self, sign_in, mara, now):
        client = sign_in(mara)
        page = client.post(URL, data=SENT, follow_redirects=True)

        assert page.status_code == 200
        assert "Clerkship director" in page.text
        assert "since Mar 2, 2026" in page.text

    def test_asks_for_consent_first(self, sign_in, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS)
        client = sign_in(mara)
        asked = client.post(URL, data=SENT)

        assert asked.status_code == 422
        assert "Sol Adair" in asked.text
        assert "End this wellness pairing now" in asked.text
        assert roles(inside, mara) == []

        assert client.post(URL, data=SENT | {"agreed": "y"}).status_code == 303
        with inside(mara):
            assert db.session.get(Pairing, (mara.chapter_id, pairing_id)).state == "ended"

    def test_finds_a_student_by_address_in_any_case(self, sign_in, inside, mara, sol, now):
        sent = SENT | {"whom": "one", "student_email": f"  {sol.email.upper()} "}

        assert sign_in(mara).post(URL, data=sent).status_code == 303
        with inside(mara):
            assert evaluations.mine(mara, now=MONDAY_NOON)[0].mentee_name == "Sol Adair"

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({"role": ""}, "Choose a role."),
            ({"role": "King"}, "Not a valid choice"),
            ({"role": "other"}, "Say which role it is"),
            ({"role": "other", "other_role": "\x00"}, "Say which role it is"),
            ({"role": "other", "other_role": "x" * 81}, "Say which role it is"),
            ({"whom": ""}, "Choose whom you evaluate."),
            ({"whom": "one"}, "Nobody with this address is a student"),
            ({"whom": "one", "student_email": "no.one@example.org"}, "Nobody with this address"),
            ({"whom": "one", "student_email": "x" * 300}, "within 254 characters"),
            ({"starts_on": ""}, "Choose the first day."),
            ({"starts_on": "2026-13-01"}, "Write the day as the calendar shows"),
            ({"ends_on": "2026-03-01"}, "Choose a last day on or after the first."),
            ({"starts_on": "2026-01-01", "ends_on": "2026-03-01"}, "This role is over already"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_the_rest(self, sign_in, inside, mara, now, sent, says):
        answer = sign_in(mara).post(URL, data=SENT | sent)

        assert answer.status_code == 422
        assert says in answer.text
        assert roles(inside, mara) == []

    def test_does_not_know_students_of_other_chapters(self, sign_in, inside, mara, odd, now):
        answer = sign_in(mara).post(URL, data=SENT | {"whom": "one", "student_email": odd.email})

        assert answer.status_code == 422
        assert "Odd" not in answer.text

    def test_ends_a_role_once_however_often_it_is_sent(self, sign_in, inside, mara, now):
        with inside(mara):
            role_id = declare(mara, now, starts_on=date(2026, 1, 1)).id
        client = sign_in(mara)
        for _ in range(2):
            answer = client.post(f"{URL}/{role_id}/end", data={"form_key": "one"})
            assert answer.status_code == 303
        assert roles(inside, mara) == []

    def test_is_for_mentors(self, sign_in, sol, cora, now):
        for member in (sol, cora):
            assert sign_in(member).get(URL).status_code == 403


class TestANewRole:
    """Who judges their wellness mentee is given no role before that is settled."""

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.STUDENT, Role.ADVISOR])
    def test_is_not_given_to_either_of_the_two(self, inside, mara, sol, cora, now, role):
        make.pairing(mara, sol, Kind.WELLNESS)
        with inside(cora):
            db.session.add(EvaluativeRole(member_id=mara.id, role="Grader", starts_on=TODAY))
            db.session.flush()
            for who in (mara, sol):
                if role not in who.roles:
                    with pytest.raises(conflicts.Evaluates):
                        memberships.appoint(who, role, by=cora, now=now)

    def test_is_given_once_the_last_day_is_over_where_the_mentor_is(
        self, inside, mara, sol, cora, now
    ):
        """In the evening of Chicago the next day has begun in UTC."""
        make.pairing(mara, sol, Kind.WELLNESS)
        with inside(cora):
            db.session.add(
                EvaluativeRole(member_id=mara.id, role="Grader", starts_on=YESTERDAY, ends_on=TODAY)
            )
            db.session.flush()
            with pytest.raises(conflicts.Evaluates):
                memberships.appoint(mara, Role.OFFICER, by=cora, now=now + timedelta(hours=8))

            memberships.appoint(mara, Role.OFFICER, by=cora, now=now + timedelta(hours=12))

    def test_is_given_when_the_pairing_is_of_another_kind(self, inside, mara, sol, cora, now):
        make.pairing(mara, sol, Kind.CAREER)
        with inside(cora):
            declare(mara, now, mentee=sol)
            memberships.appoint(mara, Role.OFFICER, by=cora, now=now)
