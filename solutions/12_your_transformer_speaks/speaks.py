"""A trained Transformer that runs on functions which are given to it, and keeps all it looked at.

    model = load(functions)                       # by their names: NEEDED lists them
    reply = model.reply("Tom loves Mary.")
    reply.text, reply.steps[0].maps["cross"][1]   # a map for each head of layer 1, when the first word was chosen

This file needs only the standard library and NumPy. Beside it lies `12_speaks.json`: the sizes of the model, its words
and its numbers; `read_arrays` says how they are written. All that chapters 4 to 8 ask for is taken from you; what is
here are the wires between.
"""

from __future__ import annotations

import ast
import base64
import json
import linecache
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, wraps
from itertools import accumulate
from pathlib import Path
from traceback import walk_tb
from types import CellType, FunctionType
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("12_speaks.json")
PADDING, START, END, UNKNOWN = range(4)
NEEDED = {  # the chapter in which each is written
    "scaled_dot_product_attention": "04_scaled_dot_product_attention",
    "split_heads": "05_multi_head_attention",
    "merge_heads": "05_multi_head_attention",
    "multi_head_attention": "05_multi_head_attention",
    "create_padding_mask": "06_masks",
    "create_look_ahead_mask": "06_masks",
    "decoder_masks": "06_masks",
    "positional_encoding": "07_transformer",
    "layer_norm": "07_transformer",
    "position_wise_feed_forward": "07_transformer",
    "add_and_norm": "07_transformer",
    "greedy_decode": "08_training_a_chatbot",
}
MY_FUNCTIONS = '''def my_functions():
    """Return your functions by their names: a dictionary with all names of NEEDED."""
    return {name: globals()[name] for name in NEEDED}'''
VALUES = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.Attribute, ast.Load)
Functions = Mapping[str, Callable]
Arrays = dict[str, np.ndarray]
Maps = dict[str, list[np.ndarray]]  # "encoder", "decoder", "cross": of each layer the weights (H, T_q, T_k)


class FunctionError(RuntimeError):
    """One of the functions stopped, or gave what the model cannot use; the message says which, in one sentence."""


class SentenceError(ValueError):
    """The model cannot read a sentence; the message says why."""


# ---------------------------------------------------------------- functions that find each other
def together(functions: Functions) -> dict[str, Callable]:
    """Return the functions such that each of them calls the others that are given, wherever it was written.

    Your `multi_head_attention` calls a `split_heads`: from here on it is the one in `functions`. Each is watched.
    """
    found, cells = dict(functions), {name: CellType() for name in functions}
    for name, function in functions.items():
        if isinstance(function, FunctionType):
            around = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
            closure = tuple(cells.get(other, cell) for other, cell in around)
            code, names = function.__code__, {**function.__globals__}
            found[name] = FunctionType(code, names, name, function.__defaults__, closure)
            found[name].__kwdefaults__ = function.__kwdefaults__
    watching = {name: watched(name, function) for name, function in found.items()}
    for name, function in found.items():
        cells[name].cell_contents = watching[name]
        if isinstance(function, FunctionType):
            function.__globals__.update(watching)
    return watching


def watched(name: str, function: Callable) -> Callable:
    """Return a function that says its name where it stops, or gives something that cannot be used."""

    @wraps(function)
    def call(*given: Any, **by_name: Any) -> Any:
        try:
            found = function(*given, **by_name)
        except (FunctionError, NotImplementedError):
            raise
        except Exception as error:
            raise FunctionError(
                f"{name} stopped{_line_of(error, function)}: {type(error).__name__}: {error}"
            ) from error
        wanted = None
        with suppress(Exception):  # nothing is known of what was called in an odd way
            wanted = GIVES[name](*given, **by_name)
        if wanted is not None:
            _look_at(name, found, wanted)
        return found

    return call


