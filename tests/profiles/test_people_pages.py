"""The pages of the chapter's people: the list, the export, and the roster's way in."""

import io
import re
from html import unescape

import pytest
from sqlalchemy import func, select

from mentorship.foundation.database import db
from mentorship.profiles import people, roster
from mentorship.profiles.models import RosterUpload
from mentorship.tenancy import queries
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from mentorship.web.limits import LARGEST
from tests import make

PEOPLE = "/c/lakeside/people"
IMPORT = f"{PEOPLE}/import"
HEADER = "name,email,role,stage,kinds,interests,capacity"
SHORT = f"{HEADER}\nSol Adair,sol@x.org,student,M3,career,airway,\nAl,al@x.org,mentor,,career,,\n"
LONG = f"{HEADER}\n" + "".join(f"P {n},p{n}@x.org,student,,,,\n" for n in range(501))


@pytest.fixture
def client(sign_in, cora, now):
    return sign_in(cora)


def names(page: str) -> list[str]:
    rows = re.findall(r'role="rowheader" scope="row">(.*?)<br>', page)
    return [unescape(re.sub(r"<.*?>", "", row)) for row in rows]


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def send(client, content: bytes | str, name: str = "roster.csv"):
    content = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, data={"file": (io.BytesIO(content), name)})


def check(client, content: bytes | str) -> str:
    """Upload a file that can be read, and the address of its check."""
    sent = send(client, content)
    assert sent.status_code == 303, words(sent.text)
    return sent.location


def members(inside, who) -> int:
    with inside(who):
        return db.session.scalar(select(func.count()).select_from(Membership))


class TestPeople:
    def test_shows_everybody_by_name_with_what_matters(self, client, lakeside, mara, sol):
        make.pairing(mara, sol)
        make.student(
            lakeside,
            "Dr. Jo O'Neill",
            stage=Stage.PGY2,
            roles=[Role.MENTOR],
            wants={Kind.CAREER: ()},
        )

        page = client.get(PEOPLE).text

        assert names(page) == ["Cora Winslow", "Dr. Jo O'Neill", "Dr. Mara Quist", "Sol Adair"]
        assert sol.email in page
        assert "Student, Mentor" in page
        assert "PGY-2" in page
        assert "1 of 3 places in use" in page
        assert "Complete" in page
        assert "things left to say" in words(page)

    def test_looks_for_part_of_a_name_or_an_address(self, client, lakeside, mara, sol):
        make.student(lakeside, "100% Ana", email="zeta_1@x.org")

        assert names(client.get(f"{PEOPLE}?q=QUIST").text) == ["Dr. Mara Quist"]
        assert names(client.get(f"{PEOPLE}?q=zeta_").text) == ["100% Ana"]
        assert names(client.get(f"{PEOPLE}?q=%25").text) == ["100% Ana"]
        assert names(client.get(f"{PEOPLE}?q=a&role=student").text) == ["100% Ana", "Sol Adair"]

    def test_says_so_when_nobody_fits_and_leads_back(self, client, mara):
        page = client.get(f"{PEOPLE}?q=zzz%00&role=mentor").text

        assert "Nobody with “zzz” in their name or address has the role mentor." in words(page)
        assert "Show everyone" in page

    @pytest.mark.parametrize(
        "query",
        [
            "role=wizard",
            "after=nonsense",
            "q=" + "x" * 500,
            "q=%00%e2%80%ae",
            "q=%25_%5C'",
            "q=נועה",
        ],
    )
    def test_bears_any_address(self, client, query):
        assert client.get(f"{PEOPLE}?{query}").status_code == 200

    def test_of_a_new_chapter_leads_to_the_import(self, client):
        page = client.get(PEOPLE).text

        assert "No students and no mentors yet" in page
        assert f'href="{IMPORT}"' in page

    def test_comes_in_pages_of_fifty_without_losing_anybody(self, client, lakeside, monkeypatch):
        monkeypatch.setattr(people, "A_PAGE", 3)
        monkeypatch.setattr(people, "_LISTED", people._LISTED.limit(4))
        for name in ("Ana", "Ana", "Ana", "Bo", "Zoe"):
            make.student(lakeside, name)

        seen, address = [], PEOPLE
        while address:
            page = client.get(address).text
            seen.append(names(page))
            more = re.search(r'rel="next" href="(.*?)"', page)
            address = unescape(more[1]) if more else None

        assert seen == [["Ana", "Ana", "Ana"], ["Bo", "Cora Winslow", "Zoe"]]

    def test_after_somebody_of_another_chapter_is_empty(self, client, odd):
        page = client.get(f"{PEOPLE}?after={odd.id}")

        assert page.status_code == 200
        assert "That was everybody" in page.text

    def test_keeps_other_chapters_out_of_sight(self, client, mara, odd):
        assert "Odd Nilsen" not in client.get(PEOPLE).text
        assert "Odd Nilsen" not in client.get(f"{PEOPLE}?q=odd").text
        assert "Odd Nilsen" not in client.get(f"{PEOPLE}/export").text

    def test_sends_htmx_the_list_alone(self, client, mara):
        part = client.get(PEOPLE, headers={"HX-Request": "true"})

        assert "<html" not in part.text
        assert names(part.text) == ["Cora Winslow", "Dr. Mara Quist"]
        assert "HX-Request" in part.headers["Vary"]

    def test_asks_the_same_few_questions_for_one_as_for_fifty(self, client, lakeside, statements):
        make.student(lakeside)
        client.get(PEOPLE)  # from here on the process knows the chapter's address
        with statements() as few:
            client.get(PEOPLE)
        for _ in range(24):
            make.student(lakeside)
            make.mentor(lakeside)
        with statements() as many:
            client.get(PEOPLE)

        assert len(few) == len(many) <= 4

    def test_lets_an_advisor_look_and_not_import(self, sign_in, lakeside, now):
        client = sign_in(make.member(lakeside, Role.ADVISOR))

        page = client.get(PEOPLE)

        assert page.status_code == 200
        assert "Import a roster" not in page.text
        assert client.get(f"{PEOPLE}/export").status_code == 200
        assert client.get(IMPORT).status_code == 403


