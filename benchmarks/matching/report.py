"""What was measured, as a page of Markdown: tables, and each target met or not met."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.matching.judge import Verdict
from benchmarks.matching.results import AtSize, Entry, Part, Results

ABOUT = """# The matching engine against what else could pair people

Written by `make bench-matching`; every number below comes from the runs that
are listed at the end. Seconds are CPU
seconds, all threads of the process counted; where a run took under four seconds it was run five
times and this is the median. Memory is the most that the process held, interpreter and libraries
included. Ours counts from people to a proven result: scoring, solving, and every look at all
pairs. The others are handed the possible pairs with their scores for nothing.

**The question** is the same for all: made-up people (`people.py`), the pairs that break no rule,
each with the engine's own score from 0 to 1,000,000, places by kind and over all kinds. What
counts, in this order: as many mentees as possible with a first mentor, then with a second, and so
on, then the total score. Whoever leaves people out can reach a higher total; such a total is no
better answer, so *gap* compares totals only where everybody is served as well as can be, and
otherwise says how many first (second, ...) mentors are missing. *Blocking pairs* are two people
who would both rather have each other, by score.

Each contender runs in an environment of its own (`peers/environments`), one after the other. One
that gave no answer at one size, or whose time there lets expect none, is not tried at the next.
"""


def markdown(results: Results, machine: str) -> str:
    parts = [ABOUT, f"**Machine**: {machine}. **Versions**: {results.versions}.\n"]
    parts += [f"## Targets\n\n{_targets(results)}"]
    parts += [_size(found) for found in results.sizes.values()]
    parts += [f"## Beside\n\n{_beside(results)}"]
    parts += [_part(part) for part in results.parts]
    return "\n".join(parts) + "\n"


def _part(part: Part) -> str:
    command = f"python -m benchmarks.matching {part.command}".rstrip()
    return (
        f"- `{command}` took {part.cpu / 60:.0f} minutes of CPU time, {part.clock / 60:.0f} by the"
        f" clock, at a load average of {part.load:.1f} towards its end."
    )


def _table(head: str, rows: list[list[str]]) -> str:
    columns = [one.strip() for one in head.split("|")]
    sides = ["---" if place == 0 else "---:" for place in range(len(columns))]
    return "".join(f"| {' | '.join(row)} |\n" for row in [columns, sides, *rows])


def _size(found: AtSize) -> str:
    pairs = found.pairs or found.ours.said["possible"] if found.ours and found.ours.runs else 0
    head = (
        "contender | CPU s | times ours | peak MB | filled | coverage | with nobody | total score"
        " | gap | blocking pairs"
    )
    rows = [_row(found.ours, found)] if found.ours else []
    rows += [_row(entry, found) for entry in found.peers]
    more = [_question(name, entry) for name, entry in found.questions.items()]
    more += [
        [f"{entry.name.split(',')[0]}, the pairs solved first", *_cost(entry), "", ""]
        for entry in found.shortlist.values()
    ]
    return f"\n## {found.size}: {pairs:,} possible pairs\n\n{_table(head, rows)}\n" + _table(
        "also | CPU s | peak MB | gap | with nobody", more
    )


def _row(entry: Entry, found: AtSize) -> list[str]:
    if not entry.runs:
        return [entry.name, entry.failed, *[""] * 8]
    ours = found.ours
    times = f"{entry.seconds / ours.seconds:.3g}" if ours and ours.runs else ""
    cells = [entry.name, f"{entry.seconds:.3g}", times, f"{entry.peak_mb:,.0f}"]
    if entry.verdict is None:
        said = entry.said
        return [
            *cells,
            f"{said['filled']:,}",
            f"{said['filled'] / said['wanted']:.2%}",
            f"{said['with_nobody']:,}",
            f"{said['worth'] / 1e6:,.1f} M",
            f"≤ {said['gap']:.1e}" if said["gap"] else "0, proven",
            "",
        ]
    verdict = entry.verdict
    return [
        *cells,
        f"{verdict.filled:,}",
        f"{verdict.coverage:.2%}",
        f"{verdict.with_nobody:,}",
        f"{verdict.worth / 1e6:,.1f} M",
        _gap(verdict, entry, found),
        f"{verdict.blocking:,}",
    ]


def _gap(verdict: Verdict, entry: Entry, found: AtSize) -> str:
    """How far from the best answer that anybody gave, in the order of what counts."""
    if entry is found.ours:
        return f"≤ {entry.said['gap']:.1e}" if entry.said["gap"] else "0, proven"
    best = _best(found)
    if verdict.having != best.having:
        nth, short = next(
            (nth, there - here)
            for nth, (here, there) in enumerate(zip(verdict.having, best.having, strict=True))
            if here != there
        )
        return f"{short:,} {('first', 'second', 'third', 'fourth')[nth]} mentors"
    return f"{(best.worth - verdict.worth) / best.worth:.1e}" if verdict.worth < best.worth else "0"


def _best(found: AtSize) -> Verdict:
    judged = [entry.verdict for entry in [found.ours, *found.peers] if entry and entry.verdict]
    return max(judged, key=lambda verdict: verdict.goods)


_PARTS = {
    "certificate": "checking the certificate",
    "contributions": "what each factor adds to each pair",
}
_QUESTIONS = {
    "alike-1": "ours, one look at every pair",
    "alike-2": "ours, two looks at every pair",
    "rules": "ours, every rule and level on",
    "rules-1": "ours, every rule on, one look at every pair",
}


def _question(name: str, entry: Entry) -> list[str]:
    if not entry.runs:
        return [_QUESTIONS[name], entry.failed, "", "", ""]
    gap = entry.said["gap"]
    return [
        _QUESTIONS[name],
        *_cost(entry),
        f"≤ {gap:.1e}" if gap else "0, proven",
        f"{entry.said['with_nobody']:,}",
    ]


def _cost(entry: Entry) -> list[str]:
    return [f"{entry.seconds:.3g}", f"{entry.peak_mb:,.0f}"] if entry.runs else [entry.failed, ""]


def _beside(results: Results) -> str:
    lines = []
    for found in results.sizes.values():
        if found.ours and found.ours.runs:
            parts = {**found.ours.said["parts"]}
            told = ", ".join(f"{part} {spent:.3g}" for part, spent in parts.items())
            lines.append(f"- {found.size}: {found.ours.seconds:.3g} s, of which {told}.")
    for slug, seconds in results.product.items():
        lines.append(f"- {slug}: one bare product {seconds:.3g} s.")
    if results.stable:
        ours, theirs, agree = results.stable
        if ours.runs and theirs.runs:
            lines.append(
                f"- Stable policy, 3,000 × 300, random ranks on both sides: ours {ours.seconds:.3g}"
                f" s, `matching` {theirs.seconds:.3g} s; the answers are"
                f" {'identical' if agree else 'NOT identical'}."
            )
    for stated, (with_it, without) in results.disclosure.items():
        lines.append(f"- Wants filled, {stated}: {with_it:.2%} stated, {without:.2%} not stated.")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Target:
    what: str
    #: What was found; nothing where it was not measured in this run.
    found: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return "not run" if self.met is None else "met" if self.met else "**not met**"


def _targets(results: Results) -> str:
    rows = [[one.what, one.found, one.verdict] for one in _judged(results)]
    return _table("target | found | ", rows)


def _judged(results: Results) -> Iterator[Target]:
    at = {slug: found for slug, found in results.sizes.items() if found.ours and found.ours.runs}
    yield from _proofs(at, results)
    yield from _peers(at)
    yield from _parts(at, results)


def _proofs(at: dict[str, AtSize], results: Results) -> Iterator[Target]:
    for slug in ("100x40", "1000x300"):
        what = f"gap 0 with every rule on, {slug}"
        yield _question_gap(at, slug, "rules", 0, what)
    yield _question_gap(
        at, "10000x3000", "rules-1", 1e-3, "10,000 × 3,000: every rule on, first pass ≤ 1e-3"
    )
    yield _question_gap(
        at, "10000x3000", "alike-2", 1e-5, "10,000 × 3,000: without, second pass ≤ 1e-5"
    )
    what = "50,000 × 10,000: full coverage, proven ≤ 1e-3"
    largest = at.get("50000x10000")
    if largest is None:
        for one in (what, "50,000: ≤ 20 × a bare product", "50,000: ≤ 20 % of the dense scores"):
            yield Target(one)
        return
    said = largest.ours.said
    # A missing step of coverage makes the gap far larger than any difference in score.
    yield Target(
        what, f"gap {said['gap']:.1e}, {said['with_nobody']} with nobody", said["gap"] <= 1e-3
    )
    what = "50,000: ≤ 20 × a bare product"
    if product := results.product.get("50000x10000"):
        times = largest.ours.seconds / product
        yield Target(what, f"{times:.1f} ×", times <= 20)
    else:
        yield Target(what)
    dense = largest.size.mentees * largest.size.mentors * 4 * 4 / 2**20
    share = largest.ours.peak_mb / dense
    yield Target("50,000: ≤ 20 % of the dense scores", f"{share:.1%}", share <= 0.2)


def _question_gap(
    at: dict[str, AtSize], slug: str, question: str, most: float, what: str
) -> Target:
    entry = at[slug].questions.get(question) if slug in at else None
    if entry is None:
        return Target(what)
    if not entry.runs:
        return Target(what, entry.failed, False)
    gap = entry.said["gap"]
    return Target(what, f"{gap:.1e}" if gap else "0", gap <= most)


def _peers(at: dict[str, AtSize]) -> Iterator[Target]:
    judged = {slug: found for slug, found in at.items() if found.ours.verdict}
    what = "nobody else leaves fewer with nobody, at any size"
    nobody = {
        slug: (
            found.ours.verdict.with_nobody,
            min(one.verdict.with_nobody for one in found.peers if one.verdict),
        )
        for slug, found in judged.items()
    }
    yield Target(
        what,
        "; ".join(f"{slug}: {mine} (others ≥ {least})" for slug, (mine, least) in nobody.items()),
        all(mine <= least for mine, least in nobody.values()) if nobody else None,
    )
    what = "never below anyone in the order of what counts, equal to the exact ones"
    behind = [
        slug for slug, found in judged.items() if found.ours.verdict.goods < _best(found).goods
    ]
    yield Target(what, ", ".join(behind) or "never", not behind if judged else None)
    yield Target(
        "total score never below anyone's, left-out people or not",
        "; ".join(
            f"{slug}: {one.name} {one.verdict.worth / found.ours.verdict.worth - 1:+.2%}"
            for slug, found in judged.items()
            for one in found.peers
            if one.verdict and one.verdict.worth > found.ours.verdict.worth
        )
        or "never",
        all(
            one.verdict.worth <= found.ours.verdict.worth
            for found in judged.values()
            for one in found.peers
            if one.verdict
        )
        if judged
        else None,
    )
    yield _against(at, "1000x300", "spreadsheet", "1,000 × 300: ≥ 10 % more score", more_score=0.1)
    for words in ("networkx", "MILP"):
        yield _against(
            at, "1000x300", words, f"1,000 × 300: ≥ 80 × faster than {words}, equal", faster=80
        )
    yield _against(
        at,
        "3000x900",
        "HospitalResident",
        "3,000 × 900: ≥ 15 × faster than `matching`, ≥ 3 % more filled",
        faster=15,
        more_filled=0.03,
    )


def _against(
    at: dict[str, AtSize],
    slug: str,
    words: str,
    what: str,
    *,
    faster: float = 0,
    more_score: float = 0,
    more_filled: float = 0,
) -> Target:
    if slug not in at:
        return Target(what)
    ours = at[slug].ours
    theirs = next(one for one in at[slug].peers if words in one.name)
    if not theirs.runs:
        return Target(what, f"no answer: {theirs.failed}")
    found, met = [], True
    if faster:
        times = theirs.seconds / ours.seconds
        found.append(f"{times:.3g} ×")
        met &= times >= faster
        if theirs.exact:
            equal = theirs.verdict.goods == ours.verdict.goods
            found.append("equal" if equal else "NOT equal")
            met &= equal
    if more_score:
        more = ours.verdict.worth / theirs.verdict.worth - 1
        found.append(f"{more:+.1%} score")
        met &= more >= more_score
    if more_filled:
        more = ours.verdict.filled / theirs.verdict.filled - 1
        found.append(f"{more:+.1%} filled")
        met &= more >= more_filled
    return Target(what, ", ".join(found), met)


def _parts(at: dict[str, AtSize], results: Results) -> Iterator[Target]:
    what = "3,000 × 300: stable policy ≥ 80 × faster than `matching`, identical"
    if results.stable and all(one.runs for one in results.stable[:2]):
        ours, theirs, agree = results.stable
        times = theirs.seconds / ours.seconds
        same = "identical" if agree else "NOT identical"
        yield Target(what, f"{times:.3g} ×, {same}", agree and times >= 80)
    else:
        yield Target(what, results.stable[1].failed if results.stable else "")
    what = "10,000 × 3,000: scoring, solve and one look ≤ 2 × the bare solve"
    one_look = at["10000x3000"].questions.get("alike-1") if "10000x3000" in at else None
    if one_look and one_look.runs:
        times = {
            script: one_look.seconds / entry.seconds
            for script, entry in at["10000x3000"].shortlist.items()
            if entry.runs
        }
        told = ", ".join(f"{share:.2f} × {script}" for script, share in times.items())
        yield Target(what, told, max(times.values()) <= 2)
    else:
        yield Target(what)
    for part, most in (("certificate", 0.03), ("contributions", 0.05)):
        shares = {
            slug: found.ours.said["parts"].get(part, 0) / found.ours.seconds
            for slug, found in at.items()
        }
        yield Target(
            f"{_PARTS[part]} ≤ {most:.0%} of the solve",
            "; ".join(f"{slug}: {share:.1%}" for slug, share in shares.items()),
            all(share <= most for share in shares.values()) if shares else None,
        )
    what = "a what-if at chapter size under a second"
    if results.what_if is None:
        yield Target(what)
    else:
        yield Target(what, f"{results.what_if:.2f} s", results.what_if < 1)
    what = "stating less costs at most 2 points of fill rate"
    if not results.disclosure:
        yield Target(what)
    else:
        worst = max(with_it - without for with_it, without in results.disclosure.values())
        yield Target(what, f"{100 * worst:+.1f} points", 100 * worst <= 2)
