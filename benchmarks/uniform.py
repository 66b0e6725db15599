"""Whether time tells that another chapter has a record: `make bench-uniform`.

Each page of a record is asked for by somebody with every role, in turn with the id of another
chapter's record, with one that never existed, and with a second one that never existed. CPU time of
this process and waiting for the database together; the ratio of the medians, page by page. The two
that never existed show what is noise: the first ratio has to lie where the second one does. Ends
with 1 where it does not.
"""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from time import perf_counter
from unittest.mock import patch
from uuid import UUID, uuid4

from sqlalchemy.pool import QueuePool

from mentorship.app import create_app
from mentorship.foundation import clock, rates
from mentorship.foundation import settings as config
from mentorship.foundation.database import db
from mentorship.jobs import tasks
from tests import databases
from tests.conftest import Browser
from tests.security.two_chapters import Place, Two, ask, make_two, neighbour, reaching

WHO = "somebody with every role"
#: How far the middle of all pages may lie from 1 beyond what noise does, either way.
SLACK = 0.02


@contextmanager
def two_chapters() -> Iterator[Two]:
    """One of everything in each of two chapters, on a database of its own."""
    with databases.clone("uniform") as url:
        secret = "a secret for the benchmark, and only for it"  # noqa: S105
        environ = {"CURBSIDE_ENV": "test", "DATABASE_URL": url, "SECRET_KEY": secret}
        app = create_app(config.load(environ | {"SMTP_PORT": "9"}), pool=QueuePool)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        app.test_client_class = Browser
        tasks.use(app)
        # Nobody who asks so often is made to wait.
        with app.app_context(), patch.object(rates, "insist"):
            yield make_two(app, now=clock.now())
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def took(two: Two, place: Place, what: UUID) -> float:
    began = perf_counter()
    with ask(two, WHO, place, str(what)) as answer:
        assert answer.status_code in (302, 303, 404), (str(place), answer.status_code)
    return perf_counter() - began


def ratios(two: Two, place: Place, rounds: int) -> tuple[float, float]:
    """Theirs to one that never existed, and one of these to another."""
    theirs = two.their_ids[place.name]
    ids = (theirs, neighbour(theirs), uuid4())
    times: list[list[float]] = [[], [], []]
    for turn in range(rounds + 1):
        for which in range(3):
            which = (which + turn) % 3  # nobody is always the one who comes after another
            times[which].append(took(two, place, ids[which]))
    there, nowhere, noise = (median(each[1:]) for each in times)  # the first one warms up
    return there / nowhere, noise / nowhere


def spread(found: list[float]) -> str:
    cuts = quantiles(found, n=20)
    return f"{median(found):.3f}  [{cuts[0]:.3f} .. {cuts[-1]:.3f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench-uniform")
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {rounds} rounds a page\n")
    with two_chapters() as two:
        places = [
            place
            for place in reaching(two.app)
            if place[1:3] == ("GET", "argument") and place.name in two.their_ids
        ]
        found = [ratios(two, place, rounds) for place in places]
    there, noise = [one for one, _ in found], [other for _, other in found]
    print(f"{len(places)} pages: median ratio of all  [where nine of ten lie]")
    print(f"another chapter's : never existed   {spread(there)}")
    print(f"never existed : never existed       {spread(noise)}")
    apart = abs(median(there) - median(noise))
    print(f"\n{'within' if apart <= SLACK else 'NOT within'} noise: {apart:.3f} apart")
    return int(apart > SLACK)


if __name__ == "__main__":
    sys.exit(main())
