"""Checkpoints of the long trainings: one an epoch, written so that an interruption leaves the epoch before it whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from experiments.common import RESUME_HINT, InputError, write_json


def save_epoch(model: keras.Model, folder: Path, must_match: dict, history: list[dict], best: bool) -> None:
    """Save the newest epoch of a history, as ``best.keras`` too if it is the best so far.

    ``progress.json`` is written after the checkpoint that it names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    epoch, partial = len(history), folder / "partial.keras"
    checkpoint = folder / f"epoch_{epoch}.keras"
    model.save(partial)
    os.replace(partial, checkpoint)
    if best:
        shutil.copy(checkpoint, partial)
        os.replace(partial, folder / "best.keras")
    write_json(folder / "progress.json", {"settings": must_match, "checkpoint": checkpoint.name, "history": history})
    (folder / f"epoch_{epoch - 1}.keras").unlink(missing_ok=True)


def load_checkpoint(path: Path, build: Callable[[], keras.Model]) -> keras.Model:
    """Return the model with the weights and the optimizer state of a checkpoint, if it is of the model in hand."""
    try:
        model = keras.saving.load_model(path)
    except Exception as error:  # a damaged file shows in many ways: zip, HDF5, JSON
        reason = str(error).splitlines()[0]
        raise InputError(f"The checkpoint {path} cannot be loaded ({reason}): {RESUME_HINT}.") from error
    if [weight.shape for weight in model.weights] != [weight.shape for weight in build().weights]:
        raise InputError(f"The checkpoint {path} is of a model with other shapes: {RESUME_HINT}.")
    return model


def seed_epoch(model: keras.Model, seed: int, epoch: int) -> np.random.Generator:
    """Set the state of every dropout for the epoch, and return the generator for the order of the examples."""
    states = [variable for variable in model.variables if "seed_generator" in variable.path]
    for state, value in zip(states, np.random.SeedSequence([seed, epoch]).generate_state(len(states)), strict=True):
        state.assign([value, 0])
    return np.random.default_rng([seed, epoch])
