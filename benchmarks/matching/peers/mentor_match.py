"""`mentor-match`, one kind after the other, in rounds with a growing bonus for the unmatched.

A round gives each mentor at most one mentee; who has no room or no want left is not entered. Its
documentation has three rounds; here the last is repeated as long as it pairs anybody.
"""

from itertools import chain, repeat

import numpy as np
from matching.mentee import Mentee
from matching.mentor import Mentor
from matching.process import process_data
from matching.rules.rule import Disqualify, UnmatchedBonus
from plain import SCALE, Instance, run

#: As its documentation has them, for scores from 0 to 100.
BONUSES = (0, 50, 100)


class Worth:
    """Adds what the pair is worth."""

    def __init__(self, worth: dict[tuple[int, int], int]) -> None:
        self.worth = worth

    def apply(self, match: object) -> int:
        return self.worth.get((match.mentee.email, match.mentor.email), 0)

    def evaluate(self, match: object) -> bool:
        return True


def decide(instance: Instance) -> list[int]:
    places = instance.places.tolist()
    taken = []
    for kind in range(instance.kinds):
        by_kind = instance.places_by_kind[:, kind].tolist()
        unserved = set(np.nonzero(instance.wants[:, kind])[0].tolist())
        rows = np.nonzero(instance.kind == kind)[0].tolist()
        pairs = {(int(instance.mentee[row]), int(instance.mentor[row])): row for row in rows}
        worth = {pair: int(instance.worth[row]) for pair, row in pairs.items()}
        impossible = Disqualify(
            lambda match, worth=worth: (match.mentee.email, match.mentor.email) not in worth
        )
        for bonus in chain(BONUSES, repeat(BONUSES[-1])):
            room = [j for j in range(len(places)) if places[j] > 0 and by_kind[j] > 0]
            mentors = [Mentor(grade=0, email=mentor) for mentor in room]
            mentees = [Mentee(grade=0, email=mentee) for mentee in sorted(unserved)]
            if not mentors or not mentees:
                break
            rules = [Worth(worth), UnmatchedBonus(bonus * SCALE // 100), impossible]
            process_data(mentors, mentees, [rules])
            if not any(mentor.mentees for mentor in mentors):
                break
            for mentee in mentees:
                for mentor in mentee.mentors:
                    taken.append(pairs[mentee.email, mentor.email])
                    unserved.remove(mentee.email)
                    places[mentor.email] -= 1
                    by_kind[mentor.email] -= 1
    return taken


if __name__ == "__main__":
    run(decide)
