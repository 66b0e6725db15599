"""One flow, two solvers: equal answers, exact proof, and clear words where there is none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.matching.engine import certificate, flow
from mentorship.matching.engine.certificate import Stage
from mentorship.matching.engine.flow import Network
from mentorship.matching.engine.solution import Unsolved

DOORS = (flow.by_ortools, flow.by_pylmcf)


@st.composite
def networks(draw) -> tuple[Network, np.ndarray, np.ndarray]:
    """A handful of arcs that can carry what has to flow, with two costs each."""
    nodes = draw(st.integers(2, 6))
    node = st.integers(0, nodes - 1)
    arc = st.tuples(node, node, st.integers(1, 3), st.integers(0, 9), st.integers(0, 9))
    arcs = draw(st.lists(arc.filter(lambda one: one[0] != one[1]), min_size=1, max_size=14))
    tail, head, capacity, *costs = np.array(arcs, np.int64).T
    # What some flow carries can be carried.
    some = np.array([draw(st.integers(0, int(room))) for room in capacity])
    supply = np.bincount(tail, some, nodes) - np.bincount(head, some, nodes)
    return Network(tail, head, capacity, supply.astype(np.int64)), *costs


class TestBest:
    @given(networks())
    def test_is_equally_good_and_equally_proven_by_either_solver(self, given_):
        network, cost, _ = given_

        one, other = (flow.best(network, cost, door=door) for door in DOORS)

        assert (one.units @ cost) == (other.units @ cost)
        assert (one.potential == other.potential).all()
        for found in (one, other):
            told = certificate.check(network, found.units, [Stage("cost", cost, found.potential)])
            assert told["proven"]
            assert told["stages"][0]["value"] == found.units @ cost

    @given(networks())
    def test_is_the_same_whatever_costs_were_thought_likely_to_do(self, given_):
        network, cost, other = given_

        plain, found = flow.best(network, cost), flow.best(network, cost, likely=other)

        assert found.units @ cost == plain.units @ cost
        assert (found.potential == plain.potential).all()

    @given(networks())
    def test_leaves_the_next_cost_what_the_first_leaves_open(self, given_):
        network, cost, second = given_
        first = flow.best(network, cost)
        stages = [Stage("first", cost, first.potential)]
        face = certificate.face(network, stages)
        full = np.where(face.full, network.capacity, 0)
        supply = network.supply - np.bincount(network.tail, full, network.nodes).astype(int)
        supply += np.bincount(network.head, full, network.nodes).astype(int)
        free = Network(
            network.tail[face.free], network.head[face.free], network.capacity[face.free], supply
        )

        then = flow.best(free, second[face.free])

        units = full.copy()
        units[face.free] = then.units
        stages.append(Stage("second", second, then.potential))
        assert certificate.check(network, units, stages)["proven"]
        both = 1000 * cost + second
        assert units @ both == flow.best(network, both).units @ both

    @pytest.mark.parametrize("door", DOORS)
    def test_says_so_where_nothing_can_flow(self, door):
        one = np.array([1])
        network = Network(one * 0, one, one, np.array([2, -2]))

        with pytest.raises(Unsolved, match="stopped"):
            flow.best(network, one, door=door)

    def test_refuses_costs_beyond_64_bits(self):
        one = np.array([1])
        network = Network(one * 0, one, one, np.array([1, -1]))

        with pytest.raises(Unsolved, match="beyond 64 bits"):
            flow.best(network, one * 2**60)
        with pytest.raises(Unsolved, match="below zero"):
            flow.best(network, -one)

    def test_sees_that_a_flow_is_not_the_cheapest(self):
        network = Network(np.array([0, 0]), np.array([1, 1]), np.array([1, 1]), np.array([1, -1]))

        with pytest.raises(Unsolved, match="not the cheapest"):
            flow.potentials(network, np.array([1, 2]), np.array([0, 1]))


class TestCertificate:
    """Two ways from 0 to 1, one cheaper; one unit to carry."""

    network = Network(np.array([0, 0]), np.array([1, 1]), np.array([1, 1]), np.array([1, -1]))
    cost = np.array([1, 2])
    units = np.array([1, 0])

    def told(self, *, units=None, cost=None, potential=None, network=None):
        potential = np.array([-1, 0]) if potential is None else np.array(potential)
        stage = Stage("cost", self.cost if cost is None else np.array(cost), potential)
        network = network or self.network
        return certificate.check(network, self.units if units is None else np.array(units), [stage])

    def test_holds_for_the_best(self):
        told = self.told()

        assert told["proven"]
        assert told["stages"] == [{"stage": "cost", "value": 1, "bound": 1, "kept": True}]

    @pytest.mark.parametrize(
        ("tampered", "part"),
        [
            ({"units": [0, 1]}, "kept"),
            ({"units": [0, 0]}, "balanced"),
            ({"units": [2, -1]}, "within_bounds"),
            ({"cost": [3, 2]}, "kept"),
            ({"potential": [-5, 0]}, "kept"),
            ({"potential": [3, 0]}, "kept"),
        ],
        ids=["dearer", "lost", "too many", "costs", "low potential", "high potential"],
    )
    def test_fails_whatever_is_tampered_with(self, tampered, part):
        told = self.told(**tampered)

        assert not told["proven"]
        assert not {**told, **told["stages"][0]}[part]

    def test_fails_for_another_network(self):
        assert not self.told(network=replace(self.network, capacity=np.array([0, 1])))["proven"]

    def test_is_exact_beyond_what_a_double_holds(self):
        huge = 2**58 + 1

        told = self.told(cost=[huge, huge + 1], potential=[-huge, 0])

        assert told["proven"]
        assert told["stages"][0]["value"] == told["stages"][0]["bound"] == huge
