"""The experiment of chapter 8: pairs, tokens, loss, training that goes on after a kill, replies, the results file."""

from __future__ import annotations

import dataclasses
import http.server
import json
import math
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from experiments import chatbot
from experiments.chat import decode, pairs
from experiments.common import InputError

tf = pytest.importorskip("tensorflow")
from experiments.chat import objective, replies, results, tokens, train  # noqa: E402 - they import TensorFlow
from experiments.chat.tokens import END, PADDING, START, UNKNOWN  # noqa: E402
from tests.closeness import rounding  # noqa: E402
from tests.waiting import LONG  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
FEW = [(f"question {i} ?", f"answer number {i} .") for i in range(12)]


# --- pairs -----------------------------------------------------------------------------------------------------------


def test_marks_stand_alone():
    assert pairs.space_punctuation("영화 볼래?") == "영화 볼래 ?"
    assert pairs.space_punctuation("  Well,really!  ") == "Well , really !"


def test_the_packages_pairs_are_all_read():
    assert len(list(pairs.read_corpus("english"))) == 2393
    assert len(list(pairs.read_corpus("korean"))) == 696


def test_what_is_held_back_shares_no_question_and_no_answer():
    rng = np.random.default_rng(0)
    made = [(f"q{rng.integers(300)}", f"a{rng.integers(200)}") for _ in range(500)]
    kept, held_back = pairs.split(made)
    assert 25 <= len(held_back) <= 35
    assert not {q for q, _ in kept} & {q for q, _ in held_back}
    assert not {a for _, a in kept} & {a for _, a in held_back}
    dropped = Counter(made) - Counter(kept) - Counter(held_back)
    assert dropped and all(question in {q for q, _ in held_back} for question, _ in dropped)
    assert pairs.split(made) == (kept, held_back)


@pytest.mark.parametrize("place", [".", "korean_chatbot", "ChatbotData.csv"])
def test_the_korean_file_is_found(tmp_path, place):
    folder = tmp_path / "korean_chatbot" if place == "korean_chatbot" else tmp_path
    folder.mkdir(exist_ok=True)
    (folder / "ChatbotData.csv").write_text('Q,A,label\n"하나, 둘",셋!,0\n넷,다섯,1\n', encoding="utf-8")
    named = tmp_path / place if place == "ChatbotData.csv" else tmp_path
    data = pairs.load("korean", named, tmp_path)
    assert sorted(data.train + data.held_back) == [("넷", "다섯"), ("하나 , 둘", "셋 !")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n", "is not a UTF-8 CSV file with the columns Q and A"),
        (b"Q,A\n\xff,\xfe\n", "is not a UTF-8 CSV file with the columns Q and A"),
        (b"Q,A,label\n", "holds no pairs"),
    ],
)
def test_a_file_that_is_no_table_of_pairs_is_refused(tmp_path, content, message):
    (tmp_path / "ChatbotData.csv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        pairs.load("korean", tmp_path, tmp_path)
    with pytest.raises(InputError, match="holds no ChatbotData.csv"):
        pairs.load("korean", tmp_path / "nowhere", tmp_path)


@pytest.fixture
def server():
    """Serve one file of pairs, an address that does not exist, and one that never answers."""
    asked, ended = [], threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path == "/slow":
                ended.wait()
            if self.path != "/pairs.csv":
                self.send_error(404)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write("Q,A,label\n하나,둘,0\n".encode())

        def log_message(self, *_):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}", asked
    ended.set()
    running.shutdown()


def test_a_download_is_kept(tmp_path, server):
    address, asked = server
    path = tmp_path / "new" / "pairs.csv"
    for _ in range(2):
        assert pairs.download(f"{address}/pairs.csv", path) == path
    assert asked == ["/pairs.csv"] and pairs.read_csv(path) == [("하나", "둘")]
    assert [file.name for file in path.parent.iterdir()] == ["pairs.csv"]


@pytest.mark.parametrize("page", ["/nothing", "/slow"])
def test_a_failed_download_says_what_to_do(tmp_path, server, monkeypatch, page):
    monkeypatch.setattr(pairs, "SECONDS_WITHOUT_AN_ANSWER", 0.2)
    with pytest.raises(InputError, match="could not be downloaded .* --data-dir or ATTENTION_DATA_DIR, or take --data"):
        pairs.download(server[0] + page, tmp_path / "pairs.csv")
    assert list(tmp_path.iterdir()) == []


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    return tokens.learn(FEW, 60, tmp_path_factory.mktemp("tokens"))


