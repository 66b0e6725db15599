"""The other bare solver: pylmcf's network simplex on the whole question."""

import numpy as np
import pylmcf
from plain import Instance, Network, run


def decide(instance: Instance) -> np.ndarray:
    network = Network.of(instance)
    order = np.lexsort((network.head, network.tail))
    graph = pylmcf.Graph(len(network.supply), network.tail[order], network.head[order])
    graph.set_edge_costs(network.cost[order])
    graph.set_edge_capacities(network.capacity[order])
    graph.set_node_supply(network.supply)
    graph.solve()
    flow = np.empty(len(order), np.int64)
    flow[order] = np.asarray(graph.result())
    return np.nonzero(flow[: len(instance)])[0]


if __name__ == "__main__":
    run(decide)
