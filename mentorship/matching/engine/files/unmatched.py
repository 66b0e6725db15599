"""Who goes without, and why: each want that is not filled, with a reason that can be looked up."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from mentorship.matching.engine.files.cells import KINDS
from mentorship.matching.engine.files.instance import Instance
from mentorship.matching.engine.fit import Rule
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import Edges, Whole
from mentorship.matching.engine.rules import BIT

#: Up to so many possible pairs, those who could serve a want are counted.
COUNTED_BELOW = 200_000
#: Unfilled wants that are explained rule by rule.
MOST_EXPLAINED = 1_000


def unmatched(made: Instance, chosen: Edges) -> Iterator[dict[str, Any]]:
    """Each want that is not filled, with its reason; sorted by mentee and kind."""
    given, market = made.given, made.market
    left = market.wants.copy()
    left[chosen.mentee, chosen.kind] = False
    nobody = np.bincount(chosen.mentee, minlength=len(left)) == 0
    rows = sorted(np.argwhere(left).tolist(), key=lambda row: (given.mentee_ids[row[0]], row[1]))
    could = could_serve(made)
    for place, (mentee, kind) in enumerate(rows):
        code, words = why_unfilled(
            made, mentee, kind, int(could[mentee, kind]), closely=place < MOST_EXPLAINED
        )
        yield {
            "mentee_id": given.mentee_ids[mentee],
            "kind": KINDS[kind].value,
            "with_nobody": bool(nobody[mentee]),
            "code": code,
            "reason": words,
        }


def could_serve(made: Instance) -> Whole:
    """(M, K): how many mentors could serve each want; -1 for some where they are not counted."""
    possible = made.market.possible
    if isinstance(possible, Listed) or possible.count() <= COUNTED_BELOW:
        pairs = possible.every()
        found = np.zeros(made.market.wants.shape, np.int64)
        np.add.at(found, (pairs.mentee, pairs.kind), 1)
        return found
    return np.where(made.fits.best > 0, -1, 0)


def why_unfilled(
    made: Instance, mentee: int, kind: int, could: int, *, closely: bool = True
) -> tuple[str, str]:
    """Why a want is not filled, in a word and in a sentence."""
    name = KINDS[kind].value
    if could:
        who = {1: "The only mentor", -1: "Every mentor"}.get(
            could, f"Each of the {could:,} mentors"
        )
        words = f"{who} who could serve this is full, or has this mentee for another kind."
        return "full", words
    offering = np.array(
        [any(offer.kind is KINDS[kind] for offer in one.offers) for one in made.fits.mentors]
    )
    if not offering.any():
        return "nobody_offers", f"No mentor offers {name} mentoring."
    scores = made.given.scores
    if scores is not None and not ((scores.mentee == mentee) & (scores.kind == kind)).any():
        return "not_listed", "The scores list nobody for this."
    if not closely:
        return "no_rule_allows", f"No mentor who offers {name} mentoring can serve this."
    return _blamed(made, mentee, kind, np.flatnonzero(offering))


def _blamed(made: Instance, mentee: int, kind: int, mentors: Whole) -> tuple[str, str]:
    """Which rules keep those who offer a kind from one mentee; each is blamed for one only."""
    who = made.fits.mentees[mentee]
    bits = made.fits.rules.at(KINDS[kind], np.full(len(mentors), mentee), mentors)
    blamed = Counter(
        next((rule for rule in Rule if int(bit) & BIT[rule]), None) for bit in bits.tolist()
    )
    parts = []
    for rule, count in sorted(blamed.items(), key=lambda one: (-one[1], str(one[0]))):
        if rule is None:
            scored = made.given.scores is not None
            words = "The scores do not list the pair." if scored else "One ranks only others."
        else:
            words = rule.words(KINDS[kind], who.noun)
        parts.append(f"{words[:-1]} ({count:,})." if len(mentors) > 1 else words)
    code = next(iter(sorted(blamed, key=lambda rule: (-blamed[rule], str(rule)))))
    return (code.value if code else "not_listed"), " ".join(parts)
