"""Questions about chapters and their people."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Row, Uuid, bindparam, func, select

from mentorship.accounts import sessions
from mentorship.accounts.models import DeviceSession, User
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.tenancy.members import Affiliated, ChapterCard, Member, Visitor
from mentorship.tenancy.models import Chapter, Membership, SupportVisit, visit_goes_on
from mentorship.tenancy.roles import Reach, Role

# A slug never changes its chapter, so one look is enough for the life of the process.
_ids: dict[str, UUID] = {}
_CHAPTER_ID = select(Chapter.id).where(Chapter.slug == bindparam("slug"))

_of = func.chapters_of(User.id).table_valued("chapter_id", "slug", "name").render_derived()
_CHAPTERS = (
    select(func.json_agg(func.json_build_array(_of.c.slug, _of.c.name)))
    .select_from(_of)
    .scalar_subquery()
)
_CHAPTER_IDS_OF = select(
    func.chapters_of(bindparam("user_id", type_=Uuid))
    .table_valued("chapter_id", "slug", "name")
    .render_derived()
    .c.chapter_id
)
_now = bindparam("now", type_=DateTime(timezone=True))
_SESSION = (
    DeviceSession.id,
    DeviceSession.way,
    DeviceSession.created_at,
    DeviceSession.last_used_at,
    DeviceSession.proven_at,
    func.oversees(User.id).label("oversees"),
)
_VISITOR = (
    select(
        User.id.label("user_id"),
        User.email,
        User.zone,
        User.is_network_admin,
        _CHAPTERS.label("chapters"),
        *_SESSION,
    )
    .select_from(DeviceSession)
    .join(User, User.id == DeviceSession.user_id)
    .where(
        DeviceSession.token_digest == bindparam("token_digest", type_=LargeBinary),
        DeviceSession.ended_at.is_(None),
    )
)
_VISITOR_HERE = (
    _VISITOR.add_columns(
        Membership.id.label("member_id"),
        Membership.name,
        Membership.roles,
        Membership.left_at,
        SupportVisit.reach,
        Chapter.slug,
        Chapter.name.label("chapter_name"),
        Chapter.school,
        Chapter.zone.label("chapter_zone"),
    )
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(Chapter, Chapter.id == Membership.chapter_id)
    .outerjoin(SupportVisit, (SupportVisit.member_id == Membership.id) & visit_goes_on(_now))
)
_MEMBER = select(
    Membership.id, Membership.user_id, Membership.name, Membership.roles, User.email, User.zone
).join(User, User.id == Membership.user_id)
_ONE = _MEMBER.where(Membership.id == bindparam("member_id"))
_ACTING = (
    _ONE.add_columns(SupportVisit.reach, User.is_network_admin)
    .outerjoin(SupportVisit, (SupportVisit.member_id == Membership.id) & visit_goes_on(_now))
    .where(Membership.left_at.is_(None))
)
_BY_EMAIL = _MEMBER.where(User.email == func.lower(bindparam("email")))
_LEFT_AT = select(Membership.left_at).where(Membership.id == bindparam("member_id"))
_ADVISOR = select(Membership.id).where(
    Membership.left_at.is_(None), Membership.roles.contains([Role.ADVISOR])
)
_SEVERAL = _MEMBER.where(Membership.id == func.any(bindparam("member_ids")))


def chapter_id(slug: str) -> UUID | None:
    """The chapter at this address. Asked before any chapter is entered."""
    if "\0" in slug:  # which no text in PostgreSQL can hold
        return None
    if slug not in _ids:
        found = db.session.execute(_CHAPTER_ID, {"slug": slug}).scalar_one_or_none()
        db.session.rollback()
        if found is None:
            return None
        _ids[slug] = found
    return _ids[slug]


def chapter_ids() -> list[UUID]:
    """Every chapter there is, for the worker's rounds and for commands."""
    found = list(db.session.scalars(select(Chapter.id).order_by(Chapter.id)))
    db.session.rollback()
    return found


def chapters_of(user_id: UUID) -> list[UUID]:
    """The chapters that a person belongs to. Asked before any chapter is entered."""
    found = list(db.session.scalars(_CHAPTER_IDS_OF, {"user_id": user_id}))
    db.session.rollback()
    return found


