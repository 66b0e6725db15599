"""What passkeys keep: their public halves, and which challenges were answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mentorship.foundation.database import Identified, Model


class Passkey(Identified, Model):
    """The public half of a key that only its person's device can use. It is no secret."""

    __tablename__ = "passkeys"
    __table_args__ = (
        CheckConstraint("sign_count >= 0", name="sign_count"),
        # Web Authentication Level 3, 4: credential ids are 16 to 1023 bytes long.
        CheckConstraint("length(credential_id) BETWEEN 16 AND 1023", name="credential_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """As COSE has it (RFC 9052)."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often it has signed, by its own count; always 0 for one that is on several devices."""
    aaguid: Mapped[UUID]
    """The make of what holds it; all zeros where that says nothing."""
    transports: Mapped[list[str]]
    """How a browser can reach what holds it: internal, hybrid, usb, nfc, ble."""
    is_synced: Mapped[bool]
    """Whether what holds it may copy it to the person's other devices."""
    is_backed_up: Mapped[bool]
    """Whether there is such a copy."""
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SpentChallenge(Model):
    """A challenge that was answered. It is good for nothing anymore, whoever has a copy of it."""

    __tablename__ = "spent_challenges"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)
    """When it would have ended anyway, after which nothing needs to be remembered."""
