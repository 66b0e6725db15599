"""Notes of a meeting: what both see, as it came to be, and what each keeps for themselves."""

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import notes, opened
from mentorship.scheduling.forms.meetings import PrivateNotesForm, RestoreForm, SharedNotesForm
from mentorship.scheduling.queries import my_meeting
from mentorship.scheduling.views import bp
from mentorship.scheduling.views.meetings import back, page_of
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import hour


@bp.post("/meetings/<uuid:meeting_id>/notes")
@requires(Permission.NOTES_WRITE)
def write_notes(meeting_id: UUID) -> ResponseReturnValue:
    """Save the notes that both see: by the button, or by the script while they are written."""
    found = my_meeting(meeting_id, member=current_member)
    form = SharedNotesForm()
    if form.validate_on_submit():
        try:
            version = notes.write_shared(
                meeting=found,
                words=form.words.data or "",
                seen_version=form.seen_version,
                anyway=form.anyway.data,
                by=current_member,
                now=clock.now(),
            )
        except notes.Overtaken as overtaken:
            return _merge(meeting_id, form, overtaken)
        except Refusal as refusal:
            form.warned = isinstance(refusal, notes.AboutAPatient)
            form.refuse(refusal, "words")
        else:
            return _saved(meeting_id, "shared", version=version, notes=found.notes)
    if _from_script():
        return _not_saved("shared", form.words.errors), form.status
    return page_of(meeting_id, shared_form=form)


@bp.route("/meetings/<uuid:meeting_id>/notes/history", methods=["GET", "POST"])
@requires(Permission.NOTES_WRITE)
def notes_history(meeting_id: UUID) -> ResponseReturnValue:
    """How the shared notes came to be, what one version changed, and the way back to it."""
    found = my_meeting(meeting_id, member=current_member)
    form = RestoreForm()
    if form.validate_on_submit():
        version, seen = form.wanted
        try:
            notes.restore(
                version, meeting=found, seen_version=seen, by=current_member, now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The notes read as they did then. What stood there is in the history.", "good")
            return back(meeting_id, "notes")
    chosen = request.args.get("version", type=int)
    page = render_template(
        "scheduling/meeting_notes_history.html",
        form=form,
        meeting=found,
        other=people.member(
            found.mentee_id if found.mentor_id == current_member.id else found.mentor_id
        ),
        history=notes.history(found, version=chosen, member=current_member),
    )
    return page, form.status


@bp.post("/meetings/<uuid:meeting_id>/private-notes")
@requires(Permission.NOTES_WRITE)
def write_private_notes(meeting_id: UUID) -> ResponseReturnValue:
    """Save what the reader keeps for themselves: by the button, or by the script."""
    found = my_meeting(meeting_id, member=current_member)
    form = PrivateNotesForm()
    if form.validate_on_submit():
        try:
            notes.write_private(
                meeting=found,
                words=form.private.data or "",
                anyway=form.private_anyway.data,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.warned = isinstance(refusal, notes.AboutAPatient)
            form.refuse(refusal, "private")
        else:
            return _saved(meeting_id, "private")
    if _from_script():
        return _not_saved("private", form.private.errors), form.status
    return page_of(meeting_id, private_form=form)


def _merge(
    meeting_id: UUID, form: SharedNotesForm, overtaken: notes.Overtaken
) -> ResponseReturnValue:
    """Both texts side by side, and one to save: nobody's words are lost."""
    if _from_script():
        said = "These notes were changed meanwhile. Yours are not saved: press Save to see both."
        return _not_saved("shared", [said]), 409
    mine = form.words.data or ""
    form.words.data = notes.merged(overtaken.words, mine)
    form.version.data = str(overtaken.version)
    form.refuse(overtaken)
    shown = opened.meeting(meeting_id, member=current_member, now=clock.now())
    page = render_template(
        "scheduling/meeting_merge.html", form=form, meeting=shown, theirs=overtaken.words, mine=mine
    )
    return page, 409


def _from_script() -> bool:
    """Whether the script saves while somebody writes. It sends no key: that is for the button."""
    return request.headers.get("HX-Request") == "true" and not request.form.get("form_key")


def _saved(
    meeting_id: UUID, which: str, *, version: int | None = None, notes: str = ""
) -> ResponseReturnValue:
    if not _from_script():
        flash("Notes saved.", "good")
        return back(meeting_id, "notes")
    at = hour(clock.now().astimezone(clock.zone(current_member.zone)))
    return _status(which, saved=True, words=f"Saved {at}.", version=version, notes=notes)


def _not_saved(which: str, errors: Any) -> Response:
    return _status(which, saved=False, words=" ".join(errors) or "Not saved.", version=None)


def _status(which: str, **facts: Any) -> Response:
    """Only how the saving went: a field that somebody writes in is never taken from them."""
    answer = make_response(render_template("scheduling/meeting_saved.html", which=which, **facts))
    answer.vary.add("HX-Request")
    return answer
