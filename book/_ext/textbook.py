"""What this book adds to Sphinx: exercise cards, mathematics without a network, a safe cache key."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

MATHJAX = "tex-svg-full.js"  # one file: every TeX extension, letters drawn as SVG, no font files


def use_local_mathjax(app: Sphinx, config: Config) -> None:
    """Copy MathJax out of the installed package `django-static-mathjax` instead of asking a CDN."""
    package = find_spec("mathjax")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("the book needs the package django-static-mathjax (it holds MathJax)")
    folder = Path(package.submodule_search_locations[0])
    config.html_static_path.append(str(folder / "static" / "mathjax" / "es5" / MATHJAX))
    config.mathjax_path = MATHJAX


def key_cache_by_shared_code(app: Sphinx, config: Config) -> None:
    """Give cached page outputs a folder named after what pages share, so that a change to it runs them again.

    The cache compares a page's own cells only; a new `plot_style.py` or a new result of an experiment would leave
    old drawings in the book.
    """
    digest, book = hashlib.sha256(), Path(app.srcdir)
    for path in sorted([*book.glob("*.py"), *book.glob("_data/*.json")]):
        digest.update(path.read_bytes())
    folder = Path(app.outdir).parent / ".jupyter_cache" / digest.hexdigest()[:12]
    config.nb_execution_cache_path = str(folder)


def describe_points(notebook: dict) -> str:
    """Return "10 checks and 2 written questions, 30 points" from a released notebook's nbgrader metadata."""
    grades = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    graded = [grade for grade in grades if grade.get("grade") and grade.get("points")]
    written = [grade for grade in graded if grade.get("solution")]
    parts = [_count(len(graded) - len(written), "check"), _count(len(written), "written question")]
    points = sum(grade["points"] for grade in graded)
    return " and ".join(part for part in parts if part) + f", {points:g} points"


def _count(number: int, noun: str) -> str:
    return "" if number == 0 else f"{number} {noun}" + ("s" if number > 1 else "")


class ExerciseCard(SphinxDirective):
    """`{exercise-card} 04_topic` with `:minutes:` and `:difficulty:`: the files of a chapter's exercise and its points.

    The points are read from the released notebook at every build, so they cannot disagree with it.
    """

    required_arguments = 1
    has_content = True
    option_spec = {"minutes": directives.unchanged_required, "difficulty": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return the card as one admonition; report an error when the exercise has not been generated."""
        slug = self.arguments[0]
        notebook = Path(self.env.srcdir).parent / "exercises" / slug / f"{slug}.ipynb"
        self.env.note_dependency(str(notebook))
        if not notebook.exists():
            raise self.error(f"the exercise of {slug} is missing: {notebook} (generate it before the book)")
        points = describe_points(json.loads(notebook.read_text(encoding="utf-8")))
        files = {f"{slug}.ipynb": "the notebook", "check.py": "the checks", "reference.json": "their reference outputs"}
        downloads = "\n".join(
            f"- {{download}}`{name} <../exercises/{slug}/{name}>`: {what}" for name, what in files.items()
        )
        facts = f"{points} · about {self.options['minutes']} minutes · {self.options['difficulty']}"
        text = "\n".join(self.content)
        return self.parse_text_to_nodes(
            f":::{{admonition}} Exercise\n:class: exercise-card tip\n\n**{facts}**\n\n{text}\n\n{downloads}\n:::\n"
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the parts with Sphinx."""
    app.connect("config-inited", use_local_mathjax)
    app.connect("config-inited", key_cache_by_shared_code)
    app.add_directive("exercise-card", ExerciseCard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
