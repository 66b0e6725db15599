"""One's own profile: the whole of it on one page, and a short page for each part."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.accounts import users
from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.profiles import affinities, details, gaps, profiles, queries, wishes
from mentorship.profiles.details import NotListed
from mentorship.profiles.forms import details as more
from mentorship.profiles.forms import mine as forms
from mentorship.profiles.mentors import spoken
from mentorship.profiles.models import FACETS
from mentorship.profiles.views import bp
from mentorship.profiles.wishes import Wished
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import zone_city

_STUDENT: dict[str, type[forms.Part]] = {
    "about": forms.AboutPart,
    "interests": forms.InterestsPart,
    "wants": forms.WantsPart,
    "hopes": more.HopesPart,
    "free-time": more.FreeTimePart,
}
_MENTOR: dict[str, type[forms.Part]] = {
    "mentor": forms.MentorPart,
    "offers": forms.OffersPart,
    "mentor-interests": forms.InterestsPart,
    "meetings": forms.MeetingsPart,
    "experience": more.ExperiencePart,
    "limits": more.LimitsPart,
}
#: Parts that have a look of their own.
_PAGES = {"wants": "profiles/edit_wants.html", "free-time": "profiles/edit_free_time.html"}


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
        wishes=wishes.of_both(current_member) if mentee or mentor else {},
        details=details,
    )


@bp.route("/profile/<part>", methods=["GET", "POST"])
@requires(Permission.PROFILE_FILL)
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
    return render_template(_PAGES.get(part, "profiles/edit_part.html"), form=form), form.status


@bp.route("/profile/wishes", methods=["GET", "POST"])
@requires(Permission.WISH_SET)
def edit_wishes() -> ResponseReturnValue:
    """Whom to wish for. A mentor's page leads here with them as the next wish."""
    return _wishes(Wished.MENTORS)


@bp.route("/profile/students", methods=["GET", "POST"])
@requires(Permission.STUDENT_WISH)
def edit_students() -> ResponseReturnValue:
    """Whom a mentor would like to mentor."""
    return _wishes(Wished.STUDENTS)


def _wishes(whom: Wished) -> ResponseReturnValue:
    people, said = wishes.candidates(current_member, whom), list(wishes.mine(current_member, whom))
    added = request.args.get("add", type=UUID)
    if added in people and added not in said:
        said.append(added)
    form = more.WishesForm.offering(people, said=said)
    if form.validate_on_submit():
        try:
            wishes.save(form.people, by=current_member, now=clock.now(), whom=whom)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved: your wishes.", "good")
            return redirect(url_for(".edit"), 303)
    return render_template(
        "profiles/edit_wishes.html", form=form, people=people, whom=whom
    ), form.status


@bp.route("/profile/groups", methods=["GET", "POST"])
@requires(Permission.PROFILE_EDIT)
def edit_groups() -> ResponseReturnValue:
    """The groups to be counted, which this page alone shows, and to their person alone."""
    said = affinities.mine(current_member)
    form = more.AffinityForm(data={"groups": list(said), "agreed": bool(said)})
    if form.validate_on_submit():
        try:
            affinities.save(
                form.groups.data or (),
                agreed=form.agreed.data,
                by=current_member,
                now=clock.now(),
            )
        except NotListed as refusal:
            form.refuse(refusal, "groups")
        except Refusal as refusal:
            form.refuse(refusal, "agreed")
        else:
            flash("Saved. Nobody else sees it.", "good")
            return redirect(url_for(".edit"), 303)
    return render_template("profiles/edit_groups.html", form=form), form.status


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
