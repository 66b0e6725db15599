"""The page of this week, what is done on it, and what people have told the coordinators."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.audit.sights import Sight
from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.relationships.help import Outcome, Reason
from mentorship.tenancy import queries
from mentorship.tenancy.access import current_chapter, current_member, requires
from mentorship.tenancy.looking import noted
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import plural, when
from mentorship.web.limits import limited
from mentorship.weekly import finding, helping, told
from mentorship.weekly.forms import HelpForm, TakeBackForm
from mentorship.weekly.helping import Given

bp = Blueprint("weekly", __name__)


@bp.get("/week")
@requires(Permission.HEALTH_SEE)
@noted(Sight.WEEK)
def week() -> ResponseReturnValue:
    return _shown()


@bp.post("/week")
@requires(Permission.HELP_GIVE)
@limited(*rates.TO_OTHERS)
def give_help() -> ResponseReturnValue:
    form = HelpForm()
    if not form.validate_on_submit():
        return _shown(form), form.status
    outcome = Outcome(form.outcome.data)
    try:
        given = helping.give(
            Reason(form.reason.data),
            UUID(form.subject.data),
            outcome,
            note=form.note.data or "",
            weeks=form.weeks.data,
            by=current_member,
            zone=current_chapter.zone,
            now=clock.now(),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _shown(form), form.status
    flash(_came_of(given, outcome, weeks=form.weeks.data))
    return redirect(url_for(".week"), 303)


@bp.post("/week/back")
@requires(Permission.HELP_GIVE)
def take_back() -> ResponseReturnValue:
    form = TakeBackForm()
    if not form.validate_on_submit():
        return _shown(form), form.status
    try:
        helping.take_back(
            UUID(form.help.data), by=current_member, zone=current_chapter.zone, now=clock.now()
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _shown(form), form.status
    flash("It is on the list again. A mail or a matching run that it began is not called back.")
    return redirect(url_for(".week"), 303)


@bp.get("/week/told")
@requires(Permission.WORDS_READ)
@noted(Sight.TOLD)
def what_was_told() -> ResponseReturnValue:
    return render_template("weekly/told.html", told=told.to(current_member, now=clock.now()))


def _shown(form: HelpForm | TakeBackForm | None = None) -> str:
    found = finding.this_week(current_member, zone=current_chapter.zone, now=clock.now())
    forms = {line.key: HelpForm.of(line) for line in found.shown}
    if isinstance(form, HelpForm):
        sent = form.reason.data, form.subject.data
        forms |= {one: form.apart() for one in forms if (one[0], str(one[1])) == sent}
    return render_template("weekly/week.html", week=found, forms=forms, form=form)


def _came_of(given: Given, outcome: Outcome, *, weeks: int) -> str:
    if outcome is Outcome.REMINDED:
        people = queries.members([one.member_id for one in given.reminded])
        now = clock.now()
        return " ".join(
            f"The reminder goes to {people[one.member_id].name} now."
            if one.at <= now
            else f"The reminder goes to {people[one.member_id].name} on"
            f" {when(one.at, current_member.zone)}: one mail a day, outside their quiet hours."
            for one in given.reminded
        )
    if outcome is Outcome.REMATCHED:
        if given.run_begun:
            return "A matching run looks for somebody. Nobody is told before you publish it."
        return (
            "A matching run is under way already. Have another draft worked out there,"
            " and it sees this."
        )
    return f"Noted. {given.line.who} is on the list again in {plural(weeks, 'week')}, if need be."
