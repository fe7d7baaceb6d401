"""What must be the same on all machines that grade a class: this package, Python, and the libraries of learner code."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from autograder.course.judging_code import judging_digest

MET_BY_LEARNERS = ("numpy", "tensorflow", "tensorflow-cpu", "keras", "matplotlib", "ipython")
MAKE_PAGES = ("nbgrader", "nbconvert", "nbformat", "mistune", "pygments", "nh3", "latex2mathml")
LIBRARIES = (*MET_BY_LEARNERS, *MAKE_PAGES)


@lru_cache(maxsize=1)  # a constant of this process: what was imported stays, whatever is installed later
def versions() -> dict[str, str]:
    """Return what must be the same on all machines, for the same submission to give the same records."""
    return {"autograder": judging_digest()[:12], "python": platform.python_version()} | installed()


def installed() -> dict[str, str]:
    """Return the versions of the libraries that learner code meets, and of those that make results."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def version_differences(there: dict[str, str], here: dict[str, str]) -> str:
    """Say in words how the versions of a worker differ from those of the driver; empty where they do not."""
    names = [name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)]
    return ", ".join(f"{name} {there.get(name, 'missing')} instead of {here.get(name, 'none')}" for name in names)
