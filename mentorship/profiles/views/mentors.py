"""Finding a mentor, and a mentor's page."""

from mentorship.profiles.views import bp
from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission


@bp.get("/find")
@requires(Permission.MENTOR_FIND)
def find_mentor():
    return "find_mentor"


@bp.get("/mentors/<uuid:mentor_id>")
@requires(Permission.MENTOR_FIND)
def mentor(mentor_id):
    return "mentor"
