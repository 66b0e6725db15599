"""Run one contender: in an environment and a process of its own, within a limit of CPU time."""

import json
import os
import resource
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
#: Not kept in git.
ROOM = HERE.parents[1] / ".local" / "benchmarks"
PEERS = HERE / "peers"
#: By the clock a process may take so many times its limit of CPU time: the machine may be busy.
PATIENCE = 4
#: Bytes of address space that a process may take.
MEMORY = 12 * 2**30
#: One thread for everybody's matrix products: several spin while they wait for each other, which
#: counts as CPU time and grows with whatever else the machine does.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Peer:
    name: str
    script: str
    #: The file in `peers/environments` that it is installed from; "" is the product's own.
    environment: str
    #: It answers the whole question, exactly.
    exact: bool = False
    #: Beyond so many pairs it is not tried.
    most_pairs: int = 10**9


PEERS_IN_ORDER = (
    Peer("bare OR-Tools flow, every pair", "bare_ortools", "", exact=True, most_pairs=10**7),
    Peer("bare pylmcf flow, every pair", "bare_pylmcf", "", exact=True, most_pairs=10**7),
    Peer("networkx network_simplex", "network_simplex", "networkx", exact=True),
    Peer("SciPy MILP (HiGHS)", "milp", "scipy", exact=True),
    Peer("`matching` HospitalResident", "hospital_resident", "matching"),
    Peer("`algmatch` project allocation", "project_allocation", "algmatch"),
    Peer("`mentor-match`", "mentor_match", "mentor-match"),
    Peer("greedy by score", "greedy", "plain"),
    Peer("spreadsheet, first come", "first_come", "plain"),
)


@dataclass(frozen=True)
class Run:
    """What a process took, and what it said."""

    #: CPU seconds of its own work, as it measured them.
    seconds: float
    #: The most memory that it held at once, its interpreter and libraries included.
    peak_mb: float
    said: dict
    answer: np.ndarray | None


class Failed(Exception):
    """It gave no answer; the message is fit for a table."""


def interpreter(environment: str) -> Path:
    """The Python of this environment, made first if need be.

    :raises Failed: it could not be installed here.
    """
    if not environment:
        return Path(sys.executable)
    names = f"{environment}.txt"
    wanted = (PEERS / "environments" / names).read_text()
    folder = ROOM / "environments" / environment
    python, made_from = folder / "bin" / "python", folder / "made-from.txt"
    if made_from.exists() and made_from.read_text() == wanted:
        return python
    print(f"installing {environment}", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "-r", PEERS / "environments" / names],
        check=False,
    )
    if installed.returncode:
        raise Failed("could not be installed here")
    made_from.write_text(wanted)
    return python


def peer(contender: Peer, instance: Path, *, limit: float) -> Run:
    """Run a peer on the instance in this folder.

    :raises Failed: it could not be installed, stopped with an error, or took too long.
    """
    python = interpreter(contender.environment)
    return run([str(python), str(PEERS / f"{contender.script}.py"), str(instance)], limit=limit)


def run(command: list[str], *, limit: float) -> Run:
    """Run a command that takes the path of its answer as the last argument.

    :raises Failed: it stopped with an error, or took more than `limit` CPU seconds.
    """
    ROOM.mkdir(parents=True, exist_ok=True)
    answer, errors = ROOM / "answer.json", ROOM / "errors.txt"
    for old in (answer, answer.with_suffix(".npy")):
        old.unlink(missing_ok=True)
    with errors.open("w") as heard:
        process = subprocess.Popen(
            [*command, str(answer)],
            stdout=heard,
            stderr=heard,
            env=os.environ | ONE_THREAD,
            preexec_fn=_limited,
        )
        try:
            code = _waited(process, limit=limit)
        finally:
            process.kill()
            process.wait()
    if code is None:
        raise Failed(f"not done in {limit:.0f} s")
    if code:
        last = (errors.read_text().strip().splitlines() or [f"it ended with {code}"])[-1]
        raise Failed(f"stopped: {last[:80]}")
    said = json.loads(answer.read_text())
    rows = answer.with_suffix(".npy")
    return Run(
        seconds=said["seconds"],
        peak_mb=said["peak_mb"],
        said=said,
        answer=np.load(rows) if rows.exists() else None,
    )


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _waited(process: subprocess.Popen, *, limit: float) -> int | None:
    """Wait for its end, or end it: None where it took more CPU time than the limit.

    The kernel's own limit is not used, since with it CPU time is only counted tick by tick.
    """
    until = time.monotonic() + PATIENCE * limit
    while _spent(process.pid) < limit and time.monotonic() < until:
        try:
            return process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.wait()
    return None


def _spent(pid: int) -> float:
    """CPU seconds of a process so far, where the system says so; else nothing."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    # The name in parentheses may hold spaces.
    counted = stat.read_text().rpartition(")")[2].split()
    return (int(counted[11]) + int(counted[12])) / os.sysconf("SC_CLK_TCK")
