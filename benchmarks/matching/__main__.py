"""Run the benchmark: `make bench-matching`, or `python -m benchmarks.matching --help`.

One contender after the other, never two at once, each in a process of its own. What counts is
CPU time, so a busy machine changes little. A contender that gave no answer at one size, or whose
time there lets expect none within the limit, is not tried at the next.
"""

import argparse
import os
import pickle
import platform
import sys
import time
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

import numpy as np

from benchmarks.matching import contest, ranks, report
from benchmarks.matching.contest import PEERS, PEERS_IN_ORDER, ROOM, Failed, Peer
from benchmarks.matching.judge import judge
from benchmarks.matching.peers.plain import Instance
from benchmarks.matching.people import Size
from benchmarks.matching.results import AtSize, Entry, Part, Results

SIZES = ("100x40", "1000x300", "3000x900", "10000x3000", "50000x10000")
#: What was measured so far, for runs that add to it. Only ever written here.
KEPT = ROOM / "results.pickle"
#: CPU seconds that a contender may take for one answer; ours may take OURS anywhere.
LIMIT, OURS = 180, 300
#: Beyond so many mentees no peer is tried: all pairs are too many to hand over.
PEERS_UP_TO = 10_000
#: Up to so many mentees every rule is on as well and everything has to be proven.
CHAPTER = 1_000
#: A contender is run so often, for the median, unless one run takes longer than LONG seconds.
REPEATS, LONG = 5, 4.0
STABLE = Size(3_000, 300)
#: Where a what-if is measured, and what stating less costs while places are scarce.
WHAT_IF, SCARCE = Size(100, 40), Size(3_000, 900)


def main() -> None:
    asked = _arguments()
    began, results = time.monotonic(), _earlier() if asked.add else Results()
    sizes = sorted({Size.parse(text) for text in asked.sizes.split(",")}, key=_mentees)
    before = list(results.parts)
    _beside(results, sizes, asked.limit)
    for size in sizes:
        measured = [one for one in results.sizes.values() if one.size.mentees < size.mentees]
        results.sizes[size.slug] = _at(size, measured, asked.limit)
        in_order = sorted(results.sizes.values(), key=lambda found: found.size.mentees)
        results.sizes = {found.size.slug: found for found in in_order}
        # Whoever stops it early keeps what was measured.
        results.parts = [*before, _part(began)]
        _written(results, asked.out)


def _mentees(size: Size) -> int:
    return size.mentees


def _earlier() -> Results:
    """What runs before this one have found, if there were any."""
    return pickle.loads(KEPT.read_bytes()) if KEPT.exists() else Results()


def _part(began: float) -> Part:
    clock, load = time.monotonic() - began, os.getloadavg()[1]
    return Part(" ".join(sys.argv[1:]), _cpu_seconds(), clock, load)


