"""Why two people have the marks that they have: a sentence for each factor, about nobody's name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from mentorship.matching.engine.features import (
    NEAR_PEER_KINDS,
    named_topics,
    stands,
    teaches,
    topics,
)
from mentorship.matching.engine.fit import Factor, Mentee, Mentor, Offer, Problem, Want
from mentorship.vocabulary import interests
from mentorship.vocabulary.interests import inside
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage


def words(factor: Factor, problem: Problem, kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    """Why these two have the marks that they have, in a sentence about nobody's name."""
    if factor is Factor.PAST:
        together = (mentee.id, mentor.id) in problem.past
        return "Have worked together well before" if together else "Have not worked together before"
    return _WORDS[factor](kind, mentee, mentor)


def _topic_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    shared = topics(mentee) & teaches(mentor)
    if not shared:
        either: tuple[Want | Offer, ...] = (*mentee.wants, *mentor.offers)
        return "Any topic will do" if any(e.any_topic for e in either) else "No topic in common"
    if not named_topics(mentee.wants):
        return f"Offers {listed(shared)}, one of the {mentee.noun}'s interests"
    if not named_topics(mentor.offers):
        return f"Asked for {listed(shared)}, one of the mentor's interests"
    return f"Asked for {listed(shared)}, which this mentor offers"


def _unstated(what: str) -> str:
    return f"{what} not stated by both, so neither for nor against"


def _interest_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if not (mentee.interests and mentor.interests):
        return _unstated("Interests")
    shared = mentee.interests & mentor.interests
    return f"Both named {listed(shared)}" if shared else "No interest in common"


def _goal_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if not (mentee.goals and mentor.goals):
        return _unstated("Goals")
    shared = mentee.goals & mentor.goals
    return f"Can help with {listed(shared)}" if shared else "No goal in common"


def _setting_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if not (mentee.settings and mentor.settings):
        return _unstated("Where to practice is")
    shared = mentee.settings & mentor.settings
    if not shared:
        return f"Practices elsewhere than where the {mentee.noun} hopes to"
    return f"Practices where the {mentee.noun} hopes to: {listed(shared)}"


def _region_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if not (mentee.region and mentor.region):
        return _unstated("Regions")
    same = mentee.region.strip().casefold() == mentor.region.strip().casefold()
    return f"Both in {mentor.region}" if same else "In different regions"


def _path_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if not (mentee.path and mentor.path):
        return _unstated("Training paths")
    same = mentee.path.strip().casefold() == mentor.path.strip().casefold()
    return f"The same training path: {mentor.path}" if same else "Different training paths"


def _language_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if not (mentee.languages and mentor.languages):
        return _unstated("Languages")
    shared = sorted(mentee.languages & mentor.languages)
    if not shared:
        return "No further language in common"
    return f"Both speak {series([word[:1].upper() + word[1:] for word in shared])}"


def _time_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    if mentee.free is None or mentor.free is None:
        return _unstated("Free hours")
    shared = len(mentee.free & mentor.free)
    if not shared:
        return "No shared free time"
    if shared == 1:
        return "Half a shared free hour a week"
    return f"{shared / 2:g} shared free hour{'' if shared == 2 else 's'} a week"


def _room_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    room = max(0, mentor.places)
    return f"{room} of {room + mentor.load} places open"


def _stage_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    theirs = stands(mentor)
    if mentee.stage is None or theirs is None:
        return _unstated("Stage of training")
    gap = theirs.rank - mentee.stage.rank
    if gap < 0:
        apart = "the mentor being earlier in training"
    elif gap == 0:
        apart = "at the same stage"
    elif gap <= 3:
        apart = "close in training"
    elif kind in NEAR_PEER_KINDS:
        apart = "some years apart" if gap <= 6 else "many years apart"
    else:
        apart = "some years ahead" if gap <= 6 else "with a long view"
    both = f"{_one(theirs)} and {_one(mentee.stage)}"
    return f"{both[0].upper()}{both[1:]}, {apart}"


def _wish_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    return _wish(mentee.wishes, mentor.id, whose=mentee.noun)


def _wished_words(kind: Kind, mentee: Mentee, mentor: Mentor) -> str:
    return _wish(mentor.wishes, mentee.id, whose="mentor")


def _wish(wishes: Sequence[UUID], whom: UUID, *, whose: str) -> str:
    if whom not in wishes:
        return f"Not among the {whose}'s wishes, which counts neither for nor against"
    rank = wishes.index(whom)
    which = ("first", "second", "third", "fourth", "fifth")
    return f"The {whose}'s {which[rank]} wish" if rank < 5 else f"Among the {whose}'s wishes"


_WORDS: Mapping[Factor, Callable[[Kind, Mentee, Mentor], str]] = {
    Factor.TOPICS: _topic_words,
    Factor.INTERESTS: _interest_words,
    Factor.GOALS: _goal_words,
    Factor.SETTING: _setting_words,
    Factor.REGION: _region_words,
    Factor.PATH: _path_words,
    Factor.LANGUAGES: _language_words,
    Factor.STAGE: _stage_words,
    Factor.TIME: _time_words,
    Factor.ROOM: _room_words,
    Factor.WISH: _wish_words,
    Factor.WISHED: _wished_words,
}


def _one(stage: Stage) -> str:
    """A person of this stage: `an M4`, `a PGY-2`, `an attending`."""
    if stage is Stage.RESEARCH:
        return "a student in a research year"
    word = "pre-med student" if stage is Stage.PRE_MED else inside(stage.label)
    return f"{'an' if word[0] in 'MIa' else 'a'} {word}"


def listed(slugs: Iterable[str], *, joined: str = "and", most: int = 3) -> str:
    """Interests as people say them in a sentence: `toxicology, EMS, and 2 more`."""
    labels = interests.labels()
    said = [inside(labels.get(slug, slug.replace("-", " "))) for slug in sorted(slugs)]
    if len(said) > most:
        said = [*said[:most], f"{len(said) - most} more"]
    return series(said, joined=joined)


def series(said: Sequence[str], *, joined: str = "and") -> str:
    """Several things in one sentence: `a`, `a and b`, `a, b, and c`."""
    if len(said) < 3:
        return f" {joined} ".join(said)
    return f"{', '.join(said[:-1])}, {joined} {said[-1]}"
