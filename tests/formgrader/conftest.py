"""A graded course, nbgrader's formgrader running on it, and a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from autograder.cli import main
from tests.grade.fake_course import RIGHT, answered, as_bytes, make_course, submit
from tests.waiting import LONG, stop, wait_for_program

ROOT = Path(__file__).parents[2]
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
WRITTEN = """Because **rows** differ; $x^2$ stays.

<script>window.ran = "script"</script><img src="x" onerror="window.ran = 'picture'">
<b onmouseover="window.ran = 'mouse'">bold</b> [link](javascript:window.ran=1)"""


@dataclass(frozen=True)
class Server:
    """A running server: its address and the token that opens it."""

    url: str
    token: str

    def page(self, path: str) -> str:
        """Return the address of a page of formgrader."""
        return f"{self.url}/formgrader/{path}"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a course with two submissions, graded; one answers the question in words."""
    root = make_course(tmp_path_factory.mktemp("formgrader") / "course")
    for student in ("ann", "bob"):
        notebook = answered(root, **RIGHT)
        if student == "ann":
            next(cell for cell in notebook.cells if cell.id == "written-why").source = WRITTEN
        submit(root / "class", student, as_bytes(notebook))
    grade(root)
    return root


def grade(root: Path, *flags: str) -> None:
    """Run `autograder grade` in the course."""
    with chdir(root):
        assert main(["grade", "class", *flags]) == 0


@pytest.fixture(scope="module")
def server(graded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a server whose own configuration, and no other, has formgrader in it."""
    home = tmp_path_factory.mktemp("jupyter")
    token = "token-of-the-tests"
    settings = {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": 0,  # any that is free; the server writes into a file which one it got
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(graded),
            "jpserver_extensions": {"nbgrader.server_extensions.formgrader": True},
        },
        "IdentityProvider": {"token": token},
    }
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps(settings))
    names = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run", "HOME": "."}
    environment = {**os.environ, **{name: str(home / folder) for name, folder in names.items()}}
    environment |= {"PYTHONPATH": str(ROOT), "ATTENTION_DB": ""}
    with (home / "log").open("wb") as log:
        command = [sys.executable, "-m", "jupyter_server"]
        process = subprocess.Popen(command, cwd=graded, env=environment, stdout=log, stderr=log)
    try:
        url = wait_for_program(process, lambda: answering(home / "run"), "formgrader's server to answer", home / "log")
        yield Server(url, token)
    finally:
        stop(process, signal.SIGTERM)


def answering(folder: Path) -> str:
    """Return the address at which a server answers, by the file that it wrote when it began to listen; else nothing."""
    try:
        (told,) = folder.glob("jpserver-*.json")
        url = f"http://127.0.0.1:{json.loads(told.read_text())['port']}"
        urlopen(f"{url}/api", timeout=LONG).close()
        return url
    except (OSError, ValueError):  # no file, half a file, or nobody who answers yet
        return ""


@pytest.fixture(scope="module")
def programs() -> tuple[str, str]:
    """Return where Chromium and its driver are; without them nothing else need be started."""
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if None in found:
        pytest.skip("this test needs Chromium and its chromedriver (Debian: chromium, chromium-driver)")
    return found


@pytest.fixture(scope="module")
def browser(programs: tuple[str, str], server: Server):
    """Return a headless browser that may open the server's pages."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="this test needs selenium")
    program, driver = programs
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in FLAGS:
        options.add_argument(flag)
    one = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        one.set_window_size(1200, 900)
        one.get(f"{server.url}/login?token={server.token}")
        yield one
    finally:
        one.quit()
