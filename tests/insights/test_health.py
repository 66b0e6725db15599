"""All pairings by health: who may look, what they find, and what a file of it can do."""

import csv
import io
import re
from datetime import timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.insights import health
from mentorship.insights.health import Wanted
from mentorship.relationships.health import Level
from mentorship.relationships.models import ActionItem, FitCheck, PairingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make

DAY = timedelta(days=1)
URL = "/c/lakeside/dashboard/pairings"
EVERYBODY = Wanted()


@pytest.fixture
def page(inside, cora, now):
    def page(wanted=EVERYBODY, *, after=None, who=cora):
        with inside(who):
            return health.page(who, wanted, after=after, now=now)

    return page


def active(mentor, mentee, kind=Kind.CAREER, *, last, now):
    last_contact_on = (now - last * DAY).date()
    state = PairingState.ACTIVE
    return make.pairing(mentor, mentee, kind, state=state, last_contact_on=last_contact_on)


class TestPage:
    def test_has_those_under_way_who_needs_a_hand_first(self, page, lakeside, mara, now):
        well, late, asked = (make.student(lakeside, name) for name in ("Ann", "Bo", "Cy"))
        active(mara, well, last=5, now=now)
        active(mara, late, Kind.CONTENT, last=90, now=now)
        make.pairing(mara, asked, state=PairingState.PROPOSED)
        make.pairing(mara, asked, Kind.CONTENT, state=PairingState.PAUSED)

        assert [(one.mentee_name, one.health.level) for one in page().pairings] == [
            ("Bo", Level.HAND),
            ("Ann", Level.WELL),
            ("Cy", Level.RESTING),
        ]

    def test_counts_what_is_open_and_overdue(self, page, inside, mara, sol, now):
        pairing_id = active(mara, sol, last=5, now=now)
        with inside(sol):
            for due_on, done_at in (
                (now.date() - DAY, None),
                (now.date(), None),
                (now.date() - DAY, now),
            ):
                db.session.add(
                    ActionItem(
                        pairing_id=pairing_id,
                        owner_id=sol.id,
                        what="Zanzibar",
                        due_on=due_on,
                        created_at=now - 9 * DAY,
                        done_at=done_at,
                    )
                )
        [one] = page().pairings

        assert one.health.words == "In rhythm. 1 action item is overdue."

    @pytest.mark.parametrize(
        ("wanted", "names"),
        [
            (Wanted(words="bO"), ["Bo"]),
            (Wanted(words="quist"), ["Bo", "Ann"]),
            (Wanted(kind=Kind.CONTENT), ["Bo"]),
            (Wanted(stage=Stage.M1), ["Ann"]),
            (Wanted(level=Level.HAND), ["Bo"]),
            (Wanted(level=Level.RESTING), []),
        ],
    )
    def test_is_narrowed_by_each(self, page, lakeside, mara, now, wanted, names):
        active(mara, make.student(lakeside, "Ann", stage=Stage.M1), last=5, now=now)
        active(mara, make.student(lakeside, "Bo"), Kind.CONTENT, last=90, now=now)

        assert [one.mentee_name for one in page(wanted).pairings] == names

    def test_goes_on_where_it_stopped(self, page, monkeypatch, lakeside, mara, now):
        monkeypatch.setattr(health, "A_PAGE", 2)
        for number in range(5):
            active(mara, make.student(lakeside, f"Student {number}"), last=5, now=now)
        seen, after = [], None
        for _ in range(3):
            found = page(after=after)
            seen += [one.mentee_name for one in found.pairings]
            after = found.more_after

        assert seen == [f"Student {number}" for number in range(5)]
        assert after is None

    def test_rolls_up_without_small_cells(self, page, lakeside, mara, now):
        for _ in range(5):
            active(mara, make.student(lakeside), last=5, now=now)
        active(mara, make.student(lakeside), Kind.CONTENT, last=5, now=now)
        cells = {line.kind: line.cells for line in page().kinds}

        assert cells[Kind.CAREER] == ("under 5", "under 5", "5", "under 5")
        assert set(cells[Kind.CONTENT]) == {"under 5"}


