"""How many steps a pattern takes in the worst case, counted and not timed.

Python's `re` goes back and tries again, as this does; how often depends on the pattern and the text
alone. What takes more steps than the cube of a short text would take is taken for endless.
"""

import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator
from typing import Any

#: So many signs of an attack, and so many steps: more than twice their cube.
SIZE, MOST = 24, 30_000
_LONGEST = ops.MAXREPEAT
_ALPHABET = " a0-.,:;/\"'<>=&@_\n\\()[]{}#*+?|xX\x00é"
_CLASSES: dict[Any, Callable[[str], bool]] = {
    ops.CATEGORY_DIGIT: str.isdigit,
    ops.CATEGORY_NOT_DIGIT: lambda sign: not sign.isdigit(),
    ops.CATEGORY_SPACE: str.isspace,
    ops.CATEGORY_NOT_SPACE: lambda sign: not sign.isspace(),
    ops.CATEGORY_WORD: lambda sign: sign.isalnum() or sign == "_",
    ops.CATEGORY_NOT_WORD: lambda sign: not (sign.isalnum() or sign == "_"),
}


class Endless(Exception):
    """It takes more steps than any text should."""


class Count:
    """One try of a pattern at the beginning of a text."""

    def __init__(self, pattern: re.Pattern, text: str) -> None:
        self.text, self.steps = text, 0
        self._folds = bool(pattern.flags & re.IGNORECASE)
        self._dot_all = bool(pattern.flags & re.DOTALL)
        for end in self._all(list(parse(pattern)), 0, 0):
            if end == len(text):  # as `fullmatch` wants it: all that is shorter fails
                break

    def _all(self, nodes: list, index: int, at: int) -> Iterator[int]:
        """Where the nodes from this one on may end, in the order in which `re` tries."""
        self.steps += 1
        if self.steps > MOST:
            raise Endless
        if index == len(nodes):
            yield at
            return
        for end in self._one(*nodes[index], at):
            yield from self._all(nodes, index + 1, end)

    def _one(self, op: Any, what: Any, at: int) -> Iterator[int]:
        match op:
            case ops.SUBPATTERN:
                yield from self._all(list(what[3]), 0, at)
            case ops.BRANCH:
                for branch in what[1]:
                    yield from self._all(list(branch), 0, at)
            case ops.MAX_REPEAT | ops.MIN_REPEAT:
                least, most, body = what
                eager = op is ops.MAX_REPEAT
                yield from self._repeat(list(body), least, most, at, eager=eager)
            case ops.POSSESSIVE_REPEAT | ops.ATOMIC_GROUP:
                inner = [(ops.MAX_REPEAT, what)] if op is ops.POSSESSIVE_REPEAT else list(what)
                yield from list(_first(self._all(inner, 0, at)))
            case ops.ASSERT | ops.ASSERT_NOT:
                ahead = what[0] > 0
                found = not ahead or any(True for _ in self._all(list(what[1]), 0, at))
                if not ahead or found == (op is ops.ASSERT):
                    yield at
            case ops.AT:
                ends = (ops.AT_END, ops.AT_END_STRING)
                if (what not in ends or at == len(self.text)) and (
                    what not in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING) or at == 0
                ):
                    yield at
            case ops.GROUPREF:
                yield at
            case _:
                if at < len(self.text) and self._fits(op, what, self.text[at]):
                    yield at + 1

    def _repeat(self, body: list, least: int, most: int, at: int, *, eager: bool) -> Iterator[int]:
        self.steps += 1
        if self.steps > MOST:
            raise Endless
        if not eager and least <= 0:
            yield at
        if most > 0:
            for end in self._all(body, 0, at):
                if end > at:
                    more = most if most is _LONGEST else most - 1
                    yield from self._repeat(body, least - 1, more, end, eager=eager)
        if eager and least <= 0:
            yield at

    def _fits(self, op: Any, what: Any, sign: str) -> bool:
        return fits(op, what, sign, folds=self._folds, dot_all=self._dot_all)


def fits(op: Any, what: Any, sign: str, *, folds: bool = False, dot_all: bool = False) -> bool:
    """Whether a node that takes one sign takes this one."""
    signs = {sign, sign.lower(), sign.upper()} if folds else {sign}
    match op:
        case ops.LITERAL:
            return chr(what) in signs
        case ops.NOT_LITERAL:
            return chr(what) not in signs
        case ops.ANY:
            return dot_all or sign != "\n"
        case ops.RANGE:
            return any(what[0] <= ord(one) <= what[1] for one in signs if len(one) == 1)
        case ops.CATEGORY:
            return _CLASSES[what](sign)
        case ops.IN:
            negated = what[0][0] is ops.NEGATE
            taken = any(fits(*one, sign, folds=folds) for one in what[negated:])
            return taken != negated
    raise NotImplementedError(op)


def endless(pattern: re.Pattern) -> str:
    """A text that takes a pattern more steps than it should; empty if none is found."""
    for text in attacks(pattern):
        try:
            Count(pattern, text)
        except Endless:
            return text
    return ""


def attacks(pattern: re.Pattern) -> Iterator[str]:
    """Texts that a pattern takes almost: each part of it that repeats, again and again."""
    seen = set()
    for before, body in _repeats(list(parse(pattern)), ""):
        for liked in _ALPHABET:
            text = before + _sample(body, liked) * SIZE + "\x00!"
            if text not in seen:
                seen.add(text)
                yield text


def parse(pattern: re.Pattern) -> Any:
    words = pattern.pattern
    if isinstance(words, bytes):
        words = words.decode("latin-1")
    # What the pattern says of itself, like (?i), it says again here.
    return parser.parse(words, pattern.flags & ~re.UNICODE)


def _repeats(nodes: list, before: str) -> Iterator[tuple[str, list]]:
    """Each part that repeats without end, and a text that leads up to it."""
    for op, what in nodes:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            if what[1] is _LONGEST or what[1] > 20:
                yield before, list(what[2])
            yield from _repeats(list(what[2]), before)
        elif op is ops.SUBPATTERN:
            yield from _repeats(list(what[3]), before)
        elif op is ops.BRANCH:
            for branch in what[1]:
                yield from _repeats(list(branch), before)
        elif op in (ops.ATOMIC_GROUP,):
            yield from _repeats(list(what), before)
        before += _sample([(op, what)], "a")


def _sample(nodes: list, liked: str) -> str:
    """A text that these nodes take, of the sign that is liked, wherever it fits."""
    told = ""
    for op, what in nodes:
        match op:
            case ops.SUBPATTERN:
                told += _sample(list(what[3]), liked)
            case ops.BRANCH:
                told += _sample(list(what[1][0]), liked)
            case ops.MAX_REPEAT | ops.MIN_REPEAT | ops.POSSESSIVE_REPEAT:
                told += _sample(list(what[2]), liked) * max(what[0], min(what[1], 1))
            case ops.ATOMIC_GROUP:
                told += _sample(list(what), liked)
            case ops.LITERAL:
                told += chr(what)
            case ops.NOT_LITERAL | ops.ANY | ops.IN:
                told += next((one for one in liked + _ALPHABET if fits(op, what, one)), "")
    return told


def _first(ends: Iterator[int]) -> Iterator[int]:
    for end in ends:
        yield end
        return
