"""The border between the judge and the learner's process: framed messages of JSON and arrays.

A message is one JSON object and a list of arrays in NumPy's .npy form:

    4 bytes  length of the JSON          JSON, with "arrays": number of arrays
    for each array: 8 bytes length       .npy bytes (header of at most 512 bytes, then raw numbers)

Everything that arrives is untrusted. Lengths are compared with the limits before anything is read; the
.npy header must match one fixed pattern and is never evaluated; no object is ever unpickled.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO, Literal

import numpy as np

Read = Callable[[int], bytes | bytearray]  # read(n) returns exactly n bytes or raises EOFError
START = b"\x93NUMPY\x01\x00"  # of version 1.0
HEADER = re.compile(
    rb"\{'descr': '([<>|][biufc])(\d{1,2})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,10}, ?)*(?:\d{1,10})?)\), \}[ \n]*"
)


class BorderError(Exception):
    """What arrived is not a message, or breaks a limit."""


class TooMuch(BorderError):
    """More has arrived than a whole submission may send."""


@dataclass(frozen=True)
class Limits:
    """How much may arrive: bytes of JSON, arrays a message, bytes an array, bytes and messages in all."""

    json: int = 8 << 20
    arrays: int = 64
    array: int = 48 << 20
    total: int = 192 << 20
    messages: int = 100_000
    header: int = 512
    axes: int = 12


@dataclass
class Reader:
    """Reads messages and keeps count, so that the limits hold for the whole stream."""

    read: Read
    limits: Limits = Limits()
    bytes_read: int = 0
    messages_read: int = 0

    def message(self) -> tuple[dict[str, Any], list[np.ndarray]]:
        """Return the next message; raises BorderError, or EOFError where the stream ends."""
        self.messages_read += 1
        if self.messages_read > self.limits.messages:
            raise TooMuch(f"it sent more than {self.limits.messages:,} messages to the grader")
        head = parse_json(self.take(struct.unpack(">I", self.take(4, 4))[0], self.limits.json))
        count = head.get("arrays", 0)
        if type(count) is not int or not 0 <= count <= self.limits.arrays:
            raise BorderError("a message with a wrong number of arrays")
        sizes_then_bytes = (self.take(struct.unpack(">Q", self.take(8, 8))[0], self.limits.array) for _ in range(count))
        return head, [array_from(data, self.limits) for data in sizes_then_bytes]

    def take(self, size: int, most: int) -> bytes | bytearray:
        """Read `size` bytes if that is allowed."""
        if size > most:
            raise BorderError("more data than allowed")
        if self.bytes_read + size > self.limits.total:
            raise TooMuch(f"it sent more than {self.limits.total >> 20} MB to the grader in all")
        data = self.read(size)
        self.bytes_read += size
        return data


def nothing(size: int) -> bytes:
    """Read from where nothing is to be read yet."""
    raise EOFError


def exact_reader(stream: BinaryIO) -> Read:
    """Return a function that reads exactly so many bytes of a stream; it raises EOFError where there are fewer."""

    def read(size: int) -> bytes:
        data = stream.read(size)
        if len(data) < size:
            raise EOFError
        return data

    return read


def parse_json(data: bytes | bytearray) -> dict[str, Any]:
    """Return the JSON object in `data`."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BorderError("not JSON") from error
    if not isinstance(value, dict):
        raise BorderError("not a JSON object")
    return value


def array_from(data: bytes | bytearray, limits: Limits = Limits()) -> np.ndarray:
    """Return the array in .npy bytes; its size is known to fit before it is made."""
    length = struct.unpack("<H", data[8:10])[0] if data[:8] == START and len(data) >= 10 else None
    if length is None or length > limits.header:
        raise BorderError("not a small .npy header")
    dtype, shape, order = in_header(bytes(data[10 : 10 + length]))
    if len(shape) > limits.axes or max(shape, default=0) > 1 << 40:
        raise BorderError("an array with too many axes")
    if dtype.itemsize * math.prod(shape) != len(data) - 10 - length:
        raise BorderError("an array whose size is not what its header says")
    flat = np.frombuffer(data, np.uint8 if dtype.kind == "b" else dtype, offset=10 + length)
    flat = flat != 0 if dtype.kind == "b" else flat  # a byte other than 0 and 1 is no truth value
    try:
        return flat.reshape(shape, order=order).astype(dtype.newbyteorder("="))
    except ValueError as error:  # no numbers, along axes too long for NumPy
        raise BorderError("an array with axes that are too long") from error


@lru_cache(maxsize=1024)
def in_header(text: bytes) -> tuple[np.dtype, tuple[int, ...], Literal["C", "F"]]:
    """Return the kind of number, the shape and the order that a header names; most arrays have one of a few."""
    match = HEADER.fullmatch(text)
    if match is None:
        raise BorderError("an array that is not plain numbers")
    try:
        dtype = np.dtype((match[1] + match[2]).decode())
    except TypeError as error:
        raise BorderError("an unknown kind of number") from error
    shape = tuple(int(n) for n in match[4].replace(b" ", b"").split(b",") if n)
    return dtype, shape, "F" if match[3] == b"True" else "C"


def array_bytes(array: np.ndarray) -> bytes:
    """Return an array of numbers as .npy bytes of version 1.0."""
    if array.dtype.kind not in "biufc":
        raise TypeError(f"an array of {array.dtype} cannot cross the border")
    return header_for(array.dtype.str, array.shape) + array.tobytes()


@lru_cache(maxsize=1024)
def header_for(descr: str, shape: tuple[int, ...]) -> bytes:
    """Return what stands before the numbers of such an array."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header = text + " " * (-(len(text) + 11) % 64) + "\n"
    return START + struct.pack("<H", len(header)) + header.encode()


def message_bytes(head: dict[str, Any], arrays: Sequence[np.ndarray] = ()) -> bytes:
    """Return a message as bytes."""
    text = json.dumps({**head, "arrays": len(arrays)}).encode()
    parts = [struct.pack(">I", len(text)), text]
    for array in arrays:
        data = array_bytes(array)
        parts += [struct.pack(">Q", len(data)), data]
    return b"".join(parts)


# ---------------------------------------------------------------- values that hold arrays
def pack(value: Any, arrays: list[np.ndarray]) -> Any:
    """Return `value` as JSON, its arrays moved into the list `arrays`."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"@": len(arrays) - 1}
    if isinstance(value, dict):
        return {name: pack(item, arrays) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return {"@tuple" if isinstance(value, tuple) else "@list": [pack(item, arrays) for item in value]}
    return value.item() if isinstance(value, np.generic) else value


def unpack(value: Any, arrays: list[np.ndarray]) -> Any:
    """Undo `pack`."""
    if isinstance(value, dict):
        if "@" in value:
            return arrays[value["@"]]
        if "@list" in value:
            return [unpack(item, arrays) for item in value["@list"]]
        if "@tuple" in value:
            return tuple(unpack(item, arrays) for item in value["@tuple"])
        return {name: unpack(item, arrays) for name, item in value.items()}
    return value
