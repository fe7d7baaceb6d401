"""Chapter 04: the known values, reproduced by the solved notebook, and nbgrader's own validator."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.build.source import read_source

ROOT = Path(__file__).resolve().parent.parent
SLUG = "04_scaled_dot_product_attention"
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
def solved():
    """Run the solved notebook's own cells, without its checks, and return its names."""
    space = {"check": lambda *a: None, "hint": lambda *a: None, "progress": lambda: None}
    cells = read_source(ROOT / "solutions" / f"{SLUG}.py")
    for cell in cells:
        if cell.kind == "code" and cell.role in ("solution", "locked"):
            exec(compile(cell.text, cell.id, "exec"), space)
    return space


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


def test_table_a(solved):
    tf = pytest.importorskip("tensorflow")
    tf.random.set_seed(0)
    embeddings = tf.random.normal((3, 512))
    first = [1.5110626, 0.42292204, -0.41969493]
    np.testing.assert_allclose(embeddings[0, :3], first, rtol=1e-6)
    np.testing.assert_allclose(embeddings[0, -1], 0.58657396, rtol=1e-6)
    tf.random.set_seed(0)
    W = tf.random.normal((512, 1536))
    np.testing.assert_allclose(W[0, :3], first, rtol=1e-6)
    np.testing.assert_allclose(W[-1, -1], -0.31700885, rtol=1e-6)
    query, key, value = solved["project_qkv"](embeddings + tf.eye(3, 512), W)
    scores = [
        [1703.1049, -713.31323, -3711.223],
        [-21326.793, -5222.2803, 20668.867],
        [6377.7256, 10644.914, 6412.1963],
    ]
    np.testing.assert_allclose(tf.matmul(query, key, transpose_b=True), scores, rtol=1e-4)
    _, weights = solved["tf_scaled_dot_product_attention"](query, key, value)
    np.testing.assert_array_equal(weights, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    example = tf.constant([[0.9, 0.03, 0.07], [0.05, 0.85, 0.1], [0.06, 0.04, 0.9]])
    context = tf.matmul(example, value)
    np.testing.assert_allclose(context[0, :3], [10.488299, -13.140542, 31.937096], rtol=1e-4)
    np.testing.assert_allclose(context[0, -1], 14.269412, rtol=1e-4)


def failing_cells(folder, tmp_path, monkeypatch):
    """Return what nbgrader's validator finds in a copy of a folder: the sources of the cells that fail."""
    from nbgrader.validator import Validator

    for path in (ROOT / folder / SLUG).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    found = Validator().validate(f"{SLUG}.ipynb")
    return [cell["source"] for cell in found.get("failed", [])], found


@pytest.mark.slow
def test_nbgrader_validates_the_solved_notebook(tmp_path, monkeypatch):
    assert failing_cells("solutions", tmp_path, monkeypatch)[1] == {}


@pytest.mark.slow
def test_nbgrader_fails_the_blank_one_in_every_check(tmp_path, monkeypatch):
    notebook = nbformat.read(ROOT / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    checks = [c for c in notebook.cells if c.id.startswith("check-")]
    failed, _ = failing_cells("exercises", tmp_path, monkeypatch)
    missing = [cell.id for cell in checks if cell.source.strip() not in [text.strip() for text in failed]]
    assert len(checks) == 12
    assert missing == []


def test_the_table_of_tasks_has_the_points_of_the_notebook():
    notebook = nbformat.read(ROOT / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    table = next(c.source for c in notebook.cells if "| task | difficulty | minutes | points |" in c.source)
    rows = [
        [part.strip() for part in line.strip("|").split("|")] for line in table.split("\n") if line.startswith("| ")
    ]
    stated = [float(row[3]) for row in rows[1:]]
    graded = [c.metadata.nbgrader.points for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert stated == graded
