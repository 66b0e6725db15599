"""Browsers in which somebody has signed in before, and what these may ask for in their name.

Anybody can ask for links to somebody's address, and so use up what its mailbox gets in an hour. To
a browser that has once signed in with that address this makes no difference: it has an allowance of
its own. It holds a cookie that says so, signed by us, which lets nobody in and tells nobody whose
it is. See OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import hmac
from datetime import datetime, timedelta
from secrets import token_hex

from flask import Response, after_this_request, current_app, request

from mentorship.foundation import tokens

#: For so long a browser is known after a sign-in; a student comes back after a summer.
LIFE = timedelta(days=365)
_PURPOSE = "known device"


def remember(email: str, *, now: datetime) -> None:
    """Know this browser again as one in which somebody has signed in with this address."""
    settings = current_app.config["SETTINGS"]
    said = {"device": token_hex(8), "of": _digest(email, settings.secret_key)}
    token = tokens.sign(said, purpose=_PURPOSE, secret=settings.secret_key, until=now + LIFE)

    @after_this_request
    def hand_over(response: Response) -> Response:
        if response.status_code < 400:  # what is refused has let nobody in
            response.set_cookie(
                current_app.config["KNOWN_COOKIE_NAME"],
                token,
                max_age=LIFE,
                secure=current_app.config["SESSION_COOKIE_SECURE"],
                httponly=True,
                samesite="Lax",
            )
        return response


def device(email: str, *, now: datetime) -> str:
    """What this browser is called, if it is known with this address; nothing otherwise."""
    token = request.cookies.get(current_app.config["KNOWN_COOKIE_NAME"], "")
    secrets = current_app.config["SETTINGS"].secrets
    try:
        said = tokens.read(token, purpose=_PURPOSE, secret=secrets, now=now)
    except tokens.BadToken:
        return ""
    theirs = [hmac.compare_digest(said["of"], _digest(email, secret)) for secret in secrets]
    return f"device {said['device']}" if any(theirs) else ""


def _digest(email: str, secret: str) -> str:
    words = f"{_PURPOSE} {email.strip().lower()}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret.encode(), words, "sha256").hex()
