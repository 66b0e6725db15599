"""Looks for known holes: in our code with bandit, in what the lock installs with pip-audit.

pip-audit says that it found nothing, and exits with 0, where it could not ask anybody. That is told
apart here: what was not looked at is never called good.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SKIPPED = "skipped: no vulnerability data reachable; nothing was looked up"


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """What a report of pip-audit comes to: an exit status, and what there is to say."""
    every = report.get("dependencies", [])
    if not every:
        return 1, ["pip-audit has looked at no package at all"]
    unseen = [one["name"] for one in every if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in"
        f" {', '.join(hole['fix_versions']) or 'no release yet'}"
        for one in every
        for hole in one.get("vulns", [])
    ]
    if found:
        return 1, found
    if len(unseen) == len(every):
        return 0, [SKIPPED]
    if unseen:
        return 1, [f"not looked up: {', '.join(unseen)}"]
    return 0, [f"no known holes in {len(every)} packages"]


def main() -> int:
    code = subprocess.run(
        [BIN / "bandit", "--quiet", "--configfile", "pyproject.toml", "-r", "mentorship", "tools"],
        cwd=ROOT,
    ).returncode
    asked = subprocess.run(
        [
            *(BIN / "pip-audit", "--requirement", "requirements.lock", "--no-deps"),
            *("--disable-pip", "--progress-spinner", "off", "--format", "json"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    try:
        status, told = verdict(json.loads(asked.stdout))
    except ValueError:  # it broke off before it had anything to report
        why = asked.stderr.strip().splitlines()[-1:] or ["no report"]
        away = any(word in why[0] for word in ("onnection", "resolve", "timed out", "unreachable"))
        status, told = (0, [SKIPPED]) if away else (1, why)
    for line in told:
        print(f"pip-audit: {line}")
    return code or status


if __name__ == "__main__":
    sys.exit(main())
