"""How much memory and processor time a run uses with all the processes it started, read from outside.

What is read is partly the learner's: a process can name itself anything, so names are never decoded, and it can
hide its memory map, so a coarser figure stands in. All of a run's shared memory lies in its small /tmp: the seccomp
filter denies every other kind, because pages that nobody has mapped are in no process's figures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100  # a second, in which the kernel counts time
HANDLE = 256 << 10  # what the kernel may hold in the buffer of one open socket or pipe
MOST_HANDLES, INHERITED = 256, 16
OWN = (b"Private_", b"Swap:", b"Pss_Shmem:")
HELD, TABLES = (b"VmRSS:", b"VmSwap:", b"HugetlbPages:"), b"VmPTE:"

Children = dict[int, list[int]]


def read(path: str) -> bytes:
    """Return the bytes of a file in /proc; raises OSError where the process has ended or hides itself."""
    with open(path, "rb") as file:
        return file.read()


def children() -> Children:
    """Return the children of every process, read once for all runs."""
    found: Children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError, ValueError, IndexError):  # it has ended
            parent = read(f"/proc/{name}/stat").rpartition(b")")[2].split()[1]
            found.setdefault(int(parent), []).append(int(name))
    return found


def tree(root: int, family: Children | None = None) -> Iterator[int]:
    """Yield a process and all its descendants; in its own namespace none can leave the tree."""
    family = children() if family is None else family
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += family.get(pid, [])


def private_memory(pid: int) -> int:
    """Return the bytes that a process has for itself alone, without what it shares with the warm process."""
    with suppress(OSError, ValueError, IndexError):
        return bytes_in(f"/proc/{pid}/smaps_rollup", *OWN)
    with suppress(OSError, ValueError):
        resident, shared = read(f"/proc/{pid}/statm").split()[1:3]
        return (int(resident) - int(shared)) * PAGE
    return 0  # it has ended


def bytes_in(path: str, *names: bytes) -> int:
    """Return the bytes in those lines of a file in /proc that begin so: `VmRSS:  12 kB`; raises what `read` does."""
    return sum(int(line.split()[1]) << 10 for line in read(path).splitlines() if line.startswith(names))


def in_status(pid: int, *names: bytes) -> int:
    """Return the bytes that these lines of a process's status tell."""
    with suppress(OSError, ValueError, IndexError):
        return bytes_in(f"/proc/{pid}/status", *names)
    return 0  # it has ended


def kernel_memory(pid: int) -> int:
    """Return the bytes that the kernel may hold for a process: its page tables, and its sockets' and pipes' buffers."""
    return in_status(pid, TABLES) + handles_of(pid) * HANDLE


def handles_of(pid: int) -> int:
    """Return how many files, sockets and pipes a process holds open; as many as it may where it hides them."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        return MOST_HANDLES
    except OSError:
        return 0  # it has ended


def used_memory(root: int, enough: int, family: Children | None = None) -> int:
    """Return the bytes that a run uses, counted until it is more than `enough`."""
    total = 0
    for pid in tree(root, family):
        total += private_memory(pid) + kernel_memory(pid)
        if total > enough:
            break
    return total


def memory_at_most(root: int, family: Children | None = None) -> int:
    """Return bytes that are no less than a run uses, for what it shares with the warm process is counted, too.

    The kernel has this at hand. To count what a process has for itself alone, it walks through all of its memory, which
    takes 9 ms where TensorFlow is loaded, and holds the run up meanwhile. The figure at hand may lag behind by some
    pages for each processor.
    """
    return sum(in_status(pid, *HELD, TABLES) + handles_of(pid) * HANDLE for pid in tree(root, family))


def processor_seconds(root: int) -> float:
    """Return the processor time of a run: of its processes, and of those that have ended and were waited for."""
    ticks = 0
    for pid in tree(root):
        with suppress(OSError, ValueError, IndexError):  # it has ended
            fields = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime of proc(5)
    return ticks / TICKS


def own_seconds(pid: int) -> float:
    """Return the processor time of one process alone; 0 where it has ended."""
    with suppress(OSError, ValueError, IndexError):
        return sum(map(int, read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[11:13])) / TICKS
    return 0.0


def resident_memory(pid: int) -> int:
    """Return the bytes of memory that one process has, what it shares included; 0 where it has ended."""
    with suppress(OSError, ValueError, IndexError):
        return int(read(f"/proc/{pid}/statm").split()[1]) * PAGE
    return 0


def idle_seconds() -> float:
    """Return for how long the processors of this machine have had nothing to do, one after another added up."""
    with suppress(OSError, ValueError, IndexError):
        return sum(map(int, read("/proc/stat").split(maxsplit=6)[4:6])) / TICKS  # idle, iowait
    return 0.0


def killed_for_memory() -> int:
    """Return how many processes the kernel has killed since it was started because no memory was left."""
    with suppress(OSError, ValueError, StopIteration):
        return next(int(line.split()[1]) for line in read("/proc/vmstat").splitlines() if line.startswith(b"oom_kill "))
    return 0


def many_threads(root: int, most: int, family: Children | None = None) -> bool:
    """Say whether the processes of a run have more than `most` threads together."""
    count = 0
    for pid in tree(root, family):
        with suppress(OSError, ValueError, IndexError):
            count += int(read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[17])
    return count > most


def open_handles(root: int, enough: int, family: Children | None = None) -> int:
    """Return how many files, sockets and pipes the processes of a run hold open, counted until more than `enough`.

    What a process has from its parent is not counted: to have many processes is another matter.
    What a user has of some things is limited for all processes together: the pages of pipes, what epoll looks at.
    """
    count = 0
    for pid in tree(root, family):
        count += max(0, handles_of(pid) - INHERITED)
        if count > enough:
            break
    return count


def stand_back(root: int, family: Children | None = None) -> None:
    """Give all threads of a run the lowest priority, so that however many they are, others get on."""
    for pid in tree(root, family):
        with suppress(OSError):
            for thread in map(int, filter(str.isdigit, os.listdir(f"/proc/{pid}/task"))):
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, thread, 19)


def started_by(pid: int) -> list[int]:
    """Return the children of one process."""
    try:
        return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]
    except (OSError, ValueError):  # it has ended, or this kernel does not list them
        return children().get(pid, [])
