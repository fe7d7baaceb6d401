"""`collected.csv` is a log: every run adds its rows, and no run takes away what an earlier one has said."""

from __future__ import annotations

import csv
import os

from tests.collect.downloads import DAY, MONDAY, moodle, notebook, zipped

ROSTER = "id,name\nann,Ann Lee\nbob,Bob Ray\n"


def download(path, *names):
    """Write a download of Moodle's."""
    entries = [(moodle(who, n, "a.ipynb"), notebook(answer=who), MONDAY + n * DAY) for n, who in enumerate(names)]
    return zipped(path, entries)


def roster(path, text=ROSTER):
    """Write a list of the class."""
    path.write_text(text, encoding="utf-8")
    return path


def told(result):
    """Return what the log says in all its runs."""
    return [(row["run"], row["student_id"], row["result"]) for row in result.logged]


def test_a_typo_wipes_nothing_that_was_unclear(collect, tmp_path):
    path = download(tmp_path / "x.zip", "Ann Lee", "Zoe Zed")
    first = collect(path, roster=roster(tmp_path / "class.csv"))
    assert told(first) == [("1", "ann", "new"), ("1", "", "unclear")]
    wrong = collect(path, roster=roster(tmp_path / "other.csv", "id,name\nx,Xaver Xu\ny,Yan Yew\n"))
    (tmp_path / "empty").mkdir()
    nothing = collect(tmp_path / "empty")
    missing = collect(path, roster=tmp_path / "clas.csv")
    assert wrong.logged[:2] == nothing.logged[:2] == missing.logged[:2] == first.logged
    assert told(wrong)[2:] == [("2", "", "unclear")] * 2 and missing.logged == nothing.logged
    last = collect(path, roster=tmp_path / "class.csv")
    assert told(last)[-2:] == [(last.logged[-1]["run"], "ann", "unchanged"), (last.logged[-1]["run"], "", "unclear")]
    assert first.logged[1]["remark"] == last.logged[-1]["remark"]


def test_a_dry_run_is_not_logged(collect, tmp_path):
    path = download(tmp_path / "x.zip", "Ann Lee")
    collect(path)
    assert len(collect(path, dry_run=True).logged) == 1


def test_every_row_says_when(collect, tmp_path):
    result = collect(download(tmp_path / "x.zip", "Ann Lee"))
    assert result.logged[0]["collected"].endswith(" UTC") and result.logged[0]["run"] == "1"


def test_cells_that_were_made_harmless_stay_as_they_are(collect, tmp_path):
    path = download(tmp_path / "x.zip", "=1+1", '"=2', "ann\u200blee")
    texts = [(collect(path).out.parent / "collected.csv").read_text(encoding="utf-8") for _ in range(3)]
    assert texts[1].startswith(texts[0]) and texts[2].startswith(texts[1]) and texts[0].count("'=1") > 0


def test_a_table_that_another_program_has_saved_is_kept(collect, tmp_path):
    path = download(tmp_path / "x.zip", "Ann Lee")
    log = collect(path).out.parent / "collected.csv"
    log.write_text(log.read_text().replace(",", ";"), encoding="utf-8-sig")
    saved = log.read_bytes()
    assert len(collect(path).logged) == 1
    assert (log.parent / "collected-1.csv").read_bytes() == saved
    log.unlink()
    os.symlink(tmp_path / "x.zip", log)
    collect(path)
    assert (log.parent / "collected-2.csv").is_symlink() and not log.is_symlink()


def test_a_cell_with_lines_in_it_is_one_row(collect, tmp_path):
    collect(download(tmp_path / "x.zip", "Ann Lee\n5,Bob"))
    result = collect(download(tmp_path / "y.zip", "Ann Lee"))
    with (result.out.parent / "collected.csv").open(encoding="utf-8", newline="") as file:
        assert all(len(line) == len(result.logged[0]) for line in csv.reader(file))
    assert result.logged[-1]["run"] == "2"
