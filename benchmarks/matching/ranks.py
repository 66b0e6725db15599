"""The stable policy on two tables of ranks, as `peers/stable_ranks.py` answers them.

python -m benchmarks.matching.ranks FOLDER ANSWER
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.matching.peers.plain import peak_mb
from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import Edges, Market
from mentorship.matching.engine.stable import Ranks, Wishes, stable


def write(folder: Path, mentees: int, mentors: int, *, seed: int = 0) -> None:
    """Everybody ranks everybody at random; there are as many places as mentees."""
    rng = np.random.default_rng([seed, mentees, mentors])
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "mentees.npy", np.argsort(rng.random((mentees, mentors)), axis=1))
    np.save(folder / "mentors.npy", np.argsort(rng.random((mentors, mentees)), axis=1))
    np.save(folder / "places.npy", np.full(mentors, mentees // mentors))


def decide(folder: Path, answer: Path) -> None:
    by_mentee, by_mentor, places = (
        np.load(folder / f"{name}.npy") for name in ("mentees", "mentors", "places")
    )
    mentees, mentors = by_mentee.shape
    began = time.process_time()
    nobody = np.zeros(0, np.int64)
    none = Edges(nobody, nobody, nobody, nobody)
    mentee, mentor = (side.ravel() for side in np.indices((mentees, mentors)))
    level = np.zeros(mentees * mentors, np.int64)
    market = Market(
        wants=np.ones((mentees, 1), bool),
        held=np.zeros(mentees, np.int64),
        waited=np.zeros(mentees, bool),
        priority=np.zeros(mentees, np.int64),
        places=places,
        places_by_kind=places[:, None],
        load=np.zeros(mentors, np.int64),
        institution=np.full(mentors, -1),
        possible=Listed(Edges(mentee, level, mentor, level), (mentees, 1, mentors)),
        pins=none,
        before=none,
    )
    chosen = stable(market, Wishes(_ranks(by_mentee), _ranks(by_mentor)))
    took = time.process_time() - began
    mentor_of = np.full(mentees, -1)
    mentor_of[chosen.mentee] = chosen.mentor
    np.save(answer.with_suffix(".npy"), mentor_of)
    answer.write_text(json.dumps({"seconds": took, "peak_mb": peak_mb()}))


def _ranks(best_first: np.ndarray) -> Ranks:
    by, rank = (side.ravel() for side in np.indices(best_first.shape))
    return Ranks(by, best_first.ravel().astype(np.int64), rank + 1)


if __name__ == "__main__":
    decide(Path(sys.argv[1]), Path(sys.argv[2]))
