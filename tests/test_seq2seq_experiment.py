"""The experiment of chapter 1: the task, the two models, resuming, measuring, and the file that the page reads."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import seq2seq_limits
from experiments.seq2seq.settings import Settings
from experiments.seq2seq.task import LETTERS, START, as_text, decoder_inputs, draw_sources, targets_of

tf = pytest.importorskip("tensorflow")

from experiments.seq2seq import measuring, training  # noqa: E402
from experiments.seq2seq.model import EncoderDecoder  # noqa: E402
from tests.closeness import assert_equal_up_to_rounding  # noqa: E402
from tests.waiting import LONG  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
SMALL = Settings(units=7, embedding_dim=5, steps=6, batch=3, max_length=5, test_length=6, test_count=4)
BOTH = pytest.mark.parametrize("attention", [False, True])


def weights_of(trainer):
    return [variable.numpy() for variable in trainer.variables]


# ---------------------------------------------------------------- the task
def test_targets_are_the_source_backwards_and_the_decoder_reads_them_one_step_late():
    sources = draw_sources(np.random.default_rng(0), 3, 5)
    assert sources.shape == (3, 5) and sources.max() < len(LETTERS)
    targets = targets_of(sources)
    assert as_text(targets[0]) == as_text(sources[0])[::-1]
    inputs = decoder_inputs(targets)
    assert inputs[:, 0].tolist() == [START] * 3
    np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])


def test_every_letter_and_every_length_is_drawn():
    trainer = training.Trainer(SMALL, attention=False, seed=0)
    shapes, letters = set(), set()
    for trainer.done in range(300):
        sources, inputs, targets = trainer.batch()
        assert sources.shape == inputs.shape == targets.shape
        shapes.add(sources.shape)
        letters |= set(sources.ravel().tolist())
    assert shapes == {(3, length) for length in range(1, 6)}
    assert letters == set(range(len(LETTERS)))


# ---------------------------------------------------------------- the models
@BOTH
def test_first_weights_depend_on_the_seed_alone(attention):
    one, again, other = (weights_of(training.Trainer(SMALL, attention, seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])


def test_attention_is_a_softmax_of_dot_products():
    model = EncoderDecoder(attention=True, units=7, embedding_dim=5, seed=0)
    sources, inputs = np.array([[3, 1, 4, 1]]), np.array([[START, 5, 9]])
    H, context = model.read(sources)
    logits, _, weights = model.write(inputs, context, H)
    S, _ = model.decoder(model.target_embedding(inputs), initial_state=context)
    for t in range(3):
        exps = np.exp([float(np.dot(S[0, t], h)) for h in H[0]])
        assert_equal_up_to_rounding(weights[0, t], exps / exps.sum(), terms=7 + 4)
        value = sum(w * h for w, h in zip(exps / exps.sum(), H[0].numpy(), strict=True))
        combined = np.tanh(np.concatenate([value, S[0, t]]) @ model.combine.kernel + model.combine.bias)
        wanted = combined @ model.letters.kernel + model.letters.bias
        assert_equal_up_to_rounding(logits[0, t], wanted, terms=7 + 4 + 4 + 14 + 7, magnitude=1)


@BOTH
def test_only_attention_sees_more_than_the_context(attention):
    model = EncoderDecoder(attention, units=7, embedding_dim=5, seed=0)
    H, context = model.read(np.array([[3, 1, 4, 1]]))
    assert_equal_up_to_rounding(H[:, -1], context, terms=4 * (5 + 7))
    inputs = np.array([[START, 5, 9]])
    logits, others = (model.write(inputs, context, states)[0].numpy() for states in (H, H + 1.0))
    assert np.allclose(logits, others) == (not attention)


@BOTH
def test_writing_letter_by_letter_equals_reading_what_was_written(attention):
    model = EncoderDecoder(attention, units=7, embedding_dim=5, seed=3)
    sources = draw_sources(np.random.default_rng(0), 4, 6)
    written, weights = measuring.Writer(model)(sources)
    H, context = model.read(sources)
    logits, _, looks = model.write(decoder_inputs(written), context, H)
    np.testing.assert_array_equal(np.argmax(logits, axis=-1), written)
    assert_equal_up_to_rounding(weights, looks, terms=12 * (5 + 7) + 7 + 6)  # steps of two networks, scores, softmax


# ---------------------------------------------------------------- training and resuming
def test_training_lowers_the_loss(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "EVERY", 20)
    settings = Settings(units=16, embedding_dim=8, steps=80, batch=16, max_length=2, learning_rate=0.02)
    trainer = training.Trainer(settings, attention=False, seed=0)
    trainer.train(tmp_path / "run.npz")
    assert len(trainer.losses) == 4
    assert trainer.losses[-1] < 0.7 * trainer.losses[0]


class Killed(Exception):
    pass


@BOTH
def test_a_killed_run_goes_on_to_the_same_weights(attention, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "EVERY", 2)
    whole = training.Trainer(SMALL, attention, seed=1)
    whole.train(tmp_path / "whole.npz")

    def kill(done):
        if done == 5:  # between two checkpoints
            raise Killed

    killed = training.Trainer(SMALL, attention, seed=1)
    with pytest.raises(Killed):
        killed.train(tmp_path / "killed.npz", kill)
    again, steps = training.Trainer(SMALL, attention, seed=1), []
    again.train(tmp_path / "killed.npz", steps.append)
    assert steps == [4, 5, 6]
    assert again.losses == whole.losses
    assert all(np.array_equal(a, b) for a, b in zip(weights_of(again), weights_of(whole), strict=True))


def test_a_checkpoint_that_was_being_written_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "EVERY", 2)
    (tmp_path / "run.part").write_bytes(b"half of a file")
    trainer = training.Trainer(SMALL, attention=False, seed=0)
    trainer.train(tmp_path / "run.npz")
    assert trainer.done == SMALL.steps
    assert not (tmp_path / "run.part").exists()


# ---------------------------------------------------------------- measuring
def test_shares_are_counted_by_letter_by_string_and_by_place(monkeypatch):
    class FirstLetterWrong:
        def __init__(self, model):
            pass

        def __call__(self, sources):
            written = targets_of(sources).copy()
            written[:, 0] = (written[:, 0] + 1) % len(LETTERS)
            return written, np.ones((*sources.shape, sources.shape[1]))

    monkeypatch.setattr(measuring, "Writer", FirstLetterWrong)
    model = EncoderDecoder(attention=True, units=7, embedding_dim=5, seed=0)
    found = measuring.measure(model, SMALL)
    np.testing.assert_allclose(found["letters"], [1 - 1 / n for n in range(1, 7)])
    assert found["strings"] == [0.0] * 6
    assert found["places_in_the_longest"] == [0.0, 1.0, 1.0, 1.0, 1.0]
    assert found["examples"][0]["source"][::-1][1:] == found["examples"][0]["written"][1:]


def test_all_models_are_measured_on_the_same_strings():
    one, again = measuring.test_sources(SMALL, 3), measuring.test_sources(SMALL, 3)
    np.testing.assert_array_equal(one, again)
    assert one.shape == (4, 3)


# ---------------------------------------------------------------- the command
def run_command(monkeypatch, tmp_path, *flags, on_save=lambda path: None):
    """Run the command with tiny settings; `on_save` is told of each checkpoint or result that is written."""
    monkeypatch.setattr(seq2seq_limits, "WORK", tmp_path / "work")
    monkeypatch.setattr(seq2seq_limits, "Settings", lambda **given: SMALL)
    monkeypatch.setattr(training, "EVERY", 2)
    save = training.Trainer.save

    def saved(trainer, checkpoint):
        save(trainer, checkpoint)
        on_save(checkpoint)

    monkeypatch.setattr(training.Trainer, "save", saved)
    out = tmp_path / "out.json"
    code = seq2seq_limits.main([*flags, "--out", str(out)])
    return code, json.loads(out.read_text()) if out.exists() else None


def without_times(found):
    return [{name: value for name, value in run.items() if name != "seconds"} for run in found["runs"]]


def test_the_command_goes_on_after_an_interruption(monkeypatch, tmp_path, capsys):
    with monkeypatch.context() as patch:
        _, whole = run_command(patch, tmp_path / "whole", "--seeds", "0", "1")

    written = []

    def interrupt(checkpoint):
        written.append(checkpoint.name)
        if len(written) == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        assert run_command(patch, tmp_path / "cut", "--seeds", "0", "1", on_save=interrupt) == (130, None)
    assert "goes on from the last checkpoint" in capsys.readouterr().err
    assert written == ["without-0.npz"] * 3 + ["with-0.npz"] * 2
    with monkeypatch.context() as patch:
        later = []
        code, again = run_command(
            patch, tmp_path / "cut", "--seeds", "0", "1", on_save=lambda path: later.append(path.name)
        )
    assert code == 0
    assert later == ["with-0.npz"] + ["without-1.npz"] * 3 + ["with-1.npz"] * 3
    assert without_times(again) == without_times(whole)
    assert not list((tmp_path / "cut" / "work").glob("*")), "a finished experiment begins anew"


def test_runs_of_other_settings_are_kept_apart():
    assert len({settings.name for settings in (Settings(), Settings(units=65), Settings(steps=1), SMALL)}) == 4


def test_results_of_other_settings_do_not_replace_those_of_the_book(monkeypatch):
    written = []
    monkeypatch.setattr(seq2seq_limits, "run_all", lambda *args: [])
    monkeypatch.setattr(seq2seq_limits, "write", lambda out, *rest: written.append((out.name, rest[-1])))
    for flags in ([], ["--units", "128"], ["--steps", "10"], ["--seeds", "7"], ["--quick"]):
        assert seq2seq_limits.main(flags) == 0
    command = "python -m experiments.seq2seq_limits"
    assert written == [
        ("01_seq2seq_limits.json", command),
        ("seq2seq_limits.json", f"{command} --units 128"),
        ("seq2seq_limits.json", f"{command} --steps 10"),
        ("seq2seq_limits.json", f"{command} --seeds 7"),
        ("seq2seq_limits.json", f"{command} --quick"),
    ]


def test_help_is_quick_and_names_the_file():
    code = "import sys; sys.argv = ['x', '--help']; from experiments import seq2seq_limits as s\n"
    code += "try: s.main()\nexcept SystemExit as stop: print(stop.code, 'tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LONG, check=True
    )
    assert "book/_data/01_seq2seq_limits.json" in done.stdout.replace("\n", "").replace(" ", "")
    assert done.stdout.endswith("0 False\n")


# ---------------------------------------------------------------- the file that the page reads
def test_the_stored_results_are_those_of_the_book_s_settings():
    found = json.loads(seq2seq_limits.BOOK_FILE.read_text(encoding="utf-8"))
    assert found["settings"] == vars(Settings())
    assert found["command"] == "python -m experiments.seq2seq_limits"
    assert set(found["versions"]) == {"python", "keras", "numpy", "tensorflow"}
    assert [(run["model"], run["seed"]) for run in found["runs"]] == [
        (model, seed) for seed in seq2seq_limits.SEEDS for model in seq2seq_limits.MODELS
    ]
    for run in found["runs"]:
        assert len(run["letters"]) == len(run["strings"]) == Settings().test_length
        assert all(0 <= share <= 1 for share in run["letters"] + run["strings"] + run["places_in_the_longest"])
        np.testing.assert_allclose(np.mean(run["places_in_the_longest"]), run["letters"][19], atol=2e-4)
        for example in run["examples"]:
            assert len(example["source"]) == len(example["written"])
    parameters = {run["model"]: run["parameters"] for run in found["runs"]}
    for model, attention in seq2seq_limits.MODELS.items():
        trainer = training.Trainer(Settings(), attention, seed=0)
        assert trainer.model.count_params() == parameters[model]
