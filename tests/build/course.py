"""A course with one tiny chapter, for tests that need a whole course to change."""

from pathlib import Path

SLUG = "09_doubling"
SOURCE = '''\
# %% setup="09_doubling"
from autograder.learner import use

check, hint, progress = use(__file__)

# %% [markdown]
# # Doubling

# %% solution="twice"
def twice(x):
    """Return 2 x."""
    # TODO: double x
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% check="twice"
check("twice", twice)

# %% [markdown] written="why" points=2
# Why two?
#
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
'''
KEY = """\
from autograder.course.answer_key import AnswerKey, Check, Misconception

KEY = AnswerKey("09_doubling", (Check(
    name="twice", claim="doubles", title="Doubling", function="twice",
    inputs=lambda rng: {"a row": {"x": rng.normal(size=3).round(3)}},
    reference=lambda x: 2 * x, second_route=lambda x: x + x, returns=("doubled",), points={"doubled": 1},
    misconceptions=(Misconception("squared", lambda x: x * x, "You squared x."),),
    hints=("Add it to itself.",), read="Doubling", few_because="a fixture"),))
"""


def make_course(root: Path) -> Path:
    """Write the hand-written files of the course below `root`."""
    for name, text in {
        "_config.yml": "title: x\n",
        f"book/{SLUG}.md": "# Doubling\n",
        f"solutions/{SLUG}.py": SOURCE,
        f"solutions/{SLUG}_key.py": KEY,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
