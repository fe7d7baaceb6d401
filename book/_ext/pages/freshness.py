"""Builds pages anew when what they share has changed, so that `make book` can leave all others as they are.

Sphinx compares a page's own file and what was noted as its dependency. It does not know the code of these
extensions, the figures' style or the results of experiments; their digests are settings here, and it compares settings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

# Read anew, and run where the cells have changed. (Of a figure's scripts the page itself holds the addresses.)
READ = ("*.py", "_data/*.json", "_ext/*/*.py", "_ext/pages/katex/*.js", "_static/interactive/*.js")
# Only written anew: the address of a file holds its digest. (do_it_here.py looks after what it has in _ext/in_page.)
KATEX, SEARCH = ("_ext/pages/katex/*.css", "_ext/pages/katex/*.js"), ("_ext/search/*.css", "_ext/search/*.js")
WRITTEN = ("_static/**/*", "_ext/*/templates/**/*", *KATEX, *SEARCH)


def digest(book: Path, patterns: Iterable[str]) -> str:
    """Return one digest of the names and contents of the files."""
    whole = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in book.glob(pattern) if path.is_file()}):
        whole.update(f"{path.relative_to(book).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def note_digests(app: Sphinx, config: Config) -> None:
    """Set the digests before Sphinx compares settings with those of the last build."""
    config.book_read, config.book_written = digest(Path(app.srcdir), READ), digest(Path(app.srcdir), WRITTEN)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the two settings."""
    app.add_config_value("book_read", "", "env")
    app.add_config_value("book_written", "", "html")
    app.connect("config-inited", note_digests)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
