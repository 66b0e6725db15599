"""A mentee's four kinds: which are covered, waiting, open, or not needed now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mentorship.insights.pair import Pair
from mentorship.vocabulary.kinds import Kind, needed_at
from mentorship.vocabulary.stages import Stage
from mentorship.web.filters import listing

_WORDS = {
    "on": "",
    "wait": ", waiting",
    "gap": ", open",
    "later": ", from M3 on",
    "over": ", behind you",
}


@dataclass(frozen=True)
class Line:
    """One kind in a portfolio, with whoever fills it."""

    kind: Kind
    state: str
    """on: covered. wait: asked. gap: open. later: not needed at this stage yet. over: no more."""
    pairs: tuple[Pair, ...]
    offered_by: int
    """How many mentors of the chapter offer it."""

    @property
    def words(self) -> str:
        return self.kind.label + _WORDS[self.state]


@dataclass(frozen=True)
class Portfolio:
    lines: tuple[Line, ...]

    @property
    def parts(self) -> dict[str, str]:
        """What the ring draws."""
        drawn = {"on": "on", "wait": "wait"}
        return {line.kind.value: drawn.get(line.state, "gap") for line in self.lines}

    @property
    def covered(self) -> int:
        return self._count("on")

    @property
    def needed(self) -> int:
        return len(self.lines) - self._count("later") - self._count("over")

    @property
    def gaps(self) -> list[Kind]:
        return [line.kind for line in self.lines if line.state == "gap"]

    @property
    def label(self) -> str:
        """The ring in a sentence or two."""
        said = [f"Portfolio: {self.covered} of {self.needed} kinds covered."]
        for state, words in (
            ("on", "covered"),
            ("wait", "waiting for an answer"),
            ("gap", "open"),
            ("later", "not needed before M3"),
            ("over", "not needed after the Match"),
        ):
            kinds = [line.kind.value for line in self.lines if line.state == state]
            if kinds:
                verb = "is" if len(kinds) == 1 else "are"
                said.append(f"{listing(kinds).capitalize()} {verb} {words}.")
        return " ".join(said)

    def _count(self, state: str) -> int:
        return sum(line.state == state for line in self.lines)


def of(pairs: Sequence[Pair], *, stage: Stage | None, offers: Mapping[str, int]) -> Portfolio:
    """The portfolio of a mentee from the open pairings in which they are mentored."""
    return Portfolio(tuple(_line(kind, pairs, stage=stage, offers=offers) for kind in Kind))


def _line(
    kind: Kind, pairs: Sequence[Pair], *, stage: Stage | None, offers: Mapping[str, int]
) -> Line:
    mine = tuple(pair for pair in pairs if pair.kind is kind and not pair.i_mentor)
    if any(not pair.waits for pair in mine):
        state = "on"
    elif mine:
        state = "wait"
    elif needed_at(kind, stage):
        state = "gap"
    else:
        state = "later" if stage and stage.rank < Stage.M3.rank else "over"
    return Line(kind, state, mine, offers.get(kind, 0))
