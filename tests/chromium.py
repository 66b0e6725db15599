"""The Chromium that browser tests drive: the one found here, else one installed for them.

`python -m tests.chromium` makes sure that there is one and prints where.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: The one without a screen comes first: it needs a third less of the machine.
COMMANDS = (
    *("chromium-headless-shell", "chromium"),
    *("chromium-browser", "google-chrome", "google-chrome-stable"),
)

MACOS_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

PLAYWRIGHT_CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")

PLAYWRIGHT_BUILDS = (
    "chromium_headless_shell-*/*/*headless?shell",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> "Iterator[Browser]":
    """A Chromium without a screen. A thread can have one at a time."""
    from playwright.sync_api import sync_playwright  # most tests can do without

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()


@functools.cache
def find() -> Path | None:
    """Find a Chromium that runs: the one CHROMIUM names, else one of this machine.

    :raises ValueError: CHROMIUM names something that does not run.
    """
    if named := os.environ.get("CHROMIUM"):
        if not _runs(Path(named)):
            raise ValueError(f"CHROMIUM names {named}, which does not run.")
        return Path(named)
    return next((path for path in _candidates() if _runs(path)), None)


def ensure() -> Path | None:
    """Find a Chromium, or install one the way this platform does."""
    for install in (None, _install_with_apt, _install_with_playwright):
        if install is not None:
            print("No Chromium found: installing one for the browser tests.", file=sys.stderr)
            install()
            find.cache_clear()
        if path := find():
            return path
    return None


def _candidates() -> Iterator[Path]:
    for command in COMMANDS:
        if path := shutil.which(command):
            yield Path(path)
    yield from (path for path in map(Path, MACOS_APPS) if path.exists())
    caches = (os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), *PLAYWRIGHT_CACHES)
    for cache in filter(None, caches):
        for build in PLAYWRIGHT_BUILDS:
            yield from sorted(Path(cache).expanduser().glob(build), reverse=True)


def _runs(path: Path) -> bool:
    """Whether it starts: Ubuntu's chromium-browser may only say that it is a snap."""
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _install_with_apt() -> None:
    """Install Debian's own, with what its pages need to show letters."""
    if not shutil.which("apt-get") or (as_root := _as_root()) is None:
        return
    apt = [*as_root, "apt-get", "-o", "Dpkg::Use-Pty=0", "--quiet"]
    install = [*apt, "install", "--yes", "--no-install-recommends", "fonts-liberation"]
    if _succeeds([*apt, "update"]):
        # Ubuntu has none without a screen.
        _succeeds([*install, "chromium-headless-shell"]) or _succeeds([*install, "chromium"])


def _install_with_playwright() -> None:
    """Download Playwright's build, and the libraries it needs where we may install them."""
    with_libraries = ["--with-deps"] if shutil.which("apt-get") and _as_root() is not None else []
    _succeeds([sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"])


def _as_root() -> list[str] | None:
    """The words that put a command into root's hands, if that can be had without a password."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if allowed else None


def _succeeds(command: Sequence[str]) -> bool:
    """Run a command, with what it prints on standard error."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdout=sys.stderr).returncode == 0


if __name__ == "__main__":
    try:
        chromium = ensure()
    except ValueError as error:
        sys.exit(str(error))
    if chromium is None:
        sys.exit("There is no Chromium for the browser tests: install one, or name it in CHROMIUM.")
    print(f"Chromium: {chromium}")
