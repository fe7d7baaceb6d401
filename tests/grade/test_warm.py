"""The warm processes: they survive, are replaced when they do not, and leave nothing running behind them."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.run import fork_server
from autograder.grade.run.execute import carry_out
from autograder.grade.run.fork_client import ForkServerError, Pool, Warm
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.grade.fake_course import RIGHT, answered, as_bytes
from tests.waiting import is_gone, wait_for


def score(trusted, course, pool: Pool, **answers: str) -> float:
    """Grade one set of answers and return the points."""
    notebook = rebuilt(trusted, as_bytes(answered(course, **{**RIGHT, **answers})))
    grader = Grader(pool, b"secret", Limits(), Times())
    return sum(verdict.score for verdict in run_and_judge(notebook, trusted, "ann", grader))


def test_many_runs_at_a_time_do_not_disturb_each_other(trusted, course, pool):
    texts = [
        RIGHT["mean_rows"],
        "import os\nos._exit(1)",
        "def mean_rows(X):\n    import os; os.kill(os.getpid(), 9)",
    ] * 16
    with ThreadPoolExecutor(12) as executor:
        scores = list(executor.map(lambda text: score(trusted, course, pool, mean_rows=text), texts))
    assert scores == [5, 3, 3] * 16


def test_a_warm_process_that_was_killed_is_replaced(trusted, course):
    with Pool() as pool:
        assert score(trusted, course, pool) == 5
        pool.warm["numpy"].process.send_signal(signal.SIGKILL)
        pool.warm["numpy"].process.wait()
        assert score(trusted, course, pool) == 5


def test_where_forking_is_not_safe_each_run_starts_cold(trusted, course):
    with Pool() as pool:
        pool.warm["numpy"] = Warm("numpy", cold=True)
        assert score(trusted, course, pool) == 5
        assert score(trusted, course, pool, mean_rows="import os\nos._exit(1)") == 3


def test_a_run_ends_with_its_grader():
    warm = Warm("numpy")
    run = warm.start_run(Limits())
    assert warm.process.poll() is None
    warm.door.close()  # what happens when the grader is killed
    for process, pid in (("run", run.pid), ("warm process", warm.process.pid)):
        wait_for(lambda pid=pid: is_gone(pid), f"the {process} to end with its grader")
    warm.close()


def test_a_killed_run_is_gone_with_what_it_started():
    warm = Warm("numpy")
    run = warm.start_run(Limits())
    run.kill()
    wait_for(lambda: is_gone(run.pid), "a killed run to be gone")
    assert warm.start_run(Limits()).pid != run.pid
    warm.close()
    with pytest.raises(ForkServerError):
        warm.start_run(Limits())


def test_a_library_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.grade.run.fork_client.START_SECONDS", 20)
    with pytest.raises(ForkServerError, match="import nothing"):
        Warm("nothing").start_run(Limits())


def printed(pool: Pool, *texts: str) -> list[str]:
    """Run cells in one run; return what each printed, or its traceback."""
    records = carry_out(Plan([Step(number, "run", text) for number, text in enumerate(texts)]), pool, Limits(), Times())
    outputs = [records[number].outputs for number in range(len(texts))]
    return ["".join(o.get("text", "") + "\n".join(o.get("traceback", [])) for o in one) for one in outputs]


FIRST = "import sys\nfrom matplotlib import pyplot\nbefore = set(sys.modules)"
ERROR = "def half(x):\n    return x.shape / 2\n\nhalf(np.random.rand(2))"
ADDED = "print(sorted(set(sys.modules) - before))"


def test_what_runs_need_again_and_again_was_read_before_they_began(pool):
    *_, traceback, added = printed(pool, FIRST, f"import numpy as np\npyplot.plot([1])\n{ERROR}", ADDED)
    assert "x.shape" in traceback and "half" in traceback and "TypeError" in traceback
    assert added.strip() == "[]"


def test_a_run_finds_no_name_of_what_ran_before_it(pool):
    assert printed(pool, "print([n for n in ('plt', 'numpy', 'figure', 'left', 'right') if n in globals()])") == [
        "[]\n"
    ]


def test_runs_draw_other_numbers_from_each_other(pool):
    text = "import numpy as np, random\nprint(np.random.rand(), random.random(), np.random.default_rng().random())"
    first, second = (printed(pool, text)[0].split() for _ in range(2))
    assert not set(first) & set(second)


def test_numbers_that_a_seed_fixes_are_the_same_in_every_run(pool):
    text = "import numpy as np\nnp.random.seed(3)\nprint(np.random.rand())"
    assert printed(pool, text) == printed(pool, text)


def test_a_traceback_does_not_ask_all_modules_for_a_cell(pool):
    count = (
        "import inspect\nlooked = []\nplain = inspect.ismodule\n"
        "def counted(thing):\n    looked.append(thing)\n    return plain(thing)\ninspect.ismodule = counted"
    )
    here = "def half(x):\n    return x / 0\n\nhalf(1)"
    *_, traceback, many = printed(pool, count, here, "import sys\nprint(len(looked) < len(sys.modules))")
    assert "ZeroDivisionError" in traceback and many == "True\n"


CONSTANTS = """
import tensorflow as tf

