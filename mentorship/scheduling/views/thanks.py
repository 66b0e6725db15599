"""Thanks after a meeting: one line that names something, ready to be changed."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import queries
from mentorship.scheduling.forms.updates import ThanksForm
from mentorship.scheduling.thanks import thanks
from mentorship.scheduling.views import bp
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission, insist
from mentorship.web.filters import surname_title
from mentorship.web.limits import limited


@bp.route("/meetings/<uuid:meeting_id>/thanks", methods=["GET", "POST"])
@requires(Permission.THANKS_SAY)
@limited(*rates.TO_OTHERS)
def say_thanks(meeting_id: UUID) -> ResponseReturnValue:
    meeting = queries.my_meeting(meeting_id, member=current_member)
    insist(Permission.THANKS_SAY, meeting, by=current_member)
    form, mentor, said = ThanksForm(), people.member(meeting.mentor_id), False
    if request.method == "GET":
        words, said = thanks.beginning(meeting.id, member=current_member)
        form.process(data={"words": words})
    elif form.validate_on_submit():
        try:
            thanks.say(meeting, words=form.words.data, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Thanks sent. {surname_title(mentor.name)} gets it by email.", "good")
            return redirect(url_for("chapter.insights.pairing", pairing_id=meeting.pairing_id), 303)
    page = render_template(
        "scheduling/thanks.html",
        form=form,
        meeting=meeting,
        mentor=mentor,
        said=said,
    )
    return page, form.status
