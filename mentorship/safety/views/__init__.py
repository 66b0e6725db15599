"""Pages of safety: whom to call, concerns, and blocks.

Who reads a concern is decided by its own question and not by a role, so these pages ask for no
more permission than any page of the chapter: to whom a concern does not go, it does not exist.
"""

from flask import Blueprint

bp = Blueprint("safety", __name__)

from mentorship.safety.views import (  # they add pages to the blueprint
    blocks,
    concerns,
    help,
    triage,
)
