"""A person's meetings in their own calendar program."""

import hashlib
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.scheduling import subscriptions
from mentorship.scheduling.views import answers, bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.members import ChapterCard
from mentorship.tenancy.roles import Permission
from mentorship.web.forms import Form
from mentorship.web.labels import open_to
from mentorship.web.limits import limited
from mentorship.web.links import absolute

#: Calendar programs look every hour or so; each answer may be kept for a quarter of one.
_KEPT = "private, max-age=900"


@bp.get("/calendar")
@requires(Permission.MEETING_SEE)
def calendar() -> ResponseReturnValue:
    return _page(Form())


@bp.post("/calendar")
@requires(Permission.MEETING_SEE)
def open_calendar() -> ResponseReturnValue:
    form = Form()
    if not form.validate_on_submit():
        return _page(form), 422
    subscriptions.open_address(by=current_member, now=clock.now())
    flash("Here is your calendar address. Any address before it has ended.", "good")
    return redirect(url_for(".calendar"), 303)


@bp.route("/calendar/closing", methods=["GET", "POST"])
@requires(Permission.MEETING_SEE)
def close_calendar() -> ResponseReturnValue:
    form = Form()
    if form.validate_on_submit():
        subscriptions.close_address(by=current_member, now=clock.now())
        flash("The address has ended. Your calendar shows nothing new from now on.", "good")
        return redirect(url_for(".calendar"), 303)
    return render_template("scheduling/calendar_closing.html", form=form), form.status


@answers.get("/cal/<token>.ics")
@open_to("whatever calendar has the address, which its owner can change")
@limited(rates.SUBSCRIPTION, rates.SUBSCRIPTIONS)
def subscribed(token: str) -> ResponseReturnValue:
    """What a calendar program reads. The address itself is the permission."""
    body = subscriptions.calendar(
        token, settings=current_app.config["SETTINGS"], page=_meeting_page, now=clock.now()
    )
    answer = Response(body, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers["Cache-Control"] = _KEPT
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return answer.make_conditional(request)


def _meeting_page(chapter: ChapterCard, id_: UUID, is_block: bool) -> str:
    if is_block:
        return absolute("chapter.scheduling.meet_ups", chapter_slug=chapter.slug, block_id=id_)
    return absolute("chapter.scheduling.meeting", chapter_slug=chapter.slug, meeting_id=id_)


def _page(form: Form) -> str:
    token = subscriptions.token_of(current_member, secret=current_app.config["SECRET_KEY"])
    address = absolute("answers.subscribed", token=token) if token else ""
    return render_template("scheduling/calendar.html", form=form, address=address)
