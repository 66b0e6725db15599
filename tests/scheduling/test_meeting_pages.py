"""The list of meetings and the page of one, as its two people use them, and nobody else."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import icalendar
import pytest
from sqlalchemy import select, update

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.relationships import conflicts
from mentorship.relationships.models import ActionItem, Pairing, PairingState
from mentorship.scheduling.models import AgendaItem, Meeting, MeetingState, PrivateNote
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make

STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)
DAY = timedelta(days=1)
LIST = "/c/lakeside/meetings"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def pairing_id(mara, sol) -> UUID:
    return make.pairing(mara, sol, state=PairingState.ACTIVE)


@pytest.fixture
def meeting_id(mara, sol, pairing_id, now) -> UUID:
    return make.meeting(mara, sol, pairing_id, starts_at=STARTS)


@pytest.fixture
def page(meeting_id) -> str:
    return f"{LIST}/{meeting_id}"


@pytest.fixture
def one(inside, sol):
    """Read one record of a kind: `one(Meeting)`."""

    def one(record):
        with inside(sol):
            db.session.expire_all()
            return db.session.scalars(select(record)).one()

    return one


@pytest.fixture
def every(inside, sol):
    """Read all records of a kind."""

    def every(record):
        with inside(sol):
            return list(db.session.scalars(select(record)))

    return every


def set_meeting(inside, who, meeting_id, **values):
    with inside(who):
        db.session.execute(update(Meeting).where(Meeting.id == meeting_id).values(**values))


def section(text: str, id_: str) -> str:
    """The part of a page that a section holds."""
    return re.search(rf'<section [^>]*id="{id_}".*?</section>', text, re.DOTALL).group()


class TestList:
    def test_is_empty_in_words(self, sol, now, sign_in):
        answer = sign_in(sol).get(LIST)

        assert answer.status_code == 200
        assert "No meetings yet" in answer.text
        assert "Find a mentor" in answer.text

    def test_shows_time_in_my_zone_state_and_what_is_missing(self, meeting_id, sol, sign_in):
        answer = sign_in(sol).get(LIST).text

        assert "1 meeting ahead" in answer
        assert "Thu, Mar 5, 1:00 to 1:25 PM CST" in answer
        assert "Agreed, agenda still blank" in answer
        assert f'href="/c/lakeside/meetings/{meeting_id}"' in answer

    def test_asks_how_those_went_that_are_over(self, meeting_id, sol, sign_in, at):
        at(STARTS + DAY)
        answer = sign_in(sol).get(LIST).text

        assert "1 meeting to settle" in answer
        assert "Say how it went" in answer

    def test_says_whose_answer_is_awaited(self, mara, sol, pairing_id, now, sign_in):
        make.meeting(mara, sol, pairing_id, starts_at=STARTS, state=MeetingState.REQUESTED)

        assert "Waits for your answer, by" in sign_in(mara).get(LIST).text
        assert "Asked. Dr. Quist answers by" in sign_in(sol).get(LIST).text

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (MeetingState.HELD, "Met, no shared notes"),
            (MeetingState.DECLINED, "Declined"),
            (MeetingState.WITHDRAWN, "Withdrawn"),
            (MeetingState.LAPSED, "Lapsed without an answer"),
            (MeetingState.CANCELLED, "Cancelled"),
        ],
    )
    def test_keeps_those_that_were(self, mara, sol, pairing_id, now, sign_in, state, words):
        make.meeting(mara, sol, pairing_id, starts_at=now - DAY, state=state)

        assert words in sign_in(sol).get(LIST).text

    def test_leads_to_earlier_ones_and_keeps_the_person(
        self, lakeside, mara, sol, pairing_id, now, sign_in
    ):
        make.pairing(make.mentor(lakeside, "Dr. Ana Silva"), sol, Kind.WELLNESS)
        for n in range(1, 23):
            state = MeetingState.HELD
            make.meeting(mara, sol, pairing_id, starts_at=now - n * DAY, state=state)
        client = sign_in(sol)

        first = client.get(f"{LIST}?with={mara.id}").text
        link = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")
        second = client.get(link).text

        assert f"with={mara.id}" in link
        assert first.count("Met, no shared notes") == 20
        assert second.count("Met, no shared notes") == 2
        assert "Earlier meetings" not in second

    @pytest.mark.parametrize("query", ["with=x", "with=", "before=x", "before=%00", "before=~~~"])
    def test_shrugs_at_an_address_that_was_tampered_with(self, meeting_id, sol, sign_in, query):
        assert sign_in(sol).get(f"{LIST}?{query}").status_code == 200

    def test_tells_a_coordinator_nothing(self, meeting_id, cora, sign_in):
        assert sign_in(cora).get(LIST).status_code == 403

    def test_shows_no_meeting_of_others_and_not_their_names(
        self, lakeside, meeting_id, sol, sign_in
    ):
        answer = sign_in(make.student(lakeside, "Rio")).get(f"{LIST}?with={sol.id}").text

        assert "Sol" not in answer
        assert str(meeting_id) not in answer


class TestPage:
    def test_says_when_it_is_for_both(self, lakeside, sol, now, sign_in):
        mentor = make.mentor(lakeside, "Dr. Kei Mori", zone="Asia/Tokyo")
        pairing_id = make.pairing(mentor, sol)
        meeting_id = make.meeting(mentor, sol, pairing_id, starts_at=STARTS)

        answer = sign_in(sol).get(f"{LIST}/{meeting_id}").text
        assert "Thursday, March 5" in answer
        assert "1:00 PM CST" in answer
        assert "That is 4:00 AM JST on Fri, Mar 6 for Dr. Mori." in answer
        assert "Your first meeting." in answer

        theirs = sign_in(mentor).get(f"{LIST}/{meeting_id}").text
        assert "Friday, March 6" in theirs
        assert "That is 1:00 PM CST on Thu, Mar 5 for Sol." in theirs

    def test_does_not_say_the_time_twice_where_it_is_the_same(self, page, sol, sign_in):
        assert "That is" not in sign_in(sol).get(page).text

    def test_leads_to_a_video_link_that_is_safe(self, page, meeting_id, sol, inside, sign_in):
        set_meeting(inside, sol, meeting_id, place="https://video.example.org/quist")
        answer = sign_in(sol).get(page).text

        assert 'href="https://video.example.org/quist" rel="noopener noreferrer"' in answer
        assert "Join video" in answer

    def test_keeps_a_video_link_from_the_student_until_it_is_agreed(
        self, page, meeting_id, sol, mara, inside, sign_in, now
    ):
        link = "https://video.example.org/quist"
        asked = {"awaiting": "mentor", "answer_by": now + DAY}
        set_meeting(inside, sol, meeting_id, place=link, state=MeetingState.REQUESTED, **asked)

        answer = sign_in(sol).get(page).text
        assert link not in answer
        assert "The link stands here once the time is agreed." in answer
        assert link in sign_in(mara).get(page).text

    @pytest.mark.parametrize("place", ["javascript:alert(1)", "Room <b>4</b>"])
    def test_shows_any_other_place_as_words(self, page, meeting_id, sol, inside, sign_in, place):
        set_meeting(inside, sol, meeting_id, place=place)
        answer = sign_in(sol).get(page).text

        assert 'href="javascript' not in answer
        assert "<b>4</b>" not in answer
        assert "Join video" not in answer

    def test_offers_an_answer_to_whoever_is_asked(self, mara, sol, pairing_id, now, sign_in):
        meeting_id = make.meeting(
            mara, sol, pairing_id, starts_at=STARTS, state=MeetingState.REQUESTED
        )
        theirs = sign_in(mara).get(f"{LIST}/{meeting_id}").text
        mine = sign_in(sol).get(f"{LIST}/{meeting_id}").text

        for what in ("accept", "propose", "decline"):
            assert f"/meetings/{meeting_id}/{what}" in theirs
            assert f"/meetings/{meeting_id}/{what}" not in mine
        assert f"/meetings/{meeting_id}/withdraw" in mine
        assert f"/meetings/{meeting_id}/withdraw" not in theirs
        assert f"{meeting_id}.ics" not in mine

    def test_offers_a_student_the_answer_to_another_time(
        self, mara, sol, pairing_id, now, inside, sign_in
    ):
        meeting_id = make.meeting(
            mara, sol, pairing_id, starts_at=STARTS, state=MeetingState.REQUESTED
        )
        set_meeting(inside, sol, meeting_id, awaiting="mentee")
        answer = sign_in(sol).get(f"{LIST}/{meeting_id}").text

        for what in ("accept", "propose", "withdraw"):
            assert f"/meetings/{meeting_id}/{what}" in answer
        assert f"/meetings/{meeting_id}/decline" not in answer

    @pytest.mark.parametrize(
        ("state", "mine", "theirs"),
        [
            (MeetingState.DECLINED, "Dr. Quist could not take this on.", "You could not"),
            (MeetingState.WITHDRAWN, "You took this request back.", "Sol took this"),
            (MeetingState.LAPSED, "so this request lapsed", "so this request lapsed"),
            (MeetingState.CANCELLED, "This meeting was cancelled.", "This meeting was cancelled."),
        ],
    )
    def test_says_what_became_of_it(
        self, mara, sol, pairing_id, now, inside, sign_in, state, mine, theirs
    ):
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=STARTS, state=state)
        set_meeting(inside, sol, meeting_id, word="On nights <all> month")
        for who, words in ((sol, mine), (mara, theirs)):
            answer = sign_in(who).get(f"{LIST}/{meeting_id}").text
            assert words in answer
            assert "“On nights &lt;all&gt; month”" in answer
            assert "Add a question" not in answer
            assert ">Cancel the meeting<" not in answer

    def test_names_the_better_contact(self, lakeside, mara, sol, pairing_id, now, inside, sign_in):
        ana = make.mentor(lakeside, "Dr. Ana Silva")
        state = MeetingState.DECLINED
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=STARTS, state=state)
        set_meeting(inside, sol, meeting_id, referred_to_id=ana.id)
        answer = sign_in(sol).get(f"{LIST}/{meeting_id}").text

        assert f'href="/c/lakeside/mentors/{ana.id}">Dr. Ana Silva</a>' in answer

    def test_holds_its_budget_whatever_stands_on_it(
        self, page, meeting_id, mara, sol, pairing_id, now, inside, sign_in, statements
    ):
        client = sign_in(sol)
        client.get(page)
        counts = []
        for rows in (1, 49):
            with inside(sol):
                db.session.add_all(
                    AgendaItem(meeting_id=meeting_id, by_id=sol.id, position=n, what=f"Item {n}")
                    for n in range(rows)
                )
                db.session.add_all(
                    ActionItem(pairing_id=pairing_id, owner_id=sol.id, what="Do", created_at=now)
                    for _ in range(rows)
                )
            with statements() as seen:
                assert client.get(page).status_code == 200
            counts.append(len(seen))
        assert counts == [4, 4]

    def test_so_does_the_list(self, mara, sol, pairing_id, now, sign_in, statements):
        client = sign_in(sol)
        client.get(LIST)
        counts = []
        for rows in (range(1, 2), range(2, 51)):
            for n in rows:
                state = MeetingState.HELD
                make.meeting(mara, sol, pairing_id, starts_at=now - n * DAY, state=state)
            with statements() as seen:
                assert client.get(LIST).status_code == 200
            counts.append(len(seen))
        assert counts == [4, 4]


class TestNobodyElse:
    """Somebody else's meeting does not exist: not for a verb, a method, or a role."""

    def paths(self, meeting_id, item_id):
        page = f"{LIST}/{meeting_id}"
        return [
            ("GET", page),
            ("GET", f"{page}.ics"),
            ("POST", f"{page}/agenda"),
            ("GET", f"{page}/agenda/{item_id}"),
            ("POST", f"{page}/agenda/{item_id}"),
            ("POST", f"{page}/agenda/{item_id}/move"),
            ("POST", f"{page}/agenda/{item_id}/remove"),
            ("POST", f"{page}/notes"),
            ("POST", f"{page}/private-notes"),
            ("POST", f"{page}/action-items"),
            ("POST", f"{page}/held"),
            ("POST", f"{page}/not-held"),
        ]

    @pytest.fixture
    def item_id(self, meeting_id, sol, inside):
        with inside(sol):
            item = AgendaItem(meeting_id=meeting_id, by_id=sol.id, position=1, what="Leave")
            db.session.add(item)
            db.session.flush()
            return item.id

    def test_not_for_another_student_mentor_or_one_with_every_role(
        self, lakeside, meeting_id, item_id, sign_in, every
    ):
        # Even the wellness meeting of two others, to whoever runs the chapter.
        strangers = [
            make.student(lakeside, "Rio"),
            make.mentor(lakeside, "Dr. Ana Silva"),
            make.student(lakeside, "Every Hat", roles=tuple(Role)),
        ]
        words = {"what": "x", "words": "x", "private": "x", "task": "x", "absent": "mentor"}
        for stranger in strangers:
            client = sign_in(stranger)
            for method, path in self.paths(meeting_id, item_id):
                answer = client.open(path, method=method, data=words)
                assert answer.status_code == 404, (method, path)
                assert "Leave" not in answer.text
        assert len(every(AgendaItem)) == 1
        assert every(ActionItem) == []

    def test_not_for_a_coordinator(self, cora, meeting_id, item_id, sign_in):
        client = sign_in(cora)
        for method, path in self.paths(meeting_id, item_id):
            assert client.open(path, method=method).status_code == 403, (method, path)

    def test_not_for_another_chapter(self, odd, meeting_id, item_id, sign_in):
        client = sign_in(odd)
        for method, path in self.paths(meeting_id, item_id):
            for slug in ("lakeside", "elsewhere"):
                answer = client.open(path.replace("lakeside", slug), method=method)
                assert answer.status_code == 404, (method, path, slug)

    def test_not_without_signing_in(self, app, meeting_id, item_id):
        for method, path in self.paths(meeting_id, item_id):
            answer = app.test_client().open(path, method=method)
            assert answer.status_code == 302, (method, path)
            assert "/sign-in" in answer.location

    def test_not_by_an_id_that_is_none(self, sol, now, sign_in):
        client = sign_in(sol)
        assert client.get(f"{LIST}/{uuid4()}").status_code == 404
        assert client.get(f"{LIST}/nothing").status_code == 404
        assert client.get(f"{LIST}/{uuid4()}.ics").status_code == 404


