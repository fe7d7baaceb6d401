"""How Pyodide is fetched: only what is missing, only the official files, and each failure is one sentence."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from tests.built_book import ROOT
from tests.in_page.extension import EXTENSIONS, load
from tests.in_page.file_server import FileServer, serving
from tests.in_page.pyodide_folder import MISSING, pyodide_folder
from tests.in_page.small_pyodide import CORE, LOCK, NEEDED, content, sha256
from tests.waiting import LONG, wait_for

fetch, web, distribution = load("fetch"), load("web"), load("distribution")
NAMES = sorted(NEEDED)
FIRST, THIRD, LAST = NAMES[0], NAMES[2], NAMES[-1]
BIG = 300_000  # bytes: more than one chunk
FILES = {name: content(name) * (BIG // len(content(name)) if name == THIRD else 1) for name in NAMES}
PINNED = {
    "version": "0.0.1",
    "address": "https://example.invalid/",
    "files": {name: {"size": len(data), "sha256": sha256(data)} for name, data in FILES.items()},
}
PATIENCE = {"timeout": LONG, "tries": 3, "pause": 0}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("http_proxy", raising=False)


@pytest.fixture
def server():
    with serving(FILES) as server:
        yield server


@pytest.fixture
def to(tmp_path):
    return tmp_path / "a" / "pyodide"


def run(server_or_address, to: Path, pinned=PINNED, **patience) -> int:
    address = getattr(server_or_address, "address", server_or_address)
    return fetch.main(["--from", address, "--to", str(to)], pinned, **PATIENCE | patience)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def complaint(capsys) -> str:
    """Return what was said on the error stream, and check that it is one line and no traceback."""
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and said.err.endswith(".\n") and "Error" not in said.err, said.err
    assert "Next" not in said.out
    return said.err


def is_whole(folder: Path) -> bool:
    return names(folder) == NAMES and all((folder / name).read_bytes() == FILES[name] for name in NAMES)


# All goes well


def test_every_file_is_fetched_once_and_the_next_step_is_said(server, to, capsys):
    assert run(server, to) == 0
    assert is_whole(to) and server.asked == dict.fromkeys(NAMES, 1)
    said = capsys.readouterr().out
    assert f"Pyodide 0.0.1 is in {to}: {len(NAMES)} files" in said
    assert f"Next: write `pyodide: {to}` below `attention:` in _config.yml, then `make book`." in said


def test_the_usual_folder_needs_no_setting(server, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert fetch.main(["--from", server.address], PINNED, **PATIENCE) == 0
    assert is_whole(tmp_path / ".pyodide") and capsys.readouterr().out.endswith("Next: `make book`.\n")
    assert (ROOT / "_config.yml").read_text(encoding="utf-8").count("\n  pyodide: .pyodide\n") == 1


def test_the_second_time_nothing_is_fetched(server, to, capsys):
    run(server, to)
    server.asked.clear()
    assert run(server, to) == 0
    assert not server.asked and "none of them fetched now" in capsys.readouterr().out


def test_an_address_without_a_slash_is_the_same(server, to):
    assert run(server.address.rstrip("/"), to) == 0 and is_whole(to)


@pytest.mark.parametrize("wrong", [b"", FILES[FIRST][:-1] + b"!", FILES[FIRST] + b"!"])
def test_a_file_that_is_there_and_is_not_the_right_one_is_fetched_again(server, to, wrong):
    run(server, to)
    server.asked.clear()
    (to / FIRST).write_bytes(wrong)
    assert run(server, to) == 0
    assert is_whole(to) and server.asked == {FIRST: 1}


def test_other_files_in_the_folder_stay(server, to):
    to.mkdir(parents=True)
    (to / "mine.txt").write_text("mine")
    assert run(server, to) == 0 and (to / "mine.txt").read_text() == "mine"


def test_a_redirect_to_another_place_of_the_web_is_followed(server, to):
    server.instead[FIRST] = (f"{server.address}elsewhere/{FIRST}", 1)
    assert run(server, to) == 0 and is_whole(to)


# What may pass is tried again, and then goes on where it was


@pytest.mark.parametrize("trouble", [FileServer.HALF, 503, 500, 429, 408])
def test_a_trouble_that_passes_is_not_told(server, to, trouble, capsys):
    server.instead[THIRD] = (trouble, 2)
    assert run(server, to) == 0
    assert is_whole(to) and server.asked[THIRD] == 3 and capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [(FileServer.HALF, "stopped in the middle of"), (503, "503 Service Unavailable"), (429, "429 Too Many Requests")],
)
def test_a_trouble_that_stays_ends_the_run_and_the_next_one_goes_on(server, to, trouble, sentence, capsys):
    server.instead[THIRD] = (trouble, 3)
    assert run(server, to) == 1
    said = complaint(capsys)
    assert sentence in said and THIRD in said and "what was fetched is kept" in said
    assert names(to) == NAMES[:2] and server.asked[THIRD] == 3
    server.instead.clear()
    server.asked.clear()
    assert run(server, to) == 0
    assert is_whole(to) and server.asked == dict.fromkeys(NAMES[2:], 1)


def test_a_server_that_falls_silent(server, to, capsys, monkeypatch):
    def impatient(address, timeout):  # where it is silent only: the other files may take their time
        yield from web.chunks(address, 0.2 if THIRD in address else timeout)

    monkeypatch.setattr(fetch, "chunks", impatient)
    server.instead[THIRD] = (FileServer.SILENT, 2)
    assert run(server, to, tries=2) == 1
    assert "was silent for 0.2 seconds" in complaint(capsys)
    assert names(to) == NAMES[:2] and server.asked[THIRD] == 2


def test_nobody_listens(to, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert run(f"http://{address}/", to) == 1
    assert f"{address} cannot be reached" in complaint(capsys)


KILLED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from in_page import fetch
fetch.main(sys.argv[3:], json.loads(sys.argv[2]))
"""


