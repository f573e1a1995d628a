"""Statistics of fields, before and after, as parts of a report in Markdown and in HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsv.exports import html, markdown
from dsv.exports.field_statistics import HEADERS, LABEL_HEADERS, Statistics, field_rows, label_rows
from dsv.model.field_profile import FieldComparison

_FIELDS_SHOWN = 20
_LABELS_SHOWN = 20
_LONGEST_NAME = 60
_OF = HEADERS.index("of")


def statistics_markdown(comparisons: Sequence[FieldComparison]) -> Iterator[str]:
    """The lines of the part; names and values of the data stand in code spans only."""
    if not comparisons:
        return
    found = Statistics.of(comparisons, most=_FIELDS_SHOWN)
    yield from ("", "#### Statistics", "")
    if found.differing:
        rows = [_code(row[0], row[1:]) for each in found.differing for row in field_rows(each)]
        yield from markdown.table(HEADERS, rows, right=[at for at in range(2, len(HEADERS)) if at != _OF])
        yield ""
    if found.more:
        yield from (f"and {found.more:,} more fields", "")
    for each in found.label_fields:
        labels = label_rows(each)
        headers = [markdown.code(_cut(each.field)), *LABEL_HEADERS[1:]]
        rows = [_code(value, cells) for value, cells in labels[:_LABELS_SHOWN]]
        yield from markdown.table(headers, rows, right=range(1, len(headers)))
        yield ""
        if len(labels) > _LABELS_SHOWN:
            yield from (f"and {len(labels) - _LABELS_SHOWN:,} more values", "")
    if found.same:
        more = len(found.same) - _FIELDS_SHOWN
        names = ", ".join(markdown.code(_cut(name)) for name in found.same[:_FIELDS_SHOWN])
        yield f"The same: {names}" + (f" and {more:,} more" if more > 0 else "")


def statistics_html(comparisons: Sequence[FieldComparison]) -> str:
    """The section; every text in it is escaped."""
    found = Statistics.of(comparisons, most=_FIELDS_SHOWN)
    parts = []
    if found.differing:
        rows = [row for each in found.differing for row in field_rows(each)]
        parts.append(html.table(HEADERS, [_html_row(row[0], row[1:]) for row in rows]))
    if found.more:
        parts.append(f"<p>and {found.more:,} more fields</p>")
    for each in found.label_fields:
        labels = label_rows(each)
        headers = [html.text(each.field), *LABEL_HEADERS[1:]]
        parts.append(html.table(headers, [_html_row(value, cells) for value, cells in labels[:_LABELS_SHOWN]]))
        if len(labels) > _LABELS_SHOWN:
            parts.append(f"<p>and {len(labels) - _LABELS_SHOWN:,} more values</p>")
    if found.same:
        more = len(found.same) - _FIELDS_SHOWN
        names = ", ".join(f"<code>{html.text(name)}</code>" for name in found.same[:_FIELDS_SHOWN])
        parts.append(f"<p>The same: {names}" + (f" and {more:,} more" if more > 0 else "") + "</p>")
    return html.section("Statistics", "\n".join(parts)) if parts else ""


def _code(name: str, cells: Sequence[str]) -> list[str]:
    return [markdown.code(_cut(name)) if name else "", *cells]


def _html_row(name: str, cells: Sequence[str]) -> list[str]:
    return [f"<th scope=row>{html.text(name)}</th>", *(f"<td>{html.text(each)}</td>" for each in cells)]


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
