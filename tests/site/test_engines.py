"""The tests in several browsers: an engine that is not there is named with what to install, and none passes unseen."""

from __future__ import annotations

import pytest

from tests.site import engines, firefox, webkit


def test_an_engine_that_is_not_there_is_said_and_the_others_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine, where in engines.WHERE.items():
        monkeypatch.setattr(where, "programs", lambda engine=engine: None if engine == "firefox" else ("a", "b"))
    monkeypatch.setenv("DISPLAY", ":1")
    came = dict(engines.run(list(engines.WHERE), lambda engine: engine == "webkit"))
    assert came == {"chromium": "failed", "firefox": f"not run: {firefox.MISSING}", "webkit": "passed"}


def test_webkit_needs_a_display_or_what_makes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webkit, "programs", lambda: ("a", "b"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(engines.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert (engines.missing("webkit"), engines.display()) == ("", ["xvfb-run", "-a"])
    monkeypatch.setattr(engines.shutil, "which", lambda _: None)
    assert engines.missing("webkit") == engines.NO_XVFB


def test_a_run_without_an_engine_does_not_pass(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(firefox, "programs", lambda: None)
    assert engines.main(["firefox"]) == 1
    assert firefox.MISSING in capsys.readouterr().out
    assert engines.main(["opera"]) == 2
    assert "no such engine: opera; there are chromium, firefox, webkit" in capsys.readouterr().err
