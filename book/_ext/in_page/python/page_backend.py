"""matplotlib's way into the page: Agg draws the figures; `plt.show()` shows them, or else the end of the cell."""

from __future__ import annotations

from typing import Any

from page_kernel import INSTALLED
from page_letters import Canvas as FigureCanvas  # noqa: F401


def show(*_: Any, **__: Any) -> None:
    """Show all open figures now."""
    INSTALLED[0].show_figures()
