"""Train one seed, an epoch at a time, so that a run that was interrupted goes on where it was.

All that is random in an epoch (the order of the reviews, dropout) comes from the seed and the number of the epoch, and
the optimizer's state is saved with the weights: an interrupted run ends as an undisturbed one does, up to the rounding
of sums that threads add in a different order.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from experiments.checkpoints import load_checkpoint, save_epoch, seed_epoch
from experiments.classifier.dataset import Dataset
from experiments.common import read_json, read_progress, write_json


def train_seed(build: Callable[[], keras.Model], data: Dataset, settings: dict, seed: int, folder: Path) -> dict:
    """Train one seed, or go on with it, and return its result; ``folder`` keeps checkpoint, best weights and result.

    ``settings`` has ``epochs``, ``patience`` and ``batch_size``; whatever else is in it must match as well when a run
    goes on. Raises `InputError` where the folder holds something else.
    """
    settings = {**settings, "seed": seed}
    progress, result = folder / "progress.json", folder / "result.json"
    history, checkpoint = read_progress(progress, settings)
    if result.is_file():
        print(f"Seed {seed} is trained already.", flush=True)
        return read_json(result)
    folder.mkdir(parents=True, exist_ok=True)
    model = load_checkpoint(folder / checkpoint, build) if checkpoint else new_model(build, seed)
    if history:
        print(f"Seed {seed} goes on after epoch {len(history)}.", flush=True)
    while not finished(history, settings["epochs"], settings["patience"]):
        epoch = len(history) + 1
        print(f"Seed {seed}, epoch {epoch} of {settings['epochs']}", flush=True)
        history.append(run_epoch(model, data, settings["batch_size"], seed, epoch))
        save_epoch(model, folder, settings, history, best_epoch(history) == epoch)
    print(f"Seed {seed}: the test set, with the weights of epoch {best_epoch(history)}", flush=True)
    loss, accuracy = best_model(folder).evaluate(*data.test, batch_size=settings["batch_size"], verbose=verbosity())
    found = {"seed": seed, "test_accuracy": accuracy, "test_loss": loss, "best_epoch": best_epoch(history)}
    write_json(result, found | {"history": history})
    return read_json(result)


def new_model(build: Callable[[], keras.Model], seed: int) -> keras.Model:
    """Return the model at its start, the same for the same seed."""
    keras.utils.set_random_seed(seed)
    model = build()
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def best_model(folder: Path) -> keras.Model:
    """Return the model with the weights of its best epoch."""
    return keras.saving.load_model(folder / "best.keras")


def run_epoch(model: keras.Model, data: Dataset, batch_size: int, seed: int, epoch: int) -> dict[str, float]:
    """Train one epoch and return losses, accuracies and seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    ids, labels = data.train
    order = seed_epoch(model, seed, epoch).permutation(len(labels))
    fitted = model.fit(
        ids[order],
        labels[order],
        batch_size=batch_size,
        shuffle=False,  # shuffled above, so that the order does not depend on what ran before
        validation_data=data.validation,
        verbose=verbosity(),
    ).history
    return {
        "loss": fitted["loss"][0],
        "accuracy": fitted["accuracy"][0],
        "validation_loss": fitted["val_loss"][0],
        "validation_accuracy": fitted["val_accuracy"][0],
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - processor,
    }


def verbosity() -> int:
    """Return Keras's ``verbose``: a bar in a terminal, a line an epoch in a log file."""
    return 1 if sys.stdout.isatty() else 2


def best_epoch(history: list[dict]) -> int:
    """Return the epoch, counted from 1, with the smallest validation loss."""
    return 1 + int(np.argmin([epoch["validation_loss"] for epoch in history]))


def finished(history: list[dict], epochs: int, patience: int) -> bool:
    """Say whether all epochs are done, or the validation loss has not fallen for ``patience`` epochs."""
    return len(history) >= epochs or (bool(history) and len(history) - best_epoch(history) >= patience)
