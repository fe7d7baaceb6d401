"""The courses and classes that are graded: copies, so that nothing in the project changes while it is measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path

import nbformat

from tests.grade import fake_course
from tests.grade.fake_course import RIGHT, answered, as_bytes, make_course, submit
from tests.sample_class import CLASS, SLUG, submission

ROOT = Path(__file__).parents[1]
# honest work only: right in three styles, one mistake, half done, blank; each check is right or wrong as a whole,
# because stock nbgrader knows no parts
STYLES = (
    "ada_einsum",
    "ben_loops",
    "dia_dropped_scale",
    "pia_reads_globals",
    "ada_einsum",
    "eli_swapped",
    "ben_loops",
    "fay_wrong_axis",
    "ray_half_done",
    "cho_blank",
)
FAKE_STYLES = (
    RIGHT,
    {"mean_rows": "def mean_rows(X):\n    return X.mean(axis=0)", "center": RIGHT["center"]},
    {**RIGHT, "mean_rows": "def mean_rows(X):\n    return X.mean(axis=1)"},
    {"mean_rows": "def mean_rows(X):\n    return np.einsum('ij->j', X) / len(X)"},
    {},
)


def tensorflow_course(root: Path) -> Path:
    """Copy the course with chapter 04 to `root`."""
    for name in ("exercises", "solutions"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("_config.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    return root


def numpy_course(root: Path) -> Path:
    """Make the small course of the tests at `root`."""
    root.mkdir(parents=True)
    return make_course(root)


def write_tensorflow_class(root: Path, count: int) -> str:
    """Write submissions to chapter 04 below `root`/class; return the assignment."""
    release = nbformat.read(root / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    for name, style in students(STYLES, count):
        path = root / "class" / name / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(submission(release, CLASS[style]))
    return SLUG


def write_numpy_class(root: Path, count: int, before: str = "") -> str:
    """Write submissions to the small course below `root`/class, with lines `before` the first answer."""
    for name, style in students(FAKE_STYLES, count):
        answers = dict(style)
        if before:
            answers["mean_rows"] = before + answers.get("mean_rows", "")
        submit(root / "class", name, as_bytes(answered(root, **answers)))
    return fake_course.SLUG


def students(styles: tuple, count: int) -> Iterator[tuple[str, object]]:
    """Return so many students, each with a style."""
    return ((f"student_{number:04}", style) for number, style in enumerate(islice(cycle(styles), count)))


Course = tuple[Callable[[Path], Path], Callable[[Path, int], str]]
COURSES: dict[str, Course] = {
    "NumPy": (numpy_course, write_numpy_class),
    "TensorFlow": (tensorflow_course, write_tensorflow_class),
}
