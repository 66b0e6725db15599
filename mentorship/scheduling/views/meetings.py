"""A member's meetings."""

from mentorship.scheduling.views import bp
from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission


@bp.get("/meetings")
@requires(Permission.MEETING_SEE)
def meetings():
    return "meetings"
