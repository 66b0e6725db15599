"""Portfolio rules at national size: a toll for each group of pairs, and a bound that is proven.

Where a mentee has two kinds from one person, or too many of one institution, each pair of that
group pays a toll, and the flow is solved again. Whatever the tolls, what is best beside them and
what groups may pay at most bound together what the rules allow (Lagrange). Answers that break
only a few rules are mended, by forbidding the pairs that are the least loss.
"""

from dataclasses import dataclass, replace

import numpy as np

from mentorship.matching.engine import flow, national, portfolio
from mentorship.matching.engine.flow import Flow
from mentorship.matching.engine.levels import Best, Stage
from mentorship.matching.engine.market import Edges, Index, Whole, Yes
from mentorship.matching.engine.national import Found
from mentorship.matching.engine.network import counted_out
from mentorship.matching.engine.portfolio import Near, Rule, rules
from mentorship.matching.engine.solution import Dual, Tolls

#: How far a toll goes beyond what would just change the answer, in parts of the best pair's
#: worth, and what is left of that from round to round.
_STEP, _FALLS = 0.006, 0.9
_ROUNDS = 40
#: Rounds until a linear program is asked for tolls: sooner where steps of coverage seem out of
#: reach, which it tells at once, later where it is only slower.
_PATIENCE, _STAMINA = 4, 20
#: Mending takes a handful of solves, so it is not tried in every round.
_MENDED_EVERY = 4
_MENDING = 40


@dataclass(frozen=True, eq=False)
class Tolled:
    """Pairs that keep every rule. Nobody could exceed `bound`, in coverage and worth together."""

    chosen: Edges
    objective: int
    bound: int
    #: Where a better one among the pairs that were solved could differ.
    near: Near
    #: What proves the bound; None where the flow's own, without any toll, is tighter.
    dual: Dual | None


@dataclass(frozen=True, eq=False)
class _Answer:
    """What is best beside some tolls."""

    #: By rule, what a pair of each group pays.
    tolls: tuple[Whole, ...]
    cost: Whole
    flow: Flow
    #: Which pairs are chosen.
    chosen: Yes
    reached: int
    #: What nothing among the pairs looked at could exceed under the rules.
    bound: int


def tolled(found: Found, *, barred: Index, enough: float) -> Tolled:
    """The best found under the portfolio rules, and a bound over every possible pair.

    It ends when the bound is proven to lie no more than `enough` above, in parts of the worth of
    all pairs, or after so many rounds that little more can be hoped for.

    :raises Unsolved: the costs are beyond 64 bits.
    """
    house, step = _House(found), found.prices.step
    answer = tightest = house.solved(house.free())
    best, weighed = house.emptied(answer), False
    for turn in range(_ROUNDS):
        tightest = min(tightest, answer, key=_bound)
        if weighed or house.stands(answer) or turn % _MENDED_EVERY == _MENDED_EVERY - 1:
            best = max(best, house.mended(answer), key=_reached)
            gap = tightest.bound - best.reached
            if gap <= enough * house.worth(best):
                break
            if turn >= (_PATIENCE if gap > step else _STAMINA) and not weighed:
                answer, weighed = house.solved(house.weighed(answer, best)), True
                continue
        answer = house.solved(house.raised(answer, turn))
    bound = tightest.bound + house.beyond(tightest, barred)
    return Tolled(
        chosen=house.edges[best.chosen],
        objective=best.reached,
        bound=min(found.bound, bound),
        near=house.near(best, tightest),
        dual=house.dual(tightest) if bound <= found.bound else None,
    )


def _reached(answer: _Answer) -> int:
    return answer.reached


def _bound(answer: _Answer) -> int:
    return answer.bound


