"""From files to a problem: who takes part, what was given, and everything that is wrong with it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from mentorship.foundation.text import nearest, quoted
from mentorship.matching.engine.files import cells, run, tables
from mentorship.matching.engine.files.numbers import POINTS, Scores, Unit
from mentorship.matching.engine.files.run import Listed, Run
from mentorship.matching.engine.files.tables import BadFiles, Findings, Flaw, Rows
from mentorship.matching.engine.fit import Factor, Mentee, Mentor, Offer, Problem, Triple
from mentorship.matching.engine.flow import COST_RANGE
from mentorship.matching.engine.market import SCALE, Edges, Index, Whole
from mentorship.matching.engine.settings import FLOORS, Policy, Settings
from mentorship.matching.engine.stable import Ranks, Wishes
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

KINDS = tuple(Kind)
_Readers = Mapping[str, Callable[[str], cells.Said]]
#: What every column of a person may say beside those that are needed, and how a cell is read.
MENTEE_COLUMNS: _Readers = {
    "stage": cells.stage,
    "school": cells.as_written,
    "waited": cells.yes_or_no,
    "priority": cells.places,
    "interests": cells.slugs,
    "goals": cells.slugs,
    "settings": cells.slugs,
    "region": cells.as_written,
    "path": cells.as_written,
    "languages": cells.slugs,
    "affinity": cells.slugs,
    "free": cells.free,
    "blocks": cells.ids,
}
MENTOR_COLUMNS: _Readers = {
    **{f"capacity_{kind}": cells.places for kind in Kind},
    "load": cells.places,
    "paused": cells.yes_or_no,
    "standing": cells.standing,
    "stage": cells.stage,
    "institution": cells.as_written,
    "school": cells.as_written,
    "recent_cycle": cells.yes_or_no,
    "evaluates": cells.ids,
    "stages": cells.stages,
    "capacity_outside": cells.places,
    "interests": cells.slugs,
    "goals": cells.slugs,
    "settings": cells.slugs,
    "region": cells.as_written,
    "path": cells.as_written,
    "languages": cells.slugs,
    "affinity": cells.slugs,
    "free": cells.free,
    "blocks": cells.ids,
}
#: Factors that count only where both files have these columns; any one of several is enough.
_ASKED: Mapping[Factor, tuple[set[str], set[str]]] = {
    Factor.INTERESTS: ({"interests"}, {"interests"}),
    Factor.GOALS: ({"goals"}, {"goals"}),
    Factor.SETTING: ({"settings"}, {"settings"}),
    Factor.REGION: ({"region"}, {"region"}),
    Factor.PATH: ({"path"}, {"path"}),
    Factor.LANGUAGES: ({"languages"}, {"languages"}),
    Factor.STAGE: ({"stage"}, {"stage", "standing"}),
    Factor.TIME: ({"free"}, {"free"}),
    Factor.AFFINITY: ({"affinity"}, {"affinity"}),
}
#: In a mentor's `evaluates`: every mentee there is.
_EVERYONE = "*"


@dataclass(frozen=True)
class Inputs:
    """The files of a run."""

    mentees: Path
    mentors: Path
    scores: Path | None = None
    wishes: Path | None = None
    current: Path | None = None
    settings: Path | None = None


@dataclass(frozen=True, eq=False)
class Given:
    """What the files say. Indices count people in the order of the problem, kinds in KINDS."""

    problem: Problem
    settings: Settings
    run: Run
    #: The ids as the files have them, in the order of the problem.
    mentee_ids: tuple[str, ...]
    mentor_ids: tuple[str, ...]
    #: What pairs are worth where scores were given; whatever is not among them cannot be.
    scores: Edges | None
    unit: Unit
    #: Scores had more decimals than the solver can keep, and were rounded to the unit.
    rounded: bool
    #: Pairs of before.
    before: Edges
    #: By mentee: whose further mentors come first, the greater the sooner.
    priority: Whole
    #: None without a file of wishes.
    wishes: Wishes | None
    notes: tuple[Flaw, ...]

    @property
    def name(self) -> dict[UUID, str]:
        """The id in the files of everyone in the problem."""
        mentees = zip((one.id for one in self.problem.mentees), self.mentee_ids, strict=True)
        mentors = zip((one.id for one in self.problem.mentors), self.mentor_ids, strict=True)
        return dict([*mentees, *mentors])

    @property
    def only_ranked(self) -> bool:
        """Whether people who rank anyone are paired with none but those whom they rank."""
        if self.run.only_ranked is not None:
            return self.run.only_ranked
        return self.settings.policy is Policy.STABLE and self.scores is None


def engine_id(written: str, seed: int) -> UUID:
    """The engine's id for an id of any text; the same text is the same person on both sides.

    Ids put people in order, and that order decides between equals: it is drawn by lot.
    """
    return UUID(bytes=hashlib.blake2b(f"{seed}:{written}".encode(), digest_size=16).digest())


def read(inputs: Inputs) -> Given:
    """Read all files of a run.

    :raises BadFiles: something in them cannot be used; all of it is told.
    """
    found = Findings()
    given = _Reading(inputs, found).given()
    if given is None:
        order = [str(getattr(inputs, file.name)) for file in fields(Inputs)]
        raise BadFiles(sorted(found.flaws, key=lambda flaw: (order.index(flaw.path), flaw.line)))
    return given


class _Reading:
    """Goes through the files in order, and keeps what they say."""

    def __init__(self, inputs: Inputs, found: Findings) -> None:
        self._inputs, self._found = inputs, found
        self._mentees = _Side(inputs.mentees, "mentee_id", found)
        self._mentors = _Side(inputs.mentors, "mentor_id", found)

    def given(self) -> Given | None:
        """All of it; None where something is wrong, which the findings tell."""
        said = run.read(self._inputs.settings, self._found)
        self._mentees.read({"kinds": cells.kinds}, MENTEE_COLUMNS, said.seed)
        needed: _Readers = {"kinds": cells.kinds, "capacity": cells.places}
        self._mentors.read(needed, MENTOR_COLUMNS, said.seed)
        self._note_namesakes()
        scores, unit, rounded = self._scores(said.keep)
        wishes = self._wishes()
        before = self._before()
        blocks = self._blocks(said.blocks)
        pins, exclusions = self._triples(said.pins), self._triples(said.exclusions)
        evaluated = self._evaluated()
        if self._found.flaws:
            return None
        of_mentees, of_mentors = wishes or ({}, {})
        problem = Problem(
            mentees=tuple(self._mentee(row, of_mentees) for row in range(len(self._mentees))),
            mentors=tuple(
                self._mentor(row, of_mentors, evaluated) for row in range(len(self._mentors))
            ),
            blocks=frozenset(blocks),
            pins=frozenset(pins),
            exclusions=frozenset(exclusions),
            one_kind_per_mentor=said.one_kind_per_mentor,
            factors=self._factors(),
        )
        return Given(
            problem=problem,
            settings=_settings(said, unit if scores is not None else None),
            run=said,
            mentee_ids=self._mentees.names,
            mentor_ids=self._mentors.names,
            scores=scores,
            unit=unit,
            rounded=rounded,
            before=before,
            priority=np.array([said.get("priority") or 0 for said in self._mentees.rows], np.int64),
            wishes=wishes and Wishes(_ranked(of_mentees), _ranked(of_mentors)),
            notes=tuple(self._found.notes),
        )

    # People.

    def _note_namesakes(self) -> None:
        both = sorted(self._mentees.index.keys() & self._mentors.index.keys())
        if both:
            words = (
                f"{len(both)} of these ids are in the other file too, like {quoted(both[0])}: they"
                " are taken as the same people, and nobody is their own mentor."
            )
            self._found.note(self._mentors.path, 0, words)

    def _mentee(self, row: int, wishes: "_Lists") -> Mentee:
        said = self._mentees.rows[row]
        return Mentee(
            id=self._mentees.ids[row],
            wants=said["kinds"],
            wishes=tuple(self._mentors.ids[other] for _, other in sorted(wishes.get(row, ()))),
            **{name: said[name] for name in _MENTEE_FIELDS if name in said},
        )

    def _mentor(self, row: int, wishes: "_Lists", evaluated: Mapping[int, Iterable[int]]) -> Mentor:
        said = self._mentors.rows[row]
        stage = said.get("stage")
        return Mentor(
            id=self._mentors.ids[row],
            standing=said.get("standing") or _standing(stage),
            offers=tuple(
                Offer(
                    want.kind,
                    want.topics,
                    any_topic=want.any_topic,
                    places=said.get(f"capacity_{want.kind}"),
                )
                for want in said["kinds"]
            ),
            places=said["capacity"],
            load=said.get("load") or 0,
            # Whoever offers application mentoring in a file that says no more knows the cycle.
            recent_cycle=said.get("recent_cycle", True),
            evaluates=frozenset(self._mentees.ids[mentee] for mentee in evaluated.get(row, ())),
            evaluates_everyone=_EVERYONE in said.get("evaluates", ()),
            outside_places=said.get("capacity_outside"),
            wishes=tuple(self._mentees.ids[other] for _, other in sorted(wishes.get(row, ()))),
            **{name: said[name] for name in _MENTOR_FIELDS if name in said},
        )

    def _evaluated(self) -> dict[int, list[int]]:
        """By mentor: the mentees that each evaluates."""
        return {
            row: [
                mentee
                for word in said.get("evaluates", ())
                if word != _EVERYONE
                and (mentee := self._mentees.find(self._mentors.path, line, word)) is not None
            ]
            for row, (line, said) in enumerate(
                zip(self._mentors.lines, self._mentors.rows, strict=True)
            )
        }

    def _blocks(self, listed: Iterable[Listed]) -> Iterator[tuple[UUID, UUID]]:
        """Mentee and mentor who must not be paired, whoever said so."""
        blocks = {(mentee, mentor) for _, mentee, mentor, _ in self._named(listed)}
        for side, other in ((self._mentees, self._mentors), (self._mentors, self._mentees)):
            for row, (line, said) in enumerate(zip(side.lines, side.rows, strict=True)):
                for word in said.get("blocks", ()):
                    found = other.find(side.path, line, word)
                    if found is not None:
                        blocks.add((row, found) if side is self._mentees else (found, row))
        return ((self._mentees.ids[mentee], self._mentors.ids[mentor]) for mentee, mentor in blocks)

    def _named(self, listed: Iterable[Listed]) -> Iterator[tuple[int, int, int, str]]:
        """Those entries of run.toml whose people and kind there are: line, indices, kind."""
        path = self._inputs.settings or Path()
        first: dict[tuple[int, int, str], int] = {}
        for entry in listed:
            mentee = self._mentees.find(path, entry.line, entry.mentee_id)
            mentor = self._mentors.find(path, entry.line, entry.mentor_id)
            kind = cells.kind(entry.kind) if entry.kind else None
            for words in kind.wrong if kind else ():
                self._found.wrong(path, entry.line, words)
            if mentee is None or mentor is None or (kind and kind.value is None):
                continue
            key = mentee, mentor, str(kind and kind.value)
            if first.setdefault(key, entry.line) != entry.line:
                words = f"The same is on line {first[key]} already."
                self._found.wrong(path, entry.line, words)
                continue
            yield entry.line, *key

    def _triples(self, listed: Sequence[Listed]) -> set[Triple]:
        return {
            (self._mentees.ids[mentee], self._mentors.ids[mentor], Kind(kind))
            for _, mentee, mentor, kind in self._named(listed)
        }

    def _factors(self) -> frozenset[Factor]:
        """What these files ask of people at all."""
        ours, theirs = self._mentees.columns, self._mentors.columns
        never_asked = {Factor.PAST} | {
            factor for factor, (one, other) in _ASKED.items() if not (one & ours and other & theirs)
        }
        if self._inputs.wishes is None:
            never_asked |= {Factor.WISH, Factor.WISHED}
        return frozenset(Factor) - never_asked

    # What goes between people.

    def _scores(self, keep: float) -> tuple[Edges | None, Unit, bool]:
        path = self._inputs.scores
        if path is None:
            return None, POINTS, False
        column = Scores()
        keys, lines = _Column(), _Column()
        for rows in self._rows(path, ("mentee_id", "mentor_id", "kind", "score")):
            for place, words in column.take(rows.columns["score"]):
                self._found.wrong(path, rows.lines[place], words)
            keys.take(self._keys(path, rows))
            lines.take(rows.lines)
        key = keys.joined()
        line = lines.joined()
        self._tell_of_repeats(path, key, line)
        most = self._most_worth()
        for place in column.beyond(most):
            words = f"The score is too great: with so many people it may be {most:,} at most."
            self._found.wrong(path, int(line[place]), words)
        if self._found.flaws:
            return None, POINTS, False
        # Some room is left for nodes that only solving adds.
        worth, unit, rounded = column.whole(most=most * 3 // 4, beside=keep)
        order = np.argsort(key, kind="stable")
        mentee, kind, mentor = self._unkeyed(key[order])
        return Edges(mentee, kind, mentor, worth[order]), unit, rounded

    def _most_worth(self) -> int:
        """The greatest whole number for a pair with which the solver's costs stay in its range.

        Each in line for a mentor gains steps of coverage, and one step outweighs all pairs.
        """
        asked = [row["kinds"] for row in self._mentees.rows]
        offered = sum(len(row["kinds"]) for row in self._mentors.rows)
        wants = sum(map(len, asked))
        line = {
            (rank, row.get("waited", False), row.get("priority") or 0)
            for row, kinds in zip(self._mentees.rows, asked, strict=True)
            for rank in range(len(kinds))
        }
        nodes = len(self._mentees) + len(self._mentors) + wants + offered
        return int(COST_RANGE // (max(1, len(line) * wants) * (nodes + 4)))

    def _wishes(self) -> "tuple[_Lists, _Lists] | None":
        path = self._inputs.wishes
        if path is None:
            return None
        mentees, mentors = self._mentees, self._mentors
        ours: _Lists = {}
        theirs: _Lists = {}
        first: dict[tuple[str, str], int] = {}
        for rows in self._rows(path, ("from_id", "to_id", "rank")):
            each = zip(
                rows.lines,
                rows.columns["from_id"],
                rows.columns["to_id"],
                map(cells.rank, rows.columns["rank"]),
                strict=True,
            )
            for line, by, of, rank in each:
                for words in rank.wrong:
                    self._found.wrong(path, line, words)
                if first.setdefault((by, of), line) != line:
                    words = f"{quoted(by)} has ranked {quoted(of)} on line {first[by, of]} already."
                    self._found.wrong(path, line, words)
                elif by in mentees.index and of in mentors.index:
                    ours.setdefault(mentees.index[by], []).append((rank.value, mentors.index[of]))
                    # The same person on both sides may mean either.
                    if by in mentors.index and of in mentees.index:
                        theirs.setdefault(mentors.index[by], []).append(
                            (rank.value, mentees.index[of])
                        )
                elif by in mentors.index and of in mentees.index:
                    theirs.setdefault(mentors.index[by], []).append((rank.value, mentees.index[of]))
                else:
                    self._found.wrong(path, line, self._no_wish(by, of))
        return ours, theirs

    def _no_wish(self, by: str, of: str) -> str:
        for word in (by, of):
            if word not in self._mentees.index and word not in self._mentors.index:
                near = self._near(word, (*self._mentees.index, *self._mentors.index))
                return f"{quoted(word)} is neither a mentee nor a mentor.{near}"
        side = "mentees" if by in self._mentees.index else "mentors"
        return f"{quoted(by)} and {quoted(of)} are both {side}; a wish goes to the other side."

    def _before(self) -> Edges:
        """Pairs of before. People who are gone are no mistake: their pairs are simply over."""
        path = self._inputs.current
        if path is None:
            return Edges.joined([])
        keys, lines = _Column(), _Column()
        for rows in self._rows(path, ("mentee_id", "mentor_id", "kind"), ("score",)):
            keys.take(self._keys(path, rows, gone=True))
            lines.take(rows.lines)
        key = keys.joined()
        there = key >= 0
        if len(key) and not there.any() and not self._found.flaws:
            self._found.wrong(path, 0, "None of these pairs is of people in this run.")
        self._tell_of_repeats(path, key, lines.joined())
        mentee, kind, mentor = self._unkeyed(np.sort(key[there]))
        return Edges(mentee, kind, mentor, np.zeros(len(mentee), np.int64))

    def _rows(
        self, path: Path, needed: Sequence[str], optional: Sequence[str] = ()
    ) -> Iterator[Rows]:
        return tables.read(path, needed=needed, optional=optional, found=self._found)

    def _keys(self, path: Path, rows: Rows, *, gone: bool = False) -> Whole:
        """One number for the pair in each row, -1 where it has none; what is wrong is told."""
        mentee = _looked_up(rows.columns["mentee_id"], self._mentees.index)
        mentor = _looked_up(rows.columns["mentor_id"], self._mentors.index)
        kind = np.fromiter(map(_place_of_kind, rows.columns["kind"]), np.int64, len(rows))
        bad = (mentee < 0) | (mentor < 0) | (kind < 0)
        for row in np.flatnonzero(bad).tolist():
            line = rows.lines[row]
            for side, place in ((self._mentees, mentee), (self._mentors, mentor)):
                if place[row] < 0:
                    side.tell_unknown(path, line, rows.columns[side.label][row], gone=gone)
            for words in cells.kind(rows.columns["kind"][row]).wrong:
                self._found.wrong(path, line, words)
        key = (mentee * len(KINDS) + kind) * max(1, len(self._mentors)) + mentor
        return np.where(bad, -1, key)

    def _unkeyed(self, key: Whole) -> tuple[Index, Index, Index]:
        want, mentor = np.divmod(key, max(1, len(self._mentors)))
        mentee, kind = np.divmod(want, len(KINDS))
        return mentee, kind, mentor

    def _tell_of_repeats(self, path: Path, key: Whole, line: Whole) -> None:
        order = np.argsort(key, kind="stable")
        repeats = np.flatnonzero((np.diff(key[order]) == 0) & (key[order][1:] >= 0)) + 1
        for place in sorted(repeats, key=lambda place: line[order[place]]):
            pair = key[order[place]]
            first = line[order[np.searchsorted(key[order], pair)]]
            words = f"This pair and kind is on line {first} already."
            self._found.wrong(path, int(line[order[place]]), words)

    def _near(self, word: str, known: Iterable[str]) -> str:
        return nearest(word, known, self._found.guess)


#: By who wishes: the ranks and for whom.
_Lists = dict[int, list[tuple[int, int]]]
_MENTEE_FIELDS = tuple(field.name for field in fields(Mentee) if field.name in MENTEE_COLUMNS)
_MENTOR_FIELDS = tuple(
    field.name
    for field in fields(Mentor)
    if field.name in MENTOR_COLUMNS
    and field.name not in ("evaluates", "standing", "recent_cycle", "load")
)


class _Side:
    """The people of one file, in the order of their engine ids, which owes nothing to the file."""

    def __init__(self, path: Path, label: str, found: Findings) -> None:
        self.path, self.label, self._found = path, label, found
        self.columns: set[str] = set()
        self.names: tuple[str, ...] = ()
        self.ids: tuple[UUID, ...] = ()
        self.lines: tuple[int, ...] = ()
        self.rows: tuple[dict[str, Any], ...] = ()
        self.index: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def read(
        self,
        needed: _Readers,
        optional: _Readers,
        seed: int,
    ) -> None:
        people: dict[str, tuple[int, dict[str, Any]]] = {}
        readers = {**needed, **optional}
        for rows in tables.read(
            self.path, needed=(self.label, *needed), optional=tuple(optional), found=self._found
        ):
            self.columns |= rows.columns.keys() - {self.label}
            names = [name for name in readers if name in rows.columns]
            cells_of = zip(*(rows.columns[name] for name in names), strict=True)
            for line, who, row in zip(rows.lines, rows.columns[self.label], cells_of, strict=True):
                self._take(people, line, who, dict(zip(names, row, strict=True)), readers)
        self._order(people, seed)

    def _take(
        self,
        people: dict[str, tuple[int, dict[str, Any]]],
        line: int,
        who: str,
        row: Mapping[str, str],
        readers: _Readers,
    ) -> None:
        said = {}
        for name, cell in row.items():
            one = readers[name](cell)
            for words in one.wrong:
                self._found.wrong(self.path, line, f"{name}: {words}")
            said[name] = one.value
        if "capacity" in said and row["capacity"] == "":
            self._found.wrong(self.path, line, "capacity: It is missing.")
        if not who:
            self._found.wrong(self.path, line, f"{self.label}: It is missing.")
        elif who in people:
            words = f"{quoted(who)} is on line {people[who][0]} already."
            self._found.wrong(self.path, line, f"{self.label}: {words}")
        else:
            people[who] = line, said

    def _order(self, people: Mapping[str, tuple[int, dict[str, Any]]], seed: int) -> None:
        by_id = sorted((engine_id(who, seed), who) for who in people)
        self.ids = tuple(one for one, _ in by_id)
        self.names = tuple(who for _, who in by_id)
        self.lines = tuple(people[who][0] for who in self.names)
        self.rows = tuple(people[who][1] for who in self.names)
        self.index = {who: place for place, who in enumerate(self.names)}

    def find(self, path: Path, line: int, who: str) -> int | None:
        """Whose index this is; nobody's is told."""
        place = self.index.get(who)
        if place is None:
            self.tell_unknown(path, line, who)
        return place

    def tell_unknown(self, path: Path, line: int, who: str, *, gone: bool = False) -> None:
        noun = self.label.removesuffix("_id")
        if not who:
            self._found.wrong(path, line, f"The {self.label} is missing.")
        elif gone:
            words = f"{quoted(who)} is no {noun} of this run, so this pair is over."
            self._found.note(path, line, words)
        else:
            near = nearest(who, self.index, self._found.guess)
            words = f"There is no {noun} {quoted(who)} in {self.path}.{near}"
            self._found.wrong(path, line, words)


