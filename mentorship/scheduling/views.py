"""Pages of scheduling."""

from flask import Blueprint

from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission

bp = Blueprint("scheduling", __name__)


@bp.get("/inbox")
@requires(Permission.CHAPTER_SEE)
def inbox():
    return "inbox"


@bp.get("/meetings")
@requires(Permission.CHAPTER_SEE)
def meetings():
    return "meetings"


answers = Blueprint("answers", __name__)