@tf.function
def filled(x):
    sides = tf.cast(tf.matmul(tf.ones((1, 40)), tf.ones((40, 30)))[0, :2] / 20, tf.int32)  # known while it is traced
    return tf.fill(sides, 1.5) * x

print(filled(tf.constant(2.0)).numpy().tolist())
layer = tf.keras.layers.Dense(3, kernel_initializer="ones")
print(layer(tf.ones((2, 64)))[0].numpy().tolist())
"""


def test_a_run_computes_the_constants_of_a_graph_without_the_thread_that_did_so_before_it(pool):
    assert printed(pool, CONSTANTS) == ["[[3.0, 3.0], [3.0, 3.0]]\n[64.0, 64.0, 64.0]\n"]
    assert not pool.warm["tensorflow"].cold


PRODUCTS = """
import re, tensorflow as tf

def made():
    \"\"\"Return where machine code lies that no file has: TensorFlow writes what multiplies for this processor.\"\"\"
    return set(re.findall(r"^(\\S+) ..x. \\S+ \\S+ 0 *$", open("/proc/self/maps").read(), flags=re.M))

before = made()
for shape in (3, 20, 300), (8, 8), (30, 40, 50):
    a = tf.ones(shape)
    tf.matmul(a, a, transpose_b=True), tf.matmul(a, a, transpose_a=True), tf.einsum("...ij,...kj->...ik", a, a)
tf.keras.layers.Dense(7)(tf.ones((5, 6)))
print(len(made() - before))
"""


def test_what_multiplies_matrices_is_written_before_a_run_begins(pool):
    assert printed(pool, PRODUCTS) == ["0\n"]


def test_what_ran_before_leaves_nothing_in_graphs_seeds_and_names(pool):
    text = "import keras, tensorflow as tf\nprint(tf.compat.v1.get_default_graph().get_operations())\n"
    text += "print(keras.layers.Dense(1).name)"
    assert printed(pool, text) == ["[]\ndense\n"]


LETTERS = """
import hashlib, io
from matplotlib import pyplot as plt
{before}
def seen():
    figure, axes = plt.subplots()
    axes.set(title="two\\nlines, $d_k$", xlabel="bold")
    axes.xaxis.label.set(weight="bold", size=7, rotation=30)
    data = io.BytesIO()
    figure.savefig(data, format="raw")
    plt.close(figure)
    return hashlib.sha256(data.getvalue()).hexdigest()
print(seen())
"""
READ_ANEW = """
from matplotlib import RcParams
from matplotlib.ft2font import FT2Font
FT2Font.get_sfnt_table = FT2Font.get_sfnt_table.__wrapped__
RcParams.__getitem__ = lambda self, key: self._get(key)
"""


def test_figures_are_the_same_dots_where_matplotlib_asks_less(pool):
    remembered, anew = (printed(pool, LETTERS.format(before=before))[0] for before in ("", READ_ANEW))
    assert remembered == anew and len(anew.strip()) == 64


WIDTH = "print(plt.figure().text(0, 0, 'iiii').get_window_extent().width)"


def test_a_cell_reads_and_changes_the_settings_of_figures(pool):
    cells = [
        "from matplotlib import pyplot as plt\nprint(plt.rcParams['backend'], plt.get_backend())",
        WIDTH,
        f"plt.rcParams['font.family'] = 'monospace'\n{WIDTH}",
        f"plt.rcdefaults()\nprint(plt.rcParams['backend'])\n{WIDTH}",
        "plt.rcParams['no.such']",
    ]
    backend, narrow, wide, back, error = printed(pool, *cells)
    assert all("inline" in name for name in backend.split())
    assert float(wide) > float(narrow) and back.split() == [backend.split()[0], narrow.strip()]
    assert "KeyError" in error


def test_a_thread_of_another_name_still_forbids_forking():
    alone = fork_server.threads()
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert fork_server.threads() == alone + 1
        name = Path(f"/proc/self/task/{thread.native_id}/comm")
        name.write_text(fork_server.SPARE_THREAD)
        assert fork_server.threads() == alone
    finally:
        stop.set()
        thread.join()
