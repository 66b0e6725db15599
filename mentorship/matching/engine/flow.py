"""One min-cost flow: arcs in; units and what proves them the best out. The solvers' only door.

OR-Tools is always there; `pylmcf`, where it is installed, is up to twice as fast. Neither is
asked for a dual: the potentials are the greatest that prove the flow, which are the same for
every best flow, whoever found it.
"""

import importlib.util
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from mentorship.matching.engine.market import Index, Whole
from mentorship.matching.engine.solution import Unsolved

#: Solvers multiply costs by the number of nodes and have to keep them in 64 bits.
COST_RANGE = 2**61


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs with room for so many units, and what comes in (above 0) or goes out at each node."""

    tail: Index
    head: Index
    capacity: Whole
    supply: Whole

    @property
    def nodes(self) -> int:
        return len(self.supply)


@dataclass(frozen=True, eq=False)
class Flow:
    """Units on each arc, and a potential for each node.

    With `rest = cost + potential[tail] - potential[head]`, an arc with rest > 0 is empty and
    one with rest < 0 is full: no flow costs less.
    """

    units: Whole
    potential: Whole


Door = Callable[[Network, Whole], Whole]


def best(
    network: Network, cost: Whole, *, door: Door | None = None, likely: Whole | None = None
) -> Flow:
    """The cheapest flow. Costs are not below zero; ties fall as the arcs are sorted.

    `likely` are smaller costs of which the same flow is likely to be the best: OR-Tools, which
    works its way down from the greatest cost, is the sooner done. Potentials tell whether it is.

    :raises Unsolved: there is no flow, or the costs are beyond 64 bits.
    """
    if not len(cost):
        if network.supply.any():
            raise Unsolved("There is no arc to carry what has to flow.")
        return Flow(cost, np.zeros(network.nodes, np.int64))
    most = int(cost.max())
    if not fits(most, network.nodes):
        raise Unsolved(f"Costs of {most:,} on {network.nodes:,} nodes are beyond 64 bits.")
    if cost.min() < 0:
        raise Unsolved("Costs below zero are not for this door.")
    if likely is not None:
        with suppress(Unsolved):
            units = by_ortools(network, likely)
            return Flow(units, potentials(network, cost, units))
    units = (door or fastest())(network, cost)
    return Flow(units, potentials(network, cost, units))


def fits(cost: int, nodes: int) -> bool:
    """Whether a solver can bear a cost on so many nodes."""
    return cost * (nodes + 1) <= COST_RANGE


@cache
def fastest() -> Door:
    """pylmcf where it is installed, else OR-Tools."""
    return by_pylmcf if importlib.util.find_spec("pylmcf") else by_ortools


def by_ortools(network: Network, cost: Whole) -> Whole:
    """Units by cost scaling.

    :raises Unsolved: there is no flow, or the costs are beyond what the solver bears.
    """
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        network.tail, network.head, network.capacity, cost
    )
    solver.set_nodes_supplies(np.arange(network.nodes), network.supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise Unsolved(f"The solver stopped with {status.name}.")
    return np.asarray(solver.flows(arcs), np.int64)


def by_pylmcf(network: Network, cost: Whole) -> Whole:
    """Units by network simplex.

    :raises Unsolved: there is no flow.
    """
    return _Simplex(network).units(cost)


def again_and_again(network: Network) -> Callable[[Whole], Flow]:
    """A door to one network whose costs change a little from solve to solve.

    Where pylmcf is installed each solve begins where the last one ended, many times faster. Its
    potentials then prove a flow as any others do, but need not be the greatest.

    :raises Unsolved: when solving, as `best` does.
    """
    if fastest() is by_pylmcf:
        return _Simplex(network).solved
    return partial(best, network)


class _Simplex:
    """A network in pylmcf's memory, with the basis of its last solve."""

    def __init__(self, network: Network) -> None:
        import pylmcf  # an extra that may not be there

        # It wants its arcs sorted. Most are already, which this kind of sort makes use of.
        self._order = np.argsort(network.tail * network.nodes + network.head, kind="stable")
        self._graph = pylmcf.Graph(
            network.nodes, network.tail[self._order], network.head[self._order]
        )
        self._graph.set_edge_capacities(network.capacity[self._order])
        self._graph.set_node_supply(network.supply)

    def solved(self, cost: Whole) -> Flow:
        """:raises Unsolved: there is no flow."""
        return Flow(self.units(cost), np.asarray(self._graph.potentials(), np.int64))

    def units(self, cost: Whole) -> Whole:
        """:raises Unsolved: there is no flow."""
        self._graph.set_edge_costs(cost[self._order])
        try:
            self._graph.solve()
        except RuntimeError as error:
            raise Unsolved(f"The solver stopped: {error}") from error
        units = np.empty(len(self._order), np.int64)
        units[self._order] = self._graph.result()
        return units


def potentials(network: Network, cost: Whole, units: Whole) -> Whole:
    """The greatest potentials, none above zero, that prove a cheapest flow to be one.

    :raises Unsolved: a cheaper flow exists.
    """
    tail, head, length = _left_open(network, cost, units)
    return _shortest(tail, head, length, network.nodes)


def between(network: Network, cost: Whole, units: Whole, greatest: Whole, base: int) -> Whole:
    """Potentials halfway between the greatest and the least, both taken from zero at `base`.

    They prove the same. An arc that is not there yet is judged by them with moderation.
    """
    tail, head, length = _left_open(network, cost, units)
    least = -_shortest(head, tail, length, network.nodes)
    # Half of two whole numbers rounded down keeps every difference within a whole length.
    return (greatest - greatest[base] + least - least[base]) >> 1


def _left_open(network: Network, cost: Whole, units: Whole) -> tuple[Index, Index, Whole]:
    """The ways that a flow leaves open: more along an arc, or less of what is there."""
    open_, back = units < network.capacity, units > 0
    return (
        np.concatenate([network.tail[open_], network.head[back]]),
        np.concatenate([network.head[open_], network.tail[back]]),
        np.concatenate([cost[open_], -cost[back]]),
    )


def _shortest(tail: Index, head: Index, length: Whole, nodes: int) -> Whole:
    """The shortest way to each node, from wherever.

    Labels are corrected until none changes, each time onward from those that just changed.

    :raises Unsolved: there is a circle of which every round is shorter.
    """
    order = np.argsort(tail, kind="stable")
    head, length = head[order], length[order]
    ends = np.cumsum(np.bincount(tail, minlength=nodes))
    label: Whole = np.zeros(nodes, np.int64)
    reached = np.zeros(nodes, bool)
    # From zero everywhere, only ways of less than nothing are any shorter.
    to, label_there = head[length < 0], length[length < 0]
    for _ in range(nodes + 1):
        if not len(to):
            return label
        np.minimum.at(label, to, label_there)
        reached[to] = True
        changed = np.flatnonzero(reached)
        reached[changed] = False
        count = ends[changed] - np.where(changed > 0, ends[changed - 1], 0)
        last = np.cumsum(count)
        way = np.arange(last[-1]) + np.repeat(ends[changed] - last, count)
        to, label_there = head[way], np.repeat(label[changed], count) + length[way]
        shorter = label_there < label[to]
        to, label_there = to[shorter], label_there[shorter]
    raise Unsolved("The solver's flow is not the cheapest.")


def rest(network: Network, cost: Whole, potential: Whole) -> NDArray[np.int64]:
    """What each arc costs beside the potentials of its ends."""
    return cost + potential[network.tail] - potential[network.head]
