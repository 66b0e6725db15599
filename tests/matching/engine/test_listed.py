"""Pairs that are written down answer as every pair looked at one by one would."""

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


@given(ROWS, st.integers(1, 2), st.integers(1, 2))
def test_a_short_list_holds_the_best_of_each_side(rows, of_a_want, of_an_offer):
    short = listed(rows).shortlist(of_a_want=of_a_want, of_an_offer=of_an_offer)

    assert triples(short) == sorted(triples(short))
    assert set(triples(short)) <= set(rows)
    for side, most in ((0, of_a_want), (2, of_an_offer)):
        for person in range(3):
            for kind in range(2):
                mine = [row for row in rows if row[side] == person and row[1] == kind]
                worths = sorted((rows[row] for row in mine), reverse=True)[:most]
                kept = sorted((rows[r] for r in triples(short) if r in mine), reverse=True)
                assert kept[: len(worths)] == worths


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
