"""The sandbox: a small read-only root for the fork server, fresh namespaces for each run.

`prepare` is called once in the fork server, before it serves: it moves the server into a root that holds
Python, its packages and the system's libraries, read-only, and nothing else: no home, no course, no other
submissions. `enter` is called in every forked child before any learner code: new user, mount, process,
network, IPC and host-name namespaces, a private /proc and scratch space, no capabilities, limits, a seccomp filter.

Both need a process with one thread. Where the kernel refuses, Refused says why and what to do.
"""

from __future__ import annotations

import os
import site
import socket
import sys
import tempfile
from pathlib import Path

from autograder.grade.sandbox import seccomp
from autograder.grade.sandbox import syscalls as kernel

NOBODY = 65534
# named one by one: /usr/local/share holds nbgrader's exchange, and courses lie below /usr/src and /usr/local/src
USR = ["bin", "lib", "lib32", "lib64", "libexec", "local/bin", "local/lib", "local/lib64"]
SHARE = ["/usr/share/fonts", "/usr/share/fontconfig", "/usr/share/locale", "/usr/share/zoneinfo"]
SYSTEM = [*(f"/usr/{name}" for name in USR), *SHARE, "/lib", "/lib32", "/lib64", "/bin"]
SETTINGS = ["/etc/ld.so.cache", "/etc/fonts", "/etc/localtime"]
PREFIX = ["bin", "lib", "lib64", "etc/fonts", "pyvenv.cfg"]  # of a Python: a course may lie in the same folder
DEVICES = ["/dev/null", "/dev/full", "/dev/random", "/dev/urandom"]  # /dev/zero would be memory that nobody counts
SCRATCH = "/scratch"  # not /tmp: Python or its packages may lie below that
PLACES = {name: SCRATCH for name in ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "KERAS_HOME")}
NAMESPACES = kernel.NEWUSER | kernel.NEWNS | kernel.NEWPID | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS
REMEDY = (
    "Allow unprivileged user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; in "
    "Docker: --security-opt seccomp=unconfined --security-opt systempaths=unconfined; in Podman: --security-opt "
    "seccomp=unconfined --security-opt unmask=ALL), grade on a Linux machine that has them, or use --no-sandbox "
    "for submissions you trust."
)


class Refused(RuntimeError):
    """The kernel does not let us build the sandbox; the text gives the reason and the remedies."""


def packages() -> list[str]:
    """Return the folders that hold this Python and what it imports, without what else lies beside them."""
    prefixes = {os.path.realpath(p) for p in (sys.prefix, sys.base_prefix)} - {"/usr", "/usr/local"}
    found = {f"{prefix}/{name}" for prefix in prefixes for name in PREFIX} | set(site.getsitepackages())
    found |= {p for p in sys.path if p and os.path.isdir(p) and ("site-packages" in p or "dist-packages" in p)}
    return sorted(os.path.realpath(p) for p in found)


def prepare() -> None:
    """Move this process into the small root; raises Refused where the kernel does not allow it."""
    if not sys.platform.startswith("linux"):
        raise Refused(f"The sandbox needs Linux, and this is {sys.platform}. {REMEDY}")
    try:
        own = os.geteuid()
        if own == 0:
            kernel.unshare(kernel.NEWNS)
        else:
            become(kernel.NEWUSER | kernel.NEWNS, own, os.getegid())
        kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
        build_root(without_nested([*SYSTEM, *SETTINGS, *DEVICES, *packages()]))
    except OSError as error:
        raise Refused(f"The sandbox cannot be built here ({error}). {REMEDY}") from error
    os.environ.update(PLACES)


def become(flags: int, user: int, group: int) -> None:
    """Enter new namespaces in which this process keeps its user and group."""
    outside_user, outside_group = os.geteuid(), os.getegid()
    kernel.unshare(flags)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {outside_user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {outside_group} 1")


def without_nested(paths: list[str]) -> list[str]:
    """Return the paths that exist, without those inside another."""
    kept: list[str] = []
    for path in sorted({p for p in paths if os.path.exists(p)}):
        if not any(path.startswith(f"{other}/") for other in kept if not os.path.islink(other)):
            kept.append(path)
    return kept


def build_root(paths: list[str]) -> None:
    """Make a root of read-only binds of `paths` on a tmpfs, and pivot into it."""
    root = tempfile.mkdtemp(prefix="attention-root-")
    kernel.mount("tmpfs", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for path in paths:
        bind(path, root + path)
    for folder in (SCRATCH, "/tmp", "/proc", "/old"):
        os.makedirs(root + folder, exist_ok=True)
    kernel.mount("/proc", f"{root}/proc", flags=kernel.MS_BIND | kernel.MS_REC)
    os.chdir(root)
    kernel.pivot_root(".", "./old")
    os.chdir("/")
    kernel.umount("/old")
    os.rmdir("/old")
    kernel.mount("none", "/", flags=kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID)


def bind(path: str, target: str) -> None:
    """Show `path` at `target`, read-only; a symbolic link is copied as a link."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.islink(path):
        os.symlink(os.readlink(path), target)
        return
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        open(target, "w").close()
    kernel.mount(path, target, flags=kernel.MS_BIND)
    device = 0 if path.startswith("/dev/") else kernel.MS_NODEV
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | device
    kernel.mount("none", target, flags=flags | kept_flags(target))


def kept_flags(path: str) -> int:
    """Return the mount flags that the kernel does not let us clear."""
    flags = os.statvfs(path).f_flag
    pairs = [(os.ST_NODEV, kernel.MS_NODEV), (os.ST_NOEXEC, kernel.MS_NOEXEC)]
    times = [(os.ST_NOATIME, 1024), (os.ST_NODIRATIME, 2048), (os.ST_RELATIME, 1 << 21)]
    return sum(mine for theirs, mine in pairs + times if flags & theirs)


def enter(scratch: int) -> str:
    """Shut this freshly forked process off; returns in a process that is number 1 of its own namespace.

    Returns the one folder that can be written to, of `scratch` bytes. The caller's process stays behind
    only to wait for the new one and passes its exit code on.
    """
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # changing user cleared it, and /proc/self must be ours
    become(NAMESPACES, os.geteuid(), os.getegid())
    child = os.fork()
    if child:
        wait_for(child)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)  # the filter sees to it that this stays so
    os.setsid()  # a group of its own: a signal to "my group" would else reach the keeper outside the namespace
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    space = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", SCRATCH, "tmpfs", space, f"size={scratch},nr_inodes=4096,mode=700")
    if not os.listdir("/tmp"):  # nothing that is needed lies there
        kernel.mount(SCRATCH, "/tmp", flags=kernel.MS_BIND)
    socket.sethostname("notebook")
    kernel.drop_capabilities()
    kernel.set_seccomp(seccomp.program())
    return SCRATCH


def wait_for(child: int) -> None:
    """Keep nothing open but wait for the child, then end as it ended, or with the process that serves."""
    os.closerange(0, 4096)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(status if status >= 0 else 128 - status)
