"""`matching`'s HospitalResident on two tables of ranks: everybody ranks everybody, one kind.

FOLDER holds `mentees.npy` (a row a mentee, mentors from best to worst), `mentors.npy` (a row a
mentor, mentees from best to worst) and `places.npy`. The answer is the mentor of each mentee, -1
for nobody.
"""

import json
import sys
import threading
import time
from pathlib import Path

import numpy as np
from matching.games import HospitalResident
from plain import peak_mb


def decide(folder: Path, answer: Path) -> None:
    mentees, mentors, places = (
        np.load(folder / f"{name}.npy").tolist() for name in ("mentees", "mentors", "places")
    )
    began = time.process_time()
    game = HospitalResident.create_from_dictionaries(
        dict(enumerate(mentees)), dict(enumerate(mentors)), dict(enumerate(places))
    )
    found = game.solve(optimal="resident")
    took = time.process_time() - began
    mentor_of = np.full(len(mentees), -1)
    for hospital, residents in found.items():
        for resident in residents:
            mentor_of[resident.name] = hospital.name
    np.save(answer.with_suffix(".npy"), mentor_of)
    answer.write_text(json.dumps({"seconds": took, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    sys.setrecursionlimit(10**7)
    threading.stack_size(2**30 - 2**20)
    deep = threading.Thread(target=decide, args=(Path(sys.argv[1]), Path(sys.argv[2])))
    deep.start()
    deep.join()
