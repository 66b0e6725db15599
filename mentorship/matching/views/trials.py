"""Pages on which something is tried out or looked back upon, and nothing is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from mentorship.audit.sights import Sight
from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.matching import attempts, forms, queries, review, trials
from mentorship.matching import history as trail
from mentorship.matching.attempts import Tried
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.settings import Policy
from mentorship.matching.models import AttemptState, RunState
from mentorship.matching.queries import Run
from mentorship.matching.trials import Summary, Trial
from mentorship.matching.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.looking import noted
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import plural
from mentorship.web.forms import Form
from mentorship.web.health import worker_seen

#: Pairs that differ, listed one by one.
MOST_LISTED = 60

#: What was tried, with its outcome once it is done.
_Tried = tuple[Tried, Summary | None]


@bp.get("/runs/<uuid:run_id>/compare")
@requires(Permission.RUN_SEE)
@noted(Sight.RUN, of="run_id")
def compare(run_id: UUID) -> ResponseReturnValue:
    """Two drafts side by side, or one and what something else would come to."""
    run = queries.run(run_id)
    if run.state not in (RunState.REVIEW, RunState.PUBLISHED):
        return redirect(url_for(".run", run_id=run_id), 303)
    return _compared(run)


def _compared(run: Run, refused: Form | None = None) -> ResponseReturnValue:
    drafted, tried = trials.kept(run.id), attempts.kept(run.id)
    if not drafted:
        return redirect(url_for(".run", run_id=run.id), 303)
    asked = {one.change["mentor"] for one, _ in tried if one.change["what"] == "places"}
    called = review.names(asked) if asked else {}
    sides = {str(number): one for number, one in drafted.items()} | {
        str(attempt.id): replace(summary, name=_label(attempt, called))
        for attempt, summary in tried
        if summary is not None
    }
    form = forms.CompareForm(_policies_by_attempt(run, tried), data=_usually(run, list(sides)))
    form.one.choices = form.other.choices = [(key, one.name) for key, one in sides.items()]
    facts: dict[str, Any] = {
        "form": refused or form,
        "run": run,
        "policies": trials.POLICIES,
        "compared": form,
        "waiting": next((attempt for attempt, _ in tried if attempt.at_work), None),
        "untried": _untried(run, tried) if run.in_review else [],
        "asked_for": forms.policy_asked(form.other.data),
    }
    if facts["asked_for"] is None:
        one, other = (_side(sides, field.data) for field in (form.one, form.other))
        facts |= {"sides": (one, other)} | _differing(one, other)
    return render_template("matching/compare.html", **facts), 422 if refused else 200


def _usually(run: Run, choices: list[str]) -> dict[str, str]:
    """The draft of now, and the one before or what was tried last; the draft itself otherwise."""
    now = str(run.draft) if str(run.draft) in choices else choices[0]
    others = [choice for choice in choices if choice != now]
    before = [choice for choice in others if choice.isdecimal()]
    return {"one": now, "other": (before or others or [now])[0]}


def _side(sides: Mapping[str, Summary], asked: str) -> Summary:
    if asked not in sides:
        raise NotYours
    return sides[asked]


def _policies_by_attempt(run: Run, tried: Sequence[_Tried]) -> MultiDict[str, str]:
    """What the address asks for, where a policy stands for the last attempt at it."""
    done = {
        attempt.change["policy"]: str(attempt.id)
        for attempt, summary in reversed(tried)
        if attempt.change["what"] == "policy" and attempt.draft == run.draft and summary
    }
    return MultiDict((name, done.get(value, value)) for name, value in request.args.items())


def _untried(run: Run, tried: Sequence[_Tried]) -> list[tuple[Policy, str]]:
    """The policies that could be tried beside the draft of now, the other one first."""
    known = {
        attempt.change["policy"]
        for attempt, _ in tried
        if attempt.change["what"] == "policy"
        and attempt.draft == run.draft
        and attempt.state is not AttemptState.FAILED
    }
    left = [one for one in trials.POLICIES.items() if one[0] not in known]
    return sorted(left, key=lambda one: one[0] is run.preferences.policy)


def _label(attempt: Tried, called: Mapping[str, str]) -> str:
    change = attempt.change
    match change["what"]:
        case "policy":
            said = trials.POLICIES[Policy(change["policy"])]
        case "places":
            mentor = called.get(change["mentor"], "A former mentor")
            said = f"{mentor} takes {change['places']} in all"
        case "newcomers":
            said = f"With {plural(change['count'], 'more ' + change['kind'] + ' mentor')}"
        case _:
            said = f"Without: {forms.FACTORS[Factor(change['factor'])].lower()}"
    return f"{said}, tried beside draft {attempt.draft}"


def _differing(one: Summary, other: Summary) -> dict[str, Any]:
    only = [
        sorted(mine.pairs.keys() - theirs.pairs.keys())
        for mine, theirs in ((one, other), (other, one))
    ]
    ids = {who for pairs in only for *two, _ in pairs[:MOST_LISTED] for who in two}
    called = review.names(ids) | trials.IMAGINED
    return {
        "counts": [len(pairs) for pairs in only],
        "only": [review.named(pairs[:MOST_LISTED], called) for pairs in only],
    }


@bp.post("/runs/<uuid:run_id>/trials")
@requires(Permission.RUN_TRY)
def try_out(run_id: UUID) -> ResponseReturnValue:
    """Have a job work out what something would come to."""
    run = queries.run(run_id)
    press, asked = Form(), request.form.get("what", "")
    change = _change(run, review.people(), asked, request.form)
    if change is None:
        raise NotYours
    if press.validate_on_submit():
        try:
            attempt = attempts.begin(
                queries.run_record(run_id), change, by=current_member, now=clock.now()
            )
        except Refusal as refusal:
            press.refuse(refusal)
        else:
            return redirect(url_for(".trying", run_id=run_id, attempt_id=attempt.id), 303)
    return _compared(run, press)


@bp.get("/runs/<uuid:run_id>/trials/<uuid:attempt_id>")
@requires(Permission.RUN_SEE)
@noted(Sight.RUN, of="run_id")
def trying(run_id: UUID, attempt_id: UUID) -> ResponseReturnValue:
    """How far something that is tried is; once it is done, beside the draft of now."""
    run, attempt = queries.run(run_id), attempts.one(run_id, attempt_id)
    if attempt.state is AttemptState.DONE:
        there = url_for(".compare", run_id=run_id, one=run.draft, other=attempt.id)
        if request.headers.get("HX-Request"):
            return "", 200, {"HX-Redirect": there}
        return redirect(there, 303)
    return render_template(
        "matching/trying.html", run=run, attempt=attempt, worker_seen=worker_seen()
    )


def _change(
    run: Run, known: review.People, asked: str, typed: MultiDict[str, str]
) -> dict[str, Any] | None:
    """The change that a filled form asks for; None where there is none, or it is no good."""
    if asked == "policy":
        policy = forms.policy_asked(typed.get("policy", ""))
        return None if policy is None else {"what": asked, "policy": policy.value}
    form = _tries(run, known, asked, typed).get(asked)
    return form.change() if form is not None and form.validate() else None


def _tries(
    run: Run, known: review.People, asked: str, typed: MultiDict[str, str]
) -> dict[str, forms.Tried]:
    """The forms of what can be tried, of which one is filled."""
    places = forms.PlacesForm(typed if asked == "places" else None)
    newcomers = forms.NewcomersForm(typed if asked == "newcomers" else None)
    without = forms.WithoutForm(typed if asked == "without" else None)
    places.offer(known.mentors)
    newcomers.offer(run.kinds)
    return {"places": places, "newcomers": newcomers, "without": without}


@bp.get("/runs/<uuid:run_id>/what-if")
@requires(Permission.RUN_SEE)
@noted(Sight.RUN, of="run_id")
def what_if(run_id: UUID) -> ResponseReturnValue:
    """One thing otherwise, and what follows from it."""
    run = queries.run(run_id)
    if not run.in_review:
        return redirect(url_for(".run", run_id=run_id), 303)
    known = review.people()
    asked = request.args.get("what", "")
    tries = _tries(run, known, asked, request.args)
    facts: dict[str, Any] = {
        **tries,
        "names": {str(who): name for who, name in known.mentors.items()},
        "each": trials.EACH,
        "too_large": None,
    }
    form = tries.get(asked)
    if form is not None and form.validate():
        change = form.change()
        try:
            facts |= _tried(trials.trial(run, change, now=clock.now()), known)
            if asked == "without":
                facts["factor"] = forms.FACTORS[Factor(change["factor"])]
        except trials.TooLarge as refusal:
            form.refuse(refusal)
            facts["too_large"] = change
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("matching/what_if.html", run=run, asked=asked, form=form, **facts)


def _tried(trial: Trial, known: review.People) -> dict[str, Any]:
    people = {**known.students, **known.mentors, **trial.called}
    called = {str(who): name for who, name in people.items()}
    return {"trial": trial} | {
        name: review.named(
            [(str(pair.fit.mentee), str(pair.fit.mentor), pair.fit.kind) for pair in pairs], called
        )
        for name, pairs in (("begun", trial.difference.begun), ("ended", trial.difference.ended))
    }


@bp.get("/runs/<uuid:run_id>/history")
@requires(Permission.RUN_SEE)
@noted(Sight.RUN, of="run_id")
def history(run_id: UUID) -> ResponseReturnValue:
    """Who did what in a run, and each of its drafts."""
    run = queries.run(run_id)
    done = trail.done(run_id)
    ids = trail.spoken_of(done)
    called = review.names(ids)
    return render_template(
        "matching/history.html",
        run=run,
        deeds=[(deed, trail.words(deed, called)) for deed in done],
        drafts=trail.drafted(run_id),
        policies=trials.POLICIES,
        zone=current_member.zone,
    )
