from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import check_ins
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import CheckIn, Pairing, PairingState
from mentorship.relationships.queries import my_pairing
from tests import make


@pytest.fixture
def paired(mara, sol) -> object:
    return make.pairing(mara, sol, began_at=datetime(2026, 2, 1, 18, tzinfo=UTC))


def log(pairing_id, by, now, **more):
    pairing = my_pairing(pairing_id, member=by)
    return check_ins.log(pairing=pairing, by=by, how=How.WELL, now=now, **more)


class TestLog:
    def test_is_contact_between_the_two(self, inside, mara, paired, now):
        with inside(mara):
            made = log(paired, mara, now, line="Good talk in the corridor.")

            assert (made.by_id, made.happened_on) == (mara.id, date(2026, 3, 2))
            assert my_pairing(paired, member=mara).last_contact_on == date(2026, 3, 2)

    def test_takes_an_earlier_day_and_never_goes_back(self, inside, sol, paired, now):
        with inside(sol):
            log(paired, sol, now)
            log(paired, sol, now, happened_on=date(2026, 2, 10))

            assert my_pairing(paired, member=sol).last_contact_on == date(2026, 3, 2)

    @pytest.mark.parametrize(
        "on", [date(2026, 3, 3), date(2026, 1, 31), date(1, 1, 1), date(9999, 12, 31)]
    )
    def test_refuses_a_day_outside_the_pairing(self, inside, sol, paired, now, on):
        with inside(sol), pytest.raises(check_ins.NotOnThatDay):
            log(paired, sol, now, happened_on=on)

    def test_is_today_where_its_writer_is(self, inside, lakeside, mara, now):
        # 23:30 on Monday in Chicago is Tuesday in New York.
        late = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
        student = make.student(lakeside, zone="America/New_York")
        pairing_id = make.pairing(mara, student)
        with inside(student):
            assert log(pairing_id, student, late).happened_on == date(2026, 3, 3)
            # The chapter's calendar has not come so far.
            assert my_pairing(pairing_id, member=student).last_contact_on == date(2026, 3, 2)

    def test_keeps_to_the_day_when_the_clocks_change(self, inside, sol, paired):
        # A quarter to midnight in Chicago, the night before and the night after.
        for day, instant in (
            (date(2026, 3, 7), datetime(2026, 3, 8, 5, 45, tzinfo=UTC)),
            (date(2026, 3, 8), datetime(2026, 3, 9, 4, 45, tzinfo=UTC)),
        ):
            with inside(sol):
                assert log(paired, sol, instant).happened_on == day

    def test_refuses_a_line_that_is_too_long(self, inside, sol, paired, now):
        with inside(sol):
            log(paired, sol, now, line="é" * check_ins.LONGEST)
            with pytest.raises(check_ins.LineTooLong):
                log(paired, sol, now, line="x" * (check_ins.LONGEST + 1))

    @pytest.mark.parametrize(
        "state", [PairingState.PROPOSED, PairingState.ENDED, PairingState.COMPLETED]
    )
    def test_refuses_before_and_after_the_pairing(self, inside, mara, sol, paired, now, state):
        with inside(sol):
            pairing = my_pairing(paired, member=sol)
            pairing.state = state
            pairing.ended_at = None if state is PairingState.PROPOSED else now
            with pytest.raises(check_ins.NotUnderWay):
                log(paired, sol, now)

    def test_is_for_the_two_only(self, inside, lakeside, cora, sol, paired, now):
        with inside(sol):
            pairing = my_pairing(paired, member=sol)
            with pytest.raises(NotYours):
                check_ins.log(pairing=pairing, by=cora, how=How.WELL, now=now)


URL = "/c/lakeside/pairings/{}/check-in"


def saved(inside, member) -> list[CheckIn]:
    with inside(member):
        return list(db.session.scalars(select(CheckIn).order_by(CheckIn.id)))


class TestPage:
    def test_saves_and_leads_to_the_line(self, sign_in, inside, sol, paired, now):
        answer = sign_in(sol).post(
            URL.format(paired), data={"how": "stuck", "line": "I am stuck on rank lists."}
        )

        assert answer.status_code == 303
        assert answer.location.endswith(f"/pairings/{paired}")
        assert [one.line for one in saved(inside, sol)] == ["I am stuck on rank lists."]

    def test_has_a_button_for_nothing_to_report(self, sign_in, inside, sol, paired, now):
        answer = sign_in(sol).post(URL.format(paired), data={"nothing": "Nothing to report"})

        assert answer.status_code == 303
        assert [(one.how, one.line) for one in saved(inside, sol)] == [("well", "")]

    def test_points_to_the_end_when_the_two_are_done(self, sign_in, sol, paired, now):
        client = sign_in(sol)
        page = client.post(URL.format(paired), data={"how": "done"}, follow_redirects=True).text

        assert "you can finish this pairing below" in page

    def test_does_a_doubled_submit_once(self, sign_in, inside, sol, paired, now):
        client = sign_in(sol)
        sent = {"how": "well", "line": "Twice", "form_key": "one-key"}
        answers = [client.post(URL.format(paired), data=sent) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].location == answers[1].location
        assert len(saved(inside, sol)) == 1

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({}, "Choose one of the four."),
            ({"how": "splendid"}, "Not a valid choice"),
            ({"how": ["well", "stuck"] * 50, "line": "x" * 501}, "Keep the line within 500"),
            ({"how": "well", "happened_on": "yesterday"}, "Write the day as the calendar shows"),
            ({"how": "well", "happened_on": "2026-02-30"}, "Write the day as the calendar shows"),
            ({"how": "well", "happened_on": "2026-03-03"}, "up to today"),
            ({"how": "well", "happened_on": "0001-01-01"}, "up to today"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self, sign_in, inside, sol, paired, now, sent, says
    ):
        answer = sign_in(sol).post(URL.format(paired), data={"line": "My words"} | sent)

        assert answer.status_code == 422
        assert says in answer.text
        assert (sent.get("line") or "My words") in answer.text
        assert "<title>Error:" in answer.text
        assert saved(inside, sol) == []

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("שלום, תודה 🩺 it’s <b>fine</b>", "שלום, תודה 🩺 it’s <b>fine</b>"),
            ("a\x00b\x1bc\u202ed", "abcd"),
            ("  two\r\nlines  ", "two\nlines"),
        ],
    )
    def test_takes_any_script_and_no_controls(self, sign_in, inside, sol, paired, now, typed, kept):
        client = sign_in(sol)
        client.post(URL.format(paired), data={"how": "well", "line": typed})

        assert [one.line for one in saved(inside, sol)] == [kept]
        assert "<b>fine" not in client.get(f"/c/lakeside/pairings/{paired}").text

    def test_keeps_what_was_typed_when_the_pairing_has_ended(
        self, sign_in, inside, sol, paired, now
    ):
        with inside(sol):
            pairing: Pairing = my_pairing(paired, member=sol)
            pairing.state, pairing.ended_at = PairingState.ENDED, now
        answer = sign_in(sol).post(URL.format(paired), data={"how": "well", "line": "Still here"})

        assert answer.status_code == 422
        assert "stop when the pairing ends" in answer.text
        assert "Still here" in answer.text

    def test_is_there_for_the_two_and_for_nobody_else(
        self, sign_in, lakeside, mara, sol, cora, paired, now
    ):
        for member in (mara, sol):
            assert sign_in(member).get(URL.format(paired)).status_code == 200
        for member in (cora, make.student(lakeside), make.mentor(lakeside)):
            assert sign_in(member).get(URL.format(paired)).status_code == 404
            assert sign_in(member).post(URL.format(paired)).status_code == 404