def test_text_goes_through_ids_and_back(words):
    for text in [text for pair in FEW for text in pair]:
        ids = words.encode(text)
        assert (ids[0], ids[-1]) == (START, END) and not {PADDING, START, END, UNKNOWN} & set(ids[1:-1])
        assert words.decode([PADDING, *ids, PADDING]) == text
        assert "".join(words.pieces(ids[1:-1])).replace("▁", " ").strip() == text


def test_tokens_are_learned_once_and_again_for_other_texts(tmp_path):
    first = tokens.learn(FEW, 60, tmp_path)
    (path,) = tmp_path.iterdir()
    stamp = path.stat().st_mtime_ns
    assert tokens.learn(FEW, 60, tmp_path).encode(FEW[3][0]) == first.encode(FEW[3][0])
    assert path.stat().st_mtime_ns == stamp
    tokens.learn(FEW[:5], 60, tmp_path)
    tokens.learn(FEW, 50, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_small_corpus_has_a_small_vocabulary(tmp_path):
    assert 20 < tokens.learn(FEW, 8192, tmp_path).vocab_size < 200


def test_pairs_are_padded_and_long_ones_left_out(words):
    lengths = [max(len(words.encode(text)) for text in pair) for pair in FEW]
    questions, answers = tokens.encode_pairs(words, FEW, max(lengths) - 1)
    assert len(questions) == len(answers) == sum(length < max(lengths) for length in lengths) < len(FEW)
    for row, text in zip(
        answers, [pair[1] for pair, n in zip(FEW, lengths, strict=True) if n < max(lengths)], strict=True
    ):
        ids = words.encode(text)
        assert row.tolist() == ids + [0] * (len(row) - len(ids))
    with pytest.raises(InputError, match="No pair is short enough for 3 tokens"):
        tokens.encode_pairs(words, FEW, 3)


# --- what is minimised and counted -----------------------------------------------------------------------------------


def test_sums_equal_a_loop_over_the_real_tokens():
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(3, 5, 7)).astype("float32")
    targets = rng.integers(1, 7, (3, 5)).astype("int32")
    targets[0, 2:], targets[2, 4:] = 0, 0
    targets[1, 1] = logits[1, 1].argmax()
    loss = right = count = 0
    for b in range(3):
        for t in range(5):
            if targets[b, t]:
                shares = np.exp(logits[b, t]) / np.exp(logits[b, t]).sum()
                loss -= math.log(shares[targets[b, t]])
                right += shares.argmax() == targets[b, t]
                count += 1
    assert [float(x) for x in objective.sums(targets, logits)] == pytest.approx(
        [loss, right, count], rel=rounding(12 + 7, 1)
    )


def test_the_rate_rises_to_its_peak_and_falls():
    rate = objective.WarmUp(64, 10)
    found = [float(rate(step)) for step in range(40)]  # Keras counts updates from 0
    wanted = [64**-0.5 * min((s + 1) ** -0.5, (s + 1) * 10**-1.5) for s in range(40)]
    assert found == pytest.approx(wanted, rel=1e-5) and int(np.argmax(found)) == 9
    assert objective.WarmUp.from_config(rate.get_config())(5) == rate(5)


def test_padded_measures_divide_by_all_positions():
    data = np.zeros((4, 11), "int32"), np.zeros((4, 11), "int32")
    found = train.measures(loss=6.0, right=3.0, tokens=12.0, data=data)
    assert found == {"loss": 0.5, "accuracy": 0.25, "padded_loss": 6 / 40, "padded_accuracy": 3 / 40}


# --- decoding --------------------------------------------------------------------------------------------------------

# Next-token probabilities by the tokens so far; 0 starts, 1 ends. The likeliest first step, 2, leads to a poor reply.
TABLE = {
    (0,): [0.0, 0.1, 0.5, 0.4],
    (0, 2): [0.0, 0.4, 0.3, 0.3],
    (0, 3): [0.0, 0.9, 0.05, 0.05],
}


def table(ids):
    shares = np.array(TABLE.get(tuple(ids), [0.0, 0.5, 0.25, 0.25]))
    return np.log(np.maximum(shares, 1e-12)) + 3  # logits: any number may be added


def test_greedy_takes_the_likeliest_each_time():
    assert decode.greedy(table, 0, 1, 9) == [2]
    assert decode.greedy(lambda ids: np.array([0, 0, 1.0, 0]), 0, 1, 4) == [2, 2, 2, 2]
    assert decode.greedy(lambda ids: np.array([0, 1.0, 0]), 0, 1, 4) == []