class TestAgenda:
    def test_both_add_to_it(self, page, mara, sol, sign_in):
        client = sign_in(sol)
        answer = client.post(f"{page}/agenda", data={"what": "Away rotations", "minutes": "20"})
        assert (answer.status_code, answer.location) == (303, f"{page}#prepare")
        sign_in(mara).post(f"{page}/agenda", data={"what": "Your statement", "minutes": "8"})

        shown = section(client.get(page).text, "prepare")
        assert "28 of 25 minutes planned, 3 over" in shown
        assert shown.index("Away rotations") < shown.index("Your statement")
        assert re.search(r"8 min</span>\s*<span>Dr. Quist</span>", shown)
        assert re.search(r"20 min</span>\s*<span>You</span>", shown)

    @pytest.mark.parametrize(
        ("sent", "reason"),
        [
            ({}, "Say what you want to get to."),
            ({"what": "   ", "minutes": "5"}, "Say what you want to get to."),
            ({"what": "\u200b\x00\x07", "minutes": "5"}, "in 1 to 300 characters"),
            ({"what": "x" * 301, "minutes": "5"}, "in 1 to 300 characters"),
            ({"what": "Rotations", "minutes": "many"}, "between 1 and 30 minutes"),
            ({"what": "Rotations", "minutes": "31"}, "between 1 and 30 minutes"),
            ({"what": "Rotations", "minutes": "-5"}, "between 1 and 30 minutes"),
        ],
    )
    def test_what_cannot_be_added_comes_back_with_the_reason(
        self, page, sol, sign_in, every, sent, reason
    ):
        answer = sign_in(sol).post(f"{page}/agenda", data=sent)

        assert answer.status_code == 422
        assert reason in section(answer.text, "prepare")
        assert "<title>Error:" in answer.text
        assert (sent.get("what") or "").strip("\u200b\x00\x07 ") in answer.text
        assert every(AgendaItem) == []

    @pytest.mark.parametrize(
        "what",
        [
            "O’Brien’s rule & <script>alert(1)</script>",
            "سؤال عن التخصص",
            "\u202eتخصص",
            "Nights 🌙 and 👩🏽‍⚕️",
            'a "quoted" question\x00\x1b',
        ],
    )
    def test_takes_what_people_write(self, page, sol, sign_in, one, what):
        client = sign_in(sol)
        client.post(f"{page}/agenda", data={"what": what, "minutes": "5"})

        kept = "".join(letter for letter in what if letter not in "\u202e\x00\x1b")
        assert one(AgendaItem).what == kept
        assert "<script>alert" not in client.get(page).text

    def test_a_doubled_submit_adds_once(self, page, sol, sign_in, every):
        client = sign_in(sol)
        sent = {"what": "Rotations", "minutes": "5", "form_key": "k" * 16}
        answers = [client.post(f"{page}/agenda", data=sent) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].location == answers[1].location
        assert len(every(AgendaItem)) == 1

    @pytest.fixture
    def first(self, every):
        """Read the first item's words: `first()`."""
        return lambda: min(every(AgendaItem), key=lambda item: item.position).what

    @pytest.fixture
    def items(self, meeting_id, sol, now, inside):
        with inside(sol):
            made = [
                AgendaItem(meeting_id=meeting_id, by_id=sol.id, position=n, what=what, minutes=7)
                for n, what in enumerate(("Alpha", "Beta", "Gamma"), 1)
            ]
            db.session.add_all(made)
            db.session.flush()
            return [item.id for item in made]

    def test_items_move_by_buttons(self, page, items, mara, sign_in):
        client = sign_in(mara)
        client.post(f"{page}/agenda/{items[2]}/move", data={"to": "up"})
        client.post(f"{page}/agenda/{items[0]}/move", data={"to": "down"})

        shown = section(client.get(page).text, "prepare")
        assert shown.index("Gamma") < shown.index("Alpha") < shown.index("Beta")

    def test_an_item_is_removed_and_its_words_are_not_lost(self, page, items, mara, sign_in):
        client = sign_in(mara)
        client.post(f"{page}/agenda/{items[1]}/remove")

        answer = client.get(page).text
        assert "Beta" not in section(answer, "prepare")
        assert "Off the agenda: “Beta”" in answer

    @pytest.mark.parametrize("verb", ["move", "remove"])
    def test_what_is_gone_is_said_to_be(self, page, items, sol, sign_in, verb):
        client = sign_in(sol)
        client.post(f"{page}/agenda/{items[1]}/remove")
        answer = client.post(f"{page}/agenda/{items[1]}/{verb}", data={"to": "up"})

        assert answer.status_code == 409
        assert "That item is no longer on the agenda." in answer.text
        assert "Alpha" in answer.text

    def test_an_item_is_edited_on_a_page_of_its_own(self, page, items, mara, sign_in, first):
        client = sign_in(mara)
        edit = f"{page}/agenda/{items[0]}"
        shown = client.get(edit).text
        assert 'value="Alpha"' in shown
        assert '<option selected value="7">7 min</option>' in shown  # a length off the list stays

        seen = re.search(r'name="seen" value="([^"]+)"', shown).group(1)
        sent = {"what": "Alpha, first", "minutes": "7", "seen": seen}
        answer = client.post(edit, data=sent)
        assert (answer.status_code, answer.location) == (303, f"{page}#item-{items[0]}")
        assert first() == "Alpha, first"

    def test_an_edit_that_came_second_says_so_and_keeps_both(
        self, page, items, mara, sol, sign_in, first
    ):
        edit = f"{page}/agenda/{items[0]}"
        shown = sign_in(mara).get(edit).text
        seen = re.search(r'name="seen" value="([^"]+)"', shown).group(1)
        theirs = {"what": "Theirs", "minutes": "5", "seen": seen}
        sign_in(mara).post(edit, data=theirs)
        client = sign_in(sol)
        answer = client.post(edit, data={"what": "Mine", "minutes": "5", "seen": seen})

        assert answer.status_code == 422
        assert "This item was changed meanwhile." in answer.text
        assert "“Theirs”, 5 minutes" in answer.text
        assert 'value="Mine"' in answer.text
        assert first() == "Theirs"

        seen = re.search(r'name="seen" value="([^"]+)"', answer.text).group(1)
        again = client.post(edit, data={"what": "Mine", "minutes": "5", "seen": seen})
        assert again.status_code == 303
        assert first() == "Mine"

    def test_an_edit_of_what_is_gone_keeps_the_words(self, page, items, mara, sol, sign_in):
        sign_in(mara).post(f"{page}/agenda/{items[0]}/remove")
        client = sign_in(sol)
        answer = client.post(f"{page}/agenda/{items[0]}", data={"what": "Mine", "minutes": "5"})

        assert answer.status_code == 422
        assert "no longer on the agenda" in answer.text
        assert 'value="Mine"' in answer.text
        assert client.get(f"{page}/agenda/{items[0]}").status_code == 404

    @pytest.mark.parametrize(
        "sent", [{}, {"what": ""}, {"what": "x" * 301}, {"what": "A", "minutes": "x"}]
    )
    def test_a_bad_edit_comes_back(self, page, items, sol, sign_in, first, sent):
        answer = sign_in(sol).post(f"{page}/agenda/{items[0]}", data=sent)

        assert answer.status_code == 422
        assert first() == "Alpha"

    def test_ends_with_the_meeting(self, page, meeting_id, items, sol, inside, sign_in):
        set_meeting(inside, sol, meeting_id, state="held")
        client = sign_in(sol)

        assert "Add a question" not in client.get(page).text
        answer = client.post(f"{page}/agenda", data={"what": "More", "minutes": "5"})
        assert answer.status_code == 422
        answer = client.post(f"{page}/agenda/{items[0]}/remove")
        assert answer.status_code == 409
        assert "can no longer be changed" in answer.text


