"""A review as one page of HTML: the verdict, then each version with what changed in it, then checks and lineage."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.exports.diff_html import fields_html, record_html, splits_html
from dsv.exports.html import page, section, table, text
from dsv.exports.review import ChangeReview, Content, Kind, Lack, Review
from dsv.exports.review_checks import checks_html, failures_html
from dsv.exports.review_statistics import statistics_html
from dsv.exports.review_words import (
    beyond_words,
    change_words,
    counts_words,
    event_words,
    level_word,
    opaque_words,
    reasons_of,
    record_words,
    release_command,
    score_cells,
    stated_words,
)
from dsv.exports.style import STYLE
from dsv.model.score_comparison import HEADERS

_CHANGES = 100
_ROWS = 200
_REASONS = 30

REVIEW_STYLE = """
header.failed .verdict { color: var(--gone-ink); background: var(--gone); border-color: transparent; }
header.passed .verdict, header.nothing .verdict {
  color: var(--come-ink); background: var(--come); border-color: transparent;
}
header.unreleased .verdict, header.warned .verdict { color: var(--other); border-color: var(--other); }
header p.compared { margin: 0; color: var(--quiet); font-size: .85rem; }
.overview td, .overview th { text-align: left; vertical-align: top; }
.overview td { white-space: normal; }
.lineage th, .lineage td, .overview th { white-space: nowrap; }
.level {
  white-space: nowrap; font-size: .8rem; padding: .1rem .5rem; border-radius: 1rem;
  border: 1px solid var(--line); font-weight: 400;
}
.level.major { color: var(--gone-ink); background: var(--gone); border-color: transparent; }
.level.minor { color: var(--come-ink); background: var(--come); border-color: transparent; }
.level.unreleased { color: var(--other); border-color: var(--other); }
.change > h2 { border-top: 1px solid var(--line); padding-top: 1.4rem; font-size: 1.15rem; }
.change h3 { background: none; padding: 0; font-weight: 600; margin: 1.4rem 0 .5rem; }
.change article h3 { background: var(--raised); padding: .55rem .8rem; margin: 0; font-weight: 400; }
blockquote { margin: .6rem 0; padding: .1rem .8rem; border-left: 3px solid var(--line); }
.note { padding: .5rem .8rem; border: 1px dashed var(--other); border-radius: .4rem; }
ul.checks { list-style: none; padding: 0; }
ul.checks > li {
  padding: .5rem .8rem; border-left: 3px solid var(--line); margin: 0 0 .5rem; background: var(--raised);
}
ul.checks > li.failed { border-color: var(--gone-ink); } ul.checks > li.warning { border-color: var(--other); }
ul.checks p { margin: .1rem 0; }
details > summary { padding: .2rem 0; }
"""


def review_html(review: Review) -> str:
    """The page. Nothing in it runs or is loaded from elsewhere, and no text of anybody's is taken as HTML."""
    changes = review.changes[:_CHANGES]
    parts = [_header(review), _overview(review)]
    parts += [_change(change, at) for at, change in enumerate(changes)]
    parts += [_others(review), checks_html(review.findings), _lineage(review.changes)]
    title = ": ".join([review.judgement, *(name for name, _ in review.subjects[:1])])
    return page(title, "\n".join(each for each in parts if each), style=STYLE + REVIEW_STYLE)


def _header(review: Review) -> str:
    subjects = review.subjects
    named = ", ".join(f"<code>{text(name)}</code> <span>{text(remark)}</span>" for name, remark in subjects[:3])
    more = f" <span>and {len(subjects) - 3:,} more</span>" if len(subjects) > 3 else ""  # noqa: PLR2004 - as above
    withheld = " Data is withheld: no record, key, label or name of a data file is shown."
    return (
        f'<header class="{review.verdict.value}">\n<p class="verdict">{text(review.judgement)}</p>\n'
        f"{f'<h1>{named}{more}</h1>' if named else ''}\n"
        f'<p class="compared">since <code>{text(review.base)}</code>, commits '
        f"<code>{review.start[:10]}..{review.head[:10]}</code>."
        f"{withheld if review.content is Content.WITHHELD else ''}</p>\n{failures_html(review.findings)}</header>"
    )


def _overview(review: Review) -> str:
    """A line for each change, that leads to it."""
    changes = review.changes
    if len(changes) <= 1:
        return ""
    rows = []
    for at, each in enumerate(changes[:_ROWS]):
        name = f'<a href="#c{at}">{_version(each)}</a>' if at < _CHANGES else _version(each)
        records, changed = counts_words(each)
        rows.append(
            [
                f"<th scope=row><code>{text(each.dataset)}</code></th>",
                f"<td>{name} {_level(each)}</td>",
                f"<td>{text(records)} <small>{text(changed)}</small></td>",
            ]
        )
    more = f"<p>and {len(changes) - _ROWS:,} more</p>" if len(changes) > _ROWS else ""
    beyond = f'<p class="note">{text(beyond_words(review))}</p>' if review.not_looked_at else ""
    return f'<div class="overview">{table(["dataset", "version", "records"], rows)}{more}{beyond}</div>'


def _version(change: ChangeReview) -> str:
    old = change.old.partition("@")[2]
    new = change.follows or "?" if change.kind is Kind.UNRELEASED else change.new.partition("@")[2]
    return f"{text(old)} → {text(new)}" if old else text(new)


def _level(change: ChangeReview) -> str:
    """The level as a badge."""
    if change.kind is Kind.UNRELEASED:
        return '<span class="level unreleased">not released</span>'
    word = level_word(change) or change.kind.value
    return f'<span class="level {text(word)}">{text(word)}</span>'


