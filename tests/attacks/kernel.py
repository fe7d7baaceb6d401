"""Attacks on what is secret by way of the kernel, of programs, and of what Python remembers."""

from __future__ import annotations

from tests.attacks.stealing import TRY, looking

ATTACKS = [
    looking(
        "the kernel's files",
        """
places = ["/proc/kcore", "/proc/kallsyms", "/dev/mem", "/dev/kmsg", "/proc/1/environ", "/sys/kernel/debug"]
for path in [*places, "/proc/sysrq-trigger", "/dev/sda", "/dev/vda", "/dev/shm", "/dev/tty", "/dev/ptmx"]:
    try: data = open(path, "rb").read(4096)
    except OSError: continue
    if path.startswith("/dev/") and data.strip(b"\\0") or b"SECRET" in data: print("FOUND", path)
""",
    ),
    looking(
        "the kernel's files",
        """
for pid in os.listdir("/proc"):
    if pid.isdigit():
        for name in ("root", "cwd"):
            try: there = os.listdir(f"/proc/{pid}/{name}")
            except OSError: continue
            if {"boot", "var", "mnt", "sys"} & set(there): print("FOUND", pid, name, there)
        for handle in os.listdir(f"/proc/{pid}/fd"):
            try: where = os.readlink(f"/proc/{pid}/fd/{handle}")
            except OSError: continue
            if where.endswith((".db", ".ipynb", "_key.py", "course_secret")): print("FOUND", where)
""",
        "roots and handles of processes",
    ),
    looking(
        "other programs",
        """
import subprocess
for command in ("su -c id", "sudo -n id", "mount -t tmpfs x /mnt", "nsenter -t 1 -a id", "unshare -Ur id",
                "curl -m 1 http://1.1.1.1", "chroot / id"):
    try: done = subprocess.run(command.split(), capture_output=True, text=True, timeout=2)
    except (OSError, subprocess.TimeoutExpired): continue
    if done.returncode == 0: print("FOUND", command, done.stdout)
""",
    ),
    looking(
        "other programs",
        "!find / -name '*_key.py' -o -name course_secret 2>/dev/null | sed \"s/^/FO''UND /\"\n%cd /\n!ls -a\n%cd -q",
        "by magics",
    ),
    looking(
        "more rights",
        TRY
        + """
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *a):
    if getattr(libc, name)(*a) < 0: raise OSError(ctypes.get_errno(), name)
attempt("setuid", lambda: call("setuid", 0))
attempt("setgroups", lambda: os.setgroups([0]))
attempt("chroot", lambda: call("chroot", b"/proc"))
attempt("unshare", lambda: call("unshare", 0x10000000))
attempt("sethostname", lambda: call("sethostname", b"x", 1))
attempt("clock", lambda: call("clock_settime", 0, bytes(16)))
attempt("personality", lambda: call("personality", 0x0040000))
attempt("reboot", lambda: call("reboot", 0))
attempt("other priorities", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
attempt("a device", lambda: os.mknod("x", 0o60666, os.makedev(8, 0)))
attempt("a map of users", lambda: os.write(os.open("/proc/self/uid_map", 1), b"0 0 1"))
attempt("the reaper of memory", lambda: os.write(os.open("/proc/self/oom_score_adj", 1), b"-1000"))
""",
    ),
    looking(
        "more rights",
        TRY
        + """
import platform
libc = ctypes.CDLL(None, use_errno=True)
NUMBERS = {"ptrace": 101, "process_vm_readv": 310, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
           "keyctl": 250, "io_uring_setup": 425, "open_by_handle_at": 304, "kcmp": 312, "init_module": 175,
           "kexec_load": 246, "iopl": 172}
def raw(number):
    if libc.syscall(number, 0, 0, 0, 0, 0) < 0: raise OSError(ctypes.get_errno(), "no")
for name, number in NUMBERS.items() if platform.machine() == "x86_64" else (): attempt(name, lambda: raw(number))
""",
        "calls of the kernel by their numbers",
    ),
    looking(
        "what Python remembers",
        """
import inspect, linecache, sys, threading, tracemalloc
texts = [str(vars(module))[:20_000] for name, module in sys.modules.items() if name.startswith("autograder")]
texts += ["".join(entry[2]) for entry in linecache.cache.values() if len(entry) > 2]
texts += [str(frame.f_locals) for frame in sys._current_frames().values()]
if any("mean_rows_" + "loop" in text or "Misconcept" + "ion(" in text for text in texts): print("FOUND")
if threading.active_count() > 1: print("FOUND", threading.enumerate())
""",
    ),
    looking(
        "what Python remembers",
        "manager = get_ipython().history_manager\n"
        "print([row for row in manager.get_tail(100, include_latest=True) if 'axis=0' in row[2]] and 'FOUND' or '')",
        "IPython's history",
    ),
    looking(
        "the channel",
        """
import socket
for handle in map(int, os.listdir("/proc/self/fd")):
    try:
        if not os.readlink(f"/proc/self/fd/{handle}").startswith("socket"): continue
        data = socket.socket(fileno=os.dup(handle)).recv(1 << 20, socket.MSG_DONTWAIT | socket.MSG_PEEK)
    except OSError: continue
    if data: print("FOUND", data)
""",
    ),
]
