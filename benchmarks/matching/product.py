"""One bare matrix product that scores every admissible pair: the least a dense look could cost.

    python -m benchmarks.matching.product SIZE ANSWER

Kind by kind, a float32 row for everybody who wants it, times one for everybody who offers it.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.matching import people
from benchmarks.matching.peers.plain import peak_mb
from benchmarks.matching.people import KINDS, Size

#: Columns of a table that holds all that people state: interests, topics, goals, languages, ...
COLUMNS = 117
#: Rows multiplied at once; the products are thrown away.
BLOCK = 512


def main() -> None:
    size, answer = Size.parse(sys.argv[1]), Path(sys.argv[2])
    problem, rng = people.problem(size), np.random.default_rng(0)
    wanted = [sum(any(w.kind is k for w in m.wants) for m in problem.mentees) for k in KINDS]
    offered = [sum(any(o.kind is k for o in m.offers) for m in problem.mentors) for k in KINDS]
    ours = rng.random((max(wanted), COLUMNS), np.float32)
    theirs = np.ascontiguousarray(rng.random((max(offered), COLUMNS), np.float32).T)
    began = time.process_time()
    for wants, offers in zip(wanted, offered, strict=True):
        for row in range(0, wants, BLOCK):
            ours[row : min(row + BLOCK, wants)] @ theirs[:, :offers]
    took = time.process_time() - began
    pairs = sum(wants * offers for wants, offers in zip(wanted, offered, strict=True))
    answer.write_text(json.dumps({"seconds": took, "pairs": pairs, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
