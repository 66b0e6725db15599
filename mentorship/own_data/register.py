"""Every table, and what of it is somebody's own. What is exported and erased follows from here.

A table may have several entries, where some of its rows are theirs in one way and some in another.
Tables are named, not imported, since those of the floors above are here too. Tests hold the
register to the schema: a table that is missing here, or a column that names a member and that no
entry speaks of, fails them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What becomes of the rows once their person's account is deleted."""

    GOES = "goes"
    STAYS = "stays"


@dataclass(frozen=True)
class Entry:
    """One table, or some of its rows.

    `theirs` are the columns that hold the person and make a row theirs: it is in their export, and
    shares its fate. `about` hold them in a row that is somebody else's word: not exported, and
    the same fate. `named` merely hold their id, which leads to no name later. `through` says that
    a row belongs to whoever the row of another table belongs to: (table, column, its column).
    """

    table: str
    title: str = ""
    theirs: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    through: tuple[str, str, str] | None = None
    via: tuple[str, ...] = ()
    """The columns of that other table that count, where not all of them do."""
    only: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    """What a column has to hold, for the rows to be exported."""
    left_out: tuple[str, ...] = ()
    """Columns that are never exported."""
    kept_back: str = ""
    """Why nothing of it is exported, where nothing is."""
    fate: Fate = Fate.STAYS
    words: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is blanked where the row stays: for whom (a column), each column with its blank."""
    why: str = ""
    """Why it stays as it is, or holds nothing about a person."""

    @property
    def exported(self) -> bool:
        return bool(self.title) and not self.kept_back


def _goes(table: str, title: str, *theirs: str, **more: Any) -> Entry:
    return Entry(table, title, theirs, fate=Fate.GOES, **more)


def _part(table: str, title: str, of: str, *, key: str = "", **more: Any) -> Entry:
    """A row that goes with the row of another table that it belongs to."""
    more = {"fate": Fate.GOES} | more
    return Entry(table, title, through=(of, key or f"{of.rstrip('s')}_id", "id"), **more)


def _shared(table: str, title: str, *theirs: str, **more: Any) -> Entry:
    return Entry(table, title, theirs, **more)


def _nothing(table: str, why: str, **more: Any) -> Entry:
    return Entry(table, why=why, **more)


_RUN = "It is the working of a matching run; what came of it is under Pairings."
_THE_OTHERS = "It is the other one's history as well: that, and when, stays."

REGISTER: tuple[Entry, ...] = (
    # The person, and that they belong to chapters.
    Entry(
        "users",
        "Your account",
        ("id",),
        why="The row stays without its address, so that what others keep still holds together.",
    ),
    Entry(
        "memberships",
        "Your memberships",
        ("id", "user_id"),
        words={"id": {"name": "Former member", "roles": [], "terms": {}}},
        why="Others' meetings point to it. Its name becomes Former member.",
    ),
    _goes("affiliations", "", "user_id", kept_back="The same is under Your memberships."),
    _goes("consents", "What you agreed to", "member_id"),
    _goes("exports", "Copies that you asked for", "user_id"),
    _goes("export_parts", "", "user_id", kept_back="It is the archive itself."),
    _shared("erasures", "", "user_id", kept_back="It ends with your account."),
    _goes("address_changes", "Changes of your address", "user_id"),
    _goes("sign_in_links", "Sign-in links", "user_id", left_out=("id", "asked_from")),
    _goes(
        "device_sessions",
        "Where you are signed in",
        "user_id",
        left_out=("token_digest", "logout_hint"),
    ),
    _goes("passkeys", "Passkeys", "user_id", left_out=("credential_id", "public_key")),
    _nothing("university_providers", "How a chapter signs in through its university."),
    _goes("university_identities", "Universities you sign in through", "user_id"),
    _nothing("university_arrivals", "Somebody at the door, for some minutes."),
    _nothing("spent_challenges", "Digests of challenges that were answered."),
    _nothing("tries", "Whoever tries something is kept as a digest, and for a day."),
    _shared(
        "account_events",
        "What happened to your account",
        "user_id",
        why="A trail is not rewritten. It holds ids and times, and your id leads to no name.",
    ),
    _nothing("account_seals", "Digests that seal the trail."),
    _nothing("trail_seals", "Digests that seal the trail."),
    _nothing("trail_cuts", "Where a trail begins after its older end has gone."),
    _goes("handovers", "Roles that you handed over", "from_id", about=("to_id",)),
    _shared(
        "support_visits",
        "Help that you gave from the network",
        *("member_id", "user_id"),
        named=("consented_by_id", "ended_by_id"),
        words={"user_id": {"why": ""}},
        why="The chapter keeps who from the network came in.",
    ),
    # What they say of themselves.
    _goes("mentee_profiles", "Your profile as a student", "member_id"),
    _goes("mentor_profiles", "Your profile as a mentor", "member_id", left_out=("search",)),
    _goes("wants", "The mentors you look for", "member_id"),
    _goes("offers", "What you mentor", "member_id"),
    _goes("affinities", "Groups that may be counted", "member_id"),
    _goes("mentor_wishes", "Mentors you wish for", "member_id", about=("mentor_id",)),
    _goes(
        "student_wishes", "Students you would like to mentor", "member_id", about=("student_id",)
    ),
    _goes("evaluative_roles", "Roles in which you evaluate", "member_id", about=("mentee_id",)),
    _goes("road_marks", "Your road map", "member_id"),
    _goes("rotations", "Your rotations", "member_id"),
    # Their time.
    _goes("weekly_hours", "Weekly hours", "user_id"),
    _goes("extra_hours", "Single openings", "user_id"),
    _goes("times_away", "Time away", "user_id"),
    _goes("booking_limits", "Limits on booking", "user_id"),
    _goes("rest_rules", "Rest around shifts", "user_id"),
    _goes("calendar_addresses", "Your calendar's address", "user_id", left_out=("key",)),
    _goes(
        "calendar_feeds",
        "Calendars you linked",
        "user_id",
        left_out=("address", "etag", "modified", "digest"),
    ),
    _goes("feed_times", "Times your calendars take", "user_id"),
    _goes("ignored_times", "Times you said not to count", "user_id"),
    _goes("busy_times", "", "user_id", kept_back="The same times are under Meetings."),
    _goes("places_taken", "", "user_id", kept_back="The same is under Pairings."),
    # Pairings, and what grows in them.
    _shared(
        "pairings",
        "Pairings",
        *("mentee_id", "mentor_id", "mentee_user_id", "mentor_user_id"),
        left_out=("fit", "reasons"),  # what each wished for is no business of the other
        words={"mentee_id": {"reasons": []}, "mentor_id": {"reasons": []}},
        why=_THE_OTHERS,
    ),
    _part(
        "agreements",
        "What you agreed on",
        "pairings",
        named=("by_id",),
        fate=Fate.STAYS,
        why="The two wrote it together, and it stays for the other one.",
    ),
    _part(
        "check_ins",
        "Check-ins",
        "pairings",
        named=("by_id",),
        fate=Fate.STAYS,
        words={"by_id": {"line": ""}},
        why=_THE_OTHERS,
    ),
    _part("contacts", "Contact", "pairings", named=("by_id",), fate=Fate.STAYS, why=_THE_OTHERS),
    _part(
        "pairing_changes",
        "Pauses, ends and new beginnings",
        "pairings",
        named=("by_id",),
        left_out=("by_id",),  # it may be whoever keeps the two apart, which neither is told
        fate=Fate.STAYS,
        words={"by_id": {"words": ""}},
        why=_THE_OTHERS,
    ),
    _shared(
        "partings",
        "What you said at the end of a pairing",
        "by_id",
        words={"by_id": {"words": ""}},
        why="Coordinators count why pairings end.",
    ),
    _goes("fit_checks", "Your answers to fit checks", "member_id"),
    _goes("reminder_answers", "Reminders you answered", "member_id"),
    _goes("rematch_wishes", "That you wished for another mentor", "mentee_id"),
    _goes("action_items", "", "owner_id", kept_back="They are under Action items, with others'."),
    _part("action_items", "Action items", "pairings", fate=Fate.STAYS, why="The other one's."),
    _part("goal_items", "", "goals", kept_back="The items are under Action items."),
    _part("goal_items", "", "action_items", key="item_id", kept_back="As above."),
    _goes(
        "item_reports", "What you said of items", "by_id", through=("action_items", "item_id", "id")
    ),
    _goes("goals", "Goals", "member_id"),
    _part("goal_steps", "Steps", "goals"),
    _part("goal_shares", "Who sees your goals", "goals", about=("mentor_id",)),
    _goes("updates", "Updates you wrote", "by_id"),
    _part("update_copies", "Lines to single mentors", "updates"),
    _goes("blocks", "Whom you blocked", "member_id", about=("other_id",)),
    _goes(
        "separations",
        "",
        about=("one_id", "other_id"),
        named=("set_by_id",),
        kept_back="It protects somebody, who may not be you.",
    ),
    # Meetings.
    _shared(
        "meetings",
        "Meetings",
        *("mentee_id", "mentor_id", "mentee_user_id", "mentor_user_id"),
        named=("referred_to_id",),
        words={
            "mentee_id": {"purpose": "", "word": ""},
            "mentor_id": {"place": "", "word": ""},
        },
        why=f"{_THE_OTHERS} So do the notes that you shared.",
    ),
    _part(
        "notes_versions",
        "Shared notes, as they were",
        "meetings",
        named=("by_id",),
        fate=Fate.STAYS,
        why="The two wrote them together, and they stay for the other one.",
    ),
    _goes("private_notes", "Your private notes", "member_id"),
    _goes("agenda_items", "", "by_id", kept_back="They are under Lines of agendas."),
    _part(
        "agenda_items",
        "Lines of agendas",
        "meetings",
        fate=Fate.STAYS,
        why="Yours go; the other one's stay.",
    ),
    _part("agenda_sendings", "Agendas sent ahead", "meetings"),
    _part("proposed_times", "Other times proposed", "meetings"),
    _part(
        "next_choices",
        "Whom you would ask next",
        "meetings",
        via=("mentee_id",),
        about=("mentor_id",),
    ),
    _part("feed_clashes", "Meetings that your calendar took", "meetings"),
    _part("thanks", "Thanks", "meetings"),
    _goes("mail_answers", "Answers by mail", "member_id"),
    _shared(
        "standing_meetings",
        "Standing meetings",
        *("mentee_id", "mentor_id", "mentee_user_id", "mentor_user_id"),
        words={"mentee_id": {"purpose": "", "word": ""}, "mentor_id": {"word": ""}},
        why=_THE_OTHERS,
    ),
    _part(
        "standing_dates",
        "Dates of standing meetings",
        "standing_meetings",
        key="standing_id",
        fate=Fate.STAYS,
        why=_THE_OTHERS,
    ),
    _goes(
        "waits",
        "Mentors you wait for",
        "mentee_id",
        "mentee_user_id",
        about=("mentor_id", "mentor_user_id"),
    ),
    _shared(
        "group_sessions",
        "Group sessions you hold",
        *("mentor_id", "mentor_user_id", "opened_by_id"),
        words={"mentor_id": {"title": "Group session", "about": "", "place": "", "word": ""}},
        why=_THE_OTHERS,
    ),
    _part(
        "session_clashes",
        "Group sessions that your calendar took",
        "group_sessions",
        key="session_id",
        via=("mentor_id",),
    ),
    _goes("group_seats", "Your seats in group sessions", "member_id", "user_id"),
    _shared(
        "conference_blocks",
        "When you can be met at conferences",
        *("mentor_id", "mentor_user_id"),
        words={"mentor_id": {"session": "", "place": "–"}},
        why=_THE_OTHERS,
    ),
    _part(
        "block_clashes",
        "Meet-ups at conferences that your calendar took",
        "conference_blocks",
        key="block_id",
    ),
    _shared(
        "meet_ups",
        "Meet-ups at conferences",
        *("mentee_id", "mentee_user_id"),
        words={"mentee_id": {"question": "–"}},
        why=_THE_OTHERS,
    ),
    # Files.
    _goes("documents", "Your files", "owner_id"),
    _part("document_versions", "Versions of your files", "documents", left_out=("key",)),
    _part("document_shares", "Whom you showed files to", "documents"),
    _goes(
        "document_comments",
        "Comments",
        "by_id",
        through=("document_versions", "version_id", "id"),
    ),
    _nothing(
        "stored_chunks",
        "The bytes of files. Yours are in the archive, and go with your files.",
    ),
    # What was told to them.
    _goes("notices", "Mail about what happened", "member_id", left_out=("problem",)),
    _goes("nudges", "Reminders", "member_id"),
    _goes("nudge_mails", "Mails of reminders", "user_id"),
    _goes("mail_choices", "Which reminders you want", "user_id"),
    # Safety.
    _shared(
        "concerns",
        "Concerns you reported",
        "by_id",
        named=("about_id",),
        words={"by_id": {"reach": ""}},
        why="Somebody may depend on it. It goes when your chapter's time for concerns is over.",
    ),
    Entry(
        "concerns",
        "Concerns about you that are closed",
        ("about_id",),
        # The instant alone tells who it was, so whoever reported it has to have agreed.
        only={"state": ("closed",), "may_name": (True,)},
        left_out=("by_id", "words", "reach", "may_name", "pairing_id", "look_by"),
        why="See above.",
    ),
    _nothing(
        "concern_walls",
        "It says who must not read a concern, by their id.",
        named=("member_id",),
    ),
    _nothing(
        "concern_steps",
        "What was done about a concern is a note of those who look into it.",
        named=("by_id",),
    ),
    # How the chapter is run.
    _shared(
        "weekly_help",
        "Help that you gave",
        "by_id",
        words={"by_id": {"note": ""}},
        why="The chapter's weekly list, which names nobody who is gone.",
    ),
    _goes("roster_uploads", "Rosters you brought in", "by_id", left_out=("content", "facts")),
    _goes("proposals", "", about=("mentee_id", "mentor_id"), kept_back=_RUN),
    _goes("left_outs", "", about=("mentee_id",), kept_back=_RUN),
    _goes("run_marks", "", about=("mentee_id", "mentor_id"), kept_back=_RUN),
    _shared(
        "chapter_removals",
        "",
        kept_back="It is about a chapter.",
        named=("asked_by_id", "confirmed_by_id"),
    ),
    _shared(
        "audit_events",
        "What you did",
        "by_id",
        left_out=("facts",),
        why="A trail is not rewritten. It holds ids and times, and your id leads to no name.",
    ),
    _nothing("chapters", "A chapter."),
    _nothing("removed_chapters", "The address of a chapter that is gone."),
    _nothing("keeping_rules", "What a chapter keeps for how long."),
    _nothing("safety_settings", "Whom a chapter would have you call."),
    _nothing("chapter_roads", "A chapter's words for its road map."),
    _nothing("agenda_templates", "A chapter's lines for agendas."),
    _nothing("submissions", "Digests of forms that were sent, for some days."),
    _nothing("matching_runs", "Numbers about a run, with ids that lead to no name later."),
    _nothing("drafts", "Numbers about a draft, with ids that lead to no name later."),
    _nothing("attempts", "Numbers about what was tried, with ids that lead to no name later."),
)

#: Columns of other tables that may hold a person's name or address in running text, which are
#: looked through for it: the weekly list, and subjects of reminders.
MENTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("weekly_help", ("who", "note")),
    ("nudges", ("said",)),
)

#: Columns that hold an address before there is an account that the row could belong to.
ADDRESSES: tuple[tuple[str, str], ...] = (("university_arrivals", "email"),)


def of(table: str) -> Iterator[Entry]:
    """The entries of one table."""
    return (entry for entry in REGISTER if entry.table == table)
