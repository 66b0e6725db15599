"""The runs of a chapter, and one run from its start to the day it is published."""

from dataclasses import replace
from uuid import UUID

from flask import (
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.matching import forms, problems, queries
from mentorship.matching import runs as run_verbs
from mentorship.matching.engine.fit import Factor
from mentorship.matching.preferences import WeightsOff
from mentorship.matching.views import bp
from mentorship.matching.views.review import page_of
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary import cycles
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import plural
from mentorship.web.forms import Form
from mentorship.web.limits import limited


@bp.get("/runs")
@requires(Permission.RUN_SEE)
def runs() -> ResponseReturnValue:
    return _listed()


def _listed(form: Form | None = None) -> str:
    # Runs are counted from 1: anything less is no place in the list.
    before = max(request.args.get("before", 0, type=int), 0) or None
    listed, more = queries.runs(before=before)
    sides = queries.sides() if not listed and before is None else {}
    shown = {"runs": listed, "more": more, "before": before, "sides": sides, "form": form}
    return render_template("matching/runs.html", **shown)


@bp.route("/runs/new", methods=["GET", "POST"])
@requires(Permission.RUN_WORK)
def start() -> ResponseReturnValue:
    form = forms.StartForm(data=forms.shown(queries.last_preferences()))
    form.offer_cycles()
    now = clock.now()
    if form.validate_on_submit():
        try:
            run = run_verbs.start(
                cycle=form.cycle.data or "",
                kinds=[Kind(kind) for kind in form.kinds.data or ()],
                preferences=form.preferences(),
                by=current_member,
                now=now,
            )
        except WeightsOff as refusal:
            form.refuse(refusal, form.first_of(refusal.kind))
        except run_verbs.NoSuchCycle as refusal:
            form.refuse(refusal, "cycle")
        except (run_verbs.NoKinds, run_verbs.NobodyToPair) as refusal:
            form.refuse(refusal, "kinds")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".run", run_id=run.id), 303)
    sides = queries.sides()
    if not form.is_submitted():
        form.cycle.data = cycles.current(now.date()).key
        form.kinds.data = [kind.value for kind in Kind if sides[kind].looking]
    page = render_template(
        "matching/start.html", form=form, sides=sides, under_way=queries.run_under_way()
    )
    return page, form.status


@bp.post("/runs/<uuid:run_id>/drafts")
@requires(Permission.RUN_AGAIN)
def rerun(run_id: UUID) -> ResponseReturnValue:
    form = Form()
    if form.validate_on_submit():
        try:
            run_verbs.rerun(queries.run_record(run_id), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".run", run_id=run_id), 303)
    return page_of(run_id, form)


@bp.route("/runs/<uuid:run_id>/settings", methods=["GET", "POST"])
@requires(Permission.RUN_AGAIN)
def settings(run_id: UUID) -> ResponseReturnValue:
    """What the run seeks; changing it has another draft worked out."""
    run = queries.run(run_id)
    seeks = run.preferences
    if (factor := request.args.get("without")) in problems.ASKED:
        seeks = seeks.without(Factor(factor))
    form = forms.PreferencesForm(data=forms.shown(seeks))
    if form.validate_on_submit():
        try:
            run_verbs.rerun(
                queries.run_record(run_id),
                preferences=replace(form.preferences(rematch=seeks.rematch), moves=seeks.moves),
                by=current_member,
                now=clock.now(),
            )
        except WeightsOff as refusal:
            form.refuse(refusal, form.first_of(refusal.kind))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".run", run_id=run_id), 303)
    if not form.is_submitted() and not run.in_review:
        return redirect(url_for(".run", run_id=run_id), 303)
    page = render_template("matching/settings.html", form=form, run=run)
    return page, form.status


@bp.post("/runs/rematch")
@requires(Permission.RUN_WORK)
def rematch() -> ResponseReturnValue:
    """Mid-season: have gaps filled, or the smallest change found that restores the best."""
    form = Form()
    if form.validate_on_submit():
        now = clock.now()
        try:
            run = run_verbs.start(
                cycle=cycles.current(now.date()).key,
                kinds=list(Kind),
                preferences=replace(
                    queries.last_preferences(), rematch=True, moves="moves" in request.form
                ),
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".run", run_id=run.id), 303)
    return _listed(form), form.status


@bp.route("/runs/<uuid:run_id>/publication", methods=["GET", "POST"])
@requires(Permission.RUN_PUBLISH)
@limited(rates.MAILINGS)
def publish(run_id: UUID) -> ResponseReturnValue:
    run = queries.run(run_id)
    form = forms.PublishForm()
    form.to_look_at = run.facts.get("to_look_at", 0)
    if form.validate_on_submit():
        try:
            record = queries.run_record(run_id)
            run_verbs.publish(record, draft=form.draft.data, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            told = plural(run.facts["told"]["people"], "person gets", "people get")
            flash(f"Published. {told} an email in the next ten minutes.", "good")
            return redirect(url_for(".run", run_id=run_id), 303)
    if not form.is_submitted() and not run.in_review:
        return redirect(url_for(".run", run_id=run_id), 303)
    if not form.is_submitted():
        # The one that was looked at, also if it has been run again since.
        form.draft.data = request.args.get("draft", run.draft, type=int)
    return render_template("matching/publish.html", form=form, run=run), form.status


@bp.route("/runs/<uuid:run_id>/discard", methods=["GET", "POST"])
@requires(Permission.RUN_DISCARD)
def discard(run_id: UUID) -> ResponseReturnValue:
    run = queries.run(run_id)
    if request.method == "GET" and not current_member.may(Permission.RUN_DISCARD, run):
        return redirect(url_for(".run", run_id=run_id), 303)
    form = Form()
    if form.validate_on_submit():
        try:
            run_verbs.discard(queries.run_record(run_id), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Run {run.number} is discarded. Nobody was told of it.", "good")
            return redirect(url_for(".runs"), 303)
    return render_template("matching/discard.html", form=form, run=run), form.status
