"""Every kind of page that a lead of the demo can reach by links: no barrier, in light and dark."""

import re
from collections import deque

import pytest

from tests.journeys.conftest import DESK, PHONE

#: One of a kind: a record by its id, a step of the road map by its key.
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/road-map/)[\w-]+|(?<=\?stage=)[\w-]+")
FILES = re.compile(r"\.ics$|/export$|/template$")
#: So many kinds of page are looked at for one person; far more than there are.
MOST = 100


# A resident's two hats and the coordinator's open every kind of page there is.
@pytest.mark.parametrize(
    ("lead", "screen", "least"),
    [("Dr. Tomasz Wieczorek", PHONE, 18), ("Maureen O'Malley", DESK, 8)],
)
def test_no_page_has_a_barrier(person, lead, screen, least):
    somebody = person(screen, lead=lead)
    somebody.thorough = True
    begin = ["/c/lakeshore/", "/account"]
    waiting, known = deque(begin), set(begin)
    seen = 0
    while waiting and seen < MOST:
        somebody.open(waiting.popleft())
        seen += 1
        for path in somebody.links():
            kind = ID.sub("<id>", path)
            theirs = path.startswith(("/c/lakeshore/", "/account"))
            if theirs and kind not in known and not FILES.search(path):
                known.add(kind)
                waiting.append(path)

    assert least <= seen < MOST


@pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-in/sent", "/sign-in/x", "/nowhere"])
def test_nor_has_one_before_sign_in(person, path):
    somebody = person()
    somebody.thorough = True
    somebody.open(path)
