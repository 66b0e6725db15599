"""The chapter's people, and their roster."""

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.audit.sights import Sight
from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.profiles import people as questions
from mentorship.profiles import roster, uploads
from mentorship.profiles.forms.roster import PeopleForm, RosterForm
from mentorship.profiles.views import bp
from mentorship.tenancy.access import current_chapter, current_member, requires
from mentorship.tenancy.looking import noted
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.interests import labels
from mentorship.web import fragments
from mentorship.web.forms import Form
from mentorship.web.limits import limited


@bp.get("/people")
@requires(Permission.PEOPLE_SEE)
@noted(Sight.PEOPLE)
def people() -> ResponseReturnValue:
    form = PeopleForm(formdata=request.args)
    after = request.args.get("after", type=UUID)
    page = questions.page(form.wanted, after=after)
    template = "profiles/people_list.html" if fragments.wanted() else "profiles/people.html"
    shown = render_template(template, form=form, wanted=form.wanted, page=page, after=after)
    return shown, {"Vary": "HX-Request"}


@bp.get("/people/export")
@requires(Permission.PEOPLE_SEE)
@limited(rates.DOWNLOADS)
@noted(Sight.PEOPLE_FILE)
def export_people() -> ResponseReturnValue:
    """The people that fit, as a roster file that imports as it is."""
    wanted = PeopleForm(formdata=request.args).wanted
    return _file(roster.write(questions.entries(wanted)), f"{current_chapter.slug}-people.csv")


@bp.route("/people/import", methods=["GET", "POST"])
@requires(Permission.ROSTER_IMPORT)
@limited(rates.UPLOADS)
def import_roster() -> ResponseReturnValue:
    form = RosterForm()
    if form.validate_on_submit():
        sent = form.file.data
        with sent.stream:
            content = sent.read()
        try:
            upload = uploads.keep(
                file_name=sent.filename, content=content, by=current_member, now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal, "file")
        else:
            return redirect(url_for(".check_roster", upload_id=upload.id), 303)
    page = render_template(
        "profiles/import_roster.html", form=form, interests=labels(), example=roster.EXAMPLE
    )
    return page, form.status


@bp.get("/people/import/template")
@requires(Permission.ROSTER_IMPORT)
def roster_template() -> ResponseReturnValue:
    return _file(roster.TEMPLATE, "roster-template.csv")


@bp.get("/people/import/<uuid:upload_id>")
@requires(Permission.ROSTER_BRING_IN)
def check_roster(upload_id: UUID) -> ResponseReturnValue:
    upload = questions.my_upload(upload_id, by=current_member)
    if not fragments.wanted():
        return _checked(upload, Form())
    answer = make_response(
        render_template("profiles/roster_progress.html", upload=upload, steps=uploads.STEPS)
    )
    answer.vary.add("HX-Request")
    if not upload.at_work:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/people/import/<uuid:upload_id>")
@requires(Permission.ROSTER_BRING_IN)
@limited(rates.MAILINGS)
def bring_in(upload_id: UUID) -> ResponseReturnValue:
    form = Form()
    try:
        uploads.bring_in(upload_id, by=current_member, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _checked(questions.my_upload(upload_id, by=current_member), form)
    return redirect(url_for(".check_roster", upload_id=upload_id), 303)


def _checked(upload: questions.Upload, form: Form) -> ResponseReturnValue:
    page = render_template(
        "profiles/roster_check.html", upload=upload, form=form, steps=uploads.STEPS
    )
    return page, form.status


def _file(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
