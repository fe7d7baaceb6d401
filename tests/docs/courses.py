"""The courses in which the commands of the pages are run."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import nbformat

from tests.chapters import max_points
from tests.docs.blocks import ROOT, files_of

SLUG = "02_dot_product_attention"  # NumPy alone: a class of it is graded in seconds
EXAMPLE = "09_cosine_similarity"  # the chapter that the pages build
WEEK, HANDING_OUT = (ROOT / "book" / "teach" / f"{name}.md" for name in ("week", "handing_out"))
CANVAS = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,{SLUG} (99)
    Points Possible,,,,,{max_points(SLUG):g}
"Lovelace, Ada",7001,s001,ada@example.org,1,
"O'Neil, Ben",7002,s002,ben@example.org,1,
"Cho, Seoyeon",7003,s003,cho@example.org,1,
"Ångström, Dia",7004,s004,dia@example.org,1,
"Okafor, Eli",7005,s005,eli@example.org,1,
"""
MOODLE = f"""\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 501,Ada Lovelace,s001,ada@example.org,Submitted for grading,,{max_points(SLUG):.2f},Yes,-,-,
Participant 502,Ben O'Neil,s002,ben@example.org,Submitted for grading,,{max_points(SLUG):.2f},Yes,-,-,
"""
COURSE = ("_config.yml", "nbgrader_config.py")
CLASS = {"ada": "right", "ben": "wrong", "cho": "blank"}
WRONG = "def dot_scores(*given):\n    raise ValueError('no idea')"


def course(root: Path, slug: str = SLUG) -> Path:
    """Write a course of one chapter at `root`, as `make course` leaves it."""
    for name in ("exercises", "solutions"):
        shutil.copytree(ROOT / name / slug, root / name / slug)
    shutil.copy(ROOT / "solutions" / f"{slug}_key.py", root / "solutions")
    for name in COURSE:
        shutil.copy(ROOT / name, root)
    return root


def handed_in(root: Path, how: str) -> nbformat.NotebookNode:
    """Return what a learner hands in: right throughout, with one wrong answer, or as it was released."""
    notebook = nbformat.read(root / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    solved = nbformat.read(root / "solutions" / SLUG / f"{SLUG}.ipynb", as_version=4)
    answers = {cell.id: cell.source for cell in solved.cells}
    solutions = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    for cell in solutions if how != "blank" else []:
        cell.source = answers[cell.id].replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", "")
    if how == "wrong":
        next(cell for cell in solutions if cell.id == "solution-dot_scores").source = WRONG
    return notebook


def write_class(root: Path, folder: Path) -> Path:
    """Write the submissions of a class in nbgrader's layout."""
    for student, how in CLASS.items():
        path = folder / student / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(handed_in(root, how), path)
    return folder


def submitted(root: Path) -> Path:
    """Write a course whose class has been collected."""
    write_class(course(root), root / "_build" / "grading" / "submitted")
    return root


def downloads(root: Path) -> Path:
    """Write a course with what a week brings: downloads from Moodle and Canvas, a tar, and the platforms' lists."""
    course(root)
    folder = root / "downloads"
    folder.mkdir()
    work = [nbformat.writes(handed_in(root, how)) for how in ("right", "wrong", "right", "blank", "right")]
    with zipfile.ZipFile(folder / "moodle.zip", "w") as file:
        file.writestr(f"Ada Lovelace_501_assignsubmission_file/{SLUG}.ipynb", work[0])
        file.writestr(f"Ben O'Neil_502_assignsubmission_file/{SLUG}.ipynb", work[1])
    with zipfile.ZipFile(folder / "canvas.zip", "w") as file:
        file.writestr(f"seoyeoncho_7003_90003_{SLUG}.ipynb", work[2])
        file.writestr(f"ångströmdia_7004_90004_{SLUG}-1.ipynb", work[3])
    with tarfile.open(folder / "others.tar.gz", "w:gz") as file:
        about = tarfile.TarInfo(f"Eli Okafor/{SLUG}.ipynb")
        about.size = len(work[4].encode())
        file.addfile(about, io.BytesIO(work[4].encode()))
    for name, text in {
        "roster.csv": files_of(WEEK)["roster.csv"],
        "downloads/canvas_gradebook.csv": CANVAS,
        "downloads/moodle_worksheet.csv": MOODLE,
    }.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


def roads(root: Path) -> Path:
    """Write a course on a machine with nbgrader's exchange, and a repository for each of two learners."""
    course(root)
    (exchange := root / "exchange").mkdir()
    exchange.chmod(0o777)
    (settings,) = [text for name, text in files_of(HANDING_OUT).items() if name.startswith("/etc/jupyter/")]
    (root / ".jupyter").mkdir()
    (root / ".jupyter" / "nbgrader_config.py").write_text(settings.replace("/srv/nbgrader/exchange", str(exchange)))
    (root / ".gitconfig").write_text("[user]\nname = Somebody\nemail = somebody@example.org\n")
    for student in ("ada", "ben"):
        host, place = root / "hosts" / f"{student}.git", root / "repositories" / student
        git("init", "--quiet", "--bare", "--initial-branch", "main", host)
        git("clone", "--quiet", host, place)
        path = place / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir()
        nbformat.write(handed_in(root, CLASS[student]), path)
        git("-C", place, "checkout", "--quiet", "-B", "main")
        git("-C", place, "add", ".")
        git(
            "-C", place, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "Mine"
        )
        git("-C", place, "push", "--quiet", "--set-upstream", "origin", "main")
    return root


def git(*words: str | Path) -> None:
    """Run git."""
    subprocess.run(["git", *map(str, words)], check=True, capture_output=True)


def example(root: Path) -> Path:
    """Write the chapter that the pages show, file by file, and the tests that they tell to run."""
    for page in ("own_check.md", "own_chapter.md"):
        for name, text in files_of(ROOT / "book" / "teach" / page).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "tests" / "keys", root / "tests" / "keys", ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*COURSE, "tests/__init__.py", "tests/chapters.py", "tests/waiting.py"):
        shutil.copy(ROOT / name, root / name)
    return root
