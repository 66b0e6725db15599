"""From what files say to what is solved: the market, its fits, and pins that cannot be."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mentorship.foundation.text import quoted
from mentorship.matching.engine import score, verify
from mentorship.matching.engine.files import cells
from mentorship.matching.engine.files.cells import KINDS
from mentorship.matching.engine.files.reading import Given
from mentorship.matching.engine.files.tables import BadFiles, Flaw
from mentorship.matching.engine.fit import Triple
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import Edges, Market, Possible, Whole
from mentorship.matching.engine.people import quotas
from mentorship.matching.engine.score import Fits
from mentorship.matching.engine.verify import Breach, Code


@dataclass(frozen=True, eq=False)
class Instance:
    """A run that can be solved. Indices count people as `given` does, and kinds as KINDS does."""

    given: Given
    fits: Fits
    market: Market

    def pair(self, mentee: int, kind: int, mentor: int) -> str:
        """A pair in words, by the ids of the files."""
        return f"{self.mentee(mentee)} with {self.mentor(mentor)} for {KINDS[kind]}"

    def mentee(self, place: int) -> str:
        return quoted(self.given.mentee_ids[place])

    def mentor(self, place: int) -> str:
        return quoted(self.given.mentor_ids[place])

    def triple(self, mentee: int, kind: int, mentor: int) -> Triple:
        """The same pair as the engine's words have it."""
        problem = self.given.problem
        return problem.mentees[mentee].id, problem.mentors[mentor].id, KINDS[kind]

    @cached_property
    def institutions(self) -> tuple[str, ...]:
        return _institutions(self.given)

    def against(self, mentee: int, kind: int, mentor: int) -> str:
        """Why two people cannot be paired, in sentences; empty where nothing stands against it."""
        noun = self.given.problem.mentees[mentee].noun
        rules = self.fits.against(self.triple(mentee, kind, mentor))
        words = [rule.words(KINDS[kind], noun) for rule in rules]
        place = (np.array([number]) for number in (mentee, kind, mentor))
        if not words and self.market.possible.worths(*place)[0] < 0:
            words = [_NOT_LISTED if self.given.scores is not None else _NOT_RANKED]
        return " ".join(words)

    def words(self, breach: Breach) -> str:
        """What is wrong with a result, by the ids of the files."""
        return _BREACHES[breach.code](self, breach)


_NOT_LISTED = "The scores do not list this pair."
_NOT_RANKED = "One of the two ranks others, and not this one."


def instance(given: Given) -> Instance:
    """What these files ask to be solved.

    :raises BadFiles: the weights are no weights, or the pins cannot be.
    """
    try:
        fits = score.fits(given.problem, given.settings)
    except ValueError as no:
        raise BadFiles([Flaw(str(given.run.path), 0, f"{no}.")]) from no
    made = Instance(given, fits, _market(given, fits))
    if flaws := tuple(_bad_pins(made)):
        raise BadFiles(flaws)
    return made


def _market(given: Given, fits: Fits) -> Market:
    problem = given.problem
    mentees, mentors = len(problem.mentees), len(problem.mentors)
    wants = np.zeros((mentees, len(KINDS)), bool)
    for row, mentee in enumerate(problem.mentees):
        for want in mentee.wants:
            wants[row, KINDS.index(want.kind)] = True
    places = np.array([mentor.places for mentor in problem.mentors], np.int64)
    by_kind = np.repeat(places[:, None], len(KINDS), axis=1)
    for column, mentor in enumerate(problem.mentors):
        for offer in mentor.offers:
            if offer.places is not None:
                kind = KINDS.index(offer.kind)
                by_kind[column, kind] = min(by_kind[column, kind], offer.places)
    number = {home: place for place, home in enumerate(_institutions(given))}
    homes = [number.get(_home(mentor.institution), -1) for mentor in problem.mentors]
    possible = _possible(given, fits)
    return Market(
        wants=wants,
        held=np.zeros(mentees, np.int64),
        waited=np.array([mentee.waited for mentee in problem.mentees], bool),
        priority=given.priority,
        places=places,
        places_by_kind=by_kind.reshape(mentors, len(KINDS)),
        load=np.array([mentor.load for mentor in problem.mentors], np.int64),
        institution=np.array(homes, np.int64),
        possible=possible,
        pins=_pins(given, fits),
        before=given.before,
        one_kind_per_mentor=given.settings.one_kind_per_mentor,
        most_from_one_institution=given.settings.most_from_one_institution,
        quotas=quotas(problem.mentees, problem.mentors),
    )


def _home(institution: str) -> str:
    return institution.strip().casefold()


def _institutions(given: Given) -> tuple[str, ...]:
    homes = {_home(mentor.institution) for mentor in given.problem.mentors}
    return tuple(sorted(homes - {""}))


def _possible(given: Given, fits: Fits) -> Possible:
    """The pairs that break no rule, and are listed or ranked where that is asked."""
    shape = (len(given.mentee_ids), len(KINDS), len(given.mentor_ids))
    if given.scores is not None:
        pairs = given.scores
        pairs = pairs[fits.worths(pairs.mentee, pairs.kind, pairs.mentor) >= 0]
    elif given.only_ranked and given.wishes is not None:
        pairs = fits.every()
    else:
        return fits
    if given.only_ranked and given.wishes is not None:
        mentees, mentors = given.wishes.mentees, given.wishes.mentors
        pairs = pairs[
            _ranked(pairs.mentee, pairs.mentor, mentees.by, mentees.of)
            & _ranked(pairs.mentor, pairs.mentee, mentors.by, mentors.of)
        ]
    return Listed(pairs, shape)


