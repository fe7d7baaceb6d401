"""A PostgreSQL server of the tests' own, started from Debian's package on a Unix socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import LONG

NEEDS = "this test needs a PostgreSQL server to start (Debian: apt install postgresql) and psycopg"
PLACES = "/usr/lib/postgresql"


def programs() -> Path | None:
    """Return the folder of the newest server's programs, if there is one that can be run here."""
    found = [path.parent for path in Path(PLACES).glob("*/bin/initdb")]
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or not has_user("postgres")):
        return None
    return max(found, key=lambda path: float(path.parent.name), default=None)


def has_user(name: str) -> bool:
    """Say whether this machine knows a user."""
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def as_nobody_special(command: list[str]) -> list[str]:
    """Return a command as another user may run it: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", *command]


@dataclass(frozen=True)
class Server:
    """A running server; its only user is `teacher`, with a password."""

    folder: Path
    password: str = "not:told@anyone/ever"

    def url(self, database: str, password: str | None = None) -> str:
        """Return the address of a database."""
        secret = (password or self.password).replace(":", "%3A").replace("@", "%40").replace("/", "%2F")
        return f"postgresql://teacher:{secret}@/{database}?host={self.folder}"

    def make(self, database: str) -> str:
        """Make a database and return its address."""
        self.run(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def run(self, command: str) -> list[tuple]:
        """Run one statement as the teacher."""
        import psycopg

        with psycopg.connect(
            host=str(self.folder), user="teacher", password=self.password, dbname="postgres", autocommit=True
        ) as connection:
            found = connection.execute(command)
            return found.fetchall() if found.description else []


@contextmanager
def server() -> Iterator[Server]:
    """Start a server and stop it; its folder has a short name, as that of a socket must."""
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    running = Server(folder)
    secret = folder / "password"
    secret.write_text(running.password)
    secret.chmod(0o644)
    bin_, data = programs(), str(folder / "data")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    letters = ["--encoding=UTF8", "--locale=C"]  # messages in English
    start = [
        [f"{bin_}/initdb", "-D", data, "-U", "teacher", "--pwfile", str(secret), "-A", "scram-sha-256", *letters],
        [f"{bin_}/pg_ctl", "-D", data, "-w", "-t", f"{LONG:.0f}", "-o", options, "-l", str(folder / "log"), "start"],
    ]
    try:
        for command in start:
            done = subprocess.run(as_nobody_special(command), cwd="/", capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        yield running
    finally:
        stop = [f"{bin_}/pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(as_nobody_special(stop), cwd="/", capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
