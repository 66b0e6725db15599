"""Conference meet-ups: where mentors can be met, opening one's own, and taking a few minutes."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import holds
from mentorship.scheduling.conference import meetups, queries
from mentorship.scheduling.feeds import clashes
from mentorship.scheduling.forms.conference import BlockForm, MoveForm, TakeForm
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission, insist
from mentorship.web.filters import plural, when
from mentorship.web.forms import Form

#: Beside which field a refusal is shown; any other stands above the form.
_FIELD: dict[type[Refusal], str] = {
    meetups.NoLength: "minutes",
    meetups.EndsTooSoon: "closes",
    meetups.TooLong: "closes",
    meetups.IsOver: "day",
    meetups.TooFarOff: "day",
    meetups.NoSuchZone: "zone",
}
_ABOUT_SLOT = (
    *(meetups.NoSuchSlot, meetups.SlotTaken, meetups.HasBegun),
    *(holds.TimeTaken, holds.AlreadyBusy),
)


@bp.get("/conference")
@requires(Permission.CONFERENCE_SEE)
def conference() -> ResponseReturnValue:
    blocks = queries.ahead(current_member, now=clock.now())
    return render_template("scheduling/conference.html", blocks=blocks)


@bp.route("/conference/open", methods=["GET", "POST"])
@requires(Permission.CONFERENCE_OPEN)
def open_conference() -> ResponseReturnValue:
    form = BlockForm()
    form.offer(current_member.zone)
    if not form.is_submitted():
        form.zone.data = current_member.zone
    if form.validate_on_submit() and form.starts_at and form.ends_at:
        try:
            block = meetups.open_block(
                conference=form.conference.data or "",
                session=form.session.data or "",
                place=form.place.data or "",
                zone=form.zone.data,
                starts_at=form.starts_at,
                ends_at=form.ends_at,
                minutes=form.minutes.data,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            count = len(meetups.slots_of(block))
            flash(f"Open: {plural(count, 'time')} for students of your chapter.", "good")
            return redirect(url_for(".meet_ups", block_id=block.id), 303)
    today = clock.day(clock.now(), current_member.zone)
    page = render_template("scheduling/conference_open.html", form=form, today=today)
    return page, form.status


@bp.get("/conference/<uuid:block_id>")
@requires(Permission.CONFERENCE_SEE)
def meet_ups(block_id: UUID) -> ResponseReturnValue:
    return _page(block_id, TakeForm(formdata=None))


@bp.post("/conference/<uuid:block_id>/take")
@requires(Permission.CONFERENCE_TAKE)
def take_meet_up(block_id: UUID) -> ResponseReturnValue:
    found = queries.block(block_id, member=current_member)
    insist(Permission.CONFERENCE_TAKE, found, by=current_member)
    form = TakeForm()
    form.offer(queries.one(block_id, member=current_member), set(), now=clock.now())
    if form.validate_on_submit():
        try:
            taken = meetups.take(
                found,
                starts_at=form.starts_at,
                question=form.question.data or "",
                by=current_member,
                now=clock.now(),
            )
        except _ABOUT_SLOT as refusal:
            form.refuse(refusal, "slot")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Yours: {when(taken.starts_at, found.zone)}, {found.place}.", "good")
            return redirect(url_for(".meet_ups", block_id=block_id), 303)
    return _page(block_id, form)


@bp.post("/conference/<uuid:block_id>/give-back")
@requires(Permission.CONFERENCE_LEAVE)
def give_back_meet_up(block_id: UUID) -> ResponseReturnValue:
    form = Form()
    meet_up = queries.mine(block_id, member=current_member)
    if form.validate_on_submit():
        try:
            meetups.give_back(meet_up, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Given back. Somebody else can have the time now.", "good")
            return redirect(url_for(".meet_ups", block_id=block_id), 303)
    return _page(block_id, form)


@bp.route("/conference/<uuid:block_id>/change", methods=["GET", "POST"])
@requires(Permission.CONFERENCE_CHANGE)
def change_meet_ups(block_id: UUID) -> ResponseReturnValue:
    """Another time or place for a block of one's own."""
    found = queries.block(block_id, member=current_member)
    insist(Permission.CONFERENCE_CHANGE, found, by=current_member)
    form, now = MoveForm(), clock.now()
    form.show(found.starts_at, found.place, zone=clock.zone(found.zone))
    if form.validate_on_submit() and form.starts_at:
        try:
            meetups.change(
                found,
                starts_at=form.starts_at,
                place=form.place.data or "",
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            flash("Changed. Whoever has a time is told.", "good")
            return redirect(url_for(".meet_ups", block_id=block_id), 303)
    page = render_template(
        "scheduling/conference_change.html",
        form=form,
        block=found,
        today=clock.day(now, found.zone),
    )
    return page, form.status


@bp.post("/conference/<uuid:block_id>/keeping")
@requires(Permission.CLASH_KEEP)
def keep_meet_ups_in_clash(block_id: UUID) -> ResponseReturnValue:
    """They stay, though a shift of the mentor's now takes their time."""
    form = Form()
    found = queries.block(block_id, member=current_member)
    if form.validate_on_submit():
        clashes.keep(found, by=current_member, now=clock.now())
        flash("The meet-ups stay as they are.", "good")
        return redirect(url_for(".meet_ups", block_id=block_id), 303)
    return _page(block_id, form)


@bp.post("/conference/<uuid:block_id>/call-off")
@requires(Permission.CONFERENCE_CHANGE)
def call_off_meet_ups(block_id: UUID) -> ResponseReturnValue:
    form = Form()
    found = queries.block(block_id, member=current_member)
    if form.validate_on_submit():
        try:
            meetups.call_off(found, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Called off. Whoever had a time is told.", "good")
            return redirect(url_for(".conference"), 303)
    return _page(block_id, form)


def _page(block_id: UUID, sent: Form) -> ResponseReturnValue:
    """A block as its mentor sees it, with names and questions, or as a student, with free times.

    `sent` is the form that came back, or an empty one to begin with.
    """
    now = clock.now()
    block = queries.one(block_id, member=current_member)
    times = queries.times(block_id)
    form = sent if isinstance(sent, TakeForm) else TakeForm(formdata=None)
    form.offer(block, {each.starts_at for each in times}, now=now)
    page = render_template(
        "scheduling/meet_ups.html",
        block=block,
        times={each.starts_at: each for each in times},
        form=form,
        sent=sent,
        i_mentor=block.mentor_id == current_member.id,
        now=now,
    )
    return page, sent.status if sent.errors else 200
