"""What a whole benchmark found, before it is put into words."""

from dataclasses import dataclass, field
from statistics import median

from benchmarks.matching.contest import Run
from benchmarks.matching.judge import Verdict
from benchmarks.matching.people import Size


@dataclass
class Entry:
    """One contender at one size: its runs and how its answer was judged, or why there is none."""

    name: str
    runs: list[Run] = field(default_factory=list)
    verdict: Verdict | None = None
    #: Why it has no answer, fit for a table.
    failed: str = ""
    #: It answers the whole question, exactly.
    exact: bool = False

    @property
    def seconds(self) -> float:
        """The median, in CPU seconds."""
        return median(run.seconds for run in self.runs)

    @property
    def peak_mb(self) -> float:
        return median(run.peak_mb for run in self.runs)

    @property
    def said(self) -> dict:
        return self.runs[-1].said


@dataclass
class AtSize:
    """Everything measured at one size."""

    size: Size
    pairs: int = 0
    ours: Entry | None = None
    peers: list[Entry] = field(default_factory=list)
    #: The engine's other questions, by name.
    questions: dict[str, Entry] = field(default_factory=dict)
    #: The bare solvers on the pairs that the engine solves first, by script.
    shortlist: dict[str, Entry] = field(default_factory=dict)

    def peer(self, words: str) -> Entry | None:
        """The contender whose name has these words, if it gave an answer."""
        return next((one for one in self.peers if words in one.name and one.runs), None)


@dataclass(frozen=True)
class Part:
    """One run of the benchmark, of all sizes or of some."""

    command: str
    #: CPU seconds of everything, and seconds by the clock.
    cpu: float
    clock: float
    #: The load average over five minutes towards its end.
    load: float


@dataclass
class Results:
    sizes: dict[str, AtSize] = field(default_factory=dict)
    #: Two contenders on tables of ranks: ours and `matching`; and whether they agree.
    stable: tuple[Entry, Entry, bool] | None = None
    #: CPU seconds of one product of the tables that scores every admissible pair, by size.
    product: dict[str, float] = field(default_factory=dict)
    #: CPU seconds of a what-if at chapter size.
    what_if: float | None = None
    #: By what people did or did not state: the share of wants filled, with and without.
    disclosure: dict[str, tuple[float, float]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    versions: str = ""
