"""What a member may do, and which roles carry it."""

from enum import StrEnum


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


class Permission(StrEnum):
    """`noun:verb`: what a page needs. Whose record it is, the page's question decides."""

    CHAPTER_SEE = "chapter:see"
    PROFILE_EDIT = "profile:edit"
    MENTOR_FIND = "mentor:find"
    MEETING_REQUEST = "meeting:request"
    MEETING_SEE = "meeting:see"
    MEETING_ANSWER = "meeting:answer"
    AGENDA_SET = "agenda:set"
    HOURS_SET = "hours:set"
    SESSION_SEE = "session:see"
    SESSION_JOIN = "session:join"
    SESSION_OPEN = "session:open"
    PAIRING_SEE = "pairing:see"
    GOAL_SET = "goal:set"
    ROAD_SET = "road:set"
    PEOPLE_SEE = "people:see"
    ROSTER_IMPORT = "roster:import"
    RUN_SEE = "run:see"
    RUN_WORK = "run:work"
    HEALTH_SEE = "health:see"
    HELP_GIVE = "help:give"
    WORDS_READ = "words:read"
    RESOURCES_SET = "resources:set"


_EVERYONE = {Permission.CHAPTER_SEE, Permission.PROFILE_EDIT}
_PAIRED = {Permission.MEETING_SEE, Permission.PAIRING_SEE, Permission.MENTOR_FIND}

CARRIES: dict[Role, set[Permission]] = {
    Role.STUDENT: _EVERYONE
    | _PAIRED
    | {
        Permission.MEETING_REQUEST,
        Permission.SESSION_SEE,
        Permission.SESSION_JOIN,
        Permission.GOAL_SET,
    },
    Role.MENTOR: _EVERYONE
    | _PAIRED
    | {
        Permission.MEETING_ANSWER,
        Permission.HOURS_SET,
        Permission.SESSION_SEE,
        Permission.SESSION_OPEN,
    },
    Role.OFFICER: _EVERYONE | {Permission.MENTOR_FIND, Permission.HEALTH_SEE, Permission.HELP_GIVE},
    Role.COORDINATOR: _EVERYONE
    | {
        Permission.MENTOR_FIND,
        Permission.PEOPLE_SEE,
        Permission.ROSTER_IMPORT,
        Permission.RUN_SEE,
        Permission.RUN_WORK,
        Permission.SESSION_SEE,
        Permission.SESSION_OPEN,
        Permission.AGENDA_SET,
        Permission.ROAD_SET,
        Permission.HEALTH_SEE,
        Permission.HELP_GIVE,
        Permission.WORDS_READ,
        Permission.RESOURCES_SET,
    },
    Role.ADVISOR: _EVERYONE
    | {
        Permission.MENTOR_FIND,
        Permission.PEOPLE_SEE,
        Permission.RUN_SEE,
        Permission.HEALTH_SEE,
        Permission.RESOURCES_SET,
    },
}
