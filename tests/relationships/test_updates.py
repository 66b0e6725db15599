"""Light-touch updates: several mentors at once, each alone, and no reply owed."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import pairings
from mentorship.relationships.contacts import updates
from mentorship.relationships.contacts.links import LASTS
from mentorship.relationships.contacts.models import Update, UpdateCopy
from mentorship.relationships.models import PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words

TEXT = "The rotation went well. I saw my first airway."
FOR_MARA = "You said to ask for the airway: I did."
FOR_LEE = "Your list of programs is on my wall."
LATER = updates.WAITS


@pytest.fixture
def lee(lakeside):
    return make.mentor(lakeside, "Dr. Ana Lee")


@pytest.fixture
def both(mara, lee, sol):
    """Sol's pairings with Mara and with Lee."""
    return make.pairing(mara, sol), make.pairing(lee, sol, Kind.APPLICATION)


def draft(by, to, now, **more) -> Update:
    facts = {"words": TEXT, "lines": {}, "own_address": False, **more}
    return updates.save(None, to=to, by=by, now=now, **facts)


@pytest.fixture
def sent(inside, sol, both, now, at, work):
    """An update that has gone out to both."""

    def sent(**more) -> None:
        with inside(sol):
            one = draft(sol, both, now, **more)
            lines = dict(zip(both, (FOR_MARA, FOR_LEE), strict=True))
            updates.send(one, lines=lines, by=sol, now=now)
        at(now + LATER)
        work()
        return one.id

    return sent


def link_in(mail) -> str:
    return re.search(r"http://localhost(/y/\S+)", words(mail))[1]


class TestSave:
    @pytest.mark.parametrize("text", ["", "   ", "x" * 601])
    def test_takes_a_few_lines(self, inside, sol, both, now, text):
        with inside(sol), pytest.raises(updates.NotSaid):
            draft(sol, both, now, words=text)

    def test_is_for_somebody(self, inside, sol, both, now):
        with inside(sol), pytest.raises(updates.ToNobody):
            draft(sol, [], now)

    def test_reaches_only_ones_own_mentors_while_they_mentor(
        self, inside, lakeside, mara, sol, both, now
    ):
        other = make.pairing(mara, make.student(lakeside))
        asked = make.pairing(make.mentor(lakeside), sol, state=PairingState.PROPOSED)
        paused = make.pairing(make.mentor(lakeside), sol, state=PairingState.PAUSED)
        for pairing_id in (other, asked, paused):
            with inside(sol), pytest.raises(updates.ToNobody):
                draft(sol, [pairing_id], now)
        with inside(mara), pytest.raises(updates.ToNobody):
            draft(mara, both, now)  # a mentor does not write to a mentor

    def test_writes_to_somebody_once_who_mentors_in_two_kinds(self, inside, mara, sol, both, now):
        make.pairing(mara, sol, Kind.WELLNESS)
        with inside(sol):
            assert [one.name for one in updates.mentors_of(sol)] == [
                "Dr. Mara Quist",
                "Dr. Ana Lee",
            ]

    def test_keeps_a_line_that_was_changed(self, inside, sol, both, now):
        mara_s, lee_s = both
        with inside(sol):
            one = draft(sol, [mara_s], now, lines={mara_s: FOR_MARA})
            facts = {"words": TEXT, "own_address": True, "by": sol, "now": now}
            updates.save(one, to=both, lines={mara_s: "new", lee_s: FOR_LEE}, **facts)
            db.session.flush()
            lines = {copy.pairing_id: copy.line for copy in updates.copies(one.id)}
            assert lines == {mara_s: FOR_MARA, lee_s: FOR_LEE}
            updates.save(one, to=[lee_s], lines={}, **facts)
            assert [copy.pairing_id for copy in updates.copies(one.id)] == [lee_s]


