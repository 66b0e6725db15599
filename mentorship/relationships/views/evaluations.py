"""Whom a mentor evaluates, as they declare it themselves."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts, evaluations, forms
from mentorship.relationships.views import bp
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission

#: Beside which field a refusal of an evaluative role is shown.
_FIELD = {
    evaluations.NotNamed: "other_role",
    evaluations.EndsBeforeItStarts: "ends_on",
    evaluations.OverAlready: "ends_on",
    evaluations.NotAStudent: "student_email",
    evaluations.AlreadyDeclared: "role",
}


@bp.route("/profile/evaluations", methods=["GET", "POST"], endpoint="evaluations")
@requires(Permission.EVALUATION_SAY)
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
        roles=evaluations.mine(current_member, now=now),
        today=today,
    )
    return page, form.status


@bp.post("/profile/evaluations/<uuid:role_id>/end")
@requires(Permission.EVALUATION_SAY)
def end_evaluation(role_id: UUID) -> ResponseReturnValue:
    conflicts.end_evaluation(role_id, by=current_member, now=clock.now())
    flash("The role is over.", "good")
    return redirect(url_for(".evaluations"), 303)


def _student(form: forms.EvaluationForm) -> Member:
    found = people.member_by_email(form.student_email.data or "")
    if found is None:
        raise evaluations.NotAStudent
    return found
