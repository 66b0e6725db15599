"""What an agenda is started with: by the kind of mentoring and where in training the mentee is.

The usual items follow what each kind is for (career: the big choices; content: the niche itself;
application: the cycle's next step; wellness: candid talk). A chapter may want others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.scheduling.models import AgendaTemplate, AgendaTemplateDeed, ItemKind
from mentorship.tenancy.members import Member
from mentorship.tenancy.queries import card
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Phase

#: How many items a template has at most; more is no start but a whole agenda.
MOST = 8
#: The longest item, in characters, and the minutes that one may take.
LONGEST = 300
MINUTES = range(1, 31)


class Line(NamedTuple):
    """One item of a template. What takes no time of the meeting has no minutes."""

    kind: ItemKind
    what: str
    minutes: int = 0


class Empty(Refusal):
    sentence = "Keep at least one item. To begin anew, go back to the usual items."


class TooMany(Refusal):
    sentence = f"A template has {MOST} items at most."


class Unfit(Refusal):
    sentence = f"Each item has 1 to {LONGEST} characters and 1 to {MINUTES[-1]} minutes."


_LINES = select(AgendaTemplate.lines).where(
    AgendaTemplate.kind == bindparam("kind"), AgendaTemplate.phase == bindparam("phase")
)


def lines(kind: Kind, phase: Phase) -> tuple[Line, ...]:
    """What this chapter starts such an agenda with."""
    own = db.session.scalar(_LINES, {"kind": kind, "phase": phase})
    if own is None:
        return usual(kind, phase)
    return tuple(Line(ItemKind(one["kind"]), one["what"], one["minutes"]) for one in own)


def change(kind: Kind, phase: Phase, *, lines: Sequence[Line], by: Member, now: datetime) -> None:
    """Have this chapter start such agendas with these items. The same again changes nothing.

    :raises Empty, TooMany, Unfit: these are not a template's items.
    """
    wanted = [line._replace(what=" ".join(line.what.split())) for line in lines]
    if not wanted:
        raise Empty
    if len(wanted) > MOST:
        raise TooMany
    for line in wanted:
        fits = line.minutes in MINUTES if line.kind.timed else line.minutes == 0
        if not fits or not 1 <= len(line.what) <= LONGEST or line.kind is ItemKind.READING:
            raise Unfit
    written = [line._asdict() for line in wanted]
    if db.session.scalar(_LINES, {"kind": kind, "phase": phase}) == written:
        return
    own = insert(AgendaTemplate).values(
        chapter_id=scope.here(), kind=kind, phase=phase, lines=written
    )
    db.session.execute(
        own.on_conflict_do_update(
            index_elements=["chapter_id", "kind", "phase"], set_={"lines": written}
        )
    )
    _record(AgendaTemplateDeed.CHANGED, kind, phase, by=by, now=now)


def reset(kind: Kind, phase: Phase, *, by: Member, now: datetime) -> None:
    """Start such agendas with the usual items again."""
    gone = db.session.execute(
        delete(AgendaTemplate)
        .where(AgendaTemplate.kind == kind, AgendaTemplate.phase == phase)
        .returning(AgendaTemplate.kind)
        .execution_options(synchronize_session=False)
    ).first()
    if gone:
        _record(AgendaTemplateDeed.RESET, kind, phase, by=by, now=now)


def usual(kind: Kind, phase: Phase) -> tuple[Line, ...]:
    """What an agenda is started with where the chapter has not said otherwise."""
    return (*_USUAL[kind, phase], Line(ItemKind.WANT, _WANTS[kind]))


def _record(
    deed: AgendaTemplateDeed, kind: Kind, phase: Phase, *, by: Member, now: datetime
) -> None:
    trail.record(deed, card(), by=by, now=now, kind=kind, phase=phase)


def _question(what: str, minutes: int) -> Line:
    return Line(ItemKind.QUESTION, what, minutes)


def _topic(what: str, minutes: int) -> Line:
    return Line(ItemKind.TOPIC, what, minutes)


_WANTS = {
    Kind.CAREER: "One thing to try before we meet again",
    Kind.CONTENT: "One next step: a paper, a project or a person",
    Kind.APPLICATION: "A decision I can act on this week",
    Kind.WELLNESS: "To have said it aloud",
}
_USUAL: dict[tuple[Kind, Phase], tuple[Line, ...]] = {
    (Kind.CAREER, Phase.EARLY): (
        _topic("How you came to emergency medicine, and whether you would again", 8),
        _question("What would tell me early whether it suits me?", 8),
        _question("Whom else should I talk to, and what should I see?", 5),
    ),
    (Kind.CAREER, Phase.CLERKSHIPS): (
        _topic("What I have liked and not liked on rotations", 8),
        _question("Emergency medicine or something else: what would you weigh?", 8),
        _question("Academic or community: how did you choose?", 5),
    ),
    (Kind.CAREER, Phase.APPLYING): (
        _topic("What I want a program to make of me", 8),
        _question("What do applicants with my interests overlook?", 8),
        _question("What should I keep open, and what can I close?", 5),
    ),
    (Kind.CAREER, Phase.RESIDENCY): (
        _topic("Where I stand, and where I want to be in five years", 8),
        _question("Fellowship or first job: what would you weigh?", 8),
        _question("Who should know that I am looking?", 5),
    ),
    (Kind.CONTENT, Phase.EARLY): (
        _question("What does a week in this field look like?", 8),
        _question("Where does a beginner start?", 8),
        _question("What can I join that needs a pair of hands?", 5),
    ),
    (Kind.CONTENT, Phase.CLERKSHIPS): (
        _topic("What I have read or done in the field so far", 5),
        _question("Which small project could be finished in a year?", 10),
        _question("What should I watch for on shift?", 5),
    ),
    (Kind.CONTENT, Phase.APPLYING): (
        _topic("What I have done in the field, and what is unfinished", 5),
        _question("How should it read in my application?", 8),
        _question("Which programs are strong in it?", 8),
    ),
    (Kind.CONTENT, Phase.RESIDENCY): (
        _topic("The project: where it is and what it waits for", 10),
        _question("What does a fellowship ask for?", 8),
        _question("Where should this be shown?", 5),
    ),
    (Kind.APPLICATION, Phase.EARLY): (
        _question("What will I wish I had started now?", 10),
        _question("Which choices of these years still count at application?", 10),
    ),
    (Kind.APPLICATION, Phase.CLERKSHIPS): (
        _topic("My plan: two EM rotations, home and away, and two eSLOEs", 8),
        _question("Where should I rotate, and when?", 8),
        _question("Whom should I ask for a letter, and how?", 5),
    ),
    (Kind.APPLICATION, Phase.APPLYING): (
        _topic("Where I am in the cycle, and what is due next", 5),
        _question("Is my program list the right length and spread?", 10),
        _question("What in my record needs a sentence, and which one?", 5),
    ),
    (Kind.APPLICATION, Phase.RESIDENCY): (
        _topic("What I apply for next, and by when", 8),
        _question("What did the strongest applications have?", 8),
        _question("Who should write for me?", 5),
    ),
    (Kind.WELLNESS, Phase.EARLY): (
        _topic("How the last weeks were", 10),
        _question("What did you do when it was too much?", 10),
    ),
    (Kind.WELLNESS, Phase.CLERKSHIPS): (
        _topic("How the last rotation was, off paper", 10),
        _question("What helps you after a bad shift?", 10),
    ),
    (Kind.WELLNESS, Phase.APPLYING): (
        _topic("How the season is going, apart from the results", 10),
        _question("How did you get through the waiting?", 10),
    ),
    (Kind.WELLNESS, Phase.RESIDENCY): (
        _topic("Sleep, shifts, and the people at home", 10),
        _question("What would you stop doing in my place?", 10),
    ),
}
