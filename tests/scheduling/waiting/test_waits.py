"""Waiting for a place with a full mentor: the list, the offer, and what becomes of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from mentorship.accounts import users
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.profiles import profiles
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import Pairing, PairingState
from mentorship.scheduling import rules
from mentorship.scheduling.waiting import queries, waits
from mentorship.scheduling.waiting.models import Wait
from mentorship.scheduling.waiting.waits import OFFER
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.scheduling.asking import deeds

A_LITTLE = timedelta(hours=1)


@pytest.fixture
def full(lakeside):
    """A mentor with one place, which somebody has."""
    return make.mentor(lakeside, "Dr. Full House", places=1)


@pytest.fixture
def taken(full, lakeside):
    """The pairing that takes the one place."""
    return make.pairing(full, make.student(lakeside), state=PairingState.ACTIVE)


@pytest.fixture
def join(taken, full, now):
    def join(student, *, mentor=full, kind=Kind.CAREER, at=now):
        with scope.chapter(student.chapter_id):
            wait = waits.join(mentor=mentor, kind=kind, why="Her talk.", by=student, now=at)
            db.session.commit()
            return wait.id

    return join


@pytest.fixture
def free(taken, full, work, now):
    """End the pairing that takes the place, and let the worker do what follows."""

    def free():
        with scope.chapter(full.chapter_id):
            pairings.end(db.session.get(Pairing, (full.chapter_id, taken)), by=full, now=now)
            db.session.commit()
        work()

    return free


def states(*wait_ids, of) -> list[str]:
    with scope.chapter(of.chapter_id):
        found = dict(db.session.execute(select(Wait.id, Wait.state)).all())
    return [found[wait_id] for wait_id in wait_ids]


def act(verb, wait_id, by, now):
    with scope.chapter(by.chapter_id):
        verb(queries.my_wait(wait_id, member=by), by=by, now=now)
        db.session.commit()


def left(mentor) -> int:
    with scope.chapter(mentor.chapter_id):
        return pairings.places_left([mentor.user_id])[mentor.user_id]


class TestJoining:
    def test_is_kept_once_and_leaves_one_deed(self, join, sol):
        first = join(sol)
        assert join(sol, kind=Kind.CONTENT) == first
        with scope.chapter(sol.chapter_id):
            assert deeds(first) == ["wait.joined"]

    def test_is_refused_while_there_is_a_place(self, inside, mara, sol, now):
        with inside(sol), pytest.raises(waits.NotFull):
            waits.join(mentor=mara, kind=Kind.CAREER, why="x", by=sol, now=now)

    def test_is_refused_for_what_is_not_offered_and_during_a_pause(self, lakeside, join, sol):
        choosy = make.mentor(lakeside, places=0, offers={Kind.CAREER: ()})
        away = make.mentor(lakeside, places=0, paused=True)
        with pytest.raises(rules.KindNotOffered):
            join(sol, mentor=choosy, kind=Kind.WELLNESS)
        with pytest.raises(rules.Paused):
            join(sol, mentor=away)

    def test_is_refused_to_the_mentor_and_to_who_has_the_place(self, full, lakeside, now, inside):
        mentee = make.student(lakeside)
        make.pairing(full, mentee)
        with inside(mentee), pytest.raises(waits.PairedAlready):
            waits.join(mentor=full, kind=Kind.CAREER, why="x", by=mentee, now=now)
        with inside(full), pytest.raises(rules.Yourself):
            waits.join(mentor=full, kind=Kind.CAREER, why="x", by=full, now=now)

    def test_is_refused_to_people_kept_apart(self, join, full, sol, inside, now):
        with inside(full):
            conflicts.block(other=sol, by=full, now=now)
        with pytest.raises(conflicts.Blocked):
            join(sol)

    def test_is_refused_on_a_fourth_list(self, join, lakeside, sol):
        others = [make.mentor(lakeside, places=0) for _ in range(3)]
        for mentor in others:
            join(sol, mentor=mentor)
        with pytest.raises(waits.TooManyWaits):
            join(sol)


class TestOffering:
    def test_goes_out_when_a_pairing_ends_and_holds_the_place(self, join, free, full, sol):
        wait_id = join(sol)
        free()
        assert states(wait_id, of=sol) == ["offered"]
        assert left(full) == 0

    def test_goes_out_when_the_mentor_makes_room(self, join, sol, full, work, now):
        wait_id = join(sol)
        with scope.chapter(full.chapter_id):
            users.set_places(full.user_id, places=2)
            profiles.pause(by=full, now=now)
            db.session.commit()
        work()
        assert states(wait_id, of=sol) == ["waiting"]
        with scope.chapter(full.chapter_id):
            profiles.resume(by=full, now=now)
            db.session.commit()
        work()
        assert states(wait_id, of=sol) == ["offered"]

    def test_is_first_for_who_has_no_mentor_yet(self, join, free, lakeside, sol, now):
        make.pairing(make.mentor(lakeside), sol)
        has_one, has_none = join(sol), join(make.student(lakeside), at=now + A_LITTLE)
        free()
        assert states(has_one, has_none, of=sol) == ["waiting", "offered"]

    def test_is_then_for_who_has_waited_longest(self, join, free, lakeside, sol, now):
        later, sooner = join(sol, at=now + A_LITTLE), join(make.student(lakeside))
        free()
        assert states(later, sooner, of=sol) == ["waiting", "offered"]

    def test_goes_to_another_chapter_where_somebody_waits_longer(self, join, free, full, sol, now):
        there = make.chapter("harborside")
        twin = make.mentor(there, "Dr. Full House", email=full.email, places=1)
        far = make.student(there)
        here, elsewhere = join(sol, at=now + A_LITTLE), join(far, mentor=twin)
        free()
        assert states(here, of=sol) == ["waiting"]
        assert states(elsewhere, of=far) == ["offered"]

    def test_passes_over_who_may_not_have_it(self, join, free, full, lakeside, sol, now, inside):
        blocked, gone, ours = make.student(lakeside), make.student(lakeside), sol
        passed = [join(blocked), join(gone)]
        wait_id = join(ours, at=now + A_LITTLE)
        with inside(full):
            conflicts.block(other=blocked, by=full, now=now)
            leave = update(Membership).where(Membership.id == gone.id).values(left_at=now)
            db.session.execute(leave)
        free()
        assert states(*passed, wait_id, of=sol) == ["waiting", "waiting", "offered"]

    def test_passes_over_whom_the_mentor_judges_for_wellness(
        self, join, free, full, sol, now, inside
    ):
        wait_id = join(sol, kind=Kind.WELLNESS)
        with inside(full):
            conflicts.declare_evaluation(
                role="Grader", starts_on=now.date(), ends_on=None, mentee=None, by=full, now=now
            )
        free()
        assert states(wait_id, of=sol) == ["waiting"]

    def test_keeps_the_place_from_who_does_not_wait(self, join, free, full, lakeside, sol, now):
        join(sol)
        free()
        other = make.student(lakeside)
        with scope.chapter(other.chapter_id), pytest.raises(pairings.MentorFull):
            pairings.begin(mentee=other, mentor=full, kind=Kind.CAREER, by=None, now=now)

    def test_of_two_places_makes_two_offers_and_no_third(self, join, full, lakeside, work, now):
        three = [join(make.student(lakeside)) for _ in range(3)]
        with scope.chapter(full.chapter_id):
            users.set_places(full.user_id, places=3)
            waits.look_for_room(full.user_id)
            db.session.commit()
        work()
        assert sorted(states(*three, of=full)) == ["offered", "offered", "waiting"]


class TestTaking:
    def test_pairs_the_two_and_takes_the_place_once(self, join, free, full, sol, now):
        wait_id = join(sol)
        free()
        for _ in range(2):
            act(waits.take, wait_id, sol, now)
        assert left(full) == 0
        with scope.chapter(sol.chapter_id):
            mine = select(Pairing.state, Pairing.kind).where(Pairing.mentee_id == sol.id)
            assert db.session.execute(mine).all() == [("accepted", "career")]
            assert deeds(wait_id) == ["wait.joined", "wait.offered", "wait.taken"]

    def test_is_refused_without_an_offer_and_after_its_time(self, join, free, sol, now):
        wait_id = join(sol)
        with pytest.raises(waits.NothingOffered):
            act(waits.take, wait_id, sol, now)
        free()
        with pytest.raises(waits.OfferOver):
            act(waits.take, wait_id, sol, now + OFFER)

    def test_that_is_refused_leaves_the_place_held(self, join, free, full, sol, now, inside):
        wait_id = join(sol)
        free()
        with inside(full):
            conflicts.block(other=sol, by=full, now=now)
        with inside(sol), pytest.raises(conflicts.Blocked):
            waits.take(queries.my_wait(wait_id, member=sol), by=sol, now=now)
        assert states(wait_id, of=sol) == ["offered"]
        assert left(full) == 0


class TestNotTaking:
    def test_gives_the_place_to_the_next_after_three_days(
        self, join, free, full, lakeside, sol, now, at, work
    ):
        first, second = join(sol), join(make.student(lakeside), at=now + A_LITTLE)
        free()
        work(until=at(now + OFFER - A_LITTLE))
        assert states(first, second, of=sol) == ["offered", "waiting"]
        work(until=at(now + OFFER))
        assert states(first, second, of=sol) == ["lapsed", "offered"]
        assert left(full) == 0

    def test_gives_it_to_the_next_at_once_when_somebody_leaves(
        self, join, free, full, lakeside, sol, now, work
    ):
        first, second = join(sol), join(make.student(lakeside), at=now + A_LITTLE)
        free()
        for _ in range(2):
            act(waits.leave, first, sol, now)
        work()
        assert states(first, second, of=sol) == ["left", "offered"]
        with scope.chapter(sol.chapter_id):
            assert deeds(first) == ["wait.joined", "wait.offered", "wait.left"]

    def test_leaves_it_free_when_nobody_else_waits(self, join, free, full, sol, now, work):
        wait_id = join(sol)
        free()
        act(waits.leave, wait_id, sol, now)
        work()
        assert left(full) == 1

    def test_lets_somebody_come_back(self, join, sol, now):
        wait_id = join(sol)
        act(waits.leave, wait_id, sol, now)
        assert join(sol) != wait_id


class TestPages:
    def test_lead_from_a_full_mentor_onto_the_list_and_off_it(self, taken, full, sol, sign_in):
        client = sign_in(sol)
        path = f"/c/lakeside/mentors/{full.id}/wait"
        assert path in client.get(f"/c/lakeside/mentors/{full.id}").text
        assert path in client.get(f"/c/lakeside/mentors/{full.id}/ask").text
        assert client.post(path, data={"kind": "career", "why": "Her talk."}).location == path
        page = client.get(path).text
        assert "You are next when a place opens." in page
        assert "Her talk." in page
        assert client.post(f"{path}/leave").status_code == 303
        assert "Put me on the list" in client.get(path).text

    def test_keep_what_was_typed(self, taken, full, sol, sign_in):
        path = f"/c/lakeside/mentors/{full.id}/wait"
        answer = sign_in(sol).post(path, data={"kind": "nothing", "why": "x" * 201})
        assert answer.status_code == 422
        assert "x" * 201 in answer.text
        assert "Keep it within 200 characters." in answer.text

    def test_say_that_there_is_nothing_to_wait_for(self, mara, sol, sign_in):
        path = f"/c/lakeside/mentors/{mara.id}/wait"
        assert "There is nothing to wait for" in sign_in(sol).get(path).text
        answer = sign_in(sol).post(path, data={"kind": "career", "why": "x"})
        assert answer.status_code == 422
        assert waits.NotFull.sentence in answer.text

    @pytest.mark.parametrize(
        ("ahead", "said"), [(1, "among the first"), (3, "Several people come before you.")]
    )
    def test_say_the_place_in_words(self, join, full, lakeside, sol, sign_in, now, ahead, said):
        for _ in range(ahead):
            join(make.student(lakeside))
        join(sol, at=now + A_LITTLE)
        page = sign_in(sol).get(f"/c/lakeside/mentors/{full.id}/wait").text
        assert said in page

    def test_take_the_place_signed_in(self, join, free, full, sol, sign_in):
        wait_id = join(sol)
        path = f"/c/lakeside/mentors/{full.id}/wait"
        early = sign_in(sol).post(f"{path}/take")
        assert early.status_code == 422
        assert waits.NothingOffered.sentence in early.text
        free()
        assert "Take the place" in sign_in(sol).get(path).text
        assert sign_in(sol).post(f"{path}/take").location.endswith(f"/mentors/{full.id}/ask")
        assert states(wait_id, of=sol) == ["taken"]

    def test_show_the_mentor_a_count_and_the_coordinator_names(
        self, join, full, cora, lakeside, sol, mara, sign_in
    ):
        join(sol)
        join(make.student(lakeside, "Quiet One"), kind=Kind.WELLNESS)
        path = f"/c/lakeside/mentors/{full.id}/waiting"
        for who in (full, cora):
            assert path in sign_in(who).get(f"/c/lakeside/mentors/{full.id}").text
        mentors, coordinators = sign_in(full).get(path).text, sign_in(cora).get(path).text
        assert "2 students wait for a place with you" in mentors
        assert "Sol Adair" not in mentors
        assert "Sol Adair" in coordinators
        assert "1 more is not named here." in coordinators
        assert "Quiet One" not in coordinators
        for somebody in (sol, mara):
            assert sign_in(somebody).get(path).status_code == 404

    def test_leave_out_who_has_been_paired_meanwhile(self, join, full, cora, sol, sign_in):
        join(sol)
        make.pairing(full, sol)
        page = sign_in(cora).get(f"/c/lakeside/mentors/{full.id}/waiting").text
        assert "Nobody waits" in page


class TestTheMail:
    @pytest.fixture
    def path(self, join, free, sol, tray):
        """The address in the mail that offers Sol the place."""
        self.wait_id = join(sol)
        free()
        [mail] = tray.to(sol.email)
        assert mail["Subject"] == "A place with Dr. Full House has opened"
        return re.search(r"https?://[^/\s]+(/w/\S+)", words(mail))[1]

    def test_takes_the_place_with_one_tap_and_tells_the_mentor(
        self, app, path, full, sol, tray, work
    ):
        anyone = app.test_client()
        page = anyone.get(path)
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert states(self.wait_id, of=sol) == ["offered"]
        for _ in range(2):
            assert anyone.post(path).location == path
        assert "You have a place with Dr. Full House" in anyone.get(path).text
        work()
        [mail] = [one for one in tray.to(full.email) if "has taken" in one["Subject"]]
        assert "Her talk." in words(mail)

    def test_opens_nothing_when_forged_late_or_left(self, app, path, sol, now, at):
        anyone = app.test_client()
        for broken in (path[:-2], "/w/x", "/w/" + "a" * 3000, "/r/" + path[3:]):
            assert anyone.post(broken).status_code in (404, 410)
        assert states(self.wait_id, of=sol) == ["offered"]
        act(waits.leave, self.wait_id, sol, now)
        assert anyone.get(path).status_code == 410
        at(now + OFFER)
        assert anyone.post(path).status_code == 410

    def test_opens_nothing_for_somebody_who_has_left_the_chapter(self, app, path, sol, now):
        with scope.chapter(sol.chapter_id):
            db.session.execute(
                update(Membership).where(Membership.id == sol.id).values(left_at=now)
            )
            db.session.commit()
        assert app.test_client().post(path).status_code == 410

    def test_says_that_the_place_has_gone_on(self, path, sol, now, at, tray, work):
        work(until=at(now + OFFER))
        assert "has gone to the next" in tray.to(sol.email)[-1]["Subject"]

    def test_of_wellness_mentoring_holds_nothing_they_wrote(
        self, join, free, full, sol, now, tray, work
    ):
        wait_id = join(sol, kind=Kind.WELLNESS)
        free()
        act(waits.take, wait_id, sol, now)
        work()
        for mail in tray.mails:
            if "place" in mail["Subject"]:
                assert "wellness" not in str(mail).lower()
                assert "Her talk." not in str(mail)
