"""Pages of relationships: what one does in a pairing. Where it is seen stands above, in insights.

A record's own question decides whose it is, so these pages ask for no more permission than
any page of the chapter: to whom a pairing does not belong, it does not exist.
"""

from flask import Blueprint

bp = Blueprint("relationships", __name__)
#: Pages that a mail leads to, for somebody who need not be signed in.
links = Blueprint("mail_answers", __name__)

from mentorship.relationships.views import (  # noqa: E402  they add pages to the blueprints
    action_items,  # noqa: F401
    agreements,  # noqa: F401
    by_mail,  # noqa: F401
    contacts,  # noqa: F401
    evaluations,  # noqa: F401
    fit,  # noqa: F401
    goals,  # noqa: F401
    pairings,  # noqa: F401
    states,  # noqa: F401
)
