"""How much one request may bring, and how often a page may be asked.

A file may be large, what people type far less: a form of a few megabytes takes seconds to take
apart, before anybody has signed in. How often is in `foundation.rates`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException, RequestTimeout

from mentorship.foundation import clock, rates
from mentorship.foundation.rates import By, Rate
from mentorship.web.gateway import TOO_SLOW, Environ
from mentorship.web.transaction import READS

View = TypeVar("View", bound=Callable)

#: The largest upload; a roster of fifty thousand rows is about four megabytes.
LARGEST = 5 * 1024 * 1024
#: The most that the fields of one form may hold. The longest notes fit, in whatever letters.
TYPED = 500_000
_UPLOAD = "multipart/form-data"


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


def most(app: Flask, environ: Environ) -> int:
    """How many bytes of body the page takes that a request is for, before any has come."""
    asked = app.request_class(environ)
    if asked.mimetype != _UPLOAD:
        return TYPED
    adapter = app.create_url_adapter(asked)
    try:
        endpoint = adapter.match()[0] if adapter else None
    except HTTPException:  # there is no such page, or it takes no such method
        endpoint = None
    return _largest(endpoint, app)


def _largest(endpoint: str | None, app: Flask) -> int:
    return getattr(app.view_functions.get(endpoint or ""), "takes", LARGEST)


def init_app(app: Flask) -> None:
    """Insist on the limits, before anything reads what was sent."""
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=TYPED)

    @app.before_request
    def narrow() -> None:
        if TOO_SLOW in request.environ:
            raise RequestTimeout
        is_upload = request.mimetype == _UPLOAD
        request.max_content_length = _largest(request.endpoint, app) if is_upload else TYPED

    @app.teardown_request
    def let_go(_: BaseException | None) -> None:
        """Close what was uploaded, also where no page asked for a file."""
        request.close()
