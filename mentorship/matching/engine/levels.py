"""The goods of a market one after the other, each as good as it can be, exactly.

A stage is one flow for as many goods as 64 bits can weigh into one cost. What its potentials
leave undecided is for the next stage; what they decide never comes back. Solvers see few of all
pairs: after each solve every pair is held against the potentials, until none would do better.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mentorship.matching.engine import certificate, flow
from mentorship.matching.engine.certificate import Face
from mentorship.matching.engine.flow import Network
from mentorship.matching.engine.market import Edges, Index, Whole, Yes
from mentorship.matching.engine.network import (
    SINK,
    Graph,
    Layout,
    graph,
    heads,
    most_cost,
    pair_cost,
)

Weights = tuple[tuple[str, int], ...]
#: Pairs of each want that a look at all of them takes up at once.
MORE_OF_A_WANT = 8


@dataclass(frozen=True, eq=False)
class Stage:
    """Goods weighed into one cost, and the potentials that prove the best in them."""

    weights: Weights
    potential: Whole

    @property
    def name(self) -> str:
        return ", ".join(good for good, _ in self.weights)


@dataclass(frozen=True, eq=False)
class Best:
    """What is best in the stages so far, among the pairs that were looked at."""

    graph: Graph
    units: Whole
    stages: tuple[Stage, ...]

    @property
    def chosen(self) -> Edges:
        return self.graph.edges[self.units[: len(self.graph.edges)] > 0]

    def certificate(self) -> dict:
        """What proves it, checked."""
        return certificate.check(
            self.graph.network, self.units, _certified(self.graph, self.stages)
        )


def planned(layout: Layout, goods: Sequence[str], *, nodes: int) -> list[Weights]:
    """Weigh goods into as few costs as 64 bits allow, the first good above all others."""
    stages: list[Weights] = []
    weights: Weights = ()
    for good in reversed(goods):
        more: Weights = (
            (good, 1 + sum(w * layout.slots * most_cost(layout, g) for g, w in weights)),
            *weights,
        )
        if weights and not flow.fits(most_together(layout, more), nodes):
            stages.insert(0, weights)
            more = ((good, 1),)
        weights = more
    return [weights, *stages] if weights else stages


def most_together(layout: Layout, weights: Weights) -> int:
    """The most that one arc can cost."""
    return sum(weight * most_cost(layout, good) for good, weight in weights)


def solved(
    chart: Graph,
    stages: Sequence[Stage],
    weights: Weights,
    *,
    moderate: bool = False,
    likely: Weights = (),
) -> Best:
    """The best in one more stage, among the pairs of this graph.

    `moderate` potentials judge the pairs that are not in the graph less harshly, and cost more.
    `likely` are smaller weights that are likely to come to the same.

    :raises Unsolved: the costs are beyond 64 bits.
    """
    network, cost = chart.network, chart.weighed(weights)
    certified = _certified(chart, stages)
    face = certificate.face(network, certified)
    left, left_cost = _left(network, cost, face)
    found = flow.best(
        left, left_cost, likely=chart.weighed(likely) if likely and face.free.all() else None
    )
    units = np.where(face.full, network.capacity, 0)
    units[face.free] = found.units
    potential = found.potential
    if moderate:
        potential = flow.between(left, left_cost, found.units, potential, SINK)
    potential = _lowered(chart, units, potential)
    return Best(chart, units, (*stages, Stage(weights, potential)))


def _lowered(chart: Graph, units: Whole, potential: Whole) -> Whole:
    """The same proof where a mentor, offer or meeting that nobody takes costs no less than the
    way on from it: an absent pair that would lead there is not to look better than it is.
    """
    layout, potential = chart.layout, potential.copy()
    idle = np.bincount(chart.network.head, units, chart.network.nodes) == 0
    mentors, by_kind = layout.mentor_node, np.nonzero(layout.of_kind)[0]
    ways = (
        (mentors, np.full(len(mentors), SINK)),
        (layout.offer_node[layout.of_kind], mentors[by_kind]),
        (
            layout.nodes + np.arange(len(chart.meetings)),
            mentors[chart.meetings % max(1, len(mentors))],
        ),
    )
    for node, onward in ways:
        lower = np.minimum(potential[node], potential[onward])
        potential[node] = np.where(idle[node], lower, potential[node])
    return potential


def _left(network: Network, cost: Whole, face: Face) -> tuple[Network, Whole]:
    """The network without what is decided, and what its arcs cost."""
    if face.free.all():
        # A national run's arcs are too many to be held twice.
        return network, cost
    full = np.where(face.full, network.capacity, 0)
    supply = network.supply.copy()
    np.subtract.at(supply, network.tail[face.full], full[face.full])
    np.add.at(supply, network.head[face.full], full[face.full])
    free = face.free
    left = Network(network.tail[free], network.head[free], network.capacity[free], supply)
    return left, cost[free]


def _certified(chart: Graph, stages: Sequence[Stage]) -> list[certificate.Stage]:
    return [
        certificate.Stage(stage.name, chart.weighed(stage.weights), grown(chart, stage.potential))
        for stage in stages
    ]


def grown(chart: Graph, potential: Whole) -> Whole:
    """Potentials of an earlier graph: a meeting that is new costs what its mentor costs."""
    new = chart.meetings[len(potential) - chart.layout.nodes :]
    mentors = new % max(1, len(chart.layout.market.places))
    return np.concatenate([potential, potential[chart.layout.mentor_node[mentors]]])


def met_twice(best: Best) -> Index:
    """The two people of each meeting that would take place more than once, or as well might.

    Empty where no meeting does, or none that a flow can keep to one.
    """
    layout, edges = best.graph.layout, best.graph.edges
    if not layout.market.one_kind_per_mentor:
        return np.zeros(0, np.int64)
    free = ~layout.binding[edges.mentor]
    twice = _repeated(layout.market.meeting(edges[free & (best.units[: len(edges)] > 0)]))
    if not len(twice):
        return twice
    # Once these are kept to one, others that are as good would be next.
    as_good = rests(best.graph, best.stages[-1], edges) <= 0
    next_ = _repeated(layout.market.meeting(edges[free & as_good]))
    return np.union1d(twice, next_[~np.isin(next_, best.graph.meetings)])


def _repeated(keys: Index) -> Index:
    keys, times = np.unique(keys, return_counts=True)
    return keys[times > 1]


def climbed(layout: Layout, every: Edges, best: Best, plan: Sequence[Weights]) -> Best:
    """Solve stage after stage, over all of `every`, from the pairs and stages that `best` has.

    :raises Unsolved: the costs are beyond 64 bits.
    """
    edges, meetings = best.graph.edges, best.graph.meetings
    chart = graph(layout, edges, meetings, by_place=True)
    absent = every[~layout.market.among(every, edges)]
    for stage in best.stages:
        absent = absent[rests(chart, stage, absent) == 0]
    stages = best.stages
    for weights in plan:
        while True:
            best = solved(chart, stages, weights)
            rest = rests(chart, best.stages[-1], absent)
            more, twice = _best_of_each_want(layout, absent, rest), met_twice(best)
            if not (more.any() or len(twice)):
                break
            edges = Edges.joined([edges, absent[more]])
            absent = absent[~more]
            meetings = np.concatenate([meetings, twice])
            chart = graph(layout, edges, meetings, by_place=True)
        stages = best.stages
        # What a stage rules out never comes back.
        absent = absent[rest == 0]
    return best


def _best_of_each_want(layout: Layout, edges: Edges, rest: Whole) -> Yes:
    """Where a pair costs less than its prices, the best few of each want."""
    found = np.zeros(len(edges), bool)
    rows = np.flatnonzero(rest < 0)
    want = layout.want_node[edges.mentee[rows], edges.kind[rows]]
    order = np.lexsort((rest[rows], want))
    first = np.searchsorted(want[order], want[order])
    found[rows[order[np.arange(len(order)) - first < MORE_OF_A_WANT]]] = True
    return found


def rests(chart: Graph, stage: Stage, edges: Edges) -> Whole:
    """What each of these pairs would cost beside the potentials, whether or not it has an arc."""
    layout, potential = chart.layout, grown(chart, stage.potential)
    rest = np.zeros(len(edges), np.int64)
    for good, weight in stage.weights:
        rest += weight * pair_cost(layout, good, edges)
    want = layout.want_node[edges.mentee, edges.kind]
    return rest + potential[want] - potential[heads(layout, edges, chart.meetings)]
