"""A person's own place: how they sign in, on which devices they are, and proving who they are."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import asking, links, place, sessions
from mentorship.accounts.sign_in import fresh
from mentorship.accounts.views import bp
from mentorship.accounts.views.signing_in import ours
from mentorship.foundation import clock
from mentorship.web.forms import Form
from mentorship.web.labels import signed_in


@bp.app_context_processor
def tabs() -> dict:
    return {"account_tabs": place.TABS}


@bp.app_template_global()
def link_minutes() -> int:
    """How long a mailed link works."""
    return links.MINUTES


@bp.get("/account")
@signed_in
def account() -> str:
    ways = place.ways_in(current_user.user_id)
    return render_template("accounts/ways_in.html", ways=ways)


@bp.get("/account/devices")
@signed_in
def devices() -> str:
    mine = sessions.mine(current_user.user_id, now=clock.now())
    return render_template("accounts/devices.html", mine=mine, here=current_user.session.id)


@bp.route("/account/devices/<uuid:session_id>/end", methods=["GET", "POST"])
@signed_in
@fresh
def end_device(session_id: UUID) -> ResponseReturnValue:
    form, now = Form(), clock.now()
    one = sessions.find(session_id, user_id=current_user.user_id, now=now)
    if form.validate_on_submit():
        sessions.end(session_id, user_id=current_user.user_id, now=now)
        flash(f"{one.device} is signed out.", "good")
        return redirect(url_for(".devices"), 303)
    return render_template("accounts/end_device.html", form=form, one=one), form.status


@bp.route("/account/devices/end", methods=["GET", "POST"])
@signed_in
@fresh
def end_others() -> ResponseReturnValue:
    form, now, here = Form(), clock.now(), current_user.session.id
    if form.validate_on_submit():
        sessions.end_all(current_user.user_id, but=here, now=now)
        flash("You are signed out everywhere but here.", "good")
        return redirect(url_for(".devices"), 303)
    mine = sessions.mine(current_user.user_id, now=now)
    others = [one for one in mine if one.id != here]
    return render_template("accounts/end_others.html", form=form, others=others), form.status


@bp.route("/account/confirm", methods=["GET", "POST"])
@signed_in
def confirm() -> ResponseReturnValue:
    """Prove once more who one is, in any of the ways in, and go on."""
    asked = request.form if request.method == "POST" else request.args
    way_on = ours(asked.get("next")) or url_for(".account")
    form = Form()
    if form.validate_on_submit():
        asking.ask(current_user.email, next_path=way_on)
        return redirect(url_for(".look_for_mail"), 303)
    if current_user.session.is_fresh(clock.now()):
        return redirect(way_on)
    ways = place.ways_in(current_user.user_id)
    page = render_template("accounts/confirm.html", form=form, ways=ways, next=way_on)
    return page, form.status