class TestSharedNotes:
    def test_are_saved_by_the_button_and_seen_by_both(self, page, mara, sol, sign_in, one):
        answer = sign_in(sol).post(f"{page}/notes", data={"words": "Eight programs", "version": 0})

        assert (answer.status_code, answer.location) == (303, f"{page}#notes")
        assert one(Meeting).notes_version == 1
        assert "Eight programs" in section(sign_in(mara).get(page).text, "notes")

    def test_say_who_sees_them(self, page, sol, sign_in):
        shown = section(sign_in(sol).get(page).text, "notes")

        assert "You and Dr. Quist both see and edit these. Nobody else does." in shown
        assert "Only you. Not Dr. Quist, not the coordinators." in shown
        assert shown.count("nothing about a patient") == 2

    def test_cannot_break_out_of_the_page(self, page, mara, sol, sign_in):
        words = "A</textarea><script>alert(1)</script><img src=x onerror=alert(1)>B <x-y onload=a>"
        sign_in(sol).post(f"{page}/notes", data={"words": words, "version": 0})
        answer = sign_in(mara).get(page).text

        assert "<script>alert" not in answer
        assert "<img" not in answer
        assert "A B &lt;x-y onload=a&gt;</textarea>" in answer
        assert "<p>A B &lt;x-y onload=a&gt;</p>" in answer

    def test_keep_lines_and_letters(self, page, sol, sign_in, one):
        words = "First\r\n\r\n  – second 🌙\r\nثلث\x00\x1b"
        sign_in(sol).post(f"{page}/notes", data={"words": words, "version": 0})

        assert one(Meeting).notes == "First\n\n  – second 🌙\nثلث"

    def test_written_by_both_at_once_are_shown_side_by_side(self, page, mara, sol, sign_in, one):
        sign_in(mara).post(f"{page}/notes", data={"words": "Same\nTheirs", "version": 0})
        client = sign_in(sol)
        answer = client.post(f"{page}/notes", data={"words": "Same\nMine <b>", "version": 0})

        assert answer.status_code == 409
        assert "As they are now" in answer.text
        assert "As you wrote them" in answer.text
        assert "Same\nTheirs\nMine &lt;b&gt;</textarea>" in answer.text
        assert 'name="version" value="1"' in answer.text
        assert one(Meeting).notes == "Same\nTheirs"

        client.post(f"{page}/notes", data={"words": "Same\nTheirs\nMine", "version": 1})
        assert one(Meeting).notes == "Same\nTheirs\nMine"

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 5000, "1e3", "٣"])
    def test_a_version_that_was_tampered_with_overwrites_nothing(
        self, page, mara, sol, sign_in, one, version
    ):
        sign_in(mara).post(f"{page}/notes", data={"words": "Theirs", "version": 0})
        answer = sign_in(sol).post(f"{page}/notes", data={"words": "Mine", "version": version})

        assert answer.status_code == 409
        assert one(Meeting).notes == "Theirs"

    def test_too_long_come_back_whole(self, page, sol, sign_in, one):
        answer = sign_in(sol).post(f"{page}/notes", data={"words": "x" * 100_000, "version": 0})

        assert answer.status_code == 422
        assert "Keep the notes within 40,000 characters. These have 100,000." in answer.text
        assert "x" * 100_000 in answer.text
        assert one(Meeting).notes == ""

    def test_that_may_name_a_patient_are_asked_about(self, page, sol, sign_in, one):
        client = sign_in(sol)
        sent = {"words": "The fall, MRN 00412233", "version": 0}
        assert "It is about nobody’s care" not in client.get(page).text
        answer = client.post(f"{page}/notes", data=sent)

        assert answer.status_code == 422
        assert "could identify a patient: “MRN 00412233”" in answer.text
        assert "It is about nobody’s care. Save it as it is" in answer.text
        assert "The fall, MRN 00412233</textarea>" in answer.text
        assert one(Meeting).notes == ""

        assert client.post(f"{page}/notes", data=sent | {"anyway": "y"}).status_code == 303
        assert one(Meeting).notes == "The fall, MRN 00412233"

    def test_stop_where_one_has_blocked_the_other(self, page, mara, sol, now, inside, sign_in, one):
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        answer = sign_in(sol).post(f"{page}/notes", data={"words": "Please", "version": 0})

        assert answer.status_code == 422
        assert "Nothing more can be written between the two of you." in answer.text
        assert one(Meeting).notes == ""

    def test_leave_no_words_in_the_trail(self, page, sol, inside, sign_in):
        sign_in(sol).post(f"{page}/notes", data={"words": "I failed Step 1", "version": 0})
        sign_in(sol).post(f"{page}/private-notes", data={"private": "Step 1 again"})

        with inside(sol):
            for event in db.session.scalars(select(AuditEvent)):
                assert "Step 1" not in str(event.facts)


