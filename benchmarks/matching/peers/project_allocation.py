"""`algmatch`'s student-project allocation: a want is a student, a mentor's kind a project.

A mentor is the lecturer of their projects, so places by kind and over all kinds are both kept.
"""

import numpy as np
from algmatch.studentProjectAllocation import StudentProjectAllocation
from plain import Instance, run


def decide(instance: Instance) -> list[int]:
    best_first = np.argsort(-instance.worth, kind="stable")
    want, offer = instance.want[best_first].tolist(), instance.offer[best_first].tolist()
    rows = dict(zip(zip(want, offer, strict=True), best_first.tolist(), strict=True))
    students, lecturers = {}, {}
    for student, project in zip(want, offer, strict=True):
        students.setdefault(student, []).append(project)
        lecturers.setdefault(project // instance.kinds, []).append(student)
    projects = {
        project: {
            "capacity": int(
                instance.places_by_kind[project // instance.kinds, project % instance.kinds]
            ),
            "lecturer": project // instance.kinds,
        }
        for project in set(offer)
    }
    game = StudentProjectAllocation(
        dictionary={
            "students": students,
            "projects": projects,
            "lecturers": {
                mentor: {"capacity": int(instance.places[mentor]), "preferences": preferred}
                for mentor, preferred in lecturers.items()
            },
        },
        optimised_side="students",
    )
    found = game.get_stable_matching()
    assert found is not None, "it found no stable answer"
    return [
        rows[int(student[1:]), int(project[1:])]
        for student, project in found["student_sided"].items()
        if project
    ]


if __name__ == "__main__":
    run(decide)
