"""How long a chapter keeps things, and what goes each night when that is over.

For each kind there is a default, the least and the most that a chapter may choose, and one
condition: which rows are older than that. The preview counts by the same condition as the night
removes by. All in calendar months.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Interval,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import count_touched, db, transaction
from mentorship.foundation.errors import Refusal
from mentorship.own_data import erasure, gathering
from mentorship.own_data.models import DataDeed, KeepingRule, Kept
from mentorship.tenancy import queries
from mentorship.tenancy.members import ChapterCard, Member

#: Rows of one transaction of the night.
BATCH = 500
#: What the preview calls next month, in days.
SOON = timedelta(days=30)

_FORGET_CONCERNS = select(func.forget_concerns(bindparam("old", type_=ARRAY(Uuid))))
_MONTHS = select(KeepingRule.what, KeepingRule.months)

Old = Callable[[Table, ColumnElement[datetime]], ColumnElement[bool]]


@dataclass(frozen=True)
class Rule:
    """One kind of thing that is kept for a time.

    `old` says which rows of `table` are over, given the instant before which they have to be;
    `blank` are the columns that are emptied where the row itself stays. All lengths in months.
    """

    kept: Kept
    label: str
    words: str
    months: int
    least: int
    most: int
    table: str
    old: Old
    blank: Mapping[str, Any] | None = None
    parts: tuple[tuple[str, str], ...] = ()
    """Tables whose rows go along, each with the column that refers to the row."""


def _meeting_is_over(meetings: Table, before: ColumnElement[datetime]) -> ColumnElement[bool]:
    written = or_(meetings.c.notes != "", meetings.c.purpose != "", meetings.c.word != "")
    return and_(meetings.c.ends_at < before, written)


def _line_is_old(check_ins: Table, before: ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(check_ins.c.created_at < before, check_ins.c.line != "")


def _help_is_old(helped: Table, before: ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(helped.c.at < before, or_(helped.c.note != "", helped.c.who != ""))


def _concern_is_closed(concerns: Table, before: ColumnElement[datetime]) -> ColumnElement[bool]:
    return concerns.c.closed_at < before


def _run_is_old(runs: Table, before: ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(
        runs.c.created_at < before,
        runs.c.state.in_(("published", "discarded", "failed")),
        or_(
            *(
                exists().where(gathering.table(name).c.run_id == runs.c.id)
                for name in ("drafts", "attempts", "proposals", "left_outs", "run_marks")
            )
        ),
    )


def _mail_is_old(notices: Table, before: ColumnElement[datetime]) -> ColumnElement[bool]:
    events = gathering.table("audit_events")
    told = exists().where(events.c.id == notices.c.event_id, events.c.at < before)
    return and_(notices.c.state != "waiting", told)


def _left_long_ago(members: Table, before: ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(members.c.left_at < before, members.c.name != erasure.FORMER)


RULES: tuple[Rule, ...] = (
    Rule(
        Kept.MEETING_WORDS,
        "Words of meetings",
        "Notes, shared and private, agendas and purposes. That people met, and when, stays.",
        24,
        *(6, 60),
        "meetings",
        _meeting_is_over,
        blank={"notes": "", "word": "", "purpose": ""},
        parts=(
            ("private_notes", "meeting_id"),
            ("notes_versions", "meeting_id"),
            ("agenda_sendings", "meeting_id"),
            ("item_reports", "meeting_id"),
            ("agenda_items", "meeting_id"),
        ),
    ),
    Rule(
        Kept.CHECK_INS,
        "Lines of check-ins",
        "What was said. That there was contact, and when, stays.",
        24,
        *(6, 60),
        "check_ins",
        _line_is_old,
        blank={"line": ""},
    ),
    Rule(
        Kept.HELP,
        "Notes on the weekly list",
        "Whom coordinators and officers helped, and what they noted. The counts stay.",
        12,
        *(3, 36),
        "weekly_help",
        _help_is_old,
        blank={"who": "", "note": ""},
    ),
    Rule(
        Kept.CONCERNS,
        "Concerns that are closed",
        "With all that was done about them. At least three years, since some come back.",
        84,
        *(36, 120),
        "concerns",
        _concern_is_closed,
    ),
    Rule(
        Kept.RUNS,
        "Details of matching runs",
        "Drafts, proposals and what was tried. The pairings, and a run's numbers, stay.",
        18,
        *(6, 60),
        "matching_runs",
        _run_is_old,
        blank={},
        parts=(
            ("drafts", "run_id"),
            ("attempts", "run_id"),
            ("proposals", "run_id"),
            ("left_outs", "run_id"),
            ("run_marks", "run_id"),
        ),
    ),
    Rule(
        Kept.MAIL,
        "Records of mail",
        "To whom what was sent, and when. The mails themselves are not kept.",
        12,
        *(3, 36),
        "notices",
        _mail_is_old,
    ),
    Rule(
        Kept.FORMER_MEMBERS,
        "People who left",
        "Name, profile and all that is theirs alone. What others shared with them says Former"
        " member.",
        24,
        *(6, 60),
        "memberships",
        _left_long_ago,
        blank={},
    ),
)


#: How many concerns there are is for nobody who keeps house, be it an advisor: some are about one.
_COUNTED = tuple(rule for rule in RULES if rule.kept is not Kept.CONCERNS)


class OutOfBounds(Refusal):
    pass


@dataclass(frozen=True)
class Kind:
    """One rule as it stands in a chapter, and how much would go."""

    rule: Rule
    months: int
    now: int | None
    soon: int | None
    """How many more, within the next thirty days. Both are nothing where that is not said."""


def months() -> dict[Kept, int]:
    """For how many months the chapter that was entered keeps each kind."""
    said: dict[str, int] = {what: length for what, length in db.session.execute(_MONTHS)}
    return {rule.kept: said.get(rule.kept, rule.months) for rule in RULES}


def preview(chosen: Mapping[Kept, int], *, now: datetime) -> list[Kind]:
    """What would go tonight, and within thirty days after, were things kept for so long."""
    counts = [
        select(func.count())
        .select_from(gathering.table(rule.table))
        .where(_old(rule, chosen[rule.kept], at))
        .scalar_subquery()
        for rule in _COUNTED
        for at in (now, now + SOON)
    ]
    found = db.session.execute(select(*counts)).one()
    counted = {
        rule.kept: (found[2 * place], found[2 * place + 1] - found[2 * place])
        for place, rule in enumerate(_COUNTED)
    }
    return [Kind(rule, chosen[rule.kept], *counted.get(rule.kept, (None, None))) for rule in RULES]


def choose(chosen: Mapping[Kept, int], *, by: Member, now: datetime) -> None:
    """Keep things for so many months from now on.

    :raises OutOfBounds: one is shorter or longer than may be.
    """
    for rule in RULES:
        if not rule.least <= chosen[rule.kept] <= rule.most:
            raise OutOfBounds(f"{rule.label}: choose between {rule.least} and {rule.most} months.")
    before = months()
    changed = {kept: chosen[kept] for kept in Kept if chosen[kept] != before[kept]}
    if not changed:
        return
    for kept, length in changed.items():
        db.session.execute(
            insert(KeepingRule)
            .values(chapter_id=scope.here(), what=kept, months=length)
            .on_conflict_do_update(index_elements=["chapter_id", "what"], set_={"months": length})
        )
    months_of = {kept.value: [before[kept], length] for kept, length in changed.items()}
    trail.record(DataDeed.KEEPING_SET, here(), by=by, now=now, **months_of)


def here() -> ChapterCard:
    """The chapter that was entered, as what a deed is done to."""
    return queries.card()


def tidy(*, now: datetime) -> dict[str, int]:
    """Let go of all that is over in the chapter that was entered, in batches. Says how many.

    Each batch is a transaction, so a night that is cut short goes on where it was.
    """
    with transaction():
        chosen = months()
    gone = {}
    for rule in RULES:
        count = 0
        while one := _batch(rule, chosen[rule.kept], now=now):
            count += one
        if count:
            gone[rule.kept.value] = count
    if gone:
        with transaction():
            trail.record(DataDeed.TIDIED, here(), by=None, now=now, **gone)
    return gone


def _batch(rule: Rule, length: int, *, now: datetime) -> int:
    with transaction():
        source = gathering.table(rule.table)
        ids = db.session.scalars(
            select(source.c.id).where(_old(rule, length, now)).order_by(source.c.id).limit(BATCH)
        ).all()
        if not ids:
            return 0
        if rule.kept is Kept.FORMER_MEMBERS:
            for member_id in ids:
                erasure.forget_member(member_id, now=now)
            return len(ids)
        if rule.kept is Kept.CONCERNS:
            return db.session.scalar(_FORGET_CONCERNS, {"old": ids}) or 0
        for name, column in rule.parts:
            part = gathering.table(name)
            db.session.execute(delete(part).where(part.c[column].in_(ids)))
        chosen = source.c.id.in_(ids)
        if rule.blank is None:
            return count_touched(delete(source).where(chosen))
        if rule.blank:
            db.session.execute(update(source).where(chosen).values(dict(rule.blank)))
        return len(ids)


def _old(rule: Rule, length: int, at: datetime) -> ColumnElement[bool]:
    before = literal(at) - cast(literal(f"{length} months", Text), Interval)
    return rule.old(gathering.table(rule.table), before)
