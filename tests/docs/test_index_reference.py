"""docs/index.md describes the tables that there are."""

from __future__ import annotations

import generate_index

from tests.docs.conftest import DOCS


def test_the_tables_of_the_index_are_described():
    page = (DOCS / "index.md").read_text(encoding="utf-8")
    assert generate_index.index_reference(page) == page
