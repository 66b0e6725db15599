"""A mentor's own calendars: which are read, what was read of them, and how."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.scheduling.feeds import clashes, keeping, queries
from mentorship.scheduling.feeds import feeds as calendars
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.scheduling.feeds.shifts import DEFAULT_RULES
from mentorship.scheduling.forms.feeds import (
    MEANINGS,
    FeedForm,
    NewerFileForm,
    NewFeedForm,
    RestForm,
    TimeForm,
)
from mentorship.scheduling.queries import my_meeting
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.forms import Form
from mentorship.web.limits import limited


@bp.route("/hours/calendars", methods=["GET", "POST"])
@requires(Permission.FEED_SET)
@limited(rates.UPLOADS, rates.FEED_READINGS)
def feeds() -> ResponseReturnValue:
    form = NewFeedForm()
    if form.validate_on_submit():
        try:
            said = _link(form)
        except calendars.BadAddress as refusal:
            form.refuse(refusal, "address")
        except calendars.BadPassword as refusal:
            form.refuse(refusal, "password")
        except calendars.BadFile as refusal:
            form.refuse(refusal, "file")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(said, "good")
            return redirect(url_for(".feeds"), 303)
    rest_form = RestForm(formdata=None)
    rest_form.show(keeping.rest_of(current_member.user_id))
    return _page(form, rest_form), form.status


@bp.post("/hours/calendars/rest")
@requires(Permission.FEED_SET)
def rest() -> ResponseReturnValue:
    form = RestForm()
    if form.validate_on_submit():
        try:
            calendars.set_rest(form.rest, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved. Times around your shifts follow at once.", "good")
            return redirect(url_for(".feeds"), 303)
    return _page(NewFeedForm(formdata=None), form), 422


@bp.route("/hours/calendars/<uuid:feed_id>", methods=["GET", "POST"])
@requires(Permission.FEED_SET)
def feed(feed_id: UUID) -> ResponseReturnValue:
    linked = queries.one_linked(feed_id, user_id=current_member.user_id)
    form = FeedForm()
    form.offer_zones()
    if form.validate_on_submit():
        try:
            calendars.change(
                feed_id,
                name=form.name.data,
                holds=Holds(form.holds.data),
                all_day=AllDay(form.all_day.data),
                zone=form.zone.data,
                rules=form.given,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(
                "Saved. Upload the file again for it to count."
                if linked.is_file
                else "Saved. The calendar is being read again.",
                "good",
            )
            return redirect(url_for(".feeds"), 303)
    if not form.is_submitted():
        form.show(linked)
    form.add_spare()
    return _one(linked, form=form), form.status


@bp.post("/hours/calendars/<uuid:feed_id>/file")
@requires(Permission.FEED_SET)
@limited(rates.UPLOADS)
def newer_file(feed_id: UUID) -> ResponseReturnValue:
    linked = queries.one_linked(feed_id, user_id=current_member.user_id)
    form = NewerFileForm()
    if form.validate_on_submit():
        try:
            made = calendars.upload(
                name=linked.name,
                content=form.content,
                holds=linked.holds,
                all_day=linked.all_day,
                by=current_member,
                settings=current_app.config["SETTINGS"],
                now=clock.now(),
                feed_id=feed_id,
            )
        except Refusal as refusal:
            form.refuse(refusal, "file")
        else:
            flash(_read(made.counts["events"]), "good")
            return redirect(url_for(".feeds"), 303)
    shown = FeedForm(formdata=None)
    shown.offer_zones()
    shown.show(linked)
    shown.add_spare()
    return _one(linked, form=shown, file_form=form), 422


@bp.post("/hours/calendars/<uuid:feed_id>/reading")
@requires(Permission.FEED_SET)
@limited(rates.FEED_READINGS)
def read_feed(feed_id: UUID) -> ResponseReturnValue:
    if Form().validate_on_submit():
        calendars.read_now(feed_id, by=current_member, now=clock.now())
        flash("The calendar is being read again. It takes a moment.", "good")
    return redirect(url_for(".feeds"), 303)


@bp.route("/hours/calendars/<uuid:feed_id>/removing", methods=["GET", "POST"])
@requires(Permission.FEED_SET)
def remove_feed(feed_id: UUID) -> ResponseReturnValue:
    linked = queries.one_linked(feed_id, user_id=current_member.user_id)
    form = Form()
    if form.validate_on_submit():
        calendars.remove(feed_id, by=current_member, now=clock.now())
        flash(f"{linked.name} is removed, with every time that was read from it.", "good")
        return redirect(url_for(".feeds"), 303)
    return render_template("scheduling/feed_removing.html", form=form, feed=linked), form.status


@bp.get("/hours/calendars/<uuid:feed_id>/times")
@requires(Permission.FEED_SET)
def feed_times(feed_id: UUID) -> ResponseReturnValue:
    """What a calendar takes, and which of it does not count."""
    linked = queries.one_linked(feed_id, user_id=current_member.user_id)
    return _times(linked, since=_since(request.args.get("since", "")))


@bp.post("/hours/calendars/<uuid:feed_id>/times/ignoring")
@requires(Permission.FEED_SET)
def ignore_time(feed_id: UUID) -> ResponseReturnValue:
    return _mark(feed_id, calendars.ignore, "It does not count anymore.")


@bp.post("/hours/calendars/<uuid:feed_id>/times/counting")
@requires(Permission.FEED_SET)
def count_time(feed_id: UUID) -> ResponseReturnValue:
    return _mark(feed_id, calendars.count, "It counts again.")


@bp.post("/meetings/<uuid:meeting_id>/keeping")
@requires(Permission.CLASH_KEEP)
def keep_in_clash(meeting_id: UUID) -> ResponseReturnValue:
    """The meeting stays, though a calendar of the mentor's now takes its time."""
    meeting = my_meeting(meeting_id, member=current_member)
    if Form().validate_on_submit():
        clashes.keep(meeting, by=current_member, now=clock.now())
        flash("The meeting stays as it is. The student is told.", "good")
    return redirect(url_for(".meeting", meeting_id=meeting_id), 303)


