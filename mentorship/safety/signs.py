"""Whether words suggest that their writer, or somebody near them, may be in danger. Pure.

A short list of plain phrases, read on this machine and forgotten: nothing is sent, stored or told
to anybody. It decides one thing only, whether the writer is shown whom they can call. So a phrase
too many costs a glance, and that one is missing promises nothing: the numbers stand on every page.
The phrases follow the direct questions of the screener of the Columbia Suicide Severity Rating
Scale (a wish to be dead, thoughts of killing oneself, a plan) and name harm by others.

Physicians write about dying patients and about suicide all day, and people kill it on rotations.
So every phrase is in the first person or speaks of somebody close, and a bare "suicide" or "die"
suggests nothing.
"""

import re

#: What may stand between "I" and what is felt.
_I = (
    r"\b(?:i|im|ive|id) (?:(?:just|really|sometimes|often|only|honestly|still|keep|kept|kind of"
    r"|have|been|am|feel|felt|like|do|almost|think|was|a bit|so|very|here) )*"
)
_SOMEBODY = (
    r"\bmy (?:friend|classmate|roommate|partner|co resident|coresident|mentor|mentee|brother"
    r"|sister|wife|husband|colleague|intern) (?:\w+ ){0,5}"
)
_SELF = r"(?:himself|herself|themself|themselves)"
_ENDING = r"(?:kill|killing|hurt|hurting|harm|harming|hang|hanging|shoot|shooting)"

#: Each is looked for in words as `_plain` leaves them: small letters, no apostrophes, single
#: spaces, and a dot of its own between sentences.
PHRASES = (
    # A wish to be dead
    _I + r"(?:want|wanted|wanting|wish|ready) (?:to )?(?:die|be dead)\b",
    _I + r"wish i (?:was|were) (?:dead|never born)\b",
    _I + r"(?:dont|do not|didnt|no longer) want to (?:live|be alive|exist)\b",
    _I + r"(?:dont|do not) want to be (?:here|around) any ?more\b",
    _I + r"(?:dont|do not) want to wake up(?: any ?more| again| tomorrow| ever)? [.]",
    r"\b(?:better off without me|(?:i am|im|id be|i would be) better off dead)\b",
    r"\bno (?:reason|point) (?:to live|in living|to go on living)\b",
    # Thoughts of it, and a plan
    rf"\b{_ENDING} myself\b",
    r"\b(?:cut|cutting) myself (?:again|on purpose|to)\b",
    r"\b(?:end|ending|take|taking) my (?:own )?life\b",
    r"\bend(?:ing)? it all\b",
    _I + r"suicidal\b",
    r"\b(?:i attempted|my own|thoughts of|(?:think|thinking) about) suicide\b",
    # Somebody near
    _SOMEBODY + rf"{_ENDING} {_SELF}\b",
    _SOMEBODY + r"(?:suicidal|wants to die|(?:end|take) (?:his|her|their) (?:own )?life)\b",
    # Harm by others
    r"\b(?:he|she|they|mentor|partner|attending|resident) (?:hit|hits|beat|beats|raped|assaulted"
    r"|choked|groped) me [.]",
    r"\bi (?:was|got|have been|had been) (?:raped|groped|sexually assaulted)\b",
    r"\b(?:threatened|threatens|threatening|going) to (?:kill|hurt|beat) me\b",
    r"\b(?:im|i am|i feel|i dont feel|i do not feel|im not|i am not) (?:not |un)?safe at home\b",
    r"\bafraid for my life\b",
)
#: What people say of work and of laughing, which is taken out before anything is looked for.
SAID_OF_WORK = (
    r"\bkill(?:ing|ed)? myself (?:laughing|with (?:work|studying)|over (?:this|the|my))\b",
    r"\bhurt myself (?:skiing|running|climbing|playing|lifting|at the gym)\b",
    r"\b(?:im|i am) not suicidal\b",
)
_FOUND = re.compile("|".join(PHRASES))
_LEFT_OUT = re.compile("|".join(SAID_OF_WORK))
#: So many characters of one text are read: what is longer was pasted.
READ = 20_000


def suggest_danger(words: str) -> bool:
    """Whether something in these words suggests that their writer be shown whom to call."""
    return _FOUND.search(_LEFT_OUT.sub(" ", _plain(words[:READ]))) is not None


def _plain(words: str) -> str:
    told = re.sub(r"[’‘'`]", "", words.lower())
    told = re.sub(r"[.!?;:,\n…]+", " . ", told)
    return " ".join(re.sub(r"[^\w.]", " ", told).split()) + " ."
