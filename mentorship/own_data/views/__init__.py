"""Pages of one's own data, which stand outside of the chapters, and of a chapter's."""

from flask import Blueprint

account = Blueprint("own_data", __name__)
bp = Blueprint("own_data", __name__)

from mentorship.own_data.views import (  # they add pages to the blueprints
    chapter,
    mine,
)
