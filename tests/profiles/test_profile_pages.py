"""One's own profile, Find, and a mentor's page, as people meet them in the browser."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from mentorship.accounts.models import User
from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.profiles import queries
from mentorship.profiles.answers import Wish
from mentorship.profiles.models import MentorProfile
from mentorship.relationships import conflicts
from mentorship.relationships.models import PairingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make

PROFILE = "/c/lakeside/profile"
FIND = "/c/lakeside/find"
ABOUT = {"stage": "m4", "class_year": "2027", "school": "St. Anne's", "story": "Ski patrol first."}
MEETINGS = {"places": "4", "lengths": ["20", "25"], "video_link": "https://video.example.org/m"}


@pytest.fixture
def rhea(lakeside):
    """A resident: student and mentor on one account."""
    return make.mentor(lakeside, "Rhea Lind", roles=[Role.STUDENT])


def text_of(answer):
    """What a reader reads: no tags, one space at most."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


class TestOwnProfile:
    def test_shows_the_parts_of_each_hat_one_wears(self, sign_in, sol, mara, rhea, cora, now):
        student, mentor = "What you look for", "What you offer"
        for who, shown, hidden in (
            (sol, [student, "Time zone"], [mentor, "Weekly hours"]),
            (mara, [mentor, "Weekly hours", "Evaluative roles", "Time zone"], [student]),
            (rhea, [student, mentor], []),
            (cora, ["Time zone"], [student, mentor]),
        ):
            page = text_of(sign_in(who).get(PROFILE))
            assert all(words in page for words in shown), (who.name, shown)
            assert not any(words in page for words in hidden), (who.name, hidden)

    def test_says_in_words_what_would_help(self, sign_in, lakeside, now):
        new = make.member(lakeside, Role.STUDENT, name="Noa Lund")

        assert (
            "Four things would help mentors understand you: your one-minute story , your"
            " interests , which mentors you look for and your stage of training ."
        ) in text_of(sign_in(new).get(PROFILE))

    @pytest.mark.parametrize("part", ["mentor", "offers", "mentor-interests", "meetings"])
    def test_a_part_of_a_hat_one_does_not_wear_is_not_there(self, sign_in, sol, part, now):
        client = sign_in(sol)
        assert client.get(f"{PROFILE}/{part}").status_code == 404
        assert client.post(f"{PROFILE}/{part}", data={"places": "9"}).status_code == 404
        assert db.session.get(User, sol.user_id).places is None

    @pytest.mark.parametrize("part", ["about", "interests", "wants", "nothing", "<script>"])
    def test_nor_is_any_other(self, sign_in, mara, part, now):
        assert sign_in(mara).get(f"{PROFILE}/{part}").status_code == 404

    def test_costs_the_same_three_statements(self, sign_in, rhea, statements, now):
        client = sign_in(rhea)
        client.get(PROFILE)
        with statements() as seen:
            assert client.get(PROFILE).status_code == 200
        assert len(seen) <= 4, seen


