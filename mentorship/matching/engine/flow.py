"""One min-cost flow: arcs in; units and what proves them the best out. The solvers' only door.

OR-Tools is always there; `pylmcf`, where it is installed, is up to twice as fast. Neither is
asked for a dual: the potentials are the greatest that prove the flow, which are the same for
every best flow, whoever found it.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

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


def best(network: Network, cost: Whole, *, door: Door | None = None) -> Flow:
    """The cheapest flow. Costs are not below zero; ties fall as the arcs are sorted.

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
    import pylmcf  # an extra that may not be there

    # It wants its arcs sorted.
    order = np.lexsort((network.head, network.tail))
    graph = pylmcf.Graph(network.nodes, network.tail[order], network.head[order])
    graph.set_edge_costs(cost[order])
    graph.set_edge_capacities(network.capacity[order])
    graph.set_node_supply(network.supply)
    try:
        graph.solve()
    except RuntimeError as error:
        raise Unsolved(f"The solver stopped: {error}") from error
    units = np.empty(len(order), np.int64)
    units[order] = graph.result()
    return units


def potentials(network: Network, cost: Whole, units: Whole) -> Whole:
    """The greatest potentials, none above zero, that prove a cheapest flow to be one.

    These are the shortest ways to each node through what the flow leaves open, from wherever;
    labels are corrected until none changes.

    :raises Unsolved: a cheaper flow exists.
    """
    open_, back = units < network.capacity, units > 0
    tail = np.concatenate([network.tail[open_], network.head[back]]).astype(np.int32)
    head = np.concatenate([network.head[open_], network.tail[back]]).astype(np.int32)
    length = np.concatenate([cost[open_], -cost[back]])
    order = np.argsort(head, kind="stable")
    tail, head, length = tail[order], head[order], length[order]
    label: Whole = np.zeros(network.nodes, np.int64)
    if not len(head):
        return label
    first = np.flatnonzero(np.diff(head, prepend=-1))
    reached = head[first]
    for _ in range(network.nodes + 1):
        shortest = np.minimum.reduceat(label[tail] + length, first)
        shorter = shortest < label[reached]
        if not shorter.any():
            return label
        label[reached[shorter]] = shortest[shorter]
    raise Unsolved("The solver's flow is not the cheapest.")


def rest(network: Network, cost: Whole, potential: Whole) -> NDArray[np.int64]:
    """What each arc costs beside the potentials of its ends."""
    return cost + potential[network.tail] - potential[network.head]
