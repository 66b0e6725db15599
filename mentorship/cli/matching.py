"""Matching from files: `mentorship matching …`. Needs no database and loads none of the product."""

import hashlib
import platform
import resource
import sys
import time
from collections.abc import Callable, Mapping
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mentorship.matching.engine.files.instance import Instance
    from mentorship.matching.engine.files.reading import Inputs

#: Exits: what was checked does not hold; what was given cannot be used; somebody stopped it.
BREACH, BAD_INPUT, STOPPED = 1, 2, 130
#: Seconds of silence after which a run says what it is doing, where nobody watches.
PATIENCE = 1.0

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUTS = (
    click.option("--mentees", type=_FILE, required=True, help="CSV: mentee_id,kinds, …"),
    click.option("--mentors", type=_FILE, required=True, help="CSV: mentor_id,kinds,capacity, …"),
    click.option("--scores", type=_FILE, help="CSV: mentee_id,mentor_id,kind,score"),
    click.option("--wishes", type=_FILE, help="CSV: from_id,to_id,rank"),
    click.option("--current", type=_FILE, help="CSV: the pairs of before"),
    click.option("--settings", type=_FILE, help="TOML: policy, weights, rules, pins, seed"),
)


@click.group()
def matching() -> None:
    """Pair mentees with mentors from CSV files. docs/matching.md describes them."""


def _on_files(command: Callable) -> Callable:
    """Give a command the inputs of a run, and say in lines what cannot be used."""

    @wraps(command)
    def run(**options: Any) -> Any:
        # Loading the solvers takes a while, too.
        try:
            return told(**options)
        except KeyboardInterrupt:
            _stop("Stopped. Nothing was written.", STOPPED)

    def told(**options: Any) -> Any:
        from mentorship.matching.engine.files.reading import Inputs
        from mentorship.matching.engine.files.tables import BadFiles
        from mentorship.matching.engine.solution import Unsolved

        names = ("mentees", "mentors", "scores", "wishes", "current", "settings")
        inputs = Inputs(**{name: options.pop(name) for name in names})
        try:
            return command(inputs, **options)
        except BadFiles as no:
            for flaw in no.flaws:
                click.echo(flaw, err=True)
            count = len(no.flaws)
            things = "1 thing is" if count == 1 else f"{count:,} things are"
            _stop(f"{things} wrong. Nothing was written.", BAD_INPUT)
        except Unsolved as no:
            _stop(f"This cannot be solved: {no}", BAD_INPUT)

    for option in reversed(_INPUTS):
        run = option(run)
    return run


def _stop(words: str, code: int) -> None:
    click.echo(f"mentorship: {words}", err=True)
    raise SystemExit(code)


@matching.command()
@_on_files
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for pairs.csv and report.json.",
)
@click.option("--quick", is_flag=True, help="Tell only what takes no further solving.")
def solve(inputs: "Inputs", out: Path, quick: bool) -> None:
    """Find the proven best pairs, and write pairs.csv and report.json."""
    from mentorship.matching.engine.files import output
    from mentorship.matching.engine.files import report as reports

    steps = _Steps()
    made = _read(inputs, steps)
    steps.begin("solving")
    judged = reports.solved(made, steps.hear)
    steps.begin("reporting")
    report = reports.report(made, judged, again=not quick)
    pairs = output.as_csv(reports.PAIRS_HEADER, reports.pair_rows(made, judged.solution.chosen))
    steps.end()
    report |= {
        "seconds": steps.seconds | _of_solving(judged.solution.seconds),
        "peak_memory_mb": _peak_memory(),
        "versions": _versions(),
        "inputs": _hashes(inputs),
        "seed": made.given.settings.seed,
    }
    try:
        output.write(out, {"pairs.csv": pairs, "report.json": output.as_json(report)})
    except OSError as no:
        _stop(f"Nothing was written: {no}.", BAD_INPUT)
    click.echo(_summary(report, out))


