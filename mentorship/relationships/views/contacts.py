"""Contact that happened elsewhere: who, and how. Two taps."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.relationships import forms
from mentorship.relationships.check_ins import NotOnThatDay
from mentorship.relationships.contacts import contacts, rotations
from mentorship.relationships.contacts.models import Way
from mentorship.relationships.views import bp
from mentorship.relationships.views.found import mine, other_of, page, to
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.limits import limited


@bp.route("/pairings/<uuid:pairing_id>/contact", methods=["GET", "POST"])
@requires(Permission.CONTACT_NOTE)
@limited(*rates.TO_OTHERS)
def contact(pairing_id: UUID) -> ResponseReturnValue:
    """A button for each way there is. It was today, unless another day is said."""
    pairing = mine(pairing_id)
    form = forms.ContactForm()
    if form.validate_on_submit():
        try:
            contacts.log(
                pairing=pairing,
                by=current_member,
                way=Way(form.way.data),
                happened_on=form.happened_on.data,
                now=clock.now(),
            )
        except NotOnThatDay as refusal:
            form.refuse(refusal, "happened_on")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Noted. For ten minutes you can take it back, on the line below.", "good")
            return to(pairing, anchor="timeline")
    return page("contact", form, pairing, other_of(pairing), ways=list(Way))


@bp.post("/contacts/<uuid:contact_id>/undo")
@requires(Permission.CONTACT_UNDO)
def undo_contact(contact_id: UUID) -> ResponseReturnValue:
    noted = contacts.mine(contact_id, member=current_member)
    pairing = mine(noted.pairing_id)
    try:
        contacts.undo(noted, by=current_member, now=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "warn")
    else:
        flash("Taken back.", "good")
    return to(pairing, anchor="timeline")


@bp.route("/rotations", methods=["GET", "POST"])
@requires(Permission.ROTATION_KEEP)
def my_rotations() -> ResponseReturnValue:
    """When rotations end: the moments at which a student is reminded to write an update."""
    now, form = clock.now(), forms.RotationForm()
    if form.validate_on_submit():
        try:
            rotations.add(
                place=form.place.data, ends_on=form.ends_on.data, by=current_member, now=now
            )
        except rotations.NotOnThatDay as refusal:
            form.refuse(refusal, "ends_on")
        except rotations.NotNamed as refusal:
            form.refuse(refusal, "place")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Kept. When it ends, you are reminded once that an update would be good.", "good")
            return redirect(url_for(".my_rotations"), 303)
    mine_ = rotations.mine(member=current_member, now=now)
    return render_template("relationships/rotations.html", form=form, rotations=mine_), form.status


@bp.post("/rotations/<uuid:rotation_id>/remove")
@requires(Permission.ROTATION_KEEP)
def remove_rotation(rotation_id: UUID) -> ResponseReturnValue:
    rotation = rotations.one(rotation_id, member=current_member)
    rotations.remove(rotation, by=current_member, now=clock.now())
    flash("Removed.", "good")
    return redirect(url_for(".my_rotations"), 303)
