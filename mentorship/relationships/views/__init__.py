"""Pages of relationships: what one does in a pairing. Where it is seen stands above, in insights.

A record's own question decides whose it is, so these pages ask for no more permission than
any page of the chapter: to whom a pairing does not belong, it does not exist.
"""

from flask import Blueprint

bp = Blueprint("relationships", __name__)
#: Pages that a mail leads to, for somebody who need not be signed in.
links = Blueprint("mail_answers", __name__)

from mentorship.relationships.views import (  # they add pages to the blueprints
    action_items,
    agreements,
    by_mail,
    contacts,
    evaluations,
    fit,
    goals,
    pairings,
    states,
)
