"""Whole-number programs, best in one goal after the other, with bounds that are exact.

For the few rules that are no flow. HiGHS reckons in floating point, so nothing it says is taken
on trust: its multipliers are rounded to whole numbers, which prove a bound whatever they are (weak
duality), and its solutions are rounded and held against the rows. The bound says which columns
cannot matter; what is left, a kernel of a few hundred, is solved by branch and bound.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from mentorship.matching.engine.market import Index, Whole, Yes

#: Multipliers are kept in this part of a unit, so that halves and thirds lose little.
FINEST = 1 << 10
_WHOLE_RANGE = 1 << 60
#: Up to so many columns at once; with more, those that matter are found by looking at prices.
_FEW = 20_000
_MORE = 1_000
_NODES = 20_000
_SECONDS = 120.0


@dataclass(frozen=True, eq=False)
class Program:
    """Columns between `lower` and `upper`, rows that reach at most (or exactly) their limit."""

    #: (rows, columns), whole numbers.
    matrix: csr_array
    limit: Whole
    equal: Yes
    lower: Whole
    upper: Whole
    #: Columns to look at first.
    first: Yes

    def holds(self, column: Whole) -> bool:
        reached = self.matrix @ column
        within = np.where(self.equal, reached == self.limit, reached <= self.limit)
        inside = (self.lower <= column) & (column <= self.upper)
        return bool(within.all() and inside.all())


@dataclass(frozen=True, eq=False)
class Best:
    """Columns that reach `value`, which `bound` shows nobody can exceed; equal where proven."""

    column: Whole
    value: int
    bound: int
    proof: "Proof"


@dataclass(frozen=True, eq=False)
class Proof:
    """Whole multipliers of the rows, and the bound on `scale` times the goal that they prove."""

    scale: int
    multiplier: Whole
    #: What each column adds beside what its rows cost.
    rest: Whole
    bound: int


def matrix(row: Index, column: Index, entry: Whole, *, shape: tuple[int, int]) -> csr_array:
    """Rows and columns from their entries."""
    return csr_array((entry, (row, column)), shape, dtype=np.int64)


def best(program: Program, goal: Whole, start: Whole) -> Best:
    """The columns with the greatest `goal @ column`; `start` is some that hold.

    Proven, unless branch and bound had to be stopped: then `bound` is above `value`.
    """
    at_once = _proof(program, goal, np.zeros(len(program.limit), np.int64), 1)
    if at_once.bound == _worth(goal, start):
        return Best(start, at_once.bound, at_once.bound, at_once)
    proof, near = relaxed(program, goal, start)
    found = start
    if near is not None and program.holds(near) and _worth(goal, near) > _worth(goal, start):
        found = near
    ceiling = proof.bound // proof.scale
    reach = _first_reach(program, proof)
    while (gap := proof.bound - proof.scale * (_worth(goal, found) + 1)) >= 0:
        # A better one strays from the multipliers by at most this gap.
        reach = min(reach, gap)
        better, done = _kernel(program, goal, proof, reach)
        if better is not None and _worth(goal, better) > _worth(goal, found):
            found = better
        if not done:
            return Best(found, _worth(goal, found), ceiling, proof)
        if reach == gap or proof.bound - proof.scale * (_worth(goal, found) + 1) <= reach:
            break
        reach = gap if better is not None else 8 * reach + proof.scale
    return Best(found, _worth(goal, found), _worth(goal, found), proof)


def at_least(program: Program, goal: Whole, value: int) -> Program:
    """The same program, where the goal has to be reached so far."""
    return replace(
        program,
        matrix=vstack([program.matrix, csr_array(-goal[None, :])], format="csr"),
        limit=np.append(program.limit, -value),
        equal=np.append(program.equal, False),
    )


def frozen(program: Program, goal: Whole, best: Best) -> Program:
    """The same program, with only those columns left that reach as much of this goal."""
    proof = best.proof
    gap = proof.bound - proof.scale * best.value
    narrow = _within(program, proof, gap)
    if gap == 0:
        return narrow
    # What is still free has to stay within the gap. Said by the rest of each column, whose
    # numbers are as small as the gap; the goal's own would be too large for floating point.
    tight = narrow.equal
    weights = proof.scale * goal - narrow.matrix[tight].T @ proof.multiplier[tight]
    least = proof.scale * best.value - int(proof.multiplier[tight] @ narrow.limit[tight])
    return at_least(narrow, weights, least)


def _worth(goal: Whole, column: Whole) -> int:
    return int(goal @ column)


def _scale(goal: Whole, upper: Whole) -> int:
    most = int(np.abs(goal) @ upper) + 1
    scale = FINEST
    while scale > 1 and scale * most > _WHOLE_RANGE:
        scale //= 2
    return scale


def relaxed(program: Program, goal: Whole, start: Whole) -> tuple[Proof, Whole | None]:
    """A bound from the program without whole numbers, and its answer where that is whole.

    Only some columns are taken up at first. Those that the multipliers speak for are added until
    there is none.
    """
    scale = _scale(goal, program.upper)
    open_ = program.lower < program.upper
    active = (program.first | (start > 0) | (open_.sum() <= _FEW)) & open_
    while True:
        columns = np.flatnonzero(active)
        solution, multiplier = _linear(program, goal, columns, scale)
        proof = _proof(program, goal, multiplier, scale)
        absent = np.flatnonzero(open_ & ~active)
        if not (proof.rest[absent] > 0).any():
            break
        # Those that come near are taken up too, for they are spoken for next.
        best_first = absent[np.argsort(-proof.rest[absent], kind="stable")]
        active[best_first[: max(_MORE, len(columns) // 4)]] = True
    near = program.lower.copy()
    near[columns] = np.rint(solution)
    return proof, near if np.allclose(solution, near[columns], atol=1e-6) else None


def _linear(program: Program, goal: Whole, columns: Index, scale: int) -> tuple[np.ndarray, Whole]:
    """The answer in floating point on these columns, and the rows' multipliers, rounded."""
    # A fifth of what the product takes to start, and few of its processes ever solve.
    from scipy.optimize import OptimizeWarning, linprog

    multiplier = np.zeros(len(program.limit), np.int64)
    if not len(columns):
        return np.zeros(0), multiplier
    part = program.matrix[:, columns]
    base = np.where(program.lower == program.upper, program.lower, 0)
    base[columns] = 0
    limit = program.limit - program.matrix @ base
    binds = program.equal | (part.maximum(0) @ program.upper[columns] > limit)
    at_most, exactly = binds & ~program.equal, program.equal
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        answer = linprog(
            -goal[columns].astype(float),
            A_ub=part[at_most].astype(float) if at_most.any() else None,
            b_ub=limit[at_most] if at_most.any() else None,
            A_eq=part[exactly].astype(float) if exactly.any() else None,
            b_eq=limit[exactly] if exactly.any() else None,
            bounds=np.stack([program.lower[columns], program.upper[columns]], axis=1),
            method="highs",
        )
    if answer.x is None:
        return np.full(len(columns), 0.5), multiplier
    multiplier[at_most] = np.rint(np.maximum(-answer.ineqlin.marginals, 0) * scale)
    multiplier[exactly] = np.rint(-answer.eqlin.marginals * scale)
    return answer.x, multiplier


