"""Every way a request can go wrong, as a page that says what to do next."""

import logging
import math
from typing import NamedTuple

from flask import Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import HTTPException

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.rates import TooMany
from mentorship.foundation.storage import Away
from mentorship.web.logs import request_id

log = logging.getLogger(__name__)


class Problem(NamedTuple):
    title: str
    words: str


PROBLEMS = {
    400: Problem(
        "We could not read that",
        "Something in the request was not as we expected it. Go back, and try once more.",
    ),
    403: Problem(
        "That is not yours to open",
        "Your role in this chapter does not include this page. A coordinator can change it.",
    ),
    404: Problem(
        "There is nothing here",
        "The address may be wrong, or what was here is gone, or it belongs to somebody else.",
    ),
    405: Problem(
        "That cannot be done here",
        "The page exists, but not in the way it was asked for. Go back and use its buttons.",
    ),
    408: Problem(
        "That came too slowly",
        "Your connection seems to be weak. Go back and try once more, or send less.",
    ),
    409: Problem("That was changed meanwhile", "Go back, reload the page, and look again."),
    413: Problem(
        "That is too large",
        "The limit is 10 MB for a file, 5 MB for a roster, and half a megabyte for what is typed."
        " Send less.",
    ),
    429: Problem("That was a lot at once", "Wait a few minutes, then go back and try again."),
    500: Problem(
        "That is our fault",
        "Nothing was changed. Try again in a minute. If it happens again, tell a coordinator"
        " the code below.",
    ),
    503: Problem("That has to wait a moment", "Please try again in a few minutes."),
}


def init_app(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def answered(error: HTTPException) -> tuple[str, int]:
        return page(error.code or 500)

    @app.errorhandler(CSRFError)
    def stale(_: CSRFError) -> tuple[str, int]:
        return page(
            400,
            words="This page was open for too long, so we could not be sure that it was you."
            " Go back, reload it, and send it again.",
        )

    @app.errorhandler(NotYours)
    @app.errorhandler(NoResultFound)
    def not_there(_: Exception) -> tuple[str, int]:
        return page(404)

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> tuple[str, int]:
        return page(409, words=str(refusal))

    @app.errorhandler(TooMany)
    def too_many(no: TooMany) -> Response:
        answer = make_response(page(429, words=str(no)))
        answer.retry_after = max(math.ceil(no.wait.total_seconds()), 1)
        return answer

    @app.errorhandler(Away)
    def away(no: Away) -> tuple[str, int]:
        return page(503, words=str(no))

    @app.errorhandler(Exception)
    def broke(error: Exception) -> tuple[str, int]:
        if app.testing:
            raise error
        log.exception("unexpected", exc_info=error)
        return page(500)


def page(status: int, *, words: str = "") -> tuple[str, int]:
    """The page for a status; a refusal's own words replace the general ones."""
    db.session.rollback()
    problem = PROBLEMS.get(status, PROBLEMS[500 if status >= 500 else 400])
    shown = problem._replace(words=words) if words else problem
    return (
        render_template(
            "problems/problem.html", problem=shown, status=status, request_id=request_id()
        ),
        status,
    )