def visitor(token: str, *, chapter_id: UUID | None, now: datetime) -> Visitor | None:
    """Who holds the token of a session: as a member of the chapter that was entered, or of none.

    One statement. A person who does not belong to the chapter is a visitor without a member; so is
    one who has left, or of whose roles none counts anymore. Whose session was ended, or is over,
    is nobody.
    """
    found = _visitor(token, chapter_id, now=now)
    return None if found is None or found.session.is_over(now) else found


def _visitor(token: str, chapter_id: UUID | None, *, now: datetime) -> Visitor | None:
    facts = {"token_digest": sessions.digest(token)}
    if chapter_id is None:
        alone = db.session.execute(_VISITOR, facts).one_or_none()
        return None if alone is None else _visitor_of(alone)
    row = db.session.execute(_VISITOR_HERE, facts | {"now": now}).one_or_none()
    if row is None or row.member_id is None:
        return None if row is None else _visitor_of(row)
    reach = _reach(row)
    if row.left_at is not None or not (row.roles or reach):
        return _visitor_of(row, was_in=row.chapter_name)
    card = ChapterCard(chapter_id, row.slug, row.chapter_name, row.school, row.chapter_zone)
    member = replace(member_of(row, row.member_id), reach=reach)
    return _visitor_of(row, member=member, chapter=card)


def _visitor_of(
    row: Row,
    *,
    member: Member | None = None,
    chapter: ChapterCard | None = None,
    was_in: str = "",
) -> Visitor:
    return Visitor(
        user_id=row.user_id,
        email=row.email,
        zone=row.zone,
        is_network_admin=row.is_network_admin,
        member=member,
        chapter=chapter,
        chapters=tuple(sorted(Affiliated(slug, name) for slug, name in row.chapters or ())),
        session=sessions.session_of(row),
        was_in=was_in,
    )


def member(member_id: UUID) -> Member:
    """A member of this chapter by id.

    :raises NotYours: there is none in this chapter.
    """
    row = db.session.execute(_ONE, {"member_id": member_id}).one_or_none()
    if row is None:
        raise NotYours
    return member_of(row)


def acting(member_id: UUID, *, now: datetime) -> Member:
    """A member as they may act at this moment, for a job that they have left to us.

    :raises NotYours: they have left meanwhile, or nothing of theirs counts anymore.
    """
    row = db.session.execute(_ACTING, {"member_id": member_id, "now": now}).one_or_none()
    if row is None or not (row.roles or _reach(row)):
        raise NotYours
    return replace(member_of(row), reach=_reach(row))


def _reach(row: Row) -> Reach | None:
    """What somebody may by a visit that goes on; a role of their own stands in its place."""
    return Reach(row.reach) if row.reach and row.is_network_admin and not row.roles else None


def member_by_email(email: str) -> Member | None:
    """The member of this chapter with that address, whatever its case."""
    row = db.session.execute(_BY_EMAIL, {"email": email.strip()}).one_or_none()
    return None if row is None else member_of(row)


def members(member_ids: list[UUID]) -> dict[UUID, Member]:
    """Members of this chapter by their ids; ids of others are left out."""
    rows = db.session.execute(_SEVERAL, {"member_ids": member_ids})
    return {row.id: member_of(row) for row in rows}


def left_at(member_id: UUID) -> datetime | None:
    """When a member of this chapter left it; None while they belong to it."""
    return db.session.execute(_LEFT_AT, {"member_id": member_id}).scalar_one()


def has_advisor() -> bool:
    """Whether anybody advises this chapter today."""
    return db.session.execute(_ADVISOR.limit(1)).first() is not None


def member_of(row: Row, member_id: UUID | None = None) -> Member:
    """A member of the chapter that was entered, from a row with the columns of one."""
    return Member(
        id=member_id or row.id,
        user_id=row.user_id,
        chapter_id=scope.here(),
        name=row.name,
        email=row.email,
        zone=row.zone,
        roles=frozenset(Role(role) for role in row.roles),
    )


def card() -> ChapterCard:
    """The chapter that was entered."""
    row = db.session.execute(
        select(Chapter.id, Chapter.slug, Chapter.name, Chapter.school, Chapter.zone).where(
            Chapter.id == scope.here()
        )
    ).one()
    return ChapterCard(*row)
