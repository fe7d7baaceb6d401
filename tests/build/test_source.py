"""Reading the hand-written solved notebook: roles, names, and one sentence for each slip."""

import re

import pytest

from autograder.authoring.source import read_source
from autograder.course.rubric import Level, Rubric, read_rubric
from autograder.errors import UserError

SOLUTION = '# %% solution="twice"\ndef twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n'
MISSPELT = SOLUTION.replace("solution=", "solutions=")
WRITTEN = '# %% [markdown] written="why" points=2\n# ### BEGIN SOLUTION\n# x\n# ### END SOLUTION\n'
RUBRIC = "# **Rubric**\n#\n# - 2: Both,\n#   at length.\n# - 0: None.\n#\n# **Comments**\n#\n# - Why?\n"
WITH_RUBRIC = WRITTEN.replace("# x\n", f"# x\n#\n{RUBRIC}")


def write(tmp_path, text):
    path = tmp_path / "09_topic.py"
    path.write_text(text)
    return path


def test_roles_names_and_text(tmp_path):
    text = "# %% [markdown]\n# Words\n\n" + SOLUTION + '\n# %% check="twice"\ncheck("twice", twice)\n'
    words, solution, check = read_source(write(tmp_path, text))
    assert (words.kind, words.text, words.role) == ("markdown", "Words", "")
    assert (solution.role, solution.name, solution.id) == ("solution", "twice", "solution-twice")
    assert check.text == 'check("twice", twice)'


def test_what_is_meant_for_the_formatter_is_left_out(tmp_path):
    (cell,) = read_source(write(tmp_path, "# %%\na = [1,\n     2]  # two  # fmt: skip\n"))
    assert cell.text == "a = [1,\n     2]  # two"


def test_free_cells_keep_their_id_when_others_move(tmp_path):
    first = read_source(write(tmp_path, "# %%\na = 1\n\n# %%\nb = 2\n"))
    second = read_source(write(tmp_path, "# %%\nnew = 0\n\n# %%\na = 1\n\n# %%\nb = 2\n"))
    assert [cell.id for cell in first] == [cell.id for cell in second[1:]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('# %% solution="twice"\ndef twice(x):\n    return 2 * x\n', "put the answer between"),
        ("# %%\n### BEGIN SOLUTION\n### END SOLUTION\n", "belongs in a cell marked"),
        (SOLUTION.replace("solution=", "answer="), 'the cell without a role that begins "def twice(x):"'),
        ('# %% check="twice"\ncheck("thrice", twice)\n', 'must call check("twice"'),
        ('# %% [markdown] written="why"\n# ### BEGIN SOLUTION\n# x\n# ### END SOLUTION\n', "with points"),
        ('# %% solution="a" check="a"\npass\n', "two roles"),
        (SOLUTION + "\n" + SOLUTION, "two cells"),
        (f"# %%\na = 1\n\n{MISSPELT}", 'line 4: there is no role solutions="twice"; write solution="twice"'),
        ("# %% Check='a'\ncheck('a', a)\n", 'line 1: there is no role Check="a"; write check="a"'),
        (WRITTEN.replace("2", "two"), 'line 1: the header written="why" points=two cannot be read; write names in'),
        (WRITTEN.replace("2", '"two"'), "line 1: points='two' is no number; write points=2"),
        (WRITTEN.replace("points", "point"), "line 1: there is no role point=2; write points=2"),
        ("# %% folded=true\na = 1\n", 'folded=true is for code marked locked="…"'),
        ('# %% locked="a" folded="yes"\na = 1\n', 'folded=true is for code marked locked="…"'),
        ('# %% locked="a" folder=true\na = 1\n', "line 1: there is no role folder=true; write folded=true"),
        (WRITTEN + f"#\n{RUBRIC}", "put **Rubric** and **Comments** between ### BEGIN SOLUTION and ### END SOLUTION"),
        (WITH_RUBRIC.replace("2: Both", "Both"), 'a line of a rubric is "- 2: what earns two points"'),
        (WITH_RUBRIC.replace("# - 0: None.\n", ""), "a rubric has 2 to 4 lines; this one has 1"),
        (
            WITH_RUBRIC.replace("points=2", "points=3"),
            "the points of a rubric fall from 3, those of the",
        ),
        ("# %% points=2 solution\n" + SOLUTION.partition("\n")[2], 'line 1: solution needs a name; write solution="…"'),
    ],
)
def test_each_slip_is_one_sentence(tmp_path, text, says):
    with pytest.raises(UserError, match=re.escape(says)):
        read_source(write(tmp_path, text))


def test_a_rubric_is_read_line_by_line(tmp_path):
    (cell,) = read_source(write(tmp_path, WITH_RUBRIC))
    levels = (Level(2, "Both, at length."), Level(0, "None."))
    assert read_rubric(cell.text, cell.points) == Rubric("x", levels, ("Why?",))
    (cell,) = read_source(write(tmp_path, WRITTEN))
    assert read_rubric(cell.text, cell.points) == Rubric("x")
