"""An action item made from what stands on a meeting's page: an agenda item, or a line of notes."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock
from mentorship.foundation.text import clean
from mentorship.relationships import action_items
from mentorship.scheduling import notes, opened
from mentorship.scheduling.forms.meetings import TaskForm
from mentorship.scheduling.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission


@bp.get("/meetings/<uuid:meeting_id>/action-items/new")
@requires(Permission.ITEM_REPORT)
def task_from(meeting_id: UUID) -> ResponseReturnValue:
    """Choose a line, and word it as something to do. The meeting's own page takes it."""
    meeting = opened.meeting(meeting_id, member=current_member, now=clock.now())
    form = TaskForm()
    form.between(meeting.called)
    form.task.data = (clean(request.args.get("what", "")) or "")[: action_items.LONGEST]
    lines = [line.what for line in meeting.agenda] + notes.lines(meeting.notes)
    return render_template(
        "scheduling/task_from.html",
        form=form,
        meeting=meeting,
        lines=[line[: action_items.LONGEST] for line in dict.fromkeys(lines)],
    )
