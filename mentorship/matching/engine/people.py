"""A chapter's problem as a market: its people by number, in an order that only a seed decides."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mentorship.matching.engine.fit import Mentee, Mentor, Problem, Triple, school_key
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import (
    Better,
    Edges,
    Index,
    Market,
    Possible,
    Quotas,
    Whole,
    Yes,
)
from mentorship.matching.engine.score import Fits
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

#: Whose further mentors come first: those who apply this season, then those who do next year.
PRIORITY: Mapping[Stage, int] = {Stage.M4: 2, Stage.M3: 1}


@dataclass(frozen=True, eq=False)
class People:
    """Who is who in a market made of these fits."""

    problem: Problem
    fits: Fits
    seed: int

    @cached_property
    def rows(self) -> Index:
        """(M,): the row in `fits` of each of the market's mentees."""
        return _shuffled(self.fits.mentees, self.seed)

    @cached_property
    def columns(self) -> Index:
        """(N,): the column in `fits` of each of the market's mentors."""
        return _shuffled(self.fits.mentors, self.seed)

    def market(self, settings: Settings) -> Market:
        """What is to be decided, without pins."""
        problem, kinds = self.problem, self.fits.kinds
        mentees = [self.fits.mentees[row] for row in self.rows]
        mentors = [self.fits.mentors[column] for column in self.columns]
        held = Counter(mentee for mentee, _, _ in problem.current)
        homes = _numbered([mentor.institution.strip().casefold() for mentor in mentors])
        return Market(
            wants=np.array(
                [[(one.id, kind) in problem.open_wants for kind in kinds] for one in mentees], bool
            ).reshape(len(mentees), len(kinds)),
            held=np.array([held[mentee.id] for mentee in mentees], np.int64),
            waited=np.array([mentee.waited for mentee in mentees], bool),
            priority=np.array([_priority(mentee) for mentee in mentees], np.int64),
            places=np.array([max(0, mentor.places) for mentor in mentors], np.int64),
            places_by_kind=np.array(
                [[_places(mentor, kind) for kind in kinds] for mentor in mentors], np.int64
            ).reshape(len(mentors), len(kinds)),
            load=np.array([mentor.load for mentor in mentors], np.int64),
            institution=homes,
            possible=Shuffled(self.fits, self.rows, self.columns),
            pins=self.edges([]),
            before=self.edges([]),
            held_from=self._held_from(mentees, mentors, homes),
            one_kind_per_mentor=problem.one_kind_per_mentor,
            most_from_one_institution=settings.most_from_one_institution,
            quotas=quotas(mentees, mentors),
        )

    def _held_from(
        self, mentees: Sequence[Mentee], mentors: Sequence[Mentor], homes: Index
    ) -> Whole:
        table = np.zeros((len(mentees), int(homes.max(initial=-1)) + 1), np.int64)
        row = {mentee.id: number for number, mentee in enumerate(mentees)}
        home = {mentor.id: int(homes[number]) for number, mentor in enumerate(mentors)}
        for mentee_id, mentor_id, _ in self.problem.current:
            if mentee_id in row and home.get(mentor_id, -1) >= 0:
                table[row[mentee_id], home[mentor_id]] += 1
        return table

    def listed(self, triples: Sequence[Triple]) -> Listed:
        """These pairs alone, with what they are worth whatever stands against them."""
        shape = (len(self.rows), len(self.fits.kinds), len(self.columns))
        return Listed(self.edges(triples), shape)

    def edges(self, triples: Sequence[Triple]) -> Edges:
        """These pairs by number, sorted, with what they are worth."""
        row, column = np.argsort(self.rows), np.argsort(self.columns)
        table = [
            (
                row[self.fits.rows[mentee]],
                self.fits.kinds.index(kind),
                column[self.fits.columns[mentor]],
            )
            for mentee, mentor, kind in triples
        ]
        mentee, kind, mentor = np.array(sorted(table), np.int64).reshape(-1, 3).T
        worth = self.fits.sought(self.rows[mentee], kind, self.columns[mentor])
        return Edges(mentee, kind, mentor, worth)

    def named(self, pairs: Edges) -> list[Triple]:
        """These pairs by their people's ids."""
        fits = self.fits
        numbers = (self.rows[pairs.mentee], self.columns[pairs.mentor], pairs.kind)
        return [
            (fits.mentees[row].id, fits.mentors[column].id, fits.kinds[kind])
            for row, column, kind in zip(*(column.tolist() for column in numbers), strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Shuffled:
    """A market's possible pairs where its people are numbered otherwise than those who know.

    `rows[m]` is the mentee there whom the market calls `m`, and `columns[n]` the mentor.
    """

    possible: Possible
    rows: Index
    columns: Index

    def count(self) -> int:
        return self.possible.count()

    def every(self) -> Edges:
        return self._named(self.possible.every()).in_order()

    def top(self) -> int:
        return self.possible.top()

    def shortlist(self, *, of_a_want: int) -> Edges:
        return self._named(self.possible.shortlist(of_a_want=of_a_want)).in_order()

    def near(
        self, offer: Whole, *, of_a_want: int, of_an_offer: int, only: Yes | None = None
    ) -> Edges:
        found = self.possible.near(
            offer[self._column],
            of_a_want=of_a_want,
            of_an_offer=of_an_offer,
            only=None if only is None else only[self._row],
        )
        return self._named(found).in_order()

    def better(self, want: Whole, offer: Whole, *, most: int) -> Better:
        found = self.possible.better(want[self._row], offer[self._column], most=most)
        edges = self._named(found.edges)
        # Within each want they stay best first.
        order = np.lexsort((edges.kind, edges.mentee))
        return Better(edges[order], found.excess[self.rows])

    def worths(self, mentee: Index, kind: Index, mentor: Index) -> Whole:
        return self.possible.worths(self.rows[mentee], kind, self.columns[mentor])

    @cached_property
    def _row(self) -> Index:
        return np.argsort(self.rows)

    @cached_property
    def _column(self) -> Index:
        return np.argsort(self.columns)

    def _named(self, edges: Edges) -> Edges:
        mentee, mentor = self._row[edges.mentee], self._column[edges.mentor]
        return Edges(mentee, edges.kind, mentor, edges.worth)


def _shuffled(people: Sequence[Mentee] | Sequence[Mentor], seed: int) -> Index:
    """An order of people that owes nothing to when they signed up."""

    def lot(place: int) -> bytes:
        return hashlib.blake2b(f"{seed}:{people[place].id}".encode(), digest_size=16).digest()

    return np.array(sorted(range(len(people)), key=lot), np.int64)


def _priority(mentee: Mentee) -> int:
    return PRIORITY.get(mentee.stage, 0) if mentee.stage else 0


def _places(mentor: Mentor, kind: Kind) -> int:
    """Places for a kind. Where it has no limit of its own, a pin may fill any open place."""
    own: dict[Kind, int | None] = {offer.kind: offer.places for offer in mentor.offers}
    most = own.get(kind)
    return max(0, mentor.places if most is None else min(mentor.places, most))


def quotas(mentees: Sequence[Mentee], mentors: Sequence[Mentor]) -> Quotas | None:
    """Who takes only so many of other schools; where none at all, that is a rule of its own."""
    limited = [
        mentor.own_school if 0 < (mentor.outside_places or 0) < mentor.places else None
        for mentor in mentors
    ]
    if not any(limited):
        return None
    number = {home: place for place, home in enumerate(sorted({*filter(None, limited)}))}
    return Quotas(
        school=np.array([number.get(school_key(one.school), -1) for one in mentees], np.int64),
        home=np.array([-1 if home is None else number[home] for home in limited], np.int64),
        places=np.array([mentor.outside_places or 0 for mentor in mentors], np.int64),
    )


def _numbered(names: Sequence[str]) -> Index:
    """The same number for the same name, -1 for none."""
    number = {name: place for place, name in enumerate(sorted({*names} - {""}))}
    return np.array([number.get(name, -1) for name in names], np.int64)
