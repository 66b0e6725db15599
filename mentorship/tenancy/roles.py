"""Who may do what to which: every permission by role, relationship and state, in one table.

A permission is a row: its name as `noun:verb`, what it lets one do, which roles carry it, what
somebody has to be to the record, and where the record has to stand. Pages name one and the door
checks the role; verbs `insist` on all of it, with the sentence that says no; templates ask
`me.may(…)` before they show a button. The table of the documentation is made from this one.

What depends on the clock, on limits or on other people's calendars is no permission: it is a
refusal beside its verb.
"""

from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from mentorship.foundation.errors import NotYours, Refusal


class Role(StrEnum):
    STUDENT = "student"
    MENTOR = "mentor"
    OFFICER = "officer"
    COORDINATOR = "coordinator"
    ADVISOR = "advisor"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Role.STUDENT: "Student",
    Role.MENTOR: "Mentor",
    Role.OFFICER: "Chapter officer",
    Role.COORDINATOR: "Coordinator",
    Role.ADVISOR: "Faculty advisor",
}


class Reach(StrEnum):
    """What a chapter lets somebody from the network do while they help. They have no role."""

    READS = "reads"
    RUNS = "runs"

    @property
    def label(self) -> str:
        return (
            "May look, and change nothing" if self is Reach.READS else "May do what coordinators do"
        )


class Whose(StrEnum):
    """What somebody has to be to a record. Records say who their people are, by name."""

    CHAPTERS = "anything of the chapter"
    OWN = "their own"
    ITS_TWO = "of the two it is between"
    FROM_OR_TO = "from them, or to them"
    ITS_MENTEE = "as its mentee"
    ITS_MENTOR = "as its mentor"
    NOT_ITS_MENTOR = "another mentor’s"
    ITS_MENTOR_OR_COORDINATOR = "as its mentor; a coordinator, any"
    ITS_MENTOR_OR_RUN = "as its mentor; who runs the program, any"
    ITS_AUDIENCE = "what they are shown"
    """The question that finds it knows: it is asked in SQL, on the member's behalf."""
    ITS_TRIAGERS = "what comes to them, and is not about them"
    """As above; a concern goes to the advisors, and past whoever it is about."""

    def holds(self, member: "Somebody", record: Any) -> bool:
        """Whether somebody is that to the record."""
        match self:
            case Whose.OWN:
                return member.id == _owner_id(record)
            case Whose.ITS_TWO:
                return member.id in (record.mentee_id, record.mentor_id)
            case Whose.FROM_OR_TO:
                return member.id in (record.from_id, record.to_id)
            case Whose.ITS_MENTEE:
                return member.id == record.mentee_id
            case Whose.ITS_MENTOR:
                return member.id == record.mentor_id
            case Whose.NOT_ITS_MENTOR:
                return member.id != record.mentor_id
            case Whose.ITS_MENTOR_OR_COORDINATOR:
                return Role.COORDINATOR in member.roles or member.id == record.mentor_id
            case Whose.ITS_MENTOR_OR_RUN:
                return bool(_RUN_IT & member.roles) or member.id == record.mentor_id
            case Whose.ITS_TRIAGERS:
                return record.triages
        return True


class Somebody(Protocol):
    """Whoever asks: a `Member`, which this file lies below."""

    @property
    def id(self) -> UUID: ...
    @property
    def roles(self) -> frozenset[Role]: ...
    @property
    def reach(self) -> "Reach | None": ...


_ALL = frozenset(Role)
_STUDENT, _MENTOR = frozenset({Role.STUDENT}), frozenset({Role.MENTOR})
_PAIRED = _STUDENT | _MENTOR
_COORDINATOR, _ADVISOR = frozenset({Role.COORDINATOR}), frozenset({Role.ADVISOR})
_RUN_IT = _COORDINATOR | _ADVISOR
_SEE_IT = _RUN_IT | {Role.OFFICER}


