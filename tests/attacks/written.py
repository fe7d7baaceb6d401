"""Attacks by what is written: in the file that is handed in, in messages that become cells of tables, and beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from autograder.storage.safe_text import HIDDEN
from tests.attacks.grader import no_formula_is_written
from tests.attacks.record import Attack, Outcome, assert_runs_nothing
from tests.attacks.resources import small

SCRIPT = "<script>alert(31)</script>"


def nothing_hides(outcome: Outcome) -> None:
    """Assert that no sign in the tables or in the terminal acts or hides."""
    tables = "".join(str(list(row.values())) for name in ("grades.csv", "checks.csv") for row in outcome.rows(name))
    raw = (outcome.root / "_build" / "grading" / "checks.csv").read_text(encoding="utf-8")
    assert tables and not HIDDEN.search(outcome.said + raw)


def no_cell_of_another_program_is_a_formula(outcome: Outcome) -> None:
    """Assert that nothing begins like a formula behind a sign by which another program separates cells."""
    cells = [value for name in ("grades.csv", "checks.csv") for row in outcome.rows(name) for value in row.values()]
    assert any("HYPERLINK" in cell for cell in cells)
    for sign in ";|\t\n":
        assert not [part for cell in cells for part in cell.split(sign) if part.lstrip(' "')[:1] in ("=", "@", "＝")]
    no_formula_is_written(outcome)


def raising(name: str, how: str, text: str, after: Callable[[Outcome], None]) -> Attack:
    """Return an attack whose message is told in tables, in the terminal and on the page."""
    return Attack(
        name, f"class Unreadable(TypeError): pass\ndef mean_rows(X): raise Unreadable({text!r})\n", how, after=after
    )


def changed(how: str, edit: Callable[[dict], object], points: tuple[float, float] = (0, 3), after=None) -> Attack:
    """Return an attack that changes the file as JSON."""

    def edited(notebook: NotebookNode) -> bytes:
        content = json.loads(json.dumps(notebook))
        text = edit(content)
        return text if isinstance(text, bytes) else json.dumps(content).encode()

    return Attack("what is in the file", how=how, points=points, edit=edited, after=after)


def put(content: dict, *path: str, value: object) -> None:
    """Write a value deep into the file."""
    for name in path[:-1]:
        content = content.setdefault(name, {})
    content[path[-1]] = value


def old_outputs(content: dict) -> None:
    """Put hostile outputs, attachments and widgets into the file."""
    shown = new_output("display_data", data={"text/html": SCRIPT, "application/javascript": "alert(32)"})
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [shown, new_output("execute_result", data={"text/plain": "5.0", "text/html": SCRIPT})]
    content["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {SCRIPT: {}}}}


def escaped(content: dict) -> bytes:
    """Return the file with half a character, NaN and a key twice in it."""
    content["cells"].append(new_code_cell("x = 'HALF'", metadata={"x": float("nan")}))
    text = json.dumps(content).replace("HALF", "\\ud800\\u0000")
    return text.replace('"nbformat":', '"nbformat": 1, "nbformat":', 1).encode()


def many_files(folder: Path) -> None:
    """Put many files and a deep folder beside the notebook, with names that programs take for options."""
    deep = folder.joinpath(*["d"] * 200)
    deep.mkdir(parents=True)
    for name in [*(f"{number}.txt" for number in range(500)), "-rf", "*", "$(id)", "a\nb", "%s%n"]:
        (folder / name).write_text("")
    (folder / "timestamp.txt").mkdir()


ATTACKS = [
    raising(
        "formula injection in CSV",
        "for programs with other separators",
        'a;=HYPERLINK("x") ;"@HYPERLINK',
        no_cell_of_another_program_is_a_formula,
    ),
    raising(
        "formula injection in CSV",
        "in wide letters",
        "＝HYPERLINK(1)|=HYPERLINK(2)",
        no_cell_of_another_program_is_a_formula,
    ),
    raising(
        "formula injection in CSV",
        "behind a number with a sign",
        "; -1,5+cmd|' /C calc'!A0; @HYPERLINK",
        no_cell_of_another_program_is_a_formula,
    ),
    raising("terminal escapes", "letters of no width", "ri\u200bght\u2060\ufeff\u00ad\u3164\U000e0041", nothing_hides),
    raising(
        "terminal escapes",
        "links and titles",
        "\x1b]8;;http://evil.example\x1b\\right\x1b]8;;\x1b\\\x1bP$q\x1b\\\x85",
        nothing_hides,
    ),
    raising(
        "terminal escapes",
        "marks of rich and of Markdown",
        "[link=http://x]right[/link] [bold]**x** `y` ![z](//evil.example)",
        nothing_hides,
    ),
    raising("terminal escapes", "a pile of accents", "a" + "\u0301" * 900, nothing_hides),
    changed("outputs, attachments and widgets", old_outputs),
    changed("half a character, NaN and a key twice", escaped),
    changed(
        "a kernel of its own",
        lambda c: put(
            c,
            "metadata",
            "kernelspec",
            value={"name": "../../bin/sh", "display_name": SCRIPT, "argv": ["sh", "-c", "id"]},
        ),
    ),
    changed(
        "a language that is a path",
        lambda c: put(
            c,
            "metadata",
            "language_info",
            value={"name": "../x", "pygments_lexer": SCRIPT, "codemirror_mode": {"name": [[]]}},
        ),
    ),
    changed("100,000 keys", lambda c: put(c, "metadata", "x", value={str(n): n for n in range(100_000)})),
    changed(
        "a number of 100,000 digits",
        lambda c: json.dumps(c).replace('"nbformat":', f'"x": {"9" * 100_000}, "nbformat":', 1).encode(),
        (0, 3),
    ),
    changed("ids that are paths", lambda c: [cell.update(id="../../../x" * 50) for cell in c["cells"]]),
    changed(
        "a title that is a script",
        lambda c: put(c, "metadata", "title", value=SCRIPT),
        after=lambda outcome: assert_runs_nothing(outcome.page),
    ),
    Attack("links, devices, fifos", how="many files and deep folders", beside=many_files),
    Attack(
        "60 MB lines",
        "print('\\x1b[31m' * 100_000 + 'x')\ndef mean_rows(X): return X[0]\n",
        "100,000 colours",
        after=small,
    ),
    Attack(
        "200,000 lines",
        "from IPython.display import display\nfor n in range(20_000): display(n)\ndef mean_rows(X): return X[0]\n",
        "20,000 outputs",
        after=small,
    ),
    Attack(
        "60 MB lines",
        "import base64, struct, zlib\nfrom IPython.display import display\n"
        "def part(kind, data):\n"
        "    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))\n"
        "png = b'\\x89PNG\\r\\n\\x1a\\n' + part(b'IHDR', struct.pack('>IIBBBBB', 60_000, 60_000, 1, 0, 0, 0, 0))\n"
        "png += part(b'IDAT', zlib.compress(bytes(10_000_000))) + part(b'IEND', b'')\n"
        "display({'image/png': base64.b64encode(png).decode()}, raw=True)\ndef mean_rows(X): return X[0]\n",
        "a picture that unpacks to gigabytes",
        after=small,
    ),
]
