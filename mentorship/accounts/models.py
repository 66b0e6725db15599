"""What accounts keep: people, and the links that let them in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, false
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Identified, Model


class User(Identified, Model):
    """A person, once, however many chapters they belong to and whatever hats they wear.

    Their name belongs to their membership; what is theirs alone is the address, the time
    zone, and the number of mentees they have room for over all chapters and kinds.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        CheckConstraint("places BETWEEN 0 AND 50", name="places"),
    )

    email: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str]
    places: Mapped[int | None] = mapped_column(SmallInteger)
    """Capacity as a mentor; none when they do not mentor."""
    is_network_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class SignInLink(Identified, Model):
    """A link that lets one person in, once. The mail carries a signed form of its id."""

    __tablename__ = "sign_in_links"
    __table_args__ = (Index(None, "expires_at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    next_path: Mapped[str] = mapped_column(default="")
    """Where the person was going when they were asked to sign in; a path of ours."""
    is_bound: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it is good for the browser that asked for it, or for whoever has it."""
    asked_from: Mapped[str] = mapped_column(default="", server_default="")
    """What the device that asked calls itself."""


class AddressChange(Identified, Model):
    """That a person wants another address. The new one gets a link, the old one a way back."""

    __tablename__ = "address_changes"
    __table_args__ = (CheckConstraint("new_email = lower(new_email)", name="new_email_is_lower"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    old_email: Mapped[str]
    new_email: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """When the link to the new address stops to work."""
    changed_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class DeviceSession(Identified, Model):
    """A person who is signed in on one device, from one sign-in to its end."""

    __tablename__ = "device_sessions"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended"),
        CheckConstraint("octet_length(token_digest) = 32", name="token_digest"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """SHA-256 of what the browser holds. It changes whenever the person proves who they are."""
    way: Mapped[str]
    """How they proved who they are when they came: a `sessions.Way`."""
    device: Mapped[str]
    """What the browser says it is, in words: `Chrome on Android`."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    """To within five minutes."""
    proven_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
    provider_id: Mapped[UUID | None]
    """The university's provider that let them in. No key: a provider may go before the session."""
    logout_hint: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What that provider wants to be told at sign-out, sealed."""