def _line_of(error: Exception, function: Callable) -> str:
    """Return the line of a function in which it stopped, where its text is known."""
    steps = [step for step in walk_tb(error.__traceback__) if step[0].f_code is getattr(function, "__code__", None)]
    text = linecache.getline(steps[0][0].f_code.co_filename, steps[0][1]).strip() if steps else ""
    return f" in the line `{text}`" if text else ""


# ---------------------------------------------------------------- what comes out of each
def _along(*shape: int) -> tuple[bool, tuple[int, ...]]:
    return True, shape  # of what is added to scores or vectors of this shape, so axes may have length 1


def _just(*shape: int) -> tuple[bool, tuple[int, ...]]:
    return False, shape


def _of_attention(query: np.ndarray, key: np.ndarray, value: np.ndarray, mask: Any = None) -> list:
    return [_just(*query.shape[:-1], value.shape[-1]), _just(*query.shape[:-1], key.shape[-2])]


def _of_heads(query: np.ndarray, key: np.ndarray, num_heads: int, **_: Any) -> list:
    return [_just(*query.shape), _just(len(query), num_heads, query.shape[1], key.shape[1])]


def _of_masks(source: np.ndarray, target: np.ndarray) -> list:
    (B, T_s), T_t = source.shape, target.shape[1]
    return [_along(B, 1, T_s, T_s), _along(B, 1, T_t, T_t), _along(B, 1, T_t, T_s)]


