"""How much one request may bring: a file a lot, what people type far less.

A form of a few megabytes takes seconds to take apart, before anybody has signed in.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request

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
