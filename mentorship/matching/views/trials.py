"""Pages on which something is tried out or looked back upon, and nothing is changed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.matching import forms, queries, review, trials
from mentorship.matching import history as trail
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.settings import Policy
from mentorship.matching.models import RunState
from mentorship.matching.queries import Run
from mentorship.matching.trials import Summary, Trial
from mentorship.matching.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.web.forms import Form

#: Pairs that differ, listed one by one.
MOST_LISTED = 60


@bp.get("/runs/<uuid:run_id>/compare")
@requires(Permission.RUN_SEE)
def compare(run_id: UUID) -> ResponseReturnValue:
    """Two drafts side by side, or one and what the other policy would come to."""
    run = queries.run(run_id)
    kept = trials.kept(run_id)
    if run.state not in (RunState.REVIEW, RunState.PUBLISHED) or not kept:
        return redirect(url_for(".run", run_id=run_id), 303)
    choices = {str(number): one.name for number, one in kept.items()}
    if run.in_review:
        choices |= {policy.value: f"{words}, tried now" for policy, words in _policies()}
    form = forms.CompareForm(request.args, data=_usually(run, list(choices)))
    form.one.choices = form.other.choices = list(choices.items())
    facts: dict[str, Any] = {"form": form, "run": run, "policies": trials.POLICIES}
    try:
        sides = [_side(run, kept, field.data, choices) for field in (form.one, form.other)]
    except Refusal as refusal:
        form.refuse(refusal)
    else:
        facts |= {"sides": sides} | _differing(*sides)
    return render_template("matching/compare.html", **facts)


def _policies() -> list[tuple[Policy, str]]:
    return list(trials.POLICIES.items())


def _usually(run: Run, choices: list[str]) -> dict[str, str]:
    """The draft of now, and the one before; where there is none, the other policy."""
    before = [number for number in choices if number.isdecimal() and int(number) < run.draft]
    swapped = Policy.STABLE if run.preferences.policy is Policy.BEST else Policy.BEST
    other = before[0] if before else swapped.value if run.in_review else choices[0]
    return {"one": choices[0], "other": other}


def _side(run: Run, kept: dict[int, Summary], asked: str, choices: dict[str, str]) -> Summary:
    if asked not in choices:
        raise NotYours
    if asked.isdecimal():
        return kept[int(asked)]
    return trials.under(run, Policy(asked), now=clock.now())


def _differing(one: Summary, other: Summary) -> dict[str, Any]:
    only = [
        sorted(mine.pairs.keys() - theirs.pairs.keys())
        for mine, theirs in ((one, other), (other, one))
    ]
    ids = {who for pairs in only for *two, _ in pairs[:MOST_LISTED] for who in two}
    called = review.names(ids)
    return {
        "counts": [len(pairs) for pairs in only],
        "only": [review.named(pairs[:MOST_LISTED], called) for pairs in only],
    }


@bp.get("/runs/<uuid:run_id>/what-if")
@requires(Permission.RUN_SEE)
def what_if(run_id: UUID) -> ResponseReturnValue:
    """One thing otherwise, and what follows from it."""
    run = queries.run(run_id)
    if not run.in_review:
        return redirect(url_for(".run", run_id=run_id), 303)
    known = review.people()
    asked = request.args.get("what", "")
    places = forms.PlacesForm(_if(asked == "places"))
    newcomers = forms.NewcomersForm(_if(asked == "newcomers"))
    without = forms.WithoutForm(_if(asked == "without"))
    places.offer(known.mentors)
    newcomers.offer(run.kinds)
    now = clock.now()
    tries: dict[str, tuple[Form, Callable[[], Trial]]] = {
        "places": (
            places,
            lambda: trials.places(run, UUID(places.mentor.data), places.places.data, now=now),
        ),
        "newcomers": (
            newcomers,
            lambda: trials.newcomers(
                run,
                Kind(newcomers.kind.data),
                newcomers.topic.data,
                newcomers.count.data,
                now=now,
            ),
        ),
        "without": (without, lambda: trials.without(run, Factor(without.factor.data), now=now)),
    }
    facts: dict[str, Any] = {
        "places": places,
        "newcomers": newcomers,
        "without": without,
        "names": {str(who): name for who, name in known.mentors.items()},
        "each": trials.EACH,
    }
    form: Form | None = None
    if asked in tries:
        form, attempt = tries[asked]
        if form.validate():
            try:
                facts |= _tried(attempt(), known)
                if asked == "without":
                    facts["factor"] = forms.FACTORS[Factor(without.factor.data)]
            except Refusal as refusal:
                form.refuse(refusal)
    return render_template("matching/what_if.html", run=run, asked=asked, form=form, **facts)


def _if(asked: bool) -> MultiDict[str, str] | None:
    return request.args if asked else None


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
