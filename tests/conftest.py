"""The solved notebook of the chapter whose slug stands in a test module as ``SLUG``; and the built book."""

import os

import pytest

from tests.built_book import built_book  # noqa: F401
from tests.chapters import solved_notebook

os.environ.pop("ATTENTION_DB", None)  # no test writes into a gradebook that somebody uses


@pytest.fixture(scope="module")
def notebook(request):
    """Return the names of the solved notebook, and the cells of its checks."""
    return solved_notebook(request.module.SLUG)


@pytest.fixture(scope="module")
def solved(notebook):
    """Return the names of the solved notebook."""
    return notebook[0]
