"""Pairs that no two people would leave for each other, and a count of those who would.

Deferred acceptance (Gale and Shapley 1962): each want of a mentee asks its mentors one after the
other, best first; a mentor keeps the best who ask, within their places over all kinds and for each
kind, and lets the others ask on. What results is best for mentees among all stable outcomes, and
no mentee gains by hiding what they would rather have.

With places over all kinds only, a stable outcome always exists and is found. Places for each kind
together with one kind a mentor, or a limit on one institution, can make one want open what another
closes; what the first pass leaves unstable is then mended pair by pair, and in the rare market
where that finds no end, `blocking` counts what is left.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from mentorship.matching.engine.market import Edges, Index, Market, Quotas, Whole, Yes

#: Beyond so many possible pairs nothing here lists all of them, unless there are wishes.
LISTED = 8_000_000
#: So many pairs of each want are looked at first where not all can be listed.
NEAREST = 32
#: Pairs mended one by one before a stable outcome is given up, for each want.
_PATIENCE = 20
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Ranks:
    """One side's wishes, one a row: who wishes, for whom, and at which rank.

    1 is the first, ranks stay below 2**31, and nobody ranks the same person twice.
    """

    by: Index
    of: Index
    rank: Whole


@dataclass(frozen=True, eq=False)
class Wishes:
    """Wishes in both directions. Whoever is ranked comes before all others; then worth decides."""

    #: Mentees rank mentors.
    mentees: Ranks
    #: Mentors rank mentees.
    mentors: Ranks


@dataclass(frozen=True, eq=False)
class Blocking:
    """The pairs of people who would both rather have each other than what they got."""

    count: int
    #: The worst of them, by regret.
    pairs: Edges
    #: A row a pair: what the one who gains less would gain, in units of worth; an open place or
    #: want counts as 0, and so does a gain by rank that costs worth.
    regret: Whole
    #: A row a pair: the mentor this mentee has instead, and the mentee this mentor would give up;
    #: -1 where it is nobody.
    instead_of_mentor: Index
    instead_of_mentee: Index
    #: Every pair was looked at. Else `count` is a number not above the true one.
    exhaustive: bool = True


def stable(market: Market, wishes: Wishes | None = None, *, seed: int = 0) -> Edges:
    """Pair mentees and mentors so that no two would rather have each other.

    Preferences are by worth, on both sides, or by `wishes` first. Between equals the earlier in
    the market comes first. Pins stand and nobody may displace them. `seed` only decides the order
    of mending, where that is needed.
    """
    if market.possible.count() <= LISTED or wishes is not None:
        return _settled(market, _open(market), wishes, seed)
    # By worth, the best of each want are enough for most; who would rather have somebody further
    # down is found by a look at every pair, and then has those on the list too.
    most = NEAREST
    pairs = _beside_pins(market, market.possible.shortlist(of_a_want=most, of_an_offer=0))
    while True:
        chosen = _settled(market, pairs, None, seed)
        found, all_of_them = _nearest(market, chosen, most)
        missing = _blocking_among(market, found, chosen)
        missing = missing[~_among(market, missing, pairs)]
        if not len(missing) and all_of_them:
            return chosen
        if not len(missing):
            most *= 4
        pairs = _sorted(Edges.joined([pairs, missing]))


def blocking(
    market: Market, chosen: Edges, wishes: Wishes | None = None, *, most: int = 100
) -> Blocking:
    """Find whoever would both rather have each other than what they got, the worst first.

    A mentee would rather fill an open want, or have a better mentor of the kind; a mentor would
    rather use an open place, or have a better mentee in place of the worst they may give up. Two
    people already paired, pins, and what breaks a rule never block.
    """
    listed = market.possible.count() <= LISTED or wishes is not None
    pairs, exhaustive = (_open(market), True) if listed else _nearest(market, chosen, NEAREST)
    pinned = _is_pinned(market, chosen)
    free = chosen[~pinned]
    # What is held has to be among the pairs, so that both are measured alike.
    unlisted = free[~_among(market, free, pairs)]
    if len(unlisted):
        pairs = _sorted(Edges.joined([pairs, unlisted]))
    mine, theirs = _preferences(pairs, wishes)
    found = _where_blocking(market, pairs, mine, theirs, free)
    rows = found.rows
    gains = pairs.worth[rows, None] - np.stack([found.mentees_worth, found.mentors_worth], axis=1)
    regret = np.maximum(gains.min(axis=1, initial=_NEVER), 0)
    worst = np.lexsort((rows, -regret))[:most]
    return Blocking(
        count=len(rows),
        pairs=pairs[rows[worst]],
        regret=regret[worst],
        instead_of_mentor=found.instead_of_mentor[worst],
        instead_of_mentee=found.instead_of_mentee[worst],
        exhaustive=exhaustive,
    )


def _settled(market: Market, pairs: Edges, wishes: Wishes | None, seed: int) -> Edges:
    """The stable outcome where only these pairs are possible, pins among it."""
    mine, theirs = _preferences(pairs, wishes)
    order = _by_want(market, pairs, mine)
    round_ = _Round(market, pairs[order], theirs[order])
    round_.ask(range(round_.wants))
    lots = np.random.default_rng(seed)
    for _ in range(_PATIENCE * round_.wants if _entangled(market) else 0):
        left = _where_blocking(market, pairs, mine, theirs, round_.held()).rows
        if not len(left):
            break
        round_.mend(int(np.flatnonzero(order == lots.choice(left))[0]))
    return _sorted(Edges.joined([market.pins, round_.held()]))


def _blocking_among(market: Market, pairs: Edges, chosen: Edges) -> Edges:
    """Which of these pairs block by worth."""
    free = chosen[~_is_pinned(market, chosen)]
    every = _sorted(Edges.joined([pairs, free[~_among(market, free, pairs)]]))
    return every[_where_blocking(market, every, every.worth, every.worth, free).rows]


# What may be, and who would rather have whom.


def _open(market: Market) -> Edges:
    """The possible pairs beside the pins, sorted."""
    return _beside_pins(market, market.possible.every())


def _beside_pins(market: Market, pairs: Edges) -> Edges:
    wants, met = market.wants.copy(), np.zeros(0, np.int64)
    wants[market.pins.mentee, market.pins.kind] = False
    mentors = len(market.places)
    if market.one_kind_per_mentor:
        met = market.pins.mentee * mentors + market.pins.mentor
    room = (market.places_by_kind > 0) & (market.places > 0)[:, None]
    fits = wants[pairs.mentee, pairs.kind] & room[pairs.mentor, pairs.kind]
    if len(met):
        fits &= ~_is_in(pairs.mentee * mentors + pairs.mentor, met)
    return pairs if fits.all() else pairs[fits]


def _preferences(pairs: Edges, wishes: Wishes | None) -> tuple[Whole, Whole]:
    """How much each pair's mentee, and its mentor, would like it: the greater the better."""
    if wishes is None:
        return pairs.worth, pairs.worth
    worth = pairs.worth
    if int(worth.max(initial=0)) >= 2**31:
        # The place of a worth among all worths is small enough to stand below any rank.
        worth = np.unique(worth, return_inverse=True)[1]
    return (
        _ranked(wishes.mentees, pairs.mentee, pairs.mentor, worth),
        _ranked(wishes.mentors, pairs.mentor, pairs.mentee, worth),
    )


