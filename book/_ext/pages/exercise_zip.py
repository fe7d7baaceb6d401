"""The exercise of a chapter as one zip, and the address at which Colab opens its notebook."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sphinx.application import Sphinx

FOLDER = "exercises"  # below the built book
# https://raw.githubusercontent.com/OWNER/REPOSITORY/BRANCH/FOLDER, or .../refs/heads/BRANCH/FOLDER
GITHUB = re.compile(r"https://raw\.githubusercontent\.com/([\w.-]+)/([\w.-]+)/(?:refs/heads/)?([\w.-]+)/([\w./-]+)")


def exercise_files(exercises: Path, slug: str) -> list[Path]:
    """Return the files that a learner needs: notebook, checks, reference outputs, then what else the notebook reads."""
    first = [exercises / slug / name for name in (f"{slug}.ipynb", "check.py", "reference.json")]
    return first + sorted(path for path in (exercises / slug).glob("*.*") if path.is_file() and path not in first)


def zip_bytes(files: list[Path]) -> bytes:
    """Return files as a zip with one folder, named like theirs; the same files always give the same bytes."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for path in files:
            entry = ZipInfo(f"{path.parent.name}/{path.name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # a plain file, whatever system zips it
            archive.writestr(entry, path.read_bytes(), ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def launch_links(address: str, slug: str) -> dict[str, str]:
    """Return name and address of the service that opens the notebook; it takes a repository on GitHub only.

    Not Binder: it builds what a configuration in that repository asks for, and the repository with a class's exercises
    is the teacher's, which need not have one.
    """
    match = GITHUB.fullmatch(address)
    if not match:
        return {}
    owner, repository, branch, folder = match.groups()
    notebook = f"{folder}/{slug}/{slug}.ipynb"
    return {
        "Open in Colab": f"https://colab.research.google.com/github/{owner}/{repository}/blob/{branch}/{notebook}",
    }


def exercises_of(app: Sphinx) -> dict[str, list[Path]]:
    """Return the files of every exercise that has a page in the book."""
    exercises = Path(app.srcdir).parent / "exercises"
    found = {slug: exercise_files(exercises, slug) for slug in sorted(app.env.found_docs)}
    return {slug: files for slug, files in found.items() if all(path.is_file() for path in files)}


def write_zips(app: Sphinx, exception: Exception | None) -> None:
    """Write the zip of every exercise that has a page in the book."""
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    for slug, files in exercises_of(app).items():
        folder.mkdir(exist_ok=True)
        (folder / f"{slug}.zip").write_bytes(zip_bytes(files))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("build-finished", write_zips)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
