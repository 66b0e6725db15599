"""Reading a file that nobody vouches for, in a process of its own with limits of its own.

A rule that repeats can burn CPU inside one call that no check of ours reaches; a process can be
stopped whatever it is doing, and takes nobody else along. Pure, but for that process.
"""

import json
import resource
import subprocess
import sys
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from mentorship.scheduling.feeds import reading
from mentorship.scheduling.feeds.kinds import AllDay, Blocks, Holds, Shift
from mentorship.scheduling.feeds.lines import MOST_BYTES, TooMuch, Untrusted
from mentorship.scheduling.feeds.reading import How, Reading, Taken
from mentorship.scheduling.feeds.rest import Rest
from mentorship.scheduling.feeds.shifts import Meaning
from mentorship.scheduling.slots import Span

#: CPU seconds; a busy machine takes longer for the same.
CPU = 8
#: Bytes of memory.
MEMORY = 768 << 20
#: Seconds by the clock, for a process that does nothing at all.
PATIENCE = 90


def read(data: bytes, span: Span, how: How) -> Reading:
    """What `reading.read` says, from a process that may cost only so much.

    :raises Untrusted: as `reading.read` does, and when the file costs more than that.
    """
    asked = json.dumps(
        {
            "cpu": CPU,
            "span": [span.starts_at.isoformat(), span.ends_at.isoformat()],
            "zone": how.zone.key,
            "holds": how.holds,
            "all_day": how.all_day,
            "rules": how.rules,
            "rest": [
                how.rest.after_hours,
                how.rest.not_before.isoformat(),
                how.rest.before_minutes,
            ],
        }
    )
    # Over the limit already: the file need not be handed on whole to be refused.
    handed = asked.encode() + b"\n" + data[: MOST_BYTES + 1]
    command = [sys.executable, "-I", "-B", "-m", "mentorship.scheduling.feeds.child"]
    try:
        done = subprocess.run(
            command, input=handed, capture_output=True, timeout=PATIENCE, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise TooMuch("The calendar takes too long to read.") from None
    if done.returncode:
        raise TooMuch("The calendar takes too much time or memory to read.")
    return _reading(json.loads(done.stdout))


def main() -> None:
    """The other end: limits first, then the file from standard input, then what it says."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_CPU, (asked["cpu"], asked["cpu"] + 1))
    after_hours, not_before, before_minutes = asked["rest"]
    how = How(
        zone=ZoneInfo(asked["zone"]),
        holds=Holds(asked["holds"]),
        all_day=AllDay(asked["all_day"]),
        rules=tuple((pattern, Meaning(meaning)) for pattern, meaning in asked["rules"]),
        rest=Rest(after_hours, time.fromisoformat(not_before), before_minutes),
    )
    starts_at, ends_at = map(datetime.fromisoformat, asked["span"])
    try:
        found = reading.read(sys.stdin.buffer.read(), Span(starts_at, ends_at), how)
    except Untrusted as no:
        answer: dict[str, Any] = {"untrusted": str(no), "too_much": isinstance(no, TooMuch)}
    else:
        answer = _facts(found)
    sys.stdout.write(json.dumps(answer))


def _facts(found: Reading) -> dict[str, Any]:
    return {
        "taken": [[*_ends(each.span), each.blocks, each.shift] for each in found.taken],
        "covers": _ends(found.covers) if found.covers else None,
        "events": found.events,
        "unread": found.unread,
        "warnings": found.warnings,
    }


def _reading(facts: dict[str, Any]) -> Reading:
    if "untrusted" in facts:
        raise (TooMuch if facts["too_much"] else Untrusted)(facts["untrusted"])
    return Reading(
        taken=tuple(
            Taken(_span(starts, ends), Blocks(blocks), Shift(shift) if shift else None)
            for starts, ends, blocks, shift in facts["taken"]
        ),
        covers=_span(*facts["covers"]) if facts["covers"] else None,
        events=facts["events"],
        unread=facts["unread"],
        warnings=tuple(facts["warnings"]),
    )


def _ends(span: Span) -> tuple[str, str]:
    return span.starts_at.isoformat(), span.ends_at.isoformat()


def _span(starts: str, ends: str) -> Span:
    return Span(datetime.fromisoformat(starts), datetime.fromisoformat(ends))


if __name__ == "__main__":
    main()
