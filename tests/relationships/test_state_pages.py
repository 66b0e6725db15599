"""The pages by which one of the two pauses, ends, reopens and agrees, and what each is told."""

from datetime import timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.relationships import agreements, pairings, partings, pauses, rematch
from mentorship.relationships.models import Pairing, PairingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make

TERMS = {
    "how_often": "Every month",
    "by_what": "Video",
    "what_for": "The rank list",
    "confidence": "All of it",
}


@pytest.fixture
def pairing_id(mara, sol, now):
    return make.pairing(mara, sol)


@pytest.fixture
def url(pairing_id) -> str:
    return f"/c/lakeside/pairings/{pairing_id}"


def stands(inside, who, pairing_id) -> str:
    with inside(who):
        return db.session.get(Pairing, (who.chapter_id, pairing_id)).state


def test_a_pause_is_seen_by_both_and_ended_by_either(
    inside, sign_in, mara, sol, pairing_id, url, now
):
    sent = {"until": "2026-04-06", "why": "Step 2 <b>then</b>"}
    assert sign_in(sol).get(f"{url}/pause").status_code == 200
    assert sign_in(sol).post(f"{url}/pause", data=sent).status_code == 303
    for who, by in ((sol, "by you"), (mara, "by Sol")):
        page = sign_in(who).get(url).text
        assert f"Paused until Monday, April 6 {by}." in page
        assert "Step 2 &lt;b&gt;then&lt;/b&gt;" in page
        assert "/check-in" not in page
    assert sign_in(mara).post(f"{url}/resume").status_code == 303

    page = sign_in(sol).get(url).text
    assert stands(inside, sol, pairing_id) == PairingState.ACCEPTED
    assert "Resumed by Dr. Quist" in page
    assert "Paused until Mon, Apr 6 by you" in page


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"until": "yesterday"}, "Write the day as the calendar shows it"),
        ({"until": "2026-03-02"}, pauses.NotThatDay.sentence),
        ({"until": "9999-12-31"}, pauses.NotThatDay.sentence),
        ({"why": "x" * 100_000}, pauses.TooLong.sentence),
    ],
)
def test_a_pause_that_cannot_be_keeps_what_was_typed(sign_in, sol, url, sent, told):
    answer = sign_in(sol).post(f"{url}/pause", data={"why": "Exams", **sent})
    assert answer.status_code == 422
    assert told in answer.text
    assert sent.get("why", "Exams") in answer.text


def test_why_it_ended_is_for_nobody_but_whom_it_was_said_to(
    inside, sign_in, mara, sol, pairing_id, url, now
):
    sent = {"state": "ended", "words": "Thank you for the airway talk.", "why": "silence"}
    sent |= {"in_private": "Zanzibar", "another": "y"}
    assert sign_in(sol).post(f"{url}/end", data=sent).status_code == 303

    theirs = sign_in(mara).get(url).text
    assert "Thank you for the airway talk." in theirs
    for word in ("Zanzibar", "get hold of", "another career mentor", "Open it again"):
        assert word not in theirs
    mine = sign_in(sol).get(url).text
    assert "You have asked for another career mentor." in mine
    assert "Zanzibar" not in mine
    with inside(sol):
        assert partings.told_to_coordinators(now=now) == []
        assert [one.mentee_id for one in rematch.wanting_a_rematch()] == [sol.id]


def test_coordinators_read_why_when_they_are_told(inside, sign_in, mara, sol, url, now):
    sent = {"state": "ended", "why": "time", "in_private": "Two jobs.", "tell": "y"}
    sign_in(mara).post(f"{url}/end", data=sent)
    with inside(sol):
        [told] = partings.told_to_coordinators(now=now)
        assert (told.by_name, told.why, told.words) == ("Dr. Mara Quist", "time", "Two jobs.")
        assert partings.told_to_coordinators(now=now + timedelta(days=91)) == []
        assert rematch.wanting_a_rematch() == []


def test_of_wellness_coordinators_cannot_be_told(sign_in, mara, sol, now):
    url = f"/c/lakeside/pairings/{make.pairing(mara, sol, Kind.WELLNESS)}/end"
    assert "coordinators</span>" not in sign_in(sol).get(url).text
    answer = sign_in(sol).post(url, data={"state": "ended", "tell": "y", "words": "Thanks"})
    assert answer.status_code == 422
    assert partings.StaysBetweenTheTwo.sentence in answer.text


@pytest.mark.parametrize("field", ["words", "in_private"])
def test_an_ending_takes_no_essay(inside, sign_in, sol, pairing_id, url, field):
    answer = sign_in(sol).post(f"{url}/end", data={"state": "ended", field: "x" * 501})
    assert answer.status_code == 422
    assert partings.TooLong.sentence in answer.text
    assert stands(inside, sol, pairing_id) == PairingState.ACCEPTED


