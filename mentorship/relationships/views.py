"""Pages of relationships."""

from flask import Blueprint

from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission

bp = Blueprint("relationships", __name__)


@bp.get("/pairings")
@requires(Permission.CHAPTER_SEE)
def pairings():
    return "pairings"
