"""What can be done with a chapter's provider. Nobody is let in by one that was not tried first.

Whoever it has let in is signed out at their next request once it lets in nobody anymore: when it
is switched off or forgotten, when another issuer or client takes its place, and with its chapter. A
new secret of the same one ends no session.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from mentorship.accounts import sessions
from mentorship.audit import trail
from mentorship.foundation import outbound, sealing
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.settings import Settings
from mentorship.foundation.text import clean
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from mentorship.tenancy.university import claims
from mentorship.tenancy.university.models import (
    JOINS_AS,
    Arrival,
    Identity,
    Joining,
    Preset,
    Provider,
    ProviderState,
    UniversityDeed,
)
from mentorship.tenancy.university.relying import Client

#: Days before the end of a secret on which coordinators are warned, the first one first.
WARNED = (30, 7)
LONGEST_NAME = 60
LONGEST_ID = 255
LONGEST_SECRET = 500
MOST_DOMAINS = 20
_SEALED_FOR = "university secrets"
_DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)
_TENANT = re.compile(
    r"https://login\.microsoftonline\.com/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0"
)
#: Whoever has an account there has an address there, so that it vouches for no school.
_ANYBODYS = frozenset(
    (
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com"),
        *("yahoo.com", "icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com"),
        *("gmx.com", "gmx.de", "mail.com"),
    )
)


class NotSetUp(Refusal):
    sentence = "Your university’s sign-in is not set up yet. Save it first."


class NoName(Refusal):
    sentence = "Write the university’s name, as it should stand on the button."


class BadIssuer(Refusal):
    """The issuer cannot be one; the sentence says why."""


class NotOneTenant(Refusal):
    sentence = (
        "For Microsoft Entra the issuer names your university’s own tenant:"
        " https://login.microsoftonline.com/, its id, and /v2.0. With “common” anybody’s"
        " Microsoft account would be let in."
    )


class NoClient(Refusal):
    sentence = "Copy the client’s id from your university’s registration."


class NoSecret(Refusal):
    sentence = "Copy the client’s secret from your university’s registration."


class SecretOfAnother(Refusal):
    sentence = (
        "The secret belongs to the issuer and client that were here before. Copy the new one."
    )


class BadDomain(Refusal):
    """A domain cannot be one of a school; the sentence says which."""


class NotListed(Refusal):
    sentence = "The chapter has not listed this domain for its university."


class NoDomain(Refusal):
    sentence = "Name at least one domain, or nobody could join by their address."


class NoClaim(Refusal):
    sentence = "Say which claim makes somebody a member, and what has to stand in it."


class NotTried(Refusal):
    sentence = (
        "Sign in as a test first. So that nobody is locked out, it is switched on after that."
    )


@dataclass(frozen=True)
class Choices:
    """What a coordinator says of the university's provider."""

    name: str
    preset: Preset
    issuer: str
    client_id: str
    secret: str
    """Nothing leaves it as it is."""
    secret_ends_on: date | None
    domains: tuple[str, ...]
    joining: Joining
    claim_name: str = ""
    claim_value: str = ""
    joins_as: Role = Role.STUDENT


_MINE = select(Provider)


def here(*, for_update: bool = False) -> Provider | None:
    """The provider of the chapter that was entered."""
    statement = _MINE.with_for_update() if for_update else _MINE
    return db.session.scalars(
        statement.execution_options(populate_existing=for_update)
    ).one_or_none()


def live(*, for_update: bool = False) -> Provider | None:
    """The same, if people are let in by it."""
    provider = here(for_update=for_update)
    return provider if provider and provider.state == ProviderState.LIVE else None


