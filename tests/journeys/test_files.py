"""Two people on their phones pass a draft back and forth, and its owner takes it back."""

from datetime import UTC, datetime, timedelta

from tests import make
from tests.files import made

#: Monday noon in Chicago.
BEGAN = datetime(2027, 3, 8, 18, tzinfo=UTC)


def test_a_draft_goes_back_and_forth_and_is_taken_back(served, seat, tmp_path):
    with served.app_context():
        lakeside = make.chapter("lakeside", zone="America/Chicago")
        mara = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
        student = make.student(lakeside, "Sol Adair")
        pairing_id = make.pairing(mara, student, began_at=BEGAN - timedelta(days=9))
    sol, mentor = seat(student), seat(mara)

    # Too large is said at once, and what was typed stays.
    sol.open(f"/c/lakeside/pairings/{pairing_id}")
    sol.press("Add one file")
    sol.page.get_by_label("A note on it").fill("Second paragraph is new")
    large = tmp_path / "huge.pdf"
    large.write_bytes(made.pdf(size=10 * 1024 * 1024 + 1))
    sol.page.get_by_label("File", exact=True).set_input_files(large)
    sol.reads("That file has more than 10 MB.")
    sol.press("Keep this file")
    sol.reads("Choose a file.")
    assert sol.page.get_by_label("A note on it").input_value() == "Second paragraph is new"

    draft = tmp_path / "My statement.pdf"
    draft.write_bytes(made.pdf("Why emergency medicine"))
    sol.page.get_by_label("Personal statement").check()
    sol.page.get_by_label("File", exact=True).set_input_files(draft)
    sol.press("Keep this file")
    sol.reads("Shown to Dr. Mara Quist, and to nobody else.")

    # Mara finds it on their page, takes it, and says something.
    mentor.open(f"/c/lakeside/pairings/{pairing_id}")
    mentor.press("My statement")
    with mentor.page.expect_download() as download:
        mentor.page.get_by_role("link", name="Download version 1").click()
    assert download.value.suggested_filename == "My statement.pdf"
    assert download.value.path().read_bytes() == draft.read_bytes()
    mentor.page.get_by_text("Say something about it").click()
    mentor.page.get_by_label("What do you say to it?").fill("Begin with the night shift.")
    mentor.press("Send")
    mentor.reads("Begin with the night shift.")

    # Sol sees both, sends a newer version, and then takes it back.
    sol.open(sol.page.url)
    sol.reads("Begin with the night shift.")
    sol.reads("1 time, last")
    newer = tmp_path / "statement 2.docx"
    newer.write_bytes(made.docx())
    sol.page.get_by_label("File", exact=True).set_input_files(newer)
    sol.press("Keep this version")
    sol.reads("Version 2")
    sol.press("Stop showing it to Dr. Mara Quist")
    sol.reads("Only you can see this.")
    mentor.page.reload()
    mentor.reads("There is nothing here")
    sol.press("Delete this file")
    sol.press("Delete it for good")
    sol.reads("No files yet")
