"""A comparison as one page of HTML: the verdict first, then counts, then changed records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dsv.exports.diff_report import DiffReport, cells, columns, file_lines
from dsv.exports.html import page, prose, section, table, text
from dsv.exports.statistics_report import statistics_html
from dsv.exports.style import STYLE
from dsv.model.breakdown import Breakdown, FileCounts, PartCounts
from dsv.model.fields import FieldsChange
from dsv.model.score_comparison import HEADERS
from dsv.records.changed_record import RecordExample
from dsv.records.field_diff import Difference, FieldChange, UnchangedTurns
from dsv.records.word_diff import Mark, Segment

_FILES_SHOWN = 50
_FIELDS_SHOWN = 100
_TAGS = {Mark.REMOVED: "del", Mark.ADDED: "ins"}


def diff_html(report: DiffReport) -> str:
    """The page. Nothing in it runs or is loaded from elsewhere, and no text of the data is taken as HTML."""
    sections = [_verdict(report)]
    statistics = statistics_html(report.statistics)
    if report.level is not None:
        title = f"Records of {text(report.where)}" if report.where else "Records"
        fields = fields_html(report.change.fields)
        sections += [section(title, splits_html(report.breakdown)), _files(report)]
        sections += [section("Fields", fields)] if fields else []
    sections += [_quality(report), statistics]
    if report.level is not None:
        sections.append(records_html(report.examples))
    return page(f"{report.old} to {report.new}", "\n".join(each for each in sections if each), style=STYLE)


def _verdict(report: DiffReport) -> str:
    level = "none" if report.level is None else report.level.word
    reasons = "".join(f"<li>{text(reason)}</li>" for reason in report.reasons)
    return (
        f"<header>\n<h1><code>{text(report.old)}</code> <span>→</span> <code>{text(report.new)}</code></h1>\n"
        f'<p class="verdict {level}">{text(report.verdict)}</p>\n'
        f"<ul>{reasons}</ul>\n</header>"
    )


def _quality(report: DiffReport) -> str:
    if not report.quality:
        return ""
    rows = [[f"<td>{text(cell)}</td>" for cell in each.cells] for each in report.quality]
    return section("Scores", table(HEADERS, rows))


def splits_html(breakdown: Breakdown) -> str:
    """A table of the records by split, of all of them where there is none."""
    shown = breakdown.splits if any(each.split is not None for each in breakdown.splits) else ()
    words = columns([breakdown.whole, *(each.counts for each in shown)])
    rows = [[_head(text(each.split or "(no split)")), *_totals(each.counts, words)] for each in shown]
    if len(rows) != 1:
        rows.append([_head("all"), *_totals(breakdown.whole, words)])
    return table(["split" if shown else "", "old", "new", *words], rows)


def _files(report: DiffReport) -> str:
    lines = file_lines(report)
    if not lines:
        return ""
    signs = {"+": "added", "-": "removed", "~": "modified", ">": "renamed", "": ""}
    words = columns(each.counts for each in lines[:_FILES_SHOWN])
    rows = [
        [_head(f"<code>{text(each.text)}</code> {_small(signs[each.sign])}"), *_numbers(each.counts, words)]
        for each in lines[:_FILES_SHOWN]
    ]
    more = len(lines) - _FILES_SHOWN
    return section("Files", table(["file", *words], rows) + (f"<p>and {more:,} more</p>" if more > 0 else ""))


def fields_html(fields: FieldsChange) -> str:
    """A list of the fields that came, went or have other types; nothing where there is none."""
    lines = [f"<li><ins>{text(name)}</ins> added</li>" for name in fields.added]
    lines += [f"<li><del>{text(name)}</del> removed</li>" for name in fields.removed]
    lines += [
        f"<li>{text(each.field)}: <del>{' or '.join(each.old)}</del> <ins>{' or '.join(each.new)}</ins></li>"
        for each in fields.changed
    ]
    more = len(lines) - _FIELDS_SHOWN
    shown = "".join(lines[:_FIELDS_SHOWN]) + (f"<li>and {more:,} more</li>" if more > 0 else "")
    return f"<ul>{shown}</ul>" if lines else ""


def records_html(examples: Sequence[RecordExample]) -> str:
    """The section of the changed records; nothing where there is none."""
    return section("Changed records", "\n".join(map(record_html, examples))) if examples else ""


def record_html(example: RecordExample) -> str:
    """A record with what changed in it, or at a glance."""
    key = f" <strong>{text(example.key_text)}</strong>" if example.key_text else ""
    lines = _differences(example.changes) if example.changes else _outline(example)
    return (
        f'<article class="{text(example.kind)}">\n'
        f"<h3><em>{text(example.title)}</em>{key} <small>{text(example.where)}</small></h3>\n"
        f"<dl>\n{''.join(lines)}</dl>\n</article>"
    )


def _outline(example: RecordExample) -> Iterator[str]:
    outline = example.outline
    for name, value in outline.fields:
        yield _line(name, prose(value), kind="glance")
    if outline.more:
        yield _line("", f"<small>and {outline.more} more</small>", kind="glance")


def _differences(changes: Sequence[Difference]) -> Iterator[str]:
    chat = ""
    for each in changes[:_FIELDS_SHOWN]:
        if each.chat and each.chat != chat:
            yield _line(each.chat, "", kind="chat")
        chat = each.chat
        if isinstance(each, UnchangedTurns):
            turns = f"turn {each.first}" if each.first == each.last else f"turns {each.first}-{each.last}"
            yield _line("", f"<small>{turns} unchanged</small>", kind="turn")
        else:
            yield _line(each.name, _marked(each), kind=f"{each.kind.value}{' turn' if chat else ''}")
    if len(changes) > _FIELDS_SHOWN:
        yield _line("", f"<small>and {len(changes) - _FIELDS_SHOWN} more</small>")


def _marked(change: FieldChange) -> str:
    return "".join(map(_segment, change.segments))


def _segment(segment: Segment) -> str:
    tag = _TAGS.get(segment.mark)
    if tag:
        return f"<{tag}>{prose(segment.text)}</{tag}>"
    shown = prose(segment.text)
    return f"<small>{shown}</small>" if segment.mark is Mark.OMITTED else shown


def _line(name: str, value: str, *, kind: str = "") -> str:
    """A name and its value, which is HTML."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<div{attribute}><dt>{text(name)}</dt><dd>{value}</dd></div>\n"


def _small(word: str) -> str:
    return f"<small class={word}>{word}</small>" if word else ""


def _head(content: str) -> str:
    return f"<th scope=row>{content}</th>"


def _totals(counts: PartCounts, words: Sequence[str]) -> list[str]:
    return [f"<td>{counts.old:,}</td>", f"<td>{counts.new:,}</td>", *_numbers(counts, words)]


def _numbers(counts: PartCounts | FileCounts, words: Sequence[str]) -> list[str]:
    return [f"<td class={word}>{each}</td>" for word, each in zip(words, cells(counts, words), strict=True)]
