# %% setup="01_weighted_means"
from autograder.learner import use

check, hint, progress = use(__file__)

# %% [markdown]
# # Weighted means
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 A mean for each student | easy | 5 | 2 |
#
# Below the task there is a check. Run it: a green box means right, a red one wrong. It says what is
# wrong, and often which mistake was made. `hint("weighted_means")` helps in steps.

# %% locked="libraries"
import numpy as np

# %% [markdown]
# ### Task 1: A mean for each student
#
# Each row of `marks` holds what one student got in all tests. `weights` says how much each
# test counts. Give each student the weighted mean.
#
# *Divide by the weights*


# %% solution="weighted_means"
def weighted_means(marks, weights):
    """Return a mean for each student: marks (students, tests), weights (tests,)."""
    # TODO: multiply by the weights, sum over the tests, divide by what the weights sum to.
    ### BEGIN SOLUTION
    return (marks * weights).sum(axis=1) / weights.sum()
    ### END SOLUTION


# %% check="weighted_means"
check("weighted_means", weighted_means)

# %%
print(weighted_means(np.array([[10, 16], [12, 6]]), np.array([1, 2])))

# %%
progress()
