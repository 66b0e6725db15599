"""Stages of training, from pre-med to attending, and the standing of those who mentor."""

import re
from enum import StrEnum


class Stage(StrEnum):
    """Where a person is in training. Osteopathic years (OMS) share the four of medical school."""

    PRE_MED = "pre-med"
    M1 = "m1"
    M2 = "m2"
    M3 = "m3"
    M4 = "m4"
    RESEARCH = "research"
    IMG = "img"
    PGY1 = "pgy1"
    PGY2 = "pgy2"
    PGY3 = "pgy3"
    PGY4 = "pgy4"
    CHIEF = "chief"
    FELLOW = "fellow"
    ATTENDING = "attending"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def rank(self) -> int:
        """Seniority in years after the start of medical school, for distances between people."""
        return _RANKS[self]

    @classmethod
    def parse(cls, text: str) -> "Stage":
        """Read a stage as people write it: ``M3``, ``MS-3``, ``OMS-III``, ``PGY-2``.

        :raises ValueError: it is none of the stages.
        """
        plain = re.sub(r"[^a-z0-9]", "", text.casefold())
        try:
            return _SPELLINGS[plain]
        except KeyError:
            raise ValueError(text) from None


_LABELS = {
    Stage.PRE_MED: "Pre-med",
    Stage.RESEARCH: "Research year",
    Stage.IMG: "IMG",
    Stage.CHIEF: "Chief resident",
    Stage.FELLOW: "Fellow",
    Stage.ATTENDING: "Attending",
    **{Stage(f"m{year}"): f"M{year}" for year in (1, 2, 3, 4)},
    **{Stage(f"pgy{year}"): f"PGY-{year}" for year in (1, 2, 3, 4)},
}
_RANKS = {
    Stage.PRE_MED: 0,
    Stage.M1: 1,
    Stage.M2: 2,
    Stage.M3: 3,
    Stage.RESEARCH: 3,
    Stage.M4: 4,
    Stage.IMG: 4,
    Stage.PGY1: 5,
    Stage.PGY2: 6,
    Stage.PGY3: 7,
    Stage.PGY4: 8,
    Stage.CHIEF: 8,
    Stage.FELLOW: 9,
    Stage.ATTENDING: 11,
}
_ROMAN = {1: "i", 2: "ii", 3: "iii", 4: "iv"}
_SPELLINGS = {
    "premed": Stage.PRE_MED,
    "research": Stage.RESEARCH,
    "researchyear": Stage.RESEARCH,
    "mdphd": Stage.RESEARCH,
    "img": Stage.IMG,
    "chief": Stage.CHIEF,
    "chiefresident": Stage.CHIEF,
    "fellow": Stage.FELLOW,
    "attending": Stage.ATTENDING,
    "faculty": Stage.ATTENDING,
    **{
        f"{prefix}{number}": Stage(f"m{year}")
        for year in (1, 2, 3, 4)
        for prefix in ("m", "ms", "oms")
        for number in (str(year), _ROMAN[year])
    },
    **{f"pgy{year}": Stage(f"pgy{year}") for year in (1, 2, 3, 4)},
}

#: The stages at which someone is a mentee in a chapter; residents may be both.
MENTEE_STAGES = tuple(stage for stage in Stage if stage.rank <= Stage.PGY4.rank)


class Phase(StrEnum):
    """Stages that want the same from a mentor."""

    EARLY = "early"
    CLERKSHIPS = "clerkships"
    APPLYING = "applying"
    RESIDENCY = "residency"

    @property
    def label(self) -> str:
        return _PHASE_LABELS[self]

    @classmethod
    def of(cls, stage: Stage | None) -> "Phase":
        """The phase of a stage. Of whom no stage is known, the earliest: it asks the least."""
        if stage is None or stage.rank < Stage.M3.rank:
            return cls.EARLY
        if stage.rank < Stage.M4.rank:
            return cls.CLERKSHIPS
        return cls.APPLYING if stage.rank < Stage.PGY1.rank else cls.RESIDENCY


_PHASE_LABELS = {
    Phase.EARLY: "Before the clerkships",
    Phase.CLERKSHIPS: "Clerkships",
    Phase.APPLYING: "Application year",
    Phase.RESIDENCY: "Residency",
}


class Standing(StrEnum):
    """What kind of colleague a mentor is. Residents and fellows are near-peers."""

    FACULTY = "faculty"
    FELLOW = "fellow"
    RESIDENT = "resident"
    PROFESSIONAL = "professional"

    @property
    def label(self) -> str:
        return _STANDING_LABELS[self]

    @property
    def near_peer(self) -> bool:
        return self in (Standing.FELLOW, Standing.RESIDENT)

    @property
    def places(self) -> int:
        """How many mentees by default, over all kinds and chapters: faculty 3, residents 2."""
        return 2 if self.near_peer else 3


_STANDING_LABELS = {
    Standing.FACULTY: "Faculty",
    Standing.FELLOW: "Fellow",
    Standing.RESIDENT: "Resident",
    Standing.PROFESSIONAL: "Health professional",
}