def _mark(feed_id: UUID, verb: Callable[..., None], said: str) -> ResponseReturnValue:
    linked = queries.one_linked(feed_id, user_id=current_member.user_id)
    form = TimeForm()
    since = _since(request.args.get("since", ""))
    if form.validate_on_submit():
        try:
            if form.span is None:
                raise calendars.NoSuchTime
            verb(feed_id, form.span, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(said, "good")
            back = since.isoformat() if since else None
            return redirect(url_for(".feed_times", feed_id=feed_id, since=back), 303)
    return _times(linked, since=since, form=form), 422


def _since(said: str) -> datetime | None:
    """From when on the page goes; from now, where nothing sensible is said."""
    try:
        return datetime.fromisoformat(said).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _times(linked: queries.Linked, *, since: datetime | None, form: TimeForm | None = None) -> str:
    times, more = queries.kept(
        linked.id, user_id=current_member.user_id, now=clock.now(), since=since
    )
    return render_template(
        "scheduling/feed_times.html",
        form=form,
        feed=linked,
        times=times,
        since=since.isoformat() if since else None,
        more=more.isoformat() if more else None,
    )


def _link(form: NewFeedForm) -> str:
    """Add the calendar that was given, and say what comes next.

    :raises Refusal: it cannot be added.
    """
    facts = {
        "name": form.name.data,
        "holds": Holds(form.holds.data),
        "all_day": AllDay(form.all_day.data),
        "by": current_member,
        "settings": current_app.config["SETTINGS"],
        "now": clock.now(),
    }
    content = form.content
    if content is None:
        calendars.add(
            address=form.address.data,
            user=form.user.data or "",
            password=form.password.data or "",
            **facts,
        )
        return "Added. It is being read; your times are offered again in a moment."
    return _read(calendars.upload(content=content, **facts).counts["events"])


def _read(events: int) -> str:
    return f"Read: {events} event{'' if events == 1 else 's'}. The file itself is not kept."


def _page(form: Form, rest_form: RestForm) -> str:
    now = clock.now()
    return render_template(
        "scheduling/feeds.html",
        form=form,
        rest_form=rest_form,
        linked=queries.linked(current_member.user_id),
        meanings=MEANINGS,
        now=now,
    )


def _one(linked: queries.Linked, *, form: FeedForm, file_form: NewerFileForm | None = None) -> str:
    return render_template(
        "scheduling/feed.html",
        form=form,
        file_form=file_form or NewerFileForm(formdata=None),
        feed=linked,
        defaults=DEFAULT_RULES,
        meanings=MEANINGS,
        now=clock.now(),
    )
