"""The chapter's people, and their roster."""

from mentorship.profiles.views import bp
from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission


@bp.get("/people")
@requires(Permission.PEOPLE_SEE)
def people():
    return "people"


@bp.get("/people/import")
@requires(Permission.ROSTER_IMPORT)
def import_roster():
    return "import_roster"
