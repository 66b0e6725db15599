"""Write one question for peers: the very pairs and worths that the engine decides upon.

    python -m benchmarks.matching.export WHICH SIZE FOLDER ANSWER

WHICH is `every` for all possible pairs or `shortlist` for those the engine solves first, both as
arrays; or `files` for all of them as the CSV files and settings of `mentorship matching solve`.
"""

import csv
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.matching import people, questions
from benchmarks.matching.ours import as_instance
from benchmarks.matching.peers.plain import Instance, peak_mb
from benchmarks.matching.people import KINDS, Size
from mentorship.matching.engine import national


def main() -> None:
    which, size, folder, answer = sys.argv[1:]
    began = time.process_time()
    question = questions.QUESTIONS["alike"]
    _, market = questions.market(people.problem(Size.parse(size)), question)
    if which in ("every", "files"):
        pairs = market.possible.every()
    else:
        pairs = national.first_seen(market, question.settings)
    if which == "files":
        _write_files(as_instance(market, pairs), Path(folder))
    else:
        as_instance(market, pairs).write(Path(folder))
    said = {"seconds": time.process_time() - began, "peak_mb": peak_mb(), "pairs": len(pairs)}
    Path(answer).write_text(json.dumps(said))


def _write_files(instance: Instance, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)

    def write(name: str, head: str, rows: Iterable[Iterable[object]]) -> None:
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([head.split(","), *rows])

    def kinds(of: np.ndarray) -> str:
        return ";".join(kind for place, kind in enumerate(KINDS) if of[place])

    write(
        "mentees.csv",
        "mentee_id,kinds",
        ([f"mentee-{row}", kinds(of)] for row, of in enumerate(instance.wants)),
    )
    write(
        "mentors.csv",
        ",".join(["mentor_id", "kinds", "capacity", *(f"capacity_{kind}" for kind in KINDS)]),
        (
            [f"mentor-{row}", kinds(of), instance.places[row], *of]
            for row, of in enumerate(instance.places_by_kind)
        ),
    )
    write(
        "scores.csv",
        "mentee_id,mentor_id,kind,score",
        (
            [f"mentee-{mentee}", f"mentor-{mentor}", KINDS[kind], worth]
            for mentee, kind, mentor, worth in zip(
                instance.mentee, instance.kind, instance.mentor, instance.worth, strict=True
            )
        ),
    )
    (folder / "run.toml").write_text("one_kind_per_mentor = false\nown_best = false\n")


if __name__ == "__main__":
    main()
