"""A mentor's weekly hours."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.scheduling import hours as weekly_hours
from mentorship.scheduling import picker, queries
from mentorship.scheduling.forms.hours import HoursForm
from mentorship.scheduling.picker import Week
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.slots import Limits
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, only_looking, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.lengths import USUAL
from mentorship.web.filters import WEEKDAYS


@bp.route("/hours", methods=["GET", "POST"])
@requires(Permission.HOURS_SET)
def hours() -> ResponseReturnValue:
    now = clock.now()
    form = HoursForm()
    status = form.status
    # The buttons that only change the lines on the page; nothing is kept before Save.
    changes = {"add": form.add, "remove": form.remove, "copy": form.copy}
    pressed = next((name for name in changes if name in request.form), "")
    if pressed:
        only_looking()
        changes[pressed](request.form[pressed])
        status = 200
    elif form.validate_on_submit():
        try:
            lines = [given.weekly for given in form.given]
            weekly_hours.set_weekly(hours=lines, by=current_member, now=now)
        except weekly_hours.HoursRefused as refusal:
            form.refuse_line(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_saved(len(lines)), "good")
            return redirect(url_for(".hours"), 303)
    mentor = _me()
    if not form.is_submitted():
        kept = mentor.hours if mentor else weekly_hours.weekly_of(current_member.user_id)
        form.show(sorted(kept, key=lambda line: (line.weekday, line.opens)))
    zone = clock.zone(current_member.zone)
    page = render_template(
        "scheduling/hours.html",
        form=form,
        mentor=mentor,
        seen=_seen(mentor) if mentor and mentor.lengths else None,
        added=request.form.get("add", ""),
        change=weekly_hours.clock_change(
            zone, since=now, until=(mentor.limits if mentor else Limits()).latest(now)
        ),
        weekdays=WEEKDAYS,
    )
    return page, status


def _me() -> Bookable | None:
    """The reader as students find them; None while there is no profile."""
    try:
        return queries.bookable(current_member.id, member=current_member)
    except NotYours:
        return None


def _seen(mentor: Bookable) -> Week | None:
    """The first week with times that a student who asks now would see."""
    now, zone = clock.now(), clock.zone(current_member.zone)
    minutes = USUAL if USUAL in mentor.lengths else mentor.lengths[0]
    starts = queries.free_starts(
        mentor, with_user_id=current_member.user_id, minutes=minutes, now=now
    )
    if not starts:
        return None
    return picker.lay_out(
        starts,
        minutes=minutes,
        zone=zone,
        other=picker.Other("you", zone),
        earliest=mentor.limits.earliest(now),
        latest=mentor.limits.latest(now),
    )


def _saved(lines: int) -> str:
    seen = "Students see these hours from now on" if lines else "Students see no free times now"
    return f"Saved. {seen}. What is booked already stays."
