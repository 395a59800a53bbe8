"""Write every document that is made from the code; with `--check`, say which are not current."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pathways

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def generate(docs: Path) -> list[Path]:
    """Write the generated documents below a folder; returns their places in it."""
    for name in pathways.names():
        python("-m", "pathways", "show", name, "--out", str(docs / "pathways" / f"{name}.md"))
    python("-m", "serving", "openapi", "--out", str(docs / "api"))
    python("docs/safety/render.py", str(docs / "safety" / "hazard-log.md"))
    python("-m", "tests.spec.document", str(docs / "language.md"))
    return sorted(path.relative_to(docs) for path in docs.rglob("*") if path.is_file())


def python(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"python {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        for part in ("safety", "pathways"):
            (made / part).mkdir()
        names = generate(made)
        stale = [name for name in names if not same(made / name, DOCS / name)]
        if "--check" in sys.argv[1:]:
            if stale:
                sys.exit("not current, run `make docs`: " + ", ".join(map(str, stale)))
            print(f"{len(names)} generated documents are current")
            return
        for name in stale:
            (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(made / name, DOCS / name)
        print(f"wrote {len(stale)} of {len(names)} generated documents")


def same(made: Path, kept: Path) -> bool:
    return kept.exists() and filecmp.cmp(made, kept, shallow=False)


if __name__ == "__main__":
    main()
