"""Being let in, and out. Every way in ends with `admit`; `fresh` guards sensitive acts.

What a browser holds of a session is one cookie of its own, set only when somebody comes in or
proves who they are. Flask's signed cookie is sent anew by other requests too, and a slow one of
those would bring the old token back.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import (
    Flask,
    Response,
    after_this_request,
    current_app,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import devices, sessions
from mentorship.accounts.sessions import Session, Way, Why
from mentorship.foundation import clock
from mentorship.foundation.database import db

View = TypeVar("View", bound=Callable)


def fresh(view: View) -> View:
    """Label the page of a sensitive act: whoever comes has proven lately who they are."""
    view.fresh = True  # type: ignore[attr-defined]  # functions take any attribute
    return view


def init_app(app: Flask) -> None:
    """Note the use of sessions, and keep the labels of pages outside the chapters.

    Registered before the transaction, so that it sees the answer after that has ended.
    """

    @app.before_request
    def keep_labels() -> ResponseReturnValue | None:
        # A chapter is entered by its door, which asks the same once that is done.
        if (request.endpoint or "").startswith("chapter."):
            return None
        if hasattr(_view(), "signed_in") and not current_user.is_authenticated:
            return redirect(url_for("accounts.sign_in", next=_back() or None))
        return confirm_first()

    @app.after_request
    def note_use(response: Response) -> Response:
        if used := g.pop("session_used", None):
            sessions.note_use(used.id, now=clock.now())
            db.session.commit()
        return response


def held() -> str:
    """The token that this browser holds; nothing if it holds none."""
    return request.cookies.get(current_app.config["SIGN_IN_COOKIE_NAME"], "")


def used(session: Session, *, now: datetime) -> None:
    """Have it noted, after the answer, that this session is in use."""
    if now - session.last_used_at >= sessions.NOTED_EVERY:
        g.session_used = session


def admit(user_id: UUID, *, way: Way, now: datetime, **facts: Any) -> None:
    """Let somebody in who has just proven who they are, and forget what the browser held before.

    `facts` are those of `sessions.begin`.
    """
    session.clear()
    if token := held():
        sessions.end_by_token(token, why=Why.REPLACED, now=now)
    device = devices.named(request.user_agent.string)
    _hand_over(sessions.begin(user_id, way=way, device=device, now=now, **facts))


def prove_again(*, way: Way, now: datetime) -> None:
    """Note that whoever is signed in has proven once more who they are. The cookie changes.

    :raises NotYours: the session was ended meanwhile.
    """
    _hand_over(sessions.prove(current_user.session.id, way=way, now=now))


def leave(*, now: datetime) -> None:
    """Sign out of this browser."""
    if token := held():
        sessions.end_by_token(token, why=Why.SIGNED_OUT, now=now)
    session.clear()

    @after_this_request
    def take_back(response: Response) -> Response:
        name, facts = current_app.config["SIGN_IN_COOKIE_NAME"], _cookie()
        response.delete_cookie(name, **facts)
        return response


def confirm_first() -> ResponseReturnValue | None:
    """Where somebody proves once more who they are, if this page needs it and it was long ago."""
    if not hasattr(_view(), "fresh") or current_user.session.is_fresh(clock.now()):
        return None
    return redirect(url_for("accounts.confirm", next=_back() or None), 303)


def _view() -> Callable | None:
    return current_app.view_functions.get(request.endpoint or "")


def _back() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else ""


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
