"""What somebody types becomes no formula, no line of a calendar, and no header of a mail."""

import csv
import io
import re

import pytest

from mentorship.profiles import sheet
from tests.security.planting import addresses, plant

FORMULAS = [
    *("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "=1+1\n=2"),
    *("  =1+1", "\u200b=1+1", "\uff1d1+1", "\n=1+1"),
]
#: What would be properties of a calendar or headers of a mail, with every end that a line has.
LINES = "".join(
    f"x{end}X-PWNED:1{end}{end}Bcc: evil@example.org{end}"
    for end in ("\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x0c", "\\n")
)


@pytest.mark.parametrize("formula", FORMULAS, ids=repr)
def test_a_cell_that_would_be_a_formula_is_text(formula):
    [_, [cell]] = csv.reader(io.StringIO(sheet.write(["x"], [[formula]]).decode("utf-8-sig")))

    assert cell == f"'{formula}"


@pytest.mark.parametrize("words", ["a=b", "x@example.org", "3-4", "O’Hara", "", "'", "Núñez"])
def test_other_cells_stay_as_they_are(words):
    [_, row] = csv.reader(io.StringIO(sheet.write(["x"], [[words, "y"]]).decode("utf-8-sig")))

    assert row == [words, "y"]


def test_no_file_of_ours_has_a_formula(app, said, lakeside, cora, sign_in):
    plant(lakeside.id, lambda _: "=1+1")
    client, files = sign_in(cora), 0
    for path in addresses(app, said):
        answer = client.get(path)
        if answer.mimetype == "text/csv":
            files += 1
            for row in csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))):
                assert "=1+1" not in row, path

    assert files >= 3


def test_no_calendar_has_a_line_that_somebody_typed(
    app,
    said,
    lakeside,
    sol,
    mara,
    sign_in,
):
    plant(lakeside.id, lambda _: LINES)
    files = 0
    for member in (sol, mara):
        client = sign_in(member)
        client.post("/c/lakeside/calendar")
        page = client.get("/c/lakeside/calendar").text
        mine = re.findall(r"http://localhost(/cal/[^\"<\s]+\.ics)", page)
        for path in [*addresses(app, said), *mine]:
            if path.endswith(".ics") and (answer := client.get(path)).status_code == 200:
                files += 1
                assert answer.mimetype == "text/calendar"
                assert "X-PWNED" in answer.text
                unfolded = re.sub(r"\r?\n[ \t]", "", answer.text)
                starts = [line[:7] for line in re.split(r"[\r\n\x0b\x0c\x85\u2028]", unfolded)]
                assert not {"X-PWNED", "Bcc: ev"} & set(starts), path

    assert files >= 4


def test_no_mail_has_a_header_that_somebody_typed(
    said,
    lakeside,
    tray,
    work,
    now,
):
    plant(lakeside.id, lambda _: LINES)
    work()

    assert len(tray.mails) > 5
    assert any("X-PWNED" in mail["Subject"] for mail in tray.mails)
    for mail in tray.mails:
        assert mail["Bcc"] is mail["Cc"] is mail["X-PWNED"] is None
        assert re.fullmatch(r"[^,]*\S+@example\.org>?", str(mail["To"]))