def test_an_end_is_taken_back_by_whoever_set_it(inside, sign_in, mara, sol, pairing_id, url, now):
    sign_in(sol).post(f"{url}/end", data={"state": "completed", "another": "y"})
    assert "Open it again" in sign_in(sol).get(url).text
    told = sign_in(mara).post(f"{url}/reopen", follow_redirects=True).text
    assert partings.NotByYou.sentence in told
    assert stands(inside, sol, pairing_id) == PairingState.COMPLETED

    assert sign_in(sol).post(f"{url}/reopen").status_code == 303
    page = sign_in(mara).get(url).text
    assert stands(inside, sol, pairing_id) == PairingState.ACCEPTED
    assert "Opened again by Sol" in page
    assert "Completed by Sol" in page


def test_a_wish_for_another_can_be_made_later_and_taken_back(
    inside, sign_in, mara, sol, pairing_id, url, now
):
    sign_in(mara).post(f"{url}/end", data={"state": "ended"})
    assert "Find me another mentor" in sign_in(sol).get(url).text
    assert "Find me another mentor" not in sign_in(mara).get(url).text
    for _ in range(2):  # asked twice is asked once
        sign_in(sol).post(f"{url}/rematch", data={"wish": "1"})
    with inside(sol):
        assert len(rematch.wanting_a_rematch()) == 1
    assert sign_in(mara).post(f"{url}/rematch", data={"withdraw": "1"}).status_code == 404
    sign_in(sol).post(f"{url}/rematch", data={"withdraw": "1"})
    with inside(sol):
        assert rematch.wanting_a_rematch() == []


def test_a_wish_is_met_by_the_next_mentor_of_the_kind(inside, lakeside, sol, pairing_id, now):
    mentor = make.mentor(lakeside)
    with inside(sol):
        one = db.session.get(Pairing, (sol.chapter_id, pairing_id))
        partings.finish(one, by=sol, now=now, another=True)
        pairings.begin(mentee=sol, mentor=mentor, kind=Kind.CAREER, by=None, now=now)
        assert rematch.wanting_a_rematch() == []


class TestAgreement:
    def write(self, client, url, version, **more):
        return client.post(f"{url}/agreement", data={"version": version, **TERMS, **more})

    @pytest.mark.parametrize("kind", list(Kind))
    def test_begins_with_words_for_the_kind(self, sign_in, mara, sol, now, kind):
        url = f"/c/lakeside/pairings/{make.pairing(mara, sol, kind)}/agreement"
        page = sign_in(sol).get(url).text
        assert "What we say stays between us" in page
        assert agreements.starting_point(kind, every="Every 2 months").what_for in page.replace(
            "&#39;", "'"
        )

    def test_is_the_same_for_both(self, sign_in, mara, sol, url, now):
        assert self.write(sign_in(sol), url, 0).status_code == 303
        for who, by in ((sol, "Written by you"), (mara, "Written by Sol")):
            page = sign_in(who).get(url).text
            assert "The rank list" in page
            assert by in page

    def test_of_two_at_once_is_merged_by_a_person(self, inside, sign_in, mara, sol, url, now):
        self.write(sign_in(sol), url, 0)
        answer = self.write(sign_in(mara), url, 0, by_what="A walk")
        assert answer.status_code == 422
        kept = "How you meet, as it is now"
        for words in ("Two agreements, one to keep", "A walk", kept, "Video"):
            assert words in answer.text
        assert 'name="version" value="1"' in answer.text
        assert "How often, as it is now" not in answer.text
        assert self.write(sign_in(mara), url, 1, by_what="A walk, or video").status_code == 303
        assert "A walk, or video" in sign_in(sol).get(url).text

    def test_that_says_the_same_changes_nothing(self, inside, sign_in, sol, pairing_id, url, now):
        for version in (0, 0, 1):
            assert self.write(sign_in(sol), url, version).status_code == 303
        with inside(sol):
            assert agreements.of(pairing_id)[1] == 1

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"what_for": "x" * 501}, agreements.TooLong.sentence),
            (dict.fromkeys(TERMS, " "), agreements.NothingSaid.sentence),
            ({"version": ""}, "Open the agreement again"),
            ({"version": "1e9"}, "Not a valid integer value"),
            ({"version": "99999999999999"}, "Open the agreement again"),
        ],
    )
    def test_keeps_what_was_typed(self, sign_in, sol, url, more, told):
        answer = sign_in(sol).post(f"{url}/agreement", data={"version": 0, **TERMS, **more})
        assert answer.status_code == 422
        assert told in answer.text

    def test_is_refused_once_it_is_over(self, sign_in, sol, url, now):
        sign_in(sol).post(f"{url}/end", data={"state": "ended"})
        answer = self.write(sign_in(sol), url, 0)
        assert answer.status_code == 422
        assert agreements.NotUnderWay.sentence in answer.text


@pytest.mark.parametrize("page", ["pause", "resume", "end", "reopen", "rematch", "agreement"])
def test_nobody_else_finds_any_of_it(sign_in, lakeside, odd, url, page):
    for who in (odd, *(make.member(lakeside, role) for role in Role)):
        assert sign_in(who).post(f"{url}/{page}", data={"version": 0}).status_code == 404
