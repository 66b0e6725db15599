"""Home, pairings and a pairing's page, as each of those who open them sees them."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.relationships.models import ActionItem, CheckIn, Pairing, PairingState
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing
from tests import make

DAY = timedelta(days=1)
HOME, PAIRINGS = "/c/lakeside/", "/c/lakeside/pairings"


def heading(page: str) -> str:
    return re.sub(r"<[^>]+>", "", re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]).strip()


def lively(mentor, mentee, kind, now, inside) -> object:
    """A pairing with everything there is."""
    pairing_id = make.pairing(
        mentor, mentee, kind, state=PairingState.ACTIVE, last_contact_on=date(2026, 2, 20)
    )
    make.meeting(mentor, mentee, pairing_id, starts_at=now - 20 * DAY, state=MeetingState.HELD)
    with inside(mentee):
        db.session.add(
            CheckIn(
                pairing_id=pairing_id,
                by_id=mentee.id,
                happened_on=date(2026, 2, 20),
                how="well",
                line="A line",
                created_at=now,
            )
        )
        db.session.add_all(
            ActionItem(pairing_id=pairing_id, owner_id=who.id, what="To do", created_at=now)
            for who in (mentor, mentee)
        )
    return pairing_id


class TestHome:
    def test_of_somebody_new_says_what_will_be_here_and_one_thing_to_do(
        self, sign_in, lakeside, now
    ):
        for role, action in ((Role.STUDENT, "Fill in your profile"), (Role.MENTOR, "Fill in")):
            page = sign_in(make.member(lakeside, role, name="Dani Okafor")).get(HOME).text

            assert heading(page).startswith("Welcome, Dani.")
            assert action in page
            assert "No meetings yet" in page
            assert page.count("btn-next") == 1

    def test_of_a_student_has_the_four_and_what_is_due(self, sign_in, inside, mara, sol, now):
        lively(mara, sol, Kind.CONTENT, now, inside)
        page = sign_in(sol).get(HOME).text

        assert "Portfolio: 1 of 4 kinds covered." in page
        assert "Wellness: nobody yet" in page
        assert "Last 12 weeks: 1 meeting and 1 check-in." in page
        assert "To do" in page
        assert "Your mentees" not in page

    def test_of_a_mentor_has_requests_mentees_and_places(
        self, sign_in, inside, lakeside, mara, sol, now
    ):
        lively(mara, sol, Kind.CAREER, now, inside)
        other = make.student(lakeside, "Ask Ing")
        pairing_id = make.pairing(mara, other, state=PairingState.PROPOSED)
        make.meeting(mara, other, pairing_id, starts_at=now + 8 * DAY, state=MeetingState.REQUESTED)
        page = sign_in(mara).get(HOME).text

        assert heading(page) == "1 request to answer"
        assert 'aria-label="1 of 3 places in use, 1 held"' in page
        assert "5 weekly openings" in page
        assert "Your mentors" not in page

    def test_of_a_mentor_says_when_nobody_can_book(self, sign_in, lakeside, now):
        page = sign_in(make.mentor(lakeside)).get(HOME).text
        assert heading(page) == "Nobody can book you yet"
        assert "None yet, so nobody can book you" in page

    def test_of_a_paused_mentor_says_so(self, sign_in, lakeside, now):
        page = sign_in(make.mentor(lakeside, paused=True, hours=make.WEEKDAYS)).get(HOME).text
        assert heading(page) == "You take no new requests"
        assert "Paused, nobody new can ask" in page

    def test_of_a_resident_has_both_halves(self, sign_in, lakeside, mara, sol, now):
        rhea = make.mentor(
            lakeside,
            "Rhea Stone",
            standing=Standing.RESIDENT,
            roles=[Role.STUDENT],
            hours=make.WEEKDAYS,
        )
        make.pairing(mara, rhea)
        make.pairing(rhea, sol)
        page = sign_in(rhea).get(HOME).text

        assert page.index("Your mentors") < page.index("Your mentees")
        assert "Dr. Mara Quist" in page
        assert "Sol Adair" in page

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.COORDINATOR, Role.ADVISOR])
    def test_of_those_who_only_run_the_chapter_is_its_dashboard(
        self, sign_in, lakeside, sol, now, role
    ):
        assert "Coverage by kind" in sign_in(make.member(lakeside, role)).get(HOME).text

    def test_of_an_officer_who_is_a_student_is_a_students(self, sign_in, lakeside, now):
        officer = make.student(lakeside, roles=[Role.OFFICER])
        page = sign_in(officer).get(HOME).text

        assert "Your portfolio" in page
        assert "Coverage by kind" not in page
        assert "/c/lakeside/dashboard" in page

    def test_never_shows_notes_purposes_or_what_a_check_in_says(
        self, sign_in, inside, mara, sol, now
    ):
        pairing_id = lively(mara, sol, Kind.WELLNESS, now, inside)
        meeting_id = make.meeting(
            mara, sol, pairing_id, starts_at=now + DAY, purpose="Something private"
        )
        with inside(sol):
            db.session.get(Meeting, (sol.chapter_id, meeting_id)).notes = "Something private"
        for member in (mara, sol):
            page = sign_in(member).get(HOME).text
            assert "Something private" not in page
            assert "A line" not in page

    def test_says_the_time_in_the_readers_zone(self, sign_in, lakeside, sol, now):
        mentor = make.mentor(lakeside, hours=make.WEEKDAYS, zone="America/New_York")
        pairing_id = make.pairing(mentor, sol)
        # Half past ten at night in Chicago is half past eleven, on the same day, in New York.
        make.meeting(mentor, sol, pairing_id, starts_at=datetime(2026, 3, 3, 4, 30, tzinfo=UTC))

        assert "10:30 PM CST" in sign_in(sol).get(HOME).text
        assert "11:30 PM EST" in sign_in(mentor).get(HOME).text

    def test_a_box_posts_by_itself_and_leads_back_here(self, sign_in, inside, mara, sol, now):
        lively(mara, sol, Kind.CAREER, now, inside)
        page = sign_in(sol).get(HOME).text
        box = re.search(r"<form[^>]+/action-items/[^>]+>", page)[0]

        assert 'hx-trigger="change"' in box
        assert 'hx-select="#due"' in box
        assert '<input type="hidden" name="back" value="home">' in page


class TestPairings:
    def test_list_the_open_and_the_ended(self, sign_in, inside, lakeside, mara, sol, now):
        make.pairing(mara, sol)
        old = make.pairing(make.mentor(lakeside, "Dr. Long Ago"), sol, Kind.CONTENT)
        with inside(sol):
            ended = db.session.get(Pairing, (sol.chapter_id, old))
            ended.state, ended.ended_at = PairingState.COMPLETED, now
        page = sign_in(sol).get(PAIRINGS).text

        assert heading(page) == "Your mentors"
        assert page.index("Dr. Mara Quist") < page.index(">Ended<") < page.index("Dr. Long Ago")

    def test_say_what_will_be_here(self, sign_in, sol, mara, now):
        assert "No mentor yet" in sign_in(sol).get(PAIRINGS).text
        assert "No mentees yet" in sign_in(mara).get(PAIRINGS).text

    def test_are_not_for_those_who_only_run_the_chapter(self, sign_in, cora, now):
        assert sign_in(cora).get(PAIRINGS).status_code == 403


class TestPairing:
    def url(self, pairing_id) -> str:
        return f"{PAIRINGS}/{pairing_id}"

    def test_shows_the_line_and_what_can_be_done(self, sign_in, inside, mara, sol, now):
        pairing_id = lively(mara, sol, Kind.WELLNESS, now, inside)
        student = sign_in(sol).get(self.url(pairing_id)).text
        mentor = sign_in(mara).get(self.url(pairing_id)).text

        assert heading(student) == "Dr. Mara Quist"
        for page in (student, mentor):
            assert "A line" in page
            assert "Meeting 1" in page
            assert "Every 2 months" in page
            for way in ("check-in", "action-items", "end", "block"):
                assert f"{self.url(pairing_id)}/{way}" in page
        assert "Book a time" in student
        assert "Book a time" not in mentor

    def test_that_is_only_asked_for_has_no_check_ins_yet(self, sign_in, mara, sol, now):
        pairing_id = make.pairing(mara, sol, state=PairingState.PROPOSED)
        make.meeting(mara, sol, pairing_id, starts_at=now + 8 * DAY, state=MeetingState.REQUESTED)
        page = sign_in(sol).get(self.url(pairing_id)).text

        assert "See request" in page
        assert "Answer" in sign_in(mara).get(self.url(pairing_id)).text
        assert f"{self.url(pairing_id)}/check-in" not in page
        assert f"{self.url(pairing_id)}/end" not in page

    def test_that_has_ended_stays_for_the_two(self, sign_in, inside, mara, sol, now):
        pairing_id = lively(mara, sol, Kind.CAREER, now, inside)
        with inside(sol):
            ended = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            ended.state, ended.ended_at = PairingState.COMPLETED, now
        page = sign_in(mara).get(self.url(pairing_id)).text

        assert "Completed on Mar 2, 2026" in page
        assert "A line" in page
        assert f"{self.url(pairing_id)}/check-in" not in page

    def test_is_there_for_nobody_else(self, sign_in, lakeside, mara, sol, odd, now):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS)
        for role in Role:
            stranger = make.member(lakeside, role)
            assert sign_in(stranger).get(self.url(pairing_id)).status_code == 404
        assert sign_in(odd).get(self.url(pairing_id)).status_code == 404
        elsewhere = self.url(pairing_id).replace("lakeside", "elsewhere")
        assert sign_in(odd).get(elsewhere).status_code == 404

    def test_writes_what_people_wrote_as_text(self, sign_in, inside, lakeside, mara, now):
        mentee = make.student(lakeside, "נועה O'Hara <i>x</i>")
        pairing_id = make.pairing(mara, mentee, state=PairingState.ACTIVE)
        with inside(mentee):
            db.session.add(
                ActionItem(
                    pairing_id=pairing_id,
                    owner_id=mentee.id,
                    what="<script>alert(1)</script> שלום 🩺",
                    created_at=now,
                )
            )
        page = sign_in(mara).get(self.url(pairing_id)).text

        assert "<script>alert" not in page
        assert "<i>x</i>" not in page
        assert "שלום 🩺" in page


@pytest.mark.parametrize("who", ["sol", "mara"])
def test_hot_pages_take_four_statements_for_one_pair_and_for_fifty(
    request, sign_in, inside, lakeside, mara, sol, now, statements, who
):
    member = request.getfixturevalue(who)
    first = lively(mara, sol, Kind.CAREER, now, inside)
    client = sign_in(member)

    def taken() -> list[int]:
        counts = []
        for path in (HOME, PAIRINGS, f"{PAIRINGS}/{first}"):
            with statements() as seen:
                assert client.get(path).status_code == 200
            counts.append(len(seen))
        return counts

    taken()  # the chapter's address is looked up once in the life of the process
    one = taken()
    for number in range(50):
        if member is sol:
            mentor, mentee = make.mentor(lakeside), sol
        else:
            mentor, mentee = mara, make.student(lakeside)
        lively(mentor, mentee, list(Kind)[number % 4], now - number * DAY / 24, inside)

    assert taken() == one
    assert max(one) <= 4