class TestPermission:
    PAGES = (PEOPLE, f"{PEOPLE}/export", IMPORT, f"{IMPORT}/template")

    @pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.OFFICER])
    @pytest.mark.parametrize("page", PAGES)
    def test_is_not_a_members(self, sign_in, lakeside, role, page, now):
        assert sign_in(make.member(lakeside, role)).get(page).status_code == 403

    @pytest.mark.parametrize("page", PAGES)
    def test_is_not_an_outsiders(self, sign_in, lakeside, odd, page, now):
        assert sign_in(odd).get(page).status_code == 404

    def test_to_send_is_not_a_students(self, sign_in, sol, inside, now):
        assert send(sign_in(sol), SHORT).status_code == 403
        with inside(sol):
            assert db.session.scalar(select(func.count()).select_from(RosterUpload)) == 0

    def test_to_an_upload_is_its_coordinators_alone(self, client, sign_in, lakeside, odd):
        address = check(client, SHORT)
        other = make.coordinator(lakeside, "Otto Other")

        for stranger in (sign_in(other), sign_in(odd)):
            assert stranger.get(address).status_code == 404
            assert stranger.post(address).status_code == 404


class TestExport:
    def test_is_a_csv_file_named_for_the_chapter(self, client, sol):
        answer = client.get(f"{PEOPLE}/export")

        assert answer.mimetype == "text/csv"
        assert 'attachment; filename="lakeside-people.csv"' in answer.headers["Content-Disposition"]
        assert [entry.name for entry in roster.read(answer.data).entries] == [
            "Cora Winslow",
            "Sol Adair",
        ]

    def test_holds_who_fits(self, client, mara, sol):
        answer = client.get(f"{PEOPLE}/export?role=mentor")

        assert [entry.name for entry in roster.read(answer.data).entries] == ["Dr. Mara Quist"]

    def test_of_a_formula_is_text(self, client, lakeside):
        make.student(lakeside, "=HYPERLINK(1)", email="h@x.org")

        assert b"'=HYPERLINK(1),h@x.org" in client.get(f"{PEOPLE}/export").data

    def test_imported_again_has_nothing_to_do(self, client, mara, sol):
        page = client.get(check(client, client.get(f"{PEOPLE}/export").data)).text

        assert "Everybody is here already" in page
        assert "There is nothing to do." in words(page)


