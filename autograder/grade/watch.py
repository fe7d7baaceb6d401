"""How much memory a run uses with all the processes it started, read from outside."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def tree(root: int) -> list[int]:
    """Return a process and all its descendants; in its own namespace none can leave the tree."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except (OSError, ValueError):
                continue  # it has ended
            children.setdefault(int(fields[1]), []).append(int(name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def private_memory(pid: int) -> int:
    """Return the bytes that a process has for itself alone, without what it shares with the warm process."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("Private_", "Swap:")))
    except (OSError, ValueError, IndexError):
        pass
    try:
        resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[1:3]
    except (OSError, ValueError):
        return 0  # it has ended
    return (int(resident) - int(shared)) * PAGE


def used_memory(root: int, enough: int) -> int:
    """Return the bytes that a run uses, counted until it is more than `enough`."""
    total = 0
    for pid in tree(root):
        total += private_memory(pid)
        if total > enough:
            break
    return total
