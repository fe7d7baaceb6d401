"""The general advice on exceptions: each sentence has code of which it is true, and code near it of which it is not."""

import numpy as np
import pytest

from autograder.learner import check as checker
from autograder.learner.check import ADVICE
from tests.advice.telling import INPUTS, SPEC, first_advice, learner, stopped, ways

METHOD = "class T:\n    def __init__(self): self.W = 1\n    def go(self, *, q): return W\n    def no(x): return x\n"
ODD = "class T:\n    def _init_(self, x): pass\nclass P: pass\n"
HELPER = "def helper(y): return y\n"


def raises(kind, text):
    """Return a body that raises an exception with this text."""
    return f"raise {kind}({text!r})"


def layer(method):
    """Return a class that says what Keras does when `call` is missing."""
    says = "Layer L does not have a `call` method implemented."
    return (f"class L:\n    def {method}(self, x): return x\n", raises("NotImplementedError", says))


# (how the advice begins, code of which it is true, code that comes near and of which it is not); a pair is what stands
# above the function, and its body
SAID = [
    ("This is about the version of NumPy, not about your idea. `np.math`", "np.math.sqrt(2)", "n.math"),
    ("This is about the version of NumPy, not about your idea. `np.concat`",
     raises("AttributeError", "module 'numpy' has no attribute 'concat'"), "x.concat"),
    ("NumPy says `np.concatenate`", "np.cat([x, x])", "n.cat"),
    ("PyTorch is not used here", "torch.exp(x)", "torsh.exp(x)"),
    ("PyTorch says `\\1\\2`", "x.sum(dim=1)", ("def helper(x, dims): return x\n", "helper(x, dim=1)")),
    ("This is about the version of NumPy, not about your idea. float", "a = np.ones((1, 1))\nfloat(a)",
     "a = np.ones(6)\nfloat(a)"),
    ("float, int and the functions of `math` take one number", "float(np.ones(6))", "a = np.ones((1, 1))\nfloat(a)"),
    ("Write `import math`", "math.sqrt(2)", "maths.sqrt(2)"),
    ("Run the cell further up that imports np", ("del np\n", "np.exp(x)"), "npp.exp(x)"),
    ("This task is for NumPy", "tf.exp(x)", "tff.exp(x)"),
    ("A letter of `\\1`", "\u0445 + 1", "xx + 1"),
    ("In a method write `self.\\1`", (METHOD, "T().go(q=1)"), "W + 1"),
    ("`\\1` is an argument of the task's function", ("def helper(): return mask\n", "helper()"), "masks + 1"),
    ("No variable called `\\1` exists here. Did you mean", "weights = x\nwheights + 1", "nothing_like_it + 1"),
    ("No variable called `\\1` exists here. Is it misspelt", "nothing_like_it + 1", "weights = x\nwheights + 1"),
    ("An array has no `.masked_fill`", "x.masked_fill(x > 1, 0)", "[].masked_fill()"),
    ("An array has no `.unsqueeze`", "x.unsqueeze(0)", "n.unsqueeze(0)"),
    ("An array needs no `.\\1`", "x.detach()", "n.detach()"),
    ("An array has no `.repeat_interleave`", "x.repeat_interleave(2, dim=0)", "n.repeat_interleave(2)"),
    ("An array has no softmax", "x.softmax(-1)", "n.softmax(-1)"),
    ("NumPy has no `unsqueeze`", "np.unsqueeze(x, 0)", "np.squeezed(x, 0)"),
    ("NumPy has no `tensor`", "np.tensor(x)", "np.tensors(x)"),
    ("`nn` is PyTorch's and TensorFlow's", "np.nn.softmax(x)", "n.nn"),
    ("This is about the version of NumPy, not about your idea. Write",
     raises("AttributeError", "module 'numpy' has no attribute 'float'"), "n.float"),
    ("NumPy sorts upwards", "np.sort(x, descending=True)", (HELPER, "helper(descending=True)")),
    ("PyTorch says `diagonal`", "np.triu(x, diagonal=1)", (HELPER, "helper(diagonal=1)")),
    ("PyTorch says `unbiased`", "x.std(unbiased=False)", (HELPER, "helper(unbiased=False)")),
    ("`np.\\1` works number by number", "np.exp(x, axis=1)", ("def exp(x): return x\n", "exp(x, axis=1)")),
    ("A product has no choice of axes", "np.dot(x, x, axis=1)", ("def dot(x): return x\n", "dot(x, axis=1)")),
    ("Python's own `\\1` knows no axis", "sum(x, axis=1)", "sorted(x, axis=1)"),
    ("The function that is called here does not know", "x.reshape(axis=1)", "x.sum(axes=1)"),
    ("`transpose` takes the order of all axes. np.swapaxes", "c = np.ones((2, 3, 4))\nc.transpose(-1, -2)",
     "x.transpose(0, 1, 2)"),
    ("`transpose` takes the order of all axes: as many", "x.transpose(0, 1, 2)",
     "c = np.ones((2, 3, 4))\nc.transpose(-1, -2)"),
    ("np.transpose takes the order", "np.transpose(x, 0, 1)", "np.transpose()"),
    ("NumPy's `flatten` makes one axis", "x.flatten(1)", "x.ravel(1)"),
    ("np.einsum takes the letters first", "np.einsum(x, x, 'ij,jk->ik')",
     raises("TypeError", "each subscript must be either an integer or an ellipsis")),
    ("`len(x)` is the length", "len(x, 0)", "abs(x, 0)"),
    ("`\\1` is PyTorch's", "F.softmax(x)", "F + 1"),
    ("`T` is no function", "x.T()", "x()"),
    ("The third place is the kind of number", "np.mean(x, -1, True)", "np.ones(3, 5)"),
    ("An array with axis \\1 is needed here", "np.sum(x, axis=5)", "x[:, 5]"),
    ("A list has no `\\1`", "[1].shape", "(1,).shape"),
    ("There is no `\\1\\2` here. Did you mean", "x.shappe", "x.quite_other"),
    ("An array has no `.\\1`: it is", "x.hypot()", "x.missing()"),
    ("A tensor has no `.\\1`", raises("AttributeError", "'SymbolicTensor' object has no attribute 'to'"), "x.to(1)"),
    ("`\\1` is used before it has a value", "total += x\nreturn total", "totals + x"),
    ("`{called}` takes {takes}.", (HELPER, "helper(z=1)"), "x.sum(z=1)"),
    ("A function that you call does not know", "x.sum(z=1)", (HELPER, "helper(z=1)")),
    ("A function that you call was given too few", "(lambda a: a)()", (HELPER, "helper()")),
    ("In a class every method has `self` as its first argument; ", (METHOD, "T().no(1)"), (METHOD, "T().go(1)")),
    ("In a class every method has `self` as its first argument.",
     "class T:\n    def go(): pass\nT().go()", "def go(): pass\ngo(1)"),
    ("`{called}` takes {takes}, those behind `*`", (METHOD, "T().go(1)"), (METHOD, "T().no(1)")),
    ("`__init__` is written with two underscores on each side; you wrote", (ODD, "T(1)"), (ODD, "P(1)")),
    ("The class `\\1` has no `__init__`", (ODD, "P(1)"), (ODD, "T(1)")),
    ("Keras calls the method `call`; `forward`", layer("forward"), layer("cal")),
    ("The class `\\1` has no method `call`", layer("cal"), layer("forward")),
    ("The model takes its \\1 inputs as one list", raises("ValueError", "expects 2 named input(s) with keys [], but it "
     "received 1 input tensors"), raises("ValueError", "expects 1 input(s), but it received 2 input tensors")),
    ("Write `super().__init__()`", raises("RuntimeError", "you forgot to call `super().__init__()` as the first"),
     "super().__init__()"),
    ("In NumPy `size` is a number", "x.size(-1)", "n(1)"),
    ("`shape` is no function", "x.shape(0)", "(1, 2)(0)"),
    ("A module is no function", "np(1)", "n(1)"),
    ("What is called here is None", "mask(1)", "n(1)"),
    ("Something of the kind \\1 is called here", "x(1)", "mask(1)"),
    ("A whole array is neither true nor false", "if x: pass", "x.any"),
    ("`{none}` is None here", "x + mask", "x + [].append(1)"),
    ("Something here is None. It may be an argument", "x + [].append(1)", "x + mask"),
    ("`^` is no power in Python", "x ^ 2", "x ** 'a'"),
    ("The shape is one argument, in parentheses", "np.ones(5, 5)", "np.ones('a')"),
    ("`{turned}` turns all axes of a batch round", "y = np.ones((2, 3, 5))\ny @ y.T", "x @ x"),
    ("The inner sizes do not fit: \\2 on the left, \\1 on the right. {remedy}", "x @ x", "x @ np.ones((2, 2)).copy()"),
    ("The inner sizes do not fit: \\2 on the left, \\1 on the right.", "x @ np.ones((2, 2)).copy()", "x @ x"),
    ("The inner sizes do not fit: \\1 on the left, \\2 on the right. {remedy}", "np.dot(x, x)", "x @ x"),
    ("The inner sizes do not fit: \\1 on the left, \\2 on the right.",
     raises("ValueError", "not aligned: 3 (dim 1) != 2 (dim 0)"), "np.dot(x, x)"),
    ("The sizes of a product do not fit", raises("ValueError", "In[0]: [2,3], In[1]: [4,5]"),
     raises("ValueError", "In[0]: [2,3], In[1]: [3,5]")),
    ("The second has one entry for each row", "x / x.sum(axis=1)", "x / np.ones((2, 2))"),
    ("`+`, `-`, `*` and `/` go entry by entry", "x + x.T", "y = x.copy()\ny[0] = np.ones(5)"),
    ("What is stored has the shape", "y = x.copy()\ny[0] = np.ones(5)", "x + x.T"),
    ("A whole number is needed here, and this is a \\1: `/`", "range(4 / 2)", "range([1])"),
    ("A whole number is needed here, and this is a \\1.", "range([1])", "range(4 / 2)"),
    ("An index or a size must be a whole number", "x[4 / 2]", "x[9]"),
    ("There are no entries on axis", "x[:0][0]", "x[9]"),
    ("There are only \\2 entries, counted from 0. The number", "x[9]", "i = 9\nx[i]"),
    ("There are only \\2 entries, counted from 0.", "i = 9\nx[i]", "x[9]"),
    ("Your function ended Python", "exit()", "exits()"),
    ("`x.view(…)` is PyTorch's", "x.view(3, 2, 1)", "x.reshape(5, 4, 1)"),
    ("The list of arrays is empty", "np.concatenate([])", "np.concatenate(x, x)"),
    ("NumPy has no `relu`", "np.relu(x)", "x.relu"), ("NumPy has no `sigmoid`", "np.sigmoid(x)", "x.sigmoid"),
    ("NumPy has no softmax", "np.softmax(x)", "x.softmax"),
    ("A function stands before square", "np.tanh[x]", "n[0]"),
    ("`\\1` has nothing called `\\2`", "np.quite_other(x)", "x.quite_other"),
    ("`np.min(a, b)` takes b for an axis", "np.max(x, x)", "np.concatenate(x, x)"),
    ("np.concatenate takes the arrays as one", "np.concatenate(x, x)", "np.max(x, x)"),
]  # fmt: skip
HABITS = {begin for word in checker.HABITS for begin in (f"An array has no `.{word}`", f"NumPy has no `{word}`")}


