"""Library calls that would answer a task are found, however they are named; innocent code is not."""

import pytest

from autograder.grade.judge import static_rules
from autograder.grade.judge.static_rules import TooManyNames, forbidden_use

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
    "a new name of the module": ("def f(q):\n    return L.Attention()(q)\n", ["import keras\nL = keras.layers"]),
    "a new name inside": ("import keras\ndef f(q):\n    L = keras.layers\n    return L.Attention()(q)\n", []),
    "a new name with a note": ("import keras\nL: object = keras.layers\ndef f(q): return L.Attention()(q)\n", []),
    "new names at once": ("import keras\nL, M = keras.layers, 1\ndef f(q): return L.Attention()(q)\n", []),
    "a new name of a new name": (
        "def f(q): return L.Attention()(q)\n",
        ["from tensorflow import keras as K", "L = M", "M = K.layers"],
    ),
    "one of two names": (
        "import keras\nif a:\n    L = b\nelse:\n    L = keras.layers\ndef f(q): return L.Attention()(q)",
        [],
    ),
    "helper in a block": (
        "def f(q):\n    return g(q)\n",
        ["import keras\ntry:\n    def g(q): return keras.layers.Attention()(q)\nexcept ImportError:\n    pass"],
    ),
    "helper with a note": ("def f(q):\n    return g(q)\n", ["import keras\ng: object = keras.layers.Attention()"]),
    "after a shell command": ("x = !true\nimport keras\ndef f(q): return keras.layers.Attention()(q)\n", []),
    "after a question": ("import keras\nkeras?\ndef f(q): return keras.layers.Attention()(q)\n", []),
    "after a timing": ("t = %time 1\nimport keras\ndef f(q): return keras.layers.Attention()(q)\n", []),
    "in a timed cell": ("%%time\nimport keras\ndef f(q): return keras.layers.Attention()(q)\n", []),
    "in a timed line": ("import keras\ndef f(q):\n    %time x = keras.layers.Attention()(q)\n    return x\n", []),
    "in a line timed with options": (
        "import keras\ndef f(q):\n    %timeit -n 1 -r1 g(keras.layers.Attention()(q))\n",
        [],
    ),
    "a comment only for Python": ("# \u2028x?\u2028import keras\ndef f(q): return keras.layers.Attention()(q)\n", []),
    "imported by name": (
        "import importlib\nL = importlib.import_module('keras.layers')\ndef f(q): return L.Attention()(q)\n",
        [],
    ),
    "the library's own place": (
        "from keras.src.layers.attention.attention import Attention as A\ndef f(q): return A()(q)\n",
        [],
    ),
    "a name in pieces": ("import keras\ndef f(q): return getattr(keras.layers, 'Atten' + f'ti{\"on\"}')()(q)\n", []),
    "attrgetter": (
        "import keras, operator\ndef f(q): return operator.attrgetter('layers.Attention')(keras)()(q)\n",
        [],
    ),
    "globals": ("import keras\ndef f(q): return globals()['keras'].layers.Attention()(q)\n", []),
    "a helper from globals": (
        "import keras\ndef g(q): return keras.layers.Attention()(q)\ndef f(q): return globals()['g'](q)\n",
        [],
    ),
    "vars": ("import keras\ndef f(q): return vars(keras)['layers'].Attention()(q)\n", []),
    "__dict__": ("import keras\ndef f(q): return keras.layers.__dict__['Attention']()(q)\n", []),
    "sys.modules": ("import sys, keras\ndef f(q): return sys.modules['keras.layers'].Attention()(q)\n", []),
    "eval": ("import keras\ndef f(q): return eval('keras.layers.Attention()(q)')\n", []),
    "exec": ("import keras\nexec('def g(q): return keras.layers.Attention()(q)')\ndef f(q): return g(q)\n", []),
    "partial": (
        "import keras\nfrom functools import partial\ndef f(q): return partial(keras.layers.Attention)()(q)\n",
        [],
    ),
    "a subclass": ("import keras\nclass A(keras.layers.Attention): pass\ndef f(q): return A()(q)\n", []),
    "getattr twice": ("import keras\ndef f(q): return getattr(getattr(keras, 'layers'), 'Attention')()(q)\n", []),
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
        "def f(q):\n    return my.layers.of.Attention(q), vars(q)['Attention'], q['layers']['Attention']\n",
        "def f(q):\n    return eval(q), eval('1 +'), getattr(keras.layers, q)\n",
        "def f(:\n",
    ],
)
def test_innocent_code_is_not(solution):
    assert forbidden_use(solution, ["import keras", "layer = keras.layers.Attention()  # a comparison"], RULES) is None


def test_the_name_is_told_as_the_library_has_it():
    solution = "import tensorflow as tf\nL = tf.keras.layers\ndef f(q): return L.Attention()(q)\n"
    assert forbidden_use(solution, [], RULES) == "tensorflow.keras.layers.Attention"


def test_a_name_for_very_many_others_is_not_followed_for_ever():
    many = "\n".join(f"if a:\n    L = b{i}.c" for i in range(static_rules.MOST_WAYS + 1))
    with pytest.raises(TooManyNames):
        forbidden_use(f"{many}\ndef f(q): return L.x(q)\n", [], RULES)
    circles = "a = b.b\nb = a.a\nq = q.T\nL = q.x, L.y\n"
    assert forbidden_use(f"{circles}def f(q): return a(q.T, L)\n", [], RULES) is None


@pytest.mark.parametrize("start, more", [("f", "('x')"), ("'x'", " + 'x'"), ("f", "['x']"), ("vars(f)", "['x']")])
def test_what_goes_on_for_very_long_is_looked_at_too(start, more):
    assert (
        forbidden_use(f"import keras\ndef f(q): return g({start}{more * 400}, {start}{more * 400})\n", [], RULES)
        is None
    )
    assert forbidden_use(f"import keras\ndef f(q): return {start}{more * 400}, keras.layers.Attention\n", [], RULES)


def test_each_statement_is_looked_at_once(monkeypatch):
    looked = []
    real = static_rules.nodes
    monkeypatch.setattr(static_rules, "nodes", lambda *trees: looked.extend(trees) or real(*trees))
    names = ", ".join(f"n{i}" for i in range(500))
    assert forbidden_use(f"def f(q): return {names}\n", [f"{names} = x, y"], RULES) is None
    assert len(looked) <= 4  # both statements, for what is imported and for what is used