class TestSaving:
    def test_about(self, sign_in, sol, inside, now):
        answer = sign_in(sol).post(f"{PROFILE}/about", data=ABOUT)

        assert (answer.status_code, answer.location) == (303, PROFILE)
        with inside(sol):
            said = queries.my_mentee_profile(sol)
            assert (said.stage, said.class_year, said.school) == (Stage.M4, 2027, "St. Anne's")
            assert list(said.interests) == ["toxicology", "simulation"]

    def test_half_a_form_is_fine(self, sign_in, sol, inside, now):
        empty = {"stage": "", "class_year": "", "school": "", "story": ""}
        assert sign_in(sol).post(f"{PROFILE}/about", data=empty).status_code == 303
        with inside(sol):
            assert queries.my_mentee_profile(sol).stage is None

    def test_interests(self, sign_in, sol, inside, now):
        sign_in(sol).post(f"{PROFILE}/interests", data={"interests": ["airway", "ems"]})
        with inside(sol):
            assert list(queries.my_mentee_profile(sol).interests) == ["airway", "ems"]

    def test_wants_keeps_what_is_ticked_and_only_that(self, sign_in, sol, inside, now):
        sent = {
            **{"content": "y", "topics": ["ems"], "content_for": "Ride along."},
            "career_for": "Not ticked.",
        }
        sign_in(sol).post(f"{PROFILE}/wants", data=sent)
        with inside(sol):
            wants = queries.my_mentee_profile(sol).wants
        assert wants == {Kind.CONTENT: Wish(("ems",), "Ride along.")}

    def test_all_of_a_mentor(self, sign_in, mara, inside, now):
        client = sign_in(mara)
        about = {
            **{"standing": "fellow", "title_line": "Ultrasound fellow", "institution": "County"},
            **{"facets": ["county", "VA"], "story": "Bring images."},
        }
        offers = {"kinds": ["content"], "topics": ["ultrasound"], "recent_cycle": "y"}
        for part, data in (
            *(("mentor", about), ("offers", offers), ("meetings", MEETINGS)),
            ("mentor-interests", {"interests": ["ultrasound"]}),
        ):
            assert client.post(f"{PROFILE}/{part}", data=data).status_code == 303, part
        with inside(mara):
            said = queries.my_mentor_profile(mara)
        assert (said.standing, said.title, said.places) == ("fellow", "Ultrasound fellow", 4)
        assert said.offers == {Kind.CONTENT: ("ultrasound",)}
        assert (list(said.lengths), list(said.facets)) == ([20, 25], ["county", "VA"])

    def test_the_time_zone_is_the_person_s_in_every_chapter(self, sign_in, sol, now):
        client = sign_in(sol)
        assert "Chicago (Central)" in client.get(f"{PROFILE}/zone").text
        assert client.post(f"{PROFILE}/zone", data={"zone": "Europe/Oslo"}).status_code == 303
        assert "Oslo, where it is now 7:00 PM CET" in text_of(client.get(PROFILE))

    def test_pausing_says_what_it_means_and_is_taken_back(self, sign_in, mara, now):
        client = sign_in(mara)
        assert client.post(f"{PROFILE}/pause").status_code == 303
        page = text_of(client.get(PROFILE))
        assert "You are on pause" in page
        assert "Your pairings and meetings go on." in page
        client.post(f"{PROFILE}/resume")
        assert "You take new mentees" in text_of(client.get(PROFILE))

    def test_pausing_is_for_mentors(self, sign_in, sol, cora, now):
        for who in (sol, cora):
            assert sign_in(who).post(f"{PROFILE}/pause").status_code == 403
            assert sign_in(who).get(f"{PROFILE}/pause").status_code in (403, 404, 405)

    def test_a_doubled_submit_saves_once(self, sign_in, sol, inside, now):
        client = sign_in(sol)
        for _ in range(2):
            sent = client.post(f"{PROFILE}/about", data=ABOUT | {"form_key": "one"})
            assert sent.status_code == 303
        with inside(sol):
            assert len(list(db.session.scalars(select(AuditEvent)))) == 1


