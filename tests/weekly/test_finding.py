"""Who stands on the weekly list, why, and for whom; and who never learns what."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from mentorship.foundation.database import db
from mentorship.relationships import conflicts, fit_checks, partings, rematch
from mentorship.relationships.help import Reason
from mentorship.relationships.models import Fit, Pairing, PairingState, Why
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.weekly import finding
from mentorship.weekly.finding import Action
from tests import make

DAY = timedelta(days=1)


@pytest.fixture
def lines(inside, lakeside, now):
    """The list as somebody sees it, in a few words a line."""

    def lines(who, *, at=now):
        with inside(who):
            return list(finding.this_week(who, zone=lakeside.zone, now=at).lines)

    return lines


@pytest.fixture
def met(inside, now):
    """A pairing whose two have met, of which one says how it fits."""

    def met(mentor, mentee, said, by, *, kind=Kind.CAREER, line="", another=False):
        pairing_id = make.pairing(
            mentor, mentee, kind, state=PairingState.ACTIVE, last_contact_on=now.date()
        )
        with inside(by):
            pairing = db.session.get(Pairing, (by.chapter_id, pairing_id))
            pairing.first_met_at = now - DAY
            fit_checks.answer(pairing, said, line=line, another=another, by=by, now=now)
        return pairing_id

    return met


def told(lines):
    return [(one.reason, one.who, one.action) for one in lines]


class TestPairings:
    def test_that_have_not_met_are_reminded_at_first(self, lines, mara, sol, cora, now):
        make.pairing(mara, sol, began_at=now - 22 * DAY)
        [line] = lines(cora)

        assert told([line]) == [(Reason.NOT_MET, "Sol Adair with Dr. Mara Quist", Action.REMIND)]
        assert line.words == "Paired 3 weeks ago and not met yet; 3 weeks were planned."

    def test_that_are_new_or_in_touch_are_not_there(self, lines, lakeside, mara, sol, cora, now):
        make.pairing(mara, sol, began_at=now - 20 * DAY)
        late = make.student(lakeside)
        pairing_id = make.pairing(mara, late, began_at=now - 60 * DAY)
        make.meeting(mara, late, pairing_id, starts_at=now + DAY)

        assert lines(cora) == []

    def test_that_drift_are_told_with_how_long(self, lines, mara, sol, cora, now):
        make.pairing(
            *(mara, sol, Kind.CONTENT),
            state=PairingState.ACTIVE,
            last_contact_on=(now - 80 * DAY).date(),
        )
        [line] = lines(cora)

        assert line.reason is Reason.QUIET
        assert line.words == "No contact for 11 weeks; every 2 months was planned."

    def test_that_are_paused_or_only_asked_for_are_not_there(
        self, lines, lakeside, mara, sol, cora, now
    ):
        make.pairing(mara, sol, state=PairingState.PAUSED, began_at=now - 99 * DAY)
        asked = make.student(lakeside)
        make.pairing(mara, asked, state=PairingState.PROPOSED, began_at=now - 99 * DAY)

        assert lines(cora) == []

    def test_of_two_who_are_kept_apart_nothing_is_said(self, lines, inside, mara, sol, cora, now):
        make.pairing(mara, sol, began_at=now - 40 * DAY)
        with inside(sol):
            conflicts.block(other=mara, by=sol, now=now)

        assert lines(cora) == []


class TestWellness:
    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.OFFICER, Role.ADVISOR])
    def test_needs_a_hand_and_nothing_else_is_told(self, lines, lakeside, mara, sol, now, role):
        make.pairing(mara, sol, Kind.WELLNESS, began_at=now - 40 * DAY)
        other = make.student(lakeside)
        make.pairing(
            *(mara, other, Kind.WELLNESS),
            state=PairingState.ACTIVE,
            last_contact_on=(now - 90 * DAY).date(),
        )
        found = lines(make.member(lakeside, role))

        assert {(one.reason, one.words, one.action, one.since) for one in found} == {
            (Reason.HAND, "Needs a hand.", Action.CALL, finding.ONCE)
        }
        assert len(found) == 2

    def test_of_which_somebody_is_unsure_looks_like_any_other(self, lines, met, mara, sol, cora):
        met(mara, sol, Fit.UNSURE, sol, kind=Kind.WELLNESS)
        [line] = lines(cora)

        assert (line.reason, line.words, line.said) == (Reason.HAND, "Needs a hand.", "")


class TestFit:
    def test_wants_a_hand_with_the_line_for_coordinators(self, lines, met, mara, sol, cora):
        met(mara, sol, Fit.UNSURE, sol, line="We talk past each other.")
        [line] = lines(cora)

        assert told([line]) == [(Reason.FIT, "Sol Adair with Dr. Mara Quist", Action.CALL)]
        assert line.words == "A hand is wanted after their first meeting."
        assert line.said == "Sol Adair: We talk past each other."

    def test_is_nothing_for_officers_and_its_words_nothing_for_advisors(
        self, lines, lakeside, met, mara, sol
    ):
        met(mara, sol, Fit.UNSURE, sol, line="We talk past each other.")
        [seen] = lines(make.member(lakeside, Role.ADVISOR))

        assert seen.said == ""
        assert lines(make.member(lakeside, Role.OFFICER)) == []

    @pytest.mark.parametrize("kind", [Kind.CAREER, Kind.WELLNESS])
    def test_is_never_told_to_the_other_whatever_hats_they_wear(
        self, lines, lakeside, met, sol, kind
    ):
        both = make.mentor(lakeside, "Dr. Both", roles=[Role.COORDINATOR])
        met(both, sol, Fit.UNSURE, sol, kind=kind)

        assert lines(both) == []

    def test_that_is_none_leads_to_a_rematch_once(self, lines, met, mara, sol, cora):
        met(mara, sol, Fit.NOT_A_FIT, sol)
        assert told(lines(cora)) == [(Reason.FIT, "Sol Adair with Dr. Mara Quist", Action.REMATCH)]

    def test_a_wish_of_the_evening_has_waited_for_no_week_yet(
        self, lines, inside, mara, sol, cora, now
    ):
        """In the evening of Chicago the next day has begun in UTC."""
        evening = now + timedelta(hours=8)
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        with inside(sol):
            pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            partings.finish(pairing, by=sol, now=now, why=Why.SILENCE)
            rematch.wish(pairing, by=sol, now=evening)

        [line] = lines(cora, at=evening + timedelta(hours=1))

        assert line.words == "Waits for another career mentor."

    def test_with_a_wish_stands_there_as_the_wish(self, lines, met, mara, sol, cora):
        met(mara, sol, Fit.NOT_A_FIT, sol, another=True)
        [line] = lines(cora)

        assert told([line]) == [(Reason.WISH, "Sol Adair", Action.REMATCH)]
        assert line.words == "Waits for another career mentor."


class TestPeople:
    def test_without_anybody_are_there_after_a_week(self, lines, inside, lakeside, cora, now):
        alone = make.student(lakeside, "Alone Now")
        new = make.student(lakeside, "Just Here")
        with inside(lakeside):
            joined = {alone.id: now - 8 * DAY, new.id: now - 6 * DAY}
            for member_id, at in joined.items():
                db.session.execute(
                    update(Membership).where(Membership.id == member_id).values(joined_at=at),
                    execution_options={"synchronize_session": False},
                )

        assert told(lines(cora)) == [(Reason.NOBODY, "Alone Now", Action.REMATCH)]

    def test_without_a_profile_stand_there_for_that_alone(self, lines, lakeside, cora):
        make.member(lakeside, Role.STUDENT, name="No Profile")
        make.member(lakeside, Role.MENTOR, name="Offers Nothing")

        assert told(lines(cora)) == [
            (Reason.NO_PROFILE, "No Profile", Action.CALL),
            (Reason.NO_PROFILE, "Offers Nothing", Action.CALL),
        ]

    def test_who_let_requests_lapse_are_there_until_they_answer_one(
        self, lines, inside, lakeside, mara, cora, now
    ):
        def request(state, days):
            who = make.student(lakeside)
            pairing_id = make.pairing(mara, who, state=PairingState.PROPOSED)
            meeting_id = make.meeting(
                mara, who, pairing_id, starts_at=now - days * DAY, state=state
            )
            with inside(mara):
                db.session.execute(
                    update(Meeting)
                    .where(Meeting.id == meeting_id)
                    .values(asked_at=now - (days + 3) * DAY, settled_at=now - days * DAY),
                    execution_options={"synchronize_session": False},
                )

        request(MeetingState.LAPSED, 20)
        assert lines(cora) == []
        request(MeetingState.LAPSED, 10)
        [line] = lines(cora)
        assert told([line]) == [(Reason.SILENT, "Dr. Mara Quist", Action.CALL)]
        assert line.words.startswith("2 requests have lapsed without an answer")
        request(MeetingState.DECLINED, 5)
        assert lines(cora) == []

    def test_whose_calendar_went_quiet_are_there(self, lines, mara, cora, now):
        make.calendar_feed(mara, good_until=now - DAY)
        assert told(lines(cora)) == [(Reason.FEED, "Dr. Mara Quist", Action.CALL)]

    def test_who_left_are_not_there(self, lines, inside, lakeside, mara, sol, cora, now):
        make.pairing(mara, sol, began_at=now - 40 * DAY)
        with inside(lakeside):
            db.session.get(Membership, (sol.chapter_id, sol.id)).left_at = now
        assert lines(cora) == []


def test_the_most_urgent_stand_first(lines, lakeside, met, mara, sol, cora, now):
    make.member(lakeside, Role.STUDENT, name="No Profile")
    make.student(lakeside, "Alone Now")
    late = make.student(lakeside, "Late One")
    make.pairing(mara, late, Kind.CONTENT, began_at=now - 50 * DAY)
    met(mara, sol, Fit.UNSURE, sol)

    assert [one.reason for one in lines(cora)] == [
        Reason.FIT,
        Reason.NOBODY,
        Reason.NOT_MET,
        Reason.NO_PROFILE,
    ]


def test_addresses_are_for_those_who_may_see_the_people(lines, lakeside, mara, sol, cora, now):
    make.pairing(mara, sol, began_at=now - 50 * DAY)

    assert [one.email for one in lines(cora)[0].reach] == [sol.email, mara.email]
    assert lines(make.member(lakeside, Role.OFFICER))[0].reach == ()


def test_another_chapter_is_another_list(lines, inside, odd, mara, sol, now):
    make.pairing(mara, sol, began_at=now - 50 * DAY)
    with inside(odd):
        found = finding.this_week(odd, zone="Europe/Oslo", now=now).lines

    assert not [one for one in found if one.subject_id == sol.id or "Sol" in one.who]


def test_it_takes_five_statements_however_many_there_are(
    inside, lakeside, cora, mara, now, statements
):
    def cost():
        with inside(cora), statements() as seen:
            finding.this_week(cora, zone=lakeside.zone, now=now)
        return len([one for one in seen if one.lstrip().upper().startswith(("SELECT", "WITH"))])

    few = cost()
    for _ in range(12):
        make.pairing(make.mentor(lakeside), make.student(lakeside), began_at=now - 50 * DAY)
    assert cost() == few <= 6


class TestWhatWasTold:
    def test_is_read_by_coordinators_alone_and_never_by_the_other(
        self, sign_in, inside, lakeside, sol, cora, now
    ):
        both = make.mentor(lakeside, "Dr. Both", roles=[Role.COORDINATOR])
        pairing_id = make.pairing(both, sol, state=PairingState.ACTIVE)
        with inside(sol):
            pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            partings.finish(
                *(pairing,), by=sol, now=now, why=Why.SILENCE, in_private="Zanzibar", tell=True
            )
            rematch.wish(pairing, by=sol, now=now)
        page = "/c/lakeside/week/told"

        assert "Zanzibar" in sign_in(cora).get(page).text
        assert "Sol Adair" not in sign_in(both).get(page).text
        for role in (Role.OFFICER, Role.ADVISOR, Role.STUDENT, Role.MENTOR):
            assert sign_in(make.member(lakeside, role)).get(page).status_code == 403


def test_days_are_those_of_the_chapter(lakeside, now):
    assert finding.monday_of(now, lakeside.zone) == date(2026, 3, 2)
    # Five in the morning in London is still Sunday evening in Chicago.
    assert finding.monday_of(now - timedelta(hours=13), lakeside.zone) == date(2026, 2, 23)
