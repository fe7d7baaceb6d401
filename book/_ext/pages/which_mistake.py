"""The table of the page "Which mistake is this?": every mistake that a check can name, sorted by what one sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from pages.punctuation import joints

if TYPE_CHECKING:
    from autograder.authoring.mistakes import Evidence

# Words on how each group shows itself, below its title. The titles are those of autograder.authoring.mistakes.
ABOUT = {
    "There are NaNs or infinities": "One of them is enough: it spreads to all that is computed from it.",
    "It stops with an error, but only sometimes": "Other inputs go through, perhaps with right numbers.",
    "An error is missing": "Bad input goes through without a word.",
    "The shape is another": "Look at the shape before you look at the numbers.",
    "Rows do not sum to one": "Attention weights share out one whole, row by row.",
    "Right for some inputs, wrong for others": "The dangerous ones: your own example may come out right.",
    "One result of several is wrong": "What is returned with it is right, so look at what this one alone needs.",
    "The right numbers in other places": "Nothing is lost, but rows, columns, or the order of results have moved.",
    "All numbers are off by one factor": "Look for what is multiplied or divided once too often, or not at all.",
    "All numbers are equal": "What should make the difference is not used.",
    "Right shape, other numbers": "Only a comparison with known numbers shows these.",
}
# The box appears only where scripts run; without it the page is complete. `?q=softmax` in the address fills it in.
FILTER = """\
<p class="mistake-filter" hidden><label>Show only what contains
<input type="search" autocomplete="off" placeholder="nan, mask, softmax …"></label>
<span role="status"></span></p>
<p class="on-paper">On paper are only the lists that were open on the screen.</p>
<script>
document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".mistake-filter"), input = box.querySelector("input");
  const groups = [...document.querySelectorAll("details.mistakes-of")].map(group => ({
    group, rows: [...group.querySelectorAll("tbody tr")], section: group.closest("section"),
  }));
  const show = () => {
    const asked = input.value.trim().toLowerCase(), words = asked.split(/\\s+/);
    const seen = new Map();
    let count = 0;
    for (const {group, rows, section} of groups) {
      const above = section.firstElementChild.textContent + " " + group.querySelector("summary").textContent;
      let here = 0;
      for (const row of rows) {
        const text = (above + " " + row.textContent).toLowerCase();
        row.hidden = !words.every(word => text.includes(word));
        here += !row.hidden;
      }
      group.hidden = !here;
      group.open = Boolean(asked && here);
      seen.set(section, (seen.get(section) || 0) + here);
      count += here;
    }
    for (const [section, here] of seen) section.hidden = !here;
    box.querySelector("span").textContent = asked ? count + " found" : "";
  };
  box.hidden = false;
  input.value = new URLSearchParams(location.search).get("q") || "";
  if (input.value) show();
  input.addEventListener("input", show);
});
</script>
"""


@dataclass(frozen=True)
class Row:
    """One mistake: what is seen, what the check says, when it shows, and where it is explained."""

    symptom: str
    name: str
    says: str
    remark: str
    function: str
    slug: str
    section: str


def read_rows(exercises: Path) -> list[Row]:
    """Return all mistakes of the released exercises, a sentence that several ways share only once."""
    found = [row for path in sorted(exercises.glob("*/reference.json")) for row in rows_of(path.parent)]
    return list(dict.fromkeys(found))


def rows_of(folder: Path) -> Iterator[Row]:
    """Yield the mistakes of one chapter from its answer key: a release holds too little of each wrong output."""
    from autograder.authoring.mistakes import Evidence, symptom
    from autograder.course.answer_key import load_key
    from autograder.course.assignment import key_path
    from autograder.course.reference import public_spec

    for check in load_key(key_path(folder.parent.parent, folder.name)).checks:
        spec = public_spec(check)
        for name, about in spec["misconceptions"].items():
            evidence = Evidence(spec, name)
            section = about["read"] or spec["read"]
            yield Row(symptom(evidence), name, about["says"], remark(evidence), spec["function"], folder.name, section)


def tasks_of(rows: list[Row]) -> Counter[str]:
    """Return in how many tasks each mistake can be made: what can be made in many is likelier, and comes first."""
    return Counter(name for name, _, _ in {(row.name, row.slug, row.function) for row in rows})


def remark(evidence: Evidence) -> str:
    """Say which part alone is wrong, where the answer stops, or on which cases nothing can be seen."""
    said = []
    if len(evidence.parts) == 1 and len(evidence.all_parts) > 1:
        said.append(f"Seen in `{evidence.parts[0]}` only.")
    if evidence.stops_on:
        said.append(f"It stops on: {first_labels(evidence.stops_on)}.")
    if evidence.hidden_on:
        said.append(f"It cannot be seen on: {first_labels(evidence.hidden_on)}.")
    return " ".join(said)


def first_labels(labels: list[str], limit: int = 3) -> str:
    """Return the first labels as text."""
    more = [f"{len(labels) - limit} more"] if len(labels) > limit else []
    return "; ".join([*labels[:limit], *more])


def nodes_of(sentence: str) -> list[nodes.Node]:
    """Return a sentence as nodes; what stands between backquotes is code, all else is taken as it is."""
    parts = sentence.split("`")
    return [nodes.literal(text=part) if n % 2 else nodes.Text(part) for n, part in enumerate(parts) if part]


class Mistakes(SphinxDirective):
    """`{mistakes}`: a section for each symptom with a table for each function, read from the keys at every build."""

    def run(self) -> list[nodes.Node]:
        """Return the filter box and the sections; report an error when no exercise has been generated."""
        exercises = Path(self.env.srcdir).parent / "exercises"
        for path in exercises.glob("*/reference.json"):
            self.env.note_dependency(str(path))
        rows = read_rows(exercises)
        if not rows:
            raise self.error(f"no reference outputs in {exercises} (generate the exercises before the book)")
        groups = {title: [row for row in rows if row.symptom == title] for title in ABOUT}
        tasks = tasks_of(rows)
        sections = [self.section(title, found, tasks) for title, found in groups.items() if found]
        return [self.by_chapter(sorted({row.slug for row in rows})), nodes.raw("", FILTER, format="html"), *sections]

    def by_chapter(self, slugs: list[str]) -> nodes.paragraph:
        """Return links to the tables of symptoms in the chapters."""
        said = nodes.paragraph(text="Each chapter also lists its symptoms in words, with numbers:")
        for slug in slugs:
            if slug in self.env.found_docs:
                before = ", " if len(said) > 1 else " "
                said += [nodes.Text(before), link_to(f"chapter {number_of(slug)}", slug, "What goes wrong")]
        said += nodes.Text(".")
        return said

    def section(self, title: str, rows: list[Row], tasks: Counter[str]) -> nodes.section:
        """Return the section of one symptom: a fold for each function, in the order of the chapters."""
        section = nodes.section(ids=[nodes.make_id(title)], names=[title.lower()])
        section += nodes.title(text=title)
        section += nodes.paragraph(text=ABOUT[title])
        for slug, function in dict.fromkeys((row.slug, row.function) for row in rows):
            found = [row for row in rows if (row.slug, row.function) == (slug, function)]
            count = f"{len(found)}&nbsp;mistake{'s' * (len(found) > 1)}"
            name = "<wbr>".join(map(escape, joints(function)))
            summary = f"<code>{name}</code> chapter&nbsp;{number_of(slug)}, {count}"
            section += nodes.raw("", f'<details class="mistakes-of"><summary>{summary}</summary>', format="html")
            section += self.table(sorted(found, key=lambda row: -tasks[row.name]))
            section += nodes.raw("", "</details>", format="html")
        return section

    def table(self, rows: list[Row]) -> nodes.table:
        """Return rows as a table: what the check says, and where it is explained."""
        table, group = nodes.table(classes=["mistakes"]), nodes.tgroup(cols=2)
        group += [nodes.colspec(colwidth=70), nodes.colspec(colwidth=30)]
        group += nodes.thead(
            "", table_row([nodes.paragraph(text="mistake")], [nodes.paragraph(text="read in the chapter")])
        )
        group += nodes.tbody("", *[table_row(self.mistake(row), [self.place(row)]) for row in rows])
        table += group
        return table

    def mistake(self, row: Row) -> list[nodes.Node]:
        """Return what a check says, and when the mistake shows."""
        said: list[nodes.Node] = [nodes.paragraph("", "", *nodes_of(row.says))]
        return said + ([nodes.paragraph("", "", *nodes_of(row.remark), classes=["when"])] if row.remark else [])

    def place(self, row: Row) -> nodes.paragraph:
        """Return a link to the section that explains it."""
        there = row.slug in self.env.found_docs
        return nodes.paragraph(
            "", "", link_to(row.section, row.slug, row.section) if there else nodes.Text(row.section)
        )


def link_to(text: str, slug: str, section: str) -> nodes.reference:
    """Return a link to a section of a chapter's page."""
    return nodes.reference("", text, internal=True, refuri=f"{slug}.html#{nodes.make_id(section)}")


def number_of(slug: str) -> int:
    """Return the number of a chapter."""
    return int(slug.partition("_")[0])


def table_row(*cells: list[nodes.Node]) -> nodes.row:
    """Return one row of a table."""
    return nodes.row("", *[nodes.entry("", *cell) for cell in cells])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive with Sphinx."""
    app.add_directive("mistakes", Mistakes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
