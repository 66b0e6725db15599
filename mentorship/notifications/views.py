"""The demo's mailbox: what the local mail server has taken, as a page. Not in production."""

from flask import Blueprint

mailbox = Blueprint("mailbox", __name__, url_prefix="/dev/mail")
