"""The demo's mail server: takes everything on loopback and keeps it as files, newest last."""

import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class _Keep:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        name = f"{time.time_ns()}.eml"
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(envelope.original_content or b"")
        unfinished.rename(self.folder / name)
        return "250 Taken"


def start(folder: Path, *, port: int) -> Controller:
    """Take mail on this port of loopback until the controller is stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(_Keep(folder), hostname="127.0.0.1", port=port)
    controller.start()
    return controller
