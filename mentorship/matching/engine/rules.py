"""The hard rules of matching: a fit that breaks one is not offered, and each can be named.

A rule is a bit, so that a table of every mentee against every mentor keeps all that stands
against each pair. Cautions stand beside them: what no rule decides and a person should look at.
"""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from mentorship.matching.engine.fit import Mentee, Mentor, Problem, Rule
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Standing

BIT = {rule: 1 << place for place, rule in enumerate(Rule)}


def broken(
    problem: Problem,
    kind: Kind,
    mentees: Sequence[Mentee],
    mentors: Sequence[Mentor],
    no_topic: NDArray[np.bool_],
) -> NDArray[np.uint16]:
    """Every rule that stands against each pair, as a bit field."""
    held = {mentee for mentee, _, kept in problem.current if kept is kind}
    clashing = [
        (mentee, mentor)
        for mentee, mentor, kept in problem.current
        if problem.one_kind_per_mentor or kept is kind
    ]
    blocked = {*problem.blocks, *((other, one) for one, other in problem.blocks)}
    excluded = [(mentee, mentor) for mentee, mentor, of in problem.exclusions if of is kind]

    def of_mentees(holds: Callable[[Mentee], bool]) -> NDArray[np.bool_]:
        return np.array([holds(mentee) for mentee in mentees], bool)[:, None]

    def of_mentors(holds: Callable[[Mentor], bool]) -> NDArray[np.bool_]:
        return np.array([holds(mentor) for mentor in mentors], bool)[None, :]

    def of_pairs(pairs: Iterable[tuple[UUID, UUID]]) -> NDArray[np.bool_]:
        return _marked(pairs, mentees, mentors)

    stands = {
        Rule.ONESELF: of_pairs((mentor.id, mentor.id) for mentor in mentors),
        Rule.NOT_WANTED: of_mentees(lambda mentee: all(w.kind is not kind for w in mentee.wants)),
        Rule.HELD: of_mentees(lambda mentee: mentee.id in held),
        Rule.NOT_OFFERED: of_mentors(lambda mentor: all(o.kind is not kind for o in mentor.offers)),
        Rule.PAUSED: of_mentors(lambda mentor: mentor.paused),
        Rule.FULL: of_mentors(lambda mentor: mentor.places <= 0),
        Rule.BLOCKED: of_pairs(blocked),
        Rule.EXCLUDED: of_pairs(excluded),
        Rule.ALREADY_PAIRED: of_pairs(clashing),
    }
    if kind is Kind.CONTENT:
        stands[Rule.NO_SHARED_TOPIC] = no_topic
    if kind is Kind.APPLICATION:
        stands[Rule.NO_RECENT_CYCLE] = of_mentors(lambda mentor: not mentor.recent_cycle)
    if kind is Kind.WELLNESS:
        graded = ((mentee, mentor.id) for mentor in mentors for mentee in mentor.evaluates)
        stands[Rule.EVALUATES] = of_pairs(graded) | of_mentors(lambda m: m.evaluates_everyone)

    bits = np.zeros((len(mentees), len(mentors)), np.uint16)
    for rule, table in stands.items():
        bits |= np.where(table, BIT[rule], 0).astype(np.uint16)
    return bits


def _marked(
    pairs: Iterable[tuple[UUID, UUID]], mentees: Sequence[Mentee], mentors: Sequence[Mentor]
) -> NDArray[np.bool_]:
    """True where the pair is among these; pairs of people who take no part are nowhere."""
    rows = {mentee.id: row for row, mentee in enumerate(mentees)}
    columns = {mentor.id: column for column, mentor in enumerate(mentors)}
    table = np.zeros((len(mentees), len(mentors)), bool)
    for mentee, mentor in pairs:
        if mentee in rows and mentor in columns:
            table[rows[mentee], columns[mentor]] = True
    return table


def cautions(kind: Kind, mentee: Mentee, mentor: Mentor) -> tuple[str, ...]:
    """What a coordinator should look at, where no rule decides."""
    found = []
    if kind is not Kind.WELLNESS and mentor.may_evaluate(mentee.id):
        found.append(f"This mentor has a part in evaluating this {mentee.noun}")
    at_home = mentee.school and mentee.school.casefold() == mentor.institution.casefold()
    if kind is Kind.WELLNESS and at_home and mentor.standing is Standing.FACULTY:
        found.append(f"Faculty at the {mentee.noun}'s own school, so check who grades")
    return tuple(found)
