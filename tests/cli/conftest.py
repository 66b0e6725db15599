"""What several tests of the command line need."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mentorship.cli.commands import main
from mentorship.foundation.database import db


@pytest.fixture
def run(own_database, settings, monkeypatch, now):
    """Run a command as from a shell, on a database of its own."""
    mine = own_database.config["SETTINGS"]
    environment = {
        "CURBSIDE_ENV": "test",
        "DATABASE_URL": mine.database_url,
        "SECRET_KEY": mine.secret_key,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str | Path) -> Result:
        db.session.remove()
        result = CliRunner().invoke(main, [str(one) for one in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return run
