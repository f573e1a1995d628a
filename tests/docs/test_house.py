"""The house keeps its rules: style, types, layers, start-up, and a package that holds what it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import call
from tests.docs.conftest import ROOT

HEAVY = ("dvc", "dvc_data", "git", "duckdb", "pandas", "numpy", "pyarrow", "rich")


def run_tool(*arguments):
    """What a tool of the environment says about the project; empty when it is content."""
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_linter_has_nothing_to_say():
    assert run_tool(sys.executable, "-m", "ruff", "check", "--no-cache", ".") == ""


def test_the_code_is_formatted():
    assert run_tool(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".") == ""


def test_the_types_hold():
    assert run_tool(sys.executable, "-m", "mypy") == ""


def test_imports_point_down():
    assert run_tool(str(Path(sys.executable).parent / "lint-imports"), "--no-cache") == ""


def test_no_file_grows_beyond_four_hundred_lines():
    lines = {str(path): path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "dsv").rglob("*.py")}
    assert [path for path, count in lines.items() if count > 400] == []


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list"], ["log"], ["search", "first"], ["--version"], ["bump", "--help"]], ids=" ".join
)
def test_looking_costs_no_heavy_import(arguments, released):
    loaded = modules_of(arguments, released.root)
    assert [name for name in HEAVY if name in loaded] == []


def test_completion_costs_no_heavy_import(released):
    asked = {"_DSV_COMPLETE": "complete_bash", "COMP_WORDS": "dsv b", "COMP_CWORD": "1"}
    assert program([], released.root, environment=asked).stdout.split() == ["bump"]
    loaded = modules_of([], released.root, environment=asked)
    assert [name for name in HEAVY if name in loaded] == []


def program(arguments, directory, *, environment=None, options=()):
    """The finished run of the command, as its entry point runs it."""
    return subprocess.run(
        [sys.executable, *options, "-c", "from dsv.__main__ import main; main()", *arguments],
        cwd=directory,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=True,
    )


def modules_of(arguments, directory, *, environment=None):
    """The modules and packages that are loaded when the command has ended."""
    said = program(arguments, directory, environment=environment, options=["-X", "importtime"]).stderr
    return {line.rpartition("|")[2].strip() for line in said.splitlines() if line.startswith("import time:")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this project, built from a copy of its sources, and unpacked."""
    sources, target = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    for name in ("dsv", "templates"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources / name)
    call(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(target), str(sources), cwd=sources)
    [built] = target.glob("*.whl")
    unpacked = target / "unpacked"
    zipfile.ZipFile(built).extractall(unpacked)
    return unpacked


def test_the_wheel_holds_every_module_the_templates_and_the_type_marker(wheel):
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "dsv").rglob("*.py")}
    packed = {str(path.relative_to(wheel)) for path in wheel.rglob("*") if path.is_file()}
    assert modules - packed == set()
    assert "dsv/py.typed" in packed
    texts = [path for ending in ("*.y*ml", "*.sh") for path in (ROOT / "templates").rglob(ending)]
    templates = (path.relative_to(ROOT / "templates") for path in texts)
    assert {f"dsv/templates/{path}" for path in templates} <= packed
    assert any(path.endswith("licenses/LICENSE") for path in packed)


def test_the_wheel_works_without_the_checkout(wheel, scratch):
    """In a directory elsewhere, with the wheel's modules before those of the environment."""
    run = program(["init", "--ci", "github"], scratch.root, environment={"PYTHONPATH": str(wheel)}, options=["-v"])
    assert f"{wheel}/dsv/cli/app.py" in run.stderr
    assert f"{ROOT}/dsv/" not in run.stderr
    assert ".github/workflows/dsv.yml" in run.stdout
