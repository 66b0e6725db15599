"""Pages of profiles: one's own, a mentor's, and the chapter's people."""

from flask import Blueprint

bp = Blueprint("profiles", __name__)

from mentorship.profiles.views import mentors, mine, people  # noqa: E402, F401  they add pages to bp
