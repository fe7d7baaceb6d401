"""Every check of every submission as JSON, for programs of one's own. `schema.json` beside this file describes it.

The number of the version grows when a field changes its meaning or goes; new fields may come at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from autograder.export.fill import Export, Wishes
from autograder.export.results import Result
from autograder.storage.safe_text import HIDDEN

FORMAT, VERSION = "autograder-grades", 1


def as_json(results: Iterable[Result], wishes: Wishes, slug: str, missing: Mapping[str, str]) -> Export:
    """Return the file; whom a person has still to grade has a score of null where only finished ones are wanted.

    missing  who of the class has handed in nothing for the assignment: names by id
    """
    submissions = []
    for result in results:
        blank = wishes.only_finished and result.needs_manual_grade
        submissions.append({**asdict(result), "score": None if blank else result.score})
    nobody = [{"student": one, "name": name, "assignment": slug} for one, name in missing.items()]
    document = {"format": FORMAT, "version": VERSION, "submissions": submissions, "missing": nobody}
    text = json.dumps(document, ensure_ascii=False, indent=1)
    text = HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)  # the same in JSON
    return Export(text + "\n", [], len(submissions))
