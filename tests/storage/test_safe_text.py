"""Text of others leaves in one way: nothing in it acts or hides, be it in a terminal, in a spreadsheet or on a page."""

from __future__ import annotations

import ast
import csv
import io
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograder
from autograder.storage.safe_text import HIDDEN, as_given, harmless, one_line, plain, readable, shown, write_table

PACKAGE = Path(autograder.__file__).parent
ALL = "".join(map(chr, range(0x110000)))
VISIBLE = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"  # signs over numbers
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
TEXTS = st.text(st.sampled_from(SIGNS + "\t\r\n ;,|\"'a1.)(\x00\x1b\x9b\u200b\u202e\ufeff\u3164\ud800"), max_size=12)


def test_nothing_is_left_that_acts_or_hides():
    left = {char for char in plain(ALL) if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    marks = {char for char in left if char in VISIBLE or 0x13430 <= ord(char) < 0x13440}  # these join hieroglyphs
    assert left - marks == {"\t", "\n"}
    assert not HIDDEN.search("이서연 Żaneta José 💥 \N{HEBREW LETTER ALEF}\u0301 क्षि")


@pytest.mark.parametrize(
    ("text", "written"),
    [("a\x1b[2J\x07", "a\\x1b[2J\\x07"), ("\u200bann\u202e", "\\u200bann\\u202e"), ("a\nb", "a\nb")],
)
def test_what_acts_is_written_out(text, written):
    assert plain(text) == readable(text).replace("\\n", "\n") == written


def test_a_line_stays_one_and_marks_are_letters():
    assert one_line("a\r\n\tb\x85c") == "a b\\x85c"
    assert shown("[bold]x[/]\n\x1b") == "\\[bold]x\\[/] \\x1b"


def cells_in(text: str, delimiter: str) -> list[str]:
    """Return the cells that a program finds in a file which it takes for one with this delimiter."""
    return [cell for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in line]


@given(TEXTS, TEXTS)
def test_no_program_finds_a_formula_by_whichever_sign_it_separates_cells(first, second):
    for own in ",;\t":
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=own).writerow([harmless(first, own), harmless(second, own), "x"])
        for delimiter in ",;\t|":
            for cell in cells_in(file.getvalue().replace("\0", ""), delimiter):
                bare = cell.lstrip(' "')
                if not (delimiter != own and is_number(bare)):
                    assert not bare.startswith(tuple(SIGNS)), (first, second, own, delimiter, cell)
                assert delimiter != own or not cell.startswith(("\t", "\r"))


def is_number(text: str) -> bool:
    """Say whether what begins with a sign is a number in brackets."""
    return re.match(r"[+\-][1.]+\s*\)", text) is not None


@given(TEXTS)
def test_what_is_harmless_stays_as_it_is(text):
    assert harmless(harmless(text)) == harmless(text)
    assert harmless(3.5) == 3.5 and harmless(None) is None


@pytest.mark.parametrize("value", ["ann", "-12", "+49123", "@ann", "ann@x.org", "a\u200bb", "이서연", "a,b"])
def test_ids_stay_as_the_platform_gave_them(value):
    assert as_given(value) == value


@pytest.mark.parametrize("value", ["=1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "a\x1bb", "a;=1", "\u202eann", "\t=1"])
def test_ids_that_could_do_harm_are_made_harmless_all_the_same(value):
    assert as_given(value) == harmless(value) != value


def test_a_table_is_written_through_it(tmp_path):
    write_table(tmp_path / "x.csv", ("who", "points"), [{"who": "=a\x1b", "points": -1.5}])
    assert (tmp_path / "x.csv").read_bytes() == b"who,points\r\n'=a\\x1b,-1.5\r\n"


# ---------------------------------------------------------------- nobody goes another way
WRITERS = {
    "storage/safe_text.py",
    "export/sheet.py",
    "export/nbgrader_csv.py",
}  # put through `harmless`
CLEANERS = {"shown", "plain", "one_line", "table_of", "harmless", "safe", "as_given"}
OURS = {  # what is printed without: our own words, numbers, and paths that whoever runs it has given
    "authoring/command.py": "what is stale in the course's own sources",
    "authoring/mistakes.py": "names in the answer key",
    "authoring/new_command.py": "the folder that was given",
    "authoring/rate.py": "chapters of the course's own sources, and counts",
    "learner/check.py": "runs beside the learner's own notebook",
}


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Return the calls in a module, with the names of what is called."""
    found = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [(ast.unparse(node.func), node) for node in found]


def test_every_csv_file_is_written_where_cells_are_made_harmless():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for name, _ in calls(path)
        if name.rpartition(".")[2] in ("writer", "DictWriter", "to_csv", "savetxt")
    }
    assert found == WRITERS
    for name in WRITERS:
        assert {"harmless", "safe"} & {called for called, _ in calls(PACKAGE / name)}, name


def test_whatever_is_printed_is_cleaned_first():
    """Of what is printed, each variable part stands inside of a call of a cleaner, or is a number of ours."""
    loose = []
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE).as_posix()
        if where in OURS or "new_course" in where:
            continue
        for name, call in calls(path):
            if name == "print" or name.endswith(("console.print", ".add_row")):
                loose += [f"{where}: {part}" for argument in call.args for part in uncleaned(argument)]
    assert set(loose) == NUMBERS, set(loose) ^ NUMBERS


NUMBERS = {  # parts that hold no text of others
    "collect/rows.py: ', '.join(parts) or 'Nothing was found.'",  # counts, and words of ours
    "collect/rows.py: f'{time}{late}'.strip()",
    "collect/rows.py: result",  # cleaned where it is put together
    "grade/report.py: found.decided",
    "grade/report.py: found.graded",
    "grade/report.py: found.late",
    "grade/report.py: found.unchanged",
    "grade/report.py: others",  # a count
    "grade/report.py: points",
    "grade/report.py: table",
    "grade/report.py: what",
    "grade/session.py: WITHOUT_SANDBOX",
    "report/terminal.py: 'hardest' if check is hard[0] else ''",
    "report/terminal.py: 'most frequent' if mistake is part.mistakes[0] else ''",
    "report/terminal.py: percent(check.share)",
    "report/terminal.py: str(len(mistake.students))",
    "report/terminal.py: told",  # counts, and words of ours
}


def uncleaned(node: ast.expr) -> list[str]:
    """Return the variable parts of an expression that go through no cleaner."""
    if isinstance(node, ast.Constant):
        return []
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in uncleaned(value)]
    if isinstance(node, ast.FormattedValue):
        return uncleaned(node.value)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in CLEANERS:
        return []
    return [ast.unparse(node)]
