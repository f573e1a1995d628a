"""docs/checks.md lists the checks that there are."""

from __future__ import annotations

import generate_checks

from tests.docs.conftest import DOCS


def test_the_list_of_checks_is_current():
    page = (DOCS / "checks.md").read_text(encoding="utf-8")
    assert generate_checks.checks_reference(page) == page
