"""Library calls that would answer a task are found, however they are named; innocent code is not."""

import pytest

from autograder.grade.judge.static_rules import forbidden_use

RULES = ("layers.Attention", "layers.MultiHeadAttention", "ops.dot_product_attention")
USES = {
    "direct": ("import keras\ndef f(q):\n    return keras.layers.Attention()([q, q])\n", []),
    "tf.keras": ("def f(q):\n    return tf.keras.layers.Attention()([q, q])\n", ["import tensorflow as tf"]),
    "alias of the module": (
        "def f(q):\n    return L.MultiHeadAttention(2, 3)(q, q)\n",
        ["from keras import layers as L"],
    ),
    "alias of the class": ("def f(q):\n    return A()([q, q])\n", ["from keras.layers import Attention as A"]),
    "imported inside": ("def f(q):\n    from keras.layers import Attention\n    return Attention()([q, q])\n", []),
    "getattr": ("import keras.ops as ops\ndef f(q):\n    return getattr(ops, 'dot_product_attention')(q, q, q)\n", []),
    "helper in another cell": (
        "def f(q):\n    return g(q)\n",
        ["def g(q):\n    return h(q)", "import keras\nh = keras.layers.Attention()"],
    ),
}


@pytest.mark.parametrize("name", USES)
def test_forbidden_uses_are_found(name):
    solution, others = USES[name]
    assert forbidden_use(solution, others, RULES)


@pytest.mark.parametrize(
    "solution",
    [
        "def f(q):\n    return my.layers_of.Attention(q)\n",
        "class Attention:\n    pass\ndef f(q):\n    return Attention()\n",
        "def f(q):\n    'layers.Attention is not used'\n    return q\n",
        "def f(:\n",
    ],
)
def test_innocent_code_is_not(solution):
    assert forbidden_use(solution, ["import keras", "layer = keras.layers.Attention()  # a comparison"], RULES) is None
