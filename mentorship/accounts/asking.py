"""Asking for a mailed link, and remembering in the browser that it was this one that asked."""

from uuid import UUID

from flask import request, session

from mentorship.accounts import devices, known, links
from mentorship.foundation import clock, rates

_KEPT = "asked_for_link"


def ask(email: str, *, next_path: str = "") -> None:
    """Queue a link for this address, if it is known, that is good for this browser.

    The one that it asked for before ends. The session is signed, so nobody can make their own
    browser the one that asked.

    :raises TooMany: this browser, or its place on the network, asks for links all the time.
    """
    now = clock.now()
    device = known.device(email, now=now)
    whose = device or rates.place(request.remote_addr)
    rates.insist(rates.SIGN_IN_ASKS, whose, now=now)
    link_id = links.ask(
        email=email,
        next_path=next_path,
        whose=whose,
        is_known=bool(device),
        asked_from=devices.named(request.user_agent.string),
        instead_of=asked(),
        now=now,
    )
    session[_KEPT] = {"link": str(link_id), "email": email}


def asked() -> UUID | None:
    """The newest link that this browser has asked for; None if it has asked for none."""
    kept = session.get(_KEPT)
    return UUID(kept["link"]) if kept else None


def asked_by() -> str:
    """The address that it was asked for with, as it was typed; nothing if none was."""
    kept = session.get(_KEPT)
    return kept["email"] if kept else ""


def forget() -> None:
    """It is no longer waited for."""
    session.pop(_KEPT, None)