class Permission(StrEnum):
    """The table. A state that is not named is one in which the answer is no, in words."""

    words: str
    roles: frozenset[Role]
    whose: Whose
    when: frozenset[str] | None
    """States of the record; None where its state does not matter, or it has none."""

    def __new__(
        cls,
        name: str,
        words: str,
        roles: frozenset[Role],
        whose: Whose = Whose.CHAPTERS,
        when: str = "",
    ) -> "Permission":
        self = str.__new__(cls, name)
        self._value_ = name
        self.words, self.roles, self.whose = words, roles, whose
        self.when = frozenset(when.split()) or None
        return self

    # The chapter
    CHAPTER_SEE = "chapter:see", "Open their home, and see whom to call", _ALL
    HEALTH_SEE = "health:see", "See whether people are served, in numbers", _SEE_IT
    HELP_GIVE = "help:give", "Help somebody on this week’s list", _SEE_IT - _ADVISOR
    WORDS_READ = "words:read", "Read what coordinators were told", _COORDINATOR
    RESOURCES_SET = "resources:set", "Name whom to call first", _RUN_IT
    AGENDA_SET = "agenda:set", "Set what agendas begin with", _COORDINATOR
    ROAD_SET = "road:set", "Set the chapter’s road map", _COORDINATOR
    UNIVERSITY_SET = "university:set", "Set up sign-in through the university", _COORDINATOR

    # People
    PROFILE_EDIT = "profile:edit", "Change their profile, and what is mailed to them", _ALL
    PROFILE_FILL = "profile:fill", "Say what they look for or offer", _PAIRED
    MENTOR_FIND = "mentor:find", "Look for a mentor, and see one’s profile", _ALL
    WISH_SET = "wish:set", "Say whom they would like", _STUDENT
    STUDENT_WISH = "student:wish", "Say whom they would like to mentor", _MENTOR
    ROAD_WALK = "road:walk", "Walk the road map", _STUDENT
    EVALUATION_SAY = "evaluation:say", "Say what they decide about students", _MENTOR, Whose.OWN
    PEOPLE_SEE = "people:see", "See everybody, and take the list along", _RUN_IT
    ROLE_GIVE = "role:give", "Give a role and its term, or take it away", _RUN_IT
    HANDOVER_READ = (
        *("handover:read", "Read what a successor should know"),
        *(_ALL, Whose.FROM_OR_TO),
    )
    ROLE_HAND_OVER = "role:hand_over", "Name who follows them in a role", _RUN_IT
    MEMBER_TAKE_OUT = "member:take_out", "Take somebody out, invite them, bring them back", _RUN_IT
    MEMBER_LEAVE = "member:leave", "Leave the chapter", _ALL
    KEEPING_SET = "keeping:set", "Say how long things are kept", _RUN_IT
    CHAPTER_COPY = "chapter:copy", "Take a copy of the chapter along", _RUN_IT
    COPY_FETCH = "copy:fetch", "Fetch the copy that they asked for", _RUN_IT, Whose.OWN
    CHAPTER_REMOVE = "chapter:remove", "Ask for the chapter’s end, confirm it, stop it", _RUN_IT
    SETTINGS_SEE = "settings:see", "See how the chapter is set up", _RUN_IT
    TRAIL_SEE = "trail:see", "See who did and who saw what in the chapter", _ADVISOR
    SUPPORT_LET = "support:let", "Let somebody from the network help, and end that", _RUN_IT
    ROSTER_IMPORT = "roster:import", "Upload a roster", _COORDINATOR
    ROSTER_BRING_IN = (
        *("roster:bring_in", "Bring in the people of a roster"),
        *(_COORDINATOR, Whose.OWN, "checked failed"),
    )

    # Pairings
    PAIRING_SEE = "pairing:see", "See their pairings, and what is owed in them", _PAIRED
    PAIRING_READ = "pairing:read", "Read a pairing, also one that is over", _ALL, Whose.ITS_TWO
    PAIRING_AGREE = (
        *("pairing:agree", "Write down what the two expect"),
        *(_ALL, Whose.ITS_TWO, "accepted active paused"),
    )
    PAIRING_PAUSE = (
        *("pairing:pause", "Pause a pairing"),
        *(_ALL, Whose.ITS_TWO, "accepted active"),
    )
    PAIRING_RESUME = "pairing:resume", "Resume a pairing", _ALL, Whose.ITS_TWO, "paused"
    PAIRING_END = (
        *("pairing:end", "End a pairing"),
        *(_ALL, Whose.ITS_TWO, "proposed accepted active paused"),
    )
    PAIRING_COMPLETE = (
        *("pairing:complete", "Say that a pairing has done what it was for"),
        *(_ALL, Whose.ITS_TWO, "accepted active paused"),
    )
    PAIRING_REOPEN = (
        *("pairing:reopen", "Take their ending of a pairing back"),
        *(_ALL, Whose.ITS_TWO, "completed ended"),
    )
    REMATCH_WISH = (
        *("rematch:wish", "Ask for another mentor"),
        *(_ALL, Whose.ITS_MENTEE, "completed ended"),
    )
    CONTACT_NOTE = (
        *("contact:note", "Note that the two were in touch"),
        *(_ALL, Whose.ITS_TWO, "accepted active paused"),
    )
    CONTACT_UNDO = "contact:undo", "Take such a note back", _ALL, Whose.OWN
    FIT_ANSWER = (
        *("fit:answer", "Say how it fits"),
        *(_ALL, Whose.ITS_TWO, "accepted active paused"),
    )
    ITEM_TAKE_ON = (
        *("item:take_on", "Take on an action item"),
        *(_ALL, Whose.ITS_TWO, "accepted active paused"),
    )
    ITEM_CHANGE = "item:change", "Tick, change or drop an action item", _ALL, Whose.ITS_TWO
    STANDING_PROPOSE = (
        *("standing:propose", "Propose to meet regularly"),
        *(_PAIRED, Whose.ITS_TWO, "accepted active paused"),
    )
    STANDING_ANSWER = (
        *("standing:answer", "Say yes or no to that"),
        *(_PAIRED, Whose.ITS_TWO, "proposed"),
    )
    STANDING_STOP = (
        *("standing:stop", "Stop meeting regularly"),
        *(_PAIRED, Whose.ITS_TWO, "agreed"),
    )

    # Meetings
    MEETING_SEE = "meeting:see", "See a meeting", _PAIRED, Whose.ITS_TWO
    DATE_TAKE = (
        *("date:take", "Take its date along, for any calendar"),
        *(_PAIRED, Whose.ITS_TWO, "accepted"),
    )
    MEETING_REQUEST = (
        *("meeting:request", "Ask a mentor for a meeting"),
        *(_STUDENT, Whose.NOT_ITS_MENTOR),
    )
    INBOX_SEE = "inbox:see", "See who asks them", _MENTOR, Whose.ITS_MENTOR
    MEETING_ANSWER = (
        *("meeting:answer", "Say yes to a request, or propose another time"),
        *(_PAIRED, Whose.ITS_TWO, "requested"),
    )
    MEETING_DECLINE = (
        *("meeting:decline", "Decline a request"),
        *(_MENTOR, Whose.ITS_MENTOR, "requested"),
    )
    MEETING_WITHDRAW = (
        *("meeting:withdraw", "Take a request back, and say whom to ask next"),
        *(_STUDENT, Whose.ITS_MENTEE, "requested"),
    )
    MEETING_MOVE = (
        *("meeting:move", "Propose other times, take one, or keep the time"),
        *(_PAIRED, Whose.ITS_TWO, "accepted"),
    )
    MEETING_CANCEL = (
        *("meeting:cancel", "Call a meeting off"),
        *(_PAIRED, Whose.ITS_TWO, "accepted"),
    )
    MEETING_EXCUSE = (
        *("meeting:excuse", "Say that it was an emergency"),
        *(_PAIRED, Whose.ITS_TWO, "cancelled no_show"),
    )
    MEETING_HOLD = (
        *("meeting:hold", "Say that they have met, or that somebody did not come"),
        *(_PAIRED, Whose.ITS_TWO, "accepted"),
    )
    CLASH_KEEP = (
        *("clash:keep", "Let a meeting stay, whatever their calendar says"),
        *(_MENTOR, Whose.ITS_MENTOR),
    )
    AGENDA_WRITE = (
        *("agenda:write", "Write the agenda, and send it"),
        *(_PAIRED, Whose.ITS_TWO, "requested accepted"),
    )
    ITEM_REPORT = (
        *("item:report", "Say at a meeting what came of an action item, or take one on"),
        *(_PAIRED, Whose.ITS_TWO),
    )
    NOTES_WRITE = "notes:write", "Write notes, shared or private", _PAIRED, Whose.ITS_TWO
    THANKS_SAY = "thanks:say", "Say thanks", _PAIRED, Whose.ITS_MENTEE, "held"

    # Times
    HOURS_SET = "hours:set", "Say when they are free, and pause", _MENTOR, Whose.OWN
    FEED_SET = "feed:set", "Link a calendar, and say what in it counts", _MENTOR, Whose.OWN
    WAIT_JOIN = "wait:join", "Wait for a mentor", _STUDENT, Whose.NOT_ITS_MENTOR
    WAIT_LEAVE = (
        *("wait:leave", "Wait no more"),
        *(_STUDENT, Whose.ITS_MENTEE, "waiting offered"),
    )
    WAIT_TAKE = "wait:take", "Take the place that is offered", _STUDENT, Whose.ITS_MENTEE, "offered"
    WAIT_SEE = "wait:see", "See how many wait for a mentor", _ALL, Whose.ITS_MENTOR_OR_RUN

    # Sessions and the conference
    SESSION_SEE = (
        *("session:see", "See sessions for several at once"),
        *(_PAIRED | _COORDINATOR, Whose.ITS_AUDIENCE),
    )
    SESSION_JOIN = (
        *("session:join", "Take a seat in a session"),
        *(_STUDENT, Whose.NOT_ITS_MENTOR, "open"),
    )
    SESSION_LEAVE = "session:leave", "Give their seat back", _STUDENT, Whose.OWN
    SESSION_OPEN = "session:open", "Open a session, or ask a mentor for one", _MENTOR | _COORDINATOR
    SESSION_ANSWER = (
        *("session:answer", "Say yes or no to a session they are asked for"),
        *(_MENTOR, Whose.ITS_MENTOR, "asked"),
    )
    SESSION_CHANGE = (
        *("session:change", "Give a session another place, and its mentor another time"),
        *(_MENTOR | _COORDINATOR, Whose.ITS_MENTOR_OR_COORDINATOR, "open"),
    )
    SESSION_CALL_OFF = (
        *("session:call_off", "Call a session off"),
        *(_MENTOR | _COORDINATOR, Whose.ITS_MENTOR_OR_COORDINATOR, "asked open"),
    )
    CONFERENCE_SEE = "conference:see", "See who has a few minutes at a conference", _PAIRED
    CONFERENCE_OPEN = "conference:open", "Offer a few minutes there", _MENTOR
    CONFERENCE_CHANGE = (
        *("conference:change", "Change that offer, or take it back"),
        *(_MENTOR, Whose.ITS_MENTOR),
    )
    CONFERENCE_TAKE = (
        *("conference:take", "Take a few minutes there"),
        *(_STUDENT, Whose.NOT_ITS_MENTOR),
    )
    CONFERENCE_LEAVE = "conference:leave", "Give them back", _STUDENT, Whose.ITS_MENTEE

    # What somebody writes and keeps
    GOAL_SET = "goal:set", "Set a goal, and say who sees it", _STUDENT, Whose.OWN
    GOAL_WORK = "goal:work", "Work on a goal, and settle it", _STUDENT, Whose.OWN, "active"
    GOAL_TAKE_UP = (
        *("goal:take_up", "Take a goal up again"),
        *(_STUDENT, Whose.OWN, "reached let_go"),
    )
    UPDATE_WRITE = "update:write", "Write a few lines to their mentors", _ALL, Whose.OWN
    ROTATION_KEEP = "rotation:keep", "Say when their rotations end", _ALL, Whose.OWN
    FILE_KEEP = "file:keep", "Keep files", _PAIRED
    FILE_READ = "file:read", "Read a file, and comment on it", _ALL, Whose.ITS_AUDIENCE
    FILE_CHANGE = "file:change", "Renew, show or delete a file", _ALL, Whose.OWN

    # Safety
    PERSON_BLOCK = "person:block", "Stop contact with somebody, and lift that", _ALL
    CONTACT_STOP = (
        *("contact:stop", "Stop contact with the other of a pairing, and lift that"),
        *(_ALL, Whose.ITS_TWO),
    )
    CONCERN_REPORT = "concern:report", "Report a concern", _ALL
    CONCERN_READ = (
        *("concern:read", "See how far a concern has come"),
        *(_ALL, Whose.ITS_AUDIENCE),
    )
    CONCERN_LOOK = "concern:look", "Look at a concern", _ALL, Whose.ITS_TRIAGERS, "received"
    CONCERN_TAKE = "concern:take", "Have it in hand", _ALL, Whose.ITS_TRIAGERS, "looked_at"
    CONCERN_WORK = (
        *("concern:work", "Note something on it, keep the two apart"),
        *(_ALL, Whose.ITS_TRIAGERS, "looked_at in_hand closed"),
    )
    CONCERN_CLOSE = (
        *("concern:close", "Close it, or pass it on"),
        *(_ALL, Whose.ITS_TRIAGERS, "looked_at in_hand"),
    )
    CONCERN_REOPEN = "concern:reopen", "Take it in hand again", _ALL, Whose.ITS_TRIAGERS, "closed"

    # Matching
    RUN_SEE = "run:see", "See a matching run", _RUN_IT
    RUN_TRY = "run:try", "Try out what a change would do", _RUN_IT, Whose.CHAPTERS, "review"
    RUN_WORK = "run:work", "Start a matching run", _COORDINATOR
    RUN_AGAIN = (
        *("run:again", "Change what a run seeks, and run it again"),
        *(_COORDINATOR, Whose.CHAPTERS, "review failed"),
    )
    RUN_JUDGE = (
        *("run:judge", "Pin a pair, or set it aside"),
        *(_COORDINATOR, Whose.CHAPTERS, "review"),
    )
    RUN_PUBLISH = (
        *("run:publish", "Publish a draft"),
        *(_COORDINATOR, Whose.CHAPTERS, "review"),
    )
    RUN_DISCARD = (
        *("run:discard", "Give a run up"),
        *(_COORDINATOR, Whose.CHAPTERS, "queued running review failed"),
    )


