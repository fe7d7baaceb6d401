"""Tests of every answer key, and of every solved notebook by its key: no chapter opts in or out."""

import json
import re
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from autograder.build.reference import public_rng
from autograder.build.source import BEGIN, END, read_source
from autograder.key import load_key
from autograder.learner.check import (
    call,
    close,
    decode,
    diagnose,
    encode,
    load,
    notebook_names,
    wrong_output,
)

ROOT = Path(__file__).resolve().parents[1]
KEYS = {path.name.removesuffix("_key.py"): load_key(path) for path in sorted(ROOT.glob("solutions/*_key.py"))}
CHECKS = [
    pytest.param(slug, check, id=f"{slug[:2]}-{check.name}") for slug, key in KEYS.items() for check in key.checks
]
MISTAKES = [
    pytest.param(slug, check, mistake, wrong, id=f"{slug[:2]}-{check.name}-{way}")
    for slug, key in KEYS.items()
    for check in key.checks
    for mistake in check.misconceptions
    for way, wrong in mistake.ways().items()
]
SEEDS = ("public", 1, 2, 3, 4, 5)  # the public cases and five others

every_check = pytest.mark.parametrize(("slug", "check"), CHECKS)
every_mistake = pytest.mark.parametrize(("slug", "check", "mistake", "wrong"), MISTAKES)


@cache
def spec_of(slug, name, seed):
    """Return the cases of a check for a seed, drawn once for all tests."""
    check = KEYS[slug][name]
    return check.spec(public_rng(check) if seed == "public" else np.random.default_rng(seed))


def verdict_on(spec, answer):
    """Return the diagnosis of an answer on all cases of a spec, called as the notebook calls it."""
    results = []
    for case in spec["cases"]:
        with notebook_names(answer, case["names"], spec["stale"]):
            results.append(call(answer, case["inputs"], spec["returns"]))
    return diagnose(spec, results)


# ---------------------------------------------------------------- right answers
@every_check
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_passes(slug, check, seed):
    verdict = verdict_on(spec_of(slug, check.name, seed), check.reference)
    assert verdict == {"right": dict.fromkeys(check.returns, True), "kind": "right", "says": [], "names": []}


@every_check
def test_the_reference_equals_another_route(slug, check):
    for seed in SEEDS[:3]:
        for case in spec_of(slug, check.name, seed)["cases"]:
            other = call(check.second_route, case["inputs"], check.returns)
            for part in check.returns:
                if "raises" in case["expected"]:
                    assert case["expected"]["raises"][0] in other["raises"]
                else:
                    np.testing.assert_allclose(other[part], case["expected"][part], rtol=1e-6, atol=1e-7)


def in_float32(value):
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def as_tensor(array):
    import tensorflow as tf

    return tf.constant(array)


CONVERSIONS = {
    "float32": lambda array: array.astype(np.float32),
    "nested lists": lambda array: array.tolist(),
    "a list of rows": list,
    "a tensor": as_tensor,
    "not contiguous": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
}


def converted(check, convert):
    """Return the reference with every part of its result converted."""

    def answer(**inputs):
        parts = call(check.reference, inputs, check.returns)
        values = [convert(parts[name]) for name in check.returns]
        return values[0] if len(values) == 1 else tuple(values)

    return answer


@every_check
@pytest.mark.parametrize("form", CONVERSIONS)
def test_right_numbers_pass_in_every_form(slug, check, form):
    verdict = verdict_on(spec_of(slug, check.name, "public"), converted(check, CONVERSIONS[form]))
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@every_check
def test_right_numbers_with_an_extra_axis_pass_with_a_remark(slug, check):
    verdict = verdict_on(spec_of(slug, check.name, "public"), converted(check, lambda array: array[..., np.newaxis]))
    assert verdict["kind"] == "right"
    assert "extra axis of length 1" in verdict["says"][0]


@every_check
def test_arithmetic_in_float32_passes(slug, check):
    def answer(**inputs):
        return check.reference(**{name: in_float32(value) for name, value in inputs.items()})

    for seed in SEEDS:
        assert verdict_on(spec_of(slug, check.name, seed), answer)["kind"] == "right"


