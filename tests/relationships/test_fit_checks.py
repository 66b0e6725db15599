"""The fit check: asked once, answered in private, on its page and from its mail."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import fit_checks, partings, rematch
from mentorship.relationships.models import (
    Fit,
    FitCheck,
    FitCheckDeed,
    Pairing,
    PairingState,
    Parting,
    Why,
)
from mentorship.scheduling import meetings, queries
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words

SECRET = "Zanzibar"


@pytest.fixture
def met(inside, mara, sol, now):
    """A pairing whose two have met for the first time, as the mentor has said."""

    def met(kind: Kind = Kind.CAREER):
        pairing_id = make.pairing(mara, sol, kind)
        hold(inside, mara, sol, pairing_id, now)
        return pairing_id

    return met


def hold(inside, mara, sol, pairing_id, now, *, hours=2) -> None:
    at = now - timedelta(hours=hours)
    meeting_id = make.meeting(mara, sol, pairing_id, starts_at=at)
    with inside(mara):
        meetings.held(queries.my_meeting(meeting_id, member=mara), by=mara, now=now)


def answer(inside, by, pairing_id, said, now, **more) -> None:
    with inside(by):
        pairing = db.session.get(Pairing, (by.chapter_id, pairing_id))
        fit_checks.answer(pairing, said, by=by, now=now, **more)


def pairing(inside, who, pairing_id) -> Pairing:
    with inside(who):
        return db.session.get(Pairing, (who.chapter_id, pairing_id))


def link_to(tray, work, who) -> str:
    work()
    [mail] = [one for one in tray.to(who.email) if "is it a fit" in one["Subject"]]
    return re.search(r"http://localhost(/f/\S+)", words(mail))[1]


class TestAsking:
    def test_happens_once_however_often_they_meet(self, inside, mara, sol, met, now, tray, work):
        pairing_id = met()
        hold(inside, mara, sol, pairing_id, now, hours=1)
        work()

        asked = [mail for mail in tray.mails if "is it a fit" in mail["Subject"]]
        assert sorted(str(mail["To"]) for mail in asked) == sorted([mara.email, sol.email])

    def test_stops_at_an_answer_that_is_there(self, inside, mara, sol, met, now, tray, work):
        answer(inside, sol, met(), Fit.CONTINUE, now)
        work()

        assert not [m for m in tray.to(sol.email) if "is it a fit" in m["Subject"]]


class TestAnswer:
    @pytest.mark.parametrize("said", [Fit.CONTINUE, Fit.UNSURE])
    @pytest.mark.parametrize("who", ["mara", "sol"])
    def test_is_kept_and_may_change(self, request, inside, met, now, who, said):
        by, pairing_id = request.getfixturevalue(who), met()
        answer(inside, by, pairing_id, Fit.CONTINUE, now)
        answer(inside, by, pairing_id, said, now)

        with inside(by):
            assert fit_checks.mine(pairing_id, member=by).answer == said
            assert len(db.session.scalars(select(FitCheck)).all()) == 1
        assert pairing(inside, by, pairing_id).state == PairingState.ACTIVE

    def test_that_is_no_fit_ends_it_without_a_reason_for_the_other(
        self, inside, mara, sol, met, now, tray, work
    ):
        pairing_id = met()
        tray.empty()
        answer(inside, mara, pairing_id, Fit.NOT_A_FIT, now, line=SECRET)
        work()

        assert pairing(inside, sol, pairing_id).state == PairingState.ENDED
        [ended] = [mail for mail in tray.to(sol.email) if "come to its end" in mail["Subject"]]
        assert SECRET not in str(ended)
        html = ended.get_body(("html",)).get_content()
        # Addresses hold letters by chance.
        for told in (words(ended), re.sub(r"<[^>]+>", " ", html)):
            plain = re.sub(r"https?://\S+", "", told)
            assert "fit" not in plain.lower().replace("benefit", "")
        with inside(mara):
            assert db.session.scalars(select(Parting)).one().why == Why.FIT

    def test_with_a_wish_for_another_is_on_the_list(self, inside, mara, sol, met, now):
        pairing_id = met()
        answer(inside, sol, pairing_id, Fit.NOT_A_FIT, now, another=True)

        with inside(sol):
            [wanting] = rematch.wanting_a_rematch()
            assert (wanting.mentee_id, wanting.mentor_id) == (sol.id, mara.id)
            assert (wanting.kind, wanting.pairing_id) == (Kind.CAREER, pairing_id)

    def test_of_a_mentor_wishes_nothing_for_the_student(self, inside, mara, met, now):
        answer(inside, mara, met(), Fit.NOT_A_FIT, now, another=True)
        with inside(mara):
            assert rematch.wanting_a_rematch() == []

    def test_is_refused_before_they_have_met_and_after_it_is_over(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        with pytest.raises(fit_checks.NotMetYet):
            answer(inside, sol, pairing_id, Fit.CONTINUE, now)
        hold(inside, mara, sol, pairing_id, now)
        with inside(sol):
            one = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            partings.finish(one, by=sol, now=now)
        with pytest.raises(fit_checks.NotUnderWay):
            answer(inside, sol, pairing_id, Fit.CONTINUE, now)

    def test_is_for_the_two(self, inside, lakeside, cora, met, now):
        pairing_id = met()
        for stranger in (cora, make.student(lakeside), make.mentor(lakeside)):
            with pytest.raises(NotYours):
                answer(inside, stranger, pairing_id, Fit.CONTINUE, now)

    def test_takes_a_line_and_no_essay(self, inside, sol, met, now):
        with pytest.raises(fit_checks.TooLong):
            answer(inside, sol, met(), Fit.UNSURE, now, line="x" * 501)

    def test_of_wellness_tells_coordinators_no_word(self, inside, sol, met, now):
        with pytest.raises(fit_checks.StaysBetweenTheTwo):
            answer(inside, sol, met(Kind.WELLNESS), Fit.UNSURE, now, line=SECRET)

    def test_leaves_a_deed_that_says_nothing_of_it(self, inside, sol, met, now):
        answer(inside, sol, met(), Fit.UNSURE, now, line=SECRET)
        with inside(sol):
            deed = select(AuditEvent).where(AuditEvent.deed == FitCheckDeed.ANSWERED)
            assert db.session.scalars(deed).one().facts == {}


class TestHand:
    def hands(self, inside, sol, now):
        with inside(sol):
            return fit_checks.wanting_a_hand(now=now)

    def test_is_wanted_while_somebody_is_unsure(self, inside, sol, met, now):
        pairing_id = met()
        answer(inside, sol, pairing_id, Fit.CONTINUE, now)
        assert self.hands(inside, sol, now) == []
        answer(inside, sol, pairing_id, Fit.UNSURE, now)
        [hand] = self.hands(inside, sol, now)

        assert (hand.pairing_id, hand.mentee_name) == (pairing_id, "Sol Adair")
        # Who is unsure, and since when, is not told with a hand alone.
        assert (hand.by_name, hand.line, hand.at) == ("", "", None)

    def test_comes_with_the_line_that_was_written_for_it(self, inside, mara, sol, met, now):
        pairing_id = met()
        answer(inside, mara, pairing_id, Fit.UNSURE, now, line="Could we talk?")
        answer(inside, sol, pairing_id, Fit.UNSURE, now)
        [hand] = self.hands(inside, sol, now)

        assert (hand.by_name, hand.line) == ("Dr. Mara Quist", "Could we talk?")

    def test_is_all_that_is_seen_of_wellness(self, inside, sol, met, now):
        answer(inside, sol, met(Kind.WELLNESS), Fit.UNSURE, now)
        [hand] = self.hands(inside, sol, now)
        assert (hand.by_name, hand.line, hand.at) == ("", "", None)

    def test_is_wanted_after_no_fit_until_somebody_else_is_found(
        self, inside, lakeside, sol, met, now
    ):
        answer(inside, sol, met(), Fit.NOT_A_FIT, now)
        assert len(self.hands(inside, sol, now + timedelta(days=29))) == 1
        assert self.hands(inside, sol, now + timedelta(days=31)) == []
        make.pairing(make.mentor(lakeside), sol)
        assert self.hands(inside, sol, now) == []


class TestPage:
    def test_asks_the_two_and_hides_what_the_other_has_said(
        self, inside, sign_in, mara, sol, met, now
    ):
        pairing_id = met()
        url = f"/c/lakeside/pairings/{pairing_id}"
        assert "Answer in private" in sign_in(sol).get(url).text
        sent = sign_in(sol).post(f"{url}/fit", data={"said": "unsure", "line": SECRET})
        assert sent.status_code == 303

        mine, theirs = sign_in(sol).get(url).text, sign_in(mara).get(url).text
        assert "You said, in private: you are not sure yet" in mine
        assert SECRET in mine
        assert SECRET not in theirs
        assert "not sure" not in theirs
        assert SECRET not in sign_in(mara).get(f"{url}/fit").text
        assert SECRET in sign_in(sol).get(f"{url}/fit").text

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            ({}, "Choose one of the three."),
            ({"said": "perhaps"}, "Not a valid choice"),
            ({"said": "unsure", "line": "x" * 501}, fit_checks.TooLong.sentence),
        ],
    )
    def test_keeps_what_was_typed(self, sign_in, sol, met, now, sent, told):
        url = f"/c/lakeside/pairings/{met()}/fit"
        answer = sign_in(sol).post(url, data=sent)
        assert answer.status_code == 422
        assert told in answer.text
        assert sent.get("line", "") in answer.text

    @pytest.mark.parametrize("role", list(Role))
    def test_is_there_for_nobody_else(self, sign_in, lakeside, met, now, role):
        url = f"/c/lakeside/pairings/{met()}/fit"
        client = sign_in(make.member(lakeside, role))
        assert client.get(url).status_code == client.post(url).status_code == 404


class TestLink:
    def test_shows_and_changes_nothing_until_the_button_is_pressed(
        self, app, inside, sol, met, now, tray, work
    ):
        met()
        link = link_to(tray, work, sol)
        for _ in range(3):  # a scanner looks, and looks again
            assert app.test_client().get(link).status_code == 200
            assert app.test_client().head(link).status_code == 200
        with inside(sol):
            assert db.session.scalars(select(FitCheck)).all() == []

    def test_takes_one_answer_without_signing_in(self, app, inside, sol, met, now, tray, work):
        pairing_id = met()
        link = link_to(tray, work, sol)
        client = app.test_client()
        assert client.post(link, data={"said": "unsure", "line": "A word"}).status_code == 303
        assert "Thank you" in client.get(link).text
        assert client.post(link, data={"said": "not_a_fit"}).status_code == 303

        with inside(sol):
            mine = fit_checks.mine(pairing_id, member=sol)
            assert (mine.answer, mine.line) == (Fit.UNSURE, "A word")
        assert pairing(inside, sol, pairing_id).state == PairingState.ACTIVE
        assert "A word" not in client.get(link).text

    def test_that_is_used_up_says_nothing_of_the_answer(self, app, sol, met, now, tray, work):
        met()
        link = link_to(tray, work, sol)
        app.test_client().post(link, data={"said": "not_a_fit"})
        page = app.test_client().get(link).text
        assert "Thank you" in page
        assert "fit" not in re.sub(r"<[^>]+>", "", page).lower()

    def test_comes_back_with_what_was_typed(self, app, sol, met, now, tray, work):
        met()
        again = app.test_client().post(link_to(tray, work, sol), data={"line": "A word"})
        assert again.status_code == 422
        assert "A word" in again.text

    def test_is_over_after_three_weeks(self, app, sol, met, now, at, tray, work):
        met()
        link = link_to(tray, work, sol)
        at(now + timedelta(days=21))
        for answer in (app.test_client().get(link), app.test_client().post(link)):
            assert answer.status_code == 410
            assert "Sol" not in answer.text

    def test_opens_nothing_once_it_was_changed_or_its_reader_has_left(
        self, app, inside, sol, met, now, tray, work
    ):
        met()
        link = link_to(tray, work, sol)
        for broken in (link[:-3], link + "x", "/f/nonsense"):
            assert app.test_client().get(broken).status_code == 404
            assert app.test_client().post(broken, data={"said": "continue"}).status_code == 404
        assert app.test_client().get(link.replace("/f/", "/r/")).status_code == 410
        with inside(sol):
            db.session.get(Membership, (sol.chapter_id, sol.id)).left_at = now
        assert app.test_client().get(link).status_code == 404

    def test_of_a_pairing_that_is_over_asks_nothing(self, app, inside, sol, met, now, tray, work):
        pairing_id = met()
        link = link_to(tray, work, sol)
        with inside(sol):
            one = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            partings.finish(one, by=sol, now=now)
        assert app.test_client().get(link).status_code == 410

    def test_sends_no_referer(self, app, sol, met, now, tray, work):
        met()
        answer = app.test_client().get(link_to(tray, work, sol))
        assert answer.headers["Referrer-Policy"] == "no-referrer"