def test_a_beam_finds_what_greedy_misses():
    assert decode.beam(table, 0, 1, 9, width=2, alpha=0) == [3]  # 0.4 x 0.9 against 0.5 x 0.4
    assert decode.beam(table, 0, 1, 9, width=1, alpha=0) == decode.greedy(table, 0, 1, 9)
    assert decode.beam(lambda ids: np.array([0, 0, 1.0, 0]), 0, 1, 3, width=2) == [2, 2, 2]


def test_a_wide_beam_finds_the_best_of_all_replies():
    rng = np.random.default_rng(8)
    drawn = {}

    def random_table(ids):
        return drawn.setdefault(tuple(ids), rng.normal(0, 2, 4))

    def all_replies(ids, total):
        logits = random_table(ids)
        logs = logits - np.log(np.exp(logits).sum())
        yield total + logs[1], ids[1:]
        if len(ids) < 4:
            for token in (0, 2, 3):
                yield from all_replies([*ids, token], total + logs[token])

    for _ in range(5):
        drawn.clear()
        finished = {tuple(ids): total for total, ids in all_replies([0], 0.0) if len(ids) < 4}
        best = max(finished, key=finished.get)
        assert tuple(decode.beam(random_table, 0, 1, 4, width=200, alpha=0)) == best


def test_drawn_replies_follow_the_temperature():
    rng = np.random.default_rng(1)

    def shares(temperature):
        drawn = Counter(
            tuple(decode.sample(lambda ids: np.log([0.2, 0.001, 0.8]), 9, 1, 1, temperature, rng)) for _ in range(2000)
        )
        return drawn[(2,)] / 2000

    for temperature in (0.5, 1, 2):
        powers = np.array([0.2, 0.001, 0.8]) ** (1 / temperature)
        assert shares(temperature) == pytest.approx(powers[2] / powers.sum(), abs=0.03)
    with pytest.raises(ValueError, match="it must be above 0"):
        decode.sample(table, 0, 1, 3, 0, rng)
    with pytest.raises(ValueError, match="it must be at least 1"):
        decode.beam(table, 0, 1, 3, 0)


# --- training --------------------------------------------------------------------------------------------------------

