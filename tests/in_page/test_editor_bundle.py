"""The editor's bundle: made of the pinned packages and nothing else, with their licences, and it reaches nowhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from tests.built_book import ROOT
from tests.waiting import LONG

IN_PAGE = ROOT / "book" / "_ext" / "in_page"
SOURCE = IN_PAGE / "editor"
BUNDLE = IN_PAGE / "js" / "editor.min.js"
LICENCES = SOURCE / "LICENSE"
PACKAGE = re.compile(r"^([a-z@][a-z0-9@/-]*) (\d+\.\d+\.\d+)$", re.MULTILINE)
MOST_BYTES = 400_000
# What runs text as a program or asks for something: no editor needs one of them.
REACHES = (
    r"\beval\b|\bFunction\s*\(|\bimport\s*[(.{*\"']|\bfrom\s*[\"']|importScripts|\bfetch\b|"
    r"XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bWorker\b"
)


def licensed() -> dict[str, str]:
    """Return the version of each package that the list of licences names."""
    return dict(PACKAGE.findall(LICENCES.read_text(encoding="utf-8")))


def locked() -> dict[str, str]:
    """Return the version of each package in package-lock.json."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    return {name.removeprefix("node_modules/"): one["version"] for name, one in packages.items() if name}


def test_the_bundle_and_its_licences_are_made_again_to_the_byte(tmp_path):
    node = shutil.which("node")
    if not node or not (ROOT / "node_modules" / "esbuild").is_dir():
        pytest.skip("node or esbuild is not there to bundle with: `make setup` fetches it where npm is installed")
    bundle, licences = tmp_path / "editor.min.js", tmp_path / "LICENSE"
    command = [node, SOURCE / "build.mjs", bundle, licences]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LONG)
    assert result.returncode == 0, result.stderr
    hint = "is not what the sources and packages make: `npm ci && make editor`"
    assert licences.read_bytes() == LICENCES.read_bytes(), f"{LICENCES.name} {hint}"
    assert bundle.read_bytes() == BUNDLE.read_bytes(), f"{BUNDLE.name} {hint}"


def test_each_package_in_the_bundle_is_locked_and_has_its_licence():
    assert licensed() and licensed().items() <= locked().items()
    imported = {
        name
        for path in SOURCE.glob("*.js")
        for name in re.findall(r'^import .* from "([^.].*)";$', path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(imported) == 7 and imported <= licensed().keys()
    said = LICENCES.read_text(encoding="utf-8")
    assert said.count("\n  Copyright (C) 20") == len(licensed()) and "Permission is hereby granted" in said


def test_the_packages_of_npm_are_pinned_exactly():
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert wanted.items() <= locked().items()


def test_who_reads_the_bundle_reads_the_licences():
    assert LICENCES.read_text(encoding="utf-8") in BUNDLE.read_text(encoding="utf-8")


def test_the_bundle_reaches_nowhere_and_runs_no_text():
    code = BUNDLE.read_text(encoding="utf-8")
    assert not re.search(REACHES, code)
    assert set(re.findall(r"(?:\w+:|[\"'`(])//\w[^\s\"'`<>]*", code)) == {
        "http://www.w3.org/2000/svg"
    }  # a name, never asked for
    assert set(re.findall(r"url\((.{9})", code)) <= {"'data:ima"}


def test_the_bundle_is_one_small_module_with_one_name():
    code = BUNDLE.read_text(encoding="utf-8")
    assert re.findall(r"export\s*\{.*?\}|export\s+\w+", code) == [re.search(r"export\{\w+ as makeEditor\}", code)[0]]
    assert len(BUNDLE.read_bytes()) < MOST_BYTES