def _ranked(ranks: Ranks, by: Index, of: Index, worth: Whole) -> Whole:
    if not len(ranks.rank) or not len(by):
        return worth
    across = int(max(of.max(), ranks.of.max())) + 1
    keys, asked = ranks.by * across + ranks.of, by * across + of
    order = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys[order], asked), len(keys) - 1)
    row = order[place]
    liked = np.where(keys[row] == asked, int(ranks.rank.max()) + 1 - ranks.rank[row], 0)
    return liked * (int(worth.max()) + 1) + worth


def _by_want(market: Market, pairs: Edges, mine: Whole) -> Index:
    """Want by want, whom each would rather have first; of equals the earlier mentor."""
    kinds, mentors = market.places_by_kind.shape[1], len(market.places)
    want = pairs.mentee * kinds + pairs.kind
    top = int(mine.max(initial=0)) + 1
    if int(want.max(initial=0) + 1) * top * mentors < _NEVER:
        # One number for all three sorts several times faster than three columns do.
        return np.argsort((want * top + (top - 1 - mine)) * mentors + pairs.mentor)
    return np.lexsort((pairs.mentor, -mine, want))


# Asking.


class _Round:
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
            self.free_outside = _quotas_left(self.quotas, market.pins).tolist()
        self.institution = market.institution.tolist()
        self.from_one = _from_institutions(market).tolist() if self.limit is not None else []

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