@every_check
def test_transposed_numbers_pass_only_where_the_key_says_so(slug, check):
    spec = spec_of(slug, check.name, "public")
    if any(case["expected"][part].ndim < 2 for case in spec["cases"] for part in check.returns):
        pytest.skip("a vector has no transpose")
    verdict = verdict_on(spec, converted(check, lambda array: np.swapaxes(array, -1, -2)))
    if "transposed" in check.accepts:
        assert (verdict["kind"], verdict["says"]) == ("right", [check.accepts["transposed"]])
    elif not any(1 in case["expected"][part].shape[-2:] for case in spec["cases"] for part in check.returns):
        assert verdict["kind"] == "difference"
        assert verdict["says"][0].endswith("the numbers are right, but rows and columns are exchanged.")


# ---------------------------------------------------------------- wrong answers
@every_mistake
def test_each_misconception_is_diagnosed_as_itself(slug, check, mistake, wrong):
    for seed in SEEDS:
        verdict = verdict_on(spec_of(slug, check.name, seed), wrong)
        assert (seed, verdict["kind"], verdict["names"]) == (seed, "misconception", [mistake.name])
        assert mistake.says in verdict["says"]
        assert not all(verdict["right"].values())


@cache
def stored_specs(slug):
    """Return the checks as a learner's check.py reads them."""
    return load(ROOT / "exercises" / slug)["checks"]


@every_mistake
def test_each_misconception_is_named_from_the_stored_reference(slug, check, mistake, wrong):
    spec = stored_specs(slug)[check.name]
    for case in spec["cases"]:
        for stored in [case["expected"], *case["wrong"].values()]:
            assert all(isinstance(value, np.ndarray) for name, value in stored.items() if name != "raises")
    assert verdict_on(spec, wrong)["names"] == [mistake.name]


@every_mistake
def test_each_misconception_is_recognised_in_float32(slug, check, mistake, wrong):
    def answer(**inputs):
        result = wrong(**inputs)
        parts = result if isinstance(result, tuple) else (result,)
        return (
            tuple(in_float32(np.asarray(part)) for part in parts) if isinstance(result, tuple) else in_float32(parts[0])
        )

    assert verdict_on(spec_of(slug, check.name, "public"), answer)["names"] == [mistake.name]


def far_apart(one, other, spec, factor=100.0):
    """Say whether two results differ by a multiple of the tolerance, or in shape, or in raising."""
    if "raises" in one or "raises" in other:
        return one != other
    loose = {"rtol": factor * spec["rtol"], "atol": factor * spec["atol"]}
    return any(not close(one[part], other[part], loose) for part in spec["returns"])


@every_check
@pytest.mark.parametrize("seed", SEEDS)
def test_answers_differ_by_far_more_than_the_tolerance(slug, check, seed):
    spec = spec_of(slug, check.name, seed)
    answers = {"right": [case["expected"] for case in spec["cases"]]}
    answers |= {way: [wrong_output(case, way) for case in spec["cases"]] for way in spec["cases"][0]["wrong"]}
    for one, other in combinations(answers, 2):
        if one.partition("#")[0] != other.partition("#")[0]:
            pairs = zip(answers[one], answers[other], strict=True)
            assert any(far_apart(a, b, spec) for a, b in pairs), f"{one} and {other} are too close"


@every_check
def test_the_ways_of_a_mistake_differ(slug, check):
    spec = spec_of(slug, check.name, "public")
    for one, other in combinations(spec["cases"][0]["wrong"], 2):
        if one.partition("#")[0] == other.partition("#")[0]:
            pairs = [(wrong_output(case, one), wrong_output(case, other)) for case in spec["cases"]]
            assert any(far_apart(a, b, spec, 1.0) for a, b in pairs), f"{other} adds nothing to {one}"


@every_check
def test_no_misconception_only_raises(slug, check):
    cases = spec_of(slug, check.name, "public")["cases"]
    for name in cases[0]["wrong"]:
        assert any("raises" not in case["wrong"][name] for case in cases), f"{name}: any error would be called that"


