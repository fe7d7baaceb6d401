"""Names: which of them are dangerous, and how a folder or an id is named after one."""

from __future__ import annotations

import re
import unicodedata

from autograder.storage.safe_text import HIDDEN

MOST_PART, MOST_PATH = 255, 1000  # bytes of one part of a path, and of the whole
MOST_ID = 100  # bytes: nbgrader and file systems take more, people do not
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
DRIVE = re.compile(r"[A-Za-z]:")
GLOB = re.compile(r"[*?\[\]{}\\/]")  # nbgrader looks for students by pattern and never finds these

DANGEROUS_NAMES = [  # in the order in which they are looked for
    (lambda path: "\\" in path, "Its name holds a backslash, which leads to another folder on Windows."),
    (lambda path: path.startswith("/"), "Its name is an absolute path."),
    (lambda path: DRIVE.match(path), "Its name begins with a drive letter."),
    (lambda path: ".." in path.split("/"), "Its name leads out of its folder (..)."),
    (lambda path: not path.replace("/", " ").replace(".", " ").strip(), "It has no name."),
    (lambda path: CONTROL.search(path), "Its name holds control characters."),
    (lambda path: len(utf8(path)) > MOST_PATH, "Its name is far too long."),
    (lambda path: any(len(utf8(part)) > MOST_PART for part in path.split("/")), "Its name is far too long."),
    (lambda path: any(RESERVED.fullmatch(part) for part in path.split("/")), "Windows keeps its name for a device."),
]


def danger(path: str) -> str:
    """Return in a sentence what is dangerous about the name of a member of an archive; empty if nothing is."""
    return next((sentence for test, sentence in DANGEROUS_NAMES if test(path)), "")


def utf8(text: str) -> bytes:
    """Return text as bytes."""
    return text.encode("utf-8", "surrogatepass")


def cut(text: str, most: int = MOST_ID) -> str:
    """Return text that takes no more bytes than that."""
    return utf8(text)[:most].decode("utf-8", "ignore")


def is_safe_id(identity: str) -> bool:
    """Say whether an id can name a folder everywhere and be found by nbgrader."""
    odd = CONTROL.search(identity) or HIDDEN.search(identity) or GLOB.search(identity) or RESERVED.fullmatch(identity)
    return bool(identity) and not odd and identity == identity.strip(" .") and len(utf8(identity)) <= MOST_PART


def as_id(name: str) -> str:
    """Return a safe id made from a name: letters of any script, digits and pictures stay, the rest becomes `_`."""
    kept = "".join(char if stays(char) else "_" for char in unicodedata.normalize("NFC", name).strip())
    identity = cut(re.sub(r"_+", "_", kept)).strip("_.-")
    return f"{identity}_" if RESERVED.fullmatch(identity) else identity


def stays(char: str) -> bool:
    """Say whether a character may be part of an id that is made from a name."""
    return char.isalnum() or char in "_-.@" or (ord(char) > 127 and unicodedata.category(char)[0] in "LMNS")


def key(name: str) -> str:
    """Return what two ways of writing a name have in common: no case, spaces, commas, apostrophes or hyphens."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    letters = "".join(char for char in folded if unicodedata.category(char)[0] in "LMN")
    return letters or "".join(folded.split())


def bare_key(name: str) -> str:
    """Return the key of a name without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", key(name)) if not unicodedata.combining(c))
