"""Light-touch updates: written, looked at, sent. Their lines begin with what was talked about."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.relationships.contacts import rotations, updates
from mentorship.relationships.contacts.models import Update
from mentorship.scheduling.forms.updates import UpdateForm, lines_form, lines_of
from mentorship.scheduling.thanks import thanks
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.limits import limited


@bp.get("/updates")
@requires(Permission.UPDATE_WRITE)
def my_updates() -> ResponseReturnValue:
    return render_template(
        "scheduling/updates.html",
        updates=updates.listed(current_member),
        rotations=rotations.mine(member=current_member, now=clock.now()),
    )


@bp.route("/updates/new", methods=["GET", "POST"])
@requires(Permission.UPDATE_WRITE)
@limited(*rates.TO_OTHERS)
def write_update() -> ResponseReturnValue:
    return _write(None)


@bp.route("/updates/<uuid:update_id>/edit", methods=["GET", "POST"])
@requires(Permission.UPDATE_WRITE)
@limited(*rates.TO_OTHERS)
def edit_update(update_id: UUID) -> ResponseReturnValue:
    return _write(updates.mine(update_id, member=current_member))


@bp.route("/updates/<uuid:update_id>", methods=["GET", "POST"])
@requires(Permission.UPDATE_WRITE)
def update(update_id: UUID) -> ResponseReturnValue:
    """A draft as each mentor would get it, with the button that sends it; or what became of it."""
    found = updates.mine(update_id, member=current_member)
    copies = updates.copies(found.id)
    form = lines_form(copies)
    if form.validate_on_submit():
        try:
            updates.send(found, lines=lines_of(form), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".update", update_id=found.id), 303)
    page = render_template("scheduling/update.html", form=form, update=found, copies=copies)
    return page, form.status


@bp.post("/updates/<uuid:update_id>/take-back")
@requires(Permission.UPDATE_WRITE)
def take_back_update(update_id: UUID) -> ResponseReturnValue:
    found = updates.mine(update_id, member=current_member)
    try:
        updates.take_back(found, by=current_member, now=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "warn")
    else:
        flash("Taken back. Nobody has seen it, and it is a draft again.", "good")
    return redirect(url_for(".update", update_id=found.id), 303)


@bp.post("/updates/<uuid:update_id>/drop")
@requires(Permission.UPDATE_WRITE)
def drop_update(update_id: UUID) -> ResponseReturnValue:
    found = updates.mine(update_id, member=current_member)
    try:
        updates.drop(found, by=current_member, now=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "warn")
        return redirect(url_for(".update", update_id=update_id), 303)
    flash("The draft is gone.", "good")
    return redirect(url_for(".my_updates"), 303)


def _write(found: Update | None) -> ResponseReturnValue:
    mentors = updates.mentors_of(current_member)
    form = UpdateForm()
    form.offer(mentors)
    if request.method == "GET":
        if found is not None and found.send_at is not None:
            return redirect(url_for(".update", update_id=found.id), 303)
        chosen = [one.pairing_id for one in updates.copies(found.id)] if found else []
        form.process(
            data={
                "words": found.words if found else "",
                "own_address": found.own_address if found else False,
                "to": [str(one) for one in chosen],
            }
        )
    elif form.validate_on_submit():
        try:
            saved = updates.save(
                found,
                words=form.words.data,
                to=form.chosen,
                lines=thanks.callbacks(form.chosen, member=current_member),
                own_address=form.own_address.data,
                by=current_member,
                now=clock.now(),
            )
        except updates.ToNobody as refusal:
            form.refuse(refusal, "to")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".update", update_id=saved.id), 303)
    page = render_template("scheduling/update_write.html", form=form, mentors=mentors, update=found)
    return page, form.status
