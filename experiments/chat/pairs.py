"""The pairs of questions and answers: where they come from, and which of them are held back."""

from __future__ import annotations

import csv
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import chatterbot_corpus
import numpy as np
import yaml

from experiments.common import InputError, write_whole

KOREAN_URL = "https://raw.githubusercontent.com/songys/Chatbot_data/master/ChatbotData.csv"
KOREAN_FILE = "ChatbotData.csv"
SECONDS_WITHOUT_AN_ANSWER = 30
HELD_BACK_SHARE = 0.05
SPLIT_SEED = 2017  # one fixed split: the seed of a run does not change which pairs are held back
LICENCES = {
    "korean": "Chatbot_data_for_Korean 1.0, Youngsook Song, 2018, MIT",
    "english": "chatterbot-corpus, Gunther Cox and others, BSD-3-Clause",
    "small": "chatterbot-corpus, Gunther Cox and others, BSD-3-Clause",
}

Pair = tuple[str, str]  # question and answer


@dataclass(frozen=True)
class Pairs:
    """The pairs to train on, the pairs held back, and where both came from."""

    name: str
    train: list[Pair]
    held_back: list[Pair]
    source: str
    dropped: int = 0  # pairs that share a question or an answer with one held back

    def counts(self) -> dict[str, int | str]:
        """Return what the results file says of the data."""
        everything = self.train + self.held_back
        return {
            "name": self.name,
            "source": self.source,
            "licence": LICENCES[self.name],
            "pairs": len(everything) + self.dropped,
            "train": len(self.train),
            "held_back": len(self.held_back),
            "dropped": self.dropped,
            "distinct_questions": len({question for question, _ in everything}),
            "distinct_answers": len({answer for _, answer in everything}),
        }

    def shortened(self, count: int) -> Pairs:
        """Return the same with the first ``count`` pairs of each kind."""
        return replace(self, train=self.train[:count], held_back=self.held_back[:count])


def load(name: str, data_dir: Path | None, cache: Path) -> Pairs:
    """Return the pairs ``korean``, ``english`` or ``small``, punctuation spaced, a twentieth held back."""
    if name == "korean":
        path = find_korean(data_dir) if data_dir else download(KOREAN_URL, cache / KOREAN_FILE)
        pairs, source = read_csv(path), "github.com/songys/Chatbot_data, ChatbotData.csv"
    else:
        language = {"english": "english", "small": "korean"}[name]
        pairs, source = list(read_corpus(language)), f"chatterbot-corpus, {language}"
    spaced = [(space_punctuation(question), space_punctuation(answer)) for question, answer in pairs]
    train, held_back = split([pair for pair in spaced if all(pair)])
    return Pairs(name, train, held_back, source, len(spaced) - len(train) - len(held_back))


def space_punctuation(text: str) -> str:
    """Return the text with a space around ``? . ! ,``, so that a mark is a token of its own."""
    return " ".join(re.sub(r"([?.!,])", r" \1 ", text).split())


def split(pairs: list[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return (training pairs, pairs held back): no question and no answer of the second occurs in the first.

    The Korean answers repeat (a common one stands beside 22 questions): a random split would test the memory of them.
    Answers are drawn until a twentieth of the pairs is held back; a pair that shares only its question is dropped.
    """
    answers = sorted({answer for _, answer in pairs})
    counted = {answer: 0 for answer in answers}
    for _, answer in pairs:
        counted[answer] += 1
    chosen, wanted = set(), round(len(pairs) * HELD_BACK_SHARE)
    for number in np.random.default_rng(SPLIT_SEED).permutation(len(answers)):
        if wanted <= 0:
            break
        chosen.add(answers[number])
        wanted -= counted[answers[number]]
    held_back = [pair for pair in pairs if pair[1] in chosen]
    questions = {question for question, _ in held_back}
    return [pair for pair in pairs if pair[1] not in chosen and pair[0] not in questions], held_back


def find_korean(data_dir: Path) -> Path:
    """Return the file of Korean pairs in ``data_dir``, in one of its folders, or itself."""
    for path in (data_dir, data_dir / KOREAN_FILE, data_dir / "korean_chatbot" / KOREAN_FILE):
        if path.is_file():
            return path
    raise InputError(f"{data_dir} holds no {KOREAN_FILE}: name the folder in which it lies.")


def download(url: str, path: Path) -> Path:
    """Return ``path``, downloaded from ``url`` if it is not there yet."""
    if path.is_file():
        return path
    try:
        with urllib.request.urlopen(url, timeout=SECONDS_WITHOUT_AN_ANSWER) as answer:
            content = answer.read()
    except (urllib.error.URLError, OSError) as error:
        raise InputError(
            f"{url} could not be downloaded ({error}): connect to the internet, name the folder of {KOREAN_FILE} with "
            "--data-dir or ATTENTION_DATA_DIR, or take --data english, which needs no network."
        ) from error
    write_whole(path, content)
    return path


def read_csv(path: Path) -> list[Pair]:
    """Return the columns Q and A of a CSV file."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            pairs = [(row["Q"], row["A"]) for row in csv.DictReader(lines)]
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a UTF-8 CSV file with the columns Q and A ({error!r}).") from error
    if not pairs:
        raise InputError(f"{path} holds no pairs.")
    return pairs


def read_corpus(language: str) -> Iterator[Pair]:
    """Yield each line of each conversation of chatterbot-corpus with the line that answers it."""
    for path in sorted((Path(chatterbot_corpus.__file__).parent / "data" / language).glob("*.yml")):
        for lines in yaml.safe_load(path.read_text(encoding="utf-8"))["conversations"]:
            yield from zip(map(str, lines), map(str, lines[1:]), strict=False)