BAD = [
    ("about", {"stage": "wizard"}, "Choose from the list."),
    ("about", {"stage": "attending"}, "Choose from the list."),
    ("about", {"class_year": "soon"}, "Write the year in four digits, like 2028."),
    ("about", {"class_year": "27"}, "Give a year between 2011 and 2041."),
    ("about", {"class_year": "9" * 400}, "Give a year between 2011 and 2041."),
    ("about", {"class_year": "9" * 9000}, "Write the year in four digits, like 2028."),
    ("about", {"class_year": "2027.5"}, "Write the year in four digits, like 2028."),
    ("about", {"school": "x" * 121}, "Keep this within 120 characters."),
    ("about", {"story": "é" * 601}, "Keep this within 600 characters."),
    ("interests", {"interests": ["astrology"]}, "Choose from the list."),
    ("interests", {"interests": list(labels())[:13]}, "Choose at most 12 interests"),
    ("wants", {"content": "y", "topics": ["astrology"]}, "Choose from the list."),
    ("wants", {"content": "y", "topics": list(labels())[:9]}, "Choose at most 8 topics"),
    ("wants", {"career": "y", "career_for": "x" * 301}, "Keep this within 300 characters."),
    ("mentor", {"standing": "king"}, "Choose from the list."),
    ("mentor", {"facets": ["moonbase"]}, "Choose from the list."),
    ("mentor", {"title_line": "x" * 121}, "Keep this within 120 characters."),
    ("offers", {"kinds": ["sponsor"]}, "Choose from the list."),
    ("offers", {"kinds": ["content"], "topics": ["<b>"]}, "Choose from the list."),
    ("meetings", MEETINGS | {"places": ""}, "Write a number of places, from 0 to 50."),
    ("meetings", MEETINGS | {"places": "many"}, "Write a number of places, from 0 to 50."),
    ("meetings", MEETINGS | {"places": "-1"}, "Give a number of places from 0 to 50."),
    ("meetings", MEETINGS | {"places": "9" * 99}, "Give a number of places from 0 to 50."),
    ("meetings", MEETINGS | {"lengths": []}, "Choose at least one length of meeting."),
    ("meetings", MEETINGS | {"lengths": ["45"]}, "Choose from the list."),
    ("meetings", MEETINGS | {"video_link": "http://e.org"}, "Give a link that starts with https"),
    ("meetings", MEETINGS | {"video_link": "javascript:a()"}, "Give a link that starts with"),
    ("zone", {"zone": "Mars/Olympus"}, "Choose from the list."),
    ("zone", {"zone": "../../etc/passwd"}, "Choose from the list."),
]


@pytest.mark.parametrize(("part", "sent", "words"), BAD)
def test_bad_input_comes_back_with_words_and_what_was_typed(
    sign_in, rhea, inside, now, part, sent, words
):
    with inside(rhea):
        before = (queries.my_mentee_profile(rhea), queries.my_mentor_profile(rhea))
    answer = sign_in(rhea).post(f"{PROFILE}/{part}", data=sent)

    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert "<title>Error:" in answer.text
    for value in sent.values():
        if isinstance(value, str) and part != "zone" and value not in ("wizard", "king", "y"):
            assert value in unescape(answer.text) or part == "about"
    with inside(rhea):
        assert (queries.my_mentee_profile(rhea), queries.my_mentor_profile(rhea)) == before


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("O'Brien's “kitchen”", "O'Brien's “kitchen”"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("שלום עולם", "שלום עולם"),
        ("a\u202eb\u2066c", "abc"),
        ("a\x00b\x07c", "abc"),
        ("👩🏽‍⚕️ nights", "👩🏽‍⚕️ nights"),
        ("  two\r\nlines  ", "two\nlines"),
    ],
)
def test_any_writing_is_kept_as_it_is_and_shown_as_text(sign_in, rhea, inside, now, typed, kept):
    client = sign_in(rhea)
    assert client.post(f"{PROFILE}/about", data=ABOUT | {"story": typed}).status_code == 303
    assert client.post(f"{PROFILE}/mentor", data={"story": typed}).status_code == 303
    with inside(rhea):
        assert queries.my_mentee_profile(rhea).story == kept
    page = client.get(f"/c/lakeside/mentors/{rhea.id}")
    assert kept in unescape(page.text)
    assert "<script>alert" not in page.text


