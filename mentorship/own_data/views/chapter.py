"""How long a chapter keeps things, a copy of it, and its end. For those who run it."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.accounts.sign_in import fresh
from mentorship.foundation import clock, rates
from mentorship.foundation.database import transaction
from mentorship.foundation.errors import Refusal
from mentorship.own_data import chapters, exports, forms, keeping
from mentorship.own_data.views import bp
from mentorship.own_data.views.mine import attachment
from mentorship.tenancy.access import current_chapter, current_member, only_looking, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.forms import Form
from mentorship.web.limits import limited


@bp.route("/settings/keeping", methods=["GET", "POST"])
@requires(Permission.KEEPING_SET)
def keep() -> ResponseReturnValue:
    """The lengths, with what each would take. Looking at other lengths first changes nothing."""
    now = clock.now()
    months = keeping.months()
    form = forms.KeepingForm(data={kept.value: length for kept, length in months.items()})
    looked = False
    if form.validate_on_submit():
        if "look" in request.form:
            only_looking()
            looked = form.chosen != months
            months = form.chosen
        else:
            try:
                keeping.choose(form.chosen, by=current_member, now=now)
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                flash("Saved. What is over goes tonight.", "good")
                return redirect(url_for(".keep"), 303)
    page = render_template(
        "own_data/keeping.html",
        form=form,
        kinds=keeping.preview(months, now=now),
        looked=looked,
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/settings/copy", methods=["GET", "POST"])
@requires(Permission.CHAPTER_COPY)
@fresh
@limited(rates.EXPORTS)
def copy() -> ResponseReturnValue:
    form, now = Form(), clock.now()
    if form.validate_on_submit():
        try:
            chapters.ask_for_copy(current_chapter, by=current_member, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The copy is being made. We mail you when it can be fetched.", "good")
            return redirect(url_for(".copy"), 303)
    page = render_template(
        "own_data/chapter_copy.html",
        form=form,
        copy=exports.newest(current_member.user_id, chapter=current_chapter.slug),
        now=now,
    )
    return page, form.status


@bp.get("/settings/copy/<uuid:export_id>")
@requires(Permission.COPY_FETCH)
@fresh
def fetch_copy(export_id: UUID) -> Response:
    now, slug = clock.now(), current_chapter.slug
    with transaction():
        size, parts = exports.fetch(current_member.user_id, export_id, chapter=slug, now=now)
    return attachment(parts, size=size, name=f"{slug}-{now:%Y-%m-%d}.zip")


@bp.route("/settings/end", methods=["GET", "POST"])
@requires(Permission.CHAPTER_REMOVE)
@fresh
def end() -> ResponseReturnValue:
    """Want the chapter removed; as the second person, confirm it."""
    form, now, wish = forms.RemoveChapterForm(), clock.now(), chapters.wish()
    if form.validate_on_submit():
        typed = form.name.data or ""
        try:
            if wish:
                chapters.confirm_removal(current_chapter, typed=typed, by=current_member, now=now)
            else:
                chapters.ask_for_removal(current_chapter, typed=typed, by=current_member, now=now)
        except chapters.NotItsName as refusal:
            form.refuse(refusal, "name")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".end"), 303)
    return render_template("own_data/end.html", form=form, wish=wish, now=now), form.status


@bp.post("/settings/end/stop")
@requires(Permission.CHAPTER_REMOVE)
def stop_end() -> ResponseReturnValue:
    if chapters.stop_removal(current_chapter, by=current_member, now=clock.now()):
        flash("The chapter stays.", "good")
    return redirect(url_for(".end"), 303)
