"""The table of hostile cases: complete, and every test it names is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
TABLE = yaml.safe_load((ROOT / "tests/cases.yaml").read_text(encoding="utf-8"))
NAMES: list[str] = [name for group in TABLE["names"].values() for name in group]
CASES: dict[str, Any] = TABLE["cases"]


@cache
def functions_of(file: str) -> frozenset[str]:
    """The test functions of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_")


def named() -> Iterator[str]:
    """Every test of the table."""
    return (test for case in CASES.values() for test in case["tests"])


def test_there_is_an_answer_to_every_case_and_to_nothing_else() -> None:
    assert list(CASES) == NAMES
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", CASES)
def test_a_case_says_in_a_sentence_what_dsv_does_and_names_tests_that_are_there(name: str) -> None:
    case = CASES[name]
    assert set(case) == {"does", "tests"}
    assert case["does"].endswith(".")
    assert case["tests"]
    assert len(set(case["tests"])) == len(case["tests"])
    for test in case["tests"]:
        file, _, function = test.partition("::")
        assert function in functions_of(file), test


@pytest.mark.parametrize("directory", ["tests/cases", "tests/heavy"])
def test_every_test_of_a_hostile_case_stands_in_the_table(directory: str) -> None:
    files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / directory).glob("test_*.py"))]
    assert {f"{file}::{function}" for file in files for function in functions_of(file)} <= set(named())
