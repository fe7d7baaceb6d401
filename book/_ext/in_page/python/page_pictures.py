"""A figure of matplotlib as a picture for the page, with words for those who do not see it."""

from __future__ import annotations

import base64
import io
import sys
from typing import Any


def is_figure(value: object) -> bool:
    """Say whether a value is matplotlib's figure, without importing matplotlib."""
    module = sys.modules.get("matplotlib.figure")
    return module is not None and isinstance(value, module.Figure)


def picture_of(figure: Any) -> tuple[dict[str, Any], str]:
    """Return a figure as PNG at twice the size, for sharp screens, and a sentence about letters that it lacks."""
    from page_letters import Canvas, told_of_lacking  # which needs matplotlib

    if not isinstance(figure.canvas, Canvas):
        Canvas(figure)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
    data = out.getvalue()
    width = int.from_bytes(data[16:20], "big") // 2  # from the header of the PNG
    height = int.from_bytes(data[20:24], "big") // 2
    png = base64.b64encode(data).decode()
    message = {"what": "picture", "png": png, "width": width, "height": height, "alt": words_of(figure)}
    return message, told_of_lacking()


def words_of(figure: Any) -> str:
    """Return a picture's title and labels."""
    titles = [figure.get_suptitle() if hasattr(figure, "get_suptitle") else ""]
    for axes in figure.axes:
        titles += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
    said = "; ".join(dict.fromkeys(title.strip() for title in titles if title.strip()))
    return f"Picture: {said}" if said else "Picture"