def _change(change: ChangeReview, at: int) -> str:
    """All that is told of one change."""
    parts = [f"<h2>{_title(change)} {_level(change)}</h2>", _why(change), _splits(change)]
    parts.append(_records(change, opened=at == 0))
    statistics = statistics_html(change.statistics)
    parts += [f"<h3>Labels and lengths</h3>\n{statistics}" if statistics else "", _quality(change)]
    parts += map(_lack, change.lacks)
    return f'<section class="change" id="c{at}">\n' + "\n".join(each for each in parts if each) + "\n</section>"


def _title(change: ChangeReview) -> str:
    if change.kind is Kind.UNRELEASED:
        return f"<code>{text(change.dataset)}</code>: data that no version has"
    new = f"<code>{text(change.new)}</code>"
    return f"<code>{text(change.old)}</code> → {new}" if change.old else new


def _why(change: ChangeReview) -> str:
    parts = [f"<blockquote>{text(change.summary)}</blockquote>"] if change.summary else []
    reasons = reasons_of(change)
    if words := change_words(change):
        parts.append(f"<p>{text(words)}{':' if reasons else '.'}</p>")
    items = [f"<li>{text(each)}</li>" for each in reasons[:_REASONS]]
    items += [f"<li>and {len(reasons) - _REASONS:,} more</li>"] if len(reasons) > _REASONS else []
    parts += [f"<ul>{''.join(items)}</ul>"] if items else []
    if change.numbering.allowed:
        parts.append(f'<p class="note">A lower level was allowed: {text(change.numbering.allowed)}</p>')
    if command := release_command(change):
        parts.append(f"<p><code>{text(command)}</code> releases it.</p>")
    parts += [f'<p class="note">Waived: {text(check)}, because {text(why)}</p>' for check, why in change.waived[:_ROWS]]
    return "\n".join(parts)


def _splits(change: ChangeReview) -> str:
    breakdown, parts = change.breakdown, []
    if breakdown is not None and change.old:
        parts.append(f"<h3>Records</h3>\n{splits_html(breakdown)}")
    elif breakdown is not None and len(breakdown.splits) > 1:
        rows = [
            [f"<th scope=row>{text(each.split or '(no split)')}</th>", f"<td>{each.counts.new:,}</td>"]
            for each in breakdown.splits
        ]
        parts.append(f"<h3>Records</h3>\n{table(['split', 'records'], rows)}")
    if words := opaque_words(change):
        parts.append(f"<p>{text(words)}</p>")
    if fields := fields_html(change.fields):
        parts.append(f"<h3>Fields</h3>\n{fields}")
    return "\n".join(parts)


def _records(change: ChangeReview, *, opened: bool) -> str:
    """Changed records, under a summary that opens them."""
    if not change.examples:
        return ""
    words = record_words(change, examples=len(change.examples))
    shown = "\n".join(map(record_html, change.examples))
    return f"<details{' open' if opened else ''}><summary>{text(words)}</summary>\n{shown}\n</details>"


def _quality(change: ChangeReview) -> str:
    parts = []
    if change.quality:
        rows = [
            [f"<th scope=row>{text(scorer)}</th>", *(f"<td>{text(cell)}</td>" for cell in cells)]
            for scorer, *cells in map(score_cells, change.quality[:_ROWS])
        ]
        parts.append(table(HEADERS, rows))
    if stated := stated_words(change.stated):
        parts.append(f"<p>{text(stated)}</p>")
    return "<h3>Quality</h3>\n" + "\n".join(parts) if parts else ""


def _lack(lack: Lack) -> str:
    said = f" ({text(lack.detail)})" if lack.detail else ""
    command = f"<code>{text(lack.command)}</code> {text(lack.brings)}"
    return f'<p class="note">Not shown: {text(lack.what)}{said}. {command}.</p>'


def _others(review: Review) -> str:
    """What happened after releases, and to declarations and settings."""
    items = []
    for dataset in review.datasets:
        for event in dataset.events:
            subject, told = event_words(event)
            items.append(f"<li><code>{text(subject)}</code> <strong>{text(event.event)}</strong> {text(told)}</li>")
        if dataset.settings:
            keys = _keys(dataset.settings)
            items.append(f"<li><code>{text(dataset.dataset)}</code> {keys} in dataset.yaml changed</li>")
    if review.settings:
        items.append(f"<li>{_keys(review.settings)} in dsv.yaml changed</li>")
    more = [f"<li>and {len(items) - _ROWS:,} more</li>"] if len(items) > _ROWS else []
    return section("Events and settings", f"<ul>{''.join([*items[:_ROWS], *more])}</ul>") if items else ""


def _keys(names: Sequence[str]) -> str:
    return ", ".join(f"<code>{text(name)}</code>" for name in names[:_ROWS])


def _lineage(changes: Sequence[ChangeReview]) -> str:
    rows = []
    for change in changes:
        for origin in change.origins:
            ref = f"{origin.repository}::{origin.ref}" if origin.repository else origin.ref
            by = f" by {origin.produced_by}" if origin.produced_by else ""
            counts = ("" if each is None else f"{each:,}" for each in origin.counts)
            rows.append(
                [
                    f"<th scope=row><code>{text(change.new)}</code></th>",
                    f"<td><code>{text(ref)}</code></td>",
                    f"<td>{text(origin.relation + by)}</td>",
                    *(f"<td>{each}</td>" for each in counts),
                ]
            )
    headers = ["version", "made from", "how", "inherited", "new", "modified", "left out"]
    more = f"<p>and {len(rows) - _ROWS:,} more</p>" if len(rows) > _ROWS else ""
    return section("Lineage", f'<div class="lineage">{table(headers, rows[:_ROWS])}{more}</div>') if rows else ""
