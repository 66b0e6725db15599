"""How much a request may bring, and what becomes of one that brings more."""

import pytest

from mentorship.web.limits import LARGEST, TYPED


@pytest.fixture
def browser(app, undone):
    return app.test_client()


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_what_is_typed_is_limited_before_it_is_taken_apart(browser, content_type):
    answer = browser.post("/sign-in", data=b"a&" * (TYPED // 2 + 1), content_type=content_type)

    assert answer.status_code == 413
    assert "half a megabyte for what is typed" in answer.text


def test_fields_beside_a_file_are_limited_too(browser):
    answer = browser.post(
        "/sign-in", data={"email": "x" * (TYPED + 1)}, content_type="multipart/form-data"
    )

    assert answer.status_code == 413


def test_a_form_of_too_many_parts_is_refused(browser):
    parts = {f"field-{number}": "x" for number in range(1100)}

    answer = browser.post("/sign-in", data=parts, content_type="multipart/form-data")

    assert answer.status_code == 413


def test_a_file_may_be_as_large_as_it_says(browser):
    content = b"x" * (LARGEST - 1000)
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'

    answer = browser.post(
        "/sign-in",
        data=part + content + b"\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )

    assert answer.status_code == 422
