"""Train an epoch at a time, so that a run that was interrupted goes on where it was.

All that is random in an epoch (the order of the pairs, dropout) comes from the seed and the number of the epoch, and
the optimizer's state is saved with the weights: an interrupted run has the loss curve of an undisturbed one.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.progress import track

from experiments.chat.objective import WarmUp, sums
from experiments.checkpoints import load_checkpoint, save_epoch, seed_epoch
from experiments.common import InputError, read_progress
from experiments.transformer.model import transformer

IDS = tf.TensorSpec((None, None), tf.int32)
Ids = tuple[np.ndarray, np.ndarray]  # questions and answers, (N, max_length)
console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Settings:
    """All that decides a run; two runs with the same settings and data have the same curve."""

    vocab_size: int
    num_layers: int
    d_model: int
    num_heads: int
    dff: int
    dropout: float
    max_length: int
    batch_size: int
    epochs: int
    warmup_steps: int
    patience: int
    seed: int


def new_model(settings: Settings) -> keras.Model:
    """Return the model at its start, the same for the same seed."""
    keras.utils.set_random_seed(settings.seed)
    sizes = ("vocab_size", "num_layers", "dff", "d_model", "num_heads", "dropout")
    model = transformer(**{name: getattr(settings, name) for name in sizes}, max_positions=settings.max_length)
    rate = WarmUp(settings.d_model, settings.warmup_steps)
    model.compile(optimizer=keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.98, epsilon=1e-9))
    model.optimizer.build(model.trainable_variables)
    return model


def checksum(*data: Ids) -> str:
    """Return a number that changes with any id and with any pair held back."""
    return f"{zlib.crc32(b''.join(np.ascontiguousarray(ids).tobytes() for pair in data for ids in pair)):08x}"


def trained(settings: Settings, must_match: dict, folder: Path) -> tuple[keras.Model, list[dict]]:
    """Return model and history of what was trained so far; raise `InputError` where nothing was."""
    history, checkpoint = read_progress(folder / "progress.json", must_match)
    if not checkpoint:
        raise InputError(
            f"{folder} holds no trained model: train one first, with the same command and nothing to reply to."
        )
    return load_checkpoint(folder / checkpoint, lambda: new_model(settings)), history


def train(
    settings: Settings, must_match: dict, data: Ids, held_back: Ids, folder: Path
) -> tuple[keras.Model, list[dict]]:
    """Train what is not trained yet and return model and history; ``folder`` keeps the checkpoints.

    ``must_match`` is all that a run must have in common with the one it goes on with. Raises `InputError` where the
    folder holds something else.
    """
    history, checkpoint = read_progress(folder / "progress.json", must_match)
    model = load_checkpoint(folder / checkpoint, lambda: new_model(settings)) if checkpoint else new_model(settings)
    if history:
        console.print(f"Going on after epoch {len(history)}.")
    step, count = training_step(model), counting_step(model)
    while not finished(history, settings.epochs, settings.patience):
        epoch = len(history) + 1
        started = time.perf_counter()
        order = seed_epoch(model, settings.seed, epoch).permutation(len(data[0]))
        steps = -(-len(order) // settings.batch_size)
        rate = float(model.optimizer.learning_rate)
        seen = add_up(
            step, watched(batches(data, settings.batch_size, order), steps, f"Epoch {epoch}/{settings.epochs}")
        )
        entry = {"epoch": epoch, **measures(*seen, data), "learning_rate": rate}
        held = measures(*add_up(count, batches(held_back, settings.batch_size)), held_back)
        entry |= {
            "held_loss": held["loss"],
            "held_accuracy": held["accuracy"],
            "seconds": time.perf_counter() - started,
        }
        history.append(entry)
        save_epoch(model, folder, must_match, history, best_epoch(history) == epoch)
        console.print(
            f"Epoch {epoch}/{settings.epochs}: loss {entry['loss']:.4f}, accuracy {entry['accuracy']:.4f}, held back "
            f"{entry['held_loss']:.4f} and {entry['held_accuracy']:.4f}, {entry['seconds']:.0f} s"
        )
    return model, history


def batches(data: Ids, batch_size: int, order: np.ndarray | None = None) -> tf.data.Dataset:
    """Yield questions, decoder inputs and targets, each batch cut to its longest question and answer.

    Padding moves no output and no loss (chapter 6), so that cutting it changes nothing but the time.
    """
    questions, answers = data if order is None else (data[0][order], data[1][order])

    def cut(question: tf.Tensor, answer: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        longest = [tf.reduce_max(tf.reduce_sum(tf.cast(ids != 0, tf.int32), 1)) for ids in (question, answer)]
        return question[:, : longest[0]], answer[:, : longest[1] - 1], answer[:, 1 : longest[1]]

    pairs = tf.data.Dataset.from_tensor_slices((questions, answers)).batch(batch_size)
    return pairs.map(cut, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)


def training_step(model: keras.Model) -> Callable:
    """Return the compiled function that learns from one batch and returns its sums."""

    @tf.function(input_signature=[IDS, IDS, IDS])
    def step(questions: tf.Tensor, dec_inputs: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            loss, right, tokens = sums(targets, model([questions, dec_inputs], training=True))
            mean = loss / tokens
        gradients = tape.gradient(mean, model.trainable_variables)
        model.optimizer.apply(gradients, model.trainable_variables)
        return loss, right, tokens

    return step


def counting_step(model: keras.Model) -> Callable:
    """Return the compiled function that returns the sums of one batch, without dropout."""
    return tf.function(
        lambda questions, dec_inputs, targets: sums(targets, model([questions, dec_inputs], training=False)),
        input_signature=[IDS, IDS, IDS],
    )


def add_up(step: Callable, data: Iterable) -> tuple[float, float, float]:
    """Run a step on every batch; return the sums over all: loss, right predictions, tokens."""
    totals = np.zeros(3)
    for batch in data:
        totals += [float(number) for number in step(*batch)]
    return tuple(totals)


def measures(loss: float, right: float, tokens: float, data: Ids) -> dict[str, float]:
    """Return loss and accuracy over real tokens, and over all positions up to max_length, as the notes count.

    No prediction at a padding position is right: nothing taught the model to say id 0.
    """
    positions = len(data[1]) * (data[1].shape[1] - 1)
    means = {"loss": loss / tokens, "accuracy": right / tokens}
    return means | {"padded_loss": loss / positions, "padded_accuracy": right / positions}


def watched(data: Iterable, steps: int, words: str) -> Iterable:
    """Show a bar in a terminal; a log file gets a line an epoch."""
    return track(data, words, steps, console=console, transient=True) if console.is_terminal else data


def best_epoch(history: list[dict]) -> int:
    """Return the epoch, counted from 1, with the smallest loss on the pairs held back."""
    return 1 + int(np.argmin([epoch["held_loss"] for epoch in history]))


def finished(history: list[dict], epochs: int, patience: int) -> bool:
    """Say whether all epochs are done, or (unless ``patience`` is 0) the held-back loss has not fallen for as many."""
    stale = patience and history and len(history) - best_epoch(history) >= patience
    return len(history) >= epochs or bool(stale)
