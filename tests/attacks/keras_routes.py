"""Every way to a forbidden layer or function of Keras and TensorFlow, and what is none; run by test_library_watch.py.

Run as a program, it prints for each way what the watch has seen. It is one process: what is watched stays changed.
"""

import importlib
import json

import numpy as np

from autograder.grade.run.library_watch import Watch

RULES = ("layers.Attention", "ops.dot_product_attention", "nn.softmax", "layers.LayerNormalization")
ATTENTION, PRODUCT = "keras.layers.Attention", "keras.ops.dot_product_attention"
SOFTMAX, NORM = "tensorflow.nn.softmax", "keras.layers.LayerNormalization"
BEFORE = """
import functools, importlib, operator, pickle
import keras, tensorflow as tf
def reversed_name(name): return name[::-1]
A = getattr(keras.layers, reversed_name("noitnettA"))
stored = A()
class Heir(A): pass
class Other(A):
    def call(self, inputs): return super().call(inputs)
entry = keras.Input((3, 5))
model = keras.Model(entry, A()([entry, entry]))
loaded = keras.Sequential.from_config({"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [None, 3, 5], "dtype": "float32", "name": "i"}},
    {"class_name": "LayerNormalization", "config": {}}]})
"""
FOUND = {
    "its name": ("keras.layers.Attention()([q, q])", ATTENTION),
    "tf.keras": ("tf.keras.layers.Attention()([q, q])", ATTENTION),
    "keras.src": ("keras.src.layers.attention.attention.Attention()([q, q])", ATTENTION),
    "a name turned round": ("A()([q, q])", ATTENTION),
    "importlib": ("vars(importlib.import_module(reversed_name('sreyal.sarek')))['Attention']()([q, q])", ATTENTION),
    "stored": ("stored([q, q])", ATTENTION),
    "its call": ("stored.call([q, q])", ATTENTION),
    "partial": ("functools.partial(A, use_scale=True)()([q, q])", ATTENTION),
    "attrgetter": ("operator.attrgetter('layers.Attention')(keras)()([q, q])", ATTENTION),
    "a subclass": ("Heir()([q, q])", ATTENTION),
    "a subclass with a call of its own": ("Other()([q, q])", ATTENTION),
    "from its configuration": ("A.from_config(stored.get_config())([q, q])", ATTENTION),
    "unpickled": ("pickle.loads(pickle.dumps(A))()([q, q])", ATTENTION),
    "copied": ("__import__('copy').deepcopy(stored)([q, q])", ATTENTION),
    "in a model": ("model(q)", ATTENTION),
    "a model predicts": ("model.predict(q, verbose=0)", ATTENTION),
    "in a loaded model": ("loaded(q)", NORM),
    "in a tf.function": ("tf.function(lambda x: A()([x, x]))(tf.constant(q))", ATTENTION),
    "a function": ("keras.ops.dot_product_attention(h, h, h)", PRODUCT),
    "what stands behind it": ("keras.src.backend.nn.dot_product_attention(h, h, h)", PRODUCT),
    "of TensorFlow": ("tf.nn.softmax(q)", SOFTMAX),
    "its inside": ("tf.nn.softmax.__wrapped__(q)", SOFTMAX),
    "handed on": ("tf.map_fn(tf.nn.softmax, q)", SOFTMAX),
}
INNOCENT = {
    "another layer that uses it": "keras.layers.MultiHeadAttention(1, 5)(q, q)",
    "a layer that inherits from it": "keras.layers.AdditiveAttention()([q, q])",
    "an activation": "keras.layers.Dense(3, activation='softmax')(q)",
    "a layer of softmax": "keras.layers.Softmax()(q)",
    "a loss": "keras.losses.CategoricalCrossentropy(from_logits=True)(q, q)",
    "own code": "tf.exp(q) / tf.reduce_sum(tf.exp(q), -1, keepdims=True)",
    "made, not called": "A, stored, model",
}


def main() -> None:
    """Print what is seen of each way."""
    importlib.import_module("tensorflow")
    importlib.import_module("keras")
    watch, space = Watch(), {"q": np.ones((2, 3, 5), "float32"), "h": np.ones((1, 2, 3, 5), "float32")}
    watch.begin(RULES)
    exec(compile(BEFORE, "<cell>", "exec"), space)
    seen = {}
    for name, code in [*((name, code) for name, (code, _) in FOUND.items()), *INNOCENT.items()]:
        watch.begin(RULES)
        exec(compile(code, "<cell>", "exec"), space)
        seen[name] = watch.end(RULES)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
