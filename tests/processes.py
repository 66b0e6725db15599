"""The product's own commands as processes: started on loopback, bounded in time, and ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mentorship.foundation.settings import ROOT

#: Seconds that anything here may take, on a busy machine.
PATIENCE = 60


class Process:
    """A command under way, and what it has said so far."""

    def __init__(self, words: tuple[str, ...], environ: dict[str, str], folder: Path) -> None:
        self.log = folder / f"{words[0]}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "mentorship.cli.commands", *words],
                env=environ,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def says(self) -> str:
        return self.log.read_text("utf-8")

    def wait(self) -> int:
        """Its exit status."""
        return self.popen.wait(PATIENCE)

    def stop(self) -> int:
        """Ask it to end, as a supervisor would; its exit status."""
        self.popen.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """End it and its children at once, wherever they are."""
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.wait()


def environ(database_url: str, smtp_port: int = 9, **more: str) -> dict[str, str]:
    """The environment of a process: settings, and nothing of the one that runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "CURBSIDE_ENV": "demo",
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a secret for the tests, and only for them",
        "SMTP_PORT": str(smtp_port),
        "LOG_FORMAT": "json",
        "WORKERS": "1",
        **more,
    }


@contextmanager
def running(*words: str, environ: dict[str, str], folder: Path) -> Iterator[Process]:
    """Run a `mentorship` command until the end of the block at the latest."""
    process = Process(words, environ, folder)
    try:
        yield process
    finally:
        process.kill()


def until(holds: Callable[[], object], *, process: Process | None = None) -> None:
    """Wait until something holds.

    :raises AssertionError: it takes too long, or the process that should bring it about is gone.
    """
    end = time.monotonic() + PATIENCE
    while not holds():
        assert process is None or process.popen.poll() is None, process.says
        assert time.monotonic() < end, process.says if process else "too late"
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]
