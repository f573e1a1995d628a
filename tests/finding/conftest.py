"""Two catalogues to look around in, of history without data: docs/catalogues.py makes them for the pages too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import Scratch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs"))


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """Three datasets with what happened to them, only to look at."""
    import catalogues

    root = tmp_path_factory.mktemp("few") / "repo"
    catalogues.make(root, catalogues.few())
    return Scratch(root)


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """Three hundred datasets, only to look at."""
    import catalogues

    root = tmp_path_factory.mktemp("many") / "repo"
    catalogues.make(root, catalogues.many())
    return Scratch(root)
