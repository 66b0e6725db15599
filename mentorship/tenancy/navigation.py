"""What stands in the header: the way around a chapter, for the hats somebody wears there."""

from dataclasses import dataclass
from typing import NamedTuple

from flask import Flask, has_request_context, request, url_for
from flask_login import current_user

from mentorship.foundation import clock
from mentorship.tenancy.members import Member, Visitor, monogram
from mentorship.tenancy.roles import Permission, Role


class Way(NamedTuple):
    endpoint: str
    label: str
    icon: str


class Chapter(NamedTuple):
    slug: str
    name: str
    monogram: str
    roles_label: str
    current: bool


@dataclass(frozen=True)
class Item:
    href: str
    label: str
    icon: str
    current: bool
    count: int = 0


def ways(member: Member) -> list[Way]:
    """The pages in the header, five at most for anyone with one hat."""
    runs_it = member.may(Permission.HEALTH_SEE)
    in_it = member.is_student or member.is_mentor
    found = [Way("insights.home", "Home" if in_it or not runs_it else "Dashboard", "home")]
    if member.may(Permission.MEETING_REQUEST):
        found.append(Way("profiles.find_mentor", "Find", "search"))
    if member.may(Permission.INBOX_SEE):
        found.append(Way("scheduling.inbox", "Inbox", "inbox"))
    if member.may(Permission.MEETING_SEE):
        found.append(Way("scheduling.meetings", "Meetings", "calendar"))
    if member.may(Permission.PAIRING_SEE):
        both = "Mentors" if not member.is_mentor else "Mentees"
        both = "Pairings" if member.is_mentor and member.is_student else both
        found.append(Way("insights.pairings", both, "users"))
    if member.may(Permission.RUN_SEE):
        found.append(Way("matching.runs", "Matching", "match"))
    if member.may(Permission.PEOPLE_SEE):
        found.append(Way("profiles.people", "People", "user"))
    if runs_it and in_it:
        found.append(Way("insights.dashboard", "Dashboard", "chart"))
    return found


def init_app(app: Flask) -> None:
    @app.context_processor
    def around() -> dict:
        if not has_request_context():  # a mail, which has no way around
            return {}
        facts = {"theme": request.cookies.get("theme", ""), "now": clock.now()}
        facts |= {"me": None, "chapter": None, "nav": []}
        if not current_user.is_authenticated:
            return facts
        facts |= {"signed_in_as": current_user.email, "my_chapters": _chapters(current_user)}
        member = current_user.member
        if member is None:
            return facts
        here = (request.endpoint or "").removeprefix("chapter.")
        found = ways(member)
        under = _ROOMS.get(here, _ROOMS.get(here.split(".")[0], ()))
        if here in {way.endpoint for way in found}:
            under = (here,)
        nav = [
            Item(url_for(f"chapter.{way.endpoint}"), way.label, way.icon, way.endpoint in under)
            for way in found
        ]
        return facts | {"me": member, "chapter": current_user.chapter, "nav": nav}


def _chapters(visitor: Visitor) -> list[Chapter]:
    """Their chapters by name; of the one they are in, with the hats they wear there."""
    here = visitor.chapter.slug if visitor.chapter else ""
    roles = visitor.member.roles if visitor.member else frozenset()
    hats = ", ".join(role.label for role in Role if role in roles)
    return [
        Chapter(slug, name, monogram(name), hats if slug == here else "", slug == here)
        for slug, name in visitor.chapters
    ]


#: Which header item a page stands under, when it has none of its own.
_ROOMS = {
    "scheduling": ("scheduling.meetings",),
    "scheduling.ask": ("profiles.find_mentor",),
    "scheduling.inbox": (),
    "scheduling.hours": ("scheduling.inbox",),
    "scheduling.dates": ("scheduling.inbox",),
    "scheduling.limits": ("scheduling.inbox",),
    "scheduling.decline": ("scheduling.inbox",),
    "scheduling.my_updates": ("insights.pairings",),
    "scheduling.write_update": ("insights.pairings",),
    "scheduling.edit_update": ("insights.pairings",),
    "scheduling.update": ("insights.pairings",),
    "relationships": ("insights.pairings",),
    "insights.pairing": ("insights.pairings",),
    "files": ("insights.pairings",),
    "insights.dashboard": ("insights.home",),
    "insights.health": ("insights.dashboard", "insights.home"),
    "weekly": ("insights.dashboard", "insights.home"),
    "matching": ("matching.runs",),
    "profiles.mentor": ("profiles.find_mentor",),
    "profiles.import_roster": ("profiles.people",),
    "running.member": ("profiles.people",),
    "running.give_role": ("profiles.people",),
    "running.take_role": ("profiles.people",),
    "running.take_out": ("profiles.people",),
    "profiles.check_roster": ("profiles.people",),
    "profiles.bring_in": ("profiles.people",),
}
