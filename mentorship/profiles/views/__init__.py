"""Pages of profiles: one's own, a mentor's, and the chapter's people."""

from flask import Blueprint

bp = Blueprint("profiles", __name__)

from mentorship.profiles.views import (  # noqa: E402  they add pages to bp
    mentors,  # noqa: F401
    mine,  # noqa: F401
    people,  # noqa: F401
    road,  # noqa: F401
)
