"""Asking whichever of one's mentors is free."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import anyone, meetings, picker, queries, rules
from mentorship.scheduling.forms.booking import AskAnyForm
from mentorship.scheduling.holds import TimeTaken
from mentorship.scheduling.picker import Week
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.views import bp
from mentorship.scheduling.views.booking import BESIDE, looks, wanted_week
from mentorship.tenancy.access import current_member, only_looking, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import surname_title
from mentorship.web.limits import limited


@bp.route("/ask", methods=["GET", "POST"])
@requires(Permission.MEETING_REQUEST)
@limited(*rates.TO_OTHERS)
def ask_any() -> ResponseReturnValue:
    now = clock.now()
    paired = queries.my_mentors(current_member)
    kinds = anyone.kinds_of(paired)
    if not kinds:
        page = render_template("scheduling/ask_any.html", kinds=(), mentors=())
        return page, 200 if request.method == "GET" else 422
    kind = _kind(kinds)
    mentors = anyone.of_kind(paired, kind)
    form = AskAnyForm()
    wanted = request.args.get("minutes", 0, type=int)
    form.offer_any(mentors, kind, zone=clock.zone(current_member.zone), minutes=wanted)
    looking = looks()
    status = 200 if looking else form.status
    if looking:
        only_looking()
    elif form.validate_on_submit() and form.starts_at:
        try:
            mentor = _one(mentors, form)
            meeting = meetings.request(
                mentor=mentor.member,
                kind=kind,
                starts_at=form.starts_at,
                minutes=form.minutes.data,
                purpose=form.purpose.data,
                questions=[field.data or "" for field in form.questions],
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal, BESIDE.get(type(refusal), ""))
            status = 409 if isinstance(refusal, TimeTaken) else 422
        else:
            name = surname_title(mentor.member.name)
            flash(
                f"Sent. {name} has your request, and the time is held for the two of you.", "good"
            )
            return redirect(url_for(".meeting", meeting_id=meeting.id), 303)
    page = render_template(
        "scheduling/ask_any.html",
        form=form,
        kind=kind,
        kinds=kinds,
        mentors=mentors,
        **_times(mentors, form, wanted=wanted, now=now),
    )
    return page, status


def _kind(kinds: list[Kind]) -> Kind:
    """The kind that is asked for, where the student has a mentor of it."""
    wanted = request.form.get("kind") or request.args.get("kind")
    return next((kind for kind in kinds if kind == wanted), kinds[0])


def _one(mentors: list[Bookable], form: AskAnyForm) -> Bookable:
    """Who was shown beside the chosen time.

    :raises rules.NotOnTheGrid: it is none of the student's mentors of this kind.
    """
    one = next((one for one in mentors if one.member.id == form.mentor_id), None)
    if one is None:
        raise rules.NotOnTheGrid
    return one


def _times(
    mentors: list[Bookable], form: AskAnyForm, *, wanted: int, now: datetime
) -> dict[str, object]:
    """The length that times are shown for, and the picker's week; none without any."""
    lengths = sorted({length for mentor in mentors for length in mentor.lengths})
    if not lengths:
        return {"minutes": 0, "week": None}
    minutes = form.length(lengths, wanted=wanted)
    free = queries.free_of(mentors, with_user_id=current_member.user_id, minutes=minutes, now=now)
    asked = anyone.whom(mentors, free, minutes=minutes)
    return {"minutes": minutes, "week": _week(asked, mentors, form, minutes=minutes, now=now)}


def _week(
    asked: dict[datetime, Bookable],
    mentors: list[Bookable],
    form: AskAnyForm,
    *,
    minutes: int,
    now: datetime,
) -> Week | None:
    if not asked:
        return None
    starts = list(asked)
    chosen = picker.nearest(starts, form.starts_at) if form.starts_at else None
    zone = clock.zone(current_member.zone)
    week = picker.lay_out(
        starts,
        minutes=minutes,
        zone=zone,
        # Of several mentors there are several clocks; each stands on the page of the meeting.
        other=picker.Other("", zone),
        earliest=min(one.limits.earliest(now) for one in mentors),
        latest=max(one.limits.latest(now) for one in mentors),
        wanted=None if chosen else wanted_week(),
        chosen=chosen,
    )
    return anyone.named(week, asked)
