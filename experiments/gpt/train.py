"""Train the small GPT an epoch at a time, so that a run that was interrupted goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.progress import track

from experiments.checkpoints import load_checkpoint, save_epoch, seed_epoch
from experiments.common import read_progress
from experiments.gpt.model import gpt
from experiments.gpt.text import Alphabet, padded, rows

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Settings:
    """All that decides a run besides its text."""

    epochs: int
    num_layers: int = 4
    d_model: int = 128
    num_heads: int = 4
    dff: int = 341
    dropout: float = 0.2
    length: int = 65  # a row: 64 positions, each with a character to predict
    batch: int = 16
    peak_rate: float = 0.002
    warm_up: int = 100  # steps
    seed: int = 0


def new_model(settings: Settings, vocab_size: int, steps: int) -> keras.Model:
    """Return the model at its start, with an optimizer whose rate rises, then falls as a half cosine."""
    keras.utils.set_random_seed(settings.seed)
    sizes = {name: getattr(settings, name) for name in ("num_layers", "d_model", "num_heads", "dff", "dropout")}
    model = gpt(vocab_size, **sizes)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - settings.warm_up), warmup_target=settings.peak_rate, warmup_steps=settings.warm_up
    )
    model.compile(optimizer=keras.optimizers.Adam(rate, beta_2=0.98, clipnorm=1.0))
    model.optimizer.build(model.trainable_variables)
    return model


def train(
    settings: Settings, alphabet: Alphabet, sentences: Sequence[str], held_back: Sequence[str], folder: Path, last: int
) -> tuple[keras.Model, list[dict]]:
    """Train what is not trained yet, up to the epoch `last`, and return model and history.

    The folder keeps the checkpoints. The rate falls as if all epochs followed.
    """
    must_match = {**asdict(settings), "sentences": len(sentences), "alphabet": len(alphabet)}
    history, checkpoint = read_progress(folder / "progress.json", must_match)
    a_pass = len(rows(alphabet, sentences, np.random.default_rng(0), settings.length))
    steps = settings.epochs * (a_pass // settings.batch)

    def build() -> keras.Model:
        return new_model(settings, len(alphabet), steps)

    model = load_checkpoint(folder / checkpoint, build) if checkpoint else build()
    if history:
        console.print(f"Going on after epoch {len(history)}.")
    step = training_step(model, settings.batch, settings.length)
    for epoch in range(len(history) + 1, min(last, settings.epochs) + 1):
        started = time.process_time()  # unlike the time of day, it does not grow when others use the machine
        texts = rows(alphabet, sentences, seed_epoch(model, settings.seed, epoch), settings.length)
        pieces = np.split(texts[: len(texts) // settings.batch * settings.batch], len(texts) // settings.batch)
        name = f"Seed {settings.seed}, epoch {epoch}/{settings.epochs}"
        losses = [float(step(piece)) for piece in track(pieces, name, console=console, transient=True)]
        entry = {"epoch": epoch, "loss": float(np.mean(losses))}
        entry["held_loss"] = float(np.mean(np.concatenate(losses_of(model, alphabet, held_back))))
        entry["processor_seconds"] = time.process_time() - started
        history.append(entry)
        save_epoch(model, folder, must_match, history, best=False)
        spent = f"{entry['processor_seconds']:.0f} s of processor time"
        console.print(f"{name}: loss {entry['loss']:.4f}, held back {entry['held_loss']:.4f}, {spent}")
    return model, history


def training_step(model: keras.Model, batch: int, length: int) -> tf.types.experimental.GenericFunction:
    """Return a function that takes rows (batch, length), makes one step, and returns the loss of the next character.

    XLA compiles it for this one shape, which makes it a quarter faster; so a last, smaller batch is left out.
    """

    @tf.function(input_signature=[tf.TensorSpec((batch, length), tf.int32)], jit_compile=True)
    def step(texts: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = model(texts[:, :-1], training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=texts[:, 1:], logits=logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step


def losses_of(model: keras.Model, alphabet: Alphabet, sentences: Sequence[str]) -> list[np.ndarray]:
    """Return the losses of each sentence's characters and its line end; each sentence stands by itself."""
    found: list[np.ndarray] = []
    for at in range(0, len(sentences), 128):
        ids, real = padded(alphabet, sentences[at : at + 128])
        logits = model(ids[:, :-1], training=False)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=ids[:, 1:], logits=logits).numpy()
        found += [row[keep == 1] for row, keep in zip(losses, real[:, 1:], strict=True)]
    return found
