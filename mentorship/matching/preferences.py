"""What a chapter told a run to seek, as a run keeps it and the engine takes it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mentorship.foundation.errors import Refusal
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.settings import Policy, Settings
from mentorship.matching.engine.weights import UNSHOWN, WEIGHTS, shared_out, weights
from mentorship.matching.problems import ASKED
from mentorship.vocabulary.kinds import Kind

#: How many mentors of one student may come from one institution, where it is limited.
FEWEST_FROM_ONE, MOST_FROM_ONE = 1, 4
#: Points that keeping a current pairing may be worth.
MOST_KEPT = 20


class WeightsOff(Refusal):
    """:param kind: whose weights do not add up."""

    def __init__(self, kind: Kind, total: int) -> None:
        super().__init__(
            f"What counts for {kind.value} mentoring adds up to {total}. It has to be 100."
        )
        self.kind = kind


@dataclass(frozen=True)
class Preferences:
    """What a run seeks; the defaults are those of the engine."""

    policy: Policy = Policy.BEST
    #: None: as many as it comes.
    most_from_one_institution: int | None = None
    #: Points that keeping a pair of the draft before is worth, when it is run again.
    keep: int = 0
    #: Whole percents by kind and shown factor; a kind that is left out keeps the usual ones.
    weights: Mapping[Kind, Mapping[str, int]] = field(default_factory=dict)
    #: Mid-season: every pairing there is stays, and the draft lists what is to change.
    rematch: bool = False
    #: Mid-season: some pairings may end, so that the best is restored by the smallest change.
    moves: bool = False

    def __post_init__(self) -> None:
        for kind, shares in self.weights.items():
            if (total := sum(shares.values())) != 100:
                raise WeightsOff(kind, total)

    @property
    def engine(self) -> Settings:
        return Settings(
            policy=self.policy,
            most_from_one_institution=self.most_from_one_institution,
            keep=self.keep,
            weights={
                kind: _with_unshown(kind, shares, Preferences().shares(kind))
                for kind, shares in self.weights.items()
            },
        )

    @property
    def usual(self) -> bool:
        return self == Preferences()

    def without(self, factor: Factor) -> "Preferences":
        """The same, but what this factor weighs is shared out among the others."""
        return replace(self, weights={kind: self.shares(kind, without=factor) for kind in Kind})

    def shares(self, kind: Kind, *, without: Factor | None = None) -> dict[str, int]:
        """Whole percents of each factor that people were asked about and that is shown."""
        asked = ASKED - UNSHOWN - {without}
        return {factor.value: share for factor, share in weights(self.weights, asked)[kind].items()}

    def kept(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self) | {
            "weights": {kind.value: dict(shares) for kind, shares in self.weights.items()}
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Preferences":
        """From what a run keeps; runs from before there were any had the usual ones."""
        if not kept:
            return cls()
        return cls(
            policy=Policy(kept["policy"]),
            most_from_one_institution=kept["most_from_one_institution"],
            keep=kept["keep"],
            weights={Kind(kind): _shown_only(shares) for kind, shares in kept["weights"].items()},
            rematch=kept.get("rematch", False),
            moves=kept.get("moves", False),
        )


def _with_unshown(
    kind: Kind, shares: Mapping[str, int], usual: Mapping[str, int]
) -> dict[str, int]:
    """Percents as the engine takes them, with what factors that are shown to nobody weigh.

    Nobody sets that: who could, would learn from two runs what is shown to nobody. It is the usual
    share, and the less the further the others are from their own usual ones, none from half of them
    on: or who lets hardly anything else count would learn it from one run.
    """
    moved = sum(abs(shares.get(factor, 0) - usual.get(factor, 0)) for factor in {*shares, *usual})
    hidden = {
        factor.value: WEIGHTS[kind][factor] * max(0, 100 - moved) // 100 for factor in UNSHOWN
    }
    rest = shared_out(list(shares.values()), 100 - sum(hidden.values()))
    return dict(zip(shares, rest, strict=True)) | hidden


def _shown_only(shares: Mapping[str, int]) -> dict[str, int]:
    """Percents that a run from before kept, without what is not set anymore."""
    kept = {factor: share for factor, share in shares.items() if factor not in UNSHOWN}
    return dict(zip(kept, shared_out(list(kept.values()), 100), strict=True))
