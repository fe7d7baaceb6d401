"""The helpers: a process that has imported everything once, and forks a helper for whoever asks.

Started by `autograder.grade.helper.nursery` as `python -P -m autograder.grade.helper.server DOOR`. Over the socket DOOR
it receives the sockets of helpers that are wanted. A helper answers one request after the other, with limits of its
own; learner code runs elsewhere: the helper asks for a run over its socket and is handed the run's own socket.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.grade.helper import messages
from autograder.grade.helper.messages import Message
from autograder.grade.run.fork_client import ForkServerError
from autograder.grade.run.protocol import exact_reader
from autograder.grade.sandbox.limits import Limits, data_in_use

MARKING = "autograder.grade.helper.marking"
FIRST_TO_DIE = "500"  # where memory runs out, the kernel ends a helper before the driver, and learner code before both
SPARE_SECONDS = 10  # by which the kernel's own limit on processor time lies above the one that is told


class Channel:
    """The helper's end of its socket."""

    def __init__(self, connection: socket.socket) -> None:
        """Use this socket."""
        self.connection = connection
        self.read = exact_reader(connection.makefile("rb"))

    def tell(self, head: dict[str, Any], **parts: bytes) -> None:
        """Send a message."""
        self.connection.sendall(Message(head, parts).as_bytes())

    def request(self) -> Message:
        """Return the next request; raises EOFError where none will come."""
        return messages.received(self.read, messages.ASKED)

    def reply(self) -> tuple[dict[str, Any], list[int]]:
        """Return the short reply to what the helper asked for, and the sockets that came with it."""
        data, handles, _, _ = socket.recv_fds(self.connection, 4096, 1)
        if not data:
            raise EOFError
        return json.loads(data), handles

    def start_run(self, flavour: str, limits: Limits) -> RunElsewhere:
        """Ask for a run; raises ForkServerError where none can be started."""
        self.tell({"kind": "run", "flavour": flavour, "limits": vars(limits)})
        told, handles = self.reply()
        if "refused" in told:
            raise ForkServerError(told["refused"])
        return RunElsewhere(self, socket.socket(fileno=handles[0]), told["pid"], told["patience"])


class RunElsewhere:
    """A run that the other end of the channel has started: its results come straight to the helper."""

    def __init__(self, channel: Channel, results: socket.socket, pid: int, patience: int) -> None:
        """Remember the run; in `patience` seconds it takes a plan."""
        self.channel, self.results, self.pid, self.patience, self.why = channel, results, pid, patience, ""

    def ended(self, seconds: float) -> int | None:
        """Return the exit code if the run ends so soon; `why` says what is known."""
        self.channel.tell({"kind": "ended", "seconds": seconds})
        told, _ = self.channel.reply()
        self.why = told["why"]
        return told["code"]

    def kill(self) -> None:
        """End the run and everything it started."""
        self.results.close()
        self.channel.tell({"kind": "kill"})


def serve(channel: Channel, memory: int) -> None:
    """Answer requests until there are no more; each may take so many bytes of memory more than there are now."""
    answer = importlib.import_module(MARKING).answer
    channel.tell({"kind": "ready", "pid": os.getpid()})
    while True:
        request = channel.request()
        limit(memory, request.head["seconds"])
        try:
            message = answer(messages.opened(request.parts["request"]), channel)
            channel.tell({"kind": "answer"}, answer=message.as_bytes())
        except ForkServerError as error:
            channel.tell({"kind": "no run", "text": str(error)})
        except importlib.import_module(MARKING).TooLarge as error:
            channel.tell({"kind": "too large", "text": str(error)})
        except MemoryError:
            channel.tell({"kind": "memory"})
        except Exception as error:
            told = traceback.format_exc()[-20_000:].encode("utf-8", "backslashreplace").decode()
            channel.tell({"kind": "failed", "text": f"{error}"[:300], "details": told})


def limit(memory: int, seconds: float) -> None:
    """Let the kernel keep limits too: they lie above those that the other end keeps, and says something about."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    wanted = int(used.ru_utime + used.ru_stime + seconds) + SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    if sys.platform.startswith("linux"):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = data_in_use() + 2 * memory
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def become_helper(connection: socket.socket, memory: int) -> None:
    """Be a helper in this process, which ends here."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        keep = connection.fileno()
        os.closerange(3, keep)
        os.closerange(keep + 1, 4096)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(FIRST_TO_DIE)
        serve(Channel(connection), memory)
    finally:
        os._exit(0)


def main() -> None:
    """Import all that helpers need, then fork one for each socket that comes through the door."""
    door = socket.socket(fileno=int(sys.argv[1]))
    importlib.import_module(MARKING).warm_up()
    gc.collect()
    gc.freeze()  # objects that the collector never touches stay shared with the helpers
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for helpers: the kernel clears them away
    door.sendall(b"ready")
    while True:
        data, handles, _, _ = socket.recv_fds(door, 256, 1)
        if not data:
            return
        connection = socket.socket(fileno=handles[0])
        if os.fork() == 0:
            become_helper(connection, json.loads(data)["memory"])
        connection.close()


if __name__ == "__main__":
    main()
