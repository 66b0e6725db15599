"""Pages of insights."""

from flask import Blueprint

from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission

bp = Blueprint("insights", __name__)


@bp.get("/")
@requires(Permission.CHAPTER_SEE)
def home():
    return "home"