@matching.command()
@_on_files
@click.option("--pairs", type=_FILE, required=True, help="The pairs to check, like pairs.csv.")
@click.option("--report", type=_FILE, help="A report.json whose claims are checked, too.")
def verify(inputs: "Inputs", pairs: Path, report: Path | None) -> None:
    """Check any pairs against the same inputs; exit 1 and say so where they break a rule."""
    from mentorship.matching.engine.files import checking

    made = _read(inputs, _Steps())
    found = checking.check(made, pairs)
    breaches = found.breaches
    if report is not None and not breaches:
        breaches = checking.check_report(made, pairs, report)
    for words in breaches:
        click.echo(words)
    if breaches:
        count = len(breaches)
        things = "1 thing does" if count == 1 else f"{count:,} things do"
        _stop(f"{things} not hold in {pairs}.", BREACH)
    click.echo(found.words)


@matching.command()
@_on_files
@click.option("--mentee", "mentee_id", required=True, help="Whose pairs.")
@click.option("--mentor", "mentor_id", help="Why this mentor, or why not.")
@click.option("--pairs", type=_FILE, help="The pairs to explain; without it, those of a new run.")
def explain(inputs: "Inputs", mentee_id: str, mentor_id: str | None, pairs: Path | None) -> None:
    """Say why a mentee has the mentors they have, or why not a certain one."""
    from mentorship.matching.engine.files import telling

    steps = _Steps()
    made = _read(inputs, steps)
    steps.begin("solving")
    for line in telling.explain(made, mentee_id, mentor_id, pairs, steps.hear):
        click.echo(line)


def _read(inputs: "Inputs", steps: "_Steps") -> "Instance":
    from mentorship.matching.engine.files import reading
    from mentorship.matching.engine.files.instance import instance

    steps.begin("reading")
    given = reading.read(inputs)
    for note in given.notes:
        click.echo(f"note: {note}", err=True)
    steps.begin("rules")
    return instance(given)


class _Steps:
    """Times the steps of a run, and says on stderr what it is at when it takes long."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = self._step_began = time.perf_counter()
        self._step = ""
        self._watched = sys.stderr.isatty()

    def begin(self, step: str) -> None:
        self._close()
        self._step = step
        self._say(step)

    def hear(self, step: str, detail: str) -> None:
        """What the solver says of itself."""
        self._say(f"{step}: {detail}" if detail else step)

    def end(self) -> None:
        self._close()
        self.seconds["total"] = round(time.perf_counter() - self._began, 4)

    def _close(self) -> None:
        now = time.perf_counter()
        if self._step:
            self.seconds[self._step] = round(now - self._step_began, 4)
        self._step_began = now

    def _say(self, words: str) -> None:
        since = time.perf_counter() - self._began
        if self._watched or since > PATIENCE:
            click.echo(f"{since:7.1f} s  {words}", err=True)


def _of_solving(seconds: Mapping[str, float]) -> dict[str, float]:
    return {f"solving_{phase}": round(spent, 4) for phase, spent in seconds.items()}


def _peak_memory() -> float:
    """The most that this process has held, in megabytes; macOS counts bytes, Linux kilobytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e3), 1)


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {
        name: version(name) for name in ("curbside", "numpy", "ortools", "scipy")
    }


def _hashes(inputs: "Inputs") -> dict[str, dict[str, str]]:
    """What was read, so that a report can be held against its inputs; a pipe is read only once."""
    return {
        name: {"file": path.name, "sha256": _sha256(path)}
        for name, path in vars(inputs).items()
        if path is not None and path.is_file()
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _summary(report: Mapping[str, Any], out: Path) -> str:
    nobody = report["mentees"] - report["with_a_mentor"]
    proof = "proven best" if report["proven"] else f"within {report['gap']:.2%} of the best"
    if report["policy"] == "stable":
        proof = f"{report['blocking_pairs']:,} blocking pairs"
    return (
        f"{report['filled']:,} of {report['wanted']:,} wants are filled and {nobody:,} of"
        f" {report['mentees']:,} mentees have nobody; score {report['objective']:,} ({proof})."
        f" See {out / 'pairs.csv'} and {out / 'report.json'}."
    )
