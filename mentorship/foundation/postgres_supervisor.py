"""The parent of a private PostgreSQL server; a program of its own that `local_postgres` starts.

    python postgres_supervisor.py USERS_FILE UID:GID|"" SERVER [ARGUMENT…]

It ends the server in order when nobody holds a lock on the users file anymore. The server
needs such a parent also because one that was killed and is not collected by its parent counts
as running for ever. It needs nothing but the standard library.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
"""From Linux's <sys/prctl.h>: which signal a process gets when its parent dies."""


def supervise(users: str, ids: str, command: Sequence[str]) -> None:
    """Run the server until it ends by itself or its last user is gone."""
    os.setsid()
    os.chdir("/")
    account: dict = {}
    if ids:
        user, group = (int(number) for number in ids.split(":"))
        account = {"user": user, "group": group, "extra_groups": ()}
    server = subprocess.Popen(command, preexec_fn=_end_with_parent, **account)
    signal.signal(signal.SIGTERM, lambda *_: server.send_signal(signal.SIGINT))

    def end_after_last_user() -> None:
        lock = os.open(users, os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)  # and keep it: who starts next waits for our end
        server.send_signal(signal.SIGINT)

    threading.Thread(target=end_after_last_user, daemon=True).start()
    server.wait()


def _end_with_parent() -> None:
    """Have Linux ask this process, the new server, for a fast shutdown if its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


if __name__ == "__main__":
    supervise(sys.argv[1], sys.argv[2], sys.argv[3:])
