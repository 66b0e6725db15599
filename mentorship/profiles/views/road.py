"""The road map of a stage: what a student makes of it, and what the chapter puts on it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.profiles.forms.road import AdoptForm, RoadForm
from mentorship.profiles.road import maps
from mentorship.profiles.views import bp
from mentorship.relationships import action_items
from mentorship.relationships.goals import goals
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage

#: Beside which field a refusal is shown.
_FIELD = {
    goals.NotSaid: "what",
    goals.NotKnown: "how_known",
    goals.DueInThePast: "due_on",
    goals.NoDay: "due_on",
    action_items.DueInThePast: "due_on",
}


@bp.get("/road-map")
@requires(Permission.ROAD_WALK)
def road_map() -> ResponseReturnValue:
    road = maps.of(current_member, now=clock.now(), stage=_wanted())
    return render_template("profiles/road_map.html", road=road, stages=MENTEE_STAGES)


@bp.route("/road-map/<step_key>", methods=["GET", "POST"])
@requires(Permission.ROAD_WALK)
def adopt_step(step_key: str) -> ResponseReturnValue:
    """Take a step on, as a goal or as an action item with a mentor."""
    now = clock.now()
    stop = maps.find(step_key, member=current_member, now=now)
    form = AdoptForm()
    form.offer(maps.mentors_of(current_member))
    if request.method == "GET":
        form.what.data = stop.step.what
        form.due_on.data = None if stop.past else stop.on
    elif form.validate_on_submit():
        try:
            _adopt(step_key, form)
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            as_goal = form.pairing_id is None
            flash("It is a goal of yours now." if as_goal else "Action item written down.", "good")
            return redirect(url_for(".road_map"), 303)
    return render_template("profiles/adopt_step.html", form=form, stop=stop), form.status


@bp.post("/road-map/<step_key>/mark")
@requires(Permission.ROAD_WALK)
def mark_step(step_key: str) -> ResponseReturnValue:
    """Hide a step, or bring it back."""
    verb = maps.hide if request.form.get("hide") else maps.bring_back
    verb(step_key, by=current_member, now=clock.now())
    stage = _wanted()
    return redirect(url_for(".road_map", stage=stage), 303)


@bp.route("/road-maps", methods=["GET", "POST"])
@requires(Permission.ROAD_SET)
def chapter_road() -> ResponseReturnValue:
    stage = _wanted() or Stage.M1
    form = RoadForm()
    if form.validate_on_submit():
        try:
            maps.change(stage, steps=form.chosen(), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved. Students of this stage see these steps.", "good")
            return redirect(url_for(".chapter_road", stage=stage), 303)
    if not form.is_submitted():
        form.show(maps.of_chapter(stage))
    page = render_template(
        "profiles/chapter_road.html", form=form, stage=stage, stages=MENTEE_STAGES
    )
    return page, form.status


@bp.post("/road-maps/usual")
@requires(Permission.ROAD_SET)
def reset_chapter_road() -> ResponseReturnValue:
    """Back to the usual steps."""
    stage = _wanted() or Stage.M1
    maps.reset(stage, by=current_member, now=clock.now())
    flash("This stage has the usual steps again.", "good")
    return redirect(url_for(".chapter_road", stage=stage), 303)


def _adopt(step_key: str, form: AdoptForm) -> None:
    now = clock.now()
    if form.pairing_id is not None:
        maps.adopt_as_item(
            step_key,
            pairing_id=form.pairing_id,
            what=form.what.data,
            due_on=form.due_on.data,
            by=current_member,
            now=now,
        )
        return
    if form.due_on.data is None:
        raise goals.NoDay
    maps.adopt_as_goal(
        step_key,
        what=form.what.data,
        how_known=form.how_known.data or "",
        due_on=form.due_on.data,
        by=current_member,
        now=now,
    )


def _wanted() -> Stage | None:
    """Which stage the address names."""
    stage = request.args.get("stage")
    return Stage(stage) if stage in set(MENTEE_STAGES) else None