class TestSend:
    def test_gives_ten_minutes_in_which_nobody_hears_of_it(
        self, inside, sol, both, now, tray, work
    ):
        with inside(sol):
            updates.send(draft(sol, both, now), lines={}, by=sol, now=now)
        work(now + LATER - timedelta(seconds=1))
        assert tray.mails == []

    def test_mails_each_alone_as_from_a_person(self, mara, lee, sol, sent, tray):
        sent()
        assert len(tray.mails) == 2
        [to_mara], [to_lee] = tray.to(mara.email), tray.to(lee.email)
        for mail, mine, theirs in ((to_mara, FOR_MARA, FOR_LEE), (to_lee, FOR_LEE, FOR_MARA)):
            assert str(mail["From"]).startswith("Sol Adair via Curbside <")
            assert mail["Reply-To"] is None
            assert mail["Cc"] is mail["Bcc"] is None
            assert mine in words(mail)
            assert TEXT in words(mail)
            assert theirs not in str(mail)
            assert "No reply is needed" in words(mail)
        assert lee.email not in str(to_mara)
        assert "Lee" not in words(to_mara)

    def test_answers_go_to_the_writer_only_if_they_agreed(self, mara, sol, sent, tray):
        sent(own_address=True)
        [mail] = tray.to(mara.email)
        assert str(mail["Reply-To"]) == sol.email
        assert "A reply to this email goes to Sol." in words(mail)

    def test_of_wellness_mentoring_names_no_kind(self, inside, mara, sol, now, at, work, tray):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS)
        with inside(sol):
            updates.send(draft(sol, [pairing_id], now), lines={}, by=sol, now=now)
        at(now + LATER)
        work()
        [mail] = tray.to(mara.email)
        assert "wellness" not in f"{mail['Subject']} {words(mail)} {mail}".lower()

    def test_is_contact_with_each(self, inside, mara, sol, both, sent, sign_in):
        sent()
        with inside(sol):
            for pairing_id in both:
                on = my_pairing(pairing_id, member=sol).last_contact_on
                assert on == date(2026, 3, 2)
        page = sign_in(mara).get(f"/c/lakeside/pairings/{both[0]}").text
        assert "Sol sent an update" in page
        assert FOR_MARA in page
        assert FOR_LEE not in page
        assert "1 check-in" in page

    def test_twice_mails_once(self, inside, sol, sent, tray, work, now):
        update_id = sent()
        with inside(sol):
            updates.go_out(update_id, now=now + timedelta(hours=1))
            with pytest.raises(updates.OnItsWay):
                updates.send(updates.mine(update_id, member=sol), lines={}, by=sol, now=now)
        work()
        assert len(tray.mails) == 2

    def test_is_not_for_those_who_have_parted_meanwhile(
        self, inside, mara, lee, sol, both, now, at, work, tray
    ):
        with inside(sol):
            updates.send(draft(sol, both, now), lines={}, by=sol, now=now)
            pairings.end(my_pairing(both[0], member=sol), by=sol, now=now)
        work()
        tray.empty()
        at(now + LATER)
        work()
        assert tray.to(mara.email) == []
        assert len(tray.to(lee.email)) == 1

    def test_refuses_a_line_that_is_too_long(self, inside, sol, both, now):
        with inside(sol):
            one = draft(sol, both, now)
            with pytest.raises(updates.LineTooLong):
                updates.send(one, lines={both[0]: "x" * 301}, by=sol, now=now)

    def test_is_for_its_writer(self, inside, mara, sol, both, now):
        with inside(sol):
            one = draft(sol, both, now)
            for verb in (updates.drop, updates.take_back):
                with pytest.raises(NotYours):
                    verb(one, by=mara, now=now)
            with pytest.raises(NotYours):
                updates.send(one, lines={}, by=mara, now=now)


class TestTakeBack:
    def test_makes_a_draft_of_it_that_nobody_gets(self, inside, sol, both, now, at, work, tray):
        with inside(sol):
            one = draft(sol, both, now)
            updates.send(one, lines={}, by=sol, now=now)
            updates.take_back(one, by=sol, now=now)
        at(now + LATER)
        work()
        assert tray.mails == []
        with inside(sol):
            assert updates.mine(one.id, member=sol).send_at is None

    def test_and_sent_again_it_waits_its_ten_minutes_again(
        self, inside, sol, both, now, at, work, tray
    ):
        again = now + timedelta(minutes=5)
        with inside(sol):
            one = draft(sol, both, now)
            updates.send(one, lines={}, by=sol, now=now)
            updates.take_back(one, by=sol, now=now)
            updates.send(one, lines={}, by=sol, now=again)
        at(now + LATER)
        work()
        assert tray.mails == []
        at(again + LATER)
        work()
        assert len(tray.mails) == 2

    def test_is_refused_once_it_is_out(self, inside, sol, sent, now):
        update_id = sent()
        with inside(sol), pytest.raises(updates.NotOnItsWay):
            updates.take_back(updates.mine(update_id, member=sol), by=sol, now=now)