def told(code):
    """Return the advice on a body, as it stands in the rules."""
    before, body = code if isinstance(code, tuple) else ("", code)
    return first_advice(*(lambda text, seen: (text, ADVICE, seen))(*stopped(body, before)))


def begins(advice, start):
    """Say whether advice begins so; a sentence that is whole is meant alone."""
    longer = [one for one, *_ in SAID if one != start and one.startswith(start)]
    return advice.startswith(start) and not any(advice.startswith(one) for one in longer)


@pytest.mark.parametrize("start,code", [(start, code) for start, code, _ in SAID])
def test_advice_is_given_where_it_is_true(start, code):
    assert begins(told(code), start), told(code)


@pytest.mark.parametrize("start,code", [(start, code) for start, _, code in SAID])
def test_advice_is_not_given_beside_it(start, code):
    assert not begins(told(code), start)


def test_every_sentence_has_both():
    starts = {start for start, *_ in SAID} | HABITS
    without = [advice for _, advice, _ in ways(ADVICE) if not any(begins(advice, start) for start in starts)]
    assert without == ["Run the cell further up that imports tf."], "add a case and a counter-example to SAID"


def test_tensorflow_is_imported_where_the_task_needs_it():
    text, seen = stopped("tf.exp(x)")
    assert first_advice(text, ADVICE, seen._replace(spec=SPEC | {"needs": "tensorflow"})).startswith("Run the cell")


