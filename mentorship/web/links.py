"""Whole addresses, for mails and calendars, which are read outside the product."""

from typing import Any

from flask import url_for


def absolute(endpoint: str, **values: Any) -> str:
    """The address of a page with the host that `base_url` names."""
    return url_for(endpoint, _external=True, **values)
