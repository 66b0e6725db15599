"""The trail as it is read: the advisor's, without what is between two, and one's own part."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.accounts.activity import WORDS
from mentorship.audit import seals, trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AuditEvent
from mentorship.audit.sights import Sight
from mentorship.foundation import afterwards, scope
from mentorship.foundation.database import db
from mentorship.insights.trail import wording
from mentorship.matching.models import RunDeed
from mentorship.own_data.models import DataDeed
from mentorship.profiles.models import RosterDeed
from mentorship.relationships.models import PairingDeed, RematchDeed
from mentorship.safety.models import ConcernDeed
from mentorship.scheduling.models import MeetingDeed
from mentorship.tenancy.models import MemberDeed
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.notifications.test_notices import every_deed

TRAIL, MINE = "/c/lakeside/settings/trail", "/c/lakeside/activity"


@pytest.fixture
def ada(lakeside):
    """The faculty advisor."""
    return make.member(lakeside, Role.ADVISOR, name="Ada Byrne")


def lines(page) -> list[str]:
    """The headings of a page's lines, as they read."""
    found = re.findall(r'class="lrow"><div><h3>(.*?)</h3>', page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in found]


def looks(member) -> list[tuple]:
    with scope.chapter(member.chapter_id):
        seen = (
            select(AuditEvent.deed, AuditEvent.by_id, AuditEvent.subject_id)
            .where(AuditEvent.deed.in_(Sight))
            .order_by(AuditEvent.id)
        )
        return [tuple(row) for row in db.session.execute(seen)]


class TestWords:
    @pytest.mark.parametrize("deed", [*every_deed(), *Sight])
    def test_every_deed_and_look_has_words_or_is_told_to_nobody(self, deed):
        if isinstance(deed, AccountDeed):
            assert WORDS[deed]
            return
        tables = (wording.OPEN, wording.MUTED, wording.BETWEEN, wording.UNTOLD)
        assert sum(deed in table for table in tables) == 1

    def test_no_sort_is_empty_and_none_holds_what_is_between_two(self):
        for sort in wording.SORTS:
            assert wording.of_sort(sort)
            assert not set(wording.of_sort(sort)) & set(wording.BETWEEN)

    def test_what_changed_of_the_keeping_is_told_as_it_was(self):
        said = wording.details(DataDeed.KEEPING_SET, {"meeting_words": [24, 12]})

        assert said == ["meeting words: 24 → 12"]

    def test_what_changed_is_told_as_it_was_and_as_it_is(self):
        said = wording.details(
            MemberDeed.APPOINTED, {"roles": [["student"], ["student", "officer"]]}
        )

        assert said == ["roles: student → student, officer"]


