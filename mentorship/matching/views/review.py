"""One run as it is looked at: its pairs, what was said of them, and why not others."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.audit.sights import Sight
from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.matching import forms, marks, problems, queries, rematching, review
from mentorship.matching.endings import Ending
from mentorship.matching.engine import explain
from mentorship.matching.models import Mark, RunState
from mentorship.matching.queries import Run
from mentorship.matching.review import After, Shown
from mentorship.matching.views import bp
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.looking import noted
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.web.forms import Form
from mentorship.web.health import worker_seen


@bp.get("/runs/<uuid:run_id>")
@requires(Permission.RUN_SEE)
@noted(Sight.RUN, of="run_id")
def run(run_id: UUID) -> ResponseReturnValue:
    return page_of(run_id)


@bp.route("/runs/<uuid:run_id>/over", methods=["GET", "POST"])
@requires(Permission.RUN_JUDGE)
def over(run_id: UUID) -> ResponseReturnValue:
    """Say of a pairing there is that it is not to go on: the next draft does without."""
    run = queries.run(run_id)
    if not (run.in_review and run.preferences.moves):
        return redirect(url_for(".run", run_id=run_id), 303)
    form = forms.OverForm()
    there = rematching.movable(run.kinds)
    form.offer(there.values())
    if form.validate_on_submit():
        pairing = there[UUID(form.pairing.data)]
        try:
            marks.exclude(
                queries.run_record(run_id),
                mentee=people.member(pairing.mentee_id),
                mentor=people.member(pairing.mentor_id),
                kind=pairing.kind,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".run", run_id=run_id), 303)
    return render_template("matching/over.html", form=form, run=run), form.status


@bp.post("/runs/<uuid:run_id>/marks")
@requires(Permission.RUN_JUDGE)
def mark(run_id: UUID) -> ResponseReturnValue:
    """Pin a pair, set it aside, or take back what was said of it."""
    form = forms.MarkForm()
    if not form.validate_on_submit():
        raise NotYours
    mentee, mentor = (people.member(_id(field.data)) for field in (form.mentee, form.mentor))
    verb = {"none": marks.unmark, Mark.PIN: marks.pin, Mark.EXCLUDE: marks.exclude}[form.mark.data]
    try:
        verb(
            queries.run_record(run_id),
            mentee=mentee,
            mentor=mentor,
            kind=Kind(form.kind.data),
            by=current_member,
            now=clock.now(),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return page_of(run_id, form)
    return redirect(url_for(".run", run_id=run_id, **_asked(), _anchor="pairs"), 303)


@bp.get("/runs/<uuid:run_id>/why-not")
@requires(Permission.RUN_SEE)
@noted(Sight.RUN, of="run_id")
def why_not(run_id: UUID) -> ResponseReturnValue:
    run = queries.run(run_id)
    if not run.in_review:
        return redirect(url_for(".run", run_id=run_id), 303)
    known = review.people()
    form = forms.WhyNotForm(request.args)
    form.offer(known.students, known.mentors, run.kinds)
    asked: dict[str, Any] = {"form": form, "run": run, "names": known.students | known.mentors}
    mentee_id, mentor_id = (
        _known(field.data, side)
        for field, side in ((form.mentee, known.students), (form.mentor, known.mentors))
    )
    if mentee_id and mentor_id and form.validate():
        asked |= _why_not(run, mentee_id, mentor_id, Kind(form.kind.data))
    elif "kind" in request.args and "mentor" in request.args:
        form.validate()
    return render_template("matching/why_not.html", **asked)


def _why_not(run: Run, mentee_id: UUID, mentor_id: UUID, kind: Kind) -> dict[str, Any]:
    problem = problems.of_run(run.id, run.kinds, now=clock.now())
    proposed = review.proposed_around(run.id, mentee_id=mentee_id, mentor_id=mentor_id)
    try:
        why = explain.why_not(
            problem,
            proposed,
            mentee=mentee_id,
            mentor=mentor_id,
            kind=kind,
            settings=run.preferences.engine,
        )
    except KeyError:
        why = explain.WhyNot(explain.ABSENT, "One of these two people takes no part in this run.")
    return {"why": why, "mentee_id": mentee_id, "mentor_id": mentor_id, "kind": kind}


def page_of(run_id: UUID, form: Form | None = None) -> Response:
    """The page of a run, as it stands; htmx gets only the part that changes."""
    run = queries.run(run_id)
    facts: dict[str, Any] = {
        "run": run,
        "form": form,
        "may_work": current_member.may(Permission.RUN_WORK),
    }
    if run.at_work:
        facts["worker_seen"] = worker_seen()
    if run.state in (RunState.REVIEW, RunState.PUBLISHED):
        facts |= _reviewed(run)
    whole = request.headers.get("HX-Request-Type") != "partial"
    answer = make_response(
        render_template("matching/run.html" if whole else "matching/run_part.html", **facts),
        422 if form else 200,
    )
    answer.vary.add("HX-Request-Type")
    return answer


def _reviewed(run: Run) -> dict[str, Any]:
    filters = forms.PairsForm(request.args)
    everyone = request.args.get("left") == "all"
    shown = _which(filters)
    pairs, more = review.pairs(run.id, shown)
    called = review.names(_spoken_of(run))
    marked = review.marks(run.id)
    drafted_with = {tuple(mark) for mark in run.facts["marks"]}
    return {
        "filters": filters,
        "asked": _asked(),
        "shown": shown,
        "pairs": pairs,
        "more": str(pairs[-1].after) if more else "",
        "left": review.left_out(run.id, everyone=everyone),
        "marks": marked,
        "changes": len(drafted_with ^ {mark.key for mark in marked}),
        "set_aside": sum(mark.drafted and mark.mark is Mark.EXCLUDE for mark in marked),
        "loads": review.loads(run.facts["loads"], called),
        "judged": _judged(run.report, called),
        "zone": current_member.zone,
    }


def _spoken_of(run: Run) -> Iterator[str]:
    """The ids that the run's facts and report hold."""
    yield from (mentor for mentor, *_ in run.facts["loads"])
    report = run.report
    for pairs in (report.get("blocking", {}).get("pairs", ()), *report.get("changed", {}).values()):
        for mentee, mentor, _ in pairs:
            yield from (mentee, mentor)
    for _, mentee, mentor, *_ in report.get("ends", ()):
        yield from (mentee, mentor)
    yield from (seat["mentor"] for seat in report.get("seats", ()))


