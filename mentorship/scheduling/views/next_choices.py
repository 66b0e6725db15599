"""Whom to ask next, chosen while the first request still waits."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import next_choices, onward, queries, requests, rules
from mentorship.scheduling.forms.booking import NextForm
from mentorship.scheduling.models import MeetingState
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission, insist
from mentorship.web.limits import limited


@bp.route("/meetings/<uuid:meeting_id>/ask-next", methods=["GET", "POST"])
@requires(Permission.MEETING_WITHDRAW)
@limited(*rates.TO_OTHERS)
def ask_next(meeting_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    asked = requests.one(meeting_id, member=current_member)
    insist(Permission.MEETING_WITHDRAW, asked, by=current_member)
    candidates = onward.candidates(
        meeting_id,
        kind=asked.kind,
        topic=asked.topic,
        mentee_id=asked.mentee_id,
        mentor_id=asked.mentor_id,
        now=now,
    )
    form = NextForm()
    form.offer(candidates, next_choices.chosen(meeting_id))
    status = form.status
    if form.validate_on_submit():
        try:
            meeting = queries.my_meeting(meeting_id, member=current_member)
            next_choices.choose(meeting, mentor_id=form.mentor_id, by=current_member, now=now)
        except next_choices.NotAmongThem as refusal:
            form.refuse(refusal, "mentor")
        except Refusal as refusal:
            form.refuse(refusal)
            status = 409
        else:
            flash("Noted. You hear by mail if it comes to that.", "good")
            return redirect(url_for(".meeting", meeting_id=meeting_id), 303)
    closed = "" if asked.state is MeetingState.REQUESTED else rules.became_of(asked.state)
    page = render_template(
        "scheduling/ask_next.html", form=form, asked=asked, closed=closed, candidates=candidates
    )
    return page, status
