"""Write one question for peers: the very pairs and worths that the engine decides upon.

    python -m benchmarks.matching.export WHICH SIZE FOLDER ANSWER

WHICH is `every` for all possible pairs or `shortlist` for those the engine solves first.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.matching import people, questions
from benchmarks.matching.ours import as_instance
from benchmarks.matching.peers.plain import peak_mb
from benchmarks.matching.people import Size


def main() -> None:
    which, size, folder, answer = sys.argv[1:]
    began = time.process_time()
    question = questions.QUESTIONS["alike"]
    _, market = questions.market(people.problem(Size.parse(size)), question)
    if which == "every":
        pairs = market.possible.every()
    else:
        pairs = market.possible.shortlist(
            of_a_want=question.settings.of_a_want, of_an_offer=question.settings.of_an_offer
        )
    as_instance(market, pairs).write(Path(folder))
    said = {"seconds": time.process_time() - began, "peak_mb": peak_mb(), "pairs": len(pairs)}
    Path(answer).write_text(json.dumps(said))


if __name__ == "__main__":
    main()
