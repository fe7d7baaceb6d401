"""A class of made-up learners of chapter 04: `python -m tests.sample_class OUT` writes their submissions.

Each sample says which checks it should lose. The answers are written here by hand, in styles of their own.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

SLUG = "04_scaled_dot_product_attention"
Answers = dict[str, str]
Change = Callable[[NotebookNode], None]

# ---------------------------------------------------------------- right, with einsum and float32
EINSUM: Answers = {
    "queries_keys_values": """
def compute_queries_keys_values(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    pairs = ((omega_q, beta_q), (omega_k, beta_k), (omega_v, beta_v))
    x = np.stack(all_x)  # (N, D, 1)
    return tuple(list(np.einsum("ij,njk->nik", omega, x) + beta) for omega, beta in pairs)
""",
    "softmax": """
def softmax(items_in):
    e = np.exp(np.asarray(items_in, dtype=np.float64).ravel())
    return e / e.sum()
""",
    "x_prime": """
def compute_x_primes(all_queries, all_keys, all_values):
    q, k, v = (np.hstack(columns) for columns in (all_queries, all_keys, all_values))
    scores = np.einsum("dm,dn->mn", k, q)
    weights = np.stack([softmax(column) for column in scores.T], axis=1)
    return [column[:, None] for column in np.einsum("am,mn->na", v, weights)]
""",
    "softmax_cols": """
def softmax_cols(data_in):
    e = np.exp(data_in - data_in.max(axis=0, keepdims=True))
    return np.einsum("mn,n->mn", e, 1 / e.sum(axis=0))
""",
    "self_attention": """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    X = X.astype(np.float32)
    q, k, v = (w.astype(np.float32) @ X + b for w, b in ((omega_q, beta_q), (omega_k, beta_k), (omega_v, beta_v)))
    return v @ softmax_cols(np.einsum("dm,dn->mn", k, q))
""",
    "scaled_self_attention": """
def scaled_dot_product_self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    d = omega_q.shape[0]
    q = (omega_q @ X + beta_q) / d**0.25
    k = (omega_k @ X + beta_k) / d**0.25
    return (omega_v @ X + beta_v) @ softmax_cols(k.T @ q)
""",
    "scaled_dot_product_attention": """
def scaled_dot_product_attention(query, key, value, mask=None):
    scores = np.einsum("...qd,...kd->...qk", query, key) / np.sqrt(query.shape[-1])
    if mask is not None:
        scores = np.where(np.asarray(mask) == 1, -np.inf, scores)
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return np.einsum("...qk,...kd->...qd", weights, value), weights
""",
    "self_attention_class": """
class SelfAttention:
    def __init__(self, W_q, W_k, W_v):
        self.matrices = W_q, W_k, W_v

    def compute_attention(self, x):
        return scaled_dot_product_attention(*(np.einsum("...ta,ab->...tb", x, W) for W in self.matrices))
""",
    "cross_attention": """
def cross_attention(x_query, x_key_value, W_q, W_k, W_v):
    return scaled_dot_product_attention(x_query @ W_q, x_key_value @ W_k, x_key_value @ W_v)
""",
    "find_the_bug": """
def mended_weights(query, key, scaled=True):
    scores = query @ key.T
    if scaled:
        scores = scores / np.sqrt(key.shape[-1])
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)
""",
    "project_qkv": """
def project_qkv(embedding_matrix, W):
    return tf.split(tf.einsum("ta,ab->tb", embedding_matrix, W), 3, axis=-1)
""",
    "tf_scaled_dot_product_attention": """
def tf_scaled_dot_product_attention(query, key, value, mask=None):
    scores = tf.einsum("...qd,...kd->...qk", query, key) * tf.math.rsqrt(tf.cast(tf.shape(query)[-1], tf.float32))
    if mask is not None:
        scores -= 1e9 * mask
    weights = tf.nn.softmax(scores)
    return tf.einsum("...qk,...kd->...qd", weights, value), weights
""",
}

# ---------------------------------------------------------------- right, with loops and lists
LOOPS: Answers = EINSUM | {
    "queries_keys_values": """
