"""Being let in, and out. Every way in ends with `admit`; `fresh` guards sensitive acts.

What a browser holds of a session is one cookie of its own, set only when somebody comes in or
proves who they are. Flask's signed cookie is sent anew by other requests too, and a slow one of
those would bring the old token back.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from flask import (
    Flask,
    Response,
    after_this_request,
    current_app,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import devices, known, sessions, users
from mentorship.accounts.sessions import Session, Way, Why
from mentorship.foundation import afterwards, clock, origin

View = TypeVar("View", bound=Callable)


def fresh(view: View) -> View:
    """Label the page of a sensitive act: whoever comes has proven lately who they are."""
    view.fresh = True  # type: ignore[attr-defined]  # functions take any attribute
    return view


def init_app(app: Flask) -> None:
    """Keep the labels of pages outside the chapters."""

    @app.before_request
    def keep_labels() -> ResponseReturnValue | None:
        # A chapter is entered by its door, which asks the same once that is done.
        if (request.endpoint or "").startswith("chapter."):
            return None
        theirs = hasattr(_view(), "signed_in") or hasattr(_view(), "fresh")
        if theirs and not current_user.is_authenticated:
            return redirect(url_for("accounts.sign_in", next=_back() or None))
        return confirm_first()


def held() -> str:
    """The token that this browser holds; nothing if it holds none."""
    return request.cookies.get(current_app.config["SIGN_IN_COOKIE_NAME"], "")


def used(session: Session, *, now: datetime) -> None:
    """Say that the request belongs to this session, and have its use noted after the answer."""
    origin.under(session.id)
    if now - session.last_used_at >= sessions.NOTED_EVERY:
        afterwards.note(partial(sessions.note_use, session.id, now=now), whatever=True)


def admit(user_id: UUID, *, way: Way, now: datetime, **facts: Any) -> None:
    """Let somebody in who has just proven who they are, and forget what the browser held before.

    `facts` are those of `sessions.begin`.
    """
    session.clear()
    if token := held():
        sessions.end_held(token, why=Why.REPLACED, now=now)
    known.remember(users.address(user_id), now=now)
    device = devices.named(request.user_agent.string)
    _hand_over(sessions.begin(user_id, way=way, device=device, now=now, **facts))


def prove_again(*, way: Way, now: datetime) -> None:
    """Note that whoever is signed in has proven once more who they are. The cookie changes.

    :raises NotYours: the session was ended meanwhile.
    """
    _hand_over(sessions.prove(current_user.session.id, way=way, now=now))


def begun_elsewhere() -> tuple[UUID | None, bytes | None]:
    """Which provider let in whoever is signed in here, and what it wants to hear at sign-out."""
    return sessions.begun_elsewhere(held())


def leave(*, now: datetime) -> None:
    """Sign out of this browser."""
    if token := held():
        sessions.end_held(token, why=Why.SIGNED_OUT, now=now)
    session.clear()

    @after_this_request
    def take_back(response: Response) -> Response:
        # Words that were not saved yet, which pages keep on the device.
        response.headers["Clear-Site-Data"] = '"storage"'
        response.delete_cookie(current_app.config["SIGN_IN_COOKIE_NAME"], **_cookie())
        return response


def confirm_first() -> ResponseReturnValue | None:
    """Where somebody proves once more who they are, if this page needs it and it was long ago."""
    if not hasattr(_view(), "fresh") or current_user.session.is_fresh(clock.now()):
        return None
    return redirect(url_for("accounts.confirm", next=_back() or None), 303)


def _view() -> Callable | None:
    return current_app.view_functions.get(request.endpoint or "")


def _back() -> str:
    """Where to come back to: this page, or the one that a form or a button was sent from."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    here = current_app.create_url_adapter(request)
    if here and here.test(request.path, method="GET"):
        return request.path
    sent_from = urlsplit(request.referrer or "")
    return sent_from.path if sent_from.netloc == request.host else ""


def _hand_over(token: str) -> None:
    @after_this_request
    def hand_over(response: Response) -> Response:
        if response.status_code < 400:  # what is refused is not kept, and this token neither
            name, age = current_app.config["SIGN_IN_COOKIE_NAME"], sessions.ABSOLUTE
            response.set_cookie(name, token, max_age=age, **_cookie())
        return response


def _cookie() -> dict[str, Any]:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"secure": secure, "httponly": True, "samesite": "Lax", "path": "/"}
