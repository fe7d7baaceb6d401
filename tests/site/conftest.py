"""The browser, and what has been seen of each page in it."""

from tests.site.browser import browser  # noqa: F401
from tests.site.playing import figure, figures_site  # noqa: F401
