"""`matching`'s HospitalResident, one kind after the other, with the places that are left.

It knows neither scores nor kinds nor a limit over all kinds, so its caller keeps those. It copies
its players by recursion and stops with a RecursionError at Python's default limit, which is raised
here, as its users have to.
"""

import sys
import threading

import numpy as np
from matching.games import HospitalResident
from plain import Instance, run


def decide(instance: Instance) -> list[int]:
    places = instance.places.astype(np.int64)
    taken = []
    for kind in range(instance.kinds):
        rows = np.nonzero(instance.kind == kind)[0]
        room = np.minimum(places, instance.places_by_kind[:, kind])
        rows = rows[room[instance.mentor[rows]] > 0]
        pairs = dict(
            zip(
                zip(instance.mentee[rows].tolist(), instance.mentor[rows].tolist(), strict=True),
                rows.tolist(),
                strict=True,
            )
        )
        best_first = rows[np.argsort(-instance.worth[rows], kind="stable")]
        residents, hospitals = {}, {}
        for mentee, mentor in zip(
            instance.mentee[best_first].tolist(), instance.mentor[best_first].tolist(), strict=True
        ):
            residents.setdefault(mentee, []).append(mentor)
            hospitals.setdefault(mentor, []).append(mentee)
        game = HospitalResident.create_from_dictionaries(
            residents, hospitals, {mentor: int(room[mentor]) for mentor in hospitals}
        )
        for hospital, given in game.solve(optimal="resident").items():
            for resident in given:
                taken.append(pairs[resident.name, hospital.name])
                places[hospital.name] -= 1
    return taken


if __name__ == "__main__":
    sys.setrecursionlimit(10**7)
    threading.stack_size(2**30 - 2**20)
    deep = threading.Thread(target=run, args=(decide,))
    deep.start()
    deep.join()
