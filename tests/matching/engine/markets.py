"""Small markets as arrays: a builder that says only what a test is about, and any market."""

import numpy as np
from hypothesis import strategies as st

from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import SCALE, Edges, Market, Quotas
from tests.matching.engine.luck import LUCK, Luck


def edges(*rows: tuple[int, int, int, int]) -> Edges:
    """Pairs from (mentee, kind, mentor, worth)."""
    table = np.array(sorted(rows), np.int64).reshape(len(rows), 4)
    return Edges(*table.T)


def market(pairs: Edges, *, mentees: int, mentors: int, kinds: int, **stated) -> Market:
    """A market of these possible pairs: each is wanted, and every mentor has two open places."""
    wants = np.zeros((mentees, kinds), bool)
    wants[pairs.mentee, pairs.kind] = True
    places = np.asarray(stated.pop("places", np.full(mentors, 2)), np.int64)
    plain = {
        "wants": wants,
        "held": np.zeros(mentees, np.int64),
        "waited": np.zeros(mentees, bool),
        "priority": np.zeros(mentees, np.int64),
        "places": places,
        "places_by_kind": np.repeat(places[:, None], kinds, axis=1),
        "load": np.zeros(mentors, np.int64),
        "institution": np.full(mentors, -1),
        "possible": Listed(pairs, (mentees, kinds, mentors)),
        "pins": edges(),
        "before": edges(),
    }
    unknown = stated.keys() - Market.__dataclass_fields__.keys()
    assert not unknown, unknown
    return Market(**(plain | stated))


def worth(luck: Luck) -> int:
    """One of a few mostly, so that ties are common and every level has something to decide."""
    return luck.large(SCALE) if luck.yes() else luck.whole(0, 10) * SCALE // 10


@st.composite
def markets(draw, *, most_wants: int = 7, pins: bool = True) -> Market:
    """Anything that can happen among up to four mentees, four mentors and three kinds."""
    luck = draw(LUCK)
    mentees, mentors, kinds = luck.whole(1, 4), luck.whole(1, 4), luck.whole(1, 3)
    wants = luck.wholes(mentees, kinds, most=1) > 0
    wants.ravel()[np.flatnonzero(wants.ravel())[most_wants:]] = False
    rows = [
        (i, k, j, worth(luck))
        for i in range(mentees)
        for k in range(kinds)
        for j in range(mentors)
        if wants[i, k] and luck.whole(0, 4)
    ]
    places = luck.wholes(mentors, most=3)
    tight = luck.yes()
    by_kind = (
        luck.wholes(mentors, kinds, most=2) if tight else np.repeat(places[:, None], kinds, axis=1)
    )
    pinned = []
    if pins:
        # A pin may overrule what is possible.
        anything = [
            (luck.whole(0, mentees - 1), luck.whole(0, kinds - 1), luck.whole(0, mentors - 1))
            for _ in range(luck.whole(0, 1))
        ]
        pinned = (
            [(*row, worth(luck)) for row in anything] if luck.yes() else luck.some(rows, most=2)
        )
    limited = luck.yes()
    return market(
        edges(*rows),
        mentees=mentees,
        mentors=mentors,
        kinds=kinds,
        wants=wants,
        held=luck.wholes(mentees, most=2) * luck.whole(0, 1),
        waited=luck.wholes(mentees, most=1) > 0,
        priority=luck.wholes(mentees, most=2),
        places=places,
        places_by_kind=by_kind,
        load=luck.wholes(mentors, most=2),
        institution=luck.wholes(mentors, least=-1, most=1),
        pins=edges(*pinned),
        before=edges(*luck.some(rows, most=2)),
        held_from=luck.wholes(mentees, 2, most=1) if limited and luck.yes() else None,
        one_kind_per_mentor=luck.yes(),
        most_from_one_institution=luck.whole(1, 2) if limited else None,
        quotas=quotas(luck, mentees, mentors) if luck.yes() else None,
    )


def quotas(luck: Luck, mentees: int, mentors: int) -> Quotas:
    """Two schools and those who state none; some mentors take few or nobody from elsewhere."""
    return Quotas(
        luck.wholes(mentees, least=-1, most=1),
        luck.wholes(mentors, least=-1, most=1),
        luck.wholes(mentors, most=2),
    )


@st.composite
def pressed(draw) -> Market:
    """Few mentors who would be best for several kinds, each limiting kinds, from few homes."""
    luck = draw(LUCK)
    mentees, mentors, kinds = luck.whole(1, 3), luck.whole(2, 3), 3
    wants = np.ones((mentees, kinds), bool)
    wants.ravel()[6:] = False
    rows = [
        (i, k, j, worth(luck))
        for i, k in np.argwhere(wants).tolist()
        for j in range(mentors)
        if luck.whole(0, 5)
    ]
    of_kind = [[luck.whole(0, 1 + (k == 0)) for k in range(kinds)] for _ in range(mentors)]
    return market(
        edges(*rows),
        mentees=mentees,
        mentors=mentors,
        kinds=kinds,
        wants=wants,
        waited=luck.wholes(mentees, most=1) > 0,
        priority=luck.wholes(mentees, most=1),
        places=luck.wholes(mentors, least=1, most=3),
        places_by_kind=np.array(of_kind),
        institution=luck.wholes(mentors, most=1),
        before=edges(*luck.some(rows, most=2)),
        one_kind_per_mentor=luck.yes(),
        most_from_one_institution=luck.one([None, 1, 2]),
        quotas=quotas(luck, mentees, mentors) if luck.yes() else None,
    )
