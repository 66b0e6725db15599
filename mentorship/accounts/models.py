"""What accounts keep: people, and the links that let them in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
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
