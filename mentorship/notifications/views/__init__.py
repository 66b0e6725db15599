"""Pages about mail: what one wants of it, stopping it from a mail, and the demo's mailbox."""

from flask import Blueprint

bp = Blueprint("notifications", __name__)
stopping = Blueprint("stopping", __name__)
mailbox = Blueprint("mailbox", __name__, url_prefix="/dev/mail")

from mentorship.notifications.views import (  # they add pages to the blueprints
    caught,
    mail,
    stop,
)
