"""Rosters as files: what is read, what is refused and in which words."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship.profiles import roster
from mentorship.profiles.roster import Entry, Flaw
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage, Standing
from mentorship.web.limits import LARGEST

HEADER = "name,email,role,stage,kinds,interests,capacity"


def read(*lines: str, header: str = HEADER) -> roster.Plan:
    return roster.read("\n".join([header, *lines]).encode())


def one(*lines: str, header: str = HEADER) -> Entry:
    plan = read(*lines, header=header)
    assert (plan.problem, plan.errors) == ("", ())
    (entry,) = plan.entries
    return entry


def error(*lines: str, header: str = HEADER) -> Flaw:
    plan = read(*lines, header=header)
    assert plan.entries == () or len(lines) > 1
    (flaw,) = plan.errors
    return flaw


class TestRow:
    def test_of_a_student(self):
        entry = one('Sol Adair,Sol@Example.edu,student,MS-3,career; wellness,"EMS; toxicology",')

        assert entry == Entry(
            name="Sol Adair",
            email="sol@example.edu",
            roles=frozenset({Role.STUDENT}),
            stage=Stage.M3,
            wants={Kind.CAREER: None, Kind.WELLNESS: None},
            interests=("ems", "toxicology"),
        )

    def test_of_a_mentor(self):
        entry = one('Dr. Mara Quist,m@x.org,Mentor,Fellow,"content: Toxicology, airway",,4')

        assert entry == Entry(
            name="Dr. Mara Quist",
            email="m@x.org",
            roles=frozenset({Role.MENTOR}),
            standing=Standing.FELLOW,
            offers={Kind.CONTENT: ("toxicology", "airway")},
            places=4,
        )

    def test_of_a_resident_is_of_a_student_and_a_mentor(self):
        entry = one("Jo,jo@x.org,resident,PGY-2,offers wellness; wants career,,2")

        assert entry.roles == {Role.STUDENT, Role.MENTOR}
        assert (entry.stage, entry.standing) == (Stage.PGY2, Standing.RESIDENT)
        assert (entry.offers, entry.wants) == ({Kind.WELLNESS: None}, {Kind.CAREER: None})

    def test_of_a_resident_who_does_not_say_which_is_read_as_an_offer_and_says_so(self):
        plan = read("Jo,jo@x.org,resident,PGY-2,wellness,,")

        assert plan.entries[0].offers == {Kind.WELLNESS: None}
        assert "Write wants before a kind" in plan.warnings[0].words

    @pytest.mark.parametrize(
        ("role", "roles"),
        [
            ("student; officer", {Role.STUDENT, Role.OFFICER}),
            ("Student | Officer", {Role.STUDENT, Role.OFFICER}),
            ("student/mentor", {Role.STUDENT, Role.MENTOR}),
            ("Faculty advisor and mentor", {Role.ADVISOR, Role.MENTOR}),
            ("COORDINATOR", {Role.COORDINATOR}),
        ],
    )
    def test_may_name_several_roles(self, role, roles):
        assert one(f"Jo,jo@x.org,{role},,,,").roles == roles

    @pytest.mark.parametrize(
        ("role", "stage", "standing"),
        [
            ("mentor", "Attending", Standing.FACULTY),
            ("mentor", "PGY-3", Standing.RESIDENT),
            ("mentor", "Chief resident", Standing.RESIDENT),
            ("faculty", "", Standing.FACULTY),
            ("fellow", "", Standing.FELLOW),
            ("mentor", "Health professional", Standing.PROFESSIONAL),
            ("mentor", "", None),
        ],
    )
    def test_tells_what_kind_of_colleague_a_mentor_is(self, role, stage, standing):
        assert one(f"Jo,jo@x.org,{role},{stage},,,").standing is standing

    def test_may_write_kinds_with_commas_and_topics_after_a_colon(self):
        entry = one('Jo,jo@x.org,student,M1,"career, content: airway, Pediatric EM|wellness",,')

        assert entry.wants == {
            Kind.CAREER: None,
            Kind.CONTENT: ("airway", "pediatric-em"),
            Kind.WELLNESS: None,
        }

    def test_keeps_a_formula_an_apostrophe_an_emoji_and_right_to_left_text_as_they_are(self):
        names = ["=cmd|' /C calc'!A0", "Siobhán O'Neill", "Ana 🩺 Cruz", "נועה לוי", "+1 Jo", "@jo"]
        plan = read(*(f'"{name}",p{n}@x.org,student,,,,' for n, name in enumerate(names)))

        assert [entry.name for entry in plan.entries] == names

    def test_loses_what_cannot_be_seen(self):
        assert one("So\x07l \u202eA\u00addair,s@x.org,student,,,,").name == "Sol A\u00addair"

    def test_may_have_its_name_in_two_columns(self):
        assert one("Sol,Adair,s@x.org,student", header="First Name,Surname,E-Mail,Roles").name == (
            "Sol Adair"
        )

    def test_warns_of_what_is_not_used(self):
        plan = read("Jo,jo@x.org,officer,M3,career,,2,555", header=HEADER + ",Phone")

        assert [flaw.column for flaw in plan.warnings] == ["", "stage", "kinds", "capacity"]
        assert plan.warnings[0].words == "The column “Phone” is not used."
        assert plan.entries[0].wants == {}


class TestFlaw:
    """Each with its line and column, and words that say what to do."""

    @pytest.mark.parametrize(
        ("line", "column", "words"),
        [
            (",jo@x.org,student,,,,", "name", "The name is missing."),
            ("Jo,,student,,,,", "email", "The email address is missing."),
            ("Jo,jo@x.org,,,,,", "role", "The role is missing."),
            ("Jo,jo@,student,,,,", "email", "“jo@” is not an email address."),
            ("Jo,jo at x.org,student,,,,", "email", "“jo at x.org” is not an email address."),
            ("Jo,jö@x.org,student,,,,", "email", "“jö@x.org” is not an email address."),
            ("Jo,jo@x.org,studnt,,,,", "role", "“studnt” is not a role. Did you mean student?"),
            (
                "Jo,jo@x.org,wizard,,,,",
                "role",
                "“wizard” is not a role. Roles are resident, student, mentor, officer, coordinator"
                " and advisor.",
            ),
            (
                "Jo,jo@x.org,student,Premedical,,,",
                "stage",
                "“Premedical” is not a stage. Did you mean Pre-med?",
            ),
            (
                "Jo,jo@x.org,student,M9,,,",
                "stage",
                "“M9” is not a stage. Write one like M3, PGY-2 or Faculty.",
            ),
            (
                "Jo,jo@x.org,student,M1; M2,,,",
                "stage",
                "One person has one stage. Keep the present one.",
            ),
            (
                "Jo,jo@x.org,student,Fellow,,,",
                "stage",
                "Fellow is not a mentee’s stage. Write one like M3 or PGY-2, or add mentor to the"
                " role.",
            ),
            (
                "Jo,jo@x.org,mentor,M4,,,",
                "stage",
                "M4 is a student’s stage, and a mentor is a resident, a fellow, faculty or another"
                " professional.",
            ),
            (
                "Jo,jo@x.org,student,,carreer,,",
                "kinds",
                "“carreer” is not a kind. Did you mean career?",
            ),
            (
                "Jo,jo@x.org,student,,magic,,",
                "kinds",
                "“magic” is not a kind. Kinds are career, content, application and wellness.",
            ),
            (
                "Jo,jo@x.org,student,,content; toxicology,,",
                "kinds",
                "“toxicology” is a topic. Write it after its kind, like content: Toxicology.",
            ),
            (
                "Jo,jo@x.org,student,,content: ultrasond,,",
                "kinds",
                "“ultrasond” is not a topic that we know. Did you mean Ultrasound?",
            ),
            (
                "Jo,jo@x.org,student,,career: airway,,",
                "kinds",
                "Only content mentoring has topics, and career has some here.",
            ),
            (
                "Jo,jo@x.org,student,,offers career,,",
                "kinds",
                "Only a mentor offers career. Add mentor to the role.",
            ),
            (
                "Jo,jo@x.org,student,,,knitting,",
                "interests",
                "“knitting” is not an interest that we know.",
            ),
            (
                "Jo,jo@x.org,mentor,,,,lots",
                "capacity",
                "“lots” is no capacity. Write a number from 0 to 50.",
            ),
            (
                "Jo,jo@x.org,mentor,,,,51",
                "capacity",
                "“51” is no capacity. Write a number from 0 to 50.",
            ),
            (
                "Jo,jo@x.org,mentor,,,,-1",
                "capacity",
                "“-1” is no capacity. Write a number from 0 to 50.",
            ),
            ("J" * 121 + ",jo@x.org,student,,,,", "name", "A name has at most 120 characters."),
            (
                f"Jo,{'j' * 250}@x.org,student,,,,",
                "email",
                "An email address has at most 254 characters.",
            ),
            (
                f"Jo,jo@x.org,student,,,{'airway;' * 300},",
                "interests",
                "A cell has at most 2000 characters.",
            ),
            (
                f"Jo,jo@x.org,student,,,{';'.join(list(labels())[:13])},",
                "interests",
                "Name at most 12, those that matter most.",
            ),
            (
                "Cruz, Ana,ana@x.org,student,M1,career,airway,3",
                "",
                "The line has more cells than there are columns. A cell with a comma in it needs"
                " quotation marks around it.",
            ),
        ],
    )
    def test_is_said_in_plain_words(self, line, column, words):
        assert error(line) == (2, column, words)

    def test_of_every_line_is_said_at_once_and_nobody_is_brought_in_by_halves(self):
        plan = read("Jo,jo@,studnt,,,,", "", "Al,al@x.org,student,,,,", "Bo,bo@x.org,student,M9,,,")

        assert [(flaw.line, flaw.column) for flaw in plan.errors] == [
            (2, "email"),
            (2, "role"),
            (5, "stage"),
        ]

    def test_of_an_address_that_stands_twice_names_both_lines(self):
        flaw = error("Jo,jo@x.org,student,,,,", "Al,al@x.org,student,,,,", "Jo,JO@x.org,mentor,,,,")

        assert (flaw.line, flaw.column) == (4, "email")
        assert "“jo@x.org” is on line 2 already." in flaw.words

    def test_names_the_line_of_the_file_below_cells_of_several_lines(self):
        plan = read('"Jo\nMuch",jo@x.org,student,,,,', "Al,al@,student,,,,")

        assert plan.entries[0].name == "Jo Much"
        assert plan.errors[0].line == 4

    def test_of_quotation_marks_that_do_not_pair_up_says_from_where_on(self):
        flaw = error(
            "Al,al@x.org,student,,,,", '"Jo,jo@x.org,student,,,,', "Bo,bo@x.org,student,,,,"
        )

        assert flaw.line == 3
        assert "do not pair up" in flaw.words

    def test_of_a_thousand_lines_is_counted_without_guessing_at_each(self):
        plan = read(*(f"P {n},p{n}@x.org,student,,,toxikology{n}," for n in range(1000)))

        assert len(plan.errors) == 1000
        assert "Did you mean" in plan.errors[0].words
        assert "Did you mean" not in plan.errors[-1].words


SOL = "name,email,role\nSol Ñandú,sol@x.org,student\n"


class TestFile:
    @pytest.mark.parametrize(
        "content",
        [
            SOL.encode(),
            SOL.encode("utf-8-sig"),
            SOL.encode("utf-16"),
            SOL.encode("utf-16-le"),
            SOL.encode("utf-16-be"),
            SOL.encode("utf-32"),
            SOL.encode("cp1252"),
            SOL.replace("\n", "\r\n").encode(),
            SOL.replace("\n", "\r").encode(),
            SOL.replace(",", ";").encode(),
            SOL.replace(",", "\t").encode("utf-16"),
            ("sep=;\n" + SOL.replace(",", ";")).encode("cp1252"),
            ("\n\n,,\n" + SOL.replace("\n", "\n\n , ,\n")).encode(),
            SOL.replace("name,email,role", "EMAIL ,Role(s)?,Full Name,x")
            .replace("Sol Ñandú,sol@x.org,student", 'sol@x.org, "student",Sol Ñandú')
            .encode(),
            SOL.replace("Sol", "S\0o\0l").encode(),
        ],
        ids=[
            *("utf-8", "bom", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"),
            *("crlf", "cr", "semicolons", "tabs", "sep", "blank lines", "other header", "nul"),
        ],
    )
    def test_is_read_however_it_was_saved(self, content):
        plan = roster.read(content)

        assert (plan.problem, plan.errors) == ("", ())
        assert [(entry.name, entry.email) for entry in plan.entries] == [("Sol Ñandú", "sol@x.org")]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "The file is empty."),
            (b" \r\n \n", "The file is empty."),
            (b",,,\n,,\n", "The file is empty."),
            (b"\xef\xbb\xbf", "The file is empty."),
            (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF, not a CSV file."),
            (b"PK\x03\x04\x14\x00\x06\x00", "This is a workbook"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is a picture"),
            (b"<html><table><tr>", "This is a web page"),
            (bytes(range(256)) * 8, "This is no text"),
            (b"name,email,role" + b"," * 2_000_000, "Line 1 has more than 500 columns."),
            (b"name,email,role\n" + b"x," * 600, "Line 2 has more than 500 columns."),
            (b"\0" * 100, "This is no text"),
            (b"Sol Adair,sol@x.org,student\n", "Line 1 should name the columns: name, email"),
            (b"Dear all,\nplease find attached\n", "Line 1 should name the columns"),
            (b"name,role\nSol,student\n", "There is no column for email."),
            (b"email\nsol@x.org\n", "There is no column for name and role."),
            (b"name,Full name,email,role\n", "Two columns could be the name"),
            (b"name,email,role\n", "and nobody below it"),
            (b'"name,email,role\nSol,sol@x.org,student\n', "The first line cannot be read"),
        ],
    )
    def test_that_is_no_roster_is_named_for_what_it_is(self, content, words):
        plan = roster.read(content)

        assert plan.problem.startswith(words) or words in plan.problem
        assert plan.problem.endswith(".")
        assert not plan.entries

    def test_of_fifty_thousand_people_is_read_in_seconds(self):
        lines = [
            f'Person {n},p{n}@school.edu,student,M{n % 4 + 1},"career; content: airway",toxicology,'
            for n in range(50_000)
        ]
        content = "\n".join([HEADER, *lines]).encode()
        began = time.process_time()

        plan = roster.read(content)

        assert len(content) < LARGEST
        assert (len(plan.entries), plan.errors) == (50_000, ())
        assert time.process_time() - began < 10


class TestTemplate:
    def test_is_a_roster_without_a_flaw(self):
        plan = roster.read(roster.TEMPLATE)

        assert (plan.problem, plan.errors, plan.warnings) == ("", (), ())
        assert len(plan.entries) == len(roster.EXAMPLE) == 3


@given(st.binary(max_size=400))
@settings(max_examples=100)
def test_no_bytes_are_too_strange_to_be_read(content):
    plan = roster.read(content)
    assert plan.problem or plan.entries or plan.errors


@given(st.lists(st.text(alphabet=st.sampled_from("ab@,;\"'|:=\n\r\t \0é\ufeff"), max_size=40)))
@settings(max_examples=100)
def test_no_rows_are_too_strange_to_be_read(rows):
    roster.read("\n".join(["name,email,role,stage,kinds,interests,capacity", *rows]).encode())


slugs = st.lists(st.sampled_from(list(labels())), max_size=4, unique=True).map(tuple)


@st.composite
def people(draw) -> Entry:
    """Whoever may stand in a chapter."""
    roles = draw(st.frozensets(st.sampled_from(Role), min_size=1))
    mentee, mentor = Role.STUDENT in roles, Role.MENTOR in roles
    topics = {kind: st.none() for kind in Kind} | {Kind.CONTENT: st.none() | slugs}
    kinds = st.sets(st.sampled_from(Kind)).flatmap(
        lambda some: st.fixed_dictionaries({kind: topics[kind] for kind in some})
    )
    name = draw(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
        .map(lambda text: " ".join(roster.sheet.clean(text).split()))
        .filter(bool)
    )
    stage = draw(st.none() | st.sampled_from(MENTEE_STAGES)) if mentee else None
    standing = (
        st.sampled_from(Standing) if stage and mentor else st.none() | st.sampled_from(Standing)
    )
    return Entry(
        name=name,
        email=f"p{draw(st.integers(0, 10**9))}@x.org",
        roles=roles,
        stage=stage,
        standing=draw(standing) if mentor else None,
        offers=draw(kinds) if mentor else {},
        wants=draw(kinds) if mentee else {},
        interests=draw(slugs) if mentee or mentor else (),
        places=draw(st.none() | st.integers(0, 50)) if mentor else None,
    )


@given(st.lists(people(), min_size=1, max_size=5, unique_by=lambda entry: entry.email))
@settings(max_examples=60)
def test_what_is_written_is_read_as_it_was(entries):
    plan = roster.read(roster.write(entries))

    assert (plan.problem, plan.errors) == ("", ())
    assert list(plan.entries) == entries


class TestLanguages:
    HEADER = "name,email,role,speaks"

    @pytest.mark.parametrize(
        ("cell", "languages"),
        [
            ("", ()),
            ("Spanish", ("spanish",)),
            ("english; haitian creole, ASL", ("haitian-creole", "asl")),
            ("spanish / Spanish", ("spanish",)),
        ],
    )
    def test_are_read_as_people_write_them(self, cell, languages):
        plan = read(f'Sol,sol@x.org,student,"{cell}"', header=self.HEADER)

        assert (plan.errors, plan.warnings) == ((), ())
        assert plan.entries[0].languages == languages

    @pytest.mark.parametrize(
        ("cell", "words"),
        [
            ("Spannish", "“Spannish” is not a language that we know. Did you mean Spanish?"),
            (
                "arabic;french;german;greek;hindi;igbo;korean",
                "Name at most 6, those that matter most.",
            ),
        ],
    )
    def test_that_we_do_not_know_or_too_many_are_flaws(self, cell, words):
        plan = read(f"Sol,sol@x.org,student,{cell}", header=self.HEADER)

        assert [flaw.words for flaw in plan.errors] == [words]

    def test_of_an_officer_are_not_used(self):
        plan = read("Sol,sol@x.org,officer,Spanish", header=self.HEADER)

        assert plan.entries[0].languages == ()
        assert [flaw.words for flaw in plan.warnings] == ["Only used for students and mentors."]
