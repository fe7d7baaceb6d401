"""Runs the measurements one after the other; each is written down as soon as it is done."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from bench import against_stock, dask_workers, driver, in_page, learner_check, site, stages, thousand, transformer_step
from bench.machine import BUSY, load, machine

ROOT = Path(__file__).parents[1]
BOUND = (
    "Bound by the learner's own code: its cells, and its functions when checks call them on fresh inputs. Where "
    "figures are drawn, most of it is Matplotlib, which lays each one out and draws it; that the warm process has "
    "drawn one before makes the first no dearer than the others, and the others no cheaper."
)
MEASUREMENTS = {
    "learner_check": ("A learner's own check", learner_check),
    "stages": ("Where the time of a submission goes", stages),
    "driver": ("What the class driver itself takes", driver),
    "dask_workers": ("Two Dask workers against one", dask_workers),
    "against_stock": ("Stock nbgrader against this grader", against_stock),
    "thousand": ("A thousand submissions", thousand),
    "site": ("The site", site),
    "in_page": ("Python in the page", in_page),
    "transformer_step": ("A step of our Transformer against Keras's own layers", transformer_step),
}


def main() -> int:
    """Run all measurements, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the grader; about half an hour.")
    parser.add_argument(
        "--quick", action="store_true", help="few submissions, to try it out: results go to _build/bench"
    )
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS), metavar="NAME")
    args = parser.parse_args()
    out = ROOT / "_build" / "bench" if args.quick else ROOT / "bench"
    out.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(args.only, 1):
        title, measurement = MEASUREMENTS[name]
        print(f"[{number}/{len(args.only)}] {title} …", flush=True)
        before, busy = time.perf_counter(), load()
        figures = measurement.measure(args.quick)
        keep(out, name, {"load_before": busy, "load_after": load(), "machine": machine(), "figures": figures})
        print(f"{measurement.table(figures)}\n({time.perf_counter() - before:.0f} s)\n", flush=True)
    print(f"Written to {out / 'RESULTS.md'}")
    return 0


def keep(out: Path, name: str, found: dict[str, Any]) -> None:
    """Add one measurement to the numbers and write the page anew."""
    path = out / "results.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[name] = found
    path.write_text(json.dumps(rounded(known), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "RESULTS.md").write_text(page(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")


def rounded(value: Any) -> Any:
    """Return the same with numbers as exact as they are worth."""
    if isinstance(value, dict):
        return {str(name): rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def page(known: dict[str, Any]) -> str:
    """Return RESULTS.md."""
    parts = ["# Measurements", "Made by `make bench`; the numbers behind the tables are in `results.json`."]
    for name, (title, measurement) in MEASUREMENTS.items():
        if name in known:
            figures = {name_: one for name_, one in known[name]["figures"].items()}
            parts += [f"## {title}", about(known[name]), measurement.table(figures)]
    if {"stages", "against_stock"} <= known.keys():
        parts += [bound(known["stages"], known["against_stock"])]
    return "\n\n".join(parts) + "\n"


def about(found: dict[str, Any]) -> str:
    """Return in a sentence where and when something was measured."""
    here = found["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in here["versions"].items())
    busy = max(found["load_before"], found["load_after"])
    own = f"The load was {found['load_before']} before and {found['load_after']} after."
    doubt = " The machine was busy with other work: trust the ratios only." if found["load_before"] > BUSY else ""
    return (
        f"{here['date']}, {here['processors']} processors ({here['processor']}), {here['memory_gb']} GB, "
        f"{versions}. {own if busy else ''}{doubt}"
    )


def bound(stages_found: dict[str, Any], stock_found: dict[str, Any]) -> str:
    """Return what the learner's own code allows: the rate if its cells, and calls of its functions, were all."""
    lines = []
    for name, one in stages_found["figures"].items():
        alone, seconds = one["own_code_mean"], one["own_code_mean_crowded"]
        processors = stages_found["machine"]["processors"]
        rate, stock = 60 * processors / seconds, stock_found["figures"][name.partition(",")[0]]["stock_a_minute"]
        lines.append(
            f"{name}: {seconds:.2f} s a submission (mean) while all processors run submissions, {alone:.2f} s alone, "
            f"so {processors} processors allow at most {rate:.0f} a minute, {rate / stock:.0f} times stock."
        )
    return f"{BOUND} {' '.join(lines)}"


if __name__ == "__main__":
    sys.exit(main())