class _House:
    """Takes tolls on a market's network, which it solves again and again."""

    def __init__(self, found: Found) -> None:
        self._found, self._chart = found, found.best.graph
        self.edges = self._chart.edges
        self._rules = rules(found.layout.market, self.edges)
        self._cost = self._chart.weighed(found.best.stages[0].weights)
        self._solve = flow.again_and_again(self._chart.network)
        self._value = found.layout.value(self.edges)
        # A pair that costs more than to leave everything open is never chosen.
        self._forbidding = int(self._cost[-1]) + 1

    def free(self) -> tuple[Whole, ...]:
        """No toll for anyone."""
        return tuple(np.zeros(len(rule.most), np.int64) for rule in self._rules)

    def emptied(self, answer: _Answer) -> _Answer:
        """No pair at all, which keeps every rule."""
        chosen = np.zeros_like(answer.chosen)
        return replace(answer, chosen=chosen, reached=self._reached(chosen))

    def stands(self, answer: _Answer) -> bool:
        return all(rule.kept(answer.chosen) for rule in self._rules)

    def worth(self, answer: _Answer) -> int:
        return max(1, int(self._value[answer.chosen].sum()))

    def solved(self, tolls: tuple[Whole, ...], forbidden: Yes | None = None) -> _Answer:
        cost = self._cost.copy()
        for rule, toll in zip(self._rules, tolls, strict=True):
            within = rule.group >= 0
            cost[: len(self.edges)][within] += toll[rule.group[within]]
        if forbidden is not None:
            cost[: len(self.edges)][forbidden] = self._forbidding
        found = self._solve(cost)
        chosen = found.units[: len(self.edges)] > 0
        reached = self._reached(chosen)
        # Groups that use less than they may leave tolls unpaid, which someone else could have.
        unpaid = sum(
            int(toll @ (rule.most - rule.used(chosen)))
            for rule, toll in zip(self._rules, tolls, strict=True)
        )
        return _Answer(tolls, cost, found, chosen, reached, reached + unpaid)

    def near(self, best: _Answer, tightest: _Answer) -> Near:
        """The best answer, and what the tightest bound says of those that are no worse."""
        rest = flow.rest(self._chart.network, tightest.cost, tightest.flow.potential)
        return Near(
            chosen=self.edges[best.chosen],
            gap=tightest.bound - best.reached,
            beside=-rest[: len(self.edges)],
            beside_asked=-rest[self._chart.asked],
        )

    def raised(self, answer: _Answer, turn: int) -> tuple[Whole, ...]:
        """More toll where too many pass, by what it takes to send one on; less where few do."""
        step = int(_STEP * self._found.layout.goods.top * _FALLS**turn) + 1
        top = self._found.layout.goods.top + 1
        loss = self._loss(answer)
        tolls = []
        for rule, toll in zip(self._rules, answer.tolls, strict=True):
            over = rule.used(answer.chosen) - rule.most
            rows, place = self._crowded(rule, answer, loss)
            # The pair whose leaving would bring the group down to what it may have.
            last = rows[place == over[rule.group[rows]] - 1]
            toll = np.where(over < 0, np.maximum(toll - 2 * step, 0), toll)
            toll[rule.group[last]] += np.minimum(loss[last], top) + step
            tolls.append(toll)
        return tuple(tolls)

    def weighed(self, answer: _Answer, best: _Answer) -> tuple[Whole, ...]:
        """Tolls from a linear program, which tells steps of coverage that are out of reach."""
        rest = flow.rest(self._chart.network, answer.cost, answer.flow.potential)
        return portfolio.tolls(
            self._found.layout,
            self.edges,
            self.edges[best.chosen],
            -rest[: len(self.edges)],
            self._found.prices.step,
        )

    def mended(self, answer: _Answer) -> _Answer:
        """An answer near this one that keeps every rule."""
        forbidden = np.zeros(len(self.edges), bool)
        for _ in range(_MENDING):
            if self.stands(answer):
                return answer
            for rule in self._rules:
                forbidden[self._too_many(rule, answer)] = True
            answer = self.solved(answer.tolls, forbidden)
        # Rarely more rounds are needed. Going without a pair breaks no rule.
        for rule in self._rules:
            chosen = answer.chosen.copy()
            chosen[self._too_many(rule, answer)] = False
            answer = replace(answer, chosen=chosen)
        return replace(answer, reached=self._reached(answer.chosen))

    def _too_many(self, rule: Rule, answer: _Answer) -> Index:
        """The pairs that crowded groups lose least without, as many as are too many."""
        rows, place = self._crowded(rule, answer, self._loss(answer))
        over = rule.used(answer.chosen) - rule.most
        return rows[place < over[rule.group[rows]]]

    def _reached(self, chosen: Yes) -> int:
        return national.reached(self._found.layout, self.edges[chosen])

    def beyond(self, answer: _Answer, barred: Index) -> int:
        """What pairs that no solve has seen could bring at most, held against these prices.

        They would pay tolls too, which are left out here: that only makes the bound wider.
        """
        return national.beyond(self._best(answer), barred)

    def dual(self, answer: _Answer) -> Dual:
        """The prices and tolls that prove this answer's bound."""
        prices = national.of_nodes(self._best(answer), self._found.prices.step)
        table = {rule.name: np.zeros((0, 3), np.int64) for rule in self._rules}
        for rule, toll in zip(self._rules, answer.tolls, strict=True):
            paying = np.flatnonzero(toll)
            # Any pair of a group tells whose it is.
            groups, rows = np.unique(rule.group, return_index=True)
            one = self.edges[rows[np.searchsorted(groups, paying)]]
            homes = self._found.layout.market.institution[one.mentor]
            other = homes if rule.name == portfolio.INSTITUTION else one.mentor
            table[rule.name] = np.stack([one.mentee, other, toll[paying]], axis=1)
        nothing = np.zeros((0, 3), np.int64)
        return Dual(
            replace(prices, offer=prices.offer.clip(0)),
            Tolls(
                meeting=self._met(answer, table.get(portfolio.MEETING, nothing)),
                institution=table.get(portfolio.INSTITUTION, nothing),
                outside=table.get(portfolio.OUTSIDE, nothing)[:, 1:],
            ),
        )

    def _met(self, answer: _Answer, tolls: Whole) -> Whole:
        """The tolls of meetings, with what the network itself has them pay where it keeps them."""
        layout, meetings = self._found.layout, self._chart.meetings
        mentee, mentor = np.divmod(meetings, max(1, len(layout.market.places)))
        potential = answer.flow.potential
        pays = potential[layout.mentor_node[mentor]]
        pays = (pays - potential[layout.nodes + np.arange(len(meetings))]).clip(0)
        rows = np.concatenate([tolls, np.stack([mentee, mentor, pays], axis=1)])
        pairs, place = np.unique(rows[:, :2], axis=0, return_inverse=True)
        total = np.zeros(len(pairs), np.int64)
        np.add.at(total, place.ravel(), rows[:, 2])
        return np.column_stack([pairs, total])

    def _best(self, answer: _Answer) -> Best:
        stage = Stage(self._found.best.stages[0].weights, answer.flow.potential)
        return replace(self._found.best, units=answer.flow.units, stages=(stage,))

    def _loss(self, answer: _Answer) -> Whole:
        """By pair chosen, what its want loses at least with the next best, or with none."""
        network, pairs, asked = self._chart.network, len(self.edges), self._chart.asked
        rest = flow.rest(network, answer.cost, answer.flow.potential)
        # Without it: the mentee's last further mentor and the want go empty, one more stays open.
        last = np.full(network.nodes, np.iinfo(np.int64).min)
        given = np.arange(asked.start, asked.stop)[answer.flow.units[asked] > 0]
        np.maximum.at(last, network.head[given], rest[given])
        wants = slice(asked.stop, asked.stop + int(self._found.layout.market.wants.sum()))
        least = np.zeros(network.nodes, np.int64)
        least[network.head[wants]] = rest[-1] - last[network.tail[wants]] - rest[wants]
        want, other = network.tail[:pairs], ~answer.chosen
        np.minimum.at(least, want[other], rest[:pairs][other])
        return np.where(answer.chosen, least[want] - rest[:pairs], 0)

    @staticmethod
    def _crowded(rule: Rule, answer: _Answer, loss: Whole) -> tuple[Index, Whole]:
        """The pairs chosen in groups that have too many, and their places by what is lost."""
        rows = np.flatnonzero(answer.chosen & (rule.group >= 0))
        over = rule.used(answer.chosen) > rule.most
        rows = rows[over[rule.group[rows]]]
        rows = rows[np.lexsort((loss[rows], rule.group[rows]))]
        sizes = np.unique(rule.group[rows], return_counts=True)[1]
        return rows, counted_out(sizes)[1]
