"""A job of one chapter that names a record of another does nothing to it, and tells nobody."""

import inspect

import pytest
from procrastinate.jobs import Job
from sqlalchemy import text

from mentorship.foundation.database import db
from mentorship.jobs.tasks import tasks
from tests.conftest import _do, forgotten
from tests.security.two_chapters import make_two, neighbour, wrote

#: What jobs of a chapter say beside their record.
BESIDE = {"draft": "1", "number": "1", "look_by": "2026-03-02T18:00:00+00:00", "key": "none"}


def names_a_record() -> list[str]:
    """The tasks that are about a record of a chapter, or of somebody's."""
    found = []
    for task in tasks.tasks.values():
        names = set(inspect.signature(task.func).parameters)
        whose = names & {"chapter_id", "user_id"}
        if whose and any(name.endswith("_id") for name in names - whose):
            found.append(task.name)
    return sorted(found)


@pytest.fixture
def two(app, undone, now, tray):
    return make_two(app, now=now)


def test_no_task_reaches_a_record_of_another_chapter(two, statements, tray):
    untouched, mine = two.digest(), two.people["its mentee"]
    assert len(names_a_record()) > 15
    for name in names_a_record():
        names = set(inspect.signature(tasks.tasks[name].func).parameters) - {"context"}
        whose = {"chapter_id": mine.chapter_id, "user_id": mine.user_id}
        stems = {name[:-3][:5] for name in names if name.endswith("_id")} - {"chapt"}
        fitting = {w: i for w, i in two.their_ids.items() if any(stem in w for stem in stems)}
        for which, one in {**fitting, "the chapter": two.their_ids["the chapter"]}.items():
            came = []
            for record_id in (neighbour(one), one):
                facts = {
                    each: str(whose.get(each, record_id)) if each.endswith("_id") else BESIDE[each]
                    for each in names
                    if each.endswith("_id") or each in BESIDE
                }
                if "chapter" in names:
                    facts["chapter"] = two.there.chapter.slug
                job = Job(
                    **{"id": 1, "queue": "x", "lock": None, "queueing_lock": None},
                    **{"task_name": name, "task_kwargs": facts},
                )
                told = f"{name} of {which}"
                with forgotten(), statements() as seen:
                    tray.empty()
                    came.append((_outcome(job), list(seen)))
                    if record_id == one:
                        to = {str(mail["To"]) for mail in tray.mails}
                        assert not any(address in str(to) for address in two.addresses), told
                        waiting = text("SELECT count(*) FROM procrastinate_jobs")
                        assert not db.session.scalar(waiting), told
                        db.session.rollback()
                        assert not wrote(list(seen)) or two.digest() == untouched, told
            assert came[0] == came[1], told


def _outcome(job) -> str:
    """How it ended: the kind of the exception, if there was one."""
    try:
        _do(job)
    except Exception as error:
        return type(error).__name__
    return "done"