@every_check
def test_there_are_three_misconceptions_or_a_reason(slug, check):
    names = [mistake.name for mistake in check.misconceptions]
    assert len(names) == len(set(names))
    assert len(names) >= 3 or check.few_because


# ---------------------------------------------------------------- cases
def arrays_of(inputs):
    return {name: value for name, value in inputs.items() if isinstance(value, np.ndarray)}


@every_check
@pytest.mark.parametrize("seed", SEEDS)
def test_no_case_has_arrays_that_hide_mistakes(slug, check, seed):
    for case in spec_of(slug, check.name, seed)["cases"]:
        arrays = arrays_of(case["inputs"])
        for name, array in arrays.items():
            assert array.size == 1 or np.ptp(array) > 0, f"{name} is constant"
            square = array.ndim > 1 and array.shape[-1] == array.shape[-2] > 1
            assert not (square and np.array_equal(array, np.swapaxes(array, -1, -2))), f"{name} is symmetric"
            if "mask" in name:
                assert set(np.unique(array)) == {0, 1}
        for one, other in combinations(arrays, 2):
            assert not np.array_equal(arrays[one], arrays[other]), f"{one} equals {other}"


@every_check
def test_sizes_of_the_first_case_do_not_coincide(slug, check):
    inputs = next(iter(check.inputs(public_rng(check)).values()))
    lengths = {length for array in arrays_of(inputs).values() for length in array.shape if length > 1}
    assert 4 not in lengths, "the root of 4 is its half"
    many_axes = any(np.squeeze(array).ndim > 1 for array in arrays_of(inputs).values())
    assert not many_axes or len(lengths) > 1


@every_check
def test_inputs_survive_being_written_to_a_file(slug, check):
    for case in spec_of(slug, check.name, "public")["cases"]:
        for name, value in case["inputs"].items():
            again = decode(json.loads(json.dumps(encode(value))))
            assert np.array_equal(again, value) if isinstance(value, np.ndarray) else again == value, name


@every_check
def test_cases_depend_on_the_seed_alone(slug, check):
    texts = [
        json.dumps({label: {n: encode(v) for n, v in case.items()} for label, case in check.inputs(rng).items()})
        for rng in map(np.random.default_rng, (1, 1, 2))
    ]
    assert texts[0] == texts[1] != texts[2]


# ---------------------------------------------------------------- words
@every_check
def test_the_words_of_a_check_are_complete(slug, check):
    page = (ROOT / "book" / f"{slug}.md").read_text(encoding="utf-8")
    sections = re.findall(r"^#{2,3} (.+)$", page, flags=re.MULTILINE)
    assert 2 <= len(check.hints) <= 4
    for sentence in (*check.hints, *(m.says for m in check.misconceptions), *(p.says for p in check.properties)):
        assert sentence.endswith((".", "?", ".)", "`.")), sentence
        assert len(sentence) < 260, sentence
    for place in (check.read, *(m.read for m in check.misconceptions)):
        assert place in sections, f"“{place}” is no section of book/{slug}.md"


@pytest.mark.parametrize("slug", KEYS)
def test_grade_ids_are_unique_and_read_as_a_sentence(slug):
    ids = [check.grade_id for check in KEYS[slug].checks]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9_]+-[a-z_]{8,}", identity) for identity in ids)


@every_check
def test_every_part_has_points(slug, check):
    assert set(check.points) == set(check.returns)
    assert all(points > 0 for points in check.points.values())


def test_every_solved_notebook_has_a_key():
    sources = {path.stem for path in ROOT.glob("solutions/[0-9][0-9]_*.py") if not path.stem.endswith("_key")}
    assert sources == set(KEYS)


# ---------------------------------------------------------------- the solved notebook
STUB = re.compile(rf"^( *){BEGIN}\n.*?{END}\n?", flags=re.MULTILINE | re.DOTALL)


def stubbed(text):
    """Return a solution cell as learners get it."""
    return STUB.sub(r"\1raise NotImplementedError('not finished')\n", text)