class TestWellness:
    def test_order_filters_and_words_tell_no_date(self, page, lakeside, mara, now):
        for name, last in (("Zoe", 58), ("Abe", 1), ("Max", 30)):
            active(mara, make.student(lakeside, name), Kind.WELLNESS, last=last, now=now)
        found = page()

        assert [one.mentee_name for one in found.pairings] == ["Abe", "Max", "Zoe"]
        assert {(one.health.level, one.health.words) for one in found.pairings} == {
            (Level.WELL, "Alive.")
        }
        assert page(Wanted(level=Level.WATCH)).pairings == []

    def test_page_and_file_tell_the_same_for_each_role(self, sign_in, lakeside, mara, sol, now):
        active(mara, sol, Kind.WELLNESS, last=200, now=now)
        for role in (Role.COORDINATOR, Role.OFFICER, Role.ADVISOR):
            client = sign_in(make.member(lakeside, role))
            row = re.search(
                r'<tr role="row"><th role="rowheader" scope="row"><bdi>Sol.*?</tr>',
                client.get(URL).text,
                re.DOTALL,
            )[0]
            file = client.get(URL + "/export").text

            assert "Needs a hand" in row
            assert "contact" not in row
            assert "contact" not in file
            assert not re.search(r"\d", re.sub(r"<[^>]+>", "", row).replace("M3", ""))


def test_a_fit_check_is_no_fact_for_the_two_nor_for_officers(
    page, inside, lakeside, sol, cora, now
):
    both = make.mentor(lakeside, "Dr. Both", roles=[Role.COORDINATOR])
    pairing_id = active(both, sol, last=5, now=now)
    with inside(sol):
        db.session.add(
            FitCheck(pairing_id=pairing_id, member_id=sol.id, answer="unsure", line="", at=now)
        )

    assert page(who=cora).pairings[0].health.level is Level.HAND
    for who in (both, make.member(lakeside, Role.OFFICER)):
        assert page(who=who).pairings[0].health.level is Level.WELL


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", [URL, f"{URL}/export", "/c/lakeside/week"])
def test_opens_for_those_who_look_after_the_chapter(sign_in, lakeside, now, role, path):
    status = 200 if role in (Role.OFFICER, Role.COORDINATOR, Role.ADVISOR) else 403
    assert sign_in(make.member(lakeside, role)).get(path).status_code == status


def test_the_file_has_names_and_words_and_no_formula(sign_in, lakeside, mara, cora, now):
    active(mara, make.student(lakeside, '=HYPERLINK("x")'), last=5, now=now)
    answer = sign_in(cora).get(URL + "/export")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))

    assert answer.mimetype == "text/csv"
    assert rows[0] == ["Mentee", "Mentor", "Kind", "Stage", "Health", "Why"]
    assert rows[1][:2] == ['\'=HYPERLINK("x")', "Dr. Mara Quist"]
    assert len(rows) == 2


def test_another_chapter_has_its_own(page, inside, mara, sol, odd, now):
    active(mara, sol, last=5, now=now)
    with inside(odd):
        assert health.under_way(odd, now=now) == []


def test_names_of_any_script_stand_as_they_are(sign_in, lakeside, mara, cora, now):
    for name in ("נועה לוי", "Zoë O'Hara & <b>Co</b>", "🩺 Doc"):
        make.pairing(mara, make.student(lakeside, name), began_at=now - 90 * DAY)
    page = sign_in(cora).get(URL).text

    assert "<bdi>נועה לוי</bdi>" in page
    assert "🩺 Doc" in page
    assert "O&#39;Hara &amp; &lt;b&gt;Co&lt;/b&gt;" in page
    assert not re.search(r"<b>Co", page)
