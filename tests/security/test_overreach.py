"""Who has some part in a chapter tries to learn, keep or do more than that part lets them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import func, select, text

from mentorship.audit.models import AuditEvent
from mentorship.audit.sights import Sight
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.insights.trail import queries as trails
from mentorship.own_data import chapters, gathering
from mentorship.own_data.gathering import Who
from mentorship.profiles import intake, roster
from mentorship.relationships import pairings
from mentorship.relationships.models import Pairing
from mentorship.safety import concerns
from mentorship.safety import queries as concerned
from mentorship.safety.models import Outcome
from mentorship.tenancy import memberships, queries, support
from mentorship.tenancy.models import Membership, SupportDeed
from mentorship.tenancy.roles import Reach, Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import MONDAY_NOON

HEADER = "name,email,role,stage,kinds,interests,capacity"
EMAIL = "nell@network.example.org"


@pytest.fixture
def ada(lakeside):
    return make.member(lakeside, Role.ADVISOR, name="Dr. Ada Brandt")


@pytest.fixture
def helper(lakeside, cora, inside, now):
    """Somebody from the network who may do what coordinators do, for a day."""
    user_id = make.network_admin(EMAIL)
    with inside(cora):
        facts = {"email": EMAIL, "why": "A stuck secretword.", "lasts": support.USUAL}
        support.let_in(**facts, reach=Reach.RUNS, by=cora, now=now)
        found = select(Membership.id).where(Membership.user_id == user_id)
        return queries.acting(db.session.scalars(found).one(), now=now)


class TestSupportThatWouldOutlastItsConsent:
    @pytest.mark.parametrize(
        "line",
        [
            "An Accomplice,evil@x.org,coordinator,,,,",
            "An Accomplice,evil@x.org,officer,,,,",
            "An Accomplice,evil@x.org,advisor,,,,",
            f"Nell,{EMAIL},mentor,,,,",
            f"Nell,{EMAIL},student,,,,",
        ],
    )
    def test_gives_no_office_and_themselves_no_role_by_a_roster(self, helper, inside, now, line):
        entries = roster.read(f"{HEADER}\n{line}".encode()).entries
        assert entries

        with inside(helper), pytest.raises(intake.NotByHelp):
            intake.take_in(entries, by=helper, now=now)

    def test_still_brings_in_students_and_mentors(self, helper, inside, now):
        entries = roster.read(f"{HEADER}\nSol New,new@x.org,student,,,,".encode()).entries

        with inside(helper):
            assert intake.take_in(entries, by=helper, now=now).added == 1

    def test_leaves_what_was_written_out_of_what_nobody_can_erase(self, helper, inside):
        with inside(helper):
            began = select(AuditEvent.facts).where(AuditEvent.deed == SupportDeed.BEGAN)
            assert "secretword" not in repr(db.session.scalars(began).one())


class TestEndingAChapterAlone:
    def test_by_confirming_what_somebody_wanted_who_has_left(
        self, lakeside, cora, ada, inside, now
    ):
        make.coordinator(lakeside, "Cleo Second")  # so that the other one can leave
        with inside(cora):
            chapters.ask_for_removal(lakeside, typed=lakeside.name, by=cora, now=now)
            memberships.leave(cora, by=cora, now=now)

            with pytest.raises(chapters.TwoPeople):
                chapters.confirm_removal(lakeside, typed=lakeside.name, by=ada, now=now)


class TestLearningOfAConcernAboutOneself:
    @pytest.fixture
    def kept_apart(self, lakeside, mara, sol, ada, inside, now):
        """Sol reports Mara, and Ada keeps the two apart: who did it is told to neither."""

        def kept_apart(*, about=mara, may_name=False):
            make.pairing(about, sol)
            with inside(sol):
                facts = {"words": "It worries me.", "may_name": may_name}
                concern_id = concerns.report(about=about, by=sol, now=now, **facts).id
                for act in (concerns.look, concerns.keep_apart):
                    found = concerned.concern(concern_id, member=ada, for_update=True)
                    act(found, by=ada, now=now)
                found = concerned.concern(concern_id, member=ada, for_update=True)
                concerns.close(found, outcome=Outcome.APART, by=ada, now=now)

        return kept_apart

    def test_by_who_ended_a_pairing_in_ones_own_trail(self, kept_apart, mara, sol, inside):
        kept_apart()

        for one in (mara, sol):
            with inside(one):
                assert "Dr. Ada Brandt" not in repr(trails.about(one).entries)

    def test_by_who_ended_a_pairing_in_the_advisors_trail(self, kept_apart, lakeside, inside):
        subject = make.member(lakeside, Role.ADVISOR, Role.MENTOR, name="Dr. Berg")
        kept_apart(about=subject)

        with inside(subject):
            said = trails.of_chapter(trails.Wanted(), reader=subject).entries
            assert "ended a pairing" not in [one.words for one in said]

    def test_by_who_ended_a_pairing_in_a_copy(self, kept_apart, mara, ada, inside):
        kept_apart()

        with inside(mara):
            told = gathering.about_person(Who(mara.user_id, mara.id))
        changes = next(one for one in told if one.table == "pairing_changes")
        assert str(ada.id) not in repr(changes.rows)

    @pytest.mark.parametrize("may_name", [False, True])
    def test_by_a_copy_unless_whoever_reported_it_agreed(self, kept_apart, mara, inside, may_name):
        kept_apart(may_name=may_name)

        with inside(mara):
            told = gathering.about_person(Who(mara.user_id, mara.id))
        assert ("concerns" in [one.table for one in told]) == may_name


def test_a_chapters_copy_does_not_say_when_two_people_met(mara, sol, cora, inside):
    pairing_id = make.pairing(mara, sol, kind=Kind.WELLNESS)
    with inside(cora):
        db.session.execute(
            text("UPDATE pairings SET last_contact_on = :day, first_met_at = :at WHERE id = :id"),
            {"day": date(2026, 2, 3), "at": datetime(2026, 2, 3, tzinfo=UTC), "id": pairing_id},
        )
        sections = gathering.of_chapter(whole=False)

    rows = next(one.rows for one in sections if one.table == "pairings")
    assert rows
    assert not {"first_met_at", "last_contact_on"} & set(rows[0])


@pytest.mark.parametrize("page", ["role", "out"])
def test_a_look_at_somebody_by_another_page_is_noted_as_well(cora, sol, sign_in, page):
    assert sign_in(cora).get(f"/c/lakeside/people/{sol.id}/{page}").status_code == 200

    with scope.chapter(cora.chapter_id):
        looks = select(AuditEvent.subject_id).where(AuditEvent.deed == Sight.PERSON)
        assert db.session.scalars(looks).all() == [sol.id]


def test_whoever_is_taken_out_at_that_moment_asks_for_nothing(own_database, now):
    lakeside = make.chapter("lakeside")
    cora, mara = make.coordinator(lakeside, "Cora"), make.mentor(lakeside)
    sol = make.student(lakeside)
    held, tried = Event(), Event()

    def take_out():
        with own_database.app_context(), scope.chapter(lakeside.id):
            memberships.leave(sol, by=cora, now=MONDAY_NOON)
            held.set()
            tried.wait(30)  # they were looked up before this is kept
            db.session.commit()

    def ask():
        with own_database.app_context(), scope.chapter(lakeside.id):
            held.wait(30)
            tried.set()
            try:
                facts = {"mentee": sol, "mentor": mara, "kind": Kind.CAREER, "by": sol}
                pairings.begin(**facts, now=MONDAY_NOON + timedelta(seconds=1))
                db.session.commit()
            except pairings.LeftMeanwhile:
                db.session.rollback()
                return "refused"
            return "paired"

    with ThreadPoolExecutor(2) as pool:
        out, asked = pool.submit(take_out), pool.submit(ask)
        out.result()
        assert asked.result() == "refused"
    with scope.chapter(lakeside.id):
        assert db.session.scalar(select(func.count()).select_from(Pairing)) == 0
