"""When a mentor can be booked: weekly hours, single dates, limits, and what students will see."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.scheduling import dates as days
from mentorship.scheduling import holds, preview, queries, slots
from mentorship.scheduling import hours as weekly_hours
from mentorship.scheduling import limits as mentor_limits
from mentorship.scheduling.forms.dates import AwayForm, CopyForm, ExtraForm, LimitsForm
from mentorship.scheduling.forms.hours import HoursForm
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.slots import Away, Limits, Opening, Weekly
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, only_looking, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.lengths import USUAL
from mentorship.web import filters
from mentorship.web.filters import WEEKDAYS
from mentorship.web.forms import Form

#: Beside which field a refusal is shown; any other stands above the form.
_ABOUT_AWAY: dict[type[Refusal], str] = {
    days.IsOver: "last",
    days.TooFarOff: "last",
    days.EndsFirst: "last",
}
_ABOUT_EXTRA: dict[type[Refusal], str] = {
    days.IsOver: "day",
    days.TooFarOff: "day",
    days.TooShort: "closes",
}


@bp.route("/hours", methods=["GET", "POST"])
@requires(Permission.HOURS_SET)
def hours() -> ResponseReturnValue:
    form = HoursForm()
    status = form.status
    # The buttons that only change the lines on the page; nothing is kept before Save. Without a
    # button the script looks at what has been typed so far.
    changes = {"add": form.add, "remove": form.remove, "copy": form.copy, "look": None}
    pressed = next((name for name in changes if name in request.form), "")
    if pressed:
        only_looking()
        change = changes[pressed]
        if change is not None:
            change(request.form[pressed])
        status = 200
    elif form.validate_on_submit():
        try:
            lines = [given.weekly for given in form.given]
            weekly_hours.set_weekly(hours=lines, by=current_member, now=clock.now())
        except weekly_hours.HoursRefused as refusal:
            form.refuse_line(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_saved(len(lines)), "good")
            return redirect(url_for(".hours"), 303)
    mentor = _me()
    typed = None
    if form.is_submitted():
        typed = [given.weekly for given in form.given]
    else:
        kept = mentor.hours if mentor else weekly_hours.weekly_of(current_member.user_id)
        form.show(sorted(kept, key=lambda line: (line.weekday, line.opens)))
    page = render_template(
        "scheduling/hours.html",
        form=form,
        added=request.form.get("add", ""),
        weekdays=WEEKDAYS,
        **_seen(mentor, typed=typed),
    )
    return page, status


@bp.route("/hours/dates", methods=["GET", "POST"])
@requires(Permission.HOURS_SET)
def dates() -> ResponseReturnValue:
    """Time away and hours on single days: each is added, taken off, or put back at once."""
    if taken_off := _taken_off():
        return redirect(url_for(".dates", back=taken_off), 303)
    copy_form = CopyForm() if "to" in request.form else CopyForm(formdata=None)
    if "copy" in request.form and (copied := _copy_week(copy_form)):
        return copied
    away_form = AwayForm() if "first" in request.form else AwayForm(formdata=None)
    extra_form = ExtraForm() if "day" in request.form else ExtraForm(formdata=None)
    sent: Form = away_form if "first" in request.form else extra_form
    if "copy" in request.form:
        sent = copy_form
    elif request.method == "POST":
        if "first" in request.form and away_form.validate():
            done = _leave(away_form)
        elif "day" in request.form and extra_form.validate():
            done = _open(extra_form)
        else:
            done = False
        if done:
            return redirect(url_for(".dates"), 303)
    mentor = _me()
    me = current_member.user_id
    openings = mentor.openings if mentor else days.openings_of(me)
    away = mentor.away if mentor else days.away_of(me)
    today = clock.day(clock.now(), current_member.zone)
    weeks = _weeks(openings, today=today)
    copy_form.offer(monday for monday, _ in weeks)
    page = render_template(
        "scheduling/dates.html",
        form=sent,
        copy_form=copy_form,
        away_form=away_form,
        extra_form=extra_form,
        away=[(id_, preview.away_worded(each)) for id_, each in away.items() if each.last >= today],
        weeks=weeks,
        back=_put_back(request.args.get("back", "")),
        today=today,
        **_seen(mentor),
    )
    return page, 422 if request.method == "POST" else 200


@bp.route("/hours/limits", methods=["GET", "POST"])
@requires(Permission.HOURS_SET)
def limits() -> ResponseReturnValue:
    form = LimitsForm()
    if form.validate_on_submit():
        try:
            mentor_limits.set_limits(limits=form.given, by=current_member, now=clock.now())
        except mentor_limits.OutOfRange as refusal:
            form.refuse(refusal, refusal.field)
        except mentor_limits.NothingLeft as refusal:
            form.refuse(refusal, "notice")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved. It holds in every chapter, from now on.", "good")
            return redirect(url_for(".limits"), 303)
    mentor = _me()
    if not form.is_submitted():
        me = current_member.user_id
        form.show(mentor.limits if mentor else mentor_limits.limits_of(me))
    page = render_template("scheduling/limits.html", form=form, **_seen(mentor))
    return page, form.status


def _me() -> Bookable | None:
    """The reader as students find them; None while there is no profile."""
    try:
        return queries.bookable(current_member.id, member=current_member)
    except NotYours:
        return None


def _seen(mentor: Bookable | None, *, typed: list[Weekly] | None = None) -> dict[str, Any]:
    """What the preview shows: of what is kept, or of weekly hours as they were typed."""
    now, zone = clock.now(), clock.zone(current_member.zone)
    limits = mentor.limits if mentor else Limits()
    shown: dict[str, Any] = {
        "mentor": mentor,
        "minutes": 0,
        "seen": [],
        "unread": False,
        "unsaved": typed is not None and (mentor is None or _differ(typed, mentor.hours)),
        "limits": limits,
        "change": weekly_hours.clock_change(zone, since=now, until=limits.latest(now)),
        "notice": mentor_limits.worded(limits.notice),
        "ahead": mentor_limits.worded(limits.horizon),
        "buffer": mentor_limits.worded(limits.buffer),
    }
    if mentor and mentor.lengths:
        if typed is not None:
            mentor = replace(mentor, hours=tuple(typed))
        minutes = USUAL if USUAL in mentor.lengths else mentor.lengths[0]
        free = queries.free(mentor, with_user_id=current_member.user_id, minutes=minutes, now=now)
        shown["minutes"] = minutes
        shown["seen"] = preview.fortnight(mentor, free, minutes=minutes, now=now)
        shown["unread"] = free.unread
    return shown


def _differ(typed: list[Weekly], kept: tuple[Weekly, ...]) -> bool:
    return len(typed) != len(kept) or any(line not in kept for line in typed)


def _saved(lines: int) -> str:
    seen = "Students see these hours from now on" if lines else "Students see no weekly hours now"
    return f"Saved. {seen}. What is booked already stays."


def _leave(form: AwayForm) -> bool:
    now = clock.now()
    try:
        away = form.given
        days.leave(away=away, by=current_member, now=now)
    except Refusal as refusal:
        form.refuse(refusal, _ABOUT_AWAY.get(type(refusal), ""))
        return False
    booked = _booked_in(away, now=now)
    stays = ""
    if booked:
        stays = f" {filters.plural(booked, 'meeting is', 'meetings are')} in it already, and"
        stays += " stays." if booked == 1 else " stay."
    flash(f"Away: {preview.away_worded(away)}. Nobody can book you then.{stays}", "good")
    return True


def _booked_in(away: Away, *, now: datetime) -> int:
    """How many meetings, in any chapter, lie ahead in time away."""
    spans = slots.away_spans(away, clock.zone(current_member.zone))
    since, until = spans[0].starts_at, spans[-1].ends_at
    held = holds.busy_times([current_member.user_id], since=max(since, now), until=until)
    return sum(any(each.span.overlaps(one) for one in spans) for each in held)


def _open(form: ExtraForm) -> bool:
    try:
        days.open_on(opening=form.given, by=current_member, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal, _ABOUT_EXTRA.get(type(refusal), ""))
        return False
    flash(f"Added: {_opening_worded(form.given)}.", "good")
    return True


def _copy_week(form: CopyForm) -> ResponseReturnValue | None:
    """Copy a week to the one that was typed, or to the week after. None where that is no day."""
    elsewhere = "to" in request.form
    if elsewhere and not form.validate():
        return None
    to = form.to.data if elsewhere else None
    where = f"the week of {filters.day(slots.monday(to))}" if to else "the week after"
    try:
        monday = date.fromisoformat(request.form["copy"])
        new = days.copy_week(monday=monday, to=to, by=current_member, now=clock.now())
    except (ValueError, OverflowError):
        flash("There is no such week to copy.", "bad")
    except Refusal as refusal:
        if elsewhere:
            form.refuse(refusal, "to")
            return None
        flash(str(refusal), "bad")
    else:
        if new:
            flash(f"Copied {filters.plural(new, 'line')} to {where}.", "good")
        else:
            flash(f"{where[0].upper()}{where[1:]} has all of it already.")
    return redirect(url_for(".dates", _anchor="extra"), 303)


def _taken_off() -> str:
    """Take off what the pressed button names. How it is put back; nothing if it was gone."""
    now, pressed = clock.now(), request.form.get("remove", "")
    try:
        one = UUID(pressed)
    except ValueError:
        return ""
    opening = days.close(one, by=current_member, now=now)
    if opening is not None:
        flash(f"Taken off: {_opening_worded(opening)}.")
        return "~".join(("extra", f"{opening.day}", f"{opening.opens}", f"{opening.closes}"))
    away = days.come_back(one, by=current_member, now=now)
    if away is not None:
        flash(f"Taken off: away {preview.away_worded(away)}. You can be booked then again.")
        times = (f"{at or ''}" for at in (away.since, away.until))
        return "~".join(("away", f"{away.first}", f"{away.last}", *times))
    return "gone"


def _put_back(said: str) -> dict[str, str]:
    """The fields that put back what the address says was taken off; none where it says nothing."""
    what, *values = said.split("~")
    names = {"extra": ("day", "opens", "closes"), "away": ("first", "last", "since", "until")}
    if what not in names or len(values) != len(names[what]):
        return {}
    fields = dict(zip(names[what], values, strict=True))
    try:
        for name, value in fields.items():
            if name in ("day", "first", "last"):
                date.fromisoformat(value)
            elif value:
                time.fromisoformat(value)
    except ValueError:
        return {}
    return fields


def _weeks(
    openings: dict[UUID, Opening], *, today: date
) -> list[tuple[date, list[tuple[UUID, str]]]]:
    """Openings from today on by their weeks, each with its Monday."""
    weeks: dict[date, list[tuple[UUID, str]]] = {}
    for id_, each in openings.items():
        if each.day >= today:
            weeks.setdefault(slots.monday(each.day), []).append((id_, _opening_worded(each)))
    return list(weeks.items())


def _opening_worded(opening: Opening) -> str:
    times = weekly_hours.span_worded(opening.opens, opening.closes)
    return f"{filters.day(opening.day)}, {times}"
