"""What a form takes, whoever sends it."""

import io

import pytest


@pytest.fixture
def browser(app, undone):
    return app.test_client()


@pytest.mark.parametrize("body", [[1, 2], 5, "x", {"email": 5}, {"email": ["a"]}, {"email": {}}])
def test_json_is_no_form(browser, body):
    answer = browser.post("/sign-in", json=body)

    assert answer.status_code == 422
    assert "Type the email address" in answer.text


def test_json_that_is_none_is_no_form_either(browser):
    answer = browser.post("/sign-in", data="{", content_type="application/json")

    assert answer.status_code == 422


def test_a_file_where_words_belong_is_no_word(browser):
    answer = browser.post("/sign-in", data={"email": (io.BytesIO(b"sol@example.org"), "x.txt")})

    assert answer.status_code == 422
    assert "Type the email address" in answer.text
