"""What a provider says of somebody, and what that is worth. Pure.

An address is worth something only where the provider says, as JSON's own true, that it has verified
it (OpenID Connect Core 1.0, 5.1), and where the chapter has said that the university may vouch for
its domain. Microsoft Entra says nothing of the kind, and its tenants' administrators can write any
address there: it is believed only with its own claim that the owner of the domain was verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email

from mentorship.foundation.text import clean
from mentorship.tenancy.university.models import Joining, Preset

#: The longest subject there is, in ASCII (OpenID Connect Core 1.0, 2).
LONGEST_SUBJECT = 255
LONGEST_NAME = 120


@dataclass(frozen=True)
class Rules:
    """What a chapter has said of its provider."""

    preset: Preset
    domains: tuple[str, ...]
    joining: Joining
    claim_name: str = ""
    claim_value: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody whom the provider has let in."""

    subject: str
    email: str
    """Lower case; nothing where the provider says none, or none that is an address."""
    vouched: bool
    """Whether the address is theirs as far as this chapter believes its university."""
    name: str
    has_claim: bool
    """Whether the claim is said of them that makes somebody a member."""


def person(claims: Mapping[str, Any], rules: Rules) -> Person:
    """What claims that were checked already say of somebody."""
    email = _email(claims.get("email"))
    return Person(
        subject=claims["sub"],
        email=email,
        vouched=bool(email) and _vouched(email, claims, rules),
        name=_name(claims, email),
        has_claim=_has(claims, rules),
    )


def is_subject(given: Any) -> bool:
    """Whether it can be somebody's: text, not empty, not without end."""
    return isinstance(given, str) and 0 < len(given) <= LONGEST_SUBJECT and given.isprintable()


def domain(email: str) -> str:
    """What comes after the @."""
    return email.rpartition("@")[2]


def _vouched(email: str, claims: Mapping[str, Any], rules: Rules) -> bool:
    if domain(email) not in rules.domains:
        return False
    if rules.preset is Preset.ENTRA:
        # It comes as true, 1 or "1", by the kind of token.
        return claims.get("xms_edov") in (True, 1, "1")
    if rules.preset is Preset.GOOGLE and claims.get("hd") not in rules.domains:
        return False
    return claims.get("email_verified") is True


def _has(claims: Mapping[str, Any], rules: Rules) -> bool:
    if rules.joining is not Joining.CLAIM or not rules.claim_name:
        return False
    said = claims.get(rules.claim_name)
    values = said if isinstance(said, list) else [said]
    return any(isinstance(each, str) and each == rules.claim_value for each in values)


def _email(given: Any) -> str:
    if not isinstance(given, str):
        return ""
    try:
        return validate_email(given, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return ""


def _name(claims: Mapping[str, Any], email: str) -> str:
    parts = [claims.get("given_name"), claims.get("family_name")]
    both = " ".join(part for part in parts if isinstance(part, str))
    said = claims.get("name")
    named = said if isinstance(said, str) else both
    return " ".join(clean(named).split())[:LONGEST_NAME] or email.partition("@")[0]
