"""Input that means something to a machine behind a page: JSON, patterns of SQL, paths of files."""

from io import BytesIO

import pytest

from mentorship.tenancy.roles import Role
from tests import make
from tests.files import made

DEEP = "[" * 20_000 + "]" * 20_000
JUNK = [
    '{"__proto__": {"is_network_admin": true}}',
    '{"constructor": {"prototype": {"role": "coordinator"}}}',
    '{"__class__": "mentorship.accounts.models.User", "__init__": {"__globals__": {}}}',
    '{"email": {"$ne": null}, "$where": "1"}',
    '{"email": ["a@example.org", "b@example.org"]}',
    '{"email": true, "email": null}',
    '{"a": 1e999999, "b": -0, "c": NaN, "d": Infinity}',
    '{"py/object": "os.system", "py/reduce": []}',
    *("null", "[]", '"x"', "1", "{", "\x00", "\ufeff{}", '{"\\ud800": "\\udfff"}', DEEP),
    "9" * 100_000,
]


@pytest.fixture
def passkey_page(app, undone):
    """The page that takes JSON from anybody, asked as a browser with a passkey asks it."""
    browser = app.test_client()
    browser.get("/sign-in/passkey/options")
    return lambda words: browser.post("/sign-in/passkey", data={"credential": words})


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: junk[:24])
class TestJunkInJson:
    def test_becomes_no_way_in(self, passkey_page, now, junk):
        answer = passkey_page(junk)

        assert answer.status_code == 422
        assert "is_network_admin" not in answer.text

    def test_is_no_form(self, app, sol, sign_in, now, junk):
        answer = sign_in(sol).post(
            "/c/lakeside/goals/new", data=junk.encode(), content_type="application/json"
        )

        assert answer.status_code == 422


@pytest.mark.parametrize("cookie", ["session", "sign-in"])
@pytest.mark.parametrize("words", [DEEP[:4000], "e30.x.y", ".eJw.x.y", "a" * 4000])
def test_junk_in_a_cookie_is_nobodys(app, undone, lakeside, cookie, words):
    answer = app.test_client(use_cookies=False).get(
        "/c/lakeside/", environ_overrides={"HTTP_COOKIE": f"{cookie}={words}"}
    )

    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


WILDCARDS = [
    *("%", "_", "%%", "%a%", "_____", "\\", "\\%", "\\\\", "[a-z]", ".*", "*", "^"),
    *("' OR '1'='1", "'; DROP TABLE users; --", "\x27 OR 1=1", "$$", "%s", "%(name)s", ":name"),
]


class TestWildcards:
    @pytest.fixture(autouse=True)
    def people(self, lakeside):
        make.mentor(lakeside, "Dr. Percy Cent")
        make.student(lakeside, "Under Score")

    @pytest.mark.parametrize("typed", WILDCARDS)
    @pytest.mark.parametrize(
        "page",
        [
            *("/c/lakeside/people", "/c/lakeside/people/export", "/c/lakeside/dashboard/pairings"),
            "/c/lakeside/settings/trail",
        ],
    )
    def test_find_only_what_has_them(self, lakeside, sign_in, now, page, typed):
        reader = make.member(lakeside, Role.COORDINATOR, Role.ADVISOR)
        found = sign_in(reader).get(page, query_string={"q": typed})

        assert found.status_code == 200
        assert "Percy Cent" not in found.text
        assert "Under Score" not in found.text

    @pytest.mark.parametrize("typed", WILDCARDS)
    def test_find_no_mentor(self, sol, mara, sign_in, now, typed):
        found = sign_in(sol).get("/c/lakeside/find", query_string={"q": typed})

        assert found.status_code == 200
        # Signs alone are no words, so everybody is shown, as when nothing is typed; or nobody is.
        everybody = sign_in(sol).get("/c/lakeside/find").text.count("<li")
        assert found.text.count("<li") in (everybody, 0) or "Percy Cent" not in found.text

    def test_that_stand_in_a_name_are_found(self, lakeside, cora, sign_in, now):
        make.student(lakeside, "50% Off")
        page = sign_in(cora).get("/c/lakeside/people", query_string={"q": "50%"}).text

        assert "50% Off" in page
        assert "Percy Cent" not in page


#: Ways out of a folder, however written.
OUT = [
    *("../app.py", "..%2fapp.py", "%2e%2e/app.py", "%2e%2e%2fapp.py", "....//app.py"),
    *("..\\app.py", "..%5capp.py", "%c0%ae%c0%ae/app.py", "..%252fapp.py", "./../app.py"),
    *("/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "vendor/../../app.py", "..;/app.py"),
    *("../../../../../../etc/passwd", "app.css/../../app.py", "app.css%00.py", "..%00/app.py"),
    *("C:\\Windows\\win.ini", "file:///etc/passwd", "\\\\host\\share", ".../app.py", "~/x", "."),
]


@pytest.mark.parametrize("path", OUT)
class TestPathsOutOfAFolder:
    def test_lead_to_no_file(self, app, undone, path):
        with app.test_client().get(f"/static/{path}") as answer:
            assert answer.status_code in (302, 308, 404)
            assert "create_app" not in answer.get_data().decode(errors="replace")
            assert "root:" not in answer.get_data().decode(errors="replace")

    def test_name_no_file_that_is_kept(self, sol, sign_in, now, path):
        """What a file is called when it is sent is a name for people, and never a path."""
        client = sign_in(sol)
        sent = client.post(
            "/c/lakeside/files/new",
            data={"sort": "cv", "file": (BytesIO(made.pdf()), path)},
            content_type="multipart/form-data",
        )
        assert sent.status_code == 303
        page = client.get(sent.location).text
        address = page.partition('/download"')[0].rpartition('"')[2] + "/download"

        named = client.get(address).headers["Content-Disposition"]
        assert named.startswith("attachment")
        assert not set("/\\\0") & set(
            named.partition("filename")[2].replace("filename*=UTF-8''", "")
        )

    def test_name_no_template_and_no_page(self, app, sol, sign_in, path):
        client = sign_in(sol)
        for address in (
            f"/c/lakeside/profile/{path}",
            f"/c/{path}/",
            f"/c/lakeside/road-map/{path}",
        ):
            answer = client.get(address)
            assert answer.status_code in (302, 308, 404), address
            assert "create_app" not in answer.text
