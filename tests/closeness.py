"""How close two floats must be: as close as rounding leaves them on any processor, and no closer.

A processor adds up a sum of products in an order of its own. Whatever the order is, with the unit roundoff
u = eps / 2 of the arithmetic the computed sum of n products is wrong by at most

    n u / (1 - n u) * (|x_1 y_1| + ... + |x_n y_n|)

(Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, section 3.1). Two such sums differ by at
most eps times the number of terms times their magnitude. It is the magnitude of what is added that counts, not that of
the result: 28.3 - 28.1 is as uncertain as 28.3 is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SAFETY = (
    4  # exp, tanh, a root or a division are right to a few units of the last digit, where a product is to half a one
)


def rounding(terms: int, magnitude: float, dtype: Any = np.float32) -> float:
    """Return by how much two roads to one number may differ.

    terms      how many numbers are added up on the way, one sum after the other: 12 + 7 for two matrix products
    magnitude  of what is added up: the sum of the absolute values, for which the largest result will do where the
               terms do not cancel
    """
    return SAFETY * float(np.finfo(dtype).eps) * terms * magnitude


def precision_of(*values: Any) -> Any:
    """Return the coarsest kind of float among the values: float32 beside float64 is known to float32."""
    kinds = [array.dtype for array in map(np.asarray, values) if array.dtype.kind == "f"]
    return max(kinds, key=lambda kind: np.finfo(kind).eps)


def assert_equal_up_to_rounding(got: Any, wanted: Any, *, terms: int, magnitude: float | None = None) -> None:
    """Assert that two arrays differ by no more than rounding explains; without a magnitude it is that of `wanted`."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    largest = float(np.abs(wanted).max(initial=0.0)) if magnitude is None else magnitude
    np.testing.assert_allclose(got, wanted, rtol=0, atol=rounding(terms, largest, precision_of(got, wanted)))