def save(choices: Choices, *, by: Member, settings: Settings, now: datetime) -> Provider:
    """Say what the chapter's provider is.

    Asked in another way than before, it has to be tried again before it lets anybody in.

    :raises NoName, BadIssuer, NotOneTenant, NoClient, NoSecret: it could not be asked.
    :raises SecretOfAnother: the secret that is kept would be sent to somebody else.
    :raises BadDomain, NoDomain, NoClaim: nobody could come in by it.
    """
    provider = here(for_update=True)
    _insist_on_sense(choices, settings=settings)
    if provider is None:
        if not choices.secret:
            raise NoSecret
        provider = Provider(
            id=uuid7(),
            state=ProviderState.DRAFT,
            version=0,
            secret=b"",
            tested_version=None,
            confirmed=[],
        )
        db.session.add(provider)
    asked = (provider.issuer, provider.client_id, provider.preset)
    provider.name, provider.preset = clean(choices.name), choices.preset
    provider.issuer, provider.client_id = choices.issuer.strip(), choices.client_id.strip()
    # What was confirmed is that people of a domain may be led to this issuer, and to no other.
    same = asked[0] == provider.issuer
    provider.confirmed = [one for one in choices.domains if same and one in provider.confirmed]
    provider.domains = list(choices.domains)
    provider.joining, provider.joins_as = choices.joining, choices.joins_as
    provider.claim_name, provider.claim_value = choices.claim_name, choices.claim_value
    if choices.secret or provider.secret_ends_on != choices.secret_ends_on:
        provider.secret_ends_on, provider.warned_days = choices.secret_ends_on, None
    if choices.secret:
        provider.secret = _seal(choices.secret, provider.id, settings)
    elif asked[:2] != (provider.issuer, provider.client_id):
        raise SecretOfAnother
    if choices.secret or asked != (provider.issuer, provider.client_id, provider.preset):
        provider.version += 1
        provider.state = ProviderState.DRAFT
    provider.changed_at = now
    db.session.flush()
    if asked[:2] != (provider.issuer, provider.client_id):
        end_sessions(now=now)
    trail.record(UniversityDeed.SAVED, provider, by=by, now=now, version=provider.version)
    return provider


def confirm_domain(domain: str, *, is_theirs: bool = True, now: datetime) -> Provider:
    """Lead whoever types an address of this domain to the chapter's provider, or no longer.

    For whoever runs the product, who has looked whether domain and issuer are the chapter's
    university's: a coordinator could list anybody's domain, and have its people type their
    passwords at an issuer of their own. Twice changes nothing.

    :raises NotSetUp: there is no provider.
    :raises NotListed: the chapter has not named this domain.
    """
    provider = _of(None)
    if domain not in provider.domains:
        raise NotListed
    if (domain in provider.confirmed) != is_theirs:
        others = [one for one in provider.confirmed if one != domain]
        provider.confirmed = [*others, domain] if is_theirs else others
        deed = UniversityDeed.DOMAIN_CONFIRMED if is_theirs else UniversityDeed.DOMAIN_TAKEN_BACK
        trail.record(deed, provider, by=None, now=now, domain=domain)
    return provider


def note_test(provider_id: UUID, *, version: int, by: Member, now: datetime) -> None:
    """Note that a coordinator has signed in through it, with the version that they tried.

    :raises NotSetUp: there is none (anymore).
    :raises NotYours: there is another.
    """
    provider = _of(provider_id)
    provider.tested_version = version
    db.session.flush()
    trail.record(UniversityDeed.TESTED, provider, by=by, now=now, version=version)


def switch_on(*, by: Member, now: datetime) -> None:
    """Let people in by it. Twice changes nothing.

    :raises NotSetUp: there is none.
    :raises NotTried: it has not let in a coordinator yet as it is.
    """
    provider = _of(None)
    if provider.tested_version != provider.version:
        raise NotTried
    _move(provider, ProviderState.LIVE, UniversityDeed.SWITCHED_ON, by=by, now=now)


def switch_off(*, by: Member, now: datetime) -> None:
    """Let nobody in by it, for now. Mailed links and passkeys remain. Twice changes nothing.

    :raises NotSetUp: there is none.
    """
    _move(_of(None), ProviderState.DRAFT, UniversityDeed.SWITCHED_OFF, by=by, now=now)
    end_sessions(now=now)


def remove(*, by: Member, now: datetime) -> None:
    """Forget the provider and whom it knows. Their accounts stay as they are.

    :raises NotSetUp: there is none.
    """
    provider = _of(None)
    trail.record(UniversityDeed.REMOVED, provider, by=by, now=now)
    end_sessions(now=now)
    for kept in (Arrival, Identity, Provider):
        db.session.execute(delete(kept))


def end_sessions(*, now: datetime) -> None:
    """Sign out everybody whom the provider of the chapter that was entered has let in."""
    for provider_id in db.session.scalars(select(Provider.id)):
        sessions.end_begun_by(provider_id, now=now)


