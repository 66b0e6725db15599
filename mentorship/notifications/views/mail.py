"""What one wants to be reminded of, and what one was sent."""

from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.notifications.forms import MailForm
from mentorship.notifications.nudges import choices, sent
from mentorship.notifications.nudges.registry import KINDS
from mentorship.notifications.nudges.sent import Before
from mentorship.notifications.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission


@bp.route("/mail", methods=["GET", "POST"])
@requires(Permission.PROFILE_EDIT)
def mail() -> ResponseReturnValue:
    form = MailForm.shown(choices.mine(current_member.user_id), KINDS.values())
    if form.validate_on_submit():
        try:
            choices.choose(
                wanted=form.kinds.data or [],
                listed=KINDS,
                quiet=form.quiet,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal, "kinds")
        else:
            flash("Saved. It holds in all your chapters.", "good")
            return redirect(url_for(".mail"), 303)
    page = sent.to(current_member, before=_before())
    return render_template("notifications/mail_choices.html", form=form, page=page), form.status


def _before() -> Before | None:
    """The reminder that the page is to come after, where the address names one as we do."""
    at = request.args.get("before", type=_instant)
    last = request.args.get("id", type=UUID)
    return Before(at, last) if at and last else None


def _instant(words: str) -> datetime:
    at = datetime.fromisoformat(words)
    if at.tzinfo is None:
        raise ValueError("an instant has a zone")
    return at