class TestTheAdvisors:
    def test_reads_who_did_what_to_whom_when_and_from_where(
        self, sign_in, ada, sol, cora, inside, now
    ):
        with inside(cora):
            trail.record(MemberDeed.APPOINTED, sol, by=cora, now=now, role="officer")

        page = sign_in(ada).get(TRAIL)

        assert "Cora Winslow gave somebody a role: Sol Adair" in lines(page)
        assert "Chapter officer" in page.text
        assert "by a command on the server" in page.text

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADVISOR])
    def test_is_for_nobody_else(self, sign_in, lakeside, role):
        client = sign_in(make.member(lakeside, role))

        assert client.get(TRAIL).status_code == 403
        assert client.get(f"{TRAIL}/export").status_code == 403

    def test_what_is_between_two_is_not_there(self, sign_in, ada, mara, sol, inside, now):
        with inside(sol):
            for deed in (MeetingDeed.REQUESTED, ConcernDeed.REPORTED, RematchDeed.WISHED):
                trail.record(deed, sol, by=sol, now=now)

        assert not [line for line in lines(sign_in(ada).get(TRAIL)) if "Sol" in line]

    def test_a_pairing_is_told_without_its_two(self, sign_in, ada, cora, mara, sol, inside, now):
        with inside(cora):
            trail.record_each(
                PairingDeed.ACCEPTED,
                {mara.id: {"kind": Kind.WELLNESS}},
                by=cora,
                now=now,
                about={mara.id: (sol.id, mara.id)},
            )
        client = sign_in(ada)

        assert "Cora Winslow began a pairing" in lines(client.get(TRAIL))
        assert "wellness" not in client.get(TRAIL).text.lower().split("</header>")[-1]
        for name in ("Quist", "Adair"):
            assert "Cora Winslow began a pairing" not in lines(
                client.get(TRAIL, query_string={"q": name})
            )
        assert "Cora Winslow began a pairing" in lines(
            client.get(TRAIL, query_string={"q": "Winslow"})
        )

    def test_can_be_narrowed_to_a_person_a_sort_and_days(
        self, sign_in, ada, sol, cora, inside, now
    ):
        with inside(cora):
            trail.record(MemberDeed.INVITED, sol, by=cora, now=now)
            trail.record(RunDeed.STARTED, sol, by=cora, now=now - timedelta(days=9))
        client = sign_in(ada)

        def found(**query):
            return {line.split(":")[0] for line in lines(client.get(TRAIL, query_string=query))}

        invited, started = "Cora Winslow invited somebody", "Cora Winslow started a matching run"
        assert {invited, started} <= found()
        assert invited in found(q="sol ad")
        assert invited not in found(q="s_l")
        assert started not in found(sort="people")
        assert started in found(sort="runs")
        assert started in found(until="2026-02-24")
        assert invited not in found(until="2026-02-24")
        assert started not in found(since="2026-02-24")
        assert {invited, started} <= found(since="not a day", sort="nothing")

    def test_goes_on_where_a_page_ends(self, sign_in, ada, cora, inside, now):
        with inside(cora):
            for number in range(60):
                trail.record(RosterDeed.IMPORTED, cora, by=cora, now=now, added=number)
        client, first = sign_in(ada), sign_in(ada).get(TRAIL, query_string={"sort": "people"})

        older = re.search(r'rel="next" href="([^"]+)"', first.text).group(1).replace("&amp;", "&")
        second = client.get(older)

        added = [re.findall(r"(\d+) added", page.text) for page in (first, second)]
        # Of one instant they come in no order that is meant, and each of them once.
        assert sorted(map(int, added[0] + added[1])) == list(range(60))

    def test_as_a_file_no_cell_is_a_formula(self, sign_in, lakeside, ada, inside, now):
        evil = make.coordinator(lakeside, '=HYPERLINK("x")')
        with inside(evil):
            trail.record(MemberDeed.INVITED, evil, by=evil, now=now)

        answer = sign_in(ada).get(f"{TRAIL}/export")

        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert answer.mimetype == "text/csv"
        assert {row["who"] for row in rows if row["did"] == "invited somebody"} == {
            '\'=HYPERLINK("x")'
        }

    def test_shows_the_last_seal(self, sign_in, ada, cora, inside, now):
        with inside(cora):
            trail.record(MemberDeed.INVITED, cora, by=cora, now=now)
            seals.seal(seals.of_chapter(), secrets=("a secret of the tests, long enough",), now=now)
            last = seals.latest(seals.of_chapter())

        assert f"lakeside {last.number} {last.digest.hex()}" in sign_in(ada).get(TRAIL).text

    def test_of_another_chapter_nothing_is_there(self, sign_in, ada, odd, inside, now):
        with inside(odd):
            trail.record(RosterDeed.IMPORTED, odd, by=odd, now=now, added=77)

        assert "77 added" not in sign_in(ada).get(TRAIL).text
        assert sign_in(odd).get(TRAIL).status_code == 404


