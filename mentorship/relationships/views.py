"""Pages of relationships: what one does in a pairing. Where it is seen stands above, in insights.

A record's own question decides whose it is, so these pages ask for no more permission than
any page of the chapter: to whom a pairing does not belong, it does not exist.
"""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships import action_items, check_ins, conflicts, evaluations, forms
from mentorship.relationships import pairings as pairing_verbs
from mentorship.relationships.models import OPEN, ActionItem, Pairing, PairingState
from mentorship.relationships.queries import my_action_item, my_pairing
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import called
from mentorship.web.forms import Form

bp = Blueprint("relationships", __name__)


@bp.route("/pairings/<uuid:pairing_id>/check-in", methods=["GET", "POST"])
@requires(Permission.CHAPTER_SEE)
def check_in(pairing_id: UUID) -> ResponseReturnValue:
    pairing = _mine(pairing_id, for_update=True)
    other = _other(pairing)
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
            flash(f"Check-in saved. {_called(pairing, other)} sees it on this page.", "good")
            if form.how.data == check_ins.How.DONE and not nothing:
                flash("If the two of you are done, you can finish this pairing below.")
            return _to(pairing)
    return _page("check_in", form, pairing, other)


@bp.route("/pairings/<uuid:pairing_id>/action-items", methods=["GET", "POST"])
@requires(Permission.CHAPTER_SEE)
def take_on(pairing_id: UUID) -> ResponseReturnValue:
    pairing = _mine(pairing_id, for_update=True)
    other = _other(pairing)
    form = forms.ActionItemForm()
    form.between(_called(pairing, other))
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
            return _to(pairing, anchor="items")
    return _page("take_on", form, pairing, other)


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


@bp.route("/pairings/<uuid:pairing_id>/end", methods=["GET", "POST"])
@requires(Permission.CHAPTER_SEE)
def end(pairing_id: UUID) -> ResponseReturnValue:
    pairing = _mine(pairing_id)
    other = _other(pairing)
    if pairing.state not in OPEN and request.method == "GET":
        return _to(pairing)
    form = forms.EndForm()
    if form.validate_on_submit():
        state = PairingState(form.state.data)
        try:
            pairing_verbs.end(pairing, by=current_member, now=clock.now(), state=state)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"The pairing with {_called(pairing, other)} has ended.", "good")
            return _to(pairing)
    return _page("end", form, pairing, other)


@bp.route("/pairings/<uuid:pairing_id>/block", methods=["GET", "POST"])
@requires(Permission.CHAPTER_SEE)
def block(pairing_id: UUID) -> ResponseReturnValue:
    """Keep the two apart: nothing more goes between them, so whatever is open ends as well."""
    pairing = _mine(pairing_id)
    other = _other(pairing)
    form = forms.BlockForm()
    if form.validate_on_submit():
        pairing_verbs.part(other=other, by=current_member, now=clock.now())
        flash(f"Blocked. {_called(pairing, other)} is not told about the block.", "good")
        return _to(pairing)
    return _page("block", form, pairing, other)


@bp.post("/pairings/<uuid:pairing_id>/unblock")
@requires(Permission.CHAPTER_SEE)
def unblock(pairing_id: UUID) -> ResponseReturnValue:
    pairing = _mine(pairing_id)
    other = _other(pairing)
    conflicts.lift(other=other, by=current_member, now=clock.now())
    flash("Your block is lifted. A new pairing is possible again, and none has begun.", "good")
    return _to(pairing)


@bp.route("/profile/evaluations", methods=["GET", "POST"], endpoint="evaluations")
@requires(Permission.HOURS_SET)
def declare_evaluation() -> ResponseReturnValue:
    form = forms.EvaluationForm()
    now = clock.now()
    endings: tuple[evaluations.Ending, ...] = ()
    if form.validate_on_submit():
        try:
            evaluations.declare(
                role=form.role_name,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                mentee=_student(form) if form.whom.data == "one" else None,
                ending_wellness=form.agreed.data,
                by=current_member,
                now=now,
            )
        except evaluations.WellnessMustEnd as refusal:
            form.refuse(refusal, "agreed")
            endings = refusal.endings
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            flash("Declared. You are no wellness mentor to anybody you evaluate.", "good")
            return redirect(url_for(".evaluations"), 303)
    today = clock.day(now, current_member.zone)
    page = render_template(
        "relationships/evaluations.html",
        form=form,
        endings=endings,
        roles=evaluations.mine(current_member, today=today),
        today=today,
    )
    return page, form.status


@bp.post("/profile/evaluations/<uuid:role_id>/end")
@requires(Permission.HOURS_SET)
def end_evaluation(role_id: UUID) -> ResponseReturnValue:
    conflicts.end_evaluation(role_id, by=current_member, now=clock.now())
    flash("The role is over.", "good")
    return redirect(url_for(".evaluations"), 303)


def _mine(pairing_id: UUID, *, for_update: bool = False) -> Pairing:
    """The reader's pairing; with `for_update`, whoever posts has it alone until the answer."""
    alone = for_update and request.method == "POST"
    return my_pairing(pairing_id, member=current_member, for_update=alone)


def _page(name: str, form: Form, pairing: Pairing, other: Member) -> ResponseReturnValue:
    page = render_template(
        f"relationships/{name}.html",
        form=form,
        pairing=pairing,
        other=other,
        called=_called(pairing, other),
    )
    return page, form.status


def _other(pairing: Pairing) -> Member:
    i_mentor = pairing.mentor_id == current_member.id
    return people.member(pairing.mentee_id if i_mentor else pairing.mentor_id)


def _called(pairing: Pairing, other: Member) -> str:
    return called(other.name, mentor=other.id == pairing.mentor_id)


def _student(form: forms.EvaluationForm) -> Member:
    found = people.member_by_email(form.student_email.data or "")
    if found is None:
        raise evaluations.NotAStudent
    return found


def _to(pairing: Pairing, anchor: str = "") -> ResponseReturnValue:
    target = url_for("chapter.insights.pairing", pairing_id=pairing.id, _anchor=anchor or None)
    return redirect(target, 303)


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


#: Beside which field a refusal of an evaluative role is shown.
_FIELD = {
    evaluations.NotNamed: "other_role",
    evaluations.EndsBeforeItStarts: "ends_on",
    evaluations.OverAlready: "ends_on",
    evaluations.NotAStudent: "student_email",
    evaluations.AlreadyDeclared: "role",
}
