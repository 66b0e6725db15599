"""What signing in through a university keeps: the chapter's provider, and who is who there."""

from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Model, one_of
from mentorship.foundation.scope import ChapterRecord, chapter_key
from mentorship.tenancy.roles import Role


class Preset(StrEnum):
    """Whose product the provider is, as far as that changes what its claims are worth."""

    GOOGLE = "google"
    ENTRA = "entra"
    OKTA = "okta"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _PRESETS[self]

    @classmethod
    def of(cls, issuer: str, chosen: "Preset") -> "Preset":
        """Whose product it is. Google's and Microsoft's issuers are theirs, whatever was chosen."""
        return _HOSTS.get(urlsplit(issuer).hostname or "", chosen)


_HOSTS = {
    "accounts.google.com": Preset.GOOGLE,
    "login.microsoftonline.com": Preset.ENTRA,
}
_PRESETS = {
    Preset.GOOGLE: "Google Workspace",
    Preset.ENTRA: "Microsoft Entra",
    Preset.OKTA: "Okta",
    Preset.OTHER: "Another OpenID provider",
}


class Joining(StrEnum):
    """Who becomes a member by signing in, without having been brought in before."""

    INVITED = "invited"
    DOMAIN = "domain"
    CLAIM = "claim"

    @property
    def label(self) -> str:
        return _JOINING[self]


_JOINING = {
    Joining.INVITED: "Nobody. The chapter brings people in",
    Joining.DOMAIN: "Whoever has an address at one of these domains",
    Joining.CLAIM: "Whoever has the claim below",
}

#: What somebody can become by signing in. Whoever runs a chapter is made so by a person.
JOINS_AS = (Role.STUDENT, Role.MENTOR)


class ProviderState(StrEnum):
    DRAFT = "draft"
    """Nobody is let in by it, but for a test by a coordinator."""
    LIVE = "live"


class How(StrEnum):
    """How somebody's account and the university's came to be one."""

    JOINED = "joined"
    """The account was made for it."""
    EMAIL = "email"
    MAIL = "mail"
    """Through a link that was mailed to the address."""
    SELF = "self"
    """By their own act, while they were signed in."""


class UniversityDeed(StrEnum):
    SAVED = "university.saved"
    TESTED = "university.tested"
    SWITCHED_ON = "university.switched_on"
    SWITCHED_OFF = "university.switched_off"
    REMOVED = "university.removed"
    JOINED = "university.joined"
    SECRET_ENDS = "university.secret_ends"
    SUBJECT_CHANGED = "university.subject_changed"
    DOMAIN_CONFIRMED = "university.domain_confirmed"
    DOMAIN_TAKEN_BACK = "university.domain_taken_back"


class Provider(ChapterRecord, Model):
    """The OpenID provider of a chapter's university. A chapter has one, or none."""

    __tablename__ = "university_providers"
    __table_args__ = (
        UniqueConstraint("chapter_id"),
        one_of("preset", Preset),
        one_of("joining", Joining),
        one_of("joins_as", JOINS_AS),
        one_of("state", ProviderState),
        CheckConstraint("state = 'draft' OR tested_version = version", name="live_is_tested"),
        CheckConstraint("confirmed <@ domains", name="confirmed"),
        CheckConstraint(
            "joining <> 'claim' OR (claim_name <> '' AND claim_value <> '')", name="claim"
        ),
    )

    name: Mapped[str]
    """What stands on the button: the university's name."""
    preset: Mapped[str]
    issuer: Mapped[str]
    """Exactly as the provider writes it, a slash at its end or none."""
    client_id: Mapped[str]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed to this record; never shown again."""
    secret_ends_on: Mapped[date | None]
    warned_days: Mapped[int | None] = mapped_column(SmallInteger)
    """How many days before its end the coordinators were warned last: 30 or 7."""
    domains: Mapped[list[str]]
    """Whose addresses the university may vouch for; lower case."""
    confirmed: Mapped[list[str]] = mapped_column(server_default="{}")
    """Those of them whose people are led here by their address: whoever runs the product has looked
    whether they are this university's."""
    joining: Mapped[str]
    claim_name: Mapped[str]
    claim_value: Mapped[str]
    joins_as: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    """Counts what was ever changed of how the provider is asked, so that every process sees it."""
    tested_version: Mapped[int | None]
    """The version with which a coordinator has signed in as a test."""
    changed_at: Mapped[datetime]


class Identity(ChapterRecord, Model):
    """That somebody at the chapter's university is a member. Never known by their address."""

    __tablename__ = "university_identities"
    __table_args__ = (
        UniqueConstraint("chapter_id", "issuer", "subject"),
        UniqueConstraint("chapter_id", "user_id", "issuer"),
        chapter_key("user_id", to="memberships", on=("user_id",)),
        one_of("how", How),
    )

    issuer: Mapped[str]
    subject: Mapped[str]
    user_id: Mapped[UUID]
    how: Mapped[str]
    connected_at: Mapped[datetime]


class Arrival(ChapterRecord, Model):
    """Somebody whom the university has let in, and of whom only their mailbox can say who it is."""

    __tablename__ = "university_arrivals"
    __table_args__ = (Index(None, "chapter_id", "ends_at"),)

    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str]
    name: Mapped[str]
    admitted: Mapped[bool]
    """Whether a claim of theirs makes them a member."""
    next_path: Mapped[str]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
