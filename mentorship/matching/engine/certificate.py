"""What proves a flow the best, checked without a solver in a few lines.

A flow that is best in one good after the other has one potential per good. An arc that the first
good's potentials leave undecided (rest 0) is for the next good to decide, and so on down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mentorship.matching.engine import flow
from mentorship.matching.engine.flow import Network
from mentorship.matching.engine.market import Whole, Yes


@dataclass(frozen=True, eq=False)
class Stage:
    """One good, or several weighed into one: what arcs cost, and the potentials that prove it."""

    name: str
    cost: Whole
    potential: Whole


@dataclass(frozen=True, eq=False)
class Face:
    """What the stages so far leave open: the arcs that are full, and those still free."""

    full: Yes
    free: Yes

    @classmethod
    def whole(cls, network: Network) -> "Face":
        """All is open."""
        return cls(np.zeros(len(network.tail), bool), np.ones(len(network.tail), bool))

    def narrowed(self, rest: Whole) -> "Face":
        """What one more stage leaves open, by what arcs cost beside its potentials."""
        return Face(self.full | (self.free & (rest < 0)), self.free & (rest == 0))


def face(network: Network, stages: Sequence[Stage]) -> Face:
    """Which arcs every flow that is best in these stages has to fill, and which it may use."""
    open_ = Face.whole(network)
    for stage in stages:
        open_ = open_.narrowed(flow.rest(network, stage.cost, stage.potential))
    return open_


def check(network: Network, units: Whole, stages: Sequence[Stage]) -> dict[str, Any]:
    """Check a flow against the stages that claim it best; `proven` where all of it is right.

    `value` is what the flow costs in a stage and `bound` what none can cost less than, both
    exact. All of it is ready for JSON.
    """
    arrives = np.bincount(network.head, units, minlength=network.nodes)
    leaves = np.bincount(network.tail, units, minlength=network.nodes)
    balanced = bool((leaves - arrives == network.supply).all())
    within = bool(((units >= 0) & (units <= network.capacity)).all())
    told, open_ = [], Face.whole(network)
    for stage in stages:
        rest = flow.rest(network, stage.cost, stage.potential)
        open_ = open_.narrowed(rest)
        filled = np.where(open_.full, network.capacity, 0)
        kept = bool((units[~open_.free] == filled[~open_.free]).all())
        told.append(
            {
                "stage": stage.name,
                "value": _exact(stage.cost, units),
                "bound": _exact(rest, filled) - _exact(stage.potential, network.supply),
                "kept": kept,
            }
        )
    return {
        "nodes": network.nodes,
        "arcs": len(units),
        "balanced": balanced,
        "within_bounds": within,
        "stages": told,
        "proven": balanced
        and within
        and all(stage["kept"] and stage["value"] == stage["bound"] for stage in told),
    }


def _exact(many: Whole, times: Whole) -> int:
    """The sum of the products, by halves so that none leaves 64 bits."""
    low = many & 0xFFFFFFFF
    return (int(np.sum((many >> 32) * times)) << 32) + int(np.sum(low * times))
