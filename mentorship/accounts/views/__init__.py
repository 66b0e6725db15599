"""Signing in and out, and a person's own place, which belongs to no chapter."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from mentorship.accounts.views import (  # noqa: E402  they add pages to the blueprint
    activity,  # noqa: F401
    addresses,  # noqa: F401
    passkeys,  # noqa: F401
    place,  # noqa: F401
    signing_in,  # noqa: F401
)