def _ranked(who: Whole, whom: Whole, by: Whole, of: Whole) -> np.ndarray:
    """Where somebody ranks the other, or ranks nobody."""
    width = int(max(whom.max(initial=0), of.max(initial=0))) + 1
    return np.isin(who * width + whom, by * width + of) | ~np.isin(who, by)


def _pins(given: Given, fits: Fits) -> Edges:
    """Pins with what they are worth; nothing for one that no score is given for."""
    if not given.problem.pins:
        # To ask what nothing is worth would take a look at every pair.
        return Edges.joined([])
    rows = sorted(
        (fits.rows[mentee], KINDS.index(kind), fits.columns[mentor])
        for mentee, mentor, kind in given.problem.pins
    )
    mentee, kind, mentor = np.array(rows, np.int64).reshape(-1, 3).T
    if given.scores is None:
        worth = fits.sought(mentee, kind, mentor)
    else:
        shape = (len(given.mentee_ids), len(KINDS), len(given.mentor_ids))
        worth = Listed(given.scores, shape).worths(mentee, kind, mentor).clip(0)
    return Edges(mentee, kind, mentor, worth)


def _bad_pins(made: Instance) -> Iterator[Flaw]:
    """Pins that break a rule or cannot stand together; safety and capacity do not yield to them."""
    pins, run = made.market.pins, made.given.run
    if not len(pins):
        return
    where = made.given.mentee_ids, made.given.mentor_ids
    line = {
        (one.mentee_id, one.mentor_id, cells.kind(one.kind).value): one.line for one in run.pins
    }
    path = str(run.path)
    for row in zip(pins.mentee.tolist(), pins.kind.tolist(), pins.mentor.tolist(), strict=True):
        mentee, kind, mentor = row
        if words := made.against(*row):
            at = line.get((where[0][mentee], where[1][mentor], KINDS[kind]), 0)
            yield Flaw(path, at, f"The pin of {made.pair(*row)} cannot be: {words}")
    together = verify.check_pairs(replace(made.market, pins=Edges.joined([])), pins)
    for breach in together:
        if breach.code not in (Code.NOT_POSSIBLE, Code.NOT_WANTED):
            yield Flaw(path, 0, f"The pins cannot stand together: {made.words(breach)}")


def _not_possible(made: Instance, breach: Breach) -> str:
    mentee, kind, mentor = breach.where
    return f"{made.pair(mentee, kind, mentor)} cannot be: {made.against(mentee, kind, mentor)}"


def _wrong_worth(made: Instance, breach: Breach) -> str:
    mentee, kind, mentor = breach.where
    place = (np.array([number]) for number in breach.where)
    worth = made.given.unit.written(int(made.market.possible.worths(*place)[0]))
    return f"{made.pair(mentee, kind, mentor)} has the score {worth}, and the file says another."


def _too_many(made: Instance, breach: Breach) -> str:
    (mentor,) = breach.where
    places = made.market.places[mentor]
    return f"{made.mentor(mentor)} has more mentees than places, of which there are {places}."


def _too_many_of_kind(made: Instance, breach: Breach) -> str:
    mentor, kind = breach.where
    places = made.market.places_by_kind[mentor, kind]
    return f"{made.mentor(mentor)} has more mentees for {KINDS[kind]} than places ({places})."


def _institution(made: Instance, breach: Breach) -> str:
    mentee, home = breach.where
    most = made.market.most_from_one_institution
    name = quoted(made.institutions[home])
    return f"{made.mentee(mentee)} has more than {most} from one institution, {name}."


def _outside(made: Instance, breach: Breach) -> str:
    (mentor,) = breach.where
    places = made.given.problem.mentors[mentor].outside_places
    return f"{made.mentor(mentor)} has more mentees of other schools than places ({places})."


_BREACHES = {
    Code.OUT_OF_RANGE: lambda made, breach: breach.words,
    Code.NOT_POSSIBLE: _not_possible,
    Code.NOT_WANTED: _not_possible,
    Code.WRONG_WORTH: _wrong_worth,
    Code.WANT_TWICE: lambda made, breach: (
        f"{made.mentee(breach.where[0])} has more than one mentor for {KINDS[breach.where[1]]}."
    ),
    Code.TOO_MANY: _too_many,
    Code.TOO_MANY_OF_KIND: _too_many_of_kind,
    Code.PIN_MISSING: lambda made, breach: f"The pin of {made.pair(*breach.where)} is not kept.",
    Code.TWO_KINDS: lambda made, breach: (
        f"{made.mentee(breach.where[0])} has {made.mentor(breach.where[1])} for more than one kind."
    ),
    Code.INSTITUTION: _institution,
    Code.OUTSIDE: _outside,
    Code.LEVEL: lambda made, breach: breach.words,
    Code.BOUND: lambda made, breach: breach.words,
}
