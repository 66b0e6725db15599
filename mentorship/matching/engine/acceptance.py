"""Deferred acceptance (Gale and Shapley 1962): wants ask mentors, best first.

A mentor keeps the best who ask, within their places over all kinds and for each kind, and lets the
others ask on.
"""

from heapq import heapify, heappop, heappush

import numpy as np

from mentorship.matching.engine.market import Edges, Market, Whole


class Round:
    """Everyone's standing while wants ask mentors. Plain lists: most steps touch one or two."""

    def __init__(self, market: Market, pairs: Edges, theirs: Whole) -> None:
        self.pairs = pairs
        self.kinds = market.places_by_kind.shape[1]
        self.wants = len(market.wants) * self.kinds
        want = pairs.mentee * self.kinds + pairs.kind
        bounds = np.searchsorted(want, np.arange(self.wants + 1)).tolist()
        self.first, self.end = bounds[:-1], bounds[1:]
        self.next = list(self.first)
        self.mentor, self.theirs = pairs.mentor.tolist(), theirs.tolist()
        free, free_of_kind = market.places.copy(), market.places_by_kind.copy()
        np.subtract.at(free, market.pins.mentor, 1)
        np.subtract.at(free_of_kind, (market.pins.mentor, market.pins.kind), 1)
        self.free, self.free_of_kind = free.tolist(), free_of_kind.ravel().tolist()
        #: For each mentor and kind a heap, the least liked first: (liking, minus want, row).
        self.keeps: list[list[tuple[int, int, int]]] = [[] for _ in self.free_of_kind]
        #: What a mentor who is full likes least of all they keep, once asked; -1 before.
        self.bar = [-1] * len(market.places)
        #: The row each want holds, -1 for none.
        self.holds = [-1] * self.wants
        self.one_kind = market.one_kind_per_mentor
        self.limit = market.most_from_one_institution
        self.quotas = market.quotas
        if self.quotas is not None:
            self.outside = self.quotas.outside(pairs.mentee, pairs.mentor).tolist()
            self.free_outside = self.quotas.left(market.pins).tolist()
        self.institution = market.institution.tolist()
        self.from_one = market.from_institutions().tolist() if self.limit is not None else []

    def held(self) -> Edges:
        """The pairs as they stand."""
        return self.pairs[np.array([row for row in self.holds if row >= 0], np.int64)]

    def ask(self, wants: range | list[int]) -> None:
        """Let these ask, and whoever they displace, until all are served or out of mentors."""
        for want in wants:
            waiting = [want]
            while waiting:
                one = waiting.pop()
                while self.next[one] < self.end[one]:
                    row = self.next[one]
                    self.next[one] += 1
                    if self.theirs[row] < self.bar[self.mentor[row]]:
                        continue
                    displaced = self._take(one, row)
                    if displaced is not None:
                        waiting += displaced
                        break

    def mend(self, row: int) -> None:
        """Give two people each other who would both rather, and let whoever yields ask anew."""
        want = int(self.pairs.mentee[row]) * self.kinds + int(self.pairs.kind[row])
        if self.holds[want] >= 0:
            self._release(want)
        self.next[want] = row
        before = [one for one, held in enumerate(self.holds) if held >= 0]
        self.ask([want])
        for one in before:
            if self.holds[one] < 0:
                self.next[one] = self.first[one]
                self.ask([one])

    def _take(self, want: int, row: int) -> list[int] | None:
        """The mentor's answer: the wants that lose their place to this one, or None for a no."""
        mentor, mentee = self.mentor[row], want // self.kinds
        place = mentor * self.kinds + want % self.kinds
        asking = (self.theirs[row], -want, row)
        other = self._other_kind(mentee, mentor) if self.one_kind else -1
        if other >= 0 and (self.theirs[self.holds[other]], -other) > asking[:2]:
            return None
        if self.limit is not None and other < 0 and self._too_many(mentee, mentor):
            return None
        displaced = []
        keeps = self.keeps[place]
        if other < 0 and self._no_more_outside(row):
            least = self._least_outside(mentor, place)
            if least is None or least > asking:
                return None
            displaced.append(-least[1])
        elif self.free_of_kind[place] <= 0:
            if not keeps or keeps[0] > asking:
                return None
            displaced.append(-keeps[0][1])
            if other >= 0:
                displaced.append(other)
        elif other >= 0:
            displaced.append(other)
        elif self.free[mentor] <= 0:
            least = min(
                (
                    keep[0]
                    for keep in self.keeps[mentor * self.kinds : (mentor + 1) * self.kinds]
                    if keep
                ),
                default=None,
            )
            if least is None:
                return None
            if least > asking:
                self.bar[mentor] = least[0]
                return None
            displaced.append(-least[1])
        for one in displaced:
            self._release(one)
        heappush(keeps, asking)
        self.free[mentor] -= 1
        self.free_of_kind[place] -= 1
        self.holds[want] = row
        self._count(row, 1)
        return displaced

    def _release(self, want: int) -> None:
        row = self.holds[want]
        mentor = self.mentor[row]
        place = mentor * self.kinds + want % self.kinds
        keeps = self.keeps[place]
        if keeps[0][2] == row:
            heappop(keeps)
        else:
            keeps.remove((self.theirs[row], -want, row))
            heapify(keeps)
        self.free[mentor] += 1
        self.free_of_kind[place] += 1
        self.bar[mentor] = -1
        self.holds[want] = -1
        self._count(row, -1)

    def _other_kind(self, mentee: int, mentor: int) -> int:
        """The want of this mentee that this mentor serves already, -1 for none."""
        for want in range(mentee * self.kinds, (mentee + 1) * self.kinds):
            if self.holds[want] >= 0 and self.mentor[self.holds[want]] == mentor:
                return want
        return -1

    def _no_more_outside(self, row: int) -> bool:
        quota_met = self.quotas is not None and self.free_outside[self.mentor[row]] <= 0
        return quota_met and self.outside[row]

    def _least_outside(self, mentor: int, place: int) -> tuple[int, int, int] | None:
        """Whom of other schools a mentor likes least; of one kind where that one is full too."""
        kind_is_full = self.free_of_kind[place] <= 0
        places = [place] if kind_is_full else range(mentor * self.kinds, (mentor + 1) * self.kinds)
        others = (keep for one in places for keep in self.keeps[one] if self.outside[keep[2]])
        return min(others, default=None)

    def _too_many(self, mentee: int, mentor: int) -> bool:
        institution = self.institution[mentor]
        return institution >= 0 and self.from_one[mentee][institution] >= (self.limit or 0)

    def _count(self, row: int, by: int) -> None:
        mentor = self.mentor[row]
        if self.limit is not None and self.institution[mentor] >= 0:
            self.from_one[int(self.pairs.mentee[row])][self.institution[mentor]] += by
        if self.quotas is not None and self.outside[row]:
            self.free_outside[mentor] -= by
