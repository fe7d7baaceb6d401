"""What is minimised and counted: loss and accuracy over real tokens, and the learning rate with a warm-up."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


def sums(targets: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return over the real tokens (id not 0): sum of the cross-entropy in nats, right predictions, number of tokens."""
    real = tf.cast(targets != 0, tf.float32)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    right = tf.cast(tf.argmax(logits, -1, tf.int32) == targets, tf.float32)
    return tf.reduce_sum(losses * real), tf.reduce_sum(right * real), tf.reduce_sum(real)


@keras.saving.register_keras_serializable(package="transformer")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """d_model^-0.5 min(step^-0.5, step warmup_steps^-1.5) (Vaswani et al., 2017, equation 3)."""

    def __init__(self, d_model: int, warmup_steps: int):
        """Take the width of the model and the step at which the rate is highest."""
        self.d_model, self.warmup_steps = d_model, warmup_steps

    def __call__(self, step: Any) -> tf.Tensor:
        """Return the rate; steps count from 0, and the first update has the rate of step 1."""
        step = tf.cast(step, tf.float32) + 1
        return self.d_model**-0.5 * tf.minimum(step**-0.5, step * self.warmup_steps**-1.5)

    def get_config(self) -> dict:
        """Return what the constructor needs."""
        return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}
