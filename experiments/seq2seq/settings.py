"""What an experiment depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What a run depends on, besides its model and its seed."""

    units: int = 64  # numbers in a state, and so in the context vector
    embedding_dim: int = 32
    steps: int = 2000
    batch: int = 128  # strings in a batch, all of one length: nothing has to be padded
    max_length: int = 20  # lengths 1 to this, each as likely, are trained on
    learning_rate: float = 0.003  # at first; it falls to 0 along a cosine
    clipnorm: float = 1.0
    test_length: int = 30  # lengths 1 to this are measured
    test_count: int = 500  # strings for each length

    @property
    def name(self) -> str:
        """Return a folder name that differs for all choices of settings, so that no run goes on from another's."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]
