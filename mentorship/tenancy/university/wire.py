"""What a university's provider is asked over the network: only what was checked, and not for long.

Both Authlib's requests and our own go this way. Pure, but for the network.
"""

import json
import time
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from mentorship.foundation.outbound import PUBLIC, Asked, Reach, place

#: Seconds for one answer, whole. Whoever signs in is waiting, and so is one of our threads.
SECONDS = 5.0
#: Bytes of a document that describes the provider, or of its keys.
DOCUMENT = 256 * 1024
#: Bytes of an answer about one person. Tokens of a few kilobytes are large already.
TOKEN = 64 * 1024
_AGENT = "Curbside sign-in"


class NotAsExpected(Exception):
    """There was an answer, of another kind than it has to be."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class NotJson(Exception):
    """The answer is no JSON object."""


def get_json(address: str, *, reach: Reach = PUBLIC) -> dict[str, Any]:
    """The JSON object at an address. No redirect is followed.

    :raises outbound.Trouble: there is no answer.
    :raises NotAsExpected: the answer says that it is not there, or somewhere else.
    :raises NotJson: it is something else.
    """
    with Asked(
        place(address, reach),
        headers={"Accept": "application/json", "User-Agent": _AGENT},
        reach=reach,
        deadline=time.monotonic() + SECONDS,
        most_bytes=DOCUMENT,
    ) as asked:
        if asked.status != 200:
            raise NotAsExpected(asked.status)
        said = asked.body()
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(found, dict):
        raise NotJson
    return found


class Wire(BaseAdapter):
    """The adapter by which a session of requests reaches the network, and the only one it has.

    Whatever it is told of proxies, certificates and patience, it keeps to ours.
    """

    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self._reach = reach

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """:raises outbound.Trouble: there is no answer.
        :raises NotAsExpected: it leads somewhere else.
        """
        said = {name: str(value) for name, value in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        assert body is None or isinstance(body, bytes)  # nobody uploads a file here
        with Asked(
            place(str(request.url), self._reach),
            method=str(request.method),
            headers={
                **said,
                "User-Agent": _AGENT,
                "Accept-Encoding": "gzip",
                "Connection": "close",
            },
            body=body,
            reach=self._reach,
            deadline=time.monotonic() + SECONDS,
            most_bytes=TOKEN,
        ) as asked:
            if 300 <= asked.status < 400:
                raise NotAsExpected(asked.status)
            answer = Response()
            answer.status_code, answer.url, answer.request = asked.status, str(request.url), request
            answer.headers = CaseInsensitiveDict({"Content-Type": asked.header("Content-Type")})
            answer._content = asked.body()
        return answer

    def close(self) -> None:
        """Nothing is kept open."""
