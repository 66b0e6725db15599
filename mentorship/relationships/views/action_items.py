"""Action items: written down, changed, ticked with a line of what came of it, or dropped."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships import action_items, forms
from mentorship.relationships.goals import goals
from mentorship.relationships.goals import queries as goal_queries
from mentorship.relationships.models import UNDER_WAY, ActionItem
from mentorship.relationships.queries import my_action_item
from mentorship.relationships.views import bp
from mentorship.relationships.views.found import called_here, mine, other_of, page, to
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission

#: Beside which field a refusal is shown.
_FIELD = {action_items.DueInThePast: "due_on", action_items.NotSaid: "what"}


@bp.route("/pairings/<uuid:pairing_id>/action-items", methods=["GET", "POST"])
@requires(Permission.ITEM_TAKE_ON)
def take_on(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id, for_update=True)
    other = other_of(pairing)
    form = forms.ActionItemForm()
    form.between(called_here(pairing, other))
    form.toward(goal_queries.for_item(pairing.id, member=current_member))
    if form.validate_on_submit():
        now = clock.now()
        try:
            item = action_items.take_on(
                pairing_id=pairing.id,
                owner=current_member if form.owner.data == "me" else other,
                what=form.what.data,
                due_on=form.due_on.data,
                by=current_member,
                now=now,
            )
            goals.serve(item, form.goal_id, by=current_member, now=now)
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            flash("Action item written down.", "good")
            return to(pairing, anchor="items")
    return page("take_on", form, pairing, other)


@bp.route("/action-items/<uuid:item_id>/change", methods=["GET", "POST"])
@requires(Permission.ITEM_CHANGE)
def change_item(item_id: UUID) -> ResponseReturnValue:
    """Say it better, move its day, or hand it to the other of the two."""
    item, posts = _found(item_id), request.method == "POST"
    pairing = mine(item.pairing_id)
    other = other_of(pairing)
    if not posts and (pairing.state not in UNDER_WAY or item.done_at or item.dropped_at):
        return to(pairing, anchor="items")
    form = forms.ActionItemForm()
    form.between(called_here(pairing, other))
    form.toward(goal_queries.for_item(pairing.id, member=current_member))
    if not posts:
        form.what.data, form.due_on.data = item.what, item.due_on
        form.owner.data = "me" if item.owner_id == current_member.id else "other"
        form.goal.data = str(goal_queries.served_by(item.id) or "")
    elif form.validate_on_submit():
        now = clock.now()
        owner = current_member if form.owner.data == "me" else other
        handed_over = owner.id == other.id != item.owner_id
        try:
            action_items.change(
                item,
                what=form.what.data,
                owner=owner,
                due_on=form.due_on.data,
                by=current_member,
                now=now,
            )
            goals.serve(item, form.goal_id, by=current_member, now=now)
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            told = f" {called_here(pairing, other)} gets a mail about it." if handed_over else ""
            flash(f"Action item changed.{told}", "good")
            return to(pairing, anchor="items")
    return page("change_item", form, pairing, other, item=item)


@bp.route("/action-items/<uuid:item_id>/done", methods=["GET", "POST"])
@requires(Permission.ITEM_CHANGE)
def finish_item(item_id: UUID) -> ResponseReturnValue:
    """It is done, with a line of what came of it."""
    item = _found(item_id)
    pairing = mine(item.pairing_id)
    form = forms.DoneForm()
    if request.method == "GET":
        if item.dropped_at:
            return to(pairing, anchor="items")
        form.came_of_it.data = item.came_of_it
    elif form.validate_on_submit():
        try:
            action_items.finish(
                item,
                came_of_it=form.came_of_it.data or "",
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Done. The next agenda reports it.", "good")
            return to(pairing, anchor="items")
    return page("finish_item", form, pairing, other_of(pairing), item=item)


@bp.post("/action-items/<uuid:item_id>")
@requires(Permission.ITEM_CHANGE)
def tick(item_id: UUID) -> ResponseReturnValue:
    """The box of an action item: sent ticked, it is done; sent empty, it is not."""
    item = _found(item_id)
    verb = action_items.finish if request.form.get("done") else action_items.reopen
    verb(item, by=current_member, now=clock.now())
    return _back_from(item)


@bp.post("/action-items/<uuid:item_id>/drop")
@requires(Permission.ITEM_CHANGE)
def drop(item_id: UUID) -> ResponseReturnValue:
    item = _found(item_id)
    action_items.drop(item, by=current_member, now=clock.now())
    flash("Dropped, for both of you. For three days it can be put back, on your shared page.")
    return _back_from(item)


@bp.post("/action-items/<uuid:item_id>/restore")
@requires(Permission.ITEM_CHANGE)
def restore(item_id: UUID) -> ResponseReturnValue:
    item = _found(item_id)
    action_items.restore(item, by=current_member, now=clock.now())
    flash("It is back on the list of both of you.", "good")
    return _back_from(item)


def _found(item_id: UUID) -> ActionItem:
    """The item; whoever posts has it alone until the answer."""
    return my_action_item(item_id, member=current_member, for_update=request.method == "POST")


def _back_from(item: ActionItem) -> ResponseReturnValue:
    """To where the box was ticked: home, the list of all, a meeting, or else the pairing."""
    came_from = request.form.get("back")
    if came_from == "home":
        return redirect(url_for("chapter.insights.home", _anchor="due"), 303)
    if came_from == "owed":
        return redirect(url_for("chapter.insights.owed", _anchor="mine"), 303)
    if came_from == "meeting":
        # Items are carried over, so the meeting need not be the one that they come from.
        meeting_id = request.form.get("meeting_id", default=item.meeting_id, type=UUID)
        if meeting_id is not None:
            return redirect(url_for("chapter.scheduling.meeting", meeting_id=meeting_id), 303)
    where = url_for("chapter.insights.pairing", pairing_id=item.pairing_id, _anchor="items")
    return redirect(where, 303)
