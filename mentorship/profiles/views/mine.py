"""One's own profile: the whole of it on one page, and a short page for each part."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.accounts import users
from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.profiles import gaps, profiles, queries
from mentorship.profiles.forms import mine as forms
from mentorship.profiles.mentors import spoken
from mentorship.profiles.models import FACETS
from mentorship.profiles.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import zone_city

_STUDENT: dict[str, type[forms.Part]] = {
    "about": forms.AboutPart,
    "interests": forms.InterestsPart,
    "wants": forms.WantsPart,
}
_MENTOR: dict[str, type[forms.Part]] = {
    "mentor": forms.MentorPart,
    "offers": forms.OffersPart,
    "mentor-interests": forms.InterestsPart,
    "meetings": forms.MeetingsPart,
}


@bp.get("/profile")
@requires(Permission.PROFILE_EDIT)
def edit() -> ResponseReturnValue:
    mentee = queries.my_mentee_profile(current_member) if current_member.is_student else None
    mentor = queries.my_mentor_profile(current_member) if current_member.is_mentor else None
    return render_template(
        "profiles/edit.html",
        mentee=mentee,
        mentor=mentor,
        mentee_gaps=gaps.of_mentee(mentee) if mentee else [],
        mentor_gaps=gaps.of_mentor(mentor) if mentor else [],
        number=gaps.number,
        spoken=spoken,
        facets=[FACETS[facet] for facet in mentor.facets] if mentor else [],
    )


@bp.route("/profile/<part>", methods=["GET", "POST"])
@requires(Permission.PROFILE_EDIT)
def edit_part(part: str) -> ResponseReturnValue:
    shape, shown, change = _part(part)
    form = shape(data=shape.shown(shown(current_member)))
    if form.validate_on_submit():
        try:
            change(by=current_member, now=clock.now(), **form.changes)
        except Refusal as refusal:
            form.refuse_beside(refusal)
        else:
            flash(f"Saved: {shape.title.lower()}.", "good")
            return redirect(url_for(".edit"), 303)
    template = "profiles/edit_wants.html" if part == "wants" else "profiles/edit_part.html"
    return render_template(template, form=form), form.status


@bp.route("/profile/zone", methods=["GET", "POST"])
@requires(Permission.PROFILE_EDIT)
def edit_zone() -> ResponseReturnValue:
    form = forms.ZoneForm(data={"zone": current_member.zone})
    form.offer(current_member.zone)
    if form.validate_on_submit():
        try:
            users.set_zone(current_member.user_id, zone=form.zone.data)
        except Refusal as refusal:
            form.refuse(refusal, "zone")
        else:
            flash(f"Every time is now shown as {zone_city(form.zone.data)} counts it.", "good")
            return redirect(url_for(".edit"), 303)
    return render_template("profiles/edit_zone.html", form=form), form.status


@bp.post("/profile/pause")
@requires(Permission.HOURS_SET)
def pause() -> ResponseReturnValue:
    return _tried(
        profiles.pause,
        "Paused. You get no new mentees until you resume. Your pairings and meetings go on.",
    )


@bp.post("/profile/resume")
@requires(Permission.HOURS_SET)
def resume() -> ResponseReturnValue:
    return _tried(profiles.resume, "You take new mentees again.")


def _part(part: str) -> tuple[type[forms.Part], Callable, Callable[..., None]]:
    """The form of a part of this member's profile, what fills it in, and what saves it.

    :raises NotYours: it is a part of a hat that they do not wear.
    """
    if current_member.is_student and part in _STUDENT:
        return _STUDENT[part], queries.my_mentee_profile, profiles.change_mentee
    if current_member.is_mentor and part in _MENTOR:
        return _MENTOR[part], queries.my_mentor_profile, profiles.change_mentor
    raise NotYours


def _tried(verb: Callable[..., Any], done: str) -> ResponseReturnValue:
    try:
        verb(by=current_member, now=clock.now())
    except Refusal as refusal:
        flash(str(refusal), "warn")
    else:
        flash(done, "good")
    return redirect(url_for(".edit"), 303)