def _entangled(market: Market) -> bool:
    """Whether some rule makes what one want may have depend on another want."""
    by_kind = bool((market.places_by_kind < market.places[:, None]).any())
    several = market.one_kind_per_mentor or market.quotas is not None
    return market.most_from_one_institution is not None or (several and by_kind)


def _quotas_left(quotas: Quotas, given: Edges) -> Whole:
    """(N,): places for other schools that these pairs leave, where there is a quota."""
    left = quotas.places.copy()
    outside = quotas.outside(given.mentee, given.mentor)
    np.subtract.at(left, given.mentor[outside], 1)
    return left


def _from_institutions(market: Market) -> Whole:
    """(M, institutions): mentors of each that a mentee has, and will have by a pin."""
    count = int(market.institution.max(initial=-1)) + 1
    having = np.zeros((len(market.wants), count), np.int64)
    if market.held_from is not None:
        having[:, : market.held_from.shape[1]] += market.held_from[:, :count]
    known = market.institution[market.pins.mentor] >= 0
    pins = market.pins[known]
    np.add.at(having, (pins.mentee, market.institution[pins.mentor]), 1)
    return having


# Looking for those who would rather.


@dataclass(frozen=True, eq=False)
class _Found:
    """The rows that block, and for each what its two people have now."""

    rows: Index
    instead_of_mentor: Index
    instead_of_mentee: Index
    mentees_worth: Whole
    mentors_worth: Whole


def _where_blocking(
    market: Market, pairs: Edges, mine: Whole, theirs: Whole, free: Edges
) -> _Found:
    """Which of these pairs block; `free` are the pairs as they stand, without pins."""
    mentees, kinds = market.wants.shape
    mentors = len(market.places)
    held = np.flatnonzero(_among(market, pairs, free))
    now = np.full((mentees, kinds), -1)
    now[pairs.mentee[held], pairs.kind[held]] = held
    least = _least_kept(market, pairs, theirs, held)

    has, gives = now[pairs.mentee, pairs.kind], least[pairs.mentor, pairs.kind]
    if (quotas := market.quotas) is not None:
        gives = _least_within_quotas(market, quotas, pairs, theirs, held, gives)
    rather = (has < 0) | (mine > np.where(has < 0, -1, mine[has]))
    rather &= (gives == _ROOM) | ((gives >= 0) & (theirs > theirs[np.maximum(gives, 0)]))
    rather[held] = False
    if market.one_kind_per_mentor:
        met = pairs.mentee * mentors + pairs.mentor
        rather &= ~_is_in(met, met[held])
    if market.most_from_one_institution is not None:
        rather &= _within_limit(market, pairs, held, has)

    rows = np.flatnonzero(rather)
    has, gives = has[rows], gives[rows]
    return _Found(
        rows=rows,
        instead_of_mentor=np.where(has < 0, -1, pairs.mentor[has]),
        instead_of_mentee=np.where(gives < 0, -1, pairs.mentee[gives]),
        mentees_worth=np.where(has < 0, 0, pairs.worth[has]),
        mentors_worth=np.where(gives < 0, 0, pairs.worth[gives]),
    )


_ROOM, _CLOSED = -1, -2


def _least_kept(market: Market, pairs: Edges, theirs: Whole, held: Index) -> Index:
    """(N, K): the row a mentor would give up first for one more of a kind, or room, or none."""
    mentors, kinds = market.places_by_kind.shape
    taken = np.zeros((mentors, kinds), np.int64)
    np.add.at(taken, (market.pins.mentor, market.pins.kind), 1)
    np.add.at(taken, (pairs.mentor[held], pairs.kind[held]), 1)
    kind_full = taken >= market.places_by_kind
    full = taken.sum(axis=1) >= market.places

    # Written worst last, so that the worst of each mentor, and of each kind of theirs, stays.
    order = held[np.argsort(-theirs[held], kind="stable")]
    of_kind = np.full((mentors, kinds), _CLOSED)
    of_kind[pairs.mentor[order], pairs.kind[order]] = order
    of_all = np.full(mentors, _CLOSED)
    of_all[pairs.mentor[order]] = order
    return np.where(kind_full, of_kind, np.where(full, of_all, _ROOM)[:, None])