def _judged(report: dict[str, Any], called: dict[str, str]) -> dict[str, Any]:
    """The report of a draft with the names of those it speaks of; of older drafts there is none."""
    if not report:
        return {}
    return report | {
        "rivals": review.named(report["blocking"]["pairs"], called),
        "changes": {
            name: review.named(pairs, called) for name, pairs in report.get("changed", {}).items()
        },
        "endings": [
            (
                ending,
                called.get(str(ending.mentee), "A former student"),
                called.get(str(ending.mentor), "a former mentor"),
            )
            for ending in map(Ending.read, report.get("ends", ()))
        ],
        "seats": [
            seat | {"mentor": called.get(seat["mentor"], "A former mentor")}
            for seat in report["seats"]
        ],
    }


def _which(filters: forms.PairsForm) -> Shown:
    """The pairs that the address asks for; what it does not know, it does not ask for."""
    kind, show = filters.kind.data, filters.show.data
    return Shown(
        kind=Kind(kind) if kind in set(Kind) else None,
        show=show if show in {choice.value for choice in filters.show.choices} else "",
        name=filters.q.data,
        after=After.read(request.args.get("after", "")),
    )


def _asked() -> dict[str, Any]:
    """What the address asks to see, for the way back to it."""
    names = ("q", "kind", "show", "after", "left")
    return {name: request.args[name] for name in names if request.args.get(name)}


def _id(text: str) -> UUID:
    """The id that a field carries.

    :raises NotYours: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotYours from None


def _known(text: str | None, side: dict[UUID, str]) -> UUID | None:
    """Who is asked about, or nobody yet.

    :raises NotYours: it is nobody of this chapter's.
    """
    if not text:
        return None
    if (member_id := _id(text)) not in side:
        raise NotYours
    return member_id
