"""The first code cell of every notebook: find `check.py`, `reference.json` and what else it reads, or download them."""

from __future__ import annotations

from collections.abc import Sequence

TEMPLATE = """\
# Set-up: run this first.
# It finds {them} beside this notebook, or downloads them.
import sys
import urllib.request
from pathlib import Path

ADDRESS = {address!r}
for name in {names}:
    if not Path(name).is_file():
        try:
            if not ADDRESS:
                raise OSError("no download address is set")
            with urllib.request.urlopen(f"{{ADDRESS}}/{{name}}", timeout=20) as reply:
                data = reply.read()
        except OSError as error:
            raise SystemExit(
                f"{{name}} is not beside this notebook and could not be downloaded ({{error}}). "
                "Put the notebook, {them} into one folder "
                "and run this cell again."
            ) from None
        Path(name).write_bytes(data)
sys.path.insert(0, str(Path.cwd()))
from check import check, hint, progress"""


def setup_text(slug: str, exercises_url: str, beside: Sequence[str] = ()) -> str:
    """Return the text of the set-up cell of a chapter; the address is empty while none is set.

    `beside` are the names of the files that the notebook reads besides check.py and reference.json.
    """
    *first, last = names = ["check.py", "reference.json", *beside]
    address = f"{exercises_url}/{slug}" if exercises_url else ""
    listed = ", ".join(f'"{name}"' for name in names)
    return TEMPLATE.format(address=address, names=f"({listed})", them=f"{', '.join(first)} and {last}")
