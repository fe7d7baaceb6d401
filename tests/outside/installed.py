"""The package as others install it: a wheel, in an environment that sees no checkout."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.chapters import ROOT
from tests.waiting import LONG

BESIDE = ("pyproject.toml", "README.md", "LICENSE")  # the package: nothing else is needed to build it
OF_EXTRAS = ("sphinx", "jupyter_book", "pybtex", "quickjs", "tensorflow", "keras", "dask", "distributed", "psycopg")
PACKAGES = ("site-packages", "dist-packages")
QUIET = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")


@dataclass(frozen=True)
class Installed:
    """An environment with the package, and a folder to work in."""

    prefix: Path
    folder: Path

    def run(self, *command: str, fails: int = 0, folder: str = "") -> str:
        """Run one of its programs and return what it printed, errors too."""
        program, *rest = command
        done = subprocess.run(
            [str(self.prefix / "bin" / program), *rest],
            cwd=self.folder / folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONG,
        )
        assert done.returncode == fails, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Return an environment in which nothing points to the checkout."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ATTENTION_"))}
        path = f"{self.prefix / 'bin'}{os.pathsep}{os.defpath}"
        data = Path(sys.prefix, "share", "jupyter")  # templates of nbconvert, which lie beside its package
        return kept | {"PATH": path, "HOME": str(self.folder), "COLUMNS": "200", "JUPYTER_PATH": str(data)}


def install(folder: Path) -> Installed:
    """Build the wheel and install it, without fetching anything; what it needs is where this Python has it.

    What only extras bring cannot be imported there.
    """
    prefix, work = folder / "environment", folder / "work"
    work.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    pip("--python", str(prefix / "bin" / "python"), "install", "--no-compile", str(wheel(folder)))
    (packages,) = prefix.glob("lib/python*/site-packages")
    # as plain folders: what an editable install has put there, which leads to the checkout, is not read
    lines = [*folders_of_packages(), f"import sys; sys.modules.update(dict.fromkeys({OF_EXTRAS}))"]
    (packages / "others.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Installed(prefix, work)


def wheel(folder: Path) -> Path:
    """Build the wheel from a copy of what it is made of: building leaves traces."""
    source = folder / "source"
    shutil.copytree(ROOT / "autograder", source / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE:
        shutil.copy(ROOT / name, source)
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(source))
    (made,) = folder.glob("*.whl")
    return made


def pip(*arguments: str) -> None:
    """Run pip without the network."""
    subprocess.run([sys.executable, "-m", "pip", *arguments, *QUIET], check=True, stdin=subprocess.DEVNULL)


def folders_of_packages() -> list[str]:
    """Return the folders of installed packages that this Python imports from."""
    found = [*site.getsitepackages(), *(path for path in sys.path if Path(path).name in PACKAGES)]
    return [path for path in dict.fromkeys(found) if Path(path).is_dir()]
