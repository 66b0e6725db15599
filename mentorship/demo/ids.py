"""Ids that are the same every time the demo is made, and sort by the time they tell of."""

import hashlib
from datetime import datetime
from uuid import UUID


def steady_id(at: datetime, lot: str) -> UUID:
    """An id for what happened at an instant; `lot` tells it from others at the same one."""
    milliseconds = int(at.timestamp() * 1000)
    digest = hashlib.sha256(lot.encode()).digest()
    return UUID(bytes=milliseconds.to_bytes(6, "big") + digest[:10])
