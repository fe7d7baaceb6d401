"""The card of an exercise: points, minutes, buttons to do it here, for its zip and for Colab, its files."""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.course.chapters import exercises_url
from pages.exercise_zip import FOLDER, exercise_files, launch_links, zip_bytes
from pages.textbook import describe_points

HERE = "Do it here"
CARD = """\
:::{{admonition}} Exercise
:class: exercise-card tip

**{facts}**

{text}

{files}
:::
"""


class ExerciseCard(SphinxDirective):
    """`{exercise-card} 04_topic` with `:minutes:` and `:difficulty:`: how to get a chapter's exercise, and its points.

    The points are read from the released notebook at every build, so they cannot disagree with it.
    """

    required_arguments = 1
    has_content = True
    option_spec = {"minutes": directives.unchanged_required, "difficulty": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return the card as one admonition; report an error when the exercise has not been generated."""
        slug, above = self.arguments[0], Path(self.env.srcdir).parent
        files = exercise_files(above / "exercises", slug)
        for path in (*files, above / "_config.yml"):
            self.env.note_dependency(str(path))
        if missing := [path for path in files if not path.is_file()]:
            raise self.error(f"the exercise of {slug} is missing: {missing[0]} (generate it before the book)")
        points = describe_points(json.loads(files[0].read_text(encoding="utf-8")))
        facts = f"{points} · about {self.options['minutes']} minutes · {self.options['difficulty']}"
        said = CARD.format(facts=facts, text="\n".join(self.content), files=self.how_to_start(slug, files))
        cards = self.parse_text_to_nodes(said)
        card = cards[0]
        assert isinstance(card, nodes.Element)
        card.insert(2, self.buttons(slug, files))  # below the title and the facts
        return cards

    def buttons(self, slug: str, files: list[Path]) -> nodes.paragraph:
        """Return the links: to the page on which it is done, to the zip, and where there is one to another service.

        Colab can open it once the exercises have a public address.
        """
        kilobytes = len(zip_bytes(files)) / 1000
        below = "../" * self.env.docname.count("/") + FOLDER
        links = {HERE: f"{below}/{slug}.html"} if self.is_done_here(slug) else {}
        links |= {f"Download the exercise (zip, {kilobytes:.0f}\N{NO-BREAK SPACE}kB)": f"{below}/{slug}.zip"}
        links |= launch_links(exercises_url(Path(self.env.srcdir).parent), slug)
        line = nodes.paragraph(classes=["exercise-buttons"])
        for text, address in links.items():
            classes = ["exercise-button", "do-it-here"] if text == HERE else ["exercise-button"]
            line += [nodes.reference("", text, refuri=address, classes=classes), nodes.Text(" ")]
        return line

    def is_done_here(self, slug: str) -> bool:
        """Tell whether the exercise has a page on which it is done, see do_it_here.py."""
        return bool(getattr(self.config, "do_it_here", "")) and slug in self.env.found_docs

    def how_to_start(self, slug: str, files: list[Path]) -> str:
        """Return the next step after the click, and the files one by one."""
        programs = "JupyterLab or VS Code"
        programs = f"[{programs}](start.md)" if "start" in self.env.found_docs else programs
        single = ", ".join(f"{{download}}`{path.name} <../exercises/{slug}/{path.name}>`" for path in files)
        unpack = f"{in_browser(files[2])} Or unpack" if self.is_done_here(slug) else "Unpack"
        return f"{unpack} the zip and open `{slug}.ipynb` in {programs}. The files one by one: {single}."


def in_browser(reference: Path) -> str:
    """Return how much of an exercise runs in a browser: TensorFlow does not."""
    needs = {check["needs"] for check in json.loads(reference.read_text(encoding="utf-8"))["checks"].values()}
    runs = "All but the parts with TensorFlow run" if "tensorflow" in needs else "It runs"
    return f"{runs} in your browser, with nothing to install."


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive with Sphinx."""
    app.add_directive("exercise-card", ExerciseCard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
