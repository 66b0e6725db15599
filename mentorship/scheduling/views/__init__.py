"""Pages of scheduling: asking and answering, weekly hours, and the meeting itself."""

from flask import Blueprint

bp = Blueprint("scheduling", __name__)
answers = Blueprint("answers", __name__)

from mentorship.scheduling.views import (  # noqa: E402  they add pages to the blueprints
    agendas,  # noqa: F401
    answering,  # noqa: F401
    anyone,  # noqa: F401
    booking,  # noqa: F401
    calendar,  # noqa: F401
    conference,  # noqa: F401
    feeds,  # noqa: F401
    groups,  # noqa: F401
    hours,  # noqa: F401
    links,  # noqa: F401
    meetings,  # noqa: F401
    next_choices,  # noqa: F401
    notes,  # noqa: F401
    rescheduling,  # noqa: F401
    standing,  # noqa: F401
    tasks,  # noqa: F401
    thanks,  # noqa: F401
    updates,  # noqa: F401
    waiting,  # noqa: F401
)
