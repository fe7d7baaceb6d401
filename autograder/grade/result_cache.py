"""Remembers which submissions are graded as they stand."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.storage.layout import Found
from autograder.storage.safe_files import write_new


@dataclass(frozen=True)
class Memory:
    """Remembers, in one small file for each submission, what its results were made from."""

    root: Path

    def path(self, found: Found) -> Path:
        """Return the file of a submission."""
        return self.path_of(found.student, found.slug)

    def path_of(self, student: str, slug: str) -> Path:
        """Return the file of somebody's submission."""
        return self.root / "state" / student / f"{slug}.json"

    def suspend(self, slug: str, students: Iterable[str]) -> dict[str, bytes]:
        """Forget submissions while their results are brought up to date; return what `resume` needs.

        Killed in between, the grader does them again.
        """
        kept = {}
        for student in students:
            with suppress(OSError):
                kept[student] = self.path_of(student, slug).read_bytes()
                self.path_of(student, slug).unlink()
        return kept

    def resume(self, slug: str, kept: Mapping[str, bytes]) -> None:
        """Remember again what was forgotten for a while."""
        for student, data in kept.items():
            write_new(self.path_of(student, slug), data)

    def knows(self, found: Found, made_from: str) -> bool:
        """Say whether a submission was graded from exactly this, and its results are still there."""
        results = [
            self.root / "autograded" / found.student / found.slug / f"{found.slug}.ipynb",
            self.root / "feedback" / found.student / found.slug / f"{found.slug}.html",
        ]
        try:
            kept = json.loads(self.path(found).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return kept == {"made_from": made_from} and all(path.is_file() for path in results)

    def keep(self, found: Found, made_from: str) -> None:
        """Remember that a submission is graded."""
        write_new(self.path(found), json.dumps({"made_from": made_from}) + "\n")

    def forget(self, found: Found) -> None:
        """Forget a submission whose results are about to be replaced."""
        self.path(found).unlink(missing_ok=True)


def digest_of(secret: bytes) -> str:
    """Return what tells a course's secret from another and does not give it away."""
    return hmac.new(secret, b"what decides a regrade", hashlib.sha256).hexdigest()


def made_from(data: bytes | None, *others: str) -> str:
    """Return a fingerprint of all that a submission's results depend on."""
    digest = hashlib.sha256(b"none" if data is None else hashlib.sha256(data).digest())
    for part in others:
        digest.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()