def _proof(program: Program, goal: Whole, multiplier: Whole, scale: int) -> Proof:
    rest = scale * goal - program.matrix.T @ multiplier
    at_best = np.where(rest > 0, program.upper, program.lower)
    bound = int(multiplier @ program.limit) + int(rest @ at_best)
    return Proof(scale, multiplier, rest, bound)


def _first_reach(program: Program, proof: Proof) -> int:
    """How far to look at first: a few columns for each that could be used."""
    open_ = np.sort(np.abs(proof.rest[program.lower < program.upper]))
    if not len(open_):
        return 0
    return int(open_[min(len(open_) - 1, 1_000 + len(open_) // 20)])


def _within(program: Program, proof: Proof, gap: int) -> Program:
    """The program without what strays from the multipliers by more than the gap."""
    lower = np.where(proof.rest > gap, program.upper, program.lower)
    upper = np.where(proof.rest < -gap, program.lower, program.upper)
    return replace(
        program, lower=lower, upper=upper, equal=program.equal | (proof.multiplier > gap)
    )


def _kernel(program: Program, goal: Whole, proof: Proof, reach: int) -> tuple[Whole | None, bool]:
    """The best among the columns within reach, and whether branch and bound came to its end."""
    narrow = _within(program, proof, reach)
    free = np.flatnonzero(narrow.lower < narrow.upper)
    column = narrow.lower.copy()
    if not len(free):
        return (column, True) if program.holds(column) else (None, True)
    part = narrow.matrix[:, free]
    column[free] = 0
    limit = narrow.limit - narrow.matrix @ column
    touched = np.diff(part.indptr) > 0
    impossible = np.where(narrow.equal, limit != 0, limit < 0)
    if (impossible & ~touched).any():
        return None, True
    tight = narrow.equal
    weights = proof.scale * goal - narrow.matrix[tight].T @ proof.multiplier[tight]
    rows = np.flatnonzero(touched)
    objective = -weights[free].astype(float) / proof.scale
    from scipy.optimize import Bounds, LinearConstraint, milp  # late, as above

    constraints = LinearConstraint(
        part[rows].astype(float),
        np.where(narrow.equal[rows], limit[rows], -np.inf),
        limit[rows].astype(float),
    )
    bounds = Bounds(narrow.lower[free].astype(float), narrow.upper[free].astype(float))
    # Its presolve can fail where the search itself does not, so that is tried without it.
    for presolve in (True, False):
        answer = milp(
            objective,
            constraints=constraints,
            bounds=bounds,
            integrality=np.ones(len(free)),
            options={
                "mip_rel_gap": 0,
                "node_limit": _NODES,
                "time_limit": _SECONDS,
                "presolve": presolve,
            },
        )
        done = answer.status in (_SOLVED, _NONE)
        if done or answer.x is not None or answer.status == _STOPPED:
            break
    if answer.x is None:
        return None, done
    column[free] = np.rint(answer.x)
    return (column, done) if program.holds(column) else (None, False)


#: What HiGHS says through SciPy.
_SOLVED, _STOPPED, _NONE = 0, 1, 2