_READS = frozenset(
    {
        *(Permission.CHAPTER_SEE, Permission.HEALTH_SEE, Permission.PEOPLE_SEE),
        *(Permission.RUN_SEE, Permission.SETTINGS_SEE),
    }
)
#: What carries a permission for whoever helps by consent. Nothing that people wrote is among it,
#: and nobody's role or access is theirs to decide.
SUPPORT: dict[Reach, frozenset[Permission]] = {
    Reach.READS: _READS,
    Reach.RUNS: _READS
    | {
        *(Permission.HELP_GIVE, Permission.RESOURCES_SET, Permission.AGENDA_SET),
        *(Permission.ROAD_SET, Permission.ROSTER_IMPORT, Permission.ROSTER_BRING_IN),
        *(Permission.RUN_TRY, Permission.RUN_WORK, Permission.RUN_AGAIN, Permission.RUN_JUDGE),
        *(Permission.RUN_PUBLISH, Permission.RUN_DISCARD),
    },
}

#: Permissions by name, for templates.
NAMED: dict[str, Permission] = {str(permission): permission for permission in Permission}


def may(permission: Permission, member: Somebody, record: Any = None) -> bool:
    """Whether somebody may do that: by role, and if a record is given, to it as it stands."""
    if not _carries(permission, member):
        return False
    return record is None or (permission.whose.holds(member, record) and stands(permission, record))


def insist(permission: Permission, record: Any, *, by: Somebody) -> None:
    """Check what somebody is to a record. Its state comes after the lock: `insist_on_state`.

    The role is the door's to check. What two people have between them stays theirs when one of
    them takes off a hat, so that a mail can still be answered, and a pairing still be ended.

    :raises NotYours: it is not for `by`, so that it does not exist for them.
    """
    if not permission.whose.holds(by, record):
        raise NotYours


def insist_on_state(permission: Permission, record: Any, no: Refusal | type[Refusal]) -> None:
    """Check where the record stands, now that nobody else can move it.

    :raises Refusal: `no`, the verb's own sentence.
    """
    if not stands(permission, record):
        raise no


def _carries(permission: Permission, member: Somebody) -> bool:
    if permission.roles & member.roles:
        return True
    return member.reach is not None and permission in SUPPORT[member.reach]


def _owner_id(record: Any) -> UUID:
    """Whose a record is that is one person's: it says so in one of three ways."""
    said = (getattr(record, name, None) for name in ("owner_id", "member_id", "by_id"))
    return next(filter(None, said))


def stands(permission: Permission, record: Any) -> bool:
    """Whether the record is in a state in which that may be done."""
    return permission.when is None or record.state in permission.when
