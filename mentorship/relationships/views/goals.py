"""A student's goals. What they share of them, mentors see on the page of the pairing."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships.forms import GoalForm, SettleForm, ShareForm, StepForm
from mentorship.relationships.goals import goals, queries
from mentorship.relationships.goals.goals import Direction
from mentorship.relationships.goals.models import Goal
from mentorship.relationships.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission

#: Beside which field a refusal is shown.
_FIELD = {goals.DueInThePast: "due_on", goals.NotSaid: "what", goals.NotKnown: "how_known"}


@bp.get("/goals", endpoint="goals")
@requires(Permission.GOAL_SET)
def list_goals() -> ResponseReturnValue:
    found = queries.my_goals(current_member, now=clock.now())
    return render_template(
        "relationships/goals.html",
        goals=[goal for goal in found if goal.active],
        settled=sorted(
            (goal for goal in found if not goal.active),
            key=lambda goal: goal.settled_at,
            reverse=True,
        ),
    )


@bp.get("/goals/open")
@requires(Permission.GOAL_SET)
def open_goals() -> ResponseReturnValue:
    """What the reader works toward, as a part of other pages."""
    found = queries.open_goals(current_member, now=clock.now())
    return render_template("relationships/goals_open.html", goals=found)


@bp.route("/goals/new", methods=["GET", "POST"])
@requires(Permission.GOAL_SET)
def new_goal() -> ResponseReturnValue:
    form = GoalForm()
    if form.validate_on_submit():
        try:
            goal = goals.begin(**_said(form), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            flash("Your goal is set. Only you see it, unless you share it.", "good")
            return _to(goal)
    return render_template("relationships/goal_form.html", form=form, goal=None), form.status


@bp.get("/goals/<uuid:goal_id>", endpoint="goal")
@requires(Permission.GOAL_SET)
def show_goal(goal_id: UUID) -> ResponseReturnValue:
    return _page(goal_id, StepForm())


@bp.route("/goals/<uuid:goal_id>/change", methods=["GET", "POST"])
@requires(Permission.GOAL_WORK)
def change_goal(goal_id: UUID) -> ResponseReturnValue:
    goal = _mine(goal_id)
    form = GoalForm(obj=goal if request.method == "GET" else None)
    if form.validate_on_submit():
        try:
            goals.change(goal, **_said(form), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            flash("Your goal is changed.", "good")
            return _to(goal)
    return render_template("relationships/goal_form.html", form=form, goal=goal), form.status


@bp.post("/goals/<uuid:goal_id>/move")
@requires(Permission.GOAL_WORK)
def move_goal(goal_id: UUID) -> ResponseReturnValue:
    goals.move(_mine(goal_id), direction=_direction(), by=current_member, now=clock.now())
    return redirect(url_for(".goals"), 303)


@bp.route("/goals/<uuid:goal_id>/share", methods=["GET", "POST"])
@requires(Permission.GOAL_SET)
def share_goal(goal_id: UUID) -> ResponseReturnValue:
    goal = _mine(goal_id)
    form = ShareForm()
    mentors = queries.mentors_of(current_member)
    form.offer(mentors)
    if request.method == "GET":
        card = queries.my_card(goal_id, member=current_member, now=clock.now())
        chosen = "some" if card.mentor_ids else "nobody"
        form.process(
            data={
                "whom": "all" if card.with_all else chosen,
                "mentors": [str(one) for one in card.mentor_ids],
            }
        )
    elif form.validate_on_submit():
        try:
            goals.share(
                goal,
                with_all=form.whom.data == "all",
                mentor_ids=form.mentor_ids,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            seen = form.whom.data == "all" or form.mentor_ids
            flash("Shared." if seen else "Only you see it now.", "good")
            return _to(goal)
    page = render_template("relationships/goal_share.html", form=form, goal=goal, mentors=mentors)
    return page, form.status


@bp.route("/goals/<uuid:goal_id>/settle", methods=["GET", "POST"])
@requires(Permission.GOAL_WORK)
def settle_goal(goal_id: UUID) -> ResponseReturnValue:
    """It is reached, or let go."""
    goal = _mine(goal_id)
    form = SettleForm()
    if form.validate_on_submit():
        verb = goals.reach if form.how.data == "reached" else goals.let_go
        try:
            verb(goal, word=form.word.data or "", by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Kept. You can take it up again at any time.", "good")
            return redirect(url_for(".goals"), 303)
    return render_template("relationships/goal_settle.html", form=form, goal=goal), form.status


@bp.post("/goals/<uuid:goal_id>/take-up")
@requires(Permission.GOAL_TAKE_UP)
def take_up_goal(goal_id: UUID) -> ResponseReturnValue:
    goal = _mine(goal_id)
    goals.take_up(goal, by=current_member, now=clock.now())
    flash("You work toward it again. Look whether its day still holds.", "good")
    return _to(goal)


@bp.post("/goals/<uuid:goal_id>/steps")
@requires(Permission.GOAL_WORK)
def add_goal_step(goal_id: UUID) -> ResponseReturnValue:
    goal, form = _mine(goal_id), StepForm()
    if form.validate_on_submit():
        try:
            goals.add_step(goal, what=form.step.data, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal, "step")
        else:
            return _to(goal, anchor="steps")
    return _page(goal_id, form)


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>")
@requires(Permission.GOAL_WORK)
def tick_goal_step(goal_id: UUID, step_id: UUID) -> ResponseReturnValue:
    """The box of a step: sent ticked, it is done; sent empty, it is not."""
    done = bool(request.form.get("done"))
    return _with_step(goals.tick_step, goal_id, step_id, done=done)


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>/move")
@requires(Permission.GOAL_WORK)
def move_goal_step(goal_id: UUID, step_id: UUID) -> ResponseReturnValue:
    return _with_step(goals.move_step, goal_id, step_id, direction=_direction())


@bp.post("/goals/<uuid:goal_id>/steps/<uuid:step_id>/remove")
@requires(Permission.GOAL_WORK)
def remove_goal_step(goal_id: UUID, step_id: UUID) -> ResponseReturnValue:
    return _with_step(goals.remove_step, goal_id, step_id)


def _with_step(
    verb: Callable[..., str | None], goal_id: UUID, step_id: UUID, **how: object
) -> ResponseReturnValue:
    goal = _mine(goal_id)
    removed = verb(step_id, goal=goal, by=current_member, now=clock.now(), **how)
    if removed:
        flash(f"Off the list: “{removed}”. Add it again if that was a slip.")
    return _to(goal, anchor="steps")


def _page(goal_id: UUID, form: StepForm) -> ResponseReturnValue:
    card = queries.my_card(goal_id, member=current_member, now=clock.now())
    mentors = queries.mentors_of(current_member)
    page = render_template(
        "relationships/goal.html",
        form=form,
        goal=card,
        seen_by=[one for one in mentors if card.with_all or one.id in card.mentor_ids],
        mentors=mentors,
    )
    return page, form.status


def _mine(goal_id: UUID) -> Goal:
    """The reader's goal; whoever posts has it alone until the answer."""
    return queries.my_goal(goal_id, member=current_member, for_update=request.method == "POST")


def _said(form: GoalForm) -> dict:
    return {
        "what": form.what.data,
        "how_known": form.how_known.data,
        "due_on": form.due_on.data,
    }


def _direction() -> Direction:
    return Direction.UP if request.form.get("to") == Direction.UP else Direction.DOWN


def _to(goal: Goal, anchor: str = "") -> ResponseReturnValue:
    return redirect(url_for(".goal", goal_id=goal.id, _anchor=anchor or None), 303)
