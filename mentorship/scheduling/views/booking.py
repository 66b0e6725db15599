"""Asking a mentor for a meeting: what it is about, and one of the free times."""

from datetime import date, datetime, timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts
from mentorship.scheduling import meetings, picker, queries, requests, rules
from mentorship.scheduling.forms.booking import AskForm
from mentorship.scheduling.holds import AlreadyBusy, TimeTaken
from mentorship.scheduling.picker import Week
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, only_looking, requires
from mentorship.tenancy.roles import Permission, insist
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import surname_title
from mentorship.web.limits import limited

#: Beside which field a refusal is shown; any other stands above the form.
BESIDE: dict[type[Refusal], str] = {
    rules.KindNotOffered: "kind",
    conflicts.Evaluates: "kind",
    rules.TopicNotOffered: "topic",
    rules.LengthNotOffered: "minutes",
    rules.TooSoon: "slot",
    rules.TooFar: "slot",
    rules.OutsideHours: "slot",
    rules.DayFull: "slot",
    rules.WeekFull: "slot",
    rules.MonthFull: "slot",
    rules.CalendarBusy: "slot",
    rules.CalendarUnread: "slot",
    rules.NotOnTheGrid: "slot",
    TimeTaken: "slot",
    AlreadyBusy: "slot",
}


@bp.route("/mentors/<uuid:mentor_id>/ask", methods=["GET", "POST"])
@requires(Permission.MEETING_REQUEST)
@limited(*rates.TO_OTHERS)
def ask(mentor_id: UUID) -> ResponseReturnValue:
    now = clock.now()
    mentor = queries.bookable(mentor_id, member=current_member)
    insist(Permission.MEETING_REQUEST, mentor, by=current_member)
    obstacle = _obstacle(mentor)
    # Whatever is in the way is said at once. Who has typed already is told beside the form, as
    # long as there is a form.
    if obstacle and (request.method == "GET" or obstacle in ("nothing", "lengths")):
        page = render_template("scheduling/cannot_ask.html", mentor=mentor, obstacle=obstacle)
        return page, 200 if request.method == "GET" else 422
    form = AskForm()
    form.offer(
        mentor,
        zone=clock.zone(current_member.zone),
        kind=request.args.get("kind", ""),
        minutes=request.args.get("minutes", 0, type=int),
    )
    again = request.args.get("again", type=UUID)
    if again is not None and not form.is_submitted():
        before = requests.one(again, member=current_member)
        if not before.i_mentor:
            form.begin_with(before)
    looking = looks()
    status = 200 if looking else form.status
    if looking:
        only_looking()
    elif form.validate_on_submit() and form.starts_at:
        try:
            meeting = meetings.request(
                mentor=mentor.member,
                kind=Kind(form.kind.data),
                topic=form.chosen_topic,
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
            flash(
                f"Sent. {surname_title(mentor.member.name)} has your request, and the time is"
                " held for the two of you.",
                "good",
            )
            return redirect(url_for(".meeting", meeting_id=meeting.id), 303)
    return _asking(mentor, form, now=now), status


def _asking(mentor: Bookable, form: AskForm, *, now: datetime) -> str:
    minutes = form.length(mentor.lengths, wanted=request.args.get("minutes", 0, type=int))
    free = queries.free(mentor, with_user_id=current_member.user_id, minutes=minutes, now=now)
    return render_template(
        "scheduling/ask.html",
        form=form,
        mentor=mentor,
        paired=mentor.pairings[0] if mentor.pairings else None,
        minutes=minutes,
        week=week_of(
            free.starts,
            mentor,
            minutes=minutes,
            other=picker.Other(surname_title(mentor.member.name), mentor.zone),
            chosen=form.starts_at,
            now=now,
        ),
        unread=free.unread,
    )


@bp.app_template_global()
def answer_hours() -> int:
    """How long a request, or a first date, is held for an answer at most."""
    return meetings.ANSWER // timedelta(hours=1)


def looks() -> bool:
    """Whether a post only wants to see another week, or the times for another length."""
    return request.method == "POST" and bool(request.form.keys() & {"week", "look"})


def wanted_week() -> date | None:
    """The week that the pressed button asks for, or that was shown, or that the address names."""
    asked = request.form.get("week") or request.form.get("shown") or request.args.get("week", "")
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return None


def week_of(
    starts: list[datetime],
    mentor: Bookable,
    *,
    minutes: int,
    other: picker.Other,
    chosen: datetime | None,
    now: datetime,
) -> Week | None:
    """The picker's week, with the chosen time or the free one nearest to it; None without any."""
    if not starts:
        return None
    nearest = picker.nearest(starts, chosen) if chosen else None
    return picker.lay_out(
        starts,
        minutes=minutes,
        zone=clock.zone(current_member.zone),
        other=other,
        earliest=mentor.limits.earliest(now),
        latest=mentor.limits.latest(now),
        # A choice that came back is shown where it is, whatever week was looked at before.
        wanted=None if nearest else wanted_week(),
        chosen=nearest,
    )


def _obstacle(mentor: Bookable) -> str:
    """What keeps this student from asking at all, by name; nothing where they can."""
    if any(each.proposed for each in mentor.pairings):
        return "asked"
    if mentor.waiting >= rules.OPEN_REQUESTS:
        return "waiting"
    if mentor.pairings:
        return "" if mentor.lengths else "lengths"
    if mentor.paused:
        return "paused"
    if not mentor.offers or not mentor.lengths:
        return "nothing"
    return "full" if mentor.taken >= mentor.places else ""
