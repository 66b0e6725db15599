"""SciPy's MILP (HiGHS) on the whole question, to a gap of nothing."""

import numpy as np
from plain import SCALE, Instance, run
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack, vstack


def decide(instance: Instance) -> np.ndarray:
    pairs = len(instance)
    wants, want = np.unique(instance.want, return_inverse=True)
    offers, offer = np.unique(instance.offer, return_inverse=True)
    mentees, of_mentee = np.unique(wants // instance.kinds, return_inverse=True)
    asked = np.bincount(of_mentee)
    whose = np.repeat(np.arange(len(mentees)), asked)
    nth = np.arange(len(whose)) - np.repeat(np.cumsum(asked) - asked, asked)

    def rows(of: np.ndarray, count: int) -> csr_matrix:
        return csr_matrix((np.ones(len(of)), (of, np.arange(len(of)))), (count, len(of)))

    def beside(of: np.ndarray, count: int) -> csr_matrix:
        return hstack([rows(of, count), csr_matrix((count, len(whose)))])

    by_kind = instance.places_by_kind[offers // instance.kinds, offers % instance.kinds]
    limits = [
        (beside(want, len(wants)), np.ones(len(wants))),
        (beside(offer, len(offers)), by_kind),
        (beside(instance.mentor, len(instance.places)), instance.places),
    ]
    # How many mentors someone has is the sum of a first, a second, and so on.
    counted = hstack([rows(of_mentee[want], len(mentees)), -rows(whose, len(mentees))])
    upper = np.concatenate([limit for _, limit in limits] + [np.zeros(len(mentees))])
    lower = np.where(np.arange(len(upper)) < len(upper) - len(mentees), -np.inf, 0)
    step = len(wants) * SCALE + 1
    gain = np.concatenate([instance.worth, (instance.kinds - nth) * step]).astype(float)
    found = milp(
        -gain,
        constraints=LinearConstraint(
            vstack([table for table, _ in limits] + [counted]).tocsc(), lower, upper
        ),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(gain)),
        options={"mip_rel_gap": 0},
    )
    return np.nonzero(found.x[:pairs] > 0.5)[0]


if __name__ == "__main__":
    run(decide)