def client(provider: Provider, *, settings: Settings) -> Client:
    """What has to be known of it to ask it.

    :raises sealing.Sealed: the secret was sealed with a key that is forgotten.
    """
    return Client(
        id=provider.id,
        version=provider.version,
        issuer=provider.issuer,
        client_id=provider.client_id,
        secret=sealing.open_sealed(
            provider.secret,
            purpose=_SEALED_FOR,
            owner_id=provider.id,
            secrets=settings.secrets,
        ),
        reach=reach(settings),
    )


def rules(provider: Provider) -> claims.Rules:
    """What the chapter has said of it."""
    return claims.Rules(
        preset=Preset.of(provider.issuer, Preset(provider.preset)),
        domains=tuple(provider.domains),
        joining=Joining(provider.joining),
        claim_name=provider.claim_name,
        claim_value=provider.claim_value,
    )


def reach(settings: Settings) -> outbound.Reach:
    """Which providers may be asked here."""
    return outbound.reach(settings.university_reach, environment=settings.environment)


def warn_of_end(*, now: datetime, today: date) -> None:
    """Have the coordinators told that the secret ends, 30 and 7 days before. Each once."""
    provider = here(for_update=True)
    if provider is None or provider.secret_ends_on is None:
        return
    left = (provider.secret_ends_on - today) // timedelta(days=1)
    due = [days for days in WARNED if left <= days]
    if not due or (provider.warned_days or max(WARNED) + 1) <= due[-1]:
        return
    provider.warned_days = due[-1]
    trail.record(UniversityDeed.SECRET_ENDS, provider, by=None, now=now, days=max(left, 0))


def domains_in(text: str) -> tuple[str, ...]:
    """The domains in what somebody typed, with commas, spaces or lines between them.

    :raises BadDomain: one of them is none.
    """
    found = [word.strip().lower().lstrip("@") for word in re.split(r"[\s,;]+", text)]
    return tuple(dict.fromkeys(_domain(word) for word in found if word))


def _domain(word: str) -> str:
    if not _DOMAIN.fullmatch(word):
        raise BadDomain(f"“{word[:60]}” is not a domain like example.edu.")
    if word in _ANYBODYS:
        raise BadDomain(f"Anybody can have an address at {word}, so no university vouches for it.")
    return word


def _insist_on_sense(choices: Choices, *, settings: Settings) -> None:
    if not clean(choices.name) or len(choices.name) > LONGEST_NAME:
        raise NoName
    issuer = choices.issuer.strip()
    try:
        outbound.place(issuer, reach(settings))
    except outbound.Trouble:
        raise BadIssuer("The issuer is an address that begins with https://.") from None
    if "?" in issuer or "#" in issuer:
        raise BadIssuer("The issuer is an address without a question mark or a hash.")
    if Preset.of(issuer, choices.preset) is Preset.ENTRA and not _TENANT.fullmatch(issuer):
        raise NotOneTenant
    if not _typed(choices.client_id, LONGEST_ID):
        raise NoClient
    if choices.secret and not _typed(choices.secret, LONGEST_SECRET):
        raise NoSecret
    if len(choices.domains) > MOST_DOMAINS:
        raise BadDomain(f"Keep it to {MOST_DOMAINS} domains.")
    if choices.joining is Joining.DOMAIN and not choices.domains:
        raise NoDomain
    if choices.joining is Joining.CLAIM and not (choices.claim_name and choices.claim_value):
        raise NoClaim
    if choices.joins_as not in JOINS_AS:
        raise NotYours


def _typed(text: str, longest: int) -> bool:
    plain = text.strip()
    return 0 < len(plain) <= longest and plain.isascii() and plain.isprintable()


def _seal(secret: str, provider_id: UUID, settings: Settings) -> bytes:
    return sealing.seal(
        secret.strip(), purpose=_SEALED_FOR, owner_id=provider_id, secret=settings.secret_key
    )


def _of(provider_id: UUID | None) -> Provider:
    provider = here(for_update=True)
    if provider is None:
        raise NotSetUp
    if provider_id not in (None, provider.id):
        raise NotYours
    return provider


def _move(
    provider: Provider, state: ProviderState, deed: UniversityDeed, *, by: Member, now: datetime
) -> None:
    if provider.state != state:
        provider.state = state
        trail.record(deed, provider, by=by, now=now)
