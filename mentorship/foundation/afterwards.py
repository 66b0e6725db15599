"""What is written when the answer to a request is known, in a transaction of its own.

A page that is only looked at is rolled back, and so is what was refused; that somebody looked, or
tried, has to be kept all the same.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import NamedTuple

from mentorship.foundation.database import db


class _Note(NamedTuple):
    write: Callable[[], object]
    whatever: bool


_notes: ContextVar[list[_Note] | None] = ContextVar("notes", default=None)


def note(write: Callable[[], object], *, whatever: bool = False) -> None:
    """Have `write` done when the answer is known; at once where no request is under way.

    Of an answer that shows nothing, such as a 404, nothing is written, unless it is to be kept
    `whatever` comes of the request.
    """
    notes = _notes.get()
    if notes is None:
        write()
    else:
        notes.append(_Note(write, whatever))


def begin() -> None:
    """A request has begun: gather what it notes."""
    _notes.set([])


def write(*, shown: bool) -> None:
    """Write what was noted, and keep it. `shown` says whether the answer shows what was asked."""
    notes = _notes.get() or []
    _notes.set([])
    due = [note.write for note in notes if shown or note.whatever]
    for one in due:
        one()
    if due:
        db.session.commit()


def end() -> None:
    """The request is over."""
    _notes.set(None)
