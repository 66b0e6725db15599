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

import numpy as np

from mentorship.matching.engine.acceptance import Round
from mentorship.matching.engine.market import Edges, Index, Market, Quotas, Whole, Yes, among

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
    pairs = _beside_pins(market, market.possible.shortlist(of_a_want=most))
    while True:
        chosen = _settled(market, pairs, None, seed)
        found, all_of_them = _nearest(market, chosen, most)
        missing = _blocking_among(market, found, chosen)
        missing = missing[~market.among(missing, pairs)]
        if not len(missing) and all_of_them:
            return chosen
        if not len(missing):
            most *= 4
        pairs = Edges.joined([pairs, missing]).in_order()


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
    pinned = market.among(chosen, market.pins)
    free = chosen[~pinned]
    # What is held has to be among the pairs, so that both are measured alike.
    unlisted = free[~market.among(free, pairs)]
    if len(unlisted):
        pairs = Edges.joined([pairs, unlisted]).in_order()
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
    round_ = Round(market, pairs[order], theirs[order])
    round_.ask(range(round_.wants))
    lots = np.random.default_rng(seed)
    for _ in range(_PATIENCE * round_.wants if _entangled(market) else 0):
        left = _where_blocking(market, pairs, mine, theirs, round_.held()).rows
        if not len(left):
            break
        round_.mend(int(np.flatnonzero(order == lots.choice(left))[0]))
    return Edges.joined([market.pins, round_.held()]).in_order()


def _entangled(market: Market) -> bool:
    """Whether some rule makes what one want may have depend on another want."""
    by_kind = bool((market.places_by_kind < market.places[:, None]).any())
    several = market.one_kind_per_mentor or market.quotas is not None
    return market.most_from_one_institution is not None or (several and by_kind)


def _blocking_among(market: Market, pairs: Edges, chosen: Edges) -> Edges:
    """Which of these pairs block by worth."""
    free = chosen[~market.among(chosen, market.pins)]
    every = Edges.joined([pairs, free[~market.among(free, pairs)]]).in_order()
    return every[_where_blocking(market, every, every.worth, every.worth, free).rows]


# What may be, and who would rather have whom.


def _open(market: Market) -> Edges:
    """The possible pairs beside the pins, sorted."""
    return _beside_pins(market, market.possible.every())


def _beside_pins(market: Market, pairs: Edges) -> Edges:
    wants = market.wants.copy()
    wants[market.pins.mentee, market.pins.kind] = False
    room = (market.places_by_kind > 0) & (market.places > 0)[:, None]
    fits = wants[pairs.mentee, pairs.kind] & room[pairs.mentor, pairs.kind]
    if market.one_kind_per_mentor and len(market.pins):
        fits &= ~among(market.meeting(pairs), np.sort(market.meeting(market.pins)))
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
    held = np.flatnonzero(market.among(pairs, free))
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
        met = market.meeting(pairs)
        rather &= ~among(met, np.sort(met[held]))
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
    taken = _taken(market, pairs[held])
    full = taken.sum(axis=1) >= market.places
    of_kind, of_all = _least_liked(market, pairs, theirs, held)
    otherwise = np.where(full, of_all, _ROOM)[:, None]
    return np.where(taken >= market.places_by_kind, of_kind, otherwise)


def _least_within_quotas(
    market: Market, quotas: Quotas, pairs: Edges, theirs: Whole, held: Index, gives: Index
) -> Index:
    """By pair the row its mentor would give up first, where quotas of other schools are met.

    Nothing else makes room for one more from elsewhere than giving up such a one; of the same kind
    where that is full too.
    """
    outside = quotas.outside(pairs.mentee, pairs.mentor)
    left = quotas.left(Edges.joined([market.pins, pairs[held]]))
    met = outside & (left <= 0)[pairs.mentor]
    of_kind, of_all = _least_liked(market, pairs, theirs, held[outside[held]])
    kind_full = _taken(market, pairs[held]) >= market.places_by_kind
    least = np.where(kind_full, of_kind, of_all[:, None])
    return np.where(met, least[pairs.mentor, pairs.kind], gives)


def _taken(market: Market, given: Edges) -> Whole:
    """(N, K): places that pins and these pairs take."""
    taken = np.zeros_like(market.places_by_kind)
    for pairs in (market.pins, given):
        np.add.at(taken, (pairs.mentor, pairs.kind), 1)
    return taken


def _least_liked(market: Market, pairs: Edges, theirs: Whole, held: Index) -> tuple[Index, Index]:
    """(N, K) and (N,): the row each mentor likes least of a kind, and of all that are held."""
    # Written worst last, so that the worst of each mentor, and of each kind of theirs, stays.
    order = held[np.argsort(-theirs[held], kind="stable")]
    of_kind = np.full(market.places_by_kind.shape, _CLOSED)
    of_kind[pairs.mentor[order], pairs.kind[order]] = order
    of_all = np.full(len(market.places), _CLOSED)
    of_all[pairs.mentor[order]] = order
    return of_kind, of_all


def _within_limit(market: Market, pairs: Edges, held: Index, has: Index) -> Yes:
    """Where one more mentor of an institution, in place of the present one, is not too many."""
    institution = market.institution[pairs.mentor]
    having = market.from_institutions()
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
    free = chosen[~market.among(chosen, market.pins)]
    least = _least_kept(market, free, free.worth, np.arange(len(free)))
    offer = np.where(least >= 0, free.worth[np.maximum(least, 0)] if len(free) else 0, -1)
    found = market.possible.better(want // 2, offer // 2, most=most).edges
    of_a_want = np.bincount(found.mentee * kinds + found.kind)
    return _beside_pins(market, found).in_order(), bool(of_a_want.max(initial=0) < most)