class TestImport:
    def test_explains_itself_with_an_example_and_a_template(self, client):
        page = client.get(IMPORT).text

        assert "career; content: Ultrasound, Toxicology" in page
        assert client.get(f"{IMPORT}/template").data == roster.TEMPLATE

    def test_checks_first_then_adds_everybody(self, client, inside, cora):
        address = check(client, SHORT)
        page = client.get(address).text
        assert "<h1>Add 2 people</h1>" in page
        assert names(page) == ["Sol Adair", "Al"]
        assert members(inside, cora) == 1

        sent = client.post(address)

        assert (sent.status_code, sent.location) == (303, address)
        assert "<h1>2 people added</h1>" in client.get(address).text
        assert members(inside, cora) == 3

    def test_again_says_what_would_change(self, client):
        client.post(check(client, SHORT))

        page = client.get(
            check(client, SHORT.replace("M3", "M4") + "Bo,bo@x.org,student,,,,\n")
        ).text

        assert "<h1>Add 1 person and update 1</h1>" in page

    def test_of_two_taps_adds_once(self, client, inside, cora):
        address = check(client, SHORT)

        assert [client.post(address).status_code for _ in range(2)] == [303, 303]
        assert members(inside, cora) == 3

    def test_says_who_becomes_able_to_see_everybody_and_whose_places_stay(self, client, lakeside):
        make.mentor(lakeside, "Dr. Mara", email="mara@x.org", places=6)

        page = words(
            client.get(
                check(
                    client,
                    f"{HEADER}\nCo,co@x.org,coordinator,,,,\nRo,ro@x.org,mentor,,,ems,2\n"
                    "Dr. Mara,mara@x.org,mentor,,,airway,2\n",
                )
            ).text
        )

        assert "1 person in this file is named coordinator or faculty advisor" in page
        assert "1 mentor has another number of places than the file says." in page

    def test_shows_every_flaw_with_its_line_and_imports_nothing(self, client, inside, cora):
        address = check(client, f"{HEADER}\nSol,sol@,studnt,,,,\nAl,al@x.org,mentor,,,,\n")
        page = words(client.get(address).text)

        assert "2 things to mend in the file" in page
        assert "“sol@” is not an email address." in page
        assert "Did you mean student?" in page
        refused = client.post(address)
        assert refused.status_code == 422
        assert "<title>Error: " in refused.text
        assert members(inside, cora) == 1

    def test_shows_the_first_hundred_flaws_of_many(self, client):
        lines = "".join(f"P {n},p{n}@,student,,,,\n" for n in range(1200))
        page = client.get(check(client, f"{HEADER}\n{lines}")).text

        assert "1,200 things to mend in the file" in page
        assert "The first 100 of 1,200 are shown." in page
        assert page.count('role="rowheader"') == 100

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "The file is empty."),
            (b"%PDF-1.7", "This is a PDF, not a CSV file."),
            (b"PK\x03\x04rest", "This is a workbook or another packed file, not a CSV file."),
            (b"\x89PNG\r\n\x1a\n", "This is a picture, not a CSV file."),
            (b"name,email\nSol,sol@x.org\n", "There is no column for role."),
            ("<b>x</b>,&\n1,2\n", "This is a web page"),
            ("Sol,sol@x.org,student\n", "Line 1 should name the columns"),
        ],
    )
    def test_says_beside_the_field_why_a_file_is_no_roster(self, client, content, said):
        answer = send(client, content)

        assert answer.status_code == 422
        assert said in words(answer.text)
        assert "<title>Error: " in answer.text
        assert 'aria-invalid="true"' in answer.text

    @pytest.mark.parametrize("data", [{}, {"file": (io.BytesIO(b""), "")}, {"file": "no file"}])
    def test_wants_a_file(self, client, data):
        answer = client.post(IMPORT, data=data)

        assert answer.status_code == 422
        assert "Choose a file first." in answer.text

    def test_of_a_file_that_is_too_large_says_how_large_it_may_be(self, client):
        answer = client.post(
            IMPORT, data=b"x" * (LARGEST + 1), content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code == 413
        assert "5 MB" in answer.text

    def test_keeps_markup_in_a_file_from_becoming_markup(self, client):
        hostile = f"{HEADER}\n<script>alert(1)</script>,s@x.org,student,<img>,,,\n"
        sent = send(client, hostile, "<script>alert(2).csv")

        page = client.get(sent.location).text

        assert "<script>alert" not in page
        assert "<img>" not in page

    def test_that_is_long_shows_how_far_it_is(self, client, inside, cora, work):
        address = check(client, LONG)
        client.post(address)

        page = client.get(address).text
        assert "<h1>Bringing 501 people in</h1>" in page
        assert 'hx-trigger="every 2s"' in page
        part = client.get(address, headers={"HX-Request": "true"})
        assert "<html" not in part.text
        assert "HX-Refresh" not in part.headers

        work()

        part = client.get(address, headers={"HX-Request": "true"})
        assert part.headers["HX-Refresh"] == "true"
        assert "<h1>501 people added</h1>" in client.get(address).text
        assert members(inside, cora) == 502

    def test_asks_few_questions_however_long_the_file(self, client, statements):
        address = check(client, LONG)
        with statements() as seen:
            client.get(address)

        assert len(seen) <= 3

    def test_brings_in_people_who_can_sign_in(self, client, inside, cora, sign_in):
        client.post(check(client, SHORT))
        with inside(cora):
            sol = queries.member_by_email("sol@x.org")

        assert sign_in(sol).get("/c/lakeside/profile").status_code == 200
