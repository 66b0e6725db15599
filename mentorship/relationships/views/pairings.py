"""What grows between two people: check-ins, action items, and that there is to be no contact."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships import action_items, check_ins, conflicts, forms
from mentorship.relationships import pairings as pairing_verbs
from mentorship.relationships.models import ActionItem
from mentorship.relationships.queries import my_action_item
from mentorship.relationships.views import bp
from mentorship.relationships.views.found import called_here, mine, other_of, page, to
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission


@bp.route("/pairings/<uuid:pairing_id>/check-in", methods=["GET", "POST"])
@requires(Permission.CHAPTER_SEE)
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


@bp.route("/pairings/<uuid:pairing_id>/action-items", methods=["GET", "POST"])
@requires(Permission.CHAPTER_SEE)
def take_on(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id, for_update=True)
    other = other_of(pairing)
    form = forms.ActionItemForm()
    form.between(called_here(pairing, other))
    if form.validate_on_submit():
        try:
            action_items.take_on(
                pairing_id=pairing.id,
                owner=current_member if form.owner.data == "me" else other,
                what=form.what.data,
                due_on=form.due_on.data,
                by=current_member,
                now=clock.now(),
            )
        except action_items.DueInThePast as refusal:
            form.refuse(refusal, "due_on")
        except action_items.NotSaid as refusal:
            form.refuse(refusal, "what")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Action item written down.", "good")
            return to(pairing, anchor="items")
    return page("take_on", form, pairing, other)


@bp.post("/action-items/<uuid:item_id>")
@requires(Permission.CHAPTER_SEE)
def tick(item_id: UUID) -> ResponseReturnValue:
    """The box of an action item: sent ticked, it is done; sent empty, it is not."""
    item = my_action_item(item_id, member=current_member)
    verb = action_items.finish if request.form.get("done") else action_items.reopen
    verb(item, by=current_member, now=clock.now())
    return _back_from(item)


@bp.post("/action-items/<uuid:item_id>/drop")
@requires(Permission.CHAPTER_SEE)
def drop(item_id: UUID) -> ResponseReturnValue:
    item = my_action_item(item_id, member=current_member)
    action_items.drop(item, by=current_member, now=clock.now())
    flash("Dropped. It is off the list of both of you.", "good")
    return _back_from(item)


@bp.route("/pairings/<uuid:pairing_id>/block", methods=["GET", "POST"])
@requires(Permission.CHAPTER_SEE)
def block(pairing_id: UUID) -> ResponseReturnValue:
    """Keep the two apart: nothing more goes between them, so whatever is open ends as well."""
    pairing = mine(pairing_id)
    other = other_of(pairing)
    form = forms.BlockForm()
    if form.validate_on_submit():
        pairing_verbs.part(other=other, by=current_member, now=clock.now())
        flash(f"Blocked. {called_here(pairing, other)} is not told about the block.", "good")
        return to(pairing)
    return page("block", form, pairing, other)


@bp.post("/pairings/<uuid:pairing_id>/unblock")
@requires(Permission.CHAPTER_SEE)
def unblock(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id)
    other = other_of(pairing)
    conflicts.lift(other=other, by=current_member, now=clock.now())
    flash("Your block is lifted. A new pairing is possible again, and none has begun.", "good")
    return to(pairing)


def _back_from(item: ActionItem) -> ResponseReturnValue:
    """To where the box was ticked: home, a meeting, or else the item's pairing."""
    came_from = request.form.get("back")
    if came_from == "home":
        return redirect(url_for("chapter.insights.home", _anchor="due"), 303)
    if came_from == "meeting":
        # Items are carried over, so the meeting need not be the one that they come from.
        meeting_id = request.form.get("meeting_id", default=item.meeting_id, type=UUID)
        if meeting_id is not None:
            return redirect(url_for("chapter.scheduling.meeting", meeting_id=meeting_id), 303)
    where = url_for("chapter.insights.pairing", pairing_id=item.pairing_id, _anchor="items")
    return redirect(where, 303)
