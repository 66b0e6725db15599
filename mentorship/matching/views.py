"""Pages of matching."""

from flask import Blueprint

from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission

bp = Blueprint("matching", __name__)


@bp.get("/runs")
@requires(Permission.CHAPTER_SEE)
def runs():
    return "runs"
