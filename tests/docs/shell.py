"""Runs the commands of a page in a course, in order, as a reader would type them in one terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.docs.blocks import ROOT, Commands
from tests.waiting import LONG, free_port, listens, stop, wait_for_program

LOG = "server.log"
JOINED = "Registered to"  # what a Dask worker writes when its scheduler has taken it
TRACE = "env > .env_after"  # what a block exports holds for the blocks after it


class Terminal:
    """A folder and an environment; the ports that a page names are replaced by free ones."""

    def __init__(self, folder: Path) -> None:
        """Begin with a clean environment in which this Python and its programs come first."""
        self.folder, self.servers, self.ports = folder, ExitStack(), {}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(folder), "COLUMNS": "200"}
        for name in [name for name in self.environment if name.startswith(("ATTENTION_", "DASK_"))]:
            del self.environment[name]

    def run(self, block: Commands) -> str:
        """Run one block; return what it printed. Raises AssertionError where it ends otherwise than the page says."""
        if block.mark == "server":
            return self.serve(block)
        script = f"set -eu\n{self.text(block)}\n{TRACE}\n"
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONG,
        )
        expected = int(block.about) if block.mark == "fails" else 0
        assert done.returncode == expected, (
            f"{block.page.name}: {block.text}\nended with {done.returncode}:\n{done.stdout}"
        )
        self.remember()
        return done.stdout

    def serve(self, block: Commands) -> str:
        """Start a server, and wait until it listens where the page says, or has joined another."""
        if block.about.isdigit():
            self.ports[block.about] = str(free_port())
        joined = self.joined()
        process = self.servers.enter_context(running(self.text(block), self.folder, self.environment))
        if block.about.isdigit():
            port = int(self.ports[block.about])
            what = f"`{block.text.strip()}` to listen on port {port}"
            wait_for_program(process, lambda: listens(port), what, self.folder / LOG)
        elif block.about == "worker":
            what = f"`{block.text.strip()}` to join its scheduler"
            wait_for_program(process, lambda: self.joined() > joined, what, self.folder / LOG)
        return ""

    def joined(self) -> int:
        """Return how many workers have joined a scheduler."""
        log = self.folder / LOG
        return log.read_text(encoding="utf-8", errors="replace").count(JOINED) if log.exists() else 0

    def text(self, block: Commands) -> str:
        """Return the commands with free ports in place of the page's."""
        return re.sub(r"\b\d{4,5}\b", lambda found: self.ports.get(found[0], found[0]), block.text)

    def remember(self) -> None:
        """Keep what was exported."""
        path = self.folder / ".env_after"
        if path.exists():
            lines = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
            exported = {name: value for name, _, value in lines if name.startswith(("ATTENTION_", "DASK_"))}
            self.environment |= exported

    def __enter__(self) -> Terminal:
        """Return the terminal."""
        return self

    def __exit__(self, *ignored: object) -> None:
        """End the servers."""
        self.servers.close()


@contextmanager
def running(text: str, folder: Path, environment: dict[str, str]):
    """Keep a command running in a group of its own."""
    with (folder / LOG).open("a") as file:
        process = subprocess.Popen(
            ["sh", "-c", f"exec {text.strip()}"], cwd=folder, env=environment, stdout=file, stderr=file
        )
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM)
