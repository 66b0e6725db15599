"""Every deed and every look in words, and to whom it may be shown.

Four tables, and each deed stands in exactly one. What two people do with each other is no affair of
the chapter's: neither what it was, nor that it was, nor, of a wellness pairing, between whom.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from mentorship.audit.sights import Sight
from mentorship.files.models import DocumentDeed
from mentorship.matching.models import RunDeed
from mentorship.notifications.nudges.models import MailDeed
from mentorship.own_data.models import DataDeed
from mentorship.profiles.models import ProfileDeed, RosterDeed
from mentorship.profiles.road.models import RoadDeed
from mentorship.relationships.contacts.models import ContactDeed, RotationDeed, UpdateDeed
from mentorship.relationships.goals.models import GoalDeed
from mentorship.relationships.help import HelpDeed
from mentorship.relationships.models import (
    ActionItemDeed,
    AgreementDeed,
    BlockDeed,
    CheckInDeed,
    EvaluationDeed,
    FitCheckDeed,
    PairingDeed,
    RematchDeed,
)
from mentorship.safety.models import ConcernDeed, ResourceDeed
from mentorship.scheduling.conference.models import ConferenceDeed
from mentorship.scheduling.feeds.models import FeedDeed
from mentorship.scheduling.groups.models import SeatDeed, SessionDeed
from mentorship.scheduling.models import AgendaTemplateDeed, CalendarDeed, HoursDeed, MeetingDeed
from mentorship.scheduling.next_choices import NextDeed
from mentorship.scheduling.replies.models import ReplyDeed
from mentorship.scheduling.standing.models import StandingDeed
from mentorship.scheduling.thanks.models import ThanksDeed
from mentorship.scheduling.waiting.models import WaitDeed
from mentorship.tenancy.models import MemberDeed, SupportDeed
from mentorship.tenancy.roles import Reach, Role
from mentorship.tenancy.university.models import UniversityDeed

#: What is done with the chapter and its people: the advisor reads who did it, and to whom.
OPEN: dict[StrEnum, str] = {
    RunDeed.STARTED: "started a matching run",
    RunDeed.FINISHED: "finished a draft of a matching run",
    RunDeed.FAILED: "could not finish a draft of a matching run",
    RunDeed.PUBLISHED: "published a matching run",
    RunDeed.DISCARDED: "gave a matching run up",
    RunDeed.TRIED: "tried out a change to a matching run",
    RosterDeed.IMPORTED: "imported a roster",
    RosterDeed.CHANGED: "changed somebody by a roster",
    ProfileDeed.SAVED: "changed a profile",
    ProfileDeed.PAUSED: "paused mentoring",
    ProfileDeed.RESUMED: "took mentoring up again",
    RoadDeed.CHANGED: "changed the road map",
    RoadDeed.RESET: "put the road map back as it was at first",
    AgendaTemplateDeed.CHANGED: "changed an agenda template",
    AgendaTemplateDeed.RESET: "put an agenda template back as it was at first",
    ResourceDeed.CHANGED: "changed whom to call",
    EvaluationDeed.DECLARED: "said that they decide about students",
    EvaluationDeed.ENDED: "said that they no longer decide about students",
    UniversityDeed.SAVED: "changed how people sign in through the university",
    UniversityDeed.TESTED: "tested sign-in through the university",
    UniversityDeed.SWITCHED_ON: "switched sign-in through the university on",
    UniversityDeed.SWITCHED_OFF: "switched sign-in through the university off",
    UniversityDeed.REMOVED: "removed sign-in through the university",
    UniversityDeed.JOINED: "let somebody in whom the university vouched for",
    UniversityDeed.SECRET_ENDS: "warned that the university’s secret ends soon",
    UniversityDeed.DOMAIN_CONFIRMED: "confirmed a domain to be the university’s",
    UniversityDeed.DOMAIN_TAKEN_BACK: "took back that a domain is the university’s",
    UniversityDeed.SUBJECT_CHANGED: "saw the university call somebody by another id",
    MemberDeed.APPOINTED: "gave somebody a role",
    MemberDeed.DISMISSED: "took a role away",
    MemberDeed.HANDED_OVER: "named who follows in a role",
    MemberDeed.LEFT: "left the chapter",
    MemberDeed.TAKEN_OUT: "took somebody out of the chapter",
    MemberDeed.BROUGHT_BACK: "brought somebody back",
    MemberDeed.INVITED: "invited somebody",
    SupportDeed.ASKED: "was asked to let support in",
    SupportDeed.BEGAN: "let support in",
    SupportDeed.ENDED: "ended a visit of support",
    SupportDeed.LAPSED: "saw a visit of support come to its end",
    SupportDeed.LOOKED: "opened a page as support",
    DataDeed.KEEPING_SET: "changed how long things are kept",
    DataDeed.TIDIED: "removed what was kept for long enough",
    DataDeed.COPY_ASKED: "asked for a copy of the chapter",
    DataDeed.MEMBER_ERASED: "erased what was somebody’s, as they asked",
    DataDeed.REMOVAL_ASKED: "asked for the chapter’s end",
    DataDeed.REMOVAL_CONFIRMED: "confirmed the chapter’s end",
    DataDeed.REMOVAL_STOPPED: "stopped the chapter’s end",
    Sight.PEOPLE: "looked at the list of people",
    Sight.PEOPLE_FILE: "took the list of people along as a file",
    Sight.PERSON: "looked at somebody’s card",
    Sight.HEALTH: "looked at pairings by health",
    Sight.HEALTH_FILE: "took the pairings by health along as a file",
    Sight.WEEK: "looked at whom to help this week",
    Sight.TOLD: "read what coordinators were told",
    Sight.RUN: "looked at a matching run",
    Sight.TRAIL: "looked at this trail",
    Sight.TRAIL_FILE: "took this trail along as a file",
}

#: The advisor reads who did it and no more: with whom would say who has whom for what.
MUTED: dict[StrEnum, str] = {
    RunDeed.MARKED: "pinned a pair in a matching run, or set it aside",
    RunDeed.UNMARKED: "took back what was said of a pair in a matching run",
    PairingDeed.PROPOSED: "proposed a pairing",
    PairingDeed.ACCEPTED: "began a pairing",
    PairingDeed.PAUSED: "paused a pairing",
    PairingDeed.RESUMED: "resumed a pairing",
    PairingDeed.ENDED: "ended a pairing",
    PairingDeed.REOPENED: "reopened a pairing",
    HelpDeed.GIVEN: "helped somebody of this week’s list",
    HelpDeed.TAKEN_BACK: "took back a note on this week’s list",
}

#: Between two people, or somebody's own: it is shown to whoever it is about, and to nobody else.
BETWEEN: dict[StrEnum, str] = {
    MeetingDeed.REQUESTED: "asked for a meeting",
    MeetingDeed.REMINDED: "reminded of a request",
    MeetingDeed.MOVED: "asked the next mentor for a meeting",
    MeetingDeed.ACCEPTED: "accepted a meeting",
    MeetingDeed.DECLINED: "declined a meeting",
    MeetingDeed.WITHDRAWN: "took a request for a meeting back",
    MeetingDeed.LAPSED: "let a request lapse",
    MeetingDeed.CANCELLED: "called a meeting off",
    MeetingDeed.OTHER_TIMES: "proposed other times for a meeting",
    MeetingDeed.RESCHEDULED: "moved a meeting",
    MeetingDeed.TIME_KEPT: "kept the time of a meeting",
    MeetingDeed.HELD: "noted that a meeting was held",
    MeetingDeed.NOT_HELD: "noted that a meeting was not held",
    MeetingDeed.EXCUSED: "excused somebody from a meeting",
    MeetingDeed.AGENDA_CHANGED: "changed an agenda",
    MeetingDeed.AGENDA_PLANNED: "planned an agenda",
    MeetingDeed.AGENDA_SENT: "sent an agenda",
    MeetingDeed.ITEM_REPORTED: "reported on something of an agenda",
    AgreementDeed.WRITTEN: "wrote down what two people expect",
    CheckInDeed.LOGGED: "noted a check-in",
    ActionItemDeed.TAKEN_ON: "took something on",
    ActionItemDeed.FINISHED: "finished something that was taken on",
    ActionItemDeed.REOPENED: "reopened something that was taken on",
    ActionItemDeed.CHANGED: "changed something that was taken on",
    ActionItemDeed.REASSIGNED: "handed something over that was taken on",
    ActionItemDeed.DROPPED: "dropped something that was taken on",
    ActionItemDeed.RESTORED: "restored something that was taken on",
    FitCheckDeed.ASKED: "asked how it fits",
    UpdateDeed.SENT: "sent an update",
    UpdateDeed.WELL_DONE: "said well done to an update",
    ThanksDeed.SENT: "said thanks",
    ReplyDeed.NOTED: "noted the answer of a calendar",
    ReplyDeed.DECLINED: "read the no of a calendar",
    ReplyDeed.UNUSED: "could not use an answer by mail",
    NextDeed.ASKED: "asked the next mentor",
    NextDeed.NOT_ASKED: "did not ask the next mentor",
    StandingDeed.PROPOSED: "proposed to meet regularly",
    StandingDeed.REMINDED: "recalled the proposal to meet regularly",
    StandingDeed.AGREED: "agreed to meet regularly",
    StandingDeed.DECLINED: "declined to meet regularly",
    StandingDeed.WITHDRAWN: "took back the proposal to meet regularly",
    StandingDeed.LAPSED: "let the proposal to meet regularly lapse",
    StandingDeed.DATE_SET: "set a date of a regular meeting",
    StandingDeed.LEFT_OUT: "left a date of a regular meeting out",
    StandingDeed.STOPPED: "stopped meeting regularly",
    StandingDeed.ENDED: "ended meeting regularly",
    SessionDeed.ASKED: "asked for a session",
    SessionDeed.OPENED: "opened a session",
    SessionDeed.CHANGED: "changed a session",
    SessionDeed.CLASHED: "found a session in the way of a calendar",
    SessionDeed.CLASH_KEPT: "kept a session in the way of a calendar",
    SessionDeed.REMINDED: "reminded of a session",
    SessionDeed.DECLINED: "declined to hold a session",
    SessionDeed.CALLED_OFF: "called a session off",
    SeatDeed.TAKEN: "took a seat in a session",
    SeatDeed.QUEUED: "waited for a seat in a session",
    SeatDeed.MOVED_UP: "moved somebody up to a seat in a session",
    SeatDeed.CHANGED: "changed a session with a seat in it",
    SeatDeed.REMINDED: "reminded of a seat in a session",
    SeatDeed.LEFT: "gave a seat in a session back",
    SeatDeed.ENDED: "ended a seat in a session",
    SeatDeed.CALLED_OFF: "called a session off with a seat in it",
    ConferenceDeed.OPENED: "offered a few minutes at a conference",
    ConferenceDeed.CHANGED: "changed a meet-up at a conference",
    ConferenceDeed.CLASHED: "found a meet-up in the way of a calendar",
    ConferenceDeed.CLASH_KEPT: "kept a meet-up in the way of a calendar",
    ConferenceDeed.CLOSED: "took back the offer of a few minutes at a conference",
    ConferenceDeed.TAKEN: "took a few minutes at a conference",
    ConferenceDeed.GIVEN_BACK: "gave a few minutes at a conference back",
    ConferenceDeed.CALLED_OFF: "called a meet-up at a conference off",
    FeedDeed.ADDED: "linked a calendar",
    FeedDeed.CHANGED: "changed a linked calendar",
    FeedDeed.REMOVED: "removed a linked calendar",
    FeedDeed.UPLOADED: "uploaded a calendar",
    FeedDeed.WENT_QUIET: "could not read a linked calendar",
    FeedDeed.REST_SET: "set the rest after shifts",
    FeedDeed.CLASHED: "found a meeting in the way of a calendar",
    FeedDeed.CLASH_KEPT: "kept a meeting in the way of a calendar",
    FeedDeed.IGNORED: "ignored a time of a calendar",
    FeedDeed.COUNTED: "counted a time of a calendar again",
    CalendarDeed.OPENED: "opened an address of a calendar",
    CalendarDeed.CLOSED: "closed an address of a calendar",
    HoursDeed.SET: "set weekly hours",
    HoursDeed.LIMITED: "set limits for meetings",
    HoursDeed.OPENED: "opened a time",
    HoursDeed.CLOSED: "closed a time",
    HoursDeed.LEFT: "went away for a while",
    HoursDeed.RETURNED: "came back",
    DocumentDeed.ADDED: "kept a file",
    DocumentDeed.RENEWED: "kept a new version of a file",
    DocumentDeed.RESTORED: "restored a version of a file",
    DocumentDeed.SHARED: "showed a file to somebody",
    DocumentDeed.UNSHARED: "stopped showing a file",
    DocumentDeed.COMMENTED: "commented on a file",
    DocumentDeed.READ: "opened a file",
    DocumentDeed.DELETED: "deleted a file",
    RoadDeed.MARKED: "marked a step of the road map",
    MailDeed.CHOSEN: "chose what is mailed to them",
    MailDeed.STOPPED: "stopped a kind of mail",
}

#: Shown by the trail to nobody: a concern, a block and a doubt are told where it is safe, or never;
#: so is what somebody wrote or planned for themselves alone.
UNTOLD: frozenset[StrEnum] = frozenset(
    {
        *ConcernDeed,
        *BlockDeed,
        *RematchDeed,
        *WaitDeed,
        *GoalDeed,
        *ContactDeed,
        *RotationDeed,
        *(set(UpdateDeed) - {UpdateDeed.SENT, UpdateDeed.WELL_DONE}),
        FitCheckDeed.ANSWERED,
        MeetingDeed.NOTES_WRITTEN,
        NextDeed.CHOSEN,
        NextDeed.DROPPED,
        Sight.CONCERN,
    }
)

#: What the advisor can narrow the trail to: a name, and what the deeds of it begin with.
SORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people": ("Roles and people", ("member.", "roster.", "profile.", "evaluation.")),
    "looks": ("Who looked", ("seen.",)),
    "runs": ("Matching and pairings", ("run.", "pairing.", "help.")),
    "support": ("Support", ("support.",)),
    "sign-in": ("Sign-in", ("university.",)),
    "data": ("Keeping and leaving", ("keeping.", "chapter.")),
    "setting": ("How the chapter is set up", ("road.", "agenda_template.", "help_resources.")),
}

_WORDS: dict[str, str] = {str(deed): said for deed, said in (OPEN | MUTED | BETWEEN).items()}
SHOWN_TO_ADVISOR: tuple[str, ...] = (*OPEN, *MUTED)
SHOWN_TO_CONCERNED: tuple[str, ...] = tuple(_WORDS)


def words(deed: str) -> str:
    """What was done, after the name of whoever did it: `published a matching run`."""
    return _WORDS[deed]


def of_sort(sort: str) -> tuple[str, ...]:
    """The deeds that the advisor sees of one sort; all of them for none."""
    if sort not in SORTS:
        return SHOWN_TO_ADVISOR
    return tuple(deed for deed in SHOWN_TO_ADVISOR if deed.startswith(SORTS[sort][1]))


def details(deed: str, facts: Mapping[str, Any]) -> list[str]:
    """What more is known, of what may be told of any deed: numbers, roles, days, what it was."""
    if deed not in OPEN:
        return []
    found = [say(facts[name]) for name, say in _DETAILS.items() if facts.get(name) is not None]
    return found + [_change(*change) for change in _changes(facts)]


def _counted(noun: str) -> Callable[[Any], str]:
    return lambda count: f"{count} {noun}"


def _role(value: Any) -> str:
    return Role(value).label if value in list(Role) else str(value)


_DETAILS: dict[str, Callable[[Any], str]] = {
    "role": _role,
    "reach": lambda value: Reach(value).label if value in list(Reach) else str(value),
    "begins_at": lambda value: f"from {str(value)[:10]}",
    "ends_at": lambda value: f"until {str(value)[:10]}",
    "until": lambda value: f"until {str(value)[:16].replace('T', ' ')} UTC",
    "due_at": lambda value: f"on {str(value)[:10]}",
    "number": lambda value: f"number {value}",
    "draft": lambda value: f"draft {value}",
    "version": lambda value: f"version {value}",
    "added": _counted("added"),
    "updated": _counted("updated"),
    "stage": str,
    "fields": lambda value: ", ".join(value),
    "page": str,
}


def _changes(facts: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What was, and what is: every fact that holds two of these."""
    return [
        (name, *value)
        for name, value in sorted(facts.items())
        if name not in _DETAILS and isinstance(value, list) and len(value) == 2
    ]


def _change(name: str, old: Any, new: Any) -> str:
    was, now = (", ".join(map(str, one)) if isinstance(one, list) else one for one in (old, new))
    return f"{name.replace('_', ' ')}: {was if was not in (None, '') else 'none'} → {now}"
