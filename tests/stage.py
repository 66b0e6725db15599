"""The cast of a file's tests: made once, and left standing from one test to the next."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, NestedTransaction

from mentorship.foundation.database import db

#: Every fixture that is left standing, in the order in which they come on: its name, whose it is.
_standing: dict[str, list[str]] = {}


class Stage:
    """One transaction, in which each of the cast is a layer on a savepoint of its own.

    A test takes away the layers that it does not ask for, acts upon the others, and is undone. Most
    tests of a file ask for the same people in the same order, so few are made twice.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._layers: list[tuple[object, Any]] = []
        self._module = ""
        self._reached = 0
        self._rising = False
        self._act: NestedTransaction

    def rise(self, engine: Engine, module: str) -> Connection:
        """Begin a test; where it works. Every file begins anew, as if it were the only one."""
        if self._connection is None or module != self._module:
            self.clear()
            self._connection, self._module = engine.connect(), module
            self._connection.begin()
            self._save()
        self._reached, self._rising = 0, True
        self._act = self._connection.begin_nested()
        return self._connection

    def keep(self, key: object, make: Callable[[], Any]) -> Any:
        """What stands there under this key already, or is made now: at its place, or for once."""
        if not self._rising:
            return make()
        if self._reached == len(self._layers) or self._layers[self._reached][0] != key:
            self._strike()
            value = make()
            db.session.remove()
            self._act.commit()
            self._layers.append((key, value))
            self._save()
            self._act = self._connection.begin_nested()
        self._reached += 1
        return self._layers[self._reached - 1][1]

    def play(self) -> None:
        """Everybody is there: take away whom this test does not know."""
        self._rising = False
        if self._reached < len(self._layers):
            self._strike()

    def fall(self) -> None:
        """Undo the test; and everything, if it broke the transaction."""
        db.session.remove()
        if self._act.is_active and not self._connection.invalidated:
            self._act.rollback()
        else:
            self.clear()

    def clear(self) -> None:
        """Undo everything, and let go of the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._layers.clear()

    def holds(self, value: Any) -> bool:
        """Whether the test has reached this on the stage."""
        return any(value is held for _, held in self._layers[: self._reached])

    def _strike(self) -> None:
        """Take away the layers above the last that was reached."""
        self._act.rollback()
        del self._layers[self._reached :]
        self._connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT layer_{self._reached}")
        self._act = self._connection.begin_nested()

    def _save(self) -> None:
        self._connection.exec_driver_sql(f"SAVEPOINT layer_{len(self._layers)}")


stage = Stage()


def standing(make: Callable) -> Callable:
    """A fixture whose records are made once for the tests in a row that ask for it.

    It builds on others of its kind, on a clock that stands, and on nothing else that writes. What
    it gives is not changed. Whoever redefines one makes it standing, too.
    """
    _standing.setdefault(make.__name__, []).append(make.__module__)

    @functools.wraps(make)
    def kept(**others: Any) -> Any:
        below = [other for other in others.values() if stage.holds(other)]
        return stage.keep((make, *below), lambda: make(**others))

    return pytest.fixture(kept)


def come_on(request: pytest.FixtureRequest) -> None:
    """Set up the cast that a test asks for, before anything else of its own."""
    request.getfixturevalue("undone")
    for name, modules in _standing.items():
        if name in request.fixturenames and any(_known(m, request.module) for m in modules):
            assert stage.holds(request.getfixturevalue(name)), f"{name} is redefined: standing?"
    stage.play()


def _known(module: str, to: Any) -> bool:
    """Whether what a module defines is known to the tests of another."""
    package, _, last = module.rpartition(".")
    return module == to.__name__ or (last == "conftest" and to.__name__.startswith(f"{package}."))
