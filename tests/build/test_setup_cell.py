"""The first cell of a notebook finds its two files, downloads them, or says what to do."""

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from autograder.authoring.setup_cell import setup_text
from tests.waiting import LONG

FILES = {"check.py": "check = hint = progress = print\n", "reference.json": "{}"}


def run_cell(folder, address):
    """Run the cell as a notebook would, in `folder`, and return the finished process."""
    text = setup_text("05_topic", address) + "\nprint('ready')\n"
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    command = [sys.executable, "-c", text]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONG)


@pytest.fixture
def server(tmp_path_factory):
    """Serve the exercise's files on this machine and yield the address."""
    root = tmp_path_factory.mktemp("site")
    (root / "05_topic").mkdir()
    for name, text in FILES.items():
        (root / "05_topic" / name).write_text(text)
    handler = partial(SimpleHTTPRequestHandler, directory=root)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def test_what_else_the_notebook_reads_is_named():
    alone, more = setup_text("05_topic", ""), setup_text("05_topic", "", ["model.py", "model.json"])
    assert "Put the notebook, check.py, reference.json, model.py and model.json into one folder" in more
    names = 'for name in ("check.py", "reference.json"{}):'
    assert names.format("") in alone and names.format(', "model.py", "model.json"') in more


def test_files_beside_the_notebook_are_used(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    assert run_cell(tmp_path, "http://127.0.0.1:9").stdout == "ready\n"


def test_missing_files_are_downloaded(tmp_path, server):
    done = run_cell(tmp_path, server)
    assert done.stdout == "ready\n", done.stderr
    assert {p.name: p.read_text() for p in tmp_path.iterdir() if p.is_file()} == FILES


def test_a_missing_page_is_one_sentence_and_leaves_no_file(tmp_path, server):
    done = run_cell(tmp_path, f"{server}/elsewhere")
    assert "could not be downloaded" in done.stderr and "404" in done.stderr
    assert "Traceback" not in done.stderr and not list(tmp_path.glob("*.py"))


def test_without_an_address_it_says_what_to_do(tmp_path):
    done = run_cell(tmp_path, "")
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "Put the notebook, check.py and reference.json into one folder" in done.stderr