GIVES: dict[str, Callable[..., Any]] = {  # from the arguments the shape of what is given back, a list for several
    "scaled_dot_product_attention": _of_attention,
    "split_heads": lambda x, num_heads: _just(len(x), num_heads, x.shape[1], x.shape[2] // num_heads),
    "merge_heads": lambda x: _just(len(x), x.shape[2], x.shape[1] * x.shape[3]),
    "multi_head_attention": _of_heads,
    "create_padding_mask": lambda seq: _along(len(seq), 1, 1, seq.shape[1]),
    "create_look_ahead_mask": lambda seq: _along(len(seq), 1, seq.shape[1], seq.shape[1]),
    "decoder_masks": _of_masks,
    "positional_encoding": lambda length, d_model: _along(1, length, d_model),
    "layer_norm": lambda x, *_, **__: _just(*x.shape),
    "position_wise_feed_forward": lambda x, *_, **__: _just(*x.shape),
    "add_and_norm": lambda x, *_, **__: _just(*x.shape),
}


def _look_at(name: str, found: Any, wanted: Any) -> None:
    """Raise FunctionError for a result of another number or shape than the model can use."""
    several = isinstance(wanted, list)
    if several and not (isinstance(found, tuple | list) and len(found) == len(wanted)):
        count = len(found) if isinstance(found, tuple | list) else 1
        came = "one result" if count == 1 else f"{count} results"
        raise FunctionError(f"{name} gives {came}; the model needs {len(wanted)} of it.")
    results = zip(found, wanted, strict=True) if several else [(found, wanted)]
    for number, (result, (wide, shape)) in enumerate(results, 1):
        if result is None and name != "decoder_masks":  # no mask hides nothing
            raise FunctionError(f"{name} gives None. Does it end with `return`?")
        came = np.shape(result)
        if not (_fits(came, shape) if wide else came == shape):
            which = f" as result {number}" if several else ""
            axes = ", or axes of length 1 in it" if wide else ""
            raise FunctionError(f"{name} gives an array of shape {came}{which}; the model needs {shape}{axes}.")


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(shape) <= len(wanted) and all(one in (1, n) for one, n in zip(shape[::-1], wanted[::-1], strict=False))


def functions_in(folder: str | Path = "..") -> dict[str, Callable]:
    """Return the functions that stand in the notebooks of the chapters, each in its own folder below `folder`.

    Of a notebook nothing runs but what functions stand on: imports of NumPy, numbers and texts with a name, and the
    functions. What is not there, or not filled in, is left out.
    """
    found = {}
    for chapter, notebook in _read(folder).items():
        names: dict[str, Any] = {}
        for text in notebook.parts.values():
            with suppress(Exception):  # a function whose defaults need what was left out
                exec(compile(text, chapter, "exec"), names)
        found |= {name: names[name] for name, where in NEEDED.items() if where == chapter and name in names}
    return found


def text_in(folder: str | Path = "..", before: str = "") -> str:
    """Return the text of these functions, with all that they call in their notebooks, and a my_functions at its end.

    before  the text in whose place this goes: what stands in no notebook, but there, and is needed, is kept

    Its first line says how many were found, and which were not.
    """
    notebooks, found, taken = _read(folder), set(), []
    for chapter, notebook in notebooks.items():
        wanted = [name for name, where in NEEDED.items() if where == chapter and name in notebook.parts]
        found.update(wanted)
        here = [name for name in notebook.parts if NEEDED.get(name, chapter) == chapter]  # not what another asks for
        wanted = _with_used(wanted, here, notebook.parts)
        taken += [(name, text, chapter) for name, text in notebook.parts.items() if name in wanted]
    parts = _usable([before]).parts
    kept = [name for name in NEEDED if name not in found and name in parts]
    others = [name for name in parts if name not in {name for name, _, _ in taken} | NEEDED.keys()]
    used = set().union(*(_used(text) for _, text, _ in taken))
    wanted = _with_used(kept + [name for name in others if name.split()[-1] in used], others, parts)
    own = [text for name, text in parts.items() if name in wanted]
    said = _what_was_found(notebooks, {*found, *kept}) + _what_differs(taken)
    if kept:
        said += f" From this cell {'comes' if len(kept) == 1 else 'come'} {', '.join(kept)}."
    texts = dict.fromkeys([*own, *(text for _, text, _ in taken)])
    return "\n\n\n".join([said, *texts, MY_FUNCTIONS]) + "\n"


def _what_was_found(notebooks: Mapping[str, _Usable], found: set[str]) -> str:
    """Say how many functions were found, and where and why the others were not."""
    missing = []
    for name, chapter in NEEDED.items():
        if name not in found:
            why = notebooks[chapter].left_out.get(name) if chapter in notebooks else None
            missing.append(f"{name} (chapter {int(chapter[:2])}{f', where {why}' if why else ''})")
    if not missing:
        return f"# All {len(NEEDED)} functions were found."
    count = len(NEEDED) - len(missing)
    return f"# {count} of {len(NEEDED)} functions were found. Put these here: {', '.join(missing)}."


def _what_differs(taken: Iterable[tuple[str, str, str]]) -> str:
    """Say which names two chapters give to different things: in one cell the last counts for all."""
    chapters: dict[str, dict[str, str]] = {}
    for name, text, chapter in taken:
        chapters.setdefault(name, {}).setdefault(text, str(int(chapter[:2])))
    said = ""
    for name, texts in chapters.items():
        if len(texts) > 1:
            said += f" {name} is not the same in chapters {' and '.join(texts.values())}: rename it in one of them."
    return said


def _with_used(names: list[str], others: list[str], parts: dict[str, str]) -> list[str]:
    """Return the names with those of the others that their texts use, and what these use."""
    wanted = list(names)
    for name in wanted:  # grows while it is read
        used = _used(parts[name])
        wanted += [other for other in others if other.split()[-1] in used and other not in wanted]
    return wanted


def _used(text: str) -> set[str]:
    """Return the names that some code uses."""
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


@dataclass(frozen=True)
class _Usable:
    """What can be taken from a notebook, the text by the name it gives; and why each function of the rest cannot."""

    parts: dict[str, str]
    left_out: dict[str, str]


def _read(folder: str | Path) -> dict[str, _Usable]:
    """Return for each chapter whose notebook is there what can be taken from it."""
    found: dict[str, _Usable] = {}
    for chapter in dict.fromkeys(NEEDED.values()):
        path = Path(folder) / chapter / f"{chapter}.ipynb"
        if path.is_file():
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            found[chapter] = _usable("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return found


def _usable(cells: Iterable[str]) -> _Usable:
    """Return what can be taken from the code of cells: functions, numbers and texts with a name, imports of NumPy."""
    usable = _Usable({}, {})
    for text in cells:
        try:
            parts = ast.parse(text).body
        except SyntaxError as error:  # a cell that is not finished, or one with a command of IPython
            why = f"Python cannot read line {error.lineno} of its cell"
            usable.left_out.update(dict.fromkeys(re.findall(r"^def (\w+)", text, re.MULTILINE), why))
            continue
        for part in parts:
            if isinstance(part, ast.FunctionDef) and (why := _unfit(part)):
                usable.left_out[part.name] = why
            elif isinstance(part, ast.FunctionDef):
                usable.parts[part.name] = ast.get_source_segment(text, part) or ""
            elif _harmless(part):
                usable.parts[ast.unparse(part).split(" = ")[0]] = ast.get_source_segment(text, part) or ""
    return usable


def _unfit(function: ast.FunctionDef) -> str:
    """Return why a function cannot be taken, or an empty text."""
    raised = [ast.dump(node.exc) for node in ast.walk(function) if isinstance(node, ast.Raise) and node.exc]
    if any("'NotImplementedError'" in what for what in raised):
        return "it still raises NotImplementedError"
    return "it has a decorator" if function.decorator_list else ""


def _harmless(part: ast.stmt) -> bool:
    """Say whether a statement gives a name to a number or a text, or imports NumPy."""
    if isinstance(part, ast.Assign):
        return all(isinstance(node, VALUES) or _is_library(node) for node in ast.walk(part.value))  # -1e9, -np.inf
    names = [alias.name for alias in part.names] if isinstance(part, ast.Import) else []
    names += [part.module or ""] if isinstance(part, ast.ImportFrom) else []
    return bool(names) and all(name.partition(".")[0] in ("numpy", "math") for name in names)


def _is_library(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")


# ---------------------------------------------------------------- words and numbers
class Words:
    """Text to ids and back: a word or a mark has an id."""

    def __init__(self, words: Sequence[str]):
        """Take the words; the first four stand for padding, start, end, and what is not known."""
        self.words = list(words)
        self.ids = {word: number for number, word in enumerate(self.words) if number > UNKNOWN}

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text that is plain, between start and end."""
        return [START, *(self.ids.get(word, UNKNOWN) for word in text.split()), END]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, as people write it; padding, start and end say nothing."""
        text = " ".join(self.words[i] for i in ids if i not in (PADDING, START, END))
        text = re.sub(r" ([?.])", r"\1", text).replace("' ", "'")
        return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """Return a text in small letters, of all marks only "." and "?", with a space before each, and one at the end."""
    text = text.lower().replace("’", "'").replace("!", ".").replace(",", " ")
    text = " ".join(re.sub(r"([?.])", r" \1 ", text).split())
    return text if not text or text[-1] in "?." else f"{text} ."


def read_arrays(content: Mapping[str, Any]) -> Arrays:
    """Return the numbers of a model by their names, as float32.

    `arrays` are names and shapes. `numbers` are all arrays, one behind the other, row by row, as whole numbers from
    -127 to 127, a byte each; `scales` are what they are to be multiplied by, one float32 for each row (little end
    first). A row is what lies along the last axis. Both are written in base64.
    """
    numbers = np.frombuffer(base64.b64decode(content["numbers"]), "<i1")
    scales = np.frombuffer(base64.b64decode(content["scales"]), "<f4")
    sizes = [(int(np.prod(shape)), int(np.prod(shape[:-1]))) for _, shape in content["arrays"]]
    starts = accumulate(sizes, lambda at, size: (at[0] + size[0], at[1] + size[1]), initial=(0, 0))
    return {
        name: numbers[first : first + size].reshape(shape) * scales[row : row + rows].reshape(*shape[:-1], 1)
        for (name, shape), (first, row), (size, rows) in zip(content["arrays"], starts, sizes, strict=False)
    }


def shapes_of(sizes: Mapping[str, int], vocabulary: int) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of the arrays of a model, in the order in which the file has them."""
    d_model, dff = sizes["d_model"], sizes["dff"]
    attention = {
        f"{kind}_{name}": shape for name in "qkvo" for kind, shape in (("W", (d_model,) * 2), ("b", (d_model,)))
    }
    network = {"W_1": (d_model, dff), "b_1": (dff,), "W_2": (dff, d_model), "b_2": (d_model,)}
    found: dict[str, tuple[int, ...]] = {}
    for side, attentions in (("encoder", ["self"]), ("decoder", ["self", "cross"])):
        found[f"{side}.embedding"] = vocabulary, d_model
        norms = {f"norm_{number}": {"gamma": (d_model,), "beta": (d_model,)} for number in range(len(attentions) + 1)}
        parts = dict.fromkeys(attentions, attention) | {"feed_forward": network} | norms
        for layer in range(sizes["num_layers"]):
            for part, arrays in parts.items():
                found |= {f"{side}.{layer}.{part}.{name}": shape for name, shape in arrays.items()}
    return found | {"logits.W": (d_model, vocabulary), "logits.b": (vocabulary,)}


# ---------------------------------------------------------------- the model
def load(functions: Functions, file: str | Path = FILE) -> Transformer:
    """Return the trained model of a file, wired around functions."""
    content = json.loads(Path(file).read_text(encoding="utf-8"))
    return Transformer(functions, content["sizes"], content["words"], read_arrays(content))


@dataclass(frozen=True)
class Step:
    """How one word of a reply was chosen: what had been written, the logits (V,), and where everything looked."""

    ids: list[int]
    logits: np.ndarray
    maps: Maps


@dataclass(frozen=True)
class Reply:
    """What the model answered, the words of question and reply, and one step for each word, the end among them."""

    text: str
    question: list[str]
    words: list[str]
    steps: list[Step]


class Transformer:
    """Encoder and decoder, wired around functions that are given."""

    def __init__(self, functions: Functions, sizes: Mapping[str, int], words: Sequence[str], arrays: Arrays):
        """Take the functions by their names, all of NEEDED; then the model: its sizes, words, and numbers."""
        if not isinstance(functions, Mapping):
            raise FunctionError(f"The functions come as {type(functions).__name__}; the model needs a dictionary.")
        missing = [name for name in NEEDED if name not in functions]
        if missing:
            raise ValueError(f"Give these functions too: {', '.join(missing)}.")
        for name in NEEDED:
            if not callable(functions[name]):
                raise FunctionError(f"{name} is given as {type(functions[name]).__name__}; the model needs a function.")
        self.functions, self.sizes = together(functions), dict(sizes)
        self.words, self.arrays = Words(words), arrays

    def reply(self, text: str) -> Reply:
        """Return the reply to a text, with all that led to it."""
        source = np.array([self.read(text)])
        ids, steps = self.write(source)
        names = self.words.words
        return Reply(self.words.decode(ids), [names[i] for i in source[0]], [names[i] for i in ids], steps)

    def write(self, source: np.ndarray) -> tuple[list[int], list[Step]]:
        """Return the ids of the reply to a sentence (1, T_s), and one step for each, the end among them."""
        steps: list[Step] = []
        longest = self.sizes["max_length"] - 1

        def next_logits(ids: Sequence[int]) -> np.ndarray:
            if len(steps) > longest:
                raise FunctionError(f"greedy_decode asks for more than {longest} words: it has to stop at max_length.")
            try:
                logits, maps = self.logits(source, np.array([list(ids)]))
            except (FunctionError, NotImplementedError):
                raise
            except Exception as error:  # else it would be greedy_decode, which asked, that is said to have stopped
                raise FunctionError(f"What your functions give does not fit together: {error}") from error
            steps.append(Step(list(ids), logits[0, -1], {name: [m[0] for m in of] for name, of in maps.items()}))
            return logits[0, -1]

        found = self.functions["greedy_decode"](next_logits, START, END, longest)
        try:
            return [int(i) for i in found], steps
        except (TypeError, ValueError):
            raise FunctionError(f"greedy_decode gives {type(found).__name__}; the model needs a list of ids.") from None

    def read(self, text: str) -> list[int]:
        """Return the ids of a text; raise SentenceError for one that the model cannot read."""
        words, longest, known = plain(text).split(), self.sizes["max_length"] - 2, self.english()
        if not words:
            raise SentenceError("Write a sentence in English.")
        if unknown := [word for word in dict.fromkeys(words) if word not in known]:
            quoted = ", ".join(f"“{word}”" for word in unknown)
            raise SentenceError(f"Write a sentence without {quoted}, which the model has never read.")
        if len(words) > longest:
            raise SentenceError(
                f"Write a shorter sentence: of its {len(words)} words and marks the model reads {longest}."
            )
        return self.words.encode(" ".join(words))

    def english(self) -> list[str]:
        """Return the words that the model can read, marks among them: the first of all its words."""
        return self.words.words[UNKNOWN + 1 : UNKNOWN + 1 + self.sizes["english"]]

    def logits(self, source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, Maps]:
        """Return the logits (B, T_t, V) after every position of target, and the attention of all layers.

        source (B, T_s) and target (B, T_t) are ids, 0 is padding. Maps are (B, H, T_q, T_k) here.
        """
        masks = self.functions["decoder_masks"](source, target)
        maps: Maps = {"encoder": [], "decoder": [], "cross": []}
        x = self.embed("encoder", source)
        for layer in range(self.sizes["num_layers"]):
            of = partial("encoder.{}.{}".format, layer)
            x = self.attend(of("self"), of("norm_0"), x, x, masks[0], maps["encoder"])
            x = self.feed_forward(of("feed_forward"), of("norm_1"), x)
        y = self.embed("decoder", target)
        for layer in range(self.sizes["num_layers"]):
            of = partial("decoder.{}.{}".format, layer)
            y = self.attend(of("self"), of("norm_0"), y, y, masks[1], maps["decoder"])
            y = self.attend(of("cross"), of("norm_1"), y, x, masks[2], maps["cross"])
            y = self.feed_forward(of("feed_forward"), of("norm_2"), y)
        return y @ self.arrays["logits.W"] + self.arrays["logits.b"], maps

    def embed(self, side: str, ids: np.ndarray) -> np.ndarray:
        """Return the vectors of ids times the root of d_model, plus their places, (B, T, d_model)."""
        d_model = self.sizes["d_model"]
        places = self.functions["positional_encoding"](ids.shape[1], d_model)
        return self.arrays[f"{side}.embedding"][ids] * np.sqrt(d_model) + places

    def attend(
        self, attention: str, norm: str, x: np.ndarray, memory: np.ndarray, mask: np.ndarray, maps: list[np.ndarray]
    ) -> np.ndarray:
        """Let x (B, T_q, d_model) ask memory (B, T_k, d_model); add what it learns, normalise, and keep the weights."""
        found, weights = self.functions["multi_head_attention"](
            query=x,
            key=memory,
            value=memory,
            weights=self.named(attention),
            num_heads=self.sizes["num_heads"],
            mask=mask,
        )
        maps.append(weights)
        return self.functions["add_and_norm"](x, found, **self.named(norm))

    def feed_forward(self, network: str, norm: str, x: np.ndarray) -> np.ndarray:
        """Let every position of x (B, T, d_model) think by itself, add it and normalise."""
        found = self.functions["position_wise_feed_forward"](x, **self.named(network))
        return self.functions["add_and_norm"](x, found, **self.named(norm))

    def named(self, part: str) -> Arrays:
        """Return the arrays of one part by their short names."""
        return {
            name.removeprefix(f"{part}."): array for name, array in self.arrays.items() if name.startswith(f"{part}.")
        }
