"""networkx's network simplex on the whole question."""

import networkx as nx
from plain import Instance, Network, run


def decide(instance: Instance) -> list[int]:
    network = Network.of(instance)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(
        (node, {"demand": -supply}) for node, supply in enumerate(network.supply.tolist())
    )
    columns = (network.tail, network.head, network.capacity, network.cost)
    for arc, (tail, head, capacity, cost) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        graph.add_edge(tail, head, key=arc, capacity=capacity, weight=cost)
    _, flows = nx.network_simplex(graph)
    return [
        arc
        for heads in flows.values()
        for arcs in heads.values()
        for arc, flow in arcs.items()
        if flow and arc < len(instance)
    ]


if __name__ == "__main__":
    run(decide)
