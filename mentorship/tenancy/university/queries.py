"""Questions about signing in through a university."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, select

from mentorship.foundation.database import db
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership

_LIVE = select(
    func.live_universities(bindparam("slug", type_=Text), bindparam("domain", type_=Text))
    .table_valued("slug", "name")
    .render_derived()
)
_OF = select(
    func.universities_of(bindparam("user_id", type_=Uuid))
    .table_valued("slug", "chapter", "name", "connected_at")
    .render_derived()
)
_MEMBER_ID = select(Membership.id).where(
    Membership.user_id == bindparam("user_id"), Membership.left_at.is_(None)
)


class Door(NamedTuple):
    """A chapter whose university lets people in."""

    slug: str
    name: str


@dataclass(frozen=True)
class Connection:
    """A university of one of somebody's chapters, and since when it can let them in."""

    slug: str
    chapter: str
    name: str
    connected_at: datetime | None


def doors(*, slug: str = "", domain: str = "") -> list[Door]:
    """The live universities of the chapter at this address, or that vouch for this domain."""
    rows = db.session.execute(_LIVE, {"slug": slug, "domain": domain})
    return [Door(row.slug, row.name) for row in rows]


def universities_of(user_id: UUID) -> list[Connection]:
    """The live universities of somebody's chapters, over all of them."""
    rows = db.session.execute(_OF, {"user_id": user_id})
    return [Connection(row.slug, row.chapter, row.name, row.connected_at) for row in rows]


def member_with(user_id: UUID) -> Member | None:
    """Somebody's membership of the chapter that was entered."""
    member_id = db.session.scalar(_MEMBER_ID, {"user_id": user_id})
    return None if member_id is None else queries.member(member_id)
