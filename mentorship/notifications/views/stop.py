"""Stopping reminders from a mail, without signing in (RFC 8058).

A mail program posts here by itself, without cookies and without a form's token: the address is
signed, and its one effect is to stop mail. Whoever only looks, as mail scanners do, changes
nothing.
"""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates, scope, tokens
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.notifications.nudges import choices, links
from mentorship.notifications.nudges.links import Claim
from mentorship.notifications.nudges.registry import KINDS
from mentorship.notifications.views import stopping
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.web.labels import open_to
from mentorship.web.limits import limited

#: The address itself is the permission: it goes to nobody else.
_HEADERS = {"Referrer-Policy": "no-referrer"}


@stopping.get("/u/<token>")
@open_to("whoever has the link from the mail: it stops mail, and shows nothing")
@limited(rates.MAIL_KEYS)
def show(token: str) -> ResponseReturnValue:
    """One page with one button."""
    try:
        claim, _ = _open(token)
    except (tokens.BadToken, NotYours):
        return _not_ours()
    return _page(claim, token, done=False)


@stopping.post("/u/<token>")
@open_to("whoever has the link from the mail: it stops mail, and shows nothing")
@limited(rates.MAIL_KEYS)
def stop(token: str) -> ResponseReturnValue:
    try:
        claim, member = _open(token)
    except (tokens.BadToken, NotYours):
        return _not_ours()
    choices.stop(kind=claim.kind, by=member, now=clock.now())
    return _page(claim, token, done=True)


def _open(token: str) -> tuple[Claim, Member]:
    """Enter the chapter that a token names, and find whose mail it stops.

    :raises tokens.BadToken: it is not ours, or too old.
    :raises NotYours: the member is gone.
    """
    claim = links.read(token, secret=current_app.config["SETTINGS"].secrets, now=clock.now())
    db.session.rollback()  # whatever was looked up before has no chapter
    scope.enter(claim.chapter_id)
    return claim, queries.member(claim.member_id)


def _page(claim: Claim, token: str, *, done: bool) -> ResponseReturnValue:
    kind = KINDS.get(claim.kind or "")
    page = render_template(
        "notifications/stop.html",
        kind=kind,
        every=claim.kind is None,
        token=token,
        of=queries.card(),
        done=done,
    )
    return page, _HEADERS


def _not_ours() -> ResponseReturnValue:
    return render_template("notifications/stop_closed.html"), 404, _HEADERS
