"""One request, one transaction: kept when the answer is good, and only then."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from mentorship.foundation import afterwards
from mentorship.foundation.database import db
from mentorship.foundation.rates import Tries


@pytest.fixture
def browser(app, undone):
    return app.test_client()


def written() -> int:
    return len(db.session.scalars(select(Tries)).all())


@pytest.fixture
def answering(app, monkeypatch):
    """Have the sign-in page write something, and answer with a status."""

    def answering(status: int) -> None:
        def view() -> tuple[str, int]:
            db.session.execute(text("INSERT INTO tries VALUES ('here', '{}', now())"))
            return "", status

        monkeypatch.setitem(app.view_functions, "accounts.sign_in", view)

    return answering


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (303, 1), (400, 0), (422, 0), (500, 0)])
def test_a_post_is_kept_if_its_answer_is_good(browser, answering, status, kept):
    answering(status)

    browser.post("/sign-in")

    assert written() == kept


def test_a_get_writes_nothing(browser, answering):
    answering(200)

    browser.get("/sign-in")

    assert written() == 0


def test_a_commit_that_fails_is_an_answer_that_says_so(app, browser, monkeypatch):
    def fails() -> None:
        raise OperationalError("COMMIT", {}, Exception("the server is gone"))

    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    before = db.session.commit
    answers = []
    with monkeypatch.context() as broken:
        client = browser
        broken.setattr(type(client), "open", _without_a_commit)
        broken.setattr(db.session, "commit", fails)
        answers.append(client.post("/sign-in", data={"email": "sol@example.org"}))
    assert db.session.commit == before

    [answer] = answers
    assert answer.status_code == 500
    assert "That is our fault" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert written() == 0


def _without_a_commit(client, *args: object, **kwargs: object):
    with client.application.app_context():
        return super(type(client), client).open(*args, **kwargs)


class TestAfterwards:
    """What was noted for when the answer is known."""

    @pytest.fixture
    def noting(self, app, monkeypatch):
        """Have the sign-in page note something, and answer with a status."""

        def noting(status: int, *, whatever: bool = False) -> None:
            def write() -> None:
                db.session.execute(text("INSERT INTO tries VALUES ('noted', '{}', now())"))

            def view() -> tuple[str, int]:
                afterwards.note(write, whatever=whatever)
                return "", status

            monkeypatch.setitem(app.view_functions, "accounts.sign_in", view)

        return noting

    @pytest.mark.parametrize(
        ("status", "kept"), [(200, 1), (303, 1), (422, 1), (400, 0), (403, 0), (404, 0), (500, 0)]
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_is_kept_if_the_page_was_shown(self, browser, noting, method, status, kept):
        noting(status)

        browser.open("/sign-in", method=method)

        assert written() == kept

    @pytest.mark.parametrize("status", [200, 404, 422, 500])
    def test_is_kept_whatever_is_answered_where_that_is_said(self, browser, noting, status):
        noting(status, whatever=True)

        browser.get("/sign-in")

        assert written() == 1

    def test_does_not_keep_what_the_request_itself_did(self, app, browser, monkeypatch):
        def view() -> str:
            db.session.execute(text("INSERT INTO tries VALUES ('here', '{}', now())"))
            afterwards.note(lambda: None)
            return ""

        monkeypatch.setitem(app.view_functions, "accounts.sign_in", view)
        browser.get("/sign-in")

        assert written() == 0

    def test_is_written_at_once_where_no_request_is_under_way(self):
        done = []

        afterwards.note(lambda: done.append(1))

        assert done == [1]
