"""Making words fit for a log: whatever opens something, or says who somebody is, is taken out.

What is logged on purpose holds none of it. This is the second wall, for what libraries say and for
errors that quote. It errs on the side of taking out too much.
"""

import re

#: A line longer than this, in characters, is cut: nobody reads it, and it may be somebody's file.
LONGEST = 4000

_HEADER = r"(?:proxy-)?authorization|set-cookie|cookie|x-csrf-?token"
_NAME = (
    r"[\w.-]*(?:secret|token|passw(?:or)?d|assertion|verifier|nonce|challenge|credential|api_?key"
    r"|private_?key|signature|raw_?id|user_?handle|session_?id|\bsid)[\w.-]*"
)
#: Names that are words as well: only as parts of a query or a form, or as names in JSON.
_WORD = r"code|state|key|id_token|sub"
_VALUE = r"""[^\s&'",;<>(){}\[\]]+"""
#: Where addresses of ours hold a token: the first part of each, see the pages with `<token>`.
_LINKS = r"sign-in/undo|sign-in|account/address|mail|cal|[a-z]"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(rf"""(?i)(?:\b|(?<=\\n))({_HEADER})(['"]?\s*[:=]\s*['"]?)[^'"\r\n]+"""),
        r"\1\2(secret)",
    ),
    (
        re.compile(
            r"""(?i)\b([a-z][a-z0-9+.-]{1,20}://)(?:[^\s/@'"<>]*@)?([^\s/'"<>?#]*)"""
            r"""[/?#][^\s'"<>]*"""
        ),
        r"\1\2/(path)",
    ),
    (re.compile(r"""(?i)\b([a-z][a-z0-9+.-]{1,20}://)[^\s/@'"<>]*@"""), r"\1"),
    (re.compile(r"""(?i)(with url: )[^\s'"]+"""), r"\1(path)"),
    (re.compile(r"\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /\S* (HTTP/)"), r"\1 (path) \2"),
    (re.compile(rf"""(/(?:{_LINKS})/)[^\s/'"?<>\[\](),]{{8,}}"""), r"\1(token)"),
    (re.compile(r"""\?[\w%.~-]+=[^\s'"<>]*"""), "?(query)"),
    (re.compile(rf"""(?i)\b({_NAME})(['"]?\s*[:=]\s*['"]?)(?!\(){_VALUE}"""), r"\1\2(secret)"),
    (re.compile(rf"""(?i)(?<![\w-])({_WORD})(=|['"]\s*:\s*['"])(?!\(){_VALUE}"""), r"\1\2(secret)"),
    (re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){0,4}"), "(token)"),
    (re.compile(r"[^\s@<>\"'(),:;\[\]]{1,200}@[^\s@<>\"'(),:;\[\]]+"), "(address)"),
    # Longer than an id, and without a slash: what stands in a link from a mail, or in a cookie.
    (re.compile(r"(?<![\w.-])(?=[\w.-]*[\d_-])[\w.-]{40,}"), "(token)"),
)
_SECRET = re.compile(f"{_HEADER}|{_NAME}", re.IGNORECASE)
#: What an error quotes was often typed by somebody; the names of things stay.
_QUOTED = re.compile(r"""(['"])(?![\w.]{1,40}\1)[^'"\n]+\1""")


def discreet(words: str) -> str:
    """Words without secrets, tokens, addresses of mail, and what addresses on the web lead to."""
    said = words[:LONGEST]
    for found, instead in _RULES:
        said = found.sub(instead, said)
    return said


def discreet_error(words: str) -> str:
    """The same for what an error says, which may also quote what somebody typed."""
    return _QUOTED.sub("(quoted)", discreet(words))


def discreet_value(name: str, value: object) -> object:
    """What is passed along with a line: numbers as they are, all else in discreet words."""
    if _SECRET.fullmatch(name):
        return "(secret)"
    if value is None or isinstance(value, int | float):
        return value
    return discreet(str(value))
