"""The wishes of a run: whom people rank in wishes.csv, on either side."""

from pathlib import Path

import numpy as np

from mentorship.foundation.text import nearest, quoted
from mentorship.matching.engine.files import cells, tables
from mentorship.matching.engine.files.people import Side
from mentorship.matching.engine.files.tables import Findings
from mentorship.matching.engine.stable import Ranks

#: By who wishes: the ranks and for whom.
Lists = dict[int, list[tuple[int, int]]]


def read(
    path: Path | None, mentees: Side, mentors: Side, found: Findings
) -> tuple[Lists, Lists] | None:
    """The wishes of mentees, by mentee, and of mentors, by mentor; None without a file.

    What is wrong goes to the findings.
    """
    if path is None:
        return None
    ours: Lists = {}
    theirs: Lists = {}
    first: dict[tuple[str, str], int] = {}
    for rows in tables.read(path, needed=("from_id", "to_id", "rank"), found=found):
        ranked = map(cells.rank, rows.columns["rank"])
        each = zip(rows.lines, rows.columns["from_id"], rows.columns["to_id"], ranked, strict=True)
        for line, by, of, rank in each:
            for words in rank.wrong:
                found.wrong(path, line, words)
            if first.setdefault((by, of), line) != line:
                words = f"{quoted(by)} has ranked {quoted(of)} on line {first[by, of]} already."
                found.wrong(path, line, words)
                continue
            # The same person on both sides may mean either.
            heard = [
                (wishes, one.index[by], other.index[of])
                for wishes, one, other in ((ours, mentees, mentors), (theirs, mentors, mentees))
                if by in one.index and of in other.index
            ]
            for wishes, one, other in heard:
                wishes.setdefault(one, []).append((rank.value, other))
            if not heard:
                found.wrong(path, line, _no_wish(by, of, mentees, mentors, guess=found.guess))
    return ours, theirs


def _no_wish(by: str, of: str, mentees: Side, mentors: Side, *, guess: bool) -> str:
    """Why there is no wish between two ids."""
    for word in (by, of):
        if word not in mentees.index and word not in mentors.index:
            near = nearest(word, (*mentees.index, *mentors.index), guess)
            return f"{quoted(word)} is neither a mentee nor a mentor.{near}"
    side = "mentees" if by in mentees.index else "mentors"
    return f"{quoted(by)} and {quoted(of)} are both {side}; a wish goes to the other side."


def ranks(wishes: Lists) -> Ranks:
    """The same as the engine has it."""
    rows = [(by, of, rank) for by in sorted(wishes) for rank, of in sorted(wishes[by])]
    by, of, rank = np.array(rows, np.int64).reshape(-1, 3).T
    return Ranks(by, of, rank)
