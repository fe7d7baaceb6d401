"""What the class driver and its helpers tell each other: JSON and bytes, framed as on the border of a run.

Nothing is pickled. Lengths are compared with the limits before anything is read, for a helper has read hostile text.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from autograder.grade.run.protocol import Limits as Sizes
from autograder.grade.run.protocol import Read, Reader, exact_reader, message_bytes
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times

MOST_BYTES = 64 << 20  # of a marked notebook, or of a page
ASKED = Sizes(json=16 << 20, arrays=1000, array=256 << 20, total=512 << 20)
ANSWERED = Sizes(json=16 << 20, arrays=2, array=MOST_BYTES, total=2 * MOST_BYTES)


@dataclass(frozen=True)
class Message:
    """JSON with named bytes beside it."""

    head: dict[str, Any]
    parts: dict[str, bytes] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """Return the message as it is sent."""
        arrays = [np.frombuffer(part, np.uint8) for part in self.parts.values()]
        return message_bytes({"head": self.head, "parts": list(self.parts)}, arrays)


def received(read: Read, sizes: Sizes) -> Message:
    """Return the next message; raises BorderError for one beyond the limits, EOFError where there is none."""
    told, arrays = Reader(read, sizes).message()
    return Message(told["head"], dict(zip(told["parts"], (array.tobytes() for array in arrays), strict=True)))


def opened(data: bytes, sizes: Sizes = ASKED) -> Message:
    """Return the message in bytes."""
    return received(exact_reader(io.BytesIO(data)), sizes)


# ---------------------------------------------------------------- what is asked
def to_mark(
    slug: str,
    student: str,
    data: bytes | None,
    note: str,
    files: Mapping[str, bytes],
    secret: bytes,
    limits: Limits,
    times: Times,
    pictures: bool,
) -> bytes:
    """Return the request to mark a submission.

    data    the submitted file, None where there is none; `note` is what its finder says about it
    files   those of the course that decide about a verdict, by their paths in it
    """
    head = {"ask": "mark", "slug": slug, "student": student, "note": note, "secret": secret.hex(), "pictures": pictures}
    head |= {"limits": asdict(limits), "times": asdict(times)}
    submitted = {} if data is None else {"data": data}
    return Message(head, {**submitted, **{f"course/{name}": content for name, content in files.items()}}).as_bytes()


def to_show(
    slug: str, student: str, notebook: bytes, points: Mapping[str, Any], book_url: str, mistakes_url: str
) -> bytes:
    """Return the request for the page of a marked notebook; `points` is what the gradebook says of it."""
    head = {"ask": "show", "slug": slug, "student": student, "points": dict(points)}
    head |= {"book_url": book_url, "mistakes_url": mistakes_url}
    return Message(head, {"notebook": notebook}).as_bytes()


def instead(request: bytes, why: str, again: bool) -> bytes:
    """Return what to ask for in place of a request that cannot be met: the same without a submission's text.

    why    a sentence for learner and instructor
    again  whether the submission is to be tried again the next time; else a person has to look at it
    """
    message = opened(request)
    head = {**message.head, "why": why, "again": again}
    parts = message.parts if head["ask"] == "show" else {n: p for n, p in message.parts.items() if n != "data"}
    if "data" in message.parts:
        head["digest"] = digest(message.parts["data"])
    return Message(head, parts).as_bytes()


def digest(data: bytes) -> str:
    """Return the digest by which a submitted file is known."""
    return hashlib.sha256(data).hexdigest()