def _written(results: Results, out: Path) -> None:
    results.versions = _versions()
    KEPT.write_bytes(pickle.dumps(results))
    out.write_text(report.markdown(results, _machine()))
    print(f"{out} is written", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-matching", description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES), help="such as 100x40,1000x300")
    parser.add_argument("--add", action="store_true", help="keep what runs before this one found")
    parser.add_argument("--limit", type=float, default=LIMIT, help="CPU seconds an answer may take")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/matching.md"))
    return parser.parse_args()


def _at(size: Size, before: list[AtSize], limit: float) -> AtSize:
    """Everything at one size."""
    found = AtSize(size)
    if size.mentees > PEERS_UP_TO:
        found.ours = _ours("alike-1", size)
        found.questions = {"alike-2": _ours("alike-2", size)}
        return found
    found.ours = _ours("alike", size)
    names = ("alike-1", "alike-2", "rules-1") if size.mentees > CHAPTER else ("rules",)
    found.questions = {name: _ours(name, size) for name in names}
    every = _exported("every", size)
    instance = Instance.read(every)
    found.pairs = len(instance)
    _judge(found.ours, instance)
    for contender in PEERS_IN_ORDER:
        entry = Entry(
            contender.name, exact=contender.exact, failed=_hopeless(contender, found, before, limit)
        )
        if not entry.failed:
            _run(entry, lambda contender=contender: contest.peer(contender, every, limit=limit))
        _judge(entry, instance)
        found.peers.append(entry)
    found.shortlist = _bare(size)
    return found


def _hopeless(contender: Peer, now: AtSize, before: list[AtSize], limit: float) -> str:
    """Why there is no point in trying this contender, from the size before; else nothing."""
    if now.pairs > contender.most_pairs:
        return "not tried (too many arcs)"
    if not before:
        return ""
    last = before[-1]
    entry = next((one for one in last.peers if one.name == contender.name), None)
    if entry is None:
        return ""
    if not entry.runs:
        return (
            entry.failed
            if entry.failed.startswith("not tried")
            else f"not tried ({last.size}: {entry.failed})"
        )
    # At least as much longer as there are more pairs.
    if entry.seconds * now.pairs / last.pairs > limit:
        return f"not tried ({last.size}: {entry.seconds:.0f} s)"
    return ""


def _ours(question: str, size: Size) -> Entry:
    entry = Entry("Curbside", exact=True)
    command = [sys.executable, "-m", "benchmarks.matching.ours", question, size.slug]
    _run(entry, lambda: contest.run(command, limit=OURS))
    return entry


def _bare(size: Size) -> dict[str, Entry]:
    """The bare solvers on the pairs that the engine solves first."""
    folder, entries = _exported("shortlist", size), {}
    for contender in takewhile(lambda peer: not peer.environment, PEERS_IN_ORDER):
        entry = entries[contender.script] = Entry(contender.name)
        _run(entry, lambda contender=contender: contest.peer(contender, folder, limit=OURS))
    return entries


def _exported(which: str, size: Size) -> Path:
    folder = ROOM / "instances" / f"{size.slug}-{which}"
    contest.run(
        [sys.executable, "-m", "benchmarks.matching.export", which, size.slug, str(folder)],
        limit=OURS,
    )
    return folder


def _run(entry: Entry, once) -> None:
    """Run it as often as its time allows, and note why where it gives no answer."""
    print(entry.name, file=sys.stderr, end=" ", flush=True)
    try:
        while len(entry.runs) < REPEATS:
            entry.runs.append(once())
            if entry.runs[-1].seconds > LONG:
                break
        print(f"{entry.seconds:.3f} s", file=sys.stderr)
    except Failed as failed:
        entry.failed = str(failed)
        entry.runs.clear()
        print(entry.failed, file=sys.stderr)


def _judge(entry: Entry, instance: Instance) -> None:
    if not entry.runs:
        return
    rows = entry.runs[-1].answer
    if rows.ndim == 2:
        rows = _rows(instance, rows)
    entry.verdict = judge(instance, rows)


def _rows(instance: Instance, triples: np.ndarray) -> np.ndarray:
    """Where these pairs of mentee, kind and mentor are in the instance.

    :raises ValueError: one of them is not possible, or is worth something else.
    """
    mentors = len(instance.places)
    keys = instance.want * mentors + instance.mentor
    asked = (triples[:, 0] * instance.kinds + triples[:, 1]) * mentors + triples[:, 2]
    rows = np.searchsorted(keys, asked)
    if not ((keys[rows] == asked).all() and (instance.worth[rows] == triples[:, 3]).all()):
        raise ValueError("an answer holds a pair that is not possible")
    return rows


def _beside(results: Results, sizes: list[Size], limit: float) -> None:
    """What is measured once, whatever the size."""
    if not results.stable and any(size.mentees >= CHAPTER for size in sizes):
        results.stable = _stable(limit)
    if WHAT_IF in sizes and (what_if := _ours("what-if", WHAT_IF)).runs:
        results.what_if = what_if.seconds
    if SCARCE in sizes and (scarce := _ours("scarce", SCARCE)).runs:
        results.disclosure = {
            what: (with_it, without)
            for what, (with_it, without) in scarce.said["filled_where"].items()
        }
    for size in sizes:
        if size.mentees > CHAPTER:
            product = Entry("matrix product")
            command = [sys.executable, "-m", "benchmarks.matching.product", size.slug]
            _run(product, lambda command=command: contest.run(command, limit=OURS))
            results.product[size.slug] = product.seconds


def _stable(limit: float) -> tuple[Entry, Entry, bool]:
    folder = ROOM / "instances" / f"ranks-{STABLE.slug}"
    ranks.write(folder, STABLE.mentees, STABLE.mentors)
    ours, theirs = Entry("Curbside, stable"), Entry("`matching` HospitalResident")
    command = [sys.executable, "-m", "benchmarks.matching.ranks", str(folder)]
    _run(ours, lambda: contest.run(command, limit=OURS))
    peer = Peer(theirs.name, "stable_ranks", "matching")
    _run(theirs, lambda: contest.peer(peer, folder, limit=2 * limit))
    agree = bool(ours.runs and theirs.runs) and bool(
        (ours.runs[-1].answer == theirs.runs[-1].answer).all()
    )
    return ours, theirs, agree


def _cpu_seconds() -> float:
    import resource

    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _versions() -> str:
    """What ran: our own libraries, and what each environment was made from."""
    ours = [f"{name} {version(name)}" for name in ("numpy", "ortools", "pylmcf")]
    named = (PEERS / "environments").glob("*.txt")
    theirs = {line for file in named for line in file.read_text().split()}
    return ", ".join([*ours, *sorted(line.replace("==", " ") for line in theirs)])


def _machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = named[0].split(":", 1)[1].strip() if named else cpu
    python = platform.python_version()
    return f"{os.cpu_count()} cores of {cpu}, {platform.system()}, Python {python}"


if __name__ == "__main__":
    main()
