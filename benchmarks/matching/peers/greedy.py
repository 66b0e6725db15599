"""Greedy by score: the best pair there is, then the next best that still fits, and so on."""

import numpy as np
from plain import Instance, run

BLOCK = 200_000


def decide(instance: Instance) -> list[int]:
    places, by_kind = instance.places.copy(), instance.places_by_kind.copy()
    open_wants = instance.wants.copy()
    best_first = np.argsort(-instance.worth, kind="stable")
    taken = []
    for begin in range(0, len(best_first), BLOCK):
        rows = best_first[begin : begin + BLOCK]
        mentee, kind, mentor = instance.mentee[rows], instance.kind[rows], instance.mentor[rows]
        # What is gone before this block stays gone, so only the rest is looked at one by one.
        left = open_wants[mentee, kind] & (places[mentor] > 0) & (by_kind[mentor, kind] > 0)
        for row, i, k, j in zip(
            *(column[left].tolist() for column in (rows, mentee, kind, mentor)), strict=True
        ):
            if open_wants[i, k] and places[j] > 0 and by_kind[j, k] > 0:
                open_wants[i, k] = False
                places[j] -= 1
                by_kind[j, k] -= 1
                taken.append(row)
    return taken


if __name__ == "__main__":
    run(decide)