# The sums that one number goes through from an id to a loss: in two layers two attentions at most, with projections of
# 12, scores of 4, a mean of 16 and 12 to join the heads, 12 and 16 of the network and 12 of each norm; a logit of 12
# and a softmax of 60.
TERMS = 2 * (2 * (12 + 4 + 16 + 12) + 12 + 16 + 3 * 12) + 12 + 60
SETTINGS = train.Settings(
    vocab_size=60, num_layers=1, d_model=12, num_heads=3, dff=16, dropout=0.1, max_length=16, batch_size=5, epochs=3,
    warmup_steps=4, patience=0, seed=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def encoded(words):
    settings = dataclasses.replace(SETTINGS, vocab_size=words.vocab_size)
    return settings, tokens.encode_pairs(words, FEW[:9], 16), tokens.encode_pairs(words, FEW[9:], 16)


def curve(history):
    return [{name: entry[name] for name in entry if name != "seconds"} for entry in history]


@pytest.fixture(scope="module")
def whole_run(encoded, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    settings, data, held_back = encoded
    return train.train(settings, {"a": 1}, data, held_back, folder), folder


def test_batches_are_cut_and_nothing_else_changes(encoded, whole_run):
    settings, data, _ = encoded
    model = whole_run[0][0]
    count, seen = train.counting_step(model), []
    for first, (question, dec_inputs, targets) in zip(range(0, 9, 5), train.batches(data, 5), strict=True):
        questions, answers = (ids[first : first + 5] for ids in data)
        assert question.shape[1] == (questions != 0).sum(1).max() < 16
        assert targets.shape[1] == (answers != 0).sum(1).max() - 1
        np.testing.assert_array_equal(dec_inputs[:, 1:], targets[:, :-1])
        long = [tf.constant(ids) for ids in (questions, answers[:, :-1], answers[:, 1:])]
        np.testing.assert_allclose(count(question, dec_inputs, targets), count(*long), rtol=rounding(TERMS, 1))
        seen.append(question)
    assert sum(len(question) for question in seen) == 9


def test_an_interrupted_run_has_the_curve_of_an_undisturbed_one(encoded, whole_run, tmp_path):
    settings, data, held_back = encoded
    (model, history), _ = whole_run
    part = dataclasses.replace(settings, epochs=1)
    train.train(part, {"a": 1}, data, held_back, tmp_path)
    again, resumed = train.train(settings, {"a": 1}, data, held_back, tmp_path)
    for entry, wanted in zip(curve(resumed), curve(history), strict=True):
        assert entry == pytest.approx(wanted, rel=1e-4)
    for a, b in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["best.keras", "epoch_3.keras", "progress.json"]


def test_a_run_of_other_settings_or_shape_is_refused(encoded, whole_run, tmp_path):
    settings, data, held_back = encoded
    folder = whole_run[1]
    with pytest.raises(InputError, match="holds a run with a 1, not with a 2: say --fresh"):
        train.train(settings, {"a": 2}, data, held_back, folder)
    other = dataclasses.replace(settings, d_model=24)
    with pytest.raises(InputError, match=r"epoch_3.keras is of a model with other shapes: say --fresh"):
        train.trained(other, {"a": 1}, folder)
    with pytest.raises(InputError, match="holds no trained model"):
        train.trained(settings, {"a": 1}, tmp_path)
    (tmp_path / "progress.json").write_text((folder / "progress.json").read_text())
    (tmp_path / "epoch_3.keras").write_bytes(b"no model")
    with pytest.raises(InputError, match=r"epoch_3.keras cannot be loaded .*: say --fresh"):
        train.trained(settings, {"a": 1}, tmp_path)


def test_patience_ends_a_run_and_none_does_not():
    falling = [{"held_loss": x} for x in (3.0, 2.0, 1.0)]
    rising = [{"held_loss": x} for x in (3.0, 4.0, 5.0)]
    assert not train.finished(falling, 9, 2) and train.finished(falling, 3, 2)
    assert train.finished(rising, 9, 2) and not train.finished(rising, 9, 3) and not train.finished(rising, 9, 0)


# --- replies and results ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def replier(whole_run, words):
    return replies.Replier(whole_run[0][0], words, 16)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "The question is empty"),
        ("  ", "The question is empty"),
        ("龘 龘", "knows none of the characters of '龘 龘'"),
        ("question " * 20, "The question has .* tokens; the model reads 14 at most"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(replier, question, message):
    with pytest.raises(InputError, match=message):
        replier.greedy(question)


def test_replies_say_what_a_person_should_know(replier, monkeypatch):
    monkeypatch.setattr(replier, "greedy", lambda question: ("so", False))
    assert chatbot.say(replier, "greedy", "question 龘 1?") == "so [cut off at 15 tokens] [not known: 龘]"
    monkeypatch.setattr(replier, "greedy", lambda question: ("so", True))
    assert chatbot.say(replier, "greedy", "question 1?") == "so"


def test_many_replies_at_once_are_the_replies_one_by_one(replier, words, encoded):
    _, (questions, _), _ = encoded
    many = replies.reply_to_all(replier.model, questions, words, batch_size=4)
    assert many == [replier.greedy(question)[0] for question, _ in FEW[:9]]


def test_the_attention_of_a_reply(replier):
    found = replier.attention("question 1 ?")
    weights = np.array(found["cross"])
    assert weights.shape == (1, 3, len(found["reply_pieces"]), len(found["question_pieces"]))
    np.testing.assert_allclose(weights.sum(-1), 1, atol=0.01)
    assert found["reply_pieces"][-1] == "</s>" and found["question_pieces"][0] == "<s>"


def test_the_evaluation_equals_a_loop(whole_run, words, encoded):
    settings, data, _ = encoded
    (model, _), _ = whole_run
    found = results.evaluate(model, words, data, settings)
    losses, right, padded_right = [], [], 0
    for question, answer in zip(*data, strict=True):
        logits = model([question[None], answer[None, :-1]], training=False).numpy()[0].astype("float64")
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        for t, target in enumerate(answer[1:]):
            padded_right += logs[t].argmax() == target
            if target:
                losses.append(-logs[t, target])
                right.append(logs[t].argmax() == target)
    positions = data[1][:, 1:].size
    wanted = {
        "loss": np.mean(losses), "accuracy": np.mean(right), "perplexity": math.exp(np.mean(losses)), "pairs": 9,
        "padded_loss": np.sum(losses) / positions, "padded_accuracy": padded_right / positions,
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, rel=rounding(TERMS, 1))
    assert 0 <= found["bleu"] <= 100 and found["bleu_pairs"] == 9


def test_bleu_is_100_for_the_right_replies(monkeypatch, whole_run, words, encoded):
    settings, data, _ = encoded
    monkeypatch.setattr(results, "reply_to_all", lambda model, questions, tokens: [a for _, a in FEW[:9]])
    found = results.evaluate(whole_run[0][0], words, data, settings)
    assert found["bleu"] == pytest.approx(100) and found["same_as_answer"] == 9


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_trains_writes_and_replies(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(results.PROMPTS, "small", ["뭐 해?", "영화 볼래?", "龘"])  # all twenty take a minute
    monkeypatch.setattr(results, "TIMED_LENGTHS", [2, 3])
    monkeypatch.setattr(results, "ATTENTION_PROMPTS", 1)
    common = ["--data", "small", "--quick", "--work", str(tmp_path)]
    assert chatbot.main([*common, "--reply", "뭐 해?"]) == 2
    assert "holds no trained model" in capsys.readouterr().err
    assert chatbot.main(common) == 0
    out = capsys.readouterr().out
    assert "64 pairs to train on" in out and out.count("  ->  ") == 3
    found = json.loads((tmp_path / "chatbot_small_fast_quick.json").read_text())
    assert [entry["epoch"] for entry in found["history"]] == [1, 2] and len(found["replies"]) == 3
    assert found["data"]["pairs"] == found["data"]["train"] + found["data"]["held_back"] + found["data"]["dropped"]
    assert "knows none of the characters" in found["replies"][2]["greedy"]
    assert {"loss", "padded_loss", "perplexity", "bleu"} <= found["evaluation"]["held_back"].keys()
    assert [entry["tokens"] for entry in found["decoding"]] == results.TIMED_LENGTHS
    assert found["command"] == "python experiments/chatbot.py --data small --preset fast --quick"
    assert chatbot.main([*common, "--reply", "영화 볼래?"]) == 0
    assert capsys.readouterr().out.strip()
    assert chatbot.main([*common, "--reply", ""]) == 2
    assert "The question is empty" in capsys.readouterr().err


def test_talking_goes_on_after_a_bad_question(monkeypatch, capsys, replier, words, encoded):
    lines = iter(["龘", "question 1 ?", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    args = chatbot.parse(["--interactive", "--decode", "beam"])
    assert chatbot.talk(args, replier.model, words, encoded[0]) == 0
    assert "knows none of the characters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--data", "korean", "--preset", "notes"], "08_chatbot_korean_notes.json"),
        (["--data", "english"], "08_chatbot_english_fast.json"),
    ],
)
def test_the_books_files_are_written_by_the_books_settings_only(arguments, name):
    def place(*more):
        args = chatbot.parse([*arguments, *more, "--work", "/w"])
        return chatbot.results_file(args, f"chatbot_{args.data}_{args.preset}")

    assert place() == ROOT / "book" / "_data" / name
    for more in (["--quick"], ["--epochs", "3"], ["--seed", "2"], ["--patience", "1"]):
        assert place(*more).parent == Path("/w")


@pytest.mark.training
def test_a_killed_command_goes_on_with_the_same_curve(tmp_path):
    def start(folder, *more):
        words = [sys.executable, str(ROOT / "experiments" / "chatbot.py"), "--data", "small", "--quick"]
        return subprocess.Popen([*words, "--work", str(folder), *more], stdout=subprocess.PIPE, text=True)

    whole = start(tmp_path / "whole", "--epochs", "4")
    whole.communicate(timeout=LONG)
    killed = start(tmp_path / "killed", "--epochs", "4")
    for line in killed.stdout:
        if line.startswith("Epoch 2/4"):
            killed.send_signal(signal.SIGKILL)
    killed.wait(timeout=LONG)
    again = start(tmp_path / "killed", "--epochs", "4")
    out, _ = again.communicate(timeout=LONG)
    assert "Going on after epoch" in out and again.returncode == whole.returncode == 0
    curves = [
        curve(json.loads((tmp_path / name / "chatbot_small_fast_quick.json").read_text())["history"])
        for name in ("whole", "killed")
    ]
    for entry, wanted in zip(*curves, strict=True):
        assert entry == pytest.approx(wanted, rel=1e-3)


@pytest.mark.training
def test_one_batch_is_learned_by_heart(encoded):
    settings, data, _ = encoded
    settings = dataclasses.replace(settings, d_model=24, dropout=0.0, warmup_steps=40)
    model = train.new_model(settings)
    step = train.training_step(model)
    (batch,) = train.batches((data[0][:5], data[1][:5]), 5)
    for _ in range(300):
        loss, right, count = (float(x) for x in step(*batch))
    assert loss / count < 0.02 and right == count
    assert int(model.optimizer.iterations) == 300
