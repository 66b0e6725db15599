"""Pages of scheduling: asking and answering, weekly hours, and the meeting itself."""

from flask import Blueprint

bp = Blueprint("scheduling", __name__)
answers = Blueprint("answers", __name__)

from mentorship.scheduling.views import (  # they add pages to the blueprints
    agendas,
    answering,
    anyone,
    booking,
    calendar,
    conference,
    feeds,
    groups,
    hours,
    links,
    meetings,
    next_choices,
    notes,
    rescheduling,
    standing,
    tasks,
    thanks,
    updates,
    waiting,
)
