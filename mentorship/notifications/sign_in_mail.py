"""The mail that lets somebody in."""

from datetime import datetime


def send(*, email: str, next_path: str, key: str, now: datetime) -> None: ...
