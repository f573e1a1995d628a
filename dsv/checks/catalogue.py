"""Every numbered check, in areas: what docs/checks.md is made of."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.checks.data import DATA
from dsv.checks.declarations import DECLARATIONS
from dsv.checks.events import EVENT_STANDS, EVENTS
from dsv.checks.kept_files import KEPT_FILES
from dsv.checks.lineage import LINEAGE
from dsv.checks.manifests import CUT_OFF, MANIFEST_FORMS, MANIFESTS_STAND
from dsv.checks.numbers import COUNTED_EDGE, NUMBERS
from dsv.checks.requirements import REQUIREMENTS
from dsv.checks.tags import TAGS
from dsv.model.finding import Area, Check

AREAS: Sequence[Area] = (
    Area("Declarations", DECLARATIONS),
    Area("Written once", (*MANIFESTS_STAND, EVENT_STANDS, CUT_OFF)),
    Area("Manifests", (*MANIFEST_FORMS, *REQUIREMENTS)),
    Area("Numbers", NUMBERS),
    Area("Tags and pointers", TAGS),
    Area("Lineage", (*LINEAGE, COUNTED_EDGE)),
    Area("Events", EVENTS),
    Area("git beside DVC", KEPT_FILES),
    Area("Data", DATA),
)
"""All areas, by number."""

CHECKS: Sequence[Check] = tuple(check for area in AREAS for check in area.checks)
"""Every check."""
