"""The page on which an exercise is done: the cells of its released notebook, and what its script has to know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import Path
from re import sub

from figures.markup import json_for_script

from in_page.cells import Cell, cell_html, labels, read_cells
from in_page.prose import Prose

NOTEBOOK = """\
<h1>{title}</h1>
<p class="nb-back"><a href="../{slug}.html#{exercise}">Back to the chapter</a></p>
<div id="notebook" data-slug="{slug}" data-files="{slug}/" data-pyodide="{pyodide}" data-kernel="{scripts}">
<script type="application/json" id="notebook-facts">{facts}</script>
<noscript><p class="nb-off">Scripts are off: this page cannot run Python. \
<a href="../{slug}.html#{exercise}">Download the exercise</a> instead.</p></noscript>
<p class="nb-off" id="nb-from-disk" hidden>This page lies on your disk, and from there browsers start no Python. In \
the folder of the book run <code>python -m http.server</code> and open \
<a href="http://localhost:8000/exercises/{slug}.html">localhost:8000</a>, or download the exercise.</p>
<p class="nb-off" id="nb-not-loaded" hidden>A part of this page did not come. Check the connection, and load the page \
again.</p>
<div id="nb-bar">Loading the notebook …</div>
<script>
const fromDisk = location.protocol === "file:", say = name => document.getElementById(name).hidden = false;
if (fromDisk) say("nb-from-disk"), document.getElementById("nb-bar").textContent = "";
</script>
<div id="nb-notices" role="status"></div>
<div id="nb-cells">
{cells}
</div>
<p class="nb-end">That was the last cell. <em>Download .ipynb</em> at the top gives the notebook with your answers, to \
hand in or to keep. <a href="../{slug}.html#{exercise}">Back to the chapter</a></p>
</div>
<script type="module" src="{scripts}page.js" \
onerror="fromDisk || say('nb-not-loaded')"></script>
"""


@dataclass(frozen=True)
class Surroundings:
    """What is the same for all pages: where Pyodide and the scripts lie, seen from a page, and the sizes of Pyodide.

    `mistakes` is where the book's page of known mistakes lies, where it has one.
    """

    pyodide: str
    scripts: str
    sizes: Mapping[str, int]
    mistakes: str = ""


@dataclass(frozen=True)
class Page:
    """The page's title as text and its article as HTML."""

    title: str
    body: str


def make_page(slug: str, files: list[Path], sections: Mapping[str, str], around: Surroundings) -> Page:
    """Return the page of an exercise. `files` are the notebook, its checks, their outputs, and what else it reads.

    `sections` are the chapter's sections: title to the name of its anchor. Raises ValueError for a notebook that no
    page can be made of.
    """
    notebook, checks, reference, *beside = files
    told = read_json(reference)
    cells = read_cells(read_json(notebook), told["checks"])
    addresses = {title: f"../{slug}.html#{anchor}" for title, anchor in sections.items()}
    prose = Prose(addresses)
    called = labels(cells)
    written = [
        prose_html(cell, prose) if cell.kind == "prose" else cell_html(cell, called[cell.id], prose.task)
        for cell in cells
    ]
    release = sha256(reference.read_bytes()).hexdigest()[:12]  # points of another one do not count
    facts: dict[str, object] = {"sections": addresses, "mistakes": around.mistakes, "bytes": dict(around.sizes)}
    facts |= {"release": release} | {name: told[name] for name in ("gathers",) if name in told}
    facts["files"] = [path.name for path in (checks, reference, *beside)]  # what Python reads
    body = NOTEBOOK.format(
        title=prose.title,
        slug=slug,
        pyodide=around.pyodide,
        scripts=around.scripts,
        facts=json_for_script(facts),
        exercise=sections.get("Exercise", ""),
        cells="\n".join(written),
    )
    return Page(unescape(sub(r"<[^>]+>", "", prose.title)), body)


def read_json(path: Path) -> dict:
    """Return what a file of an exercise holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def prose_html(cell: Cell, prose: Prose) -> str:
    """Return a cell of prose."""
    return f'<div class="nb-cell nb-prose" data-id="{cell.id}">{prose.html(cell.source)}</div>'
