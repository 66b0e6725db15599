"""The runs of many chapters at once, by one worker process and by two.

    python -m benchmarks.matching.parallel [CHAPTERS] [ROUNDS]

Each chapter's run is decided with its reasons, as the job does, without the database. The processes
are there before the clock starts, and each multiplies on one thread. One and two take turns.
"""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from benchmarks.matching import people
from benchmarks.matching.people import Size
from mentorship.matching.engine import solve

#: About as many people as a chapter of the demo has.
CHAPTER = Size(100, 40)


def decide(seed: int) -> int:
    """The pairs of one chapter's run."""
    return len(solve.pair(people.problem(CHAPTER, seed=seed), seed=seed).pairs)


def timed(workers: int, chapters: int) -> tuple[float, list[int]]:
    """Seconds for all chapters, and how many pairs each has."""
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        list(pool.map(decide, [0] * 2 * workers))  # the engine is loaded in each
        began = time.perf_counter()
        pairs = list(pool.map(decide, range(chapters)))
        return time.perf_counter() - began, pairs


def main() -> None:
    # Spawned processes read these before they load numpy.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    chapters, rounds = (int(said) for said in (*sys.argv[1:3], "20", "5")[:2])
    took: dict[int, list[float]] = {1: [], 2: []}
    found = set()
    for _ in range(rounds):
        for workers, seconds in took.items():
            second, pairs = timed(workers, chapters)
            seconds.append(second)
            found.add(tuple(pairs))
    assert len(found) == 1, "every chapter has the same pairs, whoever works them out"
    one, two = median(took[1]), median(took[2])
    ratios = sorted(a / b for a, b in zip(took[1], took[2], strict=True))
    load = " ".join(f"{part:.1f}" for part in os.getloadavg())
    print(f"{chapters} chapters of {CHAPTER.mentees} × {CHAPTER.mentors}, {rounds} rounds:")
    print(f"one worker {one:.2f} s, two workers {two:.2f} s, {one / two:.2f} × as fast")
    print(f"({ratios[0]:.2f} to {ratios[-1]:.2f}; {os.cpu_count()} cores, load {load})")


if __name__ == "__main__":
    main()
