"""The demo as a process: started on a port of loopback in a folder of its own, and ended."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

#: Seconds; a loaded machine takes its time over the first start.
PATIENCE = 240


class Demo:
    """A demo in a process of its own, its folder and what it has said."""

    def __init__(self, folder: Path, port: int, **environ: str) -> None:
        self.folder, self.port = folder, port
        self.output = folder.with_suffix(".out")
        ours = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        command = [sys.executable, "-m", "mentorship.cli.commands", "demo"]
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [*command, "--port", str(port), "--folder", str(folder)],
                env=ours | environ,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def until(self, found: Callable[[], object]) -> None:
        """Wait until something is so, while the demo runs.

        :raises AssertionError: it never was; with all that the demo has said.
        """
        deadline = time.monotonic() + PATIENCE
        while not found():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)

    def come_up(self) -> "Demo":
        self.until(lambda: "Ctrl-C stops everything." in self.said())
        return self

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def links(self) -> dict[str, str]:
        """The sign-in link of each lead, by name. Each works once."""
        return dict(re.findall(r"^  (.+?), .+\n  (http\S+)$", self.said(), re.MULTILINE))

    def ended(self, *, how: int = signal.SIGINT) -> int:
        """End it, and wait; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)

    def page(self, path: str) -> str:
        with urlopen(self.address + path, timeout=30) as answer:
            return answer.read().decode()

    def answers(self) -> bool:
        with suppress(HTTPError, URLError, OSError):
            return bool(self.page("/healthz"))
        return False

    def parts(self) -> list[int]:
        """The processes of the pages and of the worker, each the first of its session."""
        return [int((self.folder / f"{part}.pid").read_text()) for part in ("serve", "worker")]

    def left(self) -> list[int]:
        """Sessions of which something still runs."""
        return [group for group in self.parts() if lives(group)]

    def clear(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=60)
            self.process.kill()
        with suppress(OSError):
            for group in self.left():
                os.killpg(group, signal.SIGKILL)


def lives(group: int) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False