def answers_of(slug, unfinished=()):
    """Run the solution, locked and check cells of a notebook and return the answers that its checks were given."""
    found = {}
    space = {"check": found.__setitem__, "__name__": "notebook"}
    for cell in read_source(ROOT / "solutions" / f"{slug}.py"):
        if cell.role in ("solution", "locked", "check"):
            text = stubbed(cell.text) if cell.role == "solution" and cell.name in unfinished else cell.text
            exec(compile(text, f"{slug}, {cell.role} {cell.name}", "exec"), space)
    return found


@cache
def solved(slug):
    return answers_of(slug)


@every_check
def test_the_solved_notebook_passes(slug, check):
    answer = solved(slug)[check.name]
    for seed in SEEDS[:3]:
        verdict = verdict_on(spec_of(slug, check.name, seed), answer)
        assert (verdict["kind"], verdict["says"]) == ("right", [])


@every_check
def test_a_task_that_was_not_begun_is_called_unfinished(slug, check):
    answer = answers_of(slug, unfinished={check.name})[check.name]
    verdict = verdict_on(spec_of(slug, check.name, "public"), answer)
    assert verdict["says"] == [f"{check.function} is not finished yet: it still raises NotImplementedError."]
    assert not any(verdict["right"].values())
    assert verdict["names"] == []


@pytest.mark.parametrize("slug", KEYS)
def test_an_untouched_notebook_is_called_unfinished_everywhere(slug):
    names = [check.name for check in KEYS[slug].checks]
    answers = answers_of(slug, unfinished=set(names))
    for name in names:
        verdict = verdict_on(spec_of(slug, name, "public"), answers[name])
        assert "not finished yet" in verdict["says"][0]


def test_the_message_names_the_function_that_is_missing():
    answers = answers_of("04_scaled_dot_product_attention", unfinished={"softmax"})
    verdict = verdict_on(spec_of("04_scaled_dot_product_attention", "x_prime", "public"), answers["x_prime"])
    assert verdict["says"][0].startswith("compute_x_primes needs softmax, which is not finished yet")


WITHOUT_LIBRARIES = """
import importlib.util, runpy, sys
find, missing = importlib.util.find_spec, sys.argv[2:]
importlib.util.find_spec = lambda name, *rest: None if name in missing else find(name, *rest)
runpy.run_path(sys.argv[1])
sys.exit(any(name in sys.modules for name in missing))
"""


