"""Pages about mail: what one wants of it, stopping it from a mail, and the demo's mailbox."""

from flask import Blueprint

bp = Blueprint("notifications", __name__)
stopping = Blueprint("stopping", __name__)
mailbox = Blueprint("mailbox", __name__, url_prefix="/dev/mail")

from mentorship.notifications.views import (  # noqa: E402  they add pages to the blueprints
    caught,  # noqa: F401
    mail,  # noqa: F401
    stop,  # noqa: F401
)
