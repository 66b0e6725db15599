"""Whole addresses, for mails and calendars, which are read outside the product."""

from typing import Any

from flask import current_app, url_for


def absolute(endpoint: str, **values: Any) -> str:
    """The address of a page with the scheme and the host that `base_url` names.

    Whatever the request at hand says of itself, which a proxy may have passed on in plain http.
    """
    scheme = current_app.config["PREFERRED_URL_SCHEME"]
    return url_for(endpoint, _external=True, _scheme=scheme, **values)
