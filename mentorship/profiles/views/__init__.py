"""Pages of profiles: one's own, a mentor's, and the chapter's people."""

from flask import Blueprint

bp = Blueprint("profiles", __name__)

from mentorship.profiles.views import (  # they add pages to bp
    mentors,
    mine,
    people,
    road,
)
