"""Right answers to tasks of chapter 04 as many people would write them, each on his or her own.

Each answer is put together from independent choices, so that in a class many share a way to write one step, and few
share all of them. `write(task, rng)` gives one; `copied` gives what a person makes of somebody else's.
"""

from __future__ import annotations

import random
import re

SLUG = "04_scaled_dot_product_attention"

CHOICES = {
    "scaled_dot_product_attention": [
        ["def scaled_dot_product_attention(query, key, value, mask=None):\n"],
        [
            "    d_k = query.shape[-1]\n",
            "    d_k = key.shape[-1]\n    # (B, T_q, T_k)\n",
            "    depth = np.shape(key)[-1]\n    d_k = float(depth)\n",
            "    *_, T, d_k = key.shape\n",
        ],
        [
            "    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(d_k)\n",
            "    scores = np.matmul(query, key.swapaxes(-2, -1))\n    scores = scores / d_k ** 0.5\n",
            "    scores = np.einsum('...qd,...kd->...qk', query, key)\n    scores *= 1 / np.sqrt(d_k)\n",
            "    axes = list(range(key.ndim - 2)) + [key.ndim - 1, key.ndim - 2]\n"
            "    scores = (query / np.sqrt(d_k)) @ np.transpose(key, axes)\n",
            "    raw = np.matmul(query, np.moveaxis(key, -1, -2))\n    scores = np.divide(raw, np.sqrt(d_k))\n",
        ],
        [
            "    if mask is not None:\n        scores = scores + mask * -1e9\n",
            "    if mask is not None:\n        scores = np.where(mask, -np.inf, scores)\n",
            "    if mask is not None:\n        scores[np.broadcast_to(mask, scores.shape) == 1] = -1e9\n",
            "    mask = np.zeros(1) if mask is None else np.asarray(mask)\n    scores -= 1e9 * mask\n",
        ],
        [
            "    scores = scores - scores.max(axis=-1, keepdims=True)\n    e = np.exp(scores)\n",
            "    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))\n",
            "    top = np.amax(scores, -1)[..., np.newaxis]\n    e = np.exp(scores - top)\n",
            "    e = np.exp(np.clip(scores - scores.max(-1)[..., None], -700, 0))\n",
        ],
        [
            "    weights = e / e.sum(axis=-1, keepdims=True)\n",
            "    total = np.sum(e, axis=-1)\n    weights = e / total[..., None]\n",
            "    weights = np.divide(e, e.sum(-1)[..., None])\n",
            "    norm = np.sum(e, axis=-1, keepdims=True)\n    weights = e / norm\n",
        ],
        [
            "    return weights @ value, weights\n",
            "    output = np.matmul(weights, value)\n    return output, weights\n",
            "    return np.einsum('...qk,...kv->...qv', weights, value), weights\n",
        ],
    ],
    "queries_keys_values": [
        ["def compute_queries_keys_values(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):\n"],
        [
            "    q = [beta_q + omega_q @ x for x in all_x]\n",
            "    q = []\n    for x in all_x:\n        q.append(np.matmul(omega_q, x) + beta_q)\n",
            "    q = [np.dot(omega_q, all_x[i]) + beta_q for i in range(len(all_x))]\n",
            "    f = lambda x: omega_q @ x + beta_q\n    q = list(map(f, all_x))\n",
        ],
        [
            "    k = [beta_k + omega_k @ x for x in all_x]\n",
            "    k = []\n    for x in all_x:\n        k.append(np.matmul(omega_k, x) + beta_k)\n",
            "    k = [np.dot(omega_k, all_x[i]) + beta_k for i in range(len(all_x))]\n",
            "    k = list(map(lambda x: omega_k @ x + beta_k, all_x))\n",
        ],
        [
            "    v = [beta_v + omega_v @ x for x in all_x]\n",
            "    v = []\n    for x in all_x:\n        v.append(np.matmul(omega_v, x) + beta_v)\n",
            "    v = [np.dot(omega_v, all_x[i]) + beta_v for i in range(len(all_x))]\n",
            "    v = list(map(lambda x: omega_v @ x + beta_v, all_x))\n",
        ],
        ["    return q, k, v\n", "    return (q, k, v)\n", "    result = q, k, v\n    return result\n"],
    ],
    "x_prime": [
        ["def compute_x_primes(all_queries, all_keys, all_values):\n"],
        [
            "    result = []\n    for q in all_queries:\n",
            "    result = [None] * len(all_queries)\n    result.clear()\n    for n, q in enumerate(all_queries):\n",
            "    N = len(all_queries)\n    result = []\n    for n in range(N):\n        q = all_queries[n]\n",
        ],
        [
            "        scores = [(k.T @ q).item() for k in all_keys]\n        a = softmax(np.array(scores))\n",
            "        a = softmax([np.dot(k.ravel(), q.ravel()) for k in all_keys])\n",
            "        scores = np.zeros(len(all_keys))\n        for m, k in enumerate(all_keys):\n"
            "            scores[m] = np.sum(k * q)\n        a = softmax(scores)\n",
            "        a = softmax(np.hstack(all_keys).T @ q)\n",
        ],
        [
            "        result.append(sum(w * v for w, v in zip(a, all_values)))\n",
            "        total = np.zeros_like(all_values[0])\n        for w, v in zip(a, all_values):\n"
            "            total += w * v\n        result.append(total)\n",
            "        result.append(np.hstack(all_values) @ np.reshape(a, (-1, 1)))\n",
            "        x = 0\n        for m in range(len(all_values)):\n            x = x + a[m] * all_values[m]\n"
            "        result.append(x)\n",
        ],
        ["    return result\n"],
    ],
    "self_attention": [
        ["def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):\n"],
        [
            "    q = beta_q + omega_q @ X\n    k = beta_k + omega_k @ X\n    v = beta_v + omega_v @ X\n",
            "    v = omega_v @ X + beta_v\n    q = omega_q @ X + beta_q\n    k = omega_k @ X + beta_k\n",
            "    ones = np.ones((1, X.shape[1]))\n    q = np.dot(omega_q, X) + beta_q * ones\n"
            "    k = np.dot(omega_k, X) + beta_k * ones\n    v = np.dot(omega_v, X) + beta_v * ones\n",
            "    q, k, v = (w @ X + b for w, b in ((omega_q, beta_q), (omega_k, beta_k), (omega_v, beta_v)))\n",
        ],
        [
            "    scores = k.T @ q\n    return v @ softmax_cols(scores)\n",
            "    return np.matmul(v, softmax_cols(np.matmul(k.T, q)))\n",
            "    a = softmax_cols(np.dot(k.transpose(), q))\n    return np.dot(v, a)\n",
            "    scores = np.einsum('dm,dn->mn', k, q)\n    a = softmax_cols(scores)\n    return v @ a\n",
        ],
    ],
    "softmax_cols": [
        ["def softmax_cols(data_in):\n"],
        [
            "    e = np.exp(data_in - data_in.max(axis=0))\n    return e / e.sum(axis=0)\n",
            "    e = np.exp(data_in)\n    return e / np.sum(e, axis=0)\n",
            "    shifted = data_in - np.max(data_in, axis=0, keepdims=True)\n    e = np.exp(shifted)\n"
            "    return e / np.sum(e, axis=0, keepdims=True)\n",
            "    out = np.zeros(data_in.shape)\n    for j in range(data_in.shape[1]):\n"
            "        out[:, j] = softmax(data_in[:, j]).ravel()\n    return out\n",
            "    return np.stack([softmax(column) for column in data_in.T], axis=1)\n",
        ],
    ],
}
TASKS = list(CHOICES)
NAMES = {"scores": ["s", "logits", "raw_scores"], "e": ["exps", "ex", "numerator"], "q": ["queries", "Q"]}