class TestAutosave:
    def test_of_a_form_with_its_key_is_the_buttons(self, page, sol, sign_in, one):
        client = sign_in(sol)
        sent = {"words": "Eight programs", "version": 0, "form_key": "k"}
        answers = [client.post(f"{page}/notes", data=sent, headers=SCRIPT) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert one(Meeting).notes == "Eight programs"

    def test_answers_with_a_status_and_never_with_the_field(self, page, sol, sign_in, one):
        client = sign_in(sol)
        sent = {"words": "Eight programs", "version": 0, "form_key": ""}
        answer = client.post(f"{page}/notes", data=sent, headers=SCRIPT)

        assert answer.status_code == 200
        assert "HX-Request" in answer.headers["Vary"]
        assert "Saved 12:00 PM." in answer.text
        assert 'name="version" value="1"' in answer.text
        assert "textarea" not in answer.text
        assert answer.text.count("<p>Eight programs</p>") == 1  # how they read
        assert one(Meeting).notes == "Eight programs"

    def test_there_and_back_again_is_kept(self, page, sol, sign_in, one):
        client = sign_in(sol)
        for version, words in enumerate(("A", "B", "A")):
            sent = {"words": words, "version": version, "form_key": ""}
            client.post(f"{page}/notes", data=sent, headers=SCRIPT)

        assert (one(Meeting).notes, one(Meeting).notes_version) == ("A", 3)

    @pytest.mark.parametrize(
        ("sent", "status", "words"),
        [
            ({"words": "Mine", "version": 0}, 409, "press Save to see both"),
            ({"words": "MRN 00412233", "version": 1}, 422, "could identify a patient"),
            ({"words": "x" * 40_001, "version": 1}, 422, "Keep the notes within"),
        ],
    )
    def test_says_what_it_did_not_save(self, page, mara, sol, sign_in, one, sent, status, words):
        sign_in(mara).post(f"{page}/notes", data={"words": "Theirs", "version": 0})
        answer = sign_in(sol).post(f"{page}/notes", data=sent, headers=SCRIPT)

        assert answer.status_code == status
        assert words in answer.text
        assert 'name="version"' not in answer.text
        assert "<html" not in answer.text
        assert one(Meeting).notes == "Theirs"

    def test_of_private_notes(self, page, sol, sign_in, one):
        client = sign_in(sol)
        sent = {"private": "Ask about nights", "form_key": ""}
        answer = client.post(f"{page}/private-notes", data=sent, headers=SCRIPT)

        assert (answer.status_code, "private-status" in answer.text) == (200, True)
        assert one(PrivateNote).words == "Ask about nights"
        sent = {"private": "SSN 123-45-6789"}
        answer = client.post(f"{page}/private-notes", data=sent, headers=SCRIPT)
        assert answer.status_code == 422
        assert "could identify" in answer.text


class TestPrivateNotes:
    def test_are_seen_by_nobody_else(self, page, mara, sol, sign_in):
        mine, theirs = sign_in(sol), sign_in(mara)
        mine.post(f"{page}/private-notes", data={"private": "Not sure about her"})
        theirs.post(f"{page}/private-notes", data={"private": "Promising"})

        assert "Not sure about her" in mine.get(page).text
        assert "Promising" not in mine.get(page).text
        assert "Promising" in theirs.get(page).text
        assert "Not sure about her" not in theirs.get(page).text

    def test_come_back_with_the_reason(self, page, sol, sign_in, every):
        client = sign_in(sol)
        answer = client.post(f"{page}/private-notes", data={"private": "x" * 40_001})
        assert answer.status_code == 422
        assert "x" * 40_001 in answer.text

        answer = client.post(f"{page}/private-notes", data={"private": "DOB 3/14/1962"})
        assert answer.status_code == 422
        assert "Save it as it is" in answer.text
        sent = {"private": "DOB 3/14/1962", "private_anyway": "y"}
        assert client.post(f"{page}/private-notes", data=sent).status_code == 303

    def test_a_form_that_comes_back_leaves_the_other_notes_as_they_are(self, page, sol, sign_in):
        client = sign_in(sol)
        client.post(f"{page}/private-notes", data={"private": "Kept by me"})
        client.post(f"{page}/notes", data={"words": "Kept by both", "version": 0})
        answer = client.post(f"{page}/agenda", data={"what": ""}).text

        assert "Kept by me</textarea>" in answer
        assert "Kept by both</textarea>" in answer


class TestActionItems:
    def test_come_out_of_a_meeting(self, page, meeting_id, mara, sol, sign_in, one):
        client = sign_in(sol)
        sent = {"task": "Read my statement", "owner": "other", "due_on": "2026-03-12"}
        answer = client.post(f"{page}/action-items", data=sent)

        assert (answer.status_code, answer.location) == (303, f"{page}#items")
        item = one(ActionItem)
        assert (item.owner_id, item.meeting_id) == (mara.id, meeting_id)
        shown = section(client.get(page).text, "items")
        assert "Dr. Quist, due Thu, Mar 12" in shown
        assert "You, due Thu, Mar 12" in section(sign_in(mara).get(page).text, "items")

    @pytest.mark.parametrize(
        ("sent", "reason"),
        [
            ({}, "in 1 to 300 characters"),
            ({"task": "x" * 301, "owner": "me"}, "in 1 to 300 characters"),
            ({"task": "Call", "owner": "nobody"}, "Choose whose it is."),
            ({"task": "Call", "owner": "me", "due_on": "tomorrow"}, "Write the day as"),
            ({"task": "Call", "owner": "me", "due_on": "2026-02-30"}, "Write the day as"),
            ({"task": "Call", "owner": "me", "due_on": "2026-03-01"}, "from today on"),
        ],
    )
    def test_come_back_with_the_reason(self, page, sol, sign_in, every, sent, reason):
        answer = sign_in(sol).post(f"{page}/action-items", data=sent)

        assert answer.status_code == 422
        assert reason in section(answer.text, "items")
        assert sent.get("task", "") in answer.text
        assert every(ActionItem) == []

    def test_stop_where_one_has_blocked_the_other(
        self, page, mara, sol, now, inside, sign_in, every
    ):
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        answer = sign_in(sol).post(f"{page}/action-items", data={"task": "Call", "owner": "other"})

        assert answer.status_code == 422
        assert every(ActionItem) == []

    def test_are_carried_over_ticked_and_dropped_without_leaving_the_page(
        self, page, meeting_id, mara, sol, pairing_id, now, inside, sign_in, one
    ):
        state = MeetingState.HELD
        before = make.meeting(mara, sol, pairing_id, starts_at=now - 9 * DAY, state=state)
        with inside(sol):
            item = ActionItem(
                pairing_id=pairing_id,
                meeting_id=before,
                owner_id=sol.id,
                what="Email Dr. Chen",
                created_at=now - 9 * DAY,
            )
            db.session.add(item)
        client = sign_in(sol)
        shown = section(client.get(page).text, "prepare")
        assert "Email Dr. Chen" in shown
        assert "Carried over from Sat, Feb 21" in shown

        tick = f"/c/lakeside/action-items/{item.id}"
        back = {"back": "meeting", "meeting_id": str(meeting_id)}
        answer = client.post(tick, data=back | {"done": "1"})
        assert answer.location == page
        assert one(ActionItem).done_at == now

        report = f"{page}/carried/{item.id}"
        assert client.post(report, data={"said": "not-yet"}).location == f"{page}#prepare"
        assert one(ActionItem).done_at is None
        assert "Not yet, as reported" in section(client.get(page).text, "prepare")
        client.post(report, data={"said": "done"})
        assert one(ActionItem).done_at == now
        assert "Not yet, as reported" not in section(client.get(page).text, "prepare")

        assert client.post(f"{tick}/drop", data=back).location == page
        assert "Email Dr. Chen" not in client.get(page).text

    @pytest.mark.parametrize("written", ["", "x", "0"])
    def test_a_meeting_that_cannot_be_read_leads_to_the_items_own(
        self, page, meeting_id, sol, pairing_id, now, inside, sign_in, written
    ):
        with inside(sol):
            item = ActionItem(
                pairing_id=pairing_id,
                meeting_id=meeting_id,
                owner_id=sol.id,
                what="Call",
                created_at=now,
            )
            db.session.add(item)
        answer = sign_in(sol).post(
            f"/c/lakeside/action-items/{item.id}", data={"back": "meeting", "meeting_id": written}
        )
        assert answer.location == page


class TestHowItWent:
    def test_is_not_asked_before_it_begins(self, page, sol, sign_in, one):
        client = sign_in(sol)

        assert "Opens when the meeting starts." in client.get(page).text
        answer = client.post(f"{page}/held")
        assert answer.status_code == 409
        assert "has not begun yet" in answer.text
        assert one(Meeting).state == "accepted"

    def test_they_met(self, page, sol, pairing_id, sign_in, at, inside, one):
        client = sign_in(sol)
        at(STARTS + timedelta(minutes=1))
        assert "We met" in client.get(page).text
        answer = client.post(f"{page}/held")

        assert (answer.status_code, answer.location) == (303, f"{page}#wrap")
        assert one(Meeting).state == "held"
        with inside(sol):
            pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            assert (pairing.state, pairing.last_contact_on) == ("active", STARTS.date())
        assert client.post(f"{page}/held").status_code == 303  # twice changes nothing

    def test_afterwards_one_is_asked_for_a_line_an_item_and_a_date(
        self, page, meeting_id, mara, sol, sign_in, at
    ):
        client = sign_in(sol)
        at(STARTS + timedelta(minutes=30))
        client.post(f"{page}/held")
        shown = section(client.get(page).text, "wrap")
        assert "One line of notes" in shown
        assert "An action item, if one of you has taken something on" in shown
        assert "The date of the next contact: by" in shown
        assert "Friday, July 3" in shown
        assert f"/c/lakeside/mentors/{mara.id}/ask?kind=career" in shown
        assert "/ask?" not in section(sign_in(mara).get(page).text, "wrap")

        client.post(f"{page}/notes", data={"words": "Eight programs", "version": 0})
        client.post(f"{page}/action-items", data={"task": "Call", "owner": "me"})
        shown = section(client.get(page).text, "wrap")
        assert "There are notes" in shown
        assert "1 action item" in shown

    def test_somebody_did_not_come(self, page, mara, sol, sign_in, at, one):
        client = sign_in(sol)
        at(STARTS + timedelta(minutes=9))
        assert "It did not happen" not in client.get(page).text
        answer = client.post(f"{page}/not-held", data={"absent": "mentor"})
        assert answer.status_code == 409
        assert "Give it ten minutes" in answer.text

        at(STARTS + timedelta(minutes=10))
        assert "It did not happen" in client.get(page).text
        answer = client.post(f"{page}/not-held", data={"absent": "mentor"})
        assert answer.status_code == 303
        assert (one(Meeting).state, one(Meeting).absent) == ("no_show", "mentor")
        assert "Dr. Quist did not come" in client.get(page).text
        assert "You did not come" in sign_in(mara).get(page).text

    @pytest.mark.parametrize("sent", [{}, {"absent": ""}, {"absent": "nobody"}])
    def test_it_is_to_be_said_who(self, page, sol, sign_in, at, one, sent):
        at(STARTS + DAY)
        answer = sign_in(sol).post(f"{page}/not-held", data=sent)

        assert answer.status_code == 422
        assert "Choose who did not come." in answer.text
        assert '<details class="more mt4" open>' in answer.text
        assert one(Meeting).state == "accepted"

    def test_what_is_settled_stays_so(self, page, meeting_id, sol, inside, sign_in, at, one):
        set_meeting(inside, sol, meeting_id, state="cancelled")
        at(STARTS + DAY)
        client = sign_in(sol)
        for verb in ("held", "not-held"):
            answer = client.post(f"{page}/{verb}", data={"absent": "mentor"})
            assert answer.status_code == 409
            assert "This meeting was cancelled." in answer.text
        assert one(Meeting).state == "cancelled"


class TestCalendarFile:
    def test_is_of_the_meeting_and_names_no_agenda(self, page, meeting_id, sol, inside, sign_in):
        set_meeting(inside, sol, meeting_id, place="Room 4", sequence=2)
        answer = sign_in(sol).get(f"{page}.ics")

        assert answer.status_code == 200
        assert answer.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
        disposition = answer.headers["Content-Disposition"]
        assert disposition == "attachment; filename=meeting-2026-03-05.ics"
        calendar = icalendar.Calendar.from_ical(answer.data)
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == "PUBLISH"
        assert event["DTSTART"].dt == STARTS
        assert event["DTEND"].dt == STARTS + timedelta(minutes=25)
        assert event["UID"].startswith(str(meeting_id))
        assert (event["SEQUENCE"], event["LOCATION"]) == (2, "Room 4")
        assert page in event["URL"]
        assert "away rotations" not in answer.text

    @pytest.mark.parametrize("state", [s for s in MeetingState if s not in ("accepted", "no_show")])
    def test_there_is_none_of_a_meeting_that_is_not_set(
        self, mara, sol, pairing_id, now, sign_in, state
    ):
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=STARTS, state=state)

        assert sign_in(sol).get(f"{LIST}/{meeting_id}.ics").status_code == 409
