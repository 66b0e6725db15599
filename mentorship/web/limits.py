"""How much one request may bring, and how often a page may be asked.

A file may be large, what people type far less: a form of a few megabytes takes seconds to take
apart, before anybody has signed in. How often is in `foundation.rates`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_login import current_user

from mentorship.foundation import clock, rates
from mentorship.foundation.rates import By, Rate
from mentorship.web.transaction import READS

View = TypeVar("View", bound=Callable)

#: The largest upload; a roster of fifty thousand rows is about four megabytes.
LARGEST = 5 * 1024 * 1024
#: The most that the fields of one form may hold. The longest notes fit, in whatever letters.
TYPED = 500_000


def takes(most: int) -> Callable[[View], View]:
    """Label a page that takes larger uploads, in bytes of the whole request."""

    def label(view: View) -> View:
        view.takes = most  # type: ignore[attr-defined]  # functions take any attribute
        return view

    return label


def limited(*limits: Rate) -> Callable[[View], View]:
    """Have a page answered only so often; beyond that, 429 and how long to wait.

    It stands below the route, so that only what has passed the door counts: nobody can use up
    somebody else's tries from another site. Of a page that shows a form and takes it, only what is
    sent counts.
    """

    def label(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **values: Any) -> Any:
            only_looks = request.method in READS and "POST" in _methods()
            for rate in () if only_looks else limits:
                count(rate)
            return view(*args, **values)

        counted.limits = limits  # type: ignore[attr-defined]
        return counted  # type: ignore[return-value]  # it takes and gives what the view does

    return label


def count(rate: Rate) -> None:
    """Count this request.

    :raises TooMany: it is one too many; the answer is 429.
    """
    rates.insist(rate, _whose(rate), now=clock.now())


def _whose(rate: Rate) -> str:
    match rate.by:
        case By.PLACE:
            return rates.place(request.remote_addr)
        case By.ACCOUNT:
            return str(current_user.user_id)
        case By.CHAPTER:
            return str(g.chapter_id)
        case By.LINK:
            return str((request.view_args or {})["token"])


def _methods() -> set[str]:
    rule = request.url_rule
    return set(rule.methods or ()) if rule else set()


def init_app(app: Flask) -> None:
    """Insist on the limits, before anything reads what was sent."""
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=TYPED)

    @app.before_request
    def narrow() -> None:
        if request.mimetype != "multipart/form-data":
            request.max_content_length = TYPED
            return
        view = current_app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "takes", LARGEST)

    @app.teardown_request
    def let_go(_: BaseException | None) -> None:
        """Close what was uploaded, also where no page asked for a file."""
        request.close()
