"""What a classifier is trained on, and how the validation part is taken from the training reviews."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

PARTS = ("train", "validation", "test")
VALIDATION_SHARE = 0.1
SPLIT_SEED = 2015  # one fixed split: the seed of a run does not change which reviews are held back
Part = tuple[np.ndarray, np.ndarray]  # word ids (N, max_len) and labels (N,), 1 = positive


@dataclass(frozen=True)
class Dataset:
    """Three disjoint parts as word ids, the rank of every word that has an id, and where the reviews came from."""

    train: Part
    validation: Part
    test: Part
    ranks: dict[str, int]
    source: str

    def sizes(self) -> list[int]:
        """Return the number of reviews for training, validation and test."""
        return [len(getattr(self, part)[1]) for part in PARTS]

    def checksum(self) -> str:
        """Return a number that changes with any id, any label and any split."""
        arrays = [array for part in PARTS for array in getattr(self, part)]
        return f"{zlib.crc32(b''.join(np.ascontiguousarray(array).tobytes() for array in arrays)):08x}"

    def shortened(self, count: int) -> Dataset:
        """Return the same with about ``count`` reviews in each part, spread over all of it."""
        parts = {}
        for name in PARTS:
            ids, labels = getattr(self, name)
            step = max(1, len(labels) // count)
            parts[name] = ids[::step], labels[::step]
        return replace(self, **parts)


def split_off_validation(ids: np.ndarray, labels: np.ndarray) -> tuple[Part, Part]:
    """Return (training part, validation part): a tenth, drawn at random, leaves the training set."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    cut = round(len(labels) * VALIDATION_SHARE)
    held_back, kept = np.sort(order[:cut]), np.sort(order[cut:])
    return (ids[kept], labels[kept]), (ids[held_back], labels[held_back])
