"""Signing in and out, and a person's own place, which belongs to no chapter."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from mentorship.accounts.views import (  # they add pages to the blueprint
    activity,
    addresses,
    passkeys,
    place,
    signing_in,
)
