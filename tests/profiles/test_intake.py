"""What an import does to the chapter: everybody or nobody, once, and nothing of theirs lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from mentorship.accounts.models import User
from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.jobs import tasks
from mentorship.profiles import intake, people, profiles, roster, search, uploads
from mentorship.profiles.answers import Wish
from mentorship.profiles.models import (
    MenteeProfile,
    MentorProfile,
    Offer,
    RosterDeed,
    RosterUpload,
    UploadState,
    Want,
)
from mentorship.profiles.people import Wanted
from mentorship.profiles.queries import my_mentee_profile, my_mentor_profile
from mentorship.tenancy import memberships, queries
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests import make
from tests.conftest import signed_in

HEADER = "name,email,role,stage,kinds,interests,capacity"


def entries(*lines: str, header: str = HEADER) -> tuple[roster.Entry, ...]:
    plan = roster.read("\n".join([header, *lines]).encode())
    assert (plan.problem, plan.errors) == ("", ())
    return plan.entries


@pytest.fixture
def take_in(inside, lakeside, cora, now):
    """Import these lines as Cora, and say what came of it."""

    def take_in(*lines: str, chapter=lakeside) -> intake.Outcome:
        with inside(chapter):
            foreseen = intake.foresee(entries(*lines))
            outcome = intake.take_in(entries(*lines), by=cora, now=now)
            assert foreseen == outcome
            return outcome

    return take_in


def count(record: type) -> int:
    return db.session.scalar(select(func.count()).select_from(record))


class TestTakeIn:
    def test_adds_a_student_with_what_the_row_says(self, inside, lakeside, take_in):
        assert take_in('Sol Adair,SOL@x.org,student,M3,career; content,"airway, EMS",') == (
            1,
            0,
            0,
            0,
        )

        with inside(lakeside):
            sol = queries.member_by_email("sol@x.org")
            said = my_mentee_profile(sol)
            assert (sol.name, sol.roles, sol.zone) == ("Sol Adair", {Role.STUDENT}, lakeside.zone)
            assert (said.stage, said.interests) == (Stage.M3, ["airway", "ems"])
            # Content mentoring that names no topic takes the interests.
            assert said.wants == {Kind.CAREER: Wish(), Kind.CONTENT: Wish(("airway", "ems"))}

    def test_adds_a_mentor_who_can_be_found_and_paired(self, inside, lakeside, take_in):
        take_in("Dr. Núñez,n@x.org,fellow,,application; content: toxicology,,")

        with inside(lakeside):
            said = my_mentor_profile(queries.member_by_email("n@x.org"))
            assert (said.standing, said.places, said.recent_cycle) == (Standing.FELLOW, 2, True)
            assert said.offers == {Kind.CONTENT: ("toxicology",), Kind.APPLICATION: ()}
            for typed in ("nunez", "toxicology"):
                found = select(MentorProfile.member_id).where(search.matches("said", "begun"))
                facts = dict(zip(("said", "begun"), search.words(typed), strict=True))
                assert db.session.execute(found, facts).all(), typed

    def test_lets_everybody_sign_in_to_the_chapter(self, inside, lakeside, take_in, now):
        take_in("Sol,sol@x.org,student,,,,")

        with inside(lakeside):
            token = signed_in(queries.member_by_email("sol@x.org"))
            visitor = queries.visitor(token, chapter_id=lakeside.id, now=now)
            assert [chapter.slug for chapter in visitor.chapters] == ["lakeside"]

    def test_leaves_one_deed_with_what_came_of_it(self, inside, lakeside, cora, take_in):
        take_in("Sol,sol@x.org,student,,,,", "Al,al@x.org,mentor,,,,")

        with inside(lakeside):
            event = db.session.scalars(
                select(AuditEvent).where(AuditEvent.deed == RosterDeed.IMPORTED)
            ).one()
            assert (event.by_id, event.facts["added"]) == (cora.id, 2)

    def test_leaves_a_deed_for_each_who_was_there_and_is_changed(
        self, inside, lakeside, cora, sol, take_in
    ):
        take_in(
            f"Sol Adair,{sol.email},student; officer,M3,career,,",
            "New Face,new.face@example.org,student,M2,career,,",
        )

        with inside(lakeside):
            one = select(AuditEvent).where(AuditEvent.deed == RosterDeed.CHANGED)
            [deed] = db.session.scalars(one)
        assert (deed.by_id, deed.subject_id) == (cora.id, sol.id)
        assert deed.facts["roles"] == [["student"], ["officer", "student"]]
        assert "Sol" not in str(deed.facts)

    def test_of_the_same_again_changes_nothing(self, inside, lakeside, take_in):
        lines = (
            'Sol,sol@x.org,student; officer,M3,career; content: airway,"airway, EMS",',
            "Jo,jo@x.org,resident,PGY-2,offers wellness; wants career,airway,1",
            "Al,al@x.org,mentor,,application,,",
        )
        take_in(*lines)

        assert take_in(*lines) == (0, 0, 3, 0)
        with inside(lakeside):
            assert count(Membership) == 4

    def test_again_updates_who_is_there_whatever_the_case_of_the_address(
        self, inside, lakeside, take_in
    ):
        take_in("Sol,sol@x.org,student,M3,career,,")

        assert take_in("Sol Adair,SOL@X.ORG,student; officer,M4,wellness,ems,") == (0, 1, 0, 0)
        with inside(lakeside):
            sol = queries.member_by_email("sol@x.org")
            assert (sol.name, sol.roles) == ("Sol Adair", {Role.STUDENT, Role.OFFICER})
            assert my_mentee_profile(sol).stage is Stage.M4
            assert set(my_mentee_profile(sol).wants) == {Kind.CAREER, Kind.WELLNESS}
            assert count(Membership) == 2

    def test_never_empties_what_people_wrote_nor_takes_a_role_away(
        self, inside, lakeside, take_in, now
    ):
        sol = make.student(lakeside, "Sol Adair", email="sol@x.org", roles=[Role.OFFICER])
        mara = make.mentor(lakeside, "Dr. Mara Quist", email="mara@x.org", paused=True)
        with inside(lakeside):
            wants = {Kind.CAREER: Wish((), "Academic or not?"), Kind.CONTENT: Wish(("airway",))}
            profiles.change_mentee(by=sol, now=now, wants=wants)

        take_in(
            "Sol Adair,sol@x.org,student,,content: ultrasound; career,,",
            "Dr. Mara Quist,mara@x.org,mentor,,,,",
        )

        with inside(lakeside):
            said = my_mentee_profile(sol)
            assert queries.member(sol.id).roles == {Role.STUDENT, Role.OFFICER}
            assert (said.story, said.class_year, said.stage) == (
                "I came to medicine late, from ski patrol.",
                2027,
                Stage.M3,
            )
            assert said.wants == {
                Kind.CAREER: Wish((), "Academic or not?"),
                Kind.CONTENT: Wish(("airway", "ultrasound")),
            }
            kept = my_mentor_profile(mara)
            assert (kept.title, kept.paused_at) == ("Attending physician", make.LONG_AGO)
            assert kept.offers == make.EVERY_KIND

    def test_adds_interests_only_as_far_as_there_is_room(self, inside, lakeside, take_in):
        many = list(roster.labels())[:12]
        sol = make.student(lakeside, "Sol", email="sol@x.org", interests=many)

        assert take_in("Sol,sol@x.org,student,,,media-foam,") == (0, 0, 1, 0)
        with inside(lakeside):
            assert my_mentee_profile(sol).interests == many

    def test_brings_somebody_back_who_had_left(self, inside, lakeside, take_in, now):
        sol = make.student(lakeside, "Sol", email="sol@x.org")
        with inside(lakeside):
            db.session.execute(
                update(Membership).where(Membership.id == sol.id).values(left_at=now)
            )

        assert take_in("Sol,sol@x.org,student,,,,").updated == 1
        with inside(lakeside):
            assert (
                db.session.scalar(select(Membership.left_at).where(Membership.id == sol.id)) is None
            )

    def test_gives_an_officer_no_profile(self, inside, lakeside, take_in):
        take_in("Odo,odo@x.org,officer,,,,")

        with inside(lakeside):
            assert count(MenteeProfile) == count(MentorProfile) == 0

    def test_is_undone_as_a_whole_when_anything_fails(
        self, inside, lakeside, cora, now, monkeypatch
    ):
        def fails(member_ids):
            raise RuntimeError

        monkeypatch.setattr(search, "index", fails)
        lines = ("Sol,sol@x.org,student,M3,career,,", "Al,al@x.org,mentor,,career,,")
        with inside(lakeside):
            with pytest.raises(RuntimeError):
                intake.take_in(entries(*lines), by=cora, now=now)
            db.session.rollback()
        with inside(lakeside):
            assert count(Membership) == 1
            assert count(Want) == count(Offer) == count(MenteeProfile) == 0
            assert db.session.scalar(select(User.id).where(User.email == "sol@x.org")) is None


class TestLanguages:
    def test_of_a_roster_are_added_to_what_people_said(self, inside, lakeside, sol, cora, now):
        rows = (
            f"Sol,{sol.email},student,Spanish; Korean",
            "Jo,jo@x.org,resident,Arabic",
            "Al,al@x.org,mentor,",
        )
        said = entries(*rows, header="name,email,role,languages")
        with inside(lakeside):
            profiles.change_mentee(by=sol, now=now, details={"languages": ("asl", "korean")})
            intake.take_in(said, by=cora, now=now)
            assert my_mentee_profile(sol).details.languages == ("asl", "korean", "spanish")
            jo = queries.member_by_email("jo@x.org")
            for profile in (my_mentee_profile(jo), my_mentor_profile(jo)):
                assert profile.details.languages == ("arabic",)
            again = intake.take_in(said, by=cora, now=now)
            assert (again.added, again.updated, again.same) == (0, 0, 3)


class TestPlaces:
    def test_are_set_for_a_mentor_who_has_none(self, inside, lakeside, take_in):
        take_in("Al,al@x.org,mentor,,,,5", "Bo,bo@x.org,mentor,,,,0", "Jo,jo@x.org,resident,,,,")

        with inside(lakeside):
            rows = db.session.execute(
                select(User.email, User.places).where(User.places.is_not(None))
            )
            assert dict(rows.all()) == {"al@x.org": 5, "bo@x.org": 0, "jo@x.org": 2}

    def test_are_not_lowered_by_another_chapter_nor_by_importing_again(
        self, inside, lakeside, take_in
    ):
        mara = make.mentor(make.chapter("elsewhere"), "Dr. Mara", email="mara@x.org", places=6)

        assert take_in("Dr. Mara,mara@x.org,mentor,,career,,1") == (1, 0, 0, 1)
        assert take_in("Dr. Mara,mara@x.org,mentor,,career,,2") == (0, 0, 1, 1)
        with inside(lakeside):
            assert db.session.get(User, mara.user_id).places == 6


class TestChapters:
    def test_share_an_account_and_nothing_else(self, inside, lakeside, take_in):
        there = make.chapter("elsewhere", zone="Europe/Oslo")
        mara = make.mentor(there, "Dr. Mara Secret", email="mara@x.org", zone="Europe/Oslo")

        take_in("Dr. M. Quist,mara@x.org,mentor,,wellness,,")

        with inside(lakeside):
            here = queries.member_by_email("mara@x.org")
            assert (here.user_id, here.name) == (mara.user_id, "Dr. M. Quist")
            assert here.id != mara.id
            said = my_mentor_profile(here)
            assert (said.title, said.story, set(said.offers)) == ("", "", {Kind.WELLNESS})
        with inside(there):
            assert queries.member(mara.id).name == "Dr. Mara Secret"
            assert set(my_mentor_profile(queries.member(mara.id)).offers) == set(Kind)


class TestExport:
    def test_imports_as_it_is_and_changes_nothing(self, inside, lakeside, cora, now):
        make.student(lakeside, "=Sol 'O' Adair", email="sol@x.org")
        make.student(lakeside, "נועה לוי", email="noa@x.org", stage=None, wants={}, interests=())
        make.student(lakeside, "Jo", stage=Stage.PGY2, roles=[Role.MENTOR])
        make.student(lakeside, "Odd", roles=tuple(Role))
        make.mentor(lakeside, "Dr. Mara Quist", offers={Kind.CONTENT: (), Kind.CAREER: ()})
        make.mentor(lakeside, "Rae", standing=Standing.RESIDENT, roles=[Role.STUDENT], places=0)
        make.member(lakeside, Role.MENTOR, Role.STUDENT, name="Bare")
        with inside(lakeside):
            plan = roster.read(roster.write(people.entries(Wanted())))
            assert (plan.problem, plan.errors) == ("", ())
            assert len(plan.entries) == 8
            assert intake.take_in(plan.entries, by=cora, now=now) == (0, 0, 8, 0)

    def test_holds_no_formula(self, inside, lakeside):
        for start in "=+-@":
            make.student(lakeside, f"{start}cmd|' /C calc'!A0")
        with inside(lakeside):
            written = roster.write(people.entries(Wanted())).decode("utf-8-sig")
            assert written.count("\r\n'") + written.count("\r\n\"'") == 4

    def test_leaves_out_who_has_left(self, inside, lakeside, sol, now):
        with inside(lakeside):
            db.session.execute(update(Membership).values(left_at=now))
            assert list(people.entries(Wanted())) == []


SHORT = f"{HEADER}\nSol,sol@x.org,student,M3,career,airway,\n".encode()
LONG = f"{HEADER}\n" + "".join(f"P {n},p{n}@x.org,student,,,,\n" for n in range(501))


@pytest.fixture
def keep(inside, cora, now):
    def keep(content: bytes = SHORT, name: str = "roster.csv"):
        with inside(cora):
            return uploads.keep(file_name=name, content=content, by=cora, now=now).id

    return keep


@pytest.fixture
def upload(inside, cora):
    """An upload as it stands."""

    def upload(upload_id):
        with inside(cora):
            return people.my_upload(upload_id, by=cora)

    return upload


class TestUpload:
    def test_is_checked_and_changes_nothing(self, inside, cora, keep, upload):
        found = upload(keep(name="C:\\Users\\Cora\\spring \u202eroster.csv"))

        assert (found.state, found.file_name) == (UploadState.CHECKED, "spring roster.csv")
        assert (found.facts["added"], found.facts["error_count"]) == (1, 0)
        with inside(cora):
            assert count(Membership) == 1

    def test_that_is_no_roster_is_refused(self, inside, cora, now):
        with inside(cora), pytest.raises(uploads.NotARoster, match="This is a PDF"):
            uploads.keep(file_name="x.pdf", content=b"%PDF-1.7", by=cora, now=now)

    def test_with_errors_cannot_be_brought_in_and_its_content_is_not_kept(
        self, inside, cora, keep, now
    ):
        upload_id = keep(b"name,email,role\nSol,sol@,student\nAl,al@x.org,student\n")

        with inside(cora):
            assert db.session.scalar(select(RosterUpload.content)) == b""
            with pytest.raises(uploads.NeedsMending):
                uploads.bring_in(upload_id, by=cora, now=now)
            assert count(Membership) == 1

    def test_that_is_short_is_brought_in_at_once(self, inside, cora, keep, upload, now):
        upload_id = keep()
        with inside(cora):
            uploads.bring_in(upload_id, by=cora, now=now)

        assert upload(upload_id).state is UploadState.IMPORTED
        with inside(cora):
            assert db.session.scalar(select(RosterUpload.content)) == b""
            assert count(Membership) == 2

    def test_is_brought_in_once_however_often_it_is_asked_for(self, inside, cora, keep, now):
        upload_id = keep()
        for _ in range(2):
            with inside(cora):
                uploads.bring_in(upload_id, by=cora, now=now)

        with inside(cora):
            imported = select(AuditEvent).where(AuditEvent.deed == RosterDeed.IMPORTED)
            assert len(db.session.scalars(imported).all()) == 1

    def test_that_is_long_is_brought_in_by_a_job(self, inside, cora, keep, upload, now, work):
        upload_id = keep(LONG.encode())
        with inside(cora):
            uploads.bring_in(upload_id, by=cora, now=now)
        assert upload(upload_id).state is UploadState.QUEUED

        work()

        done = upload(upload_id)
        assert (done.state, done.facts["added"], done.step) == (UploadState.IMPORTED, 501, "")
        with inside(cora):
            assert count(Membership) == 502

    def test_whose_job_comes_twice_is_brought_in_once(self, inside, cora, keep, now, work):
        upload_id = keep(LONG.encode())
        with inside(cora):
            uploads.bring_in(upload_id, by=cora, now=now)
        work()
        with inside(cora):
            uploads.work(upload_id, now=now)

        with inside(cora):
            imported = select(AuditEvent).where(AuditEvent.deed == RosterDeed.IMPORTED)
            assert len(db.session.scalars(imported).all()) == 1

    def test_whose_job_fails_can_be_tried_again(
        self, inside, cora, keep, upload, now, work, monkeypatch
    ):
        upload_id = keep(LONG.encode())
        with inside(cora):
            uploads.bring_in(upload_id, by=cora, now=now)
        with monkeypatch.context() as broken:
            broken.setattr(intake, "_write", None)
            work()
        assert upload(upload_id).state is UploadState.FAILED
        with inside(cora):
            assert count(Membership) == 1
            uploads.bring_in(upload_id, by=cora, now=now)
        work()

        assert upload(upload_id).facts["added"] == 501

    def test_whose_sender_has_lost_the_role_meanwhile_is_not_brought_in(
        self, inside, lakeside, cora, keep, upload, now, work
    ):
        cato = make.coordinator(lakeside)
        upload_id = keep(LONG.encode())
        with inside(cora):
            uploads.bring_in(upload_id, by=cora, now=now)
            memberships.leave(cora, by=cato, now=now)
        work()

        assert upload(upload_id).state is UploadState.FAILED
        with inside(cora):
            assert count(Membership) == 2

    def test_is_forgotten_after_a_week(self, inside, cora, keep, now):
        keep()
        with inside(cora):
            assert uploads.sweep(now=now + timedelta(days=6)) == 0
            assert uploads.sweep(now=now + timedelta(days=8)) == 1

    def test_is_forgotten_by_the_nightly_sweep(self, inside, cora, keep, now, at):
        keep()
        at(now + timedelta(days=8))
        tasks.sweep(timestamp=0)

        with inside(cora):
            assert count(RosterUpload) == 0


def test_two_taps_at_the_same_moment_import_once(own_database, now):
    lakeside = make.chapter("lakeside")
    cora = make.coordinator(lakeside, "Cora Winslow")
    with scope.chapter(lakeside.id), transaction():
        upload_id = uploads.keep(file_name="r.csv", content=SHORT, by=cora, now=now).id

    def tap(_: int) -> None:
        with own_database.app_context(), scope.chapter(lakeside.id), transaction():
            uploads.bring_in(upload_id, by=cora, now=now)

    with ThreadPoolExecutor(4) as taps:
        list(taps.map(tap, range(4)))

    with scope.chapter(lakeside.id):
        assert count(Membership) == 2
        imported = select(AuditEvent).where(AuditEvent.deed == RosterDeed.IMPORTED)
        assert len(db.session.scalars(imported).all()) == 1


def test_fifty_thousand_people_come_in(inside, lakeside, cora, now):
    lines = [f"P {n},p{n}@school.edu,student,M{n % 4 + 1},," for n in range(50_000)]
    plan = roster.read("\n".join(["name,email,role,stage,kinds,interests", *lines]).encode())

    with inside(lakeside):
        assert intake.take_in(plan.entries, by=cora, now=now) == (50_000, 0, 0, 0)
        assert count(Membership) == 50_001
