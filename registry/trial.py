"""Load and run a LightGBM text in a process of its own, because a damaged one aborts the process that reads it.

Run as a file, not as a module: it needs LightGBM and nothing of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SECONDS = 120
NOT_NEEDED = ("pandas", "sklearn")
"""LightGBM imports these if it finds them; hiding them makes the trial four times faster."""


def survives(text: Path, rows: list[list[float | None]]) -> str:
    """Say what went wrong when a child process loaded this LightGBM text and ran these rows; "" if nothing did."""
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(text.resolve())]
    try:
        done = subprocess.run(
            command, input=json.dumps(rows), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"the process that tried it did not answer within {SECONDS} seconds"
    if done.returncode < 0 or done.returncode > 2:
        return f"the process that tried it was aborted (exit {done.returncode})"
    return done.stdout.strip() if done.returncode else ""


def _run(text: Path, rows: list[list[float | None]]) -> str:
    sys.modules.update(dict.fromkeys(NOT_NEEDED))  # type: ignore[arg-type]
    import lightgbm
    import numpy

    values = numpy.array(rows, dtype=numpy.float64)
    booster = lightgbm.Booster(model_str=text.read_text(encoding="utf-8"))
    if values.ndim != 2 or booster.num_feature() != values.shape[1]:
        return f"it reads {booster.num_feature()} predictors, the pathway has {values.shape[-1]}"
    for kind in ({"raw_score": True}, {"pred_contrib": True}):
        if not numpy.isfinite(booster.predict(values, num_threads=1, **kind)).all():
            return "it gives log-odds that are not finite"
    return ""


if __name__ == "__main__":
    try:
        problem = _run(Path(sys.argv[1]), json.load(sys.stdin))
    except Exception as error:
        # Whatever LightGBM raises on a damaged text, its kind is all that the parent may repeat.
        problem = f"LightGBM refused it ({type(error).__name__})"
    sys.stdout.write(problem)
    sys.exit(2 if problem else 0)