class _Column:
    """Whole numbers that come in pieces."""

    def __init__(self) -> None:
        self._pieces: list[Whole] = []

    def take(self, numbers: Sequence[int] | Whole) -> None:
        self._pieces.append(np.asarray(numbers, np.int64))

    def joined(self) -> Whole:
        return np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int64)


def _looked_up(words: Sequence[str], index: Mapping[str, int]) -> Index:
    return np.fromiter(map(index.get, words, repeat(-1)), np.int64, len(words))


@lru_cache(maxsize=4096)
def _place_of_kind(cell: str) -> int:
    kind = cells.kind(cell).value
    return -1 if kind is None else KINDS.index(kind)


def _standing(stage: Stage | None) -> Standing:
    """What kind of colleague somebody of this stage is; a professional has none."""
    if stage is None or stage.rank < Stage.PGY1.rank:
        return Standing.PROFESSIONAL
    known = {Stage.FELLOW: Standing.FELLOW, Stage.ATTENDING: Standing.FACULTY}
    return known.get(stage, Standing.RESIDENT)


def _ranked(wishes: _Lists) -> Ranks:
    rows = [(by, of, rank) for by in sorted(wishes) for rank, of in sorted(wishes[by])]
    by, of, rank = np.array(rows, np.int64).reshape(-1, 3).T
    return Ranks(by, of, rank)


def _settings(said: Run, unit: Unit | None) -> Settings:
    """The engine's settings. Of given scores the unit is unknown, so nothing is taken for granted.

    `unit` is that of given scores, None where the engine computes them.
    """
    floors = FLOORS if unit is None else ()
    return Settings(
        policy=said.policy,
        weights=said.weights,
        one_kind_per_mentor=said.one_kind_per_mentor,
        most_from_one_institution=said.most_from_one_institution,
        floors=floors if said.floors is None else said.floors,
        keep=said.keep,
        point=SCALE // 100 if unit is None else unit.one,
        own_best=unit is None if said.own_best is None else said.own_best,
        seed=said.seed,
        good_enough=said.gap,
    )
