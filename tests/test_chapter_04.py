"""Chapter 04: the known values, reproduced by the solved notebook, and nbgrader's own validator."""

from functools import partial

import numpy as np
import pytest

from autograder.authoring.source import read_source
from autograder.learner.check import load
from tests import chapters
from tests.chapters import ROOT
from tests.closeness import assert_equal_up_to_rounding

SLUG = "04_scaled_dot_product_attention"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
TABLE_B = [
    [0.94744244, -0.24348429, -0.91310441, -0.44522983],
    [1.64201168, -0.08470004, 4.02764044, 2.18690791],
    [1.61949281, -0.06641533, 3.96863308, 2.15858316],
]
TABLE_B_SCALED = [
    [0.97411966, -0.23738409, -0.72333202, -0.34413007],
    [1.59622051, -0.09516106, 3.70194096, 2.01339538],
    [1.32638014, 0.13062402, 3.02371664, 1.69024190],
]
ATTENTION = [
    [1.24326146e-13, 9.98281489e-01, 1.71851130e-03],
    [2.79525306e-12, 5.85506360e-03, 9.94144936e-01],
    [0.00505708, 0.00654776, 0.98839516],
]
ATTENTION_SCALED = [
    [3.38843552e-07, 9.60161968e-01, 3.98376935e-02],
    [1.55730194e-06, 7.12734969e-02, 9.28724946e-01],
    [0.06204187, 0.07059622, 0.86736191],
]


@pytest.fixture(scope="module")
def parameters(solved):
    return {f"{kind}_{name}": solved[f"{kind}_{name}"] for kind in ("omega", "beta") for name in "qkv"}


def test_table_b_by_loops(solved, parameters):
    lists = solved["compute_queries_keys_values"](solved["all_x"], **parameters)
    np.testing.assert_allclose(np.squeeze(solved["compute_x_primes"](*lists)), TABLE_B, rtol=0, atol=1e-8)


def test_table_b_by_matrices(solved, parameters):
    np.testing.assert_allclose(solved["self_attention"](solved["X"], **parameters).T, TABLE_B, rtol=0, atol=1e-8)


def test_table_b_scaled(solved, parameters):
    scaled = solved["scaled_dot_product_self_attention"](solved["X"], **parameters)
    np.testing.assert_allclose(scaled.T, TABLE_B_SCALED, rtol=0, atol=1e-8)


@pytest.mark.parametrize(("divisor", "expected"), [(1, ATTENTION), (2, ATTENTION_SCALED)])
def test_table_b_attention(solved, parameters, divisor, expected):
    X, p = solved["X"], parameters
    scores = (p["omega_k"] @ X + p["beta_k"]).T @ (p["omega_q"] @ X + p["beta_q"])
    weights = solved["softmax_cols"](scores / divisor).T
    np.testing.assert_allclose(weights, expected, rtol=1e-6, atol=1e-8)


def stored_checks():
    return load(ROOT / "exercises" / SLUG)["checks"]


@pytest.mark.parametrize("name", ["queries_keys_values", "x_prime", "self_attention", "scaled_self_attention"])
def test_a_check_begins_with_the_classic_inputs(solved, parameters, name):
    given = stored_checks()[name]["cases"][0]["inputs"]
    columns = solved["compute_queries_keys_values"](solved["all_x"], **parameters)
    known = {**solved, **dict(zip(("all_queries", "all_keys", "all_values"), columns, strict=True))}
    assert len(given) > 2
    for argument, array in given.items():
        np.testing.assert_allclose(array, known[argument], rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("x_prime", TABLE_B), ("self_attention", TABLE_B), ("scaled_self_attention", TABLE_B_SCALED)],
)
def test_a_check_begins_with_the_known_outputs(name, expected):
    (outputs,) = stored_checks()[name]["cases"][0]["expected"].values()
    outputs = np.squeeze(outputs)
    np.testing.assert_allclose(outputs if outputs.shape == (3, 4) else outputs.T, expected, rtol=0, atol=1e-12)


