"""Whatever a function gives back, the check says something of it and does not stop itself.

The arrays are those expected, in other shapes and in every kind of number that can come, and some that hold nothing,
or nothing but one odd number. Which sentence follows is for other tests.
"""

from collections.abc import Callable, Iterator

import numpy as np

from autograder.learner.check import diagnose
from tests.keys.claims import every_check, none_fail, stored_specs

SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": lambda a: a,
    "transposed": lambda a: a.T,
    "in one row": lambda a: a.reshape(-1),
    "an axis in front": lambda a: a[None],
    "an axis behind": lambda a: a[..., None],
    "backwards": lambda a: np.flip(a),
    "twice": lambda a: np.stack([a, a]),
    "the first alone": lambda a: a[0] if a.ndim and len(a) else a,
    "without the last": lambda a: a[:-1] if a.ndim else a,
    "one number": lambda a: a.sum(),
    "nothing": lambda a: a.reshape(-1)[:0],
}
KINDS = ("float64", "float32", "float16", "bool", "int64", "int8", "uint8", "complex128")
FILLS = (0, 1, -1, np.nan, np.inf, -np.inf, 1e308)


def forms_of(array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield an array in every shape and kind, under a name."""
    for shape, made in SHAPES.items():
        for kind in KINDS if shape in ("as it is", "transposed") else KINDS[::3]:
            with np.errstate(all="ignore"):
                yield f"{shape}, {kind}", np.asarray(made(array)).astype(kind)
    for fill in FILLS:
        yield f"nothing but {fill}", np.full(array.shape, fill, dtype=float)


def what_stops(spec: dict) -> Iterator[str]:
    """Yield what was given for one part, the others being right, or for all parts, wherever the check itself stops."""
    wanted = [case["expected"] for case in spec["cases"]]
    shown = next(one for one in wanted if "raises" not in one)
    names = [name for name, _ in forms_of(np.zeros(2))]
    for changed in [[part] for part in spec["returns"]] + [spec["returns"]] * (len(spec["returns"]) > 1):
        for name in names:
            results = [
                dict(one if "raises" not in one else shown)
                | {part: dict(forms_of((one if "raises" not in one else shown)[part]))[name] for part in changed}
                for one in wanted
            ]
            try:
                found = diagnose(spec, results)
            except Exception as error:
                yield f"{changed} {name}: {error!r}"
            else:
                if not all(found["right"].values()) and not found["says"]:
                    yield f"{changed} {name}: nothing is said"


@every_check
def test_whatever_comes_is_spoken_of(slug, check):
    none_fail(what_stops(stored_specs(slug)[check.name]))
