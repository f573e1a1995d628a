"""Statistics of fields, before and after, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsv.cli.text import table, visible

if TYPE_CHECKING:
    from dsv.model.field_profile import FieldComparison

_FIELDS_SHOWN = 30
_LABELS_SHOWN = 20
_SAME_SHOWN = 12


def statistics_lines(comparisons: Sequence[FieldComparison] | None) -> Iterator[str]:
    """A table of the fields that differ, one for each label field among them, and the names of the other fields.

    Nothing where no statistics were asked for (None).
    """
    if not comparisons:
        yield from () if comparisons is None else ("", "  no fields, so no statistics")
        return
    from dsv.exports.field_statistics import HEADERS, LABEL_HEADERS, Statistics, field_rows, label_rows

    found = Statistics.of(comparisons, most=_FIELDS_SHOWN)
    if found.differing:
        rows = [row for each in found.differing for row in field_rows(each)]
        right = [at for at in range(2, len(HEADERS)) if HEADERS[at] != "of"]
        yield ""
        yield from (f"  {line}" for line in table(HEADERS, rows, right=right))
    if found.more:
        yield f"  and {found.more} more fields"
    for each in found.label_fields:
        labels = label_rows(each)
        shown = [[value, *cells] for value, cells in labels[:_LABELS_SHOWN]]
        yield ""
        yield from (f"  {line}" for line in table([each.field, *LABEL_HEADERS[1:]], shown, right=range(1, 5)))
        if len(labels) > _LABELS_SHOWN:
            yield f"  and {len(labels) - _LABELS_SHOWN} more values"
    if found.same:
        more = len(found.same) - _SAME_SHOWN
        names = ", ".join(visible(name) for name in found.same[:_SAME_SHOWN])
        yield ""
        yield f"  statistics the same: {names}" + (f" and {more} more" if more > 0 else "")
