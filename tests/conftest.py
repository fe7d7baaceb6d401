"""The tiers; the solved notebook of the chapter whose slug stands in a test module as ``SLUG``; the built book."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests import tiers
from tests.built_book import built_book  # noqa: F401
from tests.chapters import solved_notebook
from tests.grade.same_workers import same_workers, shared_workers  # noqa: F401

os.environ.pop("ATTENTION_DB", None)  # no test writes into a gradebook that somebody uses
# The same examples each time, and none fails because the machine is slow: hypothesis looks at the clock by itself.
settings.register_profile("any machine", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)  # before tests are left out by their marks, and before xdist looks at the groups
def pytest_collection_modifyitems(items):
    """Give every test the marks and the turn of its place."""
    tiers.sort_into_tiers(items)


@pytest.hookimpl(tryfirst=True)  # before fixtures are made for it
def pytest_runtest_setup(item):
    """Leave out what comes too late, where there is an end."""
    tiers.skip_what_comes_too_late(item)


def pytest_terminal_summary(terminalreporter):
    """Say which files were not reached."""
    late = tiers.not_reached(terminalreporter.stats.get("skipped", []))
    for file, count in late.items():
        terminalreporter.line(f"{tiers.NOT_REACHED}: {count} tests of {file}")


@pytest.fixture(scope="module")
def notebook(request):
    """Return the names of the solved notebook, and the cells of its checks."""
    return solved_notebook(request.module.SLUG)


@pytest.fixture(scope="module")
def solved(notebook):
    """Return the names of the solved notebook."""
    return notebook[0]
