"""What programs look for at fixed places: whom to tell of a hole, and where not to look."""

from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, Flask, Response, abort, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.settings import Settings
from mentorship.web.labels import open_to
from mentorship.web.links import absolute

#: RFC 9116 wants an end less than a year away. What is said here is renewed by each answer.
_GOOD_FOR = timedelta(days=180)

bp = Blueprint("well_known", __name__)


@bp.get("/.well-known/security.txt")
@open_to("anybody who has found a hole and looks for whom to tell (RFC 9116)")
def security_txt() -> ResponseReturnValue:
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.security_contact:
        abort(404)
    return _text(
        f"Contact: {settings.security_contact}",
        f"Expires: {_end(clock.now()):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {absolute('well_known.security_txt')}",
        *([f"Policy: {settings.security_policy}"] if settings.security_policy else []),
    )


@bp.get("/.well-known/change-password")
@open_to("password managers, which are led to where ways to sign in are changed")
def change_password() -> ResponseReturnValue:
    return redirect(url_for("accounts.account"), 303)


@bp.get("/robots.txt")
@open_to("search engines, which are told to go away: nothing here is for them")
def robots() -> ResponseReturnValue:
    return _text("User-agent: *", "Disallow: /")


def _text(*lines: str) -> Response:
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _end(now: datetime) -> datetime:
    """A midnight, so that the file is the same all day."""
    return datetime.combine((now + _GOOD_FOR).astimezone(UTC), time(), UTC)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
