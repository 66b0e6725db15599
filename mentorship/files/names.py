"""What a file is called: a name that is safe on every system, and says nothing untrue."""

import re
import unicodedata

from mentorship.foundation.text import clean

#: The longest name, in characters, without its ending.
LONGEST = 80

#: Endings that are taken off, however many there are: what it is, its content decides.
_ENDING = re.compile(
    r"\.\s*(?:pdf|docx?|docm|dotx?|dotm|odt|ott|rtf|txt|zip|html?|xhtml|svg|xml|js|mjs|vbs|wsf|exe"
    r"|com|scr|bat|cmd|ps1|msi|jar|lnk|app|sh|py|php|hta|iso)\s*$",
    re.IGNORECASE,
)
#: What Windows or a shell gives a meaning of its own.
_UNSAFE = re.compile(r'[<>:"|?*%$`;&]+')
#: Names that Windows keeps for devices.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def tidy(name: str, *, otherwise: str) -> str:
    """A name without path, ending, control characters and marks that turn text around.

    At most `LONGEST` characters; `otherwise` where nothing is left.
    """
    last = clean(name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(one for one in last if unicodedata.category(one) not in ("Cf", "Co", "Cn"))
    bare = " ".join(_UNSAFE.sub(" ", seen).split())
    while (shorter := _ENDING.sub("", bare)) != bare:
        bare = shorter
    bare = bare[:LONGEST].strip(" .")
    if _DEVICES.fullmatch(bare.split(".")[0].strip()):
        bare = f"{otherwise} {bare}"
    return bare or otherwise
