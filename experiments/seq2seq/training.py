"""Training one model, with checkpoints: a run that was killed goes on where it stopped, to the same weights."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from experiments.seq2seq.model import EncoderDecoder
from experiments.seq2seq.settings import Settings
from experiments.seq2seq.task import decoder_inputs, draw_sources, targets_of

IDS = tf.TensorSpec((None, None), tf.int32)
EVERY = 100  # steps between two checkpoints


class Trainer:
    """A model, its optimizer, and how far they are."""

    def __init__(self, settings: Settings, attention: bool, seed: int) -> None:
        """Make a model that has not been trained."""
        self.settings, self.seed = settings, seed
        self.model = EncoderDecoder(attention, settings.units, settings.embedding_dim, seed)
        self.model(tf.zeros((1, 1), tf.int32), tf.zeros((1, 1), tf.int32))  # makes its variables
        rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, settings.steps)
        self.optimizer = keras.optimizers.Adam(rate, clipnorm=settings.clipnorm)
        self.optimizer.build(self.model.trainable_variables)
        self.losses: list[float] = []  # the mean loss of every EVERY steps
        self.done = 0
        self.seconds = 0.0

    @property
    def variables(self) -> list:
        """Return all that changes in training."""
        return [*self.model.trainable_variables, *self.optimizer.variables]

    def train(self, checkpoint: Path, on_step: Callable[[int], None] = lambda done: None) -> None:
        """Train to the last step, from the checkpoint where there is one; `on_step` is told the steps done."""
        self.restore(checkpoint)
        on_step(self.done)
        update = tf.function(self.update, input_signature=[IDS, IDS, IDS])
        recent: list[float] = []
        since = time.perf_counter()
        while self.done < self.settings.steps:
            recent.append(float(update(*self.batch())))
            self.done += 1
            on_step(self.done)
            if self.done % EVERY == 0 or self.done == self.settings.steps:
                self.losses.append(float(np.mean(recent)))
                self.seconds += time.perf_counter() - since
                recent, since = [], time.perf_counter()
                self.save(checkpoint)

    def batch(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return sources, decoder inputs and targets of the next step; they depend on seed and step alone."""
        rng = np.random.default_rng([self.seed, self.done])
        length = int(rng.integers(1, self.settings.max_length + 1))
        sources = draw_sources(rng, self.settings.batch, length)
        targets = targets_of(sources)
        return sources, decoder_inputs(targets), targets

    def update(self, sources: tf.Tensor, inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        """Take one step of gradient descent and return the loss in nats a letter."""
        with tf.GradientTape() as tape:
            logits = self.model(sources, inputs)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
        weights = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return loss

    def save(self, checkpoint: Path) -> None:
        """Write everything to one file, which is whole at every moment."""
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        unfinished = checkpoint.with_suffix(".part")
        with unfinished.open("wb") as file:
            values = {f"v{n}": variable.numpy() for n, variable in enumerate(self.variables)}
            np.savez(file, done=self.done, seconds=self.seconds, losses=self.losses, **values)
        os.replace(unfinished, checkpoint)

    def restore(self, checkpoint: Path) -> None:
        """Go back to where a checkpoint was written, if there is one."""
        if not checkpoint.exists():
            return
        with np.load(checkpoint, allow_pickle=False) as values:
            for n, variable in enumerate(self.variables):
                variable.assign(values[f"v{n}"])
            self.losses, self.done = values["losses"].tolist(), int(values["done"])
            self.seconds = float(values["seconds"])