class TestFind:
    def test_opens_for_every_role_and_links_to_each_mentor(
        self, sign_in, lakeside, sol, mara, cora, now
    ):
        officer = make.member(lakeside, Role.OFFICER)
        advisor = make.member(lakeside, Role.ADVISOR)
        for who in (sol, cora, officer, advisor):
            answer = sign_in(who).get(FIND)
            assert answer.status_code == 200
            assert f"/c/lakeside/mentors/{mara.id}" in answer.text

    def test_says_what_both_named_and_that_order_comes_from_it(self, sign_in, sol, mara, now):
        page = text_of(sign_in(sol).get(FIND))

        assert "You both named Toxicology and Ultrasound" in page
        assert "1 mentor , most in common first" in page or "1 mentor, most in common" in page

    def test_narrows_by_what_the_address_says(self, sign_in, lakeside, sol, now):
        make.mentor(lakeside, "Dr. Ada Byrne", offers={Kind.WELLNESS: ()})
        make.mentor(lakeside, "Dr. Bo Fitch", offers={Kind.CAREER: ()})
        page = sign_in(sol).get(f"{FIND}?kind=wellness&places=y&standing=faculty").text

        assert "Dr. Ada Byrne" in page
        assert "Dr. Bo Fitch" not in page
        assert re.search(r'value="wellness" checked', page)

    @pytest.mark.parametrize(
        "asked",
        [
            *("kind=sponsor", "standing=king", "interest=astrology", "sort=magic", "after=zz"),
            *("q=%25", "q=%00", "q=%F0%9F%99%82", "q=%D7%A9", "kind=career&kind=wellness"),
            *("places=maybe", "after=", "q='%20OR%201=1", "unknown=1", "q=%5C%5C%27"),
        ],
    )
    def test_is_never_upset_by_an_address(self, sign_in, sol, mara, asked, now):
        assert sign_in(sol).get(f"{FIND}?{asked}").status_code == 200

    def test_says_beside_the_field_what_it_could_not_use(self, sign_in, sol, mara, now):
        page = unescape(sign_in(sol).get(f"{FIND}?q={'x' * 81}&kind=sponsor").text)

        assert "Search for at most 80 characters." in page
        assert "Choose from the list." in page
        assert "x" * 81 in page
        assert "Dr. Mara Quist" in page

    def test_nobody_found_says_what_to_take_away(self, sign_in, sol, mara, now):
        page = text_of(sign_in(sol).get(f"{FIND}?kind=wellness&q=zzz&places=y"))

        assert "Nobody offers wellness mentoring with the word “zzz” under these filters." in page
        for way_out in ("Without “zzz”", "Every kind", "Also without a place left", "Start over"):
            assert way_out in page

    def test_a_chapter_without_mentors_says_how_they_get_there(self, sign_in, sol, now):
        assert "No mentors yet" in text_of(sign_in(sol).get(FIND))

    def test_answers_the_script_with_the_results_alone(self, sign_in, sol, mara, now):
        client = sign_in(sol)
        part = client.get(FIND, headers={"HX-Request": "true"})
        assert "<html" not in part.text
        assert "Dr. Mara Quist" in part.text
        assert 'aria-live="polite"' in part.text
        assert part.headers["Vary"].count("HX-Request") == 1
        back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
        assert "<html" in client.get(FIND, headers=back).text

    def test_more_mentors_with_and_without_the_script(self, sign_in, lakeside, sol, now):
        for number in range(23):
            make.mentor(lakeside, f"Dr. {number:02} Same")
        client = sign_in(sol)
        first = client.get(f"{FIND}?kind=career").text
        more = unescape(re.search(r'id="more"><a class="btn btn-wide" href="([^"]+)"', first)[1])
        assert "kind=career" in more
        page, part = client.get(more), client.get(more, headers={"HX-Request": "true"})

        assert first.count('class="mcard"') == 20
        assert page.text.count('class="mcard"') == part.text.count('class="mcard"') == 3
        assert "Back to the first mentors" in page.text
        assert part.text.count("data-focus") == 1
        assert "<h2" not in part.text

    @pytest.mark.parametrize("asked", ["", "?kind=career&q=dr&places=y", "?sort=name"])
    def test_costs_the_same_for_one_and_for_fifty(
        self, sign_in, lakeside, sol, mara, statements, asked, now
    ):
        client, counts = sign_in(sol), []
        for more in (0, 50):
            for number in range(more):
                make.mentor(lakeside, f"Dr. {number:02} {asked[1:5]}")
            client.get(FIND + asked)
            with statements() as seen:
                client.get(FIND + asked)
            counts.append(len(seen))

        assert counts[0] == counts[1] <= 4

    def test_evaluators_are_marked_where_wellness_is_looked_for(
        self, sign_in, sol, mara, inside, now
    ):
        with inside(mara):
            conflicts.declare_evaluation(
                role="Direct grader",
                starts_on=now.date(),
                ends_on=None,
                mentee=None,
                by=mara,
                now=now,
            )
        client = sign_in(sol)
        words = "Takes part in evaluating you, so not for wellness"
        assert words in client.get(f"{FIND}?kind=wellness").text
        assert words not in client.get(f"{FIND}?kind=career").text


