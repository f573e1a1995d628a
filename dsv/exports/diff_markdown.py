"""A comparison as Markdown, for a comment on a pull request: the verdict first, then counts, then records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsv.exports.diff_report import DiffReport, cells, columns, file_lines
from dsv.exports.markdown import code, fence, table
from dsv.exports.statistics_report import statistics_markdown
from dsv.model.breakdown import Breakdown, PartCounts
from dsv.model.fields import FieldsChange
from dsv.model.score_comparison import HEADERS
from dsv.records.changed_record import RecordExample
from dsv.records.field_diff import Difference, FieldChange, FieldKind, UnchangedTurns
from dsv.records.word_diff import Mark, Segment

LONGEST = 60_000
"""Characters of a report; a comment on GitHub may have 65,536."""

_FILES_SHOWN = 20
_FIELDS_SHOWN = 30
_REASONS_SHOWN = 30
_LONGEST_LINE = 400
_LONGEST_NAME = 120


def diff_markdown(report: DiffReport) -> str:
    """The report. As many records are in it as there is room for in a comment, and it says how many are not."""
    head = "\n".join(_head(report)) + "\n"
    statistics = "".join(f"{line}\n" for line in statistics_markdown(report.statistics))
    if len(head) + len(statistics) > LONGEST:
        statistics = "\nstatistics, for which there is no room here\n"
    head += statistics
    quality = "".join(f"{line}\n" for line in _quality(report))
    head += quality if len(head) + len(quality) <= LONGEST else "\nscores, for which there is no room here\n"
    parts: list[str] = []
    left = LONGEST - len(head)
    for number, example in enumerate(report.examples):
        part = "\n".join(record_markdown(example)) + "\n"
        if len(part) > left:
            more = len(report.examples) - number
            parts.append(
                f"\nand {more:,} more {'record' if more == 1 else 'records'}, for which there is no room here\n"
            )
            break
        parts.append(part)
        left -= len(part)
    return head + ("\n#### Changed records\n" if parts else "") + "".join(parts)


def _head(report: DiffReport) -> Iterator[str]:
    yield f"### {code(report.old)} → {code(report.new)}"
    yield ""
    yield f"**{report.verdict}**"
    if report.level is None:
        return
    yield ""
    yield from reasons_markdown(report.reasons)
    part = f" of {code(report.where)}" if report.where else ""
    yield from ("", f"#### Records{part}", "")
    yield from splits_markdown(report.breakdown)
    yield from _files(report)
    if fields := list(fields_markdown(report.change.fields)):
        yield from ("", "#### Fields", "", *fields)


def reasons_markdown(reasons: Sequence[str]) -> Iterator[str]:
    """A line for each reason."""
    yield from (f"- {code(_cut(reason))}" for reason in reasons[:_REASONS_SHOWN])
    if len(reasons) > _REASONS_SHOWN:
        yield f"- and {len(reasons) - _REASONS_SHOWN:,} more"


def splits_markdown(breakdown: Breakdown) -> Iterator[str]:
    """A table of the records by split, of all of them where there is none."""
    shown = breakdown.splits if any(each.split is not None for each in breakdown.splits) else ()
    words = columns([breakdown.whole, *(each.counts for each in shown)])
    rows = [
        [code(each.split) if each.split is not None else "*(no split)*", *_numbers(each.counts, words)]
        for each in shown
    ]
    if len(rows) != 1:
        rows.append(["all", *_numbers(breakdown.whole, words)])
    yield from table(["split" if shown else "", "old", "new", *words], rows, right=range(1, 3 + len(words)))


def _files(report: DiffReport) -> Iterator[str]:
    lines = file_lines(report)
    if not lines:
        return
    signs = {"+": "added", "-": "removed", "~": "modified", ">": "renamed"}
    words = columns(each.counts for each in lines[:_FILES_SHOWN])
    yield from ("", "#### Files", "")
    yield from table(
        ["file", "", *(f"records {word}" for word in words)],
        [
            [code(_cut(each.text)), signs.get(each.sign, ""), *cells(each.counts, words)]
            for each in lines[:_FILES_SHOWN]
        ],
        right=range(2, 2 + len(words)),
    )
    if len(lines) > _FILES_SHOWN:
        yield from ("", f"and {len(lines) - _FILES_SHOWN:,} more files")


def _numbers(counts: PartCounts, words: Sequence[str]) -> list[str]:
    return [f"{counts.old:,}", f"{counts.new:,}", *cells(counts, words)]


def fields_markdown(fields: FieldsChange) -> Iterator[str]:
    """A line for each field that came, went or has other types."""
    lines = [f"- added {code(_cut(name))}" for name in fields.added]
    lines += [f"- removed {code(_cut(name))}" for name in fields.removed]
    lines += [
        f"- {code(_cut(each.field))}: {' or '.join(each.old)} → {' or '.join(each.new)}" for each in fields.changed
    ]
    yield from lines[:_FIELDS_SHOWN]
    if len(lines) > _FIELDS_SHOWN:
        yield f"- and {len(lines) - _FIELDS_SHOWN:,} more"


def _quality(report: DiffReport) -> Iterator[str]:
    if report.quality:
        rows = [
            [code(scorer), code(column), *figures]
            for scorer, column, *figures in (each.cells for each in report.quality)
        ]
        yield from ("", "#### Scores", "", *table(HEADERS, rows, right=(2, 3)))


def record_markdown(example: RecordExample) -> Iterator[str]:
    """A record with what changed in it, or at a glance."""
    key = f" {code(_cut(example.key_text))}" if example.key_text else ""
    yield ""
    yield f"**{example.title}**{key} in {code(_cut(example.where))}"
    yield ""
    yield from fence(difference_lines(example.changes) if example.changes else _outline(example), language="diff")


def _outline(example: RecordExample) -> Iterator[str]:
    sign = {"added": "+", "removed": "-"}.get(example.kind, " ")
    outline = example.outline
    for name, text in outline.fields:
        yield f"{sign} {_cut(f'{name}: {text}' if name else text)}"
    if outline.more:
        yield f"{sign} and {outline.more} more"


def difference_lines(changes: Sequence[Difference]) -> Iterator[str]:
    """The lines of a diff that tell what changed in a record."""
    chat = ""
    for each in changes[:_FIELDS_SHOWN]:
        if each.chat and each.chat != chat:
            yield f"  {_cut(each.chat)}"
        chat = each.chat
        if isinstance(each, UnchangedTurns):
            turns = f"turn {each.first}" if each.first == each.last else f"turns {each.first}-{each.last}"
            yield f"  {turns} unchanged"
        else:
            yield from _field(each)
    if len(changes) > _FIELDS_SHOWN:
        yield f"  and {len(changes) - _FIELDS_SHOWN} more"


def _field(change: FieldChange) -> Iterator[str]:
    """What was and what is on a line each, so that GitHub colours them; the words that differ are in brackets."""
    name = f"{_cut(change.name, longest=_LONGEST_NAME)}: " if change.name else ""
    if change.kind is not FieldKind.REMOVED:
        now = _side(change.marked, gone=Mark.REMOVED)
    if change.kind is not FieldKind.ADDED:
        yield f"- {name}{_side(change.marked, gone=Mark.ADDED)}"
    if change.kind is not FieldKind.REMOVED:
        yield f"+ {name}{now}"


def _side(segments: Sequence[Segment], *, gone: Mark) -> str:
    """One side of a word diff: without the words that only the other has."""
    forms = {Mark.REMOVED: "[-{}-]", Mark.ADDED: "{{+{}+}}", Mark.SAME: "{}", Mark.OMITTED: "{}"}
    return "".join(forms[each.mark].format(each.text) for each in segments if each.mark is not gone)


def _cut(text: str, *, longest: int = _LONGEST_LINE) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
