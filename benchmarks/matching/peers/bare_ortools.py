"""The bare solver: OR-Tools' min-cost flow on the whole question, and nothing around it."""

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from plain import Instance, Network, run


def decide(instance: Instance) -> np.ndarray:
    network = Network.of(instance)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        network.tail, network.head, network.capacity, network.cost
    )
    flow.set_nodes_supplies(np.arange(len(network.supply)), network.supply)
    status = flow.solve()
    assert status == flow.OPTIMAL, status
    return np.nonzero(flow.flows(arcs[: len(instance)]))[0]


if __name__ == "__main__":
    run(decide)