class TestOnesOwn:
    def test_reads_what_others_did_and_not_what_one_did_oneself(
        self, sign_in, sol, mara, cora, inside, now
    ):
        with inside(cora):
            trail.record(MemberDeed.APPOINTED, sol, by=cora, now=now)
            trail.record(MemberDeed.INVITED, mara, by=cora, now=now)
            trail.record(MeetingDeed.REQUESTED, sol, by=sol, now=now)
            trail.record_each(
                MeetingDeed.ACCEPTED,
                {mara.id: {}},
                by=mara,
                now=now,
                about={mara.id: (sol.id, mara.id)},
            )

        read = lines(sign_in(sol).get(MINE))

        assert read == ["Dr. Mara Quist accepted a meeting", "Cora Winslow gave somebody a role"]

    @pytest.mark.parametrize("deed", sorted(wording.UNTOLD))
    def test_a_concern_a_block_and_a_doubt_are_not_told(
        self, sign_in, sol, mara, inside, now, deed
    ):
        with inside(mara):
            trail.record(deed, sol, by=mara, now=now)

        assert lines(sign_in(sol).get(MINE)) == []

    def test_reads_who_looked_at_a_list_that_one_is_on(self, sign_in, sol, cora):
        sign_in(cora).get("/c/lakeside/people")

        assert lines(sign_in(sol).get(MINE)) == ["Cora Winslow looked at the list of people"]

    def test_from_where_others_work_is_not_told(self, sign_in, sol, cora):
        sign_in(cora).get("/c/lakeside/people", environ_base={"REMOTE_ADDR": "192.0.2.77"})

        assert "192.0.2" not in sign_in(sol).get(MINE).text


#: Every page on which somebody sees what is not theirs, who opens it, and what is noted.
SENSITIVE = {
    "/people": Sight.PEOPLE,
    "/people/export": Sight.PEOPLE_FILE,
    "/dashboard/pairings": Sight.HEALTH,
    "/dashboard/pairings/export": Sight.HEALTH_FILE,
    "/week": Sight.WEEK,
    "/week/told": Sight.TOLD,
    "/settings/trail": Sight.TRAIL,
    "/settings/trail/export": Sight.TRAIL_FILE,
}


class TestLooks:
    @pytest.fixture
    def all_of_it(self, lakeside):
        return make.member(lakeside, Role.COORDINATOR, Role.ADVISOR, name="Dr. Both Hats")

    @pytest.mark.parametrize("path", SENSITIVE)
    def test_a_look_at_what_is_not_ones_own_is_noted(self, sign_in, all_of_it, path):
        assert sign_in(all_of_it).get(f"/c/lakeside{path}").status_code == 200

        assert looks(all_of_it) == [(SENSITIVE[path], all_of_it.id, all_of_it.chapter_id)]

    def test_a_look_that_was_refused_is_none(self, sign_in, sol):
        assert sign_in(sol).get("/c/lakeside/people").status_code == 403

        assert looks(sol) == []

    def test_a_page_that_reloads_itself_is_one_look(self, sign_in, all_of_it, at, now):
        client = sign_in(all_of_it)
        for minutes in (0, 5, 14):
            at(now + timedelta(minutes=minutes))
            client.get("/c/lakeside/people")
        assert len(looks(all_of_it)) == 1

        at(now + timedelta(minutes=16))
        client.get("/c/lakeside/people")
        assert len(looks(all_of_it)) == 2

    def test_keeps_from_where(self, sign_in, all_of_it, inside):
        sign_in(all_of_it).get("/c/lakeside/people", environ_base={"REMOTE_ADDR": "192.0.2.77"})

        with inside(all_of_it):
            seen = db.session.scalars(
                select(AuditEvent).where(AuditEvent.deed == Sight.PEOPLE)
            ).one()
        assert (seen.through, seen.network) == ("page", "192.0.2.0/24")
        assert seen.session_id is not None

    def test_what_cannot_be_noted_is_not_shown(self, app, sign_in, all_of_it, monkeypatch):
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("the trail is full")

        client = sign_in(all_of_it)
        monkeypatch.setattr(afterwards, "write", broken)
        app.config["TESTING"] = False
        try:
            answer = client.get("/c/lakeside/people")
        finally:
            app.config["TESTING"] = True

        assert answer.status_code == 500
        assert "Dr. Both Hats" not in answer.text.split("<main")[-1]

    def test_one_person_card_is_a_look_at_that_person(self, sign_in, all_of_it, sol):
        sign_in(all_of_it).get(f"/c/lakeside/people/{sol.id}")

        assert looks(all_of_it) == [(Sight.PERSON, all_of_it.id, sol.id)]
        assert lines(sign_in(sol).get(MINE)) == ["Dr. Both Hats looked at somebody’s card"]

    def test_ones_own_card_is_no_look(self, sign_in, all_of_it):
        sign_in(all_of_it).get(f"/c/lakeside/people/{all_of_it.id}")

        assert looks(all_of_it) == []
