"""Small markets as arrays: a builder that says only what a test is about, and any market."""

import numpy as np
from hypothesis import strategies as st

from mentorship.matching.engine.listed import Listed
from mentorship.matching.engine.market import SCALE, Edges, Market, Quotas


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


#: Few different worths, so that ties are common and every level has something to decide.
WORTHS = st.integers(0, 10).map(lambda points: points * SCALE // 10) | st.integers(0, SCALE)


@st.composite
def markets(draw, *, most_wants: int = 7, pins: bool = True) -> Market:
    """Anything that can happen among up to four mentees, four mentors and three kinds."""
    mentees, mentors = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    kinds = draw(st.integers(1, 3))

    def whole(*shape: int, least: int = 0, most: int) -> np.ndarray:
        size = int(np.prod(shape))
        numbers = draw(st.lists(st.integers(least, most), min_size=size, max_size=size))
        return np.array(numbers, np.int64).reshape(shape)

    wants = whole(mentees, kinds, most=1) > 0
    wants.ravel()[np.flatnonzero(wants.ravel())[most_wants:]] = False
    rows = [
        (i, k, j, draw(WORTHS))
        for i in range(mentees)
        for k in range(kinds)
        for j in range(mentors)
        if wants[i, k] and draw(st.integers(0, 4))
    ]
    places = whole(mentors, most=3)
    tight = draw(st.booleans())
    by_kind = whole(mentors, kinds, most=2) if tight else np.repeat(places[:, None], kinds, axis=1)
    some = st.lists(st.sampled_from(rows), unique=True, max_size=2) if rows else st.just([])
    # A pin may overrule what is possible.
    anything = st.tuples(
        st.integers(0, mentees - 1),
        st.integers(0, kinds - 1),
        st.integers(0, mentors - 1),
        WORTHS,
    )
    pinned = draw(some | st.lists(anything, max_size=1)) if pins else []
    limited = draw(st.booleans())
    return market(
        edges(*rows),
        mentees=mentees,
        mentors=mentors,
        kinds=kinds,
        wants=wants,
        held=whole(mentees, most=2) * draw(st.integers(0, 1)),
        waited=whole(mentees, most=1) > 0,
        priority=whole(mentees, most=2),
        places=places,
        places_by_kind=by_kind,
        load=whole(mentors, most=2),
        institution=whole(mentors, least=-1, most=1),
        pins=edges(*pinned),
        before=edges(*draw(some)),
        held_from=whole(mentees, 2, most=1) if limited and draw(st.booleans()) else None,
        one_kind_per_mentor=draw(st.booleans()),
        most_from_one_institution=draw(st.integers(1, 2)) if limited else None,
        quotas=draw(st.none() | quotas(mentees, mentors)),
    )


@st.composite
def quotas(draw, mentees: int, mentors: int) -> Quotas:
    """Two schools and those who state none; some mentors take few or nobody from elsewhere."""

    def whole(size: int, least: int, most: int) -> np.ndarray:
        return np.array([draw(st.integers(least, most)) for _ in range(size)], np.int64)

    return Quotas(whole(mentees, -1, 1), whole(mentors, -1, 1), whole(mentors, 0, 2))


@st.composite
def pressed(draw) -> Market:
    """Few mentors who would be best for several kinds, each limiting kinds, from few homes."""
    mentees, mentors, kinds = draw(st.integers(1, 3)), draw(st.integers(2, 3)), 3
    wants = np.ones((mentees, kinds), bool)
    wants.ravel()[6:] = False
    rows = [
        (i, k, j, draw(WORTHS))
        for i, k in np.argwhere(wants).tolist()
        for j in range(mentors)
        if draw(st.integers(0, 5))
    ]
    places = np.array([draw(st.integers(1, 3)) for _ in range(mentors)])
    some = st.lists(st.sampled_from(rows), unique=True, max_size=2) if rows else st.just([])
    of_kind = [[draw(st.integers(0, 1 + (k == 0))) for k in range(kinds)] for _ in range(mentors)]
    return market(
        edges(*rows),
        mentees=mentees,
        mentors=mentors,
        kinds=kinds,
        wants=wants,
        waited=np.array([draw(st.booleans()) for _ in range(mentees)]),
        priority=np.array([draw(st.integers(0, 1)) for _ in range(mentees)]),
        places=places,
        places_by_kind=np.array(of_kind),
        institution=np.array([draw(st.integers(0, 1)) for _ in range(mentors)]),
        before=edges(*draw(some)),
        one_kind_per_mentor=draw(st.booleans()),
        most_from_one_institution=draw(st.sampled_from([None, 1, 2])),
        quotas=draw(st.none() | quotas(mentees, mentors)),
    )
