"""Pages of matching: the runs of a chapter, and what could be otherwise."""

from flask import Blueprint

bp = Blueprint("matching", __name__)

from mentorship.matching.views import review, runs, trials  # they add pages to bp
