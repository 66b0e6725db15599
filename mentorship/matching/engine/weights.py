"""What each factor weighs: whole percents by kind, the defaults and a chapter's own."""

from collections.abc import Collection, Mapping, Sequence

from mentorship.matching.engine.fit import Factor
from mentorship.vocabulary.kinds import Kind

#: Percent of the worth by kind: the defaults, and what they mean. A factor that nobody was asked
#: about (`Problem.factors`) leaves its percents to the others, see `weights`. Deep likeness (what
#: people want and care about) weighs most: it goes with good mentoring far more than traits do
#: (Eby and others, 2013); identity counts only where it was opted into.
WEIGHTS: Mapping[Kind, Mapping[Factor, int]] = {
    kind: {factor: row[place] for factor, row in table.items() if row[place]}
    for table in [
        {
            # career, content, application, wellness
            Factor.TOPICS: (0, 30, 0, 0),
            Factor.INTERESTS: (20, 12, 8, 12),
            Factor.GOALS: (15, 5, 10, 5),
            Factor.SETTING: (10, 3, 8, 3),
            Factor.REGION: (3, 2, 12, 5),
            Factor.PATH: (4, 0, 10, 5),
            Factor.LANGUAGES: (2, 2, 2, 8),
            Factor.STAGE: (12, 5, 18, 20),
            Factor.TIME: (7, 8, 8, 10),
            Factor.ROOM: (4, 4, 4, 4),
            Factor.WISH: (12, 14, 10, 14),
            Factor.WISHED: (3, 3, 3, 3),
            Factor.PAST: (5, 9, 4, 5),
            Factor.AFFINITY: (3, 3, 3, 6),
        }
    ]
    for place, kind in enumerate(Kind)
}
#: Percent that mentors' wishes weigh at most.
MOST_FOR_WISHED = 5
#: Factors whose share of the worth is shown to nobody.
UNSHOWN = frozenset({Factor.AFFINITY})


def weights(
    chosen: Mapping[Kind, Mapping[str, int]], asked: Collection[Factor]
) -> dict[Kind, dict[Factor, int]]:
    """Whole percents by kind and factor, of the factors that people were asked about.

    `chosen` replaces a kind's defaults. What the factors not asked about weigh is shared out in
    proportion, the percents left over going to the largest remainders; mentors' wishes stay at
    MOST_FOR_WISHED all the same, unless nothing else counts.

    :raises ValueError: a factor is unknown or belongs to another kind, a kind's percents are no
        whole numbers from 0 that sum to 100, or mentors' wishes weigh more than MOST_FOR_WISHED.
    """
    found = {}
    for kind in Kind:
        given = chosen.get(kind)
        table = WEIGHTS[kind] if given is None else _checked(kind, given)
        kept = {factor: table[factor] for factor in Factor if factor in asked and table.get(factor)}
        found[kind] = _of_hundred(kept)
        rest = dict(kept)
        rest.pop(Factor.WISHED, None)
        if rest and found[kind].get(Factor.WISHED, 0) > MOST_FOR_WISHED:
            found[kind] |= _of_hundred(rest, 100 - MOST_FOR_WISHED)
            found[kind][Factor.WISHED] = MOST_FOR_WISHED
    return found


def _of_hundred(parts: Mapping[Factor, int], whole: int = 100) -> dict[Factor, int]:
    return dict(zip(parts, shared_out(list(parts.values()), whole), strict=True))


def _checked(kind: Kind, given: Mapping[str, int]) -> dict[Factor, int]:
    try:
        table = {Factor(factor): percent for factor, percent in given.items()}
    except ValueError:
        unknown = ", ".join(sorted(set(given) - set(Factor)))
        raise ValueError(f"{kind.label}: there is no factor {unknown}") from None
    if any(not isinstance(one, int) or isinstance(one, bool) or one < 0 for one in table.values()):
        raise ValueError(f"{kind.label}: weights are whole percents from 0 up")
    if sum(table.values()) != 100:
        raise ValueError(f"{kind.label}: weights sum to {sum(table.values())}, not to 100")
    if kind is not Kind.CONTENT and table.get(Factor.TOPICS):
        raise ValueError(f"{kind.label}: topics belong to content mentoring only")
    if table.get(Factor.WISHED, 0) > MOST_FOR_WISHED:
        raise ValueError(f"{kind.label}: mentors' wishes weigh {MOST_FOR_WISHED} percent at most")
    return table


def shared_out(parts: Sequence[int], whole: int) -> list[int]:
    """Whole numbers in proportion to these parts, which sum to `whole`.

    Rounded down, and the rest goes to the largest remainders, the earlier first. All zero where
    the parts are.
    """
    total = sum(parts)
    if not total:
        return [0] * len(parts)
    shares = [part * whole // total for part in parts]
    remainders = sorted(range(len(parts)), key=lambda at: -(parts[at] * whole % total))
    for at in remainders[: whole - sum(shares)]:
        shares[at] += 1
    return shares
