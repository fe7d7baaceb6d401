"""The fork server: a process that has imported everything once and forks a worker for each run.

Started by `autograder.grade.run.fork_client` as `python -P -m autograder.grade.run.fork_server FLAVOUR DOOR FOLDER
[--cold] [--no-sandbox]`. It runs no learner code and holds no key, reference or seed, because a forked child can
read all its memory.
Over the socket DOOR it receives a request: limits as JSON, and two sockets. `results` goes to the worker;
`control` stays here: closing it kills the run, and over it the run's end is told.

With `--cold` the process serves one request by itself, for machines where forking is not safe.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from autograder.grade.run import worker
from autograder.grade.run.ipython_shell import GradingShell, make_shell
from autograder.grade.sandbox import namespaces, process_watch
from autograder.grade.sandbox.limits import Limits, confine

NUMERIC = ["numpy", "numpy.random", "numpy.linalg", "matplotlib.pyplot"]  # NumPy reads its parts when first used
FLAVOURS = {"numpy": NUMERIC, "tensorflow": [*NUMERIC, "tensorflow", "keras", "keras.layers"]}
FIRST_GRAPH = """
import tensorflow as tf
with tf.Graph().as_default():
    product = tf.matmul(tf.ones((8, 8)), tf.ones((8, 8)))
    filled = tf.fill(tf.cast(product[0, :2], tf.int32), 0.0)
assert filled.shape == (8, 8)
"""  # the shape depends on a product, which is computed while the graph is built: a seventh of a run's time
TRIALS = {
    "numpy": "import numpy\nassert numpy.ones((2, 2)).sum() == 4",
    "tensorflow": f"{FIRST_GRAPH}assert tf.matmul(tf.ones((2, 2)), tf.eye(2)).numpy().sum() == 4",
}
# what a process does for the first time takes long; done before forking it is quick in every run
FIRST_FIGURE = """
import matplotlib.pyplot as plt
figure, (left, right) = plt.subplots(1, 2)
figure.colorbar(left.imshow([[0, 1], [2, 3]]), ax=left)
left.set(title="$d_k$ and text", xlabel="bold and plain", xticks=[0, 1], xticklabels=["a", "b"])
right.plot([1, 2], label="line")
right.legend()
plt.show()
"""  # reads fonts and sets up text: a third of a second
FIRST_ERROR = """
import numpy
numpy.linalg.inv(numpy.zeros((2, 2)))
"""  # reads what shows and colours a traceback, and where all modules lie: a sixth of a second
REQUEST_BYTES = 256
TRIAL_SECONDS = 300  # on the clock: a child that hangs uses no processor time
WATCH_SECONDS = 0.25
SPARE_MEMORY = 256 << 20  # what a run may use beside its own data before it is killed from outside
# TensorFlow's thread for the constants of graphs, which never ends. A child is without it and needs none: where there
# is one such thread only, what would be shared out is computed by who asks.
SPARE_THREAD = "tf_graph_runner"
MANY_THREADS = 16 + 8 * (os.cpu_count() or 1)  # more than TensorFlow starts; a run with more gets on last


@dataclass
class Child:
    """A run in progress."""

    pid: int
    control: socket.socket
    folder: str
    limits: Limits
    why: str = ""


@dataclass
class Server:
    """Waits for requests, for the end of runs, for the word to kill them, and for runs that use too much."""

    door: socket.socket
    folder: str
    shell: GradingShell
    sandboxed: bool
    watched: float = 0.0
    selector: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    children: dict[int, Child] = field(default_factory=dict)

    def serve(self) -> None:
        """Serve until the other end of the door closes."""
        bell, ring = socket.socketpair()
        ring.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *ignored: None)
        signal.set_wakeup_fd(ring.fileno(), warn_on_full_buffer=False)
        self.selector.register(bell, selectors.EVENT_READ, lambda: self.reap(bell))
        self.selector.register(self.door, selectors.EVENT_READ, self.answer_door)
        try:
            while True:
                for key, _ in self.selector.select(WATCH_SECONDS if self.children else None):
                    key.data()
                self.watch()
        except EOFError:
            for child in self.children.values():
                kill(child.pid)
            shutil.rmtree(self.folder, ignore_errors=True)  # the driver does this too, unless it was killed

    def answer_door(self) -> None:
        """Take a request and fork a worker for it."""
        limits, control, results = receive_request(self.door)
        if threads() != 1:
            tell(control, {"refused": f"the warm process has {threads()} threads"})
            results.close()
            control.close()
            return
        folder = "" if self.sandboxed else tempfile.mkdtemp(dir=self.folder)
        pid = os.fork()
        if pid == 0:
            become_worker(results, limits, folder, self.shell)
        results.close()
        child = self.children[pid] = Child(pid, control, folder, limits)
        self.selector.register(control, selectors.EVENT_READ, lambda: self.stop(child))
        tell(control, {"pid": pid})

    def stop(self, child: Child) -> None:
        """Kill a run whose control socket was closed at the other end."""
        if child.pid in self.children:  # else it has just ended by itself, in the same turn of the loop
            self.selector.unregister(child.control)
            kill(child.pid)

    def watch(self) -> None:
        """Kill each run whose processes together use too much memory; let one with very many make way for others."""
        if time.monotonic() < self.watched + WATCH_SECONDS:
            return
        family = process_watch.children() if self.children else {}
        for child in self.children.values():
            if not child.why and (why := too_much(child, family)):
                child.why = why
                kill(child.pid)
            elif process_watch.many_threads(child.pid, MANY_THREADS, family):
                process_watch.stand_back(child.pid, family)
        self.watched = time.monotonic()

    def reap(self, bell: socket.socket) -> None:
        """Tell the end of each run that has ended, and remove what it left."""
        bell.recv(4096)
        for child in list(self.children.values()):
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            kill(child.pid)  # what the run left behind; the number is its own until it is waited for
            pid, status = os.waitpid(child.pid, 0)
            del self.children[pid]
            if child.control in self.selector.get_map():
                self.selector.unregister(child.control)
            tell(child.control, {"ended": os.waitstatus_to_exitcode(status), "why": child.why})
            child.control.close()
            if child.folder:
                shutil.rmtree(child.folder, ignore_errors=True)


def too_much(child: Child, family: process_watch.Children) -> str:
    """Return in words of what the processes of a run together have too much, or nothing."""
    most, handles = child.limits.memory + SPARE_MEMORY, child.limits.handles
    near = process_watch.memory_at_most(child.pid, family) > most
    if near and process_watch.used_memory(child.pid, most, family) > most:
        return f"it used more than {child.limits.memory >> 20} MB of memory"
    if process_watch.open_handles(child.pid, handles, family) > handles:
        return f"it held more than {handles:,} files, sockets and pipes open at a time"
    return ""


def receive_request(door: socket.socket) -> tuple[Limits, socket.socket, socket.socket]:
    """Return the limits and the two sockets of the next request."""
    data, handles, _, _ = socket.recv_fds(door, REQUEST_BYTES, 2)
    if not data:
        raise EOFError
    control, results = (socket.socket(fileno=handle) for handle in handles)
    return Limits(**json.loads(data)), control, results


def become_worker(results: socket.socket, limits: Limits, folder: str, shell: GradingShell) -> None:
    """Carry out a plan in this process, which ends here; without a folder it does so in the sandbox."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        keep = results.fileno()
        os.closerange(3, keep)
        os.closerange(keep + 1, 4096)
        confine(limits, folder, sandboxed=not folder)
        np.random.seed()  # else all runs would draw the same numbers
        worker.serve(results, shell)
        code = 0
    finally:
        os._exit(code)


