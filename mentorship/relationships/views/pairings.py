"""What grows between two people: check-ins, and that there is to be no contact."""

from uuid import UUID

from flask import flash
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships import check_ins, conflicts, forms
from mentorship.relationships import pairings as pairing_verbs
from mentorship.relationships.views import bp
from mentorship.relationships.views.found import called_here, mine, other_of, page, to
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.forms import Form


@bp.route("/pairings/<uuid:pairing_id>/check-in", methods=["GET", "POST"])
@requires(Permission.CONTACT_NOTE)
def check_in(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id, for_update=True)
    other = other_of(pairing)
    form = forms.CheckInForm()
    if form.nothing.data or form.validate_on_submit():
        nothing = form.nothing.data
        try:
            check_ins.log(
                pairing=pairing,
                by=current_member,
                how=check_ins.How.WELL if nothing else check_ins.How(form.how.data),
                line="" if nothing else form.line.data or "",
                happened_on=None if nothing else form.happened_on.data,
                now=clock.now(),
            )
        except check_ins.NotOnThatDay as refusal:
            form.refuse(refusal, "happened_on")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Check-in saved. {called_here(pairing, other)} sees it on this page.", "good")
            if form.how.data == check_ins.How.DONE and not nothing:
                flash("If the two of you are done, you can finish this pairing below.")
            return to(pairing)
    return page("check_in", form, pairing, other)


@bp.route("/pairings/<uuid:pairing_id>/block", methods=["GET", "POST"])
@requires(Permission.CONTACT_STOP)
def block(pairing_id: UUID) -> ResponseReturnValue:
    """Keep the two apart: nothing more goes between them, so whatever is open ends as well."""
    pairing = mine(pairing_id)
    other = other_of(pairing)
    form = Form()
    if form.validate_on_submit():
        pairing_verbs.part(other=other, by=current_member, now=clock.now())
        flash(f"Blocked. {called_here(pairing, other)} is not told about the block.", "good")
        return to(pairing)
    return page("block", form, pairing, other)


@bp.post("/pairings/<uuid:pairing_id>/unblock")
@requires(Permission.CONTACT_STOP)
def unblock(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id)
    other = other_of(pairing)
    conflicts.lift(other=other, by=current_member, now=clock.now())
    flash("Your block is lifted. A new pairing is possible again, and none has begun.", "good")
    return to(pairing)
