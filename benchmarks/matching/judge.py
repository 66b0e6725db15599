"""How good an answer is, by counting: shares no code with the engine and trusts no answer."""

from dataclasses import dataclass

import numpy as np

from benchmarks.matching.peers.plain import Instance

#: Pairs looked at together.
BLOCK = 4_000_000


@dataclass(frozen=True)
class Verdict:
    wanted: int
    filled: int
    #: Mentees with a first mentor, with a second, and so on.
    having: tuple[int, ...]
    with_nobody: int
    worth: int
    #: Pairs of a mentee and a mentor who would both rather have each other.
    blocking: int

    @property
    def goods(self) -> tuple[int, ...]:
        """What counts, in order: firsts, seconds, ..., and then the worth of all pairs."""
        return (*self.having, self.worth)

    @property
    def coverage(self) -> float:
        return self.filled / self.wanted


def judge(instance: Instance, rows: np.ndarray) -> Verdict:
    """:raises ValueError: the answer breaks a rule; it says which."""
    mentee, kind, mentor = instance.mentee[rows], instance.kind[rows], instance.mentor[rows]
    wants, kinds = instance.wants, instance.kinds
    served = np.zeros(wants.shape, np.int64)
    np.add.at(served, (mentee, kind), 1)
    given = np.zeros(instance.places_by_kind.shape, np.int64)
    np.add.at(given, (mentor, kind), 1)
    _hold("a want is filled twice", served <= 1)
    _hold("nobody asked for this", served[~wants] == 0)
    _hold("a mentor's kind has too many", given <= instance.places_by_kind)
    _hold("a mentor has too many", given.sum(axis=1) <= instance.places)
    mentors_of = served.sum(axis=1)
    return Verdict(
        wanted=int(wants.sum()),
        filled=len(rows),
        having=tuple(int((mentors_of > nth).sum()) for nth in range(kinds)),
        with_nobody=int(((mentors_of == 0) & wants.any(axis=1)).sum()),
        worth=int(instance.worth[rows].sum()),
        blocking=blocking(instance, rows),
    )


def blocking(instance: Instance, rows: np.ndarray) -> int:
    """Count the pairs that would both be better off with each other, by worth alone.

    The mentee has nobody for this want, or somebody worth less. The mentor has room, or could
    give up a mentee worth less: one of this kind where the kind is full, else any.
    """
    chosen = instance.worth[rows].astype(np.int64)
    mentor, kind = instance.mentor[rows], instance.kind[rows]
    has = np.full(instance.wants.shape, -1, np.int64)
    has[instance.mentee[rows], kind] = chosen
    endless = np.iinfo(np.int64).max
    worst_of_kind = np.full(instance.places_by_kind.shape, endless)
    np.minimum.at(worst_of_kind, (mentor, kind), chosen)
    given = np.zeros(instance.places_by_kind.shape, np.int64)
    np.add.at(given, (mentor, kind), 1)
    full = given.sum(axis=1) >= instance.places
    kind_full = given >= instance.places_by_kind
    # What a newcomer has to exceed: nothing where there is room.
    least = np.where(full[:, None], worst_of_kind.min(axis=1)[:, None], -1)
    least = np.where(kind_full, worst_of_kind, least)
    # Whoever has no places at all gives up nobody.
    least = np.where(
        (instance.places_by_kind <= 0) | (instance.places[:, None] <= 0), endless, least
    )
    found = 0
    for begin in range(0, len(instance), BLOCK):
        part = slice(begin, begin + BLOCK)
        worth, kind = instance.worth[part], instance.kind[part]
        found += int(
            (
                (worth > has[instance.mentee[part], kind])
                & (worth > least[instance.mentor[part], kind])
            ).sum()
        )
    return found


def _hold(what: str, holds: np.ndarray) -> None:
    if not np.all(holds):
        raise ValueError(what)
