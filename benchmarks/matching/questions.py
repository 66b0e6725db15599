"""What the engine is asked, and the only place here that knows how it is called."""

from dataclasses import dataclass, field, replace

import numpy as np

from mentorship.matching.engine import score
from mentorship.matching.engine.changes import Change, MorePlaces
from mentorship.matching.engine.fit import Factor, Fit, Mentee, Problem, Triple
from mentorship.matching.engine.market import Edges, Market
from mentorship.matching.engine.score import Fits
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.stages import Stage


@dataclass(frozen=True)
class Question:
    """A run as it is asked."""

    #: Only what peers can be asked too: nobody waited, no stage comes first, and one person may
    #: be two kinds of mentor to one mentee. Then the whole question is one flow.
    alike: bool = True
    settings: Settings = field(default_factory=lambda: ALIKE)
    #: Places in all, as a multiple of wants.
    places: float = 1.0
    #: What would be if something were different.
    change: Change | None = None


ALIKE = Settings(one_kind_per_mentor=False, floors=(), own_best=False, exact_below=0)
EVERY_RULE = Settings(most_from_one_institution=2)
QUESTIONS = {
    "alike": Question(),
    "alike-1": Question(settings=replace(ALIKE, rounds=1)),
    "alike-2": Question(settings=replace(ALIKE, rounds=2)),
    "rules": Question(alike=False, settings=EVERY_RULE),
    "rules-1": Question(alike=False, settings=replace(EVERY_RULE, rounds=1)),
    "what-if": Question(alike=False, settings=EVERY_RULE, change=MorePlaces(mentor=0, count=1)),
    # Where one in three wants stays open, whoever scores low is who goes without.
    "scarce": Question(alike=False, settings=Settings(rounds=1), places=0.65),
}


def market(problem: Problem, question: Question) -> tuple[Fits, Market]:
    """Score people, and lay out what may be decided."""
    settings = question.settings
    fits = score.fits(problem, settings)
    mentees, mentors, kinds = fits.mentees, fits.mentors, fits.kinds
    nothing = np.zeros(0, np.int64)
    none = Edges(nothing, nothing, nothing, nothing)
    places = np.array([mentor.places for mentor in mentors], np.int64)
    own = [{offer.kind: offer.places for offer in mentor.offers} for mentor in mentors]
    by_kind = np.array(
        [
            [
                0 if kind not in of else mentor.places if of[kind] is None else of[kind]
                for kind in kinds
            ]
            for mentor, of in zip(mentors, own, strict=True)
        ],
        np.int64,
    )
    asked = [{want.kind for want in mentee.wants} for mentee in mentees]
    waited = [mentee.waited and not question.alike for mentee in mentees]
    institutions = np.unique([mentor.institution for mentor in mentors], return_inverse=True)[1]
    return fits, Market(
        wants=np.array([[kind in of for kind in kinds] for of in asked], bool),
        held=np.zeros(len(mentees), np.int64),
        waited=np.array(waited, bool),
        priority=np.array([0 if question.alike else _priority(one) for one in mentees], np.int64),
        places=places,
        places_by_kind=np.minimum(by_kind, places[:, None]),
        load=np.array([mentor.load for mentor in mentors], np.int64),
        institution=institutions.astype(np.int64),
        possible=fits,
        pins=none,
        before=none,
        one_kind_per_mentor=settings.one_kind_per_mentor,
        most_from_one_institution=settings.most_from_one_institution,
    )


def _priority(mentee: Mentee) -> int:
    """Applicants first, then those who are about to be."""
    return {Stage.M4: 2, Stage.M3: 1}.get(mentee.stage, 0)


def triples(fits: Fits, chosen: Edges) -> list[Triple]:
    return [
        (fits.mentees[mentee].id, fits.mentors[mentor].id, fits.kinds[kind])
        for mentee, kind, mentor in zip(
            chosen.mentee.tolist(), chosen.kind.tolist(), chosen.mentor.tolist(), strict=True
        )
    ]


def contributions(fits: Fits, chosen: Edges) -> dict[Factor, np.ndarray]:
    """What every factor adds to every chosen pair."""
    return fits.summands(chosen.mentee, chosen.kind, chosen.mentor)


def add_up(fits: Fits, chosen: Edges, adds: dict[Factor, np.ndarray]) -> None:
    """:raises ValueError: what factors add is not what the pairs are worth."""
    if not (sum(adds.values()) == fits.plain(chosen.mentee, chosen.kind, chosen.mentor)).all():
        raise ValueError("what factors add is not what the pairs are worth")


def sentences(fits: Fits, chosen: Edges) -> list[Fit]:
    """The same in words, for people."""
    return list(fits.fits(triples(fits, chosen)))
