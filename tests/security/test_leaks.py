"""What others could come by: a private page from a cache, a one-time link from a referrer."""

from urllib.parse import urlsplit

import pytest

from tests.house.test_doors import paths
from tests.security.planting import addresses


def test_no_cache_keeps_anybodys_page(app, said, sol, cora, sign_in):
    for member in (sol, cora):
        client = sign_in(member)
        for path in addresses(app, said):
            with client.get(path) as answer:
                kept = answer.headers["Cache-Control"]
                assert "no-store" in kept or kept.startswith("private"), path
                assert "Cookie" in answer.headers["Vary"], path


def test_an_address_of_a_calendar_may_be_kept_by_its_program_alone(sol, sign_in, now):
    client = sign_in(sol)
    client.post("/c/lakeside/calendar")
    page = client.get("/c/lakeside/calendar").text
    address = urlsplit(page.partition('readonly value="')[2].partition('"')[0]).path

    assert client.get(address).headers["Cache-Control"] == "private, max-age=900"


@pytest.mark.parametrize(
    "ending",
    [
        ".css",
        "/x.css",
        "/..%2fstatic/app.css",
        ";x.css",
        "%3bx.css",
        "%0ax.css",
        "%00.css",
        "?x.js",
    ],
)
@pytest.mark.parametrize("page", ["/c/lakeside/meetings", "/c/lakeside/", "/account"])
def test_a_page_that_is_called_like_a_file_is_kept_by_no_cache(sol, sign_in, page, ending):
    with sign_in(sol).get(page + ending) as answer:
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Original-URL": "/static/app.css"},
        {"Range": "bytes=0-9"},
        {"If-None-Match": "*"},
        {"Cache-Control": "max-age=31536000"},
    ],
)
def test_no_header_has_a_page_kept(sol, sign_in, headers):
    with sign_in(sol).get("/c/lakeside/", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"


def test_files_for_everybody_hold_nothing_of_anybody(sol, sign_in):
    with sign_in(sol).get("/static/app.css") as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_whose_address_is_a_key_tells_nobody_its_address(app, undone, method):
    found = 0
    for rule, path in paths(app, method):
        if "token" in rule.arguments:
            found += 1
            answer = app.test_client().open(path, method=method)

            assert answer.headers["Referrer-Policy"] == "no-referrer", path
    assert found > 5


def test_no_page_tells_another_site_where_somebody_was(sol, sign_in):
    for path in ("/c/lakeside/", "/sign-in", "/nowhere"):
        assert sign_in(sol).get(path).headers["Referrer-Policy"] in ("same-origin", "no-referrer")


def test_no_secret_is_in_an_address_of_a_page_that_has_one(app):
    """Keys stand in paths, of which proxies log less than of queries, and ours are never logged."""
    secret = {"token", "code", "password", "secret", "key", "session"}
    for rule in app.url_map.iter_rules():
        assert not secret & (rule.arguments - {"token"}) or rule.endpoint.startswith("mailbox.")
