"""What the repository is made of: the packages in the wheel, no catch-all module, nothing that runs stored code."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CATCH_ALL = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "core"}
TOOLS = {"tests", "bench", "external"}
"""Packages for those who work in the repository; the service never needs them."""

LINES = 400
LONGER = {
    "features/kernel.py": "numba's cache looks at one file's time stamp, so all compiled code lives in one module",
    "pathways/words.py": "one class for each word of the language, read from top to bottom as its reference",
}
EDGE = ("__main__.py", "serving/service.py")
PROTOCOLS = "pathways/catalogue/"
"""A pathway is one file by design, as long as its protocol and its lists of concepts are."""

STORED_CODE = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle", "skops"}


def test_the_folders_are_those_that_the_wheel_is_said_to_hold(repository: Path, packages: tuple[str, ...]) -> None:
    folders = {path.parent.name for path in repository.glob("*/__init__.py")}

    assert folders - TOOLS == set(packages)


def test_the_wheel_holds_our_packages_at_its_top_and_nothing_else(
    repository: Path, packages: tuple[str, ...], tmp_path: Path
) -> None:
    uv = os.environ.get("UV") or shutil.which(
        "uv", path=f"{repository / '.uv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    )
    if uv is None:
        pytest.skip("there is no uv to build the wheel with, neither in .uv (`make setup`) nor on the path")
    command = [uv, "build", "--quiet", "--wheel", "--offline", "--out-dir", str(tmp_path), str(repository)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "hatchling" in done.stderr and done.returncode:
        pytest.skip("hatchling is not in uv's cache and nothing may be downloaded in a test; `uv build` fetches it")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")

    top = {name.split("/", 1)[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {name for name in top if not name.endswith(".dist-info")} == set(packages)


def test_no_module_is_named_after_nothing(modules: tuple[Any, ...]) -> None:
    parts = {(module.path, part) for module in modules for part in module.dotted.split(".")}

    assert [path for path, part in parts if part in CATCH_ALL] == []


def test_no_module_has_outgrown_a_reader(modules: tuple[Any, ...]) -> None:
    lines = {module.path: len(module.text.splitlines()) for module in modules}
    long = {path: length for path, length in lines.items() if length > LINES and not path.startswith(PROTOCOLS)}

    assert long.keys() == LONGER.keys(), long


def test_every_module_says_what_it_is_about(modules: tuple[Any, ...]) -> None:
    silent = [module.path for module in modules if module.tree.body and not ast.get_docstring(module.tree)]

    assert silent == []


def test_only_the_edge_reads_the_environment(modules: tuple[Any, ...]) -> None:
    inside = [module for module in modules if not module.path.endswith(EDGE)]

    assert [module.path for module in inside if _reads_the_environment(module)] == []


@pytest.mark.parametrize("line", ["os.environ['HOME']", "os.environ.get('HOME')", "os.getenv('HOME')", "f(os.environ)"])
def test_a_look_at_the_environment_is_noticed(module_of: Any, line: str) -> None:
    assert _reads_the_environment(module_of(line))
    assert not _reads_the_environment(module_of("os.environ['DO_NOT_TRACK'] = 'true'"))


def test_nothing_is_pickled_and_nothing_stored_is_run(modules: tuple[Any, ...]) -> None:
    found = [f"{module.path}: {name}" for module in modules for name in _ways_to_run_stored_code(module)]

    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "import joblib",
        "def f():\n    from cloudpickle import loads",
        "np.load('x', allow_pickle=True)",
        "eval('1')",
        "mlflow.pyfunc.load_model('models:/x')",
        "import mlflow.pyfunc",
        "pd.read_pickle('x')",
    ],
)
def test_the_search_for_stored_code_finds_it(module_of: Any, line: str) -> None:
    assert list(_ways_to_run_stored_code(module_of(line)))


def _ways_to_run_stored_code(module: Any) -> Iterator[str]:
    for name in module.imports:
        if name.split(".", 1)[0] in STORED_CODE or name == "mlflow.pyfunc":
            yield f"import {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            yield f"{node.func.id}()"
        if isinstance(node, ast.Attribute) and node.attr in ("pyfunc", "read_pickle", "to_pickle"):
            yield node.attr
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            yield "allow_pickle"


def _reads_the_environment(module: Any) -> bool:
    """Whether it looks at the environment; setting a library's switch before its import is not looking."""
    nodes = list(ast.walk(module.tree))
    set_here = {
        id(node.value)
        for node in nodes
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Attribute)
    }
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and id(node) not in set_here
        for node in nodes
    )