def compute_queries_keys_values(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(beta_q + np.dot(omega_q, x))
        all_keys.append(beta_k + np.dot(omega_k, x))
        all_values.append(beta_v + np.dot(omega_v, x))
    return all_queries, all_keys, all_values
""",
    "softmax": """
import math

def softmax(items_in):
    exps = [math.exp(np.asarray(item).item()) for item in items_in]
    return [e / sum(exps) for e in exps]
""",
    "x_prime": """
def compute_x_primes(all_queries, all_keys, all_values):
    result = []
    for query in all_queries:
        weights = softmax([sum(q * k for q, k in zip(query.ravel(), key.ravel())) for key in all_keys])
        total = np.zeros_like(all_values[0])
        for weight, value in zip(weights, all_values):
            total = total + weight * value
        result.append(total)
    return result
""",
    "softmax_cols": """
def softmax_cols(data_in):
    out = np.zeros_like(data_in, dtype=float)
    for j in range(data_in.shape[1]):
        out[:, j] = softmax(data_in[:, j])
    return out.tolist()
""",
    "self_attention": """
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    columns = [X[:, [n]] for n in range(X.shape[1])]
    lists = compute_queries_keys_values(columns, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v)
    return np.hstack(compute_x_primes(*lists))
""",
    "scaled_dot_product_attention": """
def scaled_dot_product_attention(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2)
    scores /= key.shape[-1] ** 0.5
    if mask is not None:
        scores = scores + np.asarray(mask) * -1e9
    weights = np.exp(scores - np.max(scores, -1)[..., None])
    weights /= np.sum(weights, -1)[..., None]
    return weights @ value, weights
""",
    "tf_scaled_dot_product_attention": """
def tf_scaled_dot_product_attention(query, key, value, mask=None):
    scores = query @ tf.linalg.matrix_transpose(key) / np.sqrt(key.shape[-1])
    scores = scores if mask is None else tf.where(mask == 1, -1e9, scores)
    exps = tf.exp(scores - tf.reduce_max(scores, axis=-1, keepdims=True))
    weights = exps / tf.reduce_sum(exps, axis=-1, keepdims=True)
    return tf.matmul(weights, value), weights
""",
}

WRITTEN = {
    "why_divide": "Dot products of long vectors vary more; dividing by sqrt(d_k) keeps the softmax from saturating.",
    "a_sum_of_what": "Of the values. The query enters through the weights only.",
}

# ---------------------------------------------------------------- mistakes, each in own words
DROPPED = """
def scaled_dot_product_self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = k.T @ q
    scores / np.sqrt(len(q))
    return v @ softmax_cols(scores)
"""
SWAPPED = EINSUM["self_attention"].replace('"dm,dn->mn", k, q', '"dm,dn->mn", q, k')
ROWS_NOT_COLUMNS = "def softmax_cols(data_in):\n    e = np.exp(data_in)\n    return e / e.sum(axis=1, keepdims=True)"
OUTPUT_TRANSPOSED = LOOPS["scaled_dot_product_attention"].replace(
    "weights @ value, weights", "np.swapaxes(weights @ value, -1, -2), weights"
)
ENDLESS = (
    "def softmax_cols(data_in):\n    column = 0\n    while column < data_in.shape[1]:\n        pass\n    return data_in"
)
NUMBERS = """print([[0.94744244, -0.24348429, -0.91310441, -0.44522983],
       [1.64201168, -0.08470004, 4.02764044, 2.18690791],
       [1.61949281, -0.06641533, 3.96863308, 2.15858316]])"""
NOISY = """
import sys
import warnings
warnings.warn("this notebook was made with another version")
print("starting", file=sys.stderr)

def softmax(items_in):
    warnings.warn("softmax was called", DeprecationWarning)
    print("softmax was called", file=sys.stderr)
    e = np.exp(np.ravel(items_in))
    return e / e.sum()
"""
READS_GLOBALS = EINSUM["scaled_self_attention"].replace("omega_q.shape[0]", "D")


# ---------------------------------------------------------------- what else happens to a notebook
def with_copied_cell(notebook: NotebookNode) -> None:
    """Copy a solution cell, id and all, and leave the copy below as it was released."""
    place = place_of(notebook, "solution-softmax")
    duplicate = copy.deepcopy(notebook.cells[place])
    duplicate.id = "copy"
    duplicate.source += "\n# a copy to try things"
    notebook.cells.insert(place + 1, duplicate)


def with_helpers(notebook: NotebookNode) -> None:
    """Add cells as they come from another notebook service, and move a computation into a helper."""
    top = "!pip install -q numpy\nfrom google.colab import drive\ndrive.mount('/content/drive')\n%matplotlib inline"
    helper = "def stable(scores, axis):\n    e = np.exp(scores - scores.max(axis))\n    return e / e.sum(axis)"
    place = place_of(notebook, "solution-softmax_cols")
    notebook.cells[place].source = "def softmax_cols(data_in):\n    return stable(data_in, 0)"
    notebook.cells.insert(place, new_code_cell(helper, id="stable-helper"))
    notebook.cells.insert(1, new_code_cell(top, id="service-lines"))


def without_labels(notebook: NotebookNode) -> None:
    """Take all metadata away, as some editors do, and turn one answer into text."""
    turned = notebook.cells[place_of(notebook, "solution-cross_attention")]
    turned.cell_type, turned.source = "markdown", f"```python\n{turned.source}\n```"
    turned.pop("outputs", None), turned.pop("execution_count", None)
    for cell in notebook.cells:
        cell.metadata = {}


def with_edited_checks(notebook: NotebookNode) -> None:
    """Make every check cell say yes, and NumPy too."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.source, cell.outputs = "print('all right')", []
    trick = "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\ncheck = lambda *a: None"
    notebook.cells[place_of(notebook, "solution-softmax")].source = trick


def place_of(notebook: NotebookNode, grade_id: str) -> int:
    """Return where the cell with a grade id is."""
    return next(i for i, c in enumerate(notebook.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


# ---------------------------------------------------------------- the class
@dataclass(frozen=True)
class Sample:
    """One made-up learner.

    answers  texts of solution cells, by the name of the task; what is missing stays as released
    loses    the checks that should not earn all their points; None: all of them
    change   what else is done to the notebook
    cut      hand in only the first half of the file
    """

    answers: Answers
    loses: frozenset[str] | None = frozenset()
    written: Answers = field(default_factory=lambda: WRITTEN)
    change: Change = lambda notebook: None
    cut: bool = False


def loses(*names: str) -> frozenset[str]:
    """Return names of checks as a set."""
    return frozenset(names)


USES_COLUMNS = ("softmax_cols", "self_attention", "scaled_self_attention")
USES_ATTENTION = ("scaled_dot_product_attention", "self_attention_class", "cross_attention")
CLASS: dict[str, Sample] = {
    "ada_einsum": Sample(EINSUM),
    "ben_loops": Sample(LOOPS),
    "cho_blank": Sample({}, loses=None, written={}),
    "dia_dropped_scale": Sample(EINSUM | {"scaled_self_attention": DROPPED}, loses("scaled_self_attention")),
    "eli_swapped": Sample(EINSUM | {"self_attention": SWAPPED}, loses("self_attention")),
    "fay_wrong_axis": Sample(EINSUM | {"softmax_cols": ROWS_NOT_COLUMNS}, loses(*USES_COLUMNS)),
    "gus_transposed": Sample(LOOPS | {"scaled_dot_product_attention": OUTPUT_TRANSPOSED}, loses(*USES_ATTENTION)),
    "hal_endless": Sample(LOOPS | {"softmax_cols": ENDLESS}, loses("softmax_cols", "scaled_self_attention")),
    "이서연": Sample(LOOPS),
    "jan_copied_cell": Sample(EINSUM, change=with_copied_cell),
    "kim_prints_numbers": Sample({name: NUMBERS for name in EINSUM}, loses=None),
    "lea_warnings": Sample(EINSUM | {"softmax": NOISY}),
    "max_other_service": Sample(EINSUM, change=with_helpers),
    "nia_lost_labels": Sample(EINSUM, change=without_labels),
    "oto_cut_off": Sample(EINSUM, loses=None, cut=True),
    "pia_reads_globals": Sample(EINSUM | {"scaled_self_attention": READS_GLOBALS}),
    "quy_edited_checks": Sample({}, loses=None, written={}, change=with_edited_checks),
    "ray_half_done": Sample({name: LOOPS[name] for name in list(LOOPS)[:6]}, loses(*list(LOOPS)[6:]), written={}),
}


def submission(release: NotebookNode, sample: Sample) -> bytes:
    """Return the file that a sample hands in."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        role, _, name = cell.metadata.get("nbgrader", {}).get("grade_id", "").partition("-")
        texts = {"solution": sample.answers, "written": sample.written}.get(role, {})
        cell.source = texts.get(name, cell.source).strip("\n")
    sample.change(notebook)
    data = json.dumps(notebook, ensure_ascii=False, indent=1).encode()
    return data[: len(data) // 2] if sample.cut else data


def write_class(release: NotebookNode, out: Path) -> list[Path]:
    """Write all submissions below `out` in nbgrader's layout."""
    paths = []
    for student, sample in CLASS.items():
        path = out / student / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(submission(release, sample))
        paths.append(path)
    return paths


def main() -> None:
    """Write the class where the command line says."""
    from autograder.course.chapters import find_root

    parser = argparse.ArgumentParser(description="Write the submissions of a made-up class to chapter 04.")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the submissions")
    out = parser.parse_args().out
    release = nbformat.read(find_root() / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    print(f"{len(write_class(release, out))} submissions in {out}; grade them with: autograder grade {out}")


if __name__ == "__main__":
    main()
