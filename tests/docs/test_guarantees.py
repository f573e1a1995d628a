"""The promises: each names its tests, which are there and run in an ordinary run, but for those said to be heavy."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.conftest import DOCS, ROOT

PAGE = (DOCS / "guarantees.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`( \*\(heavy\)\*)?", PAGE)
PROMISES = [line for line in PAGE.splitlines() if re.match(r"\| (?!promise )[^-]", line)]


@cache
def functions_in(file):
    """The test functions of a file, each with whether an ordinary run leaves it out; None where it is never run."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    whole = any(is_marked(node.value, "heavy") for node in tree.body if isinstance(node, ast.Assign))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        node.name: None
        if any(is_marked(each, "skip") for each in node.decorator_list)
        else whole or any(is_marked(each, "heavy") for each in node.decorator_list)
        for node in functions
    }


def is_marked(node, mark):
    """Whether the decorator, or the value of `pytestmark`, is, or holds, the mark; not that of single parameters."""
    if isinstance(node, ast.Call):
        return is_marked(node.func, mark)
    if isinstance(node, ast.List | ast.Tuple):
        return any(is_marked(each, mark) for each in node.elts)
    return isinstance(node, ast.Attribute) and ast.unparse(node) == f"pytest.mark.{mark}"


@pytest.mark.parametrize(("file", "name", "heavy"), NAMED, ids=[name for _, name, _ in NAMED])
def test_a_promise_names_a_test_that_is_there_and_runs_when_it_is_said_to(file, name, heavy):
    assert name in functions_in(file)
    assert functions_in(file)[name] is bool(heavy)


def test_every_promise_names_a_test():
    assert len(PROMISES) > 40
    assert [line for line in PROMISES if "::test_" not in line] == []