class TestMentorPage:
    def test_says_who_why_and_how_to_ask(self, sign_in, sol, mara, now):
        page = sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}?kind=wellness")

        assert page.text.count("<h1") == 1
        words = text_of(page)
        for said in (
            *("Dr. Mara Quist", "You both named Toxicology and Ultrasound", "3 of 3 places left"),
            *("Offers what you look for: career, content, application and wellness",),
            *("Nights, mostly, and I like them.", "Academic", "20, 25 or 30 minutes"),
        ):
            assert said in words
        assert f'action="/c/lakeside/mentors/{mara.id}/ask"' in page.text
        assert re.search(r'name="kind" value="wellness" checked', page.text)
        assert re.search(r'name="minutes" value="25" checked', page.text)

    def test_who_is_no_student_sees_it_and_cannot_ask(self, sign_in, mara, cora, now):
        for who in (mara, cora):
            page = sign_in(who).get(f"/c/lakeside/mentors/{mara.id}")
            assert page.status_code == 200
            assert "/ask" not in page.text

    def test_of_another_chapter_or_of_no_mentor_is_not_there(self, sign_in, sol, mara, odd, now):
        client = sign_in(sol)
        for nobody in (odd, sol):
            assert client.get(f"/c/lakeside/mentors/{nobody.id}").status_code == 404
        assert client.get("/c/lakeside/mentors/not-an-id").status_code == 404
        assert sign_in(odd).get(f"/c/lakeside/mentors/{mara.id}").status_code == 404

    def test_of_whom_one_is_kept_apart_from_is_not_there(self, sign_in, sol, mara, inside, now):
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)

        assert sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}").status_code == 404

    def test_of_one_s_own_mentor_leads_to_the_pairing(self, sign_in, sol, mara, now):
        pairing_id = make.pairing(mara, sol, Kind.CAREER)
        page = sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}")

        assert "Your career mentor" in text_of(page)
        assert f"/c/lakeside/pairings/{pairing_id}" in page.text
        assert f"/c/lakeside/mentors/{mara.id}/ask?kind=career" in page.text
        assert "is your career mentor already" in text_of(page)

    def test_of_somebody_asked_says_that_the_answer_is_open(self, sign_in, sol, mara, now):
        make.pairing(mara, sol, Kind.CAREER, state=PairingState.PROPOSED)

        page = text_of(sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}"))
        assert "You have asked Dr. Quist" in page
        assert "Your career mentor" not in page

    def test_on_pause_says_so_and_shows_no_way_to_ask(self, sign_in, lakeside, sol, now):
        ada = make.mentor(lakeside, "Dr. Ada Byrne", paused=True)
        page = sign_in(sol).get(f"/c/lakeside/mentors/{ada.id}")

        assert "Dr. Byrne takes no new mentees for now." in text_of(page)
        assert "/ask" not in page.text

    def test_a_video_link_is_only_for_those_who_meet(self, sign_in, sol, mara, inside, now):
        with inside(mara):
            profile = db.session.scalars(select(MentorProfile)).one()
            profile.video_link = "https://video.example.org/secret"
        page = sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}")

        assert "by video" in page.text
        assert "secret" not in page.text

    @pytest.mark.parametrize("kind", ["sponsor", "", "%00", "career"])
    def test_any_kind_in_the_address(self, sign_in, sol, mara, kind, now):
        answer = sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}?kind={kind}")
        assert answer.status_code == 200

    def test_costs_three_statements(self, sign_in, sol, mara, statements, now):
        client = sign_in(sol)
        client.get(f"/c/lakeside/mentors/{mara.id}")
        with statements() as seen:
            client.get(f"/c/lakeside/mentors/{mara.id}")
        assert len(seen) <= 4, seen
