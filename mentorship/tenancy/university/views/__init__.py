"""Pages of signing in through a university: at the door, and where a coordinator sets it up.

`doors` stands outside the chapter's own door, since whoever comes by it is not signed in yet.
"""

from flask import Blueprint

bp = Blueprint("university", __name__)
doors = Blueprint("university_doors", __name__, url_prefix="/c/<chapter_slug>/auth")

from mentorship.tenancy.university.views import (  # they add pages to the blueprints
    at_the_door,
    settings,
)
