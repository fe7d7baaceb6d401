"""Files of wrong answers: what is collected, under which name it runs, and what is refused."""

import pytest

from autograder.course.wrong_answers import load_wrong, rename, wrong
from autograder.errors import UserError

FILE = """
from autograder.course.wrong_answers import wrong

@wrong("softmax", "the axis", "axis_ignored", "not_normalised")
def any_name(scores):
    def inside(x):
        return x + None
    return inside(scores)

@wrong("layer", "torch habit", says="call")
class AnyName:
    def __init__(self, size):
        self.size = size
    def forward(self, x):
        return self.nothing
"""


@pytest.fixture
def found(tmp_path):
    (tmp_path / "01_a_wrong.py").write_text(FILE)
    return load_wrong(tmp_path / "01_a_wrong.py")


def test_wrong_answers_are_collected_in_order(found, tmp_path):
    assert [(one.check, one.kind, one.names, one.says) for one in found] == [
        ("softmax", "the axis", ("axis_ignored", "not_normalised"), ""),
        ("layer", "torch habit", (), "call"),
    ]
    assert len(load_wrong(tmp_path / "01_a_wrong.py")) == 2, "those of a file read before are gone"


def test_python_speaks_of_them_by_the_names_of_their_tasks(found):
    function, layer = (one.answer for one in found)
    rename(function, function.__qualname__, "softmax")
    rename(layer, layer.__qualname__, "Attention")
    with pytest.raises(TypeError, match=r"^softmax\(\) missing 1 required"):
        function()
    with pytest.raises(TypeError) as stopped:
        function(1)
    assert stopped.traceback[-1].frame.code.raw.co_qualname == "softmax.<locals>.inside"
    with pytest.raises(TypeError, match=r"^Attention.__init__\(\) missing"):
        layer()
    with pytest.raises(AttributeError, match="'Attention' object has no attribute 'nothing'"):
        layer(3).forward(1)
    assert layer.forward.__code__.co_qualname == "Attention.forward"


@pytest.mark.parametrize(("names", "says"), [((), ""), (("a",), "b")])
def test_there_are_names_or_a_sentence(names, says):
    with pytest.raises(UserError, match="either names of mistakes or says"):
        wrong("softmax", "kind", *names, says=says)


def test_a_file_that_needs_a_missing_library_says_so(tmp_path):
    (tmp_path / "01_a_wrong.py").write_text("import a_library_nobody_has")
    with pytest.raises(UserError, match=r"01_a_wrong.py cannot be imported.*install what it needs"):
        load_wrong(tmp_path / "01_a_wrong.py")
