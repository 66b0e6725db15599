"""Pairs that are written down answer as every pair looked at one by one would."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import Edges

SHAPE = (3, 2, 3)
ROWS = st.dictionaries(
    st.tuples(*(st.integers(0, most - 1) for most in SHAPE)), st.integers(0, 5), max_size=12
)
PRICES = st.lists(st.integers(0, 4), min_size=12, max_size=12)


def edges(rows) -> Edges:
    table = np.array([(*row, rows[row]) for row in sorted(rows)], np.int64).reshape(-1, 4)
    return Edges(*table.T)


def listed(rows) -> Listed:
    return Listed(edges(rows), SHAPE)


def triples(pairs: Edges) -> list[tuple[int, int, int]]:
    return list(zip(pairs.mentee.tolist(), pairs.kind.tolist(), pairs.mentor.tolist(), strict=True))


@given(ROWS)
def test_says_what_each_pair_is_worth(rows):
    everything = np.indices(SHAPE).reshape(3, -1)

    worths = listed(rows).worths(*everything)

    assert worths.tolist() == [rows.get(row, -1) for row in map(tuple, everything.T.tolist())]


@given(ROWS, st.integers(1, 2))
def test_a_short_list_holds_the_best_of_each_want(rows, most):
    short = listed(rows).shortlist(of_a_want=most)

    assert triples(short) == sorted(triples(short))
    assert set(triples(short)) <= set(rows)
    for want in product(range(3), range(2)):
        mine = sorted((worth for row, worth in rows.items() if row[:2] == want), reverse=True)
        kept = sorted((rows[row] for row in triples(short) if row[:2] == want), reverse=True)
        assert kept == mine[:most]


@given(ROWS, PRICES, st.integers(1, 2), st.integers(1, 2), st.lists(st.booleans(), min_size=3))
def test_what_is_near_is_best_beside_its_prices_for_either_side(
    rows, prices, of_a_want, of_an_offer, asked
):
    offer, only = np.array(prices[6:]).reshape(3, 2), np.array(asked[:3])
    rows = {row: worth for row, worth in rows.items() if only[row[0]]}
    beside = {row: worth - offer[row[2], row[1]] for row, worth in rows.items()}
    own = {
        want: max((0, *(b for row, b in beside.items() if row[:2] == want)))
        for want in product(range(3), range(2))
    }
    lost = {row: own[row[:2]] - value for row, value in beside.items()}

    near = triples(
        listed(rows).near(offer, of_a_want=of_a_want, of_an_offer=of_an_offer, only=only)
    )

    assert near == sorted(set(near))
    for person, kind in product(range(3), range(2)):
        for most, group in (
            (of_a_want, [row for row in rows if row[:2] == (person, kind)]),
            (of_an_offer, [row for row in rows if row[1:] == (kind, person)]),
        ):
            kept = sorted(lost[row] for row in near if row in group)
            assert kept[:most] == sorted(lost[row] for row in group)[:most]


@given(ROWS, PRICES, st.integers(1, 3))
def test_finds_every_pair_worth_more_than_its_prices(rows, prices, most):
    want, offer = np.array(prices[:6]).reshape(3, 2), np.array(prices[6:]).reshape(3, 2)
    over = {r: worth - want[r[0], r[1]] - offer[r[2], r[1]] for r, worth in rows.items()}

    better = listed(rows).better(want, offer, most=most)

    for mentee in range(3):
        for kind in range(2):
            mine = [r for r in rows if r[:2] == (mentee, kind) and over[r] > 0]
            best = sorted(mine, key=lambda row: (-over[row], row[2]))
            assert [r for r in triples(better.edges) if r[:2] == (mentee, kind)] == best[:most]
            assert better.excess[mentee, kind] == max((over[row] for row in mine), default=0)


def test_refuses_pairs_in_another_order():
    pairs = edges({(0, 0, 1): 1, (0, 0, 0): 2})

    with pytest.raises(ValueError, match="not sorted"):
        Listed(pairs[np.array([1, 0])], SHAPE)
