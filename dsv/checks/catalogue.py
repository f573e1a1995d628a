"""Every numbered check, in areas: what docs/checks.md is made of."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.checks.declarations import DECLARATIONS
from dsv.checks.events import EVENT_STANDS, EVENTS
from dsv.checks.lineage import LINEAGE
from dsv.checks.manifests import MANIFEST_FORMS, MANIFESTS_STAND
from dsv.checks.numbers import NUMBERS
from dsv.checks.tags import TAGS
from dsv.model.finding import Area, Check

AREAS: Sequence[Area] = (
    Area("Declarations", DECLARATIONS),
    Area("Written once", (*MANIFESTS_STAND, EVENT_STANDS)),
    Area("Form", MANIFEST_FORMS),
    Area("Numbers", NUMBERS),
    Area("Tags and pointers", TAGS),
    Area("Lineage", LINEAGE),
    Area("Events", EVENTS),
)
"""All areas, by number."""

CHECKS: Sequence[Check] = tuple(check for area in AREAS for check in area.checks)
"""Every check."""
