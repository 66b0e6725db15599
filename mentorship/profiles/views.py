"""Pages of profiles."""

from flask import Blueprint

from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission

bp = Blueprint("profiles", __name__)


@bp.get("/find")
@requires(Permission.CHAPTER_SEE)
def find_mentor():
    return "find_mentor"


@bp.get("/people")
@requires(Permission.CHAPTER_SEE)
def people():
    return "people"


@bp.get("/mentors/<uuid:mentor_id>")
@requires(Permission.CHAPTER_SEE)
def mentor(mentor_id):
    return "mentor"


@bp.get("/people/import")
@requires(Permission.CHAPTER_SEE)
def import_roster():
    return "import_roster"


@bp.get("/profile")
@requires(Permission.CHAPTER_SEE)
def edit():
    return "edit"