class TestWellDone:
    def test_takes_a_look_and_a_press_and_the_student_sees_it(
        self, app, mara, sol, both, sent, tray, sign_in
    ):
        update_id = sent()
        [mail] = tray.to(mara.email)
        client, link = app.test_client(), link_in(mail)
        for _ in range(3):  # a scanner looks, and looks again
            assert client.get(link).status_code == 200
        assert "well done" not in sign_in(sol).get(f"/c/lakeside/pairings/{both[0]}").text

        said = client.post(link)
        assert said.status_code == 200
        assert "Nothing more is asked of you" in said.text
        assert said.headers["Referrer-Policy"] == "no-referrer"
        line = sign_in(sol).get(f"/c/lakeside/pairings/{both[0]}").text
        assert "Dr. Quist said: well done" in line
        assert "Dr. Mara Quist" in sign_in(sol).get("/c/lakeside/updates").text
        assert "Said “well done”" in sign_in(sol).get(f"/c/lakeside/updates/{update_id}").text

    def test_is_said_once(self, app, mara, sent, tray):
        sent()
        [mail] = tray.to(mara.email)
        client, link = app.test_client(), link_in(mail)
        client.post(link)
        for answer in (client.get(link), client.post(link)):
            assert answer.status_code == 410
            assert "This link does not open anything" in answer.text

    def test_says_alike_whyever_a_link_opens_nothing(
        self, app, inside, mara, lee, sol, both, sent, tray, now, at, sign_in
    ):
        sent()
        [mail] = tray.to(mara.email)
        link = link_in(mail)
        told = {sign_in(lee).get(link).text}  # somebody else has it
        told.add(app.test_client().get(link[:-2] + "xx").text)
        at(now + LATER + LASTS)
        told.add(app.test_client().get(link).text)
        at(now + LATER)
        with inside(sol):
            pairings.end(my_pairing(both[0], member=sol), by=sol, now=now)
        told.add(app.test_client().post(link).text)
        with inside(mara):
            db.session.execute(
                update(Membership).where(Membership.id == mara.id).values(left_at=now)
            )
        told.add(app.test_client().post(link).text)
        pages = {re.sub(r'(nonce|value|content)="[^"]*"', "", page) for page in told}
        assert len(pages) == 1
        assert "This link does not open anything" in pages.pop()
        with inside(sol):
            assert db.session.scalars(select(UpdateCopy.well_done_at)).all() == [None, None]

    def test_a_link_of_another_purpose_opens_nothing(self, app, mara, sent, tray):
        sent()
        token = link_in(tray.to(mara.email)[0]).removeprefix("/y/")
        for way in ("k", "f", "r"):
            assert app.test_client().get(f"/{way}/{token}").status_code in (404, 410)


class TestPages:
    def test_from_writing_to_taking_back(self, sign_in, inside, sol, both, now):
        client = sign_in(sol)
        to = [str(one) for one in both]
        saved = client.post("/c/lakeside/updates/new", data={"words": TEXT, "to": to})
        assert saved.status_code == 303
        page = client.get(saved.location).text
        assert page.count(TEXT) == 2
        assert "Only Dr. Ana Lee reads this line" in page

        sent = client.post(saved.location, data={f"lines-{both[0].hex}": FOR_MARA})
        assert sent.status_code == 303
        page = client.get(saved.location).text
        assert "It goes out at 12:10" in page
        assert FOR_MARA in page
        assert client.get(saved.location + "/edit").status_code == 303
        client.post(saved.location + "/take-back", data={})
        assert "Before it goes out" in client.get(saved.location).text
        assert TEXT in client.get(saved.location + "/edit").text
        assert "Draft of" in client.get("/c/lakeside/updates").text
        client.post(saved.location + "/drop", data={})
        with inside(sol):
            assert db.session.scalars(select(Update)).all() == []

    def test_lines_begin_with_the_last_talk_with_that_mentor(
        self, sign_in, mara, lee, sol, both, now
    ):
        at = datetime(2026, 2, 20, 19, tzinfo=UTC)
        facts = {"starts_at": at, "state": make.MeetingState.HELD}
        make.meeting(mara, sol, both[0], purpose="My letter for ultrasound", **facts)
        make.meeting(lee, sol, both[1], purpose="Programs by the sea", **facts)
        client = sign_in(sol)
        sent = {"words": TEXT, "to": [str(both[0])]}
        page = client.get(client.post("/c/lakeside/updates/new", data=sent).location).text
        assert "When we talked on Fri, Feb 20, it was about this: My letter for ultrasound" in page
        assert "by the sea" not in page

    @pytest.mark.parametrize(
        ("sent", "told"),
        [
            ({"words": "", "to": "mine"}, updates.NotSaid.sentence),
            ({"words": "x" * 601, "to": "mine"}, updates.NotSaid.sentence),
            ({"words": TEXT}, updates.ToNobody.sentence),
            ({"words": TEXT, "to": "x"}, updates.ToNobody.sentence),
        ],
    )
    def test_keep_what_was_typed(self, sign_in, sol, both, now, sent, told):
        if sent.get("to") == "mine":
            sent = sent | {"to": str(both[0])}
        answer = sign_in(sol).post("/c/lakeside/updates/new", data=sent)
        assert answer.status_code == 422
        assert told in answer.text
        assert sent["words"] in answer.text

    def test_keep_lines_that_are_too_long(self, sign_in, inside, sol, both, now):
        with inside(sol):
            one = draft(sol, both, now)
        long = "y" * 301
        answer = sign_in(sol).post(
            f"/c/lakeside/updates/{one.id}", data={f"lines-{both[0].hex}": long}
        )
        assert answer.status_code == 422
        assert long in answer.text

    @pytest.mark.parametrize("role", list(Role))
    def test_are_there_for_nobody_else(self, sign_in, inside, lakeside, sol, both, now, role):
        with inside(sol):
            one = draft(sol, both, now)
        client = sign_in(make.member(lakeside, role))
        for way in ("", "/edit", "/take-back", "/drop"):
            path = f"/c/lakeside/updates/{one.id}{way}"
            assert client.post(path, data={"words": "x"}).status_code == 404
        assert TEXT not in client.get("/c/lakeside/updates").text
