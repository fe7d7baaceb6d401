"""The watch on library calls: Keras and TensorFlow by every way, and what it says where it does not know."""

import inspect
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from autograder.grade.run.execute import Record, end_probe
from autograder.grade.run.library_watch import CHECK, Watch
from autograder.grade.run.plan import Step
from tests.attacks.keras_routes import FOUND, INNOCENT
from tests.waiting import LONG

ROOT = Path(__file__).parents[2]


def test_keras_and_tensorflow_are_seen_by_every_way_and_nothing_else_is():
    command = [sys.executable, "-m", "tests.attacks.keras_routes"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert not {name: seen[name]["used"] for name, (_, wanted) in FOUND.items() if wanted not in seen[name]["used"]}
    assert not {name: seen[name]["used"] for name in INNOCENT if seen[name]["used"]}
    assert not any(one["unseen"] for one in seen.values())


# ---------------------------------------------------------------- a small library
@pytest.fixture
def library(monkeypatch):
    """Return a library that is loaded, with a function, one that decorates it, and a layer."""
    made = ModuleType("flax")
    exec(
        "import functools\n"
        "def plain(x, *, y=2, **more): return x + y\n"
        "def decorated(f):\n    @functools.wraps(f)\n    def inner(*a, **k): return f(*a, **k)\n    return inner\n"
        "wrapped = decorated(plain)\n"
        "class Base:\n    def __init__(self, n=1): self.n = n\n"
        "class Layer(Base):\n    def __init__(self, n=5): super().__init__(n)\n"
        "    def call(self, x): return x * self.n\n"
        "    def __call__(self, x): return self.call(x)\n"
        "class Other(Layer): pass\n",
        vars(made),
    )
    monkeypatch.setitem(sys.modules, "flax", made)
    for kind in (made.Base, made.Layer, made.Other):
        monkeypatch.setattr(kind, "__module__", "json")  # installed
    return made


def ran(watch, code, file="<cell>", **names):
    """Run a learner's code and return what was seen."""
    watch.begin(())
    exec(compile(code, file, "exec"), names)
    return watch.end(("plain", "wrapped", "Layer"))["used"]


def test_who_holds_a_function_holds_it_as_before(library):
    plain, layer, signature = library.plain, library.Layer(7), inspect.signature(library.plain)
    watch = Watch()
    watch.begin(("plain", "wrapped", "Layer"))
    assert inspect.signature(plain) == signature
    assert str(inspect.signature(library.Layer.call)) == "(self, x)"
    assert (plain(1), plain(1, y=3), library.wrapped(1), layer(2), library.Layer().n) == (3, 4, 3, 14, 5)
    with pytest.raises(TypeError, match="missing 1 required positional"):
        plain()
    assert ran(watch, "f(1)", f=plain) == ["flax.plain"]
    assert ran(watch, "f(1)", f=library.wrapped) == ["flax.plain", "flax.wrapped"]
    assert ran(watch, "f(1)", f=layer) == ["flax.Layer"]
    assert ran(watch, "f()", f=library.Layer) == ["flax.Layer"]
    assert ran(watch, "class Mine(f):\n    pass\nMine()(1)", f=library.Layer) == ["flax.Layer"]


def test_a_layer_of_another_name_and_the_check_itself_are_not_counted(library):
    watch = Watch()
    watch.begin(("plain", "Layer"))
    assert ran(watch, "f()(1)", f=library.Other) == []
    assert ran(watch, "f(1)", CHECK, f=library.plain) == []
    assert ran(watch, "f", f=library.plain) == []
    assert ran(watch, "f(1)", f=library.plain) == ["flax.plain"]


def test_what_was_loaded_meanwhile_and_what_cannot_be_watched_is_told(library, monkeypatch):
    watch = Watch()
    monkeypatch.delitem(sys.modules, "flax")
    watch.begin(("plain",))
    monkeypatch.setitem(sys.modules, "flax", library)
    assert watch.end(("plain",)) == {"used": [], "unseen": ["it loaded flax meanwhile"]}
    monkeypatch.setattr(Watch, "replace", lambda *about: (_ for _ in ()).throw(ValueError))
    watch.begin(("plain",))
    assert watch.end(("plain",))["unseen"] == ["flax.plain could not be watched"]
    assert watch.end(("nn.other",))["unseen"] == []


# ---------------------------------------------------------------- what arrives of it
@pytest.mark.parametrize(
    ("seen", "used", "unseen"),
    [
        ({"used": ["keras.layers.Attention", "layers.Attention"], "unseen": []}, 2, ""),
        ({"used": ["os.system", "<b>.layers.Attention", 7, "layers.AttentionX"], "unseen": []}, 0, ""),
        ({"used": [], "unseen": ["it loaded keras\x1b meanwhile"]}, 0, "it loaded keras meanwhile"),
        ({"used": "layers.Attention"}, 0, "what it called was not told"),
        (None, 0, "what it called was not told"),
    ],
)
def test_what_the_process_tells_is_read_with_care(seen, used, unseen):
    record = Record()
    end_probe(record, {"error": None, "seen": seen}, Step(0, "probe", "", forbidden=("layers.Attention",)))
    assert (len(record.used), record.unseen, record.end) == (used, unseen, "done")


def test_nothing_is_asked_where_nothing_is_forbidden():
    record = Record()
    end_probe(record, {"error": None}, Step(0, "probe", ""))
    assert (record.used, record.unseen) == ((), "")