@pytest.mark.parametrize("slug", KEYS)
def test_the_solved_notebook_runs_as_a_script_without_the_libraries_that_checks_need(slug):
    needs = {check.needs for check in KEYS[slug].checks if check.needs}
    command = [sys.executable, "-c", WITHOUT_LIBRARIES, str(ROOT / "solutions" / f"{slug}.py"), *needs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    skipped = [check.title for check in KEYS[slug].checks if check.needs]
    assert f"{len(KEYS[slug].checks) - len(skipped)} of {len(KEYS[slug].checks)} checks passed" in done.stdout
    assert all(f"– skipped: {title}" in done.stdout for title in skipped)


@every_check
def test_a_solution_does_not_change_its_arguments(slug, check):
    for case in spec_of(slug, check.name, "public")["cases"]:
        assert "changed" not in call(solved(slug)[check.name], case["inputs"], check.returns)


# ---------------------------------------------------------------- chapter 04: the same mathematics, written otherwise
N, D = -1, -1  # answers that read the notebook's sizes find the case's here


def softmax_less_max(items_in):
    exps = [np.exp(item - max(items_in)) for item in items_in]
    return [e / sum(exps) for e in exps]


def softmax_by_hand(items_in):
    total = 0.0
    for item in items_in:
        total = total + np.exp(item)
    return [np.exp(item) / total for item in items_in]


def projections_reading_globals(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries, keys, values = [], [], []
    for n in range(N):
        queries.append(np.matmul(omega_q, all_x[n]) + beta_q)
        keys.append(np.reshape(omega_k @ all_x[n] + beta_k, (D, 1)))
        values.append((beta_v + omega_v.dot(all_x[n])).ravel())
    return queries, keys, np.array(values)


def x_primes_reading_globals(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_by_hand([np.transpose(all_queries[n]).dot(key) for key in all_keys])
        x_prime = np.zeros((D, 1))
        for m in range(N):
            x_prime = x_prime + all_values[m] * attention[m]
        all_x_prime.append(x_prime)
    return all_x_prime


def x_primes_flat(all_queries, all_keys, all_values):
    q, k, v = (np.hstack(list(columns)) for columns in (all_queries, all_keys, all_values))  # (D, N)
    exps = np.exp(q.T @ k)
    return (exps / exps.sum(1, keepdims=True)) @ v.T  # (N, D)


def columns_by_loops(data_in):
    out = np.zeros_like(data_in)
    for j in range(data_in.shape[1]):
        for i in range(data_in.shape[0]):
            out[i, j] = np.exp(data_in[i, j]) / sum(np.exp(data_in[k, j]) for k in range(data_in.shape[0]))
    return out


def columns_by_ones(data_in):
    exps = np.exp(data_in - data_in.max())
    return exps / (np.ones((len(data_in), 1)) @ exps.sum(axis=0)[np.newaxis])


def matrix_form(scale, transposed=False):
    def answer(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
        Q = np.einsum("ij,jn->ni", omega_q, X) + beta_q.T
        K = np.einsum("ij,jn->ni", omega_k, X) + beta_k.T
        V = np.einsum("ij,jn->ni", omega_v, X) + beta_v.T
        if scale:
            Q, K = Q / D**0.25, K / D**0.25
        exps = np.exp(np.inner(Q, K))
        rows = exps @ V / exps.sum(axis=-1)[:, np.newaxis]
        return rows if transposed else rows.T

    return answer


def attention_with(hide, before=True):
    def answer(query, key, value, mask=None):
        query = query / np.sqrt(key.shape[-1]) if before else query
        scores = np.matmul(query, np.moveaxis(key, -1, -2))
        scores = scores if before else scores * key.shape[-1] ** -0.5
        scores = scores if mask is None else hide(scores, mask)
        exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        weights = exps / np.sum(exps, axis=-1, keepdims=True)
        return np.einsum("...qk,...kv->...qv", weights, value), weights

    return answer


def attention_zeroed_and_normalised_again(query, key, value, mask=None):
    exps = np.exp(query @ np.swapaxes(key, -2, -1) / key.shape[-1] ** 0.5)
    exps = exps if mask is None else exps * (1 - mask)
    weights = exps / exps.sum(-1, keepdims=True)
    return [weights @ value, weights]


def attention_by_loops(query, key, value, mask=None):
    if query.ndim > 2:
        masks = [None if mask is None else mask[b if len(mask) > 1 else 0] for b in range(len(query))]
        pairs = [attention_by_loops(*arrays) for arrays in zip(query, key, value, masks, strict=True)]
        return {name: np.stack([pair[name] for pair in pairs]) for name in ("output", "attention_weights")}
    mask = np.zeros((1, len(key))) if mask is None else np.atleast_2d(mask)
    weights = np.zeros((len(query), len(key)))
    for i, q in enumerate(query):
        for j, k in enumerate(key):
            hidden = mask[i if len(mask) > 1 else 0, j]
            weights[i, j] = 0 if hidden else np.exp(sum(a * b for a, b in zip(q, k, strict=True)) / len(q) ** 0.5)
        weights[i] /= weights[i].sum()
    return {"output": np.array([sum(w * v for w, v in zip(row, value, strict=True)) for row in weights]),
            "attention_weights": weights}  # fmt: skip


def hide_in_masked_array(scores, mask):
    return np.ma.array(scores, mask=np.broadcast_to(mask, scores.shape)).filled(-1e30)


def self_attention_by_einsum(x, W_q, W_k, W_v):
    q, k, v = (np.einsum("...td,df->...tf", x, W) for W in (W_q, W_k, W_v))
    return attention_with(None)(q, k, v)


def cross_attention_with_scaled_matrix(x_query, x_key_value, W_q, W_k, W_v):
    scores = x_query @ (W_q @ W_k.T / W_k.shape[1] ** 0.5) @ np.swapaxes(x_key_value, -1, -2)
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    return weights @ x_key_value @ W_v, weights


def weights_with_exponent(query, key, scaled=True):
    exps = np.exp((query @ key.T) * key.shape[1] ** (-0.5 * scaled))
    return exps / exps.sum(axis=1, keepdims=True)


def attention_in_keras(query, key, value, mask=None):
    import keras
    import tensorflow as tf

    arrays = [tf.constant(array, tf.float32) for array in (query, key, value)]
    scores = keras.ops.matmul(arrays[0], keras.ops.swapaxes(arrays[1], -1, -2)) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = tf.where(tf.cast(mask, tf.bool), -np.inf, scores)
    weights = keras.ops.softmax(scores, axis=-1)
    return weights @ arrays[2], weights


def project_with_split(embedding_matrix, W):
    import tensorflow as tf

    return tf.split(tf.constant(embedding_matrix) @ tf.constant(W), 3, axis=-1)


EQUAL = {
    "softmax less the maximum": ("softmax", softmax_less_max),
    "softmax by hand": ("softmax", softmax_by_hand),
    "projections from globals": ("queries_keys_values", projections_reading_globals),
    "outputs from globals": ("x_prime", x_primes_reading_globals),
    "outputs as rows": ("x_prime", x_primes_flat),
    "columns by loops": ("softmax_cols", columns_by_loops),
    "columns by ones": ("softmax_cols", columns_by_ones),
    "unscaled by einsum": ("self_attention", matrix_form(False)),
    "unscaled, transposed": ("self_attention", matrix_form(False, transposed=True)),
    "scaled before, reading D": ("scaled_self_attention", matrix_form(True)),
    "scaled, transposed": ("scaled_self_attention", matrix_form(True, transposed=True)),
    "minus infinity": ("scaled_dot_product_attention", attention_with(lambda s, m: np.where(m, -np.inf, s))),
    "added -1e9": ("scaled_dot_product_attention", attention_with(lambda s, m: s + m * -1e9, before=False)),
    "added -1e4": ("scaled_dot_product_attention", attention_with(lambda s, m: s - 1e4 * m)),
    "a masked array": ("scaled_dot_product_attention", attention_with(hide_in_masked_array)),
    "zeroed, normalised again": ("scaled_dot_product_attention", attention_zeroed_and_normalised_again),
    "attention by loops": ("scaled_dot_product_attention", attention_by_loops),
    "attention in Keras": ("tf_scaled_dot_product_attention", attention_in_keras),
    "self-attention by einsum": ("self_attention_class", self_attention_by_einsum),
    "cross-attention, scaled matrix": ("cross_attention", cross_attention_with_scaled_matrix),
    "a switch in the exponent": ("find_the_bug", weights_with_exponent),
    "a split": ("project_qkv", project_with_split),
}  # fmt: skip


@pytest.mark.parametrize("form", EQUAL)
def test_equal_mathematics_passes(form):
    name, answer = EQUAL[form]
    for seed in SEEDS:
        assert verdict_on(spec_of("04_scaled_dot_product_attention", name, seed), answer)["kind"] == "right"


def test_an_unknown_mistake_with_the_mask_is_told_what_hidden_means():
    check = KEYS["04_scaled_dot_product_attention"]["scaled_dot_product_attention"]
    spec = spec_of("04_scaled_dot_product_attention", check.name, "public")
    verdict = verdict_on(spec, attention_with(lambda scores, mask: scores - 3 * mask))
    assert verdict["kind"] == "difference"
    assert "What stands at a hidden position must not matter." in verdict["says"][1]


def test_an_answer_left_in_an_old_global_is_not_right():
    space = {"X_prime": np.ones((6, 5))}
    exec("def answer(X, **parameters):\n    return X_prime\n", space)
    verdict = verdict_on(spec_of("04_scaled_dot_product_attention", "self_attention", "public"), space["answer"])
    assert "name 'X_prime' is not defined" in verdict["says"][0]