def tell(control: socket.socket, message: dict) -> None:
    """Send one line over a control socket; nobody may be listening any more."""
    with suppress(OSError):
        control.sendall(json.dumps(message).encode() + b"\n")


def kill(pid: int) -> None:
    """Kill a run: the first process of its namespace, with which all others end, its group, and its keeper."""
    inside = process_watch.started_by(pid)
    for end, number in [*((os.kill, child) for child in inside), (os.killpg, pid), (os.kill, pid)]:
        with suppress(ProcessLookupError, PermissionError):
            end(number, signal.SIGKILL)


def threads() -> int:
    """Return the number of threads of this process that a forked child may miss; forking is safe with one."""
    try:
        tasks = os.listdir("/proc/self/task")
    except OSError:  # not Linux
        return 1
    return sum(name_of(task) != SPARE_THREAD for task in tasks)


def name_of(task: str) -> str:
    """Return the name of a thread of this process, none where it has just ended."""
    with suppress(OSError):
        return Path(f"/proc/self/task/{task}/comm").read_text().strip()
    return ""


def trial(flavour: str, shell: GradingShell, folder: str) -> bool:
    """Say whether a forked child can compute where runs will: one is forked and watched."""
    if threads() != 1:
        return False
    pid = os.fork()
    if pid == 0:
        good = False
        try:
            signal.alarm(TRIAL_SECONDS)
            confine(Limits(), folder, sandboxed=not folder)
            signal.alarm(TRIAL_SECONDS)
            good = shell.run(TRIALS[flavour])[1]
        finally:
            os._exit(0 if good else 1)
    return os.waitpid(pid, 0)[1] == 0


def warm_up(shell: GradingShell, *texts: str) -> None:
    """Run cells whose work need not be done again; no name stays behind for a learner who forgot an import."""
    known = set(shell.user_ns)
    for text in texts:
        shell.run(text)
    for name in set(shell.user_ns) - known:
        del shell.user_ns[name]


def main() -> None:
    """Import what the flavour needs, shut the process off, try one child, and serve."""
    flavour, door, folder = sys.argv[1], socket.socket(fileno=int(sys.argv[2])), sys.argv[3]
    sandboxed, cold = "--no-sandbox" not in sys.argv, "--cold" in sys.argv
    for name in FLAVOURS[flavour]:
        importlib.import_module(name)
    shell = make_shell()
    if not cold:
        warm_up(shell, FIRST_FIGURE, FIRST_ERROR)
    if sandboxed:
        try:
            namespaces.prepare()
        except namespaces.Refused as refused:
            tell(door, {"refused": str(refused)})
            return
    if cold:
        limits, control, results = receive_request(door)
        become_worker(results, limits, "" if sandboxed else tempfile.mkdtemp(dir=folder), shell)
    if flavour == "tensorflow":
        warm_up(shell, FIRST_GRAPH)  # not earlier: it starts a thread, and who builds the sandbox has one only
    gc.collect()
    gc.freeze()  # objects that the collector never touches stay shared with the children
    tell(door, {"ready": trial(flavour, shell, "" if sandboxed else folder)})
    Server(door, folder, shell, sandboxed).serve()


if __name__ == "__main__":
    main()
