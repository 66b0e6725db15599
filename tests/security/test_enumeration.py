"""Finding out who or what is there by how the product says no: by words, and by time.

Time is judged by the work that is done: the same statements of the database. That ids of other
chapters are as ids of nothing is in `house/test_routes.py`.
"""

import re
from io import BytesIO

import pytest

from mentorship.foundation import rates

#: What differs between two answers that are alike: keys of forms, and the id of the request.
ONCE = re.compile(r'value="[\w.~-]{12,}"|<code>[0-9a-f]{16}</code>')


def alike(answer) -> tuple[int, str | None, str]:
    return answer.status_code, answer.headers.get("Location"), ONCE.sub("", answer.text)


@pytest.fixture
def told(app, undone, statements):
    """Ask for a link: what was answered, and what the database was asked meanwhile."""

    def told(email: str) -> tuple[tuple, list[str]]:
        browser = app.test_client()
        with statements() as seen:
            answer = browser.post("/sign-in", data={"email": email})
        page = browser.get("/sign-in/sent")
        return (alike(answer), alike(page)[2].replace(email, "…")), list(seen)

    return told


class TestWhoHasAnAccount:
    def test_is_told_by_no_word_of_sign_in_and_no_work(self, told, sol, cora, now):
        nobody, work_for_nobody = told("nobody@example.org")
        somebody, work_for_somebody = told(sol.email)

        assert somebody == nobody
        assert work_for_somebody == work_for_nobody

    def test_is_told_by_no_limit(self, told, sol, now):
        for _ in range(rates.SIGN_IN_MAILS.most + 2):
            nobody, somebody = told("nobody@example.org"), told(sol.email)

        assert nobody == somebody

    @pytest.mark.parametrize("typed", ["000000", "123456", "", "x"])
    def test_is_told_by_no_try_of_a_code(self, app, sol, now, statements, typed):
        came = []
        for email in ("nobody@example.org", sol.email):
            browser = app.test_client()
            browser.post("/sign-in", data={"email": email})
            with statements() as seen:
                answer = browser.post("/sign-in/sent", data={"code": typed})
            came.append((alike(answer)[2].replace(email, "…"), answer.status_code, list(seen)))

        assert came[0] == came[1]

    def test_is_told_by_no_roster(self, lakeside, cora, odd, sign_in, now):
        """Somebody's account in another chapter is not shown to whoever imports their address."""
        rows = f"name,email,role\nA,{odd.email},student\nB,nobody@example.org,student\n"
        sent = sign_in(cora).post(
            "/c/lakeside/people/import",
            data={"file": (file(rows), "people.csv")},
            content_type="multipart/form-data",
        )
        page = sign_in(cora).get(sent.location).text

        assert odd.name not in page
        assert "elsewhere" not in page.lower()


class TestWhatIsThere:
    def test_a_chapter_of_others_is_as_one_that_is_not(self, sol, odd, sign_in, statements):
        client = sign_in(sol)
        came = []
        for slug in ("elsewhere", "no-such-chapter"):
            client.get(f"/c/{slug}/")  # its id is looked up once in a process
            with statements() as seen:
                answer = client.get(f"/c/{slug}/")
            came.append((alike(answer)[2].replace(slug, "…"), answer.status_code, len(seen)))

        assert came[0][:2] == came[1][:2]
        assert came[0][1] == 404

    def test_a_stranger_is_sent_to_sign_in_alike(self, app, lakeside):
        there = app.test_client().get("/c/lakeside/meetings")
        nowhere = app.test_client().get("/c/no-such-chapter/meetings")

        assert there.status_code == nowhere.status_code == 302
        assert there.location.replace("lakeside", "no-such-chapter") == nowhere.location


def file(rows: str) -> BytesIO:
    return BytesIO(rows.encode())