def write(task: str, rng: random.Random) -> str:
    """Return one right answer."""
    code = "".join(rng.choice(step) for step in CHOICES[task])
    return renamed(code, {name: rng.choice([name, *others]) for name, others in NAMES.items()})


def write_class(size: int, seed: int = 0) -> dict[str, dict[str, str]]:
    """Return the answers of a class to each task, by student."""
    rng = random.Random(seed)
    students = [f"s{number:04}" for number in range(size)]
    return {task: {student: write(task, rng) for student in students} for task in TASKS}


def renamed(code: str, names: dict[str, str]) -> str:
    """Return code with other names, outside of strings and attributes."""
    return re.sub(r"(?<![\w.'])[A-Za-z_]\w*", lambda match: names.get(match[0], match[0]), code)


def copied(code: str) -> str:
    """Return a text as somebody hands it in who hides where it is from: names, comments, blanks and lines changed."""
    names = {name: f"my_{n}" for n, name in enumerate(["scores", "d_k", "e", "weights", "q", "k", "v", "x", "total"])}
    lines = renamed(code, names).replace("    ", "\t").split("\n")
    body = [line.replace(" = ", "=").replace(", ", ",") + f"   # step {n}: my own work" for n, line in enumerate(lines)]
    return "\n\n".join(["# written by me", body[0], '\t"""Do the task."""', *body[1:]])