def test_table_a(solved):
    tf = pytest.importorskip("tensorflow")
    tf.random.set_seed(0)
    embeddings = tf.random.normal((3, 512))  # by Box and Muller: a length of order 2 times a cosine
    first = [1.5110626, 0.42292204, -0.41969493]
    assert_equal_up_to_rounding(embeddings[0, :3], first, terms=1, magnitude=2)
    assert_equal_up_to_rounding(embeddings[0, -1], 0.58657396, terms=1, magnitude=2)
    tf.random.set_seed(0)
    W = tf.random.normal((512, 1536))
    assert_equal_up_to_rounding(W[0, :3], first, terms=1, magnitude=2)
    assert_equal_up_to_rounding(W[-1, -1], -0.31700885, terms=1, magnitude=2)
    # In float64 our scores are the same everywhere; the table's were added up in float32, 512 numbers of order 500.
    exact = (tf.cast(array, tf.float64) for array in (embeddings + tf.eye(3, 512), W))
    query, key, value = solved["project_qkv"](*exact)
    scores = [
        [1703.1049, -713.31323, -3711.223],
        [-21326.793, -5222.2803, 20668.867],
        [6377.7256, 10644.914, 6412.1963],
    ]
    np.testing.assert_allclose(tf.matmul(query, key, transpose_b=True), scores, rtol=1e-4)
    _, weights = solved["tf_scaled_dot_product_attention"](*(tf.cast(x, tf.float32) for x in (query, key, value)))
    np.testing.assert_array_equal(weights, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    example = tf.constant([[0.9, 0.03, 0.07], [0.05, 0.85, 0.1], [0.06, 0.04, 0.9]], tf.float64)
    context = tf.matmul(example, value)
    np.testing.assert_allclose(context[0, :3], [10.488299, -13.140542, 31.937096], rtol=1e-4)
    np.testing.assert_allclose(context[0, -1], 14.269412, rtol=1e-4)


# ---------------------------------------------------------------- what learners write, and what they are told
ATTEND = """
def scaled_dot_product_attention(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = scores + mask * -1e9
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exps / exps.sum(axis=-1, keepdims=True)
    return weights @ value, weights
"""
IN_TENSORFLOW = """
def tf_scaled_dot_product_attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32))
    if mask is not None:
        scores += mask * -1e9
    weights = tf.nn.softmax(scores, axis=-1)
    return tf.matmul(weights, value), weights
"""
MATRICES = """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    scores = keys.T @ queries
    return values @ softmax_cols(scores)
"""
SCALED = MATRICES.replace("self_attention", "scaled_dot_product_self_attention").replace(
    "scores = keys.T @ queries", "scores = keys.T @ queries / np.sqrt(len(queries))"
)
LOOPS = """
def compute_x_primes(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        x_prime = np.zeros_like(all_values[0])
        for m in range(len(all_values)):
            x_prime += attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime
"""
PROJECT = """
def compute_queries_keys_values(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    q, k, v = [], [], []
    for x in all_x:
        q.append(omega_q @ x + beta_q)
        k.append(omega_k @ x + beta_k)
        v.append(omega_v @ x + beta_v)
    return q, k, v
"""
SOFTMAX = """
def softmax(items_in):
    exps = np.exp(items_in)
    return exps / np.sum(exps)
"""
COLUMNS = """
def softmax_cols(data_in):
    exps = np.exp(data_in)
    return exps / np.sum(exps, axis=0)
"""
CLASS = """
class SelfAttention:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        return scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_v)
"""
CROSS = """
def cross_attention(x_query, x_key_value, W_q, W_k, W_v):
    return scaled_dot_product_attention(x_query @ W_q, x_key_value @ W_k, x_key_value @ W_v)
"""
CUT = """
def project_qkv(embedding_matrix, W):
    qkv, d = tf.matmul(embedding_matrix, W), W.shape[1] // 3
    return qkv[:, :d], qkv[:, d : 2 * d], qkv[:, 2 * d :]
"""
CODE = {
    "queries_keys_values": PROJECT, "softmax": SOFTMAX, "x_prime": LOOPS, "softmax_cols": COLUMNS,
    "self_attention": MATRICES, "scaled_self_attention": SCALED, "scaled_dot_product_attention": ATTEND,
    "self_attention_class": CLASS, "cross_attention": CROSS, "project_qkv": CUT,
    "tf_scaled_dot_product_attention": IN_TENSORFLOW,
}  # fmt: skip
ROOT_OF_D_K = "np.sqrt(key.shape[-1])"
HIDE = "scores = scores + mask * -1e9"
# (check, what is replaced in the right code, by what, the mistakes named or what is said)
TOLD = [
    # named mistakes, written in their commonest forms
    ("queries_keys_values", "omega_v @ x + beta_v", "omega_v @ x", {"bias_forgotten"}),
    ("queries_keys_values", "omega_v @ x + beta_v", "omega_k @ x + beta_k", {"parameters_used_twice"}),
    ("queries_keys_values", "omega_v @ x + beta_v", "omega_v @ x + beta_k", {"bias_of_another"}),
    ("queries_keys_values", "omega_k @ x + beta_k", "omega_k @ x + beta_k.T", {"bias_transposed"}),
    ("queries_keys_values", "omega_k @ x + beta_k", "omega_k @ x + beta_k.flatten()", {"bias_transposed"}),
    ("queries_keys_values", "omega_k @ x + beta_k", "omega_k @ x - beta_k", {"bias_subtracted"}),
    ("queries_keys_values", "return q, k, v", "return v, k, q", {"queries_and_values_swapped"}),
    ("softmax", "np.exp(items_in)", "np.exp(items_in - np.max(items_in))", set()),
    ("softmax", "return exps / np.sum(exps)", "return np.exp(items_in - np.max(items_in))", {"divided_by_the_largest"}),
    ("softmax", "np.sum(exps)", "np.sum(exps, axis=-1)", {"each_number_alone"}),
    ("x_prime", "x_prime += ", "x_prime = ", {"last_term_only"}),
    ("x_prime", "attention[m] *", "attention[n] *", {"own_weight_for_all"}),
    ("x_prime", "* all_values[m]", "* all_queries[m]", {"queries_summed"}),
    ("x_prime", "* all_values[m]", "* all_values[n]", {"own_value_only"}),
    ("x_prime", "range(len(all_values))", "range(1, len(all_values))", {"one_left_out"}),
    ("x_prime", "range(len(all_values))", "range(len(all_values) - 1)", {"one_left_out"}),
    ("x_prime", "key.T @ all_queries[n]", "key * all_queries[n]", {"dot_product_by_feature"}),
    ("x_prime", "for n in", "x_prime = np.zeros_like(all_values[0])\n    for n in", set()),
    ("softmax_cols", "np.exp(data_in)", "np.exp(data_in - data_in.max(1, keepdims=True))", {"row_maximum_subtracted"}),
    ("softmax_cols", "exps / np.sum(exps, axis=0)", "np.exp(data_in - data_in.max(0))", {"divided_by_the_largest"}),
    ("self_attention", "omega_v @ X + beta_v", "omega_v @ X", {"bias_of_values_forgotten"}),
    ("self_attention", "omega_q @ X + beta_q", "omega_q @ X", {"bias_of_queries_forgotten"}),
    ("self_attention", "omega_k @ X + beta_k", "omega_k @ X", set()),
    ("self_attention", "@ softmax_cols(scores)", "@ softmax_cols(scores) + X", {"input_added"}),
    ("self_attention", "values @ softmax_cols(scores)", "softmax_cols(keys @ queries.T) @ values",
     {"features_compared"}),
    ("self_attention", "values @ softmax_cols(scores)", "values @ softmax_cols(queries.T @ keys).T",
     {"softmax_over_queries"}),
    ("self_attention", "values @ softmax_cols(scores)", "(softmax_cols(scores) @ values.T).T", {"weights_transposed"}),
    ("self_attention", "omega_q @ X + beta_q", "omega_v @ X + beta_q", {"omega_of_another"}),
    ("scaled_self_attention", "np.sqrt(len(queries))", "len(queries) ** 1 / 2", {"divided_by_d_k_and_two"}),
    ("scaled_self_attention", "np.sqrt(len(queries))", "(len(queries) ** 1 / 2)", {"half_of_d_k"}),
    ("scaled_self_attention", "keys.T @ queries / ", "keys.T @ queries - ", {"not_scaled"}),
    ("scaled_self_attention", "/ np.sqrt(len(queries))\n", "\n    values = values / np.sqrt(len(values))\n",
     {"divided_after_the_softmax"}),
    ("scaled_dot_product_attention", ROOT_OF_D_K, "np.sqrt(query.shape[-2])", {"root_of_the_number_of_queries"}),
    ("scaled_dot_product_attention", ROOT_OF_D_K, "np.sqrt(query.shape[0])", {"root_of_axis_0"}),
    ("scaled_dot_product_attention", ROOT_OF_D_K, "(key.shape[-1] ** 1 / 2)", {"half_of_d_k"}),
    ("scaled_dot_product_attention", ROOT_OF_D_K, "2", {"divided_by_a_fixed_number"}),
    ("scaled_dot_product_attention", ROOT_OF_D_K, "np.sqrt(key.shape[-1]) ** 2", {"divided_without_the_root"}),
    ("scaled_dot_product_attention", "weights @ value, weights", "(weights / np.sqrt(key.shape[-1])) @ value, weights",
     "output is "),
    ("scaled_dot_product_attention", "/ np.sqrt(key.shape[-1])\n", "\n    value = value / np.sqrt(key.shape[-1])\n",
     {"divided_after_the_softmax"}),
    ("scaled_dot_product_attention", HIDE, "scores = scores * mask", {"mask_multiplied"}),
    ("scaled_dot_product_attention", HIDE, "scores[mask] = -1e9", {"mask_as_an_index"}),
    ("scaled_dot_product_attention", HIDE, "scores = scores - 5 * mask", {"mask_too_weak"}),
    ("scaled_dot_product_attention", HIDE, "scores = scores + mask * 1e-9", {"mask_dropped"}),
    ("scaled_dot_product_attention", HIDE, "scores = np.where(~mask, scores, -1e9)", {"mask_dropped"}),
    ("scaled_dot_product_attention", HIDE, "scores = scores + mask * 1e9", {"mask_inverted"}),
    ("scaled_dot_product_attention", HIDE, "scores = np.where(mask, scores, -np.inf)", {"mask_inverted"}),
    ("scaled_dot_product_attention", HIDE, "scores = np.where(mask == 1, -np.inf, scores)", set()),
    ("scaled_dot_product_attention", "exps / exps.sum(axis=-1, keepdims=True)", "exps", {"weights_not_normalised"}),
    ("scaled_dot_product_attention", "exps / exps.sum(axis=-1, keepdims=True)", "scores", {"no_softmax"}),
    *[("scaled_dot_product_attention", "axis=-1", f"axis={axis}", {name})
      for axis, name in ((-2, "softmax_over_queries"), (1, "softmax_over_axis_1"), (0, "softmax_over_axis_0"))],
    ("scaled_dot_product_attention", "return weights @ value, weights", "return weights @ value, weights @ value",
     "`attention_weights` is what `output` should be."),
    ("self_attention_class", "x @ self.W_k,", "x @ self.W_q,", {"one_matrix_for_queries_and_keys"}),
    ("self_attention_class", "x @ self.W_k, x @ self.W_v", "x @ self.W_v, x @ self.W_k",
     {"key_and_value_matrices_swapped"}),
    ("cross_attention", "x_query @ W_q", "x_key_value @ W_q", {"first_sentence_ignored"}),
    ("cross_attention", "x_key_value @ W_k", "x_key_value @ W_q", {"one_matrix_for_queries_and_keys"}),
    ("project_qkv", "qkv[:, 2 * d :]", "qkv[:, d:]", {"slices_overlap"}),
    ("project_qkv", "qkv[:, d : 2 * d], qkv[:, 2 * d :]", "qkv[:, d + 1 : 2 * d], qkv[:, 2 * d + 1 :]",
     {"slices_with_gaps"}),
    ("project_qkv", "qkv[:, :d], qkv[:, d : 2 * d], qkv[:, 2 * d :]", "qkv[:d], qkv[d : 2 * d], qkv[2 * d :]",
     {"cut_along_the_rows"}),
    ("project_qkv", "return qkv[:, :d], qkv[:, d : 2 * d], qkv[:, 2 * d :]", "return tf.split(qkv, 3, axis=0)",
     {"cut_along_the_rows"}),
    ("tf_scaled_dot_product_attention", "mask * -1e9", "mask * 1e9", {"mask_inverted"}),
    ("tf_scaled_dot_product_attention", "tf.cast(tf.shape(key)[-1], tf.float32)", "512.0",
     {"divided_by_a_fixed_number"}),
    *[("tf_scaled_dot_product_attention", "axis=-1", f"axis={axis}", {name})
      for axis, name in ((-2, "softmax_over_queries"), (1, "softmax_over_axis_1"), (0, "softmax_over_axis_0"))],
    ("tf_scaled_dot_product_attention", "tf.nn.softmax(scores, axis=-1)",
     "tf.exp(scores) / tf.reduce_sum(tf.exp(scores), axis=-2, keepdims=True)", {"softmax_over_queries"}),
    ("tf_scaled_dot_product_attention", "tf.matmul(query, key, transpose_b=True)",
     "tf.matmul(query, tf.transpose(key))", {"one_sequence_only"}),
    # no order is blamed for what happened to one part alone
    ("queries_keys_values", "return q, k, v", "return q, k, k", {"parameters_used_twice"}),
    ("scaled_dot_product_attention", "return weights @ value, weights", "return weights, weights",
     "output has shape (3, 5); expected (3, 2)."),
    # sentences
    ("self_attention", "keys = omega_k @ X + beta_k\n", "\n", "`keys` has no value inside your function"),
    ("self_attention", "values @ softmax_cols(scores)", "values @ softmax_cols(scors)", "No variable called `scors`"),
    ("self_attention", "softmax_cols(scores)", "softmax(scores, axis=0)", "Your softmax of task 2 has no axis"),
    ("self_attention", "return values @ softmax_cols(scores)", "return values @ softmax_cols(scores), scores",
     "You returned 2 things; return only X_prime."),
    ("self_attention_class", "x @ self.W_q", "x @ W_q", "In a method write `self.W_q`."),
    ("self_attention_class", "self.W_q, self.W_k, self.W_v = W_q, W_k, W_v", "pass", "`self.W_q = …`."),
    ("self_attention_class", "compute_attention(self, x)", "compute_attention(x)", "`compute_attention` takes (x)."),
    ("self_attention_class", "__init__", "_init_", "each side; you wrote `_init_`."),
    ("scaled_dot_product_attention", "if mask is not None:", "if True:", "Ask `if mask is not None` first."),
    ("scaled_dot_product_attention", "if mask is not None:", "if mask:", "If you ask for a mask:"),
    ("scaled_dot_product_attention", HIDE, "scores = scores + mask * -np.inf", "Use -1e9, or np.where(mask == 1"),
    ("scaled_dot_product_attention", HIDE, "scores = scores + mask * -10", "large enough, like -1e9?"),
    ("scaled_dot_product_attention", HIDE, "scores[mask == 1] = -1e9",
     "The mask broadcasts to the scores, but an index does not."),
    ("scaled_dot_product_attention", "np.swapaxes(key, -1, -2)", "key.T", "Python said: ValueError: matmul"),
    ("scaled_dot_product_attention", "np.swapaxes(key, -1, -2)", "np.transpose(key, (0, 2, 1))",
     "Count axes from the end"),
    ("scaled_dot_product_attention", "np.swapaxes(key, -1, -2)", "key", {"key_not_transposed"}),
    ("scaled_dot_product_attention", "exps.sum(axis=-1, keepdims=True)", "exps.sum(axis=-1)", "needs keepdims=True"),
    ("scaled_dot_product_attention", "weights @ value, weights", "weights @ value, None", "attention_weights is None."),
    ("tf_scaled_dot_product_attention", "tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32))", "tf.sqrt(key.shape[-1])",
     "tf.sqrt needs a float: tf.sqrt(tf.cast(d_k, tf.float32))."),
    ("tf_scaled_dot_product_attention", "tf.matmul(query, key, transpose_b=True)", "query @ key.T", "transpose_b=True"),
    ("tf_scaled_dot_product_attention", "scores += mask * -1e9", "scores[mask == 1] = -1e9", "Use tf.where(mask == 1"),
    ("tf_scaled_dot_product_attention", ", transpose_b=True", "", {"key_not_transposed"}),
]  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_the_right_code_of_the_table_is_right(notebook, name):
    verdict = verdict_on(notebook, name, CODE[name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize(("name", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, name, right, wrong, told):
    assert right in CODE[name]
    verdict = verdict_on(notebook, name, CODE[name].replace(right, wrong))
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert told in " ".join(verdict["says"])
        assert "Keep the names of the arguments" not in " ".join(verdict["says"])


def test_neither_page_nor_notebook_copies_the_bug_to_be_found():
    page = (ROOT / "book" / f"{SLUG}.md").read_text(encoding="utf-8")
    assert "scores / 2`" not in page
    check = KEY["find_the_bug"]
    assert not any("scores /" in text for text in (*check.hints, *(m.says for m in check.misconceptions)))


def test_the_notebook_never_shows_the_scores_of_a_task_outside_its_solution():
    for cell in read_source(ROOT / "solutions" / f"{SLUG}.py"):
        assert cell.role == "solution" or "keys.T @ queries" not in cell.text
