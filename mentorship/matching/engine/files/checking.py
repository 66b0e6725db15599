"""Checks any pairs against a run's inputs, without the solver."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np

from mentorship.foundation.text import quoted
from mentorship.matching.engine import bounds, verify
from mentorship.matching.engine.files import cells, tables
from mentorship.matching.engine.files.cells import KINDS
from mentorship.matching.engine.files.instance import Instance
from mentorship.matching.engine.files.report import number
from mentorship.matching.engine.files.tables import BadFiles, Findings
from mentorship.matching.engine.market import Edges
from mentorship.matching.engine.solution import Prices, Tolls
from mentorship.matching.engine.verify import Code

#: A pair as indices: mentee, kind, mentor.
Row = tuple[int, int, int]


@dataclass(frozen=True)
class Checked:
    """What does not hold, in sentences; and what these pairs come to."""

    breaches: tuple[str, ...]
    words: str


def check(made: Instance, path: Path) -> Checked:
    """Hold the pairs of a file against every rule, and their scores against what they should be.

    :raises BadFiles: the file cannot be read as pairs.
    """
    read = _Pairs(made, path)
    breaches = [
        *read.wrong,
        *(
            made.words(breach)
            for breach in verify.check_pairs(made.market, read.edges)
            if breach.code is not Code.WRONG_WORTH
        ),
    ]
    return Checked(tuple(breaches), _words(made, read.edges))


def check_report(made: Instance, pairs_path: Path, path: Path) -> tuple[str, ...]:
    """What a report.json claims of these pairs that is not so, and a bound that they exceed.

    Where it has prices and tolls, the bound is reckoned from them once more.

    :raises BadFiles: one of the two cannot be read.
    """
    try:
        claims = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as no:
        raise BadFiles([tables.Flaw(str(path), 0, f"This is no report: {no}.")]) from no
    if not isinstance(claims, dict):
        raise BadFiles([tables.Flaw(str(path), 0, "This is no report: it has no names in it.")])
    edges = pairs(made, pairs_path)
    total = number(made, int(edges.worth.sum()))
    so = {
        "objective": total,
        "filled": len(edges),
        "with_a_mentor": len(np.unique(edges.mentee)),
        "wanted": int(made.market.wants.sum()),
        "mentees": len(made.given.mentee_ids),
    }
    wrong = [
        f"The report says {name} is {claims.get(name)!r}, and it is {value}."
        for name, value in so.items()
        if claims.get(name) != value
    ]
    bound, gap = claims.get("bound"), claims.get("gap")
    if not isinstance(bound, int | float) or not bound >= total:
        wrong.append(f"The report's bound is {bound}, and the score {total} exceeds it.")
    elif gap == 0 and bound != total:
        wrong.append(f"The report says there is no gap, and {total} is not its bound, {bound}.")
    dual = _dual(made, claims, path)
    if not wrong and dual is not None:
        prices, tolls = dual
        market, settings = made.market, made.given.settings
        reached = verify.objective_of(market, settings, edges, prices.step)
        slack = bounds.bound_of(market, settings, prices, tolls) - reached
        if slack < 0:
            wrong.append("The report's prices and tolls prove less than these pairs reach.")
        elif claims["bound"] < (proven := number(made, int(edges.worth.sum()) + slack)):
            wrong.append(
                f"The report's bound is {bound}, and its prices and tolls prove none below"
                f" {proven}."
            )
    return tuple(wrong)


def _dual(made: Instance, claims: dict[str, Any], path: Path) -> tuple[Prices, Tolls] | None:
    """The prices and tolls of a report, where it has any.

    :raises BadFiles: they are no numbers, or about people who are not there.
    """
    certificate = claims.get("certificate")
    said = certificate.get("dual") if isinstance(certificate, dict) else None
    if said is None:
        return None
    (mentees, kinds), mentors = made.market.wants.shape, len(made.market.places)
    homes = int(made.market.institution.max(initial=-1)) + 1
    strange = BadFiles([tables.Flaw(str(path), 0, "Its prices and tolls are not of these people.")])
    try:
        prices = Prices(
            np.array(said["want"], np.int64).reshape(mentees, kinds),
            np.array(said["offer"], np.int64).reshape(mentors, kinds),
            int(said["step"]),
        )
        tolls = Tolls(
            np.array(said["meeting"], np.int64).reshape(-1, 3),
            np.array(said["institution"], np.int64).reshape(-1, 3),
            np.array(said["outside"], np.int64).reshape(-1, 2),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as no:
        raise strange from no
    for rows, sizes in (
        (tolls.meeting, (mentees, mentors)),
        (tolls.institution, (mentees, homes)),
        (tolls.outside, (mentors,)),
    ):
        if not ((rows[:, :-1] >= 0) & (rows[:, :-1] < sizes)).all():
            raise strange
    return prices, tolls


def pairs(made: Instance, path: Path) -> Edges:
    """The pairs of a file, with what they are worth.

    :raises BadFiles: the file cannot be read as pairs, or names people who are not there.
    """
    read = _Pairs(made, path)
    if read.strangers:
        raise BadFiles(tables.Flaw(str(path), 0, words) for words in read.strangers)
    return read.edges


class _Pairs:
    """The rows of a file of pairs. What is said in it that is not so is in `wrong`."""

    def __init__(self, made: Instance, path: Path) -> None:
        self._made, self._path = made, path
        self.strangers: list[str] = []
        self.wrong: list[str] = []
        said = self._read()
        self.edges = self._priced([*said])
        self._check_scores(said)
        self.wrong = [*self.strangers, *self.wrong]

    def _read(self) -> dict[Row, str | None]:
        """The score that each pair is said to have, None where there is no column of scores."""
        found = Findings()
        given = self._made.given
        mentees = {who: place for place, who in enumerate(given.mentee_ids)}
        mentors = {who: place for place, who in enumerate(given.mentor_ids)}
        said: dict[Row, str | None] = {}
        for rows in tables.read(
            self._path,
            needed=("mentee_id", "mentor_id", "kind"),
            optional=("score",),
            found=found,
        ):
            columns = (rows.columns[name] for name in ("mentee_id", "mentor_id", "kind"))
            scores: Sequence[str | None] = rows.columns.get("score") or [None] * len(rows)
            for line, one, other, word, score in zip(rows.lines, *columns, scores, strict=True):
                kind = cells.kind(word)
                for words in kind.wrong:
                    found.wrong(self._path, line, words)
                if one not in mentees:
                    self.strangers.append(f"Line {line}: there is no mentee {quoted(one)}.")
                elif other not in mentors:
                    self.strangers.append(f"Line {line}: there is no mentor {quoted(other)}.")
                elif kind.value is not None:
                    row = mentees[one], KINDS.index(kind.value), mentors[other]
                    if row in said:
                        self.wrong.append(f"Line {line}: {self._made.pair(*row)} is there twice.")
                    said[row] = score
        if found.flaws:
            raise BadFiles(found.flaws)
        return said

    def _priced(self, rows: list[Row]) -> Edges:
        """The pairs with what they are worth; with nothing where they cannot be."""
        mentee, kind, mentor = np.array(sorted(rows), np.int64).reshape(-1, 3).T
        worth = self._made.market.possible.worths(mentee, kind, mentor).clip(0)
        return Edges(mentee, kind, mentor, worth)

    def _check_scores(self, said: dict[Row, str | None]) -> None:
        unit, edges = self._made.given.unit, self.edges
        columns = (edges.mentee, edges.kind, edges.mentor, edges.worth)
        for mentee, kind, mentor, worth in zip(*(c.tolist() for c in columns), strict=True):
            row = mentee, kind, mentor
            score = said[row]
            if score is None or self._made.against(*row):
                continue
            if _number(score) != unit.shown(worth):
                words = f"has the score {unit.written(worth)}, and the file says {quoted(score)}."
                self.wrong.append(f"{self._made.pair(*row)} {words}")


def _number(cell: str) -> Decimal | None:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return None
    # What is not a number cannot always be compared with one.
    return number if number.is_finite() else None


def _words(made: Instance, edges: Edges) -> str:
    served = len(np.unique(edges.mentee))
    total = made.given.unit.written(int(edges.worth.sum()))
    return (
        f"{len(edges):,} pairs break no rule. {served:,} of {len(made.given.mentee_ids):,} mentees"
        f" have a mentor, {len(edges):,} of {int(made.market.wants.sum()):,} wants are filled, and"
        f" the scores come to {total}."
    )