@pytest.mark.parametrize("word", sorted(checker.HABITS))
def test_a_word_of_another_library_is_translated_for_arrays_alone(word):
    assert first_advice(*(lambda text, seen: (text, ADVICE, seen))(*stopped(f"x.{word}"))).startswith("An array has no")
    assert not told(f"n.{word}_").startswith("An array")


@pytest.mark.parametrize("call", ["x.view(3, 2, 1)", "x.view(-1, 3)", "x.view(6)"])
def test_view_is_told_to_be_reshape(call):
    assert first_advice(*(lambda text, seen: (text, ADVICE, seen))(*stopped(call))).startswith(
        "`x.view(…)` is PyTorch's"
    )


# ---------------------------------------------------------------- what would make a product fit
@pytest.mark.parametrize(("stack", "within"), [
    ("task earlier", "earlier"), ("answer task earlier", "earlier"), ("task", ""), ("Task.call earlier", ""),
    ("task task.<locals>.<lambda>", ""), ("", ""),
])  # fmt: skip
def test_a_product_in_an_earlier_function_is_not_told_how_to_fit(stack, within):
    assert checker.called_within({"function": "task"}, {"stack": stack}) == within


@pytest.mark.parametrize(("left", "right", "said"), [
    ((2, 3), (2, 3), "They would fit with the left one transposed, or with the right one transposed."),
    ((2, 3), (5, 2), "They would fit with the two exchanged."),
    ((2, 3), (5, 3), "They would fit with the right one transposed."),
    ((3, 2), (3, 5), "They would fit with the left one transposed."),
    ((2, 3), (5, 7), "Neither a transpose nor an exchange makes them fit."),
    ((5,), (3, 5), "They would fit with the right one transposed, or with the two exchanged."),
    ((2, 3), (5,), "Neither a transpose nor an exchange makes them fit."),
    ((2, 3), (2,), "They would fit with the left one transposed, or with the two exchanged."),
    ((7, 2, 3), (7, 5, 3), "They would fit with the right one transposed."),
    ((7, 2, 3), (6, 5, 3), ""),
])  # fmt: skip
def test_what_would_make_a_product_fit_is_computed(left, right, said):
    facts = {"left": str(left), "right": str(right)}
    assert checker.remedy("", facts) == said
    if said and left[:-2] == right[:-2]:
        a, b = np.ones(left), np.ones(right)
        swap = lambda one: np.swapaxes(one, -1, -2) if one.ndim > 1 else one  # noqa: E731
        ways = {"left one transposed": (swap(a), b), "right one transposed": (a, swap(b)), "exchanged": (b, a)}
        for name, pair in ways.items():
            assert (name in said) == fits(*pair)