# What a person does in all answers, or never: so that two people who share one habit do not share all.
HABITS = [
    (r"np\.sqrt\((\w+)\)", [r"\1**0.5", r"math.sqrt(\1)", r"np.power(\1, 0.5)"]),
    (r"axis=-1, keepdims=True", ["-1, keepdims=True", "axis=-1, keepdims=1", "keepdims=True, axis=-1"]),
    (r"(?<![.\w])(\w+) @ (\w+)(?![.\w(\[])", [r"np.matmul(\1, \2)", r"np.dot(\1, \2)", r"\1.dot(\2)", r"(\1 @ \2)"]),
    (r"-1e9", ["-np.inf", "-1e10", "-float('inf')", "np.finfo(float).min"]),
    (r"mask is not None", ["not mask is None", "mask is not None and np.any(mask)", "isinstance(mask, np.ndarray)"]),
    (r"\.append\((.*)\)\n", [r" += [\1]\n", r".extend([\1])\n", r".insert(len(all_x), \1)\n"]),
    (
        r"    return (.*)\n",
        [r"    result = \1\n    return result\n", r"    return (\1)\n", r"    out = (\1)\n    return out\n"],
    ),
    (r"(\w+)\.shape\[", [r"np.shape(\1)[", r"list(\1.shape)[", r"tuple(\1.shape)["]),
]
EXTRA = [
    "assert {0} is not None", "assert np.ndim({0}) <= {1}", "assert len({0}) > 0", "assert np.all(np.isfinite({0}))",
    "print({0})", "print('shape', np.shape({0}))", "print(type({0}), {1})", "size = len({0})", "number = {1}",
    "eps = 1e-{1}", "dtype = np.float64", "dtype = np.asarray({0}).dtype", "shape = np.shape({0})",
    "if {0} is None:\n        return None", "if len({0}) == 0:\n        raise ValueError('nothing given')",
    "if not isinstance({0}, (list, np.ndarray)):\n        raise TypeError('an array is needed')",
    "debug = False\n    if debug:\n        print(np.round({0}, {1}))", "old = np.seterr(over='ignore')",
    "copied = np.array({0}, copy=True)", "first = {0}[0]", "np.set_printoptions(precision={1})",
]  # fmt: skip


def personal(codes: dict[str, str], rng: random.Random) -> dict[str, str]:
    """Return the answers of one person with his or her habits, and with some lines more that nobody needs."""
    habits = [(pattern, rng.choice(ways)) for pattern, ways in HABITS if rng.random() < 0.6]
    found = {}
    for task, code in codes.items():
        for pattern, way in habits:
            code = re.sub(pattern, way, code)
        head, _, body = code.partition("\n")
        asked = head[head.index("(") + 1 :].split(",")[0].strip(":)")
        more = [line.format(asked, rng.randrange(2, 9)) for line in rng.sample(EXTRA, rng.randrange(3))]
        found[task] = "\n".join([head, *(f"    {line}" for line in more), body])
    return found


def write_own_class(size: int, seed: int = 0) -> dict[str, dict[str, str]]:
    """Return the answers of a class of people who have habits of their own, by task and student."""
    rng = random.Random(f"habits {seed}")
    plain = write_class(size, seed)
    works = {one: personal({task: plain[task][one] for task in TASKS}, rng) for one in plain[TASKS[0]]}
    return {task: {one: work[task] for one, work in works.items()} for task in TASKS}


WORDS = [f"{a}{b}" for a in ("sum", "max", "abs", "round", "all", "any") for b in ("", "_rows", "_columns", "_of")]


def odd_code(number: int, lines: int = 25) -> str:
    """Return a long function that nobody else would write like this: another one for each number."""
    rng = random.Random(number)
    steps = [(rng.choice(WORDS), rng.randrange(99), rng.choice("+-*/@"), rng.choice(WORDS)) for _ in range(lines)]
    body = [f"    value{n} = value.{a}({b}) {c} np.{d}(value)\n" for n, (a, b, c, d) in enumerate(steps)]
    return "def f(value):\n" + "".join(body)
