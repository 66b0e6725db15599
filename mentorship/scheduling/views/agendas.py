"""What the chapter's agendas are started with, and a file put on one as something to read."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.files import queries as files
from mentorship.foundation import clock
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import agenda_templates, agendas
from mentorship.scheduling.forms.agendas import TemplateForm
from mentorship.scheduling.models import ItemKind
from mentorship.scheduling.queries import my_meeting
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Phase
from mentorship.web.links import absolute


@bp.route("/agendas", methods=["GET", "POST"])
@requires(Permission.AGENDA_SET)
def agenda_template() -> ResponseReturnValue:
    kind, phase = _wanted()
    form = TemplateForm()
    if form.validate_on_submit():
        try:
            agenda_templates.change(
                kind, phase, lines=form.chosen(), by=current_member, now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved. Agendas that are begun from now on start with these.", "good")
            return _back(kind, phase)
    if not form.is_submitted():
        form.show(agenda_templates.lines(kind, phase))
    page = render_template(
        "scheduling/agenda_template.html",
        form=form,
        kind=kind,
        phase=phase,
        kinds=list(Kind),
        phases=list(Phase),
    )
    return page, form.status


@bp.post("/agendas/usual")
@requires(Permission.AGENDA_SET)
def reset_agenda_template() -> ResponseReturnValue:
    """Back to the usual items."""
    kind, phase = _wanted()
    agenda_templates.reset(kind, phase, by=current_member, now=clock.now())
    flash("These agendas start with the usual items again.", "good")
    return _back(kind, phase)


@bp.post("/meetings/<uuid:meeting_id>/agenda/files/<uuid:document_id>")
@requires(Permission.AGENDA_WRITE)
def add_file(meeting_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """Put a file that the two show each other on their agenda: its address, never its bytes."""
    now = clock.now()
    meeting = my_meeting(meeting_id, member=current_member)
    name = files.name_in_pairing(
        document_id, pairing_id=meeting.pairing_id, member=current_member, now=now
    )
    agendas.add(
        meeting=meeting,
        what=name,
        kind=ItemKind.READING,
        link=absolute("chapter.files.document", document_id=document_id),
        by=current_member,
        now=now,
    )
    flash(f"{name} is on the agenda, to be read before.", "good")
    return redirect(url_for(".meeting", meeting_id=meeting.id), 303)


def _wanted() -> tuple[Kind, Phase]:
    """Which template the address names; the first of all where it names none."""
    kind, phase = request.args.get("kind"), request.args.get("phase")
    return (
        Kind(kind) if kind in set(Kind) else Kind.CAREER,
        Phase(phase) if phase in set(Phase) else Phase.EARLY,
    )


def _back(kind: Kind, phase: Phase) -> ResponseReturnValue:
    return redirect(url_for(".agenda_template", kind=kind, phase=phase), 303)
