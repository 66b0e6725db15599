"""Trying a connection to a provider, step by step, without signing anybody in."""

from typing import Any, NamedTuple

from requests import RequestException

from mentorship.foundation import outbound
from mentorship.tenancy.university import metadata, relying, wire
from mentorship.tenancy.university.metadata import Step, Wrong
from mentorship.tenancy.university.relying import Client

_WORDS = {
    Step.ISSUER: "The issuer’s server answers",
    Step.DOCUMENT: "It describes itself (OpenID Connect Discovery)",
    Step.SAME_ISSUER: "It calls itself by the issuer you typed",
    Step.ENDPOINTS: "Its addresses are https",
    Step.PKCE: "It offers PKCE with S256",
    Step.ALGORITHM: "It signs so that only it can have signed",
    Step.CLIENT: "It lets a client prove itself by a secret",
    Step.KEYS: "Its keys can be read",
    Step.SECRET: "It takes the client’s id and secret",
}


class Checked(NamedTuple):
    """One step: what was looked at, and what is wrong there, if anything is."""

    words: str
    wrong: str = ""


def check(client: Client, *, redirect_uri: str) -> list[Checked]:
    """Every step up to the first that fails, with the reason for that."""
    try:
        _walk(client, redirect_uri)
        last, wrong = Step.SECRET, ""
    except Wrong as no:
        last, wrong = no.step, str(no)
    steps = list(Step)
    done = [Checked(_WORDS[step]) for step in steps[: steps.index(last)]]
    return [*done, Checked(_WORDS[last], wrong)]


def _walk(client: Client, redirect_uri: str) -> None:
    found = metadata.read(client.issuer, reach=client.reach)
    metadata.keys(found, reach=client.reach)
    said = _asked_with_no_code(client, found, redirect_uri)
    if said == "invalid_client":
        raise Wrong(Step.SECRET, "The provider says that the client’s id or secret is wrong.")
    if said == "unauthorized_client":
        raise Wrong(
            Step.SECRET, "The provider knows the client, but does not let it use a code to sign in."
        )
    # Whoever judges the code has taken the secret: there is no such code, as there should not be.
    if said not in ("invalid_grant", "invalid_request"):
        raise Wrong(
            Step.SECRET,
            "The provider does not say whether the secret is right. A test sign-in will show it.",
        )


def _asked_with_no_code(client: Client, found: metadata.Metadata, redirect_uri: str) -> Any:
    """What the provider answers to a code that nobody has: its error."""
    try:
        return relying.error_of_no_code(client, found, redirect_uri=redirect_uri)
    except outbound.Trouble as no:
        words = metadata.sentence(no.why, "The provider’s token_endpoint")
        raise Wrong(Step.SECRET, words) from None
    except (wire.NotAsExpected, RequestException, ValueError):
        raise Wrong(
            Step.SECRET, "The provider’s token_endpoint answered in a way that cannot be read."
        ) from None
