"""A member's meetings: the list, and what the two do on the page of one."""

from typing import Any
from uuid import UUID

from flask import (
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import action_items
from mentorship.scheduling import (
    agendas,
    diary,
    invitations,
    notes,
    onward,
    opened,
    rules,
    sendings,
)
from mentorship.scheduling import meetings as meeting_verbs
from mentorship.scheduling.agendas import Direction
from mentorship.scheduling.forms.meetings import (
    AbsenceForm,
    AgendaItemForm,
    PrivateNotesForm,
    SendingForm,
    SharedNotesForm,
    TaskForm,
)
from mentorship.scheduling.models import Part
from mentorship.scheduling.onward import Next
from mentorship.scheduling.opened import Opened
from mentorship.scheduling.queries import my_meeting
from mentorship.scheduling.views import bp
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_chapter, current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.forms import Form
from mentorship.web.limits import limited
from mentorship.web.links import absolute


@bp.get("/meetings")
@requires(Permission.MEETING_SEE)
def meetings() -> ResponseReturnValue:
    other_id = request.args.get("with", type=UUID)
    listed = diary.meetings(
        current_member,
        now=clock.now(),
        other_id=other_id,
        since=request.args.get("before", ""),
    )
    known = diary.people(current_member)
    return render_template(
        "scheduling/meetings.html",
        listed=listed,
        people=known,
        other=next((person for person in known if person.id == other_id), None),
        other_id=other_id,
        on_first_page="before" not in request.args,
    )


@bp.get("/meetings/<uuid:meeting_id>")
@requires(Permission.MEETING_SEE)
def meeting(meeting_id: UUID) -> ResponseReturnValue:
    return page_of(meeting_id)


@bp.get("/meetings/<uuid:meeting_id>.ics")
@requires(Permission.DATE_TAKE)
def ics(meeting_id: UUID) -> ResponseReturnValue:
    """The meeting as a file that any calendar takes. Its agenda stays on the page."""
    found = my_meeting(meeting_id, member=current_member)
    rules.insist_on_state(Permission.DATE_TAKE, found)
    settings = current_app.config["SETTINGS"]
    both = people.members([found.mentee_id, found.mentor_id])
    invitation = invitations.for_meeting(
        meeting_id=found.id,
        sequence=found.sequence,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        created_at=found.asked_at,
        place=found.place,
        people=[(who.email, who.name) for who in both.values()],
        page=absolute(".meeting", meeting_id=found.id),
        chapter_name=current_chapter.name,
        sender=settings.mail_from,
        host=settings.host_name,
    )
    day = clock.day(found.starts_at, current_member.zone)
    answer = Response(
        invitations.to_ics(invitation, method="PUBLISH", now=clock.now()),
        content_type="text/calendar; charset=utf-8; method=PUBLISH",
    )
    answer.headers.set("Content-Disposition", "attachment", filename=f"meeting-{day}.ics")
    return answer


@bp.post("/meetings/<uuid:meeting_id>/agenda")
@requires(Permission.AGENDA_WRITE)
def add_to_agenda(meeting_id: UUID) -> ResponseReturnValue:
    found = my_meeting(meeting_id, member=current_member)
    form = AgendaItemForm()
    if form.validate_on_submit():
        try:
            agendas.add(
                meeting=found,
                kind=form.chosen,
                what=form.what.data,
                minutes=form.minutes.data,
                link=form.link.data or "",
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal, _field(refusal))
        else:
            return back(meeting_id, "prepare")
    return page_of(meeting_id, agenda_form=form)


@bp.post("/meetings/<uuid:meeting_id>/agenda/start")
@requires(Permission.AGENDA_WRITE)
def start_agenda(meeting_id: UUID) -> ResponseReturnValue:
    """Begin with the chapter's items for this kind and stage."""
    found = my_meeting(meeting_id, member=current_member)
    try:
        agendas.start(meeting=found, by=current_member, now=clock.now())
    except Refusal as refusal:
        return refused(meeting_id, refusal)
    return back(meeting_id, "prepare")


@bp.post("/meetings/<uuid:meeting_id>/agenda/sending")
@requires(Permission.AGENDA_WRITE)
@limited(*rates.TO_OTHERS)
def send_agenda(meeting_id: UUID) -> ResponseReturnValue:
    """When the agenda goes ahead by mail, and what the mentee sends along."""
    found = my_meeting(meeting_id, member=current_member)
    form = SendingForm()
    if form.validate_on_submit():
        try:
            sendings.plan(
                meeting=found,
                hours_before=form.hours.data,
                along=form.along.data if "along" in request.form else None,
                anyway=form.along_anyway.data,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.warned = isinstance(refusal, notes.AboutAPatient)
            form.refuse(refusal, "hours" if isinstance(refusal, sendings.NotThen) else "along")
        else:
            flash("Saved. It goes to both of you, in the words of the page at that time.", "good")
            return back(meeting_id, "prepare")
    return page_of(meeting_id, sending_form=form)


@bp.post("/meetings/<uuid:meeting_id>/carried/<uuid:item_id>")
@requires(Permission.ITEM_REPORT)
def report_item(meeting_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """What became of an action item from before: done, or not yet."""
    found = my_meeting(meeting_id, member=current_member)
    done = request.form.get("said") == "done"
    try:
        agendas.report(item_id, meeting=found, done=done, by=current_member, now=clock.now())
    except Refusal as refusal:
        return refused(meeting_id, refusal)
    return back(meeting_id, "prepare")


@bp.route("/meetings/<uuid:meeting_id>/agenda/<uuid:agenda_item_id>", methods=["GET", "POST"])
@requires(Permission.AGENDA_WRITE)
def change_agenda_item(meeting_id: UUID, agenda_item_id: UUID) -> ResponseReturnValue:
    found = my_meeting(meeting_id, member=current_member)
    now = clock.now()
    item = agendas.find(agenda_item_id, meeting=found)
    if item is None and request.method == "GET":
        raise NotYours
    form = AgendaItemForm(obj=item if request.method == "GET" else None)
    if item is not None:
        form.keep_length(item.minutes)
        form.minutes.data = form.minutes.data or form.minutes.default
    if form.validate_on_submit():
        try:
            agendas.change(
                agenda_item_id,
                meeting=found,
                kind=form.chosen if form.kind.data else None,
                what=form.what.data,
                minutes=form.minutes.data,
                link=form.link.data or "",
                seen=form.seen.data or "",
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal, _field(refusal))
        else:
            return back(meeting_id, f"item-{agenda_item_id}")
    # Whoever sends it again has now seen how it stands.
    form.seen.data = agendas.mark(item) if item else ""
    page = render_template(
        "scheduling/meeting_agenda_item.html", form=form, item=item, meeting_id=meeting_id
    )
    return page, form.status


@bp.post("/meetings/<uuid:meeting_id>/agenda/<uuid:agenda_item_id>/move")
@requires(Permission.AGENDA_WRITE)
def move_agenda_item(meeting_id: UUID, agenda_item_id: UUID) -> ResponseReturnValue:
    """One place up or down by a button, or before another one by dragging."""
    facts: dict[str, Any] = {
        "meeting": my_meeting(meeting_id, member=current_member),
        "by": current_member,
        "now": clock.now(),
    }
    to = request.form.get("to")
    try:
        if to == "before":
            before = request.form.get("before", type=UUID)
            agendas.place(agenda_item_id, before=before, **facts)
        else:
            direction = Direction.UP if to == Direction.UP else Direction.DOWN
            agendas.move(agenda_item_id, direction=direction, **facts)
    except Refusal as refusal:
        return refused(meeting_id, refusal)
    return back(meeting_id, "prepare")


@bp.post("/meetings/<uuid:meeting_id>/agenda/<uuid:agenda_item_id>/remove")
@requires(Permission.AGENDA_WRITE)
def remove_agenda_item(meeting_id: UUID, agenda_item_id: UUID) -> ResponseReturnValue:
    found = my_meeting(meeting_id, member=current_member)
    try:
        what = agendas.remove(agenda_item_id, meeting=found, by=current_member, now=clock.now())
    except Refusal as refusal:
        return refused(meeting_id, refusal)
    flash(f"Off the agenda: “{what}”. Add it again if that was a slip.")
    return back(meeting_id, "prepare")


@bp.post("/meetings/<uuid:meeting_id>/action-items")
@requires(Permission.ITEM_REPORT)
def take_on_task(meeting_id: UUID) -> ResponseReturnValue:
    """Write down what comes out of a meeting, and whose it is."""
    found = my_meeting(meeting_id, member=current_member)
    i_mentor = found.mentor_id == current_member.id
    form = TaskForm()
    if form.validate_on_submit():
        other_id = found.mentee_id if i_mentor else found.mentor_id
        mine = form.owner.data == "me"
        try:
            notes.insist_on_contact(found)
            action_items.take_on(
                pairing_id=found.pairing_id,
                meeting_id=found.id,
                owner=current_member if mine else people.member(other_id),
                what=form.task.data,
                due_on=form.due_on.data,
                by=current_member,
                now=clock.now(),
            )
        except action_items.DueInThePast as refusal:
            form.refuse(refusal, "due_on")
        except Refusal as refusal:
            form.refuse(refusal, "task")
        else:
            return back(meeting_id, "items")
    return page_of(meeting_id, task_form=form)


@bp.post("/meetings/<uuid:meeting_id>/held")
@requires(Permission.MEETING_HOLD)
def held(meeting_id: UUID) -> ResponseReturnValue:
    """They have met."""
    found = my_meeting(meeting_id, member=current_member)
    try:
        meeting_verbs.held(found, by=current_member, now=clock.now())
    except Refusal as refusal:
        return refused(meeting_id, refusal)
    flash("Good. One line of notes now saves both of you ten minutes next time.", "good")
    return back(meeting_id, "wrap")


@bp.post("/meetings/<uuid:meeting_id>/not-held")
@requires(Permission.MEETING_HOLD)
def not_held(meeting_id: UUID) -> ResponseReturnValue:
    """One of the two did not come."""
    found = my_meeting(meeting_id, member=current_member)
    form = AbsenceForm()
    if form.validate_on_submit():
        try:
            meeting_verbs.not_held(
                found, absent=Part(form.absent.data), by=current_member, now=clock.now()
            )
        except Refusal as refusal:
            return refused(meeting_id, refusal)
        flash("Recorded. It says nothing about why, and nobody else is told.")
        return back(meeting_id, "wrap")
    return page_of(meeting_id, absence_form=form)


@bp.post("/meetings/<uuid:meeting_id>/emergency")
@requires(Permission.MEETING_EXCUSE)
def excuse(meeting_id: UUID) -> ResponseReturnValue:
    """It was an emergency: it counts against nobody."""
    found = my_meeting(meeting_id, member=current_member)
    if not Form().validate_on_submit():
        return page_of(meeting_id, status=422)
    try:
        meeting_verbs.excuse(found, by=current_member, now=clock.now())
    except Refusal as refusal:
        return refused(meeting_id, refusal)
    flash("Noted. It counts against nobody.", "good")
    return redirect(url_for(".meeting", meeting_id=meeting_id), 303)


def _field(refusal: Refusal) -> str:
    """Beside which field of an agenda item a refusal is shown."""
    if isinstance(refusal, agendas.NoLink):
        return "link"
    return "minutes" if isinstance(refusal, agendas.MinutesOff) else "what"


def page_of(meeting_id: UUID, *, status: int = 200, **came_back: Form) -> ResponseReturnValue:
    """The meeting's page. A form that came back keeps its words; the others begin anew."""
    shown = opened.meeting(meeting_id, member=current_member, now=clock.now())
    forms = _fresh(shown) | came_back
    forms["task_form"].between(shown.called)
    forms["absence_form"].between(me=shown.part, other=shown.called)
    page = render_template(
        "scheduling/meeting.html",
        meeting=shown,
        instead=_next_mentor(shown),
        form=next(iter(came_back.values()), None),
        **forms,
    )
    return page, max(status, *(form.status for form in came_back.values()), 200)


def _next_mentor(shown: Opened) -> Next | None:
    """Whom a student may ask now that this has come to nothing."""
    if shown.i_mentor or shown.state not in onward.CAME_TO_NOTHING:
        return None
    return onward.next_mentor(
        shown.id,
        kind=shown.kind,
        topic=shown.topic,
        mentee_id=current_member.id,
        mentor_id=shown.other_id,
        now=clock.now(),
    )


def _fresh(shown: Opened) -> dict[str, Any]:
    """Every form of the page as it is when nothing was sent.

    Nothing that was sent fills them, whichever form it came from.
    """
    words, version = shown.notes, shown.notes_version
    return {
        "agenda_form": AgendaItemForm(formdata=None),
        "sending_form": SendingForm(
            formdata=None, hours=shown.sending.hours_before, along=shown.sending.along
        ),
        "shared_form": SharedNotesForm(formdata=None, words=words, version=version),
        "private_form": PrivateNotesForm(formdata=None, private=shown.private),
        "task_form": TaskForm(formdata=None),
        "absence_form": AbsenceForm(formdata=None),
    }


def refused(meeting_id: UUID, refusal: Refusal) -> ResponseReturnValue:
    """The page as it is now, with the reason on top."""
    flash(str(refusal), "bad")
    return page_of(meeting_id, status=409)


def back(meeting_id: UUID, anchor: str) -> ResponseReturnValue:
    """To a place on the meeting's page, once something was done."""
    return redirect(url_for(".meeting", meeting_id=meeting_id, _anchor=anchor), 303)
