"""Asking for a meeting, and answering."""

from mentorship.scheduling.views import bp
from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission


@bp.get("/inbox")
@requires(Permission.MEETING_ANSWER)
def inbox():
    return "inbox"
