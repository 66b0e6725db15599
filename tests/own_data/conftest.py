"""What is planted takes constraints away, so each test has a new database."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests import databases
from tests.conftest import let_go


@pytest.fixture
def own_label(own_app: Flask, worker_id: str) -> Iterator[str]:
    label = f"{worker_id}_own"
    with databases.clone(label):
        yield label
        with own_app.app_context():
            let_go()
