"""Finds the commands and the files that a page shows.

A command stands in a fence of the language `sh`, or indented in README.md. A comment right before it, which readers
do not see, says what the tests do with it where they do not simply run it:

    % server: 8786          it runs until the page is through; the tests wait until something listens on that port
    % server: worker        the same; the tests wait until it has joined the scheduler
    % not run: REASON       the tests read it (flags, files, targets) but do not run it
    % fails: 2              it ends with this exit code

In README.md the same stands in `<!-- -->`.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "book" / "teach").glob("*.md"))]
MARK = re.compile(r"^(?:%|<!--) (server|not run|fails): (.*?)(?: -->)?$")
FENCE = re.compile(
    r"(?P<mark>^(?:%|<!--) [^\n]*\n)?^```(?P<info>[^`\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
INDENTED = re.compile(r"(?P<mark><!-- [^\n]*\n\n?)?(?P<text>(?:^    \S.*\n(?:^\n(?=    ))?)+)", re.MULTILINE)
SHELLS = ("sh", "bash", "console", "shell", "powershell")


@dataclass(frozen=True)
class Commands:
    """One block of commands of a page; `mark` says what is done with it, and `about` how or why not."""

    page: Path
    text: str
    mark: str = ""
    about: str = ""

    @property
    def lines(self) -> list[str]:
        """Return the commands, one a line, without comments."""
        joined = re.sub(r"\s*\\\n\s*", " ", self.text)
        found = [re.sub(r"(^|\s)#.*", "", line).strip() for line in joined.splitlines()]
        return [line for line in found if line]


def commands_of(page: Path) -> list[Commands]:
    """Return all blocks of commands of a page in order."""
    text = page.read_text(encoding="utf-8")
    found = [match for match in FENCE.finditer(text) if match["info"].strip() in SHELLS]
    if page.name == "README.md":
        found += list(INDENTED.finditer(text))
    return [made(page, match) for match in sorted(found, key=re.Match.start)]


def made(page: Path, match: re.Match) -> Commands:
    """Return the block that was found, with its mark."""
    text = textwrap.dedent(match["text"])
    mark = MARK.match((match["mark"] or "").strip())
    return Commands(page, text, *(mark.groups() if mark else ()))


def files_of(page: Path) -> dict[str, str]:
    """Return the files that a page shows in full: each `code-block` with a caption, by that caption."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^(`{3,})\{code-block\}[^\n]*\n:caption: ([^\n]+)\n+(.*?)^\1$", text, re.MULTILINE | re.DOTALL)
    return {name: body for _, name, body in found}