def test_a_run_that_was_killed_in_the_middle_of_a_file_goes_on(server, to):
    server.instead[THIRD] = (FileServer.SILENT, 1)
    arguments = [str(EXTENSIONS), json.dumps(PINNED), "--from", server.address, "--to", str(to)]
    with subprocess.Popen([sys.executable, "-c", KILLED, *arguments], stdout=subprocess.DEVNULL) as process:
        wait_for(server.waits.is_set, "half a file to be sent")
        process.kill()
    assert names(to) == sorted([*NAMES[:2], f"{THIRD}.part"])
    assert run(server, to) == 0
    assert is_whole(to) and server.asked == dict.fromkeys(NAMES, 1) | {THIRD: 2}


def test_a_run_that_is_stopped_from_the_keyboard_says_so(server, to, monkeypatch, capsys):
    def interrupted(address, timeout):
        yield from ([b"half"] if THIRD in address else web.chunks(address, timeout))
        if THIRD in address:
            raise KeyboardInterrupt

    monkeypatch.setattr(fetch, "chunks", interrupted)
    assert run(server, to) == 130
    assert complaint(capsys).startswith("Stopped: run the same command again")
    assert names(to) == NAMES[:2]


# What does not pass is said at once, and nothing wrong is kept


WRONG = {
    "one byte": FILES[THIRD][:-1] + b"!",
    "longer": FILES[THIRD] + b"!",
    "much longer": FILES[THIRD] * 9,
    "shorter": FILES[THIRD][:-1],
    "a page": b"<!DOCTYPE html><title>Log in</title>",
    "nothing": b"",
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_a_file_that_is_not_the_official_one_is_not_kept(server, to, data, capsys):
    server.instead[THIRD] = (data, 9)
    assert run(server, to) == 1
    assert f"{THIRD} is not the official file" in complaint(capsys)
    assert names(to) == NAMES[:2] and server.asked[THIRD] == 1


def test_no_more_is_read_than_a_file_can_have(server, to, monkeypatch):
    def counted(address, timeout):
        for chunk in web.chunks(address, timeout):
            read.append(len(chunk))
            yield chunk

    read = []
    monkeypatch.setattr(fetch, "chunks", counted)
    server.instead[FIRST] = (b"x" * 10_000_000, 9)
    assert run(server, to) == 1
    assert sum(read) <= len(FILES[FIRST]) + web.CHUNK


def test_a_right_file_stays_when_its_neighbour_cannot_be_had(server, to, capsys):
    run(server, to)
    (to / THIRD).write_bytes(b"mine")
    server.instead[THIRD] = (b"wrong", 9)
    assert run(server, to) == 1
    assert (to / THIRD).read_bytes() == b"mine" and names(to) == NAMES


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there(server, to, status, capsys):
    server.instead[FIRST] = (status, 9)
    assert run(server, to) == 1
    said = complaint(capsys)
    assert f"{server.address}{FIRST} is not to be had ({status} " in said and "--from" in said
    assert names(to) == [] and server.asked == {FIRST: 1}


def test_a_redirect_to_a_file_of_this_machine_is_not_followed(server, to, tmp_path, capsys):
    right = tmp_path / "right"
    right.write_bytes(FILES[FIRST])
    server.instead[FIRST] = (right.as_uri(), 9)
    assert run(server, to) == 1
    assert "which is not followed" in complaint(capsys) and names(to) == []


@pytest.mark.parametrize("elsewhere", ["ftp://127.0.0.1:9/x", "data:text/plain,x", "/full/pyodide-lock.json"])
def test_a_redirect_to_another_kind_of_address_or_in_a_circle_is_not_followed(server, to, elsewhere, capsys):
    server.instead[FIRST] = server.instead[LOCK] = (elsewhere, 99)
    assert run(server, to) == 1
    assert "which is not followed" in complaint(capsys) and names(to) == []


@pytest.mark.parametrize(("old", "new", "right"), [("http", "https", 1), ("https", "http", 0), ("https", "https", 1)])
def test_no_redirect_leaves_https(old, new, right):
    def ask():
        return web.Redirects().redirect_request(Request(f"{old}://a.test/x"), None, 302, "", {}, f"{new}://b.test/x")

    if right:
        assert ask().full_url == f"{new}://b.test/x"
    else:
        with pytest.raises(HTTPError):
            ask()


ADDRESSES = (
    *("", "full", "/srv/full/", "file:///etc/", "ftp://a.test/", "https://", "https:///full/", "http://a:b/"),
    *("http://a:99999/", "http://[::1/", "http://a b/", "http://a\n.test/", "http://me:word@a.test/"),
    *("https://a.test/ü/", "https://a.test/?x=", "https://a.test/#x"),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_address_of_the_web(to, address, capsys):
    assert run(address, to) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{address} is no address of a folder") and "Error" not in said and not to.exists()


# The folder


@pytest.fixture
def locked(tmp_path):
    """A folder into which this process may not write, not even as root, which gives its rights up for a while."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if root := os.geteuid() == 0:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights are another thing here")
def test_a_folder_that_may_not_be_written(server, locked, capsys):
    assert run(server, locked) == 1
    said = complaint(capsys)
    assert str(locked) in said and "cannot be written (Permission denied)" in said and "--to" in said
    assert run(server, locked / "below") == 1
    assert "cannot be written (Permission denied)" in complaint(capsys)


def test_a_file_where_the_folder_should_be(server, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    for to in (tmp_path / "file", tmp_path / "file" / "below"):
        assert run(server, to) == 1
        assert "cannot be written" in complaint(capsys)
    assert not server.asked and (tmp_path / "file").read_text() == "mine"


def test_a_folder_where_a_file_should_be(server, to, capsys):
    (to / FIRST).mkdir(parents=True)
    assert run(server, to) == 1
    assert f"{FIRST}" in complaint(capsys) and names(to) == [FIRST]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(server, to, capsys):
    to.mkdir(parents=True)
    (to / f"{THIRD}.part").symlink_to("/dev/full")  # every write to it says that the disk is full
    assert run(server, to) == 1
    assert f"{to} cannot be written (No space left on device): 0 MB have to go there" in complaint(capsys)
    assert names(to) == NAMES[:2]


# The command, and the list of the files


def test_the_command_runs_as_a_file_and_says_what_is_wrong(tmp_path):
    command = [sys.executable, EXTENSIONS / "in_page" / "fetch.py", "--from", "ftp://a.test/"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LONG)
    assert result.returncode == 1 and result.stdout == "" and not any(tmp_path.iterdir())
    assert result.stderr.startswith("ftp://a.test/ is no address") and result.stderr.count("\n") == 1


def test_help_names_the_folder_and_the_address(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        fetch.main(["--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "(.pyodide)" in said and "(https://cdn.jsdelivr.net/pyodide/v0.27.7/full/)" in said


def test_the_list_is_exactly_what_the_pages_need():
    real = pyodide_folder() or pytest.skip(MISSING)
    found = distribution.read_distribution(real)
    pins = fetch.PINNED["files"]
    assert set(pins) == set(found.files)
    of_real = {name: {"size": size, "sha256": sha256((real / name).read_bytes())} for name, size in found.files.items()}
    assert {name: pin for name, pin in pins.items() if name != LOCK} == {
        name: pin
        for name, pin in of_real.items()
        if name != LOCK  # a carrier of Pyodide may list its own packages too
    }


def test_the_list_names_one_version():
    assert f"/v{fetch.PINNED['version']}/" in fetch.PINNED["address"]
    assert {*CORE, LOCK} <= set(fetch.PINNED["files"])
    assert all(len(pin["sha256"]) == 64 and pin["size"] > 0 for pin in fetch.PINNED["files"].values())