def _least_within_quotas(
    market: Market, quotas: Quotas, pairs: Edges, theirs: Whole, held: Index, gives: Index
) -> Index:
    """By pair the row its mentor would give up first, where quotas of other schools are met.

    Nothing else makes room for one more from elsewhere than giving up such a one; of the same kind
    where that is full too.
    """
    outside = quotas.outside(pairs.mentee, pairs.mentor)
    mentors, kinds = market.places_by_kind.shape
    given = Edges.joined([market.pins, pairs[held]])
    taken = np.zeros((mentors, kinds), np.int64)
    np.add.at(taken, (given.mentor, given.kind), 1)
    kind_full = (taken >= market.places_by_kind)[pairs.mentor, pairs.kind]
    met = outside & (_quotas_left(quotas, given) <= 0)[pairs.mentor]
    order = held[np.argsort(-theirs[held], kind="stable")]
    order = order[outside[order]]
    of_kind, of_all = np.full((mentors, kinds), _CLOSED), np.full(mentors, _CLOSED)
    of_kind[pairs.mentor[order], pairs.kind[order]] = order
    of_all[pairs.mentor[order]] = order
    theirs_of_kind = of_kind[pairs.mentor, pairs.kind]
    least: Index = np.where(kind_full, theirs_of_kind, of_all[pairs.mentor])
    return np.where(met, least, gives)


def _within_limit(market: Market, pairs: Edges, held: Index, has: Index) -> Yes:
    """Where one more mentor of an institution, in place of the present one, is not too many."""
    institution = market.institution[pairs.mentor]
    having = _from_institutions(market)
    known = held[institution[held] >= 0]
    np.add.at(having, (pairs.mentee[known], institution[known]), 1)
    fits = np.ones(len(pairs), bool)
    at = np.flatnonzero(institution >= 0)
    same = (has[at] >= 0) & (institution[has[at]] == institution[at])
    after = having[pairs.mentee[at], institution[at]] - same + 1
    fits[at] = after <= (market.most_from_one_institution or 0)
    return fits


def _nearest(market: Market, chosen: Edges, most: int) -> tuple[Edges, bool]:
    """The pairs that could block by worth, where there are too many to list, and if that is all.

    Who would both rather is worth more than what each has, and so more than the halves together.
    """
    mentees, kinds = market.wants.shape
    want = np.full((mentees, kinds), -1)
    want[chosen.mentee, chosen.kind] = chosen.worth
    free = chosen[~_is_pinned(market, chosen)]
    least = _least_kept(market, free, free.worth, np.arange(len(free)))
    offer = np.where(least >= 0, free.worth[np.maximum(least, 0)] if len(free) else 0, -1)
    found = market.possible.better(want // 2, offer // 2, most=most).edges
    of_a_want = np.bincount(found.mentee * kinds + found.kind)
    return _sorted(_beside_pins(market, found)), bool(of_a_want.max(initial=0) < most)


# Pairs as numbers.


def _keys(market: Market, pairs: Edges) -> Whole:
    kinds, mentors = market.places_by_kind.shape[1], len(market.places)
    return (pairs.mentee * kinds + pairs.kind) * mentors + pairs.mentor


def _among(market: Market, pairs: Edges, others: Edges) -> Yes:
    return _is_in(_keys(market, pairs), _keys(market, others))


def _is_in(keys: Whole, others: Whole) -> Yes:
    """Which of these numbers are among the others: faster than `np.isin` where those are few."""
    if not len(others):
        return np.zeros(len(keys), bool)
    others = np.sort(others)
    return others[np.minimum(np.searchsorted(others, keys), len(others) - 1)] == keys


def _is_pinned(market: Market, chosen: Edges) -> Yes:
    return _among(market, chosen, market.pins)


def _sorted(pairs: Edges) -> Edges:
    return pairs[np.lexsort((pairs.mentor, pairs.kind, pairs.mentee))]
