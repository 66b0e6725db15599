"""A mentor's weekly hours."""

from mentorship.scheduling.views import bp
from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission


@bp.get("/hours")
@requires(Permission.HOURS_SET)
def hours():
    return "hours"