def fits(a, b):
    """Say whether NumPy multiplies two arrays."""
    try:
        a @ b
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- unfinished, and the task's own advice
def explained(code, **spec):
    """Return the sentence on a body as a learner reads it."""
    before, body = code if isinstance(code, tuple) else ("", code)
    text, seen = stopped(body, before)
    return checker.explained(text, SPEC | spec, {"inputs": INPUTS, "label": "the case"}, seen.facts)


def test_a_class_without_call_is_not_called_unfinished():
    answer = learner("\n".join(layer("forward")[:1]) + f"\ndef share(**given):\n    {layer('forward')[1]}\n")
    case = {"inputs": INPUTS, "label": "the case", "expected": {}}
    said = checker.raised(SPEC | {"cases": [case]}, [checker.call(answer, INPUTS, ["result"])])
    assert said.startswith("Keras calls the method `call`") and "not finished" not in said
    stub = learner("def share(**given):\n    raise NotImplementedError('Write your answer')\n")
    said = checker.raised(SPEC | {"cases": [case]}, [checker.call(stub, INPUTS, ["result"])])
    assert said == "share is not finished yet: it still raises NotImplementedError."


CLASS = "class T:\n    def __init__(self): self.W_query = 1\n    def {0}(self): return self.{1}\n"


@pytest.mark.parametrize(("body", "said"), [
    ((CLASS.format("go", "W_qeury"), "T().go()"), "`T` has no `W_qeury`, but `W_query`: is one of the two misspelt?"),
    ((CLASS.format("go", "scale"), "T().go()"), "Keep it in `__init__`: `self.scale = …`."),
    ((CLASS.format("go", "project(1)"), "T().go()"), "The class has no method `project`."),
])  # fmt: skip
def test_what_an_object_of_the_task_lacks(body, said):
    assert explained(body, function="T").startswith(said)


def test_the_names_of_the_arguments_are_kept_or_another_call_is_wrong():
    rules = checker.advice_of_task(SPEC)
    text = "TypeError: share() got an unexpected keyword argument 'x'"
    assert first_advice(text, rules, checker.Seen(SPEC, INPUTS, {})).startswith("Keep the names")
    assert first_advice(text, rules, checker.Seen(SPEC, INPUTS, {"stack": "share"})) == ""
