"""An instance as plain arrays, and how a peer is run on it: with NumPy and nothing of ours.

Every peer runs in an environment and a process of its own:

    python PEER.py FOLDER ANSWER

It reads FOLDER, is timed while it decides, and writes ANSWER.npy (the rows of the pairs it chose)
and ANSWER.json (`seconds`, in CPU seconds, and `peak_mb`). Reading files and importing libraries
is not counted; building whatever the library asks for is, since nobody gets around it.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

#: The worth of a perfect pair.
SCALE = 1_000_000


@dataclass
class Instance:
    """Possible pairs, one a row and sorted by mentee, kind and mentor; wants and places."""

    mentee: np.ndarray
    kind: np.ndarray
    mentor: np.ndarray
    worth: np.ndarray
    #: (M, K): what is asked for.
    wants: np.ndarray
    #: (N,) and (N, K): places over all kinds, and for each.
    places: np.ndarray
    places_by_kind: np.ndarray
    #: (M,): the mentees in the order in which they signed up.
    signed_up: np.ndarray

    def __len__(self) -> int:
        return len(self.worth)

    @property
    def kinds(self) -> int:
        return self.wants.shape[1]

    @property
    def want(self) -> np.ndarray:
        """One number a row for the mentee and the kind."""
        return self.mentee.astype(np.int64) * self.kinds + self.kind

    @property
    def offer(self) -> np.ndarray:
        """One number a row for the mentor and the kind."""
        return self.mentor.astype(np.int64) * self.kinds + self.kind

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for column in fields(self):
            np.save(folder / f"{column.name}.npy", getattr(self, column.name))

    @classmethod
    def read(cls, folder: Path) -> "Instance":
        return cls(*(np.load(folder / f"{column.name}.npy") for column in fields(cls)))


def run(decide: Callable[[Instance], np.ndarray]) -> None:
    """Read what the command line names, decide, and write the answer and what it took."""
    instance, answer = Instance.read(Path(sys.argv[1])), Path(sys.argv[2])
    began = time.process_time()
    rows = decide(instance)
    took = time.process_time() - began
    np.save(answer.with_suffix(".npy"), np.sort(np.asarray(rows, np.int64)))
    answer.with_suffix(".json").write_text(json.dumps({"seconds": took, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """The most memory that this process has held, its interpreter and libraries included.

    Linux counts it afresh for each program; what `getrusage` says there includes the program that
    started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) / 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 1024


@dataclass
class Network:
    """The whole question as a min-cost flow of unit pairs; the pairs' arcs come first.

    Source, mentee, want, offer, mentor, sink. The nth unit into a mentee costs n steps of
    coverage, and a unit that passes everybody by costs as many as a mentee can want: one flow
    then fills as many wants as can be, firsts before seconds, and costs the least worth lost.
    """

    tail: np.ndarray
    head: np.ndarray
    capacity: np.ndarray
    cost: np.ndarray
    supply: np.ndarray

    @classmethod
    def of(cls, instance: Instance) -> "Network":
        wants, want = np.unique(instance.want, return_inverse=True)
        offers, offer = np.unique(instance.offer, return_inverse=True)
        mentees, of_mentee = np.unique(wants // instance.kinds, return_inverse=True)
        mentors, of_mentor = np.unique(offers // instance.kinds, return_inverse=True)
        asked = np.bincount(of_mentee)
        first_mentee = 2
        first_want = first_mentee + len(mentees)
        first_offer = first_want + len(wants)
        first_mentor = first_offer + len(offers)
        step = len(wants) * SCALE + 1
        whose = np.repeat(np.arange(len(mentees)), asked)
        nth = np.arange(len(whose)) - np.repeat(np.cumsum(asked) - asked, asked)
        by_kind = instance.places_by_kind[offers // instance.kinds, offers % instance.kinds]
        arcs = [
            (first_want + want, first_offer + offer, 1, SCALE - instance.worth),
            (0, first_mentee + whose, 1, nth * step),
            (first_mentee + of_mentee, first_want + np.arange(len(wants)), 1, 0),
            (first_offer + np.arange(len(offers)), first_mentor + of_mentor, by_kind, 0),
            (first_mentor + np.arange(len(mentors)), 1, instance.places[mentors], 0),
            (np.zeros(1, int), 1, len(wants), instance.kinds * step + SCALE),
        ]
        columns = [np.broadcast_arrays(*arc) for arc in arcs]
        tail, head, capacity, cost = (
            np.concatenate([column[place] for column in columns]).astype(np.int64)
            for place in range(4)
        )
        supply = np.zeros(first_mentor + len(mentors), np.int64)
        supply[[0, 1]] = len(wants), -len(wants)
        return cls(tail, head, capacity, cost, supply)
