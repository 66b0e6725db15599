"""Reporting a concern, and seeing how far it has come."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.audit import trail
from mentorship.audit.sights import Sight
from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.safety import concerns as verbs
from mentorship.safety import forms, queries, resources
from mentorship.safety.models import Outcome
from mentorship.safety.views import bp
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission

#: Beside which field a refusal of a report is shown.
_FIELD = {
    verbs.NothingSaid: "words",
    verbs.TooLong: "words",
    verbs.ReachTooLong: "reach",
    verbs.NobodyNamed: "about",
    verbs.AboutYourself: "about",
}


@bp.get("/concerns")
@requires(Permission.CONCERN_REPORT)
def concerns() -> ResponseReturnValue:
    """What the reader has reported, what they look into, and whom they have blocked."""
    return render_template(
        "safety/concerns.html",
        mine=queries.mine(current_member),
        theirs=queries.to_look_into(current_member),
        blocks=queries.my_blocks(current_member),
    )


@bp.route("/concerns/new", methods=["GET", "POST"])
@requires(Permission.CONCERN_REPORT)
def report() -> ResponseReturnValue:
    """The form, with whom the page that led here was about already chosen."""
    occasion = queries.occasion(
        current_member,
        pairing_id=request.args.get("pairing", type=UUID),
        meeting_id=request.args.get("meeting", type=UUID),
    )
    who = occasion.other_id if occasion else request.args.get("who", type=UUID)
    named = queries.people_to_name(current_member, also=who)
    chosen = who if who in {one.id for one in named} else None
    form = forms.ConcernForm()
    form.offer(named, chosen=chosen)
    if form.validate_on_submit():
        try:
            concern = verbs.report(
                words=form.words.data or "",
                reach=form.reach.data or "",
                about=people.member(form.about_id) if form.about_id else None,
                occasion=occasion,
                may_name=form.may_name.data,
                block=form.block.data,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            flash("Your report is in. This page shows how far it has come.", "good")
            return redirect(url_for(".concern", concern_id=concern.id), 303)
    page = render_template(
        "safety/report.html",
        form=form,
        advisors=queries.advisors(),
        here=resources.here(),
    )
    return page, form.status


@bp.get("/concerns/<uuid:concern_id>")
@requires(Permission.CONCERN_READ)
def concern(concern_id: UUID) -> ResponseReturnValue:
    """For those who look into it, all of it; for whoever reported it, how far it has come."""
    return show(queries.concern(concern_id, member=current_member))


def show(
    found: queries.Found,
    *,
    note: forms.NoteForm | None = None,
    close: forms.CloseForm | None = None,
) -> ResponseReturnValue:
    """The page of a concern, with a form of it that has come back."""
    concern, back = found.concern, note or close
    if not found.triages:
        triagers = queries.triagers(concern.id)
        page = render_template(
            "safety/my_concern.html",
            found=found,
            outcomes=Outcome,
            triagers=triagers,
            help=None if triagers else resources.here(),
        )
        return page
    trail.saw(Sight.CONCERN, concern.id, by=current_member, now=clock.now())
    page = render_template(
        "safety/concern.html",
        found=found,
        outcomes=Outcome,
        steps=queries.steps(concern.id),
        apart_since=queries.separated_since(concern.by_id, concern.about_id, by=current_member)
        if concern.about_id
        else None,
        note=note or forms.NoteForm(formdata=None),
        close=close or forms.CloseForm(formdata=None),
        form=back,
    )
    return page, back.status if back else 200
