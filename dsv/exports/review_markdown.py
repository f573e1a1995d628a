"""A review as Markdown, for one comment on a pull request: the verdict first, the rest as far as a comment has room.

Of texts that somebody else wrote, none stands outside of a code span or a fenced block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dsv.exports.diff_markdown import fields_markdown, reasons_markdown, record_markdown, splits_markdown
from dsv.exports.html import text
from dsv.exports.markdown import code, cut, details, table
from dsv.exports.review import ChangeReview, Content, Kind, Review, Verdict
from dsv.exports.review_checks import checks_markdown, failures_markdown
from dsv.exports.review_statistics import labels_markdown, lengths_markdown
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
from dsv.exports.room import Part, Shorter, fitted
from dsv.model.score_comparison import HEADERS

MARK = "<!-- dsv check -->"
"""The first line, by which whoever posts the report finds its comment again."""

LONGEST = 65_536
"""Characters of a comment on GitHub."""

_SIGNS = {
    Verdict.FAILED: "\u274c",
    Verdict.UNRELEASED: "\u26a0\ufe0f",
    Verdict.WARNED: "\u26a0\ufe0f",
    Verdict.PASSED: "\u2705",
    Verdict.NOTHING: "\u2705",
}
_ROWS = 40
_UNFOLDED = 3
_LACKS = 10
_FEW_RECORDS = 3
_SPARED = 2_000
"""What the note about parts without room may take."""


def review_markdown(review: Review, *, longest: int = LONGEST) -> str:
    """The report, of at most so many characters. What there is no room for is left out, and that is said."""
    parts = list(_parts(review))
    texts, lost = fitted(parts, room=longest - _SPARED)
    if lost:
        names = ", ".join(f"{name} ({count:,} of them)" if count > 1 else name for name, count in lost.items())
        command = f"dsv check --base {cut(review.base, longest=200)} --as html"
        texts.append(f"\n> There was no room in a comment for all of this: {names}. {code(command)} has it.\n")
    return "".join(texts)


def _parts(review: Review) -> Iterator[Part]:
    yield Part(_text([MARK, f"### {_SIGNS[review.verdict]} {_headline(review)}"]))
    yield Part(_text(failures_markdown(review.findings)))
    yield Part(_text(_overview(review)))
    yield Part(_text(_lacks(review.changes)), "what could not be shown", [Shorter(85, "")])
    folded = review.changes[_UNFOLDED:_ROWS]
    for change in review.changes[:_UNFOLDED]:
        yield from _change(change, review)
    if folded:
        yield Part(f"\n<details><summary>{len(folded):,} {'other' if len(folded) == 1 else 'others'}</summary>\n")
        for change in folded:
            yield from _change(change, review)
        yield Part("\n</details>\n")
    yield Part(_text(_others(review)), "events and settings", [Shorter(80, "")])
    yield from checks_markdown(review.findings)
    lineage = _text(_lineage(review.changes))
    yield Part(lineage, "lineage", [Shorter(30, "")])
    yield Part(f"\n<sub>{_footer(review)}</sub>\n")


def _headline(review: Review) -> str:
    subjects = [f"{code(name)} {words}" for name, words in review.subjects]
    return ": ".join(filter(None, [review.judgement, _several(subjects, most=3)]))


def _overview(review: Review) -> Iterator[str]:
    """A line for each change."""
    if not review.changes:
        return
    rows = [
        [
            code(each.dataset),
            f"{code(each.old.partition('@')[2])} → {_version(each)}" if each.old else _version(each),
            level_word(each),
            *counts_words(each),
        ]
        for each in review.changes[:_ROWS]
    ]
    yield from ("", *table(["dataset", "version", "level", "records", "what changed"], rows))
    if len(review.changes) > _ROWS:
        yield from ("", f"and {len(review.changes) - _ROWS:,} more")
    if review.not_looked_at:
        yield from ("", f"> {beyond_words(review)}")


def _version(change: ChangeReview) -> str:
    if change.kind is not Kind.UNRELEASED:
        return f"**{code(change.new.partition('@')[2])}**"
    return f"not released; {code(change.follows)} would follow" if change.follows else "not released"


def _change(change: ChangeReview, review: Review) -> Iterator[Part]:
    """All that is told of one change, part by part; the less important of them have the lower ranks."""
    name = change.new
    names = f"{code(change.old)} → {code(name)}" if change.old else code(name)
    if change.kind is Kind.UNRELEASED:
        names = f"{code(change.dataset)}: data that no version has"
    head = ["", f"#### {names}"]
    yield Part(_text([*head, *_why(change)]), "reasons", [Shorter(90, _text(head)), Shorter(91, "")])
    splits = _text(_splits(change))
    yield Part(splits, "records by split", [Shorter(70, "")])
    alone = len(review.changes) == 1
    yield _records(change, opened=alone)
    labels = list(labels_markdown(change.statistics))
    folded = labels if alone or not labels else ["", *details("Labels", labels)]
    yield Part(_text(folded), "labels", [Shorter(20, "")])
    yield Part(_text(lengths_markdown(change.statistics)), "lengths", [Shorter(10, "")])
    yield Part(_text(_quality(change)), "quality", [Shorter(50, "")])


def _why(change: ChangeReview) -> Iterator[str]:
    """The summary, the level and its reasons."""
    if change.summary:
        yield from ("", f"> {code(cut(change.summary, longest=400))}")
    if words := change_words(change):
        reasons = reasons_of(change)
        yield from ("", f"{words}:", "", *reasons_markdown(reasons)) if reasons else ("", f"{words}.")
    if change.numbering.allowed:
        yield from ("", f"A lower level was allowed: {code(cut(change.numbering.allowed, longest=400))}")
    if command := release_command(change):
        yield from ("", f"{code(command)} releases it.")
    for check, reason in change.waived[:_ROWS]:
        yield from ("", f"Waived: {code(cut(check, longest=200))}, because {code(cut(reason, longest=400))}")


def _splits(change: ChangeReview) -> Iterator[str]:
    breakdown = change.breakdown
    if breakdown is not None and change.old:
        yield from ("", *splits_markdown(breakdown))
    elif breakdown is not None and len(breakdown.splits) > 1:
        rows = [[code(each.split or "(no split)"), f"{each.counts.new:,}"] for each in breakdown.splits]
        yield from ("", *table(["split", "records"], rows, right=(1,)))
    if words := opaque_words(change):
        yield from ("", words)
    if fields := list(fields_markdown(change.fields)):
        yield from ("", "Fields:", "", *fields)


def _records(change: ChangeReview, *, opened: bool) -> Part:
    """The changed records; with less room fewer of them, then none."""
    records = ["\n".join(record_markdown(each)) for each in change.examples]
    forms = [""]
    for count in range(1, len(records) + 1):
        words = text(record_words(change, examples=count))
        forms.append(_text(["", *details(words, records[:count], opened=opened)]))
    shorter = [Shorter(40 if count >= _FEW_RECORDS else 60, forms[count]) for count in reversed(range(len(records)))]
    return Part(forms[-1], "changed records", shorter)


def _quality(change: ChangeReview) -> Iterator[str]:
    stated = stated_words(change.stated)
    if not change.quality and not stated:
        return
    yield from ("", "**Quality**", "")
    if change.quality:
        rows = [
            [code(cut(scorer, longest=100)), code(cut(column, longest=100)), *figures]
            for scorer, column, *figures in map(score_cells, change.quality[:_ROWS])
        ]
        yield from table(HEADERS, rows, right=(2, 3))
    if stated:
        yield from ("", stated)


def _lacks(changes: Sequence[ChangeReview]) -> Iterator[str]:
    """What is not in the report because it is not in the checkout, and how it gets there."""
    lines = [
        f"- {code(change.new)}: {each.what}{_detail(each.detail)}; {code(cut(each.command, longest=400))} {each.brings}"
        for change in changes
        for each in change.lacks
    ]
    if lines:
        yield from ("", "Not shown, as it is not in this checkout:", "", *lines[:_LACKS])
        if len(lines) > _LACKS:
            yield f"- and {len(lines) - _LACKS:,} more"


def _detail(message: str) -> str:
    return f" ({code(cut(message, longest=400))})" if message else ""


def _others(review: Review) -> Iterator[str]:
    """What happened after releases, and to declarations and settings."""
    lines = []
    for dataset in review.datasets:
        for event in dataset.events:
            subject, told = event_words(event)
            lines.append(
                f"- {code(subject)}: {code(event.event)}" + (f" {code(cut(told, longest=400))}" if told else "")
            )
        if dataset.settings:
            lines.append(f"- {code(dataset.dataset)}: {_keys(dataset.settings)} in dataset.yaml changed")
    if review.settings:
        lines.append(f"- {_keys(review.settings)} in dsv.yaml changed")
    if lines:
        yield from ("", "#### Events and settings", "", *lines[:_ROWS])
        if len(lines) > _ROWS:
            yield f"- and {len(lines) - _ROWS:,} more"


def _keys(names: Sequence[str]) -> str:
    return ", ".join(code(cut(name, longest=100)) for name in names[:_ROWS])


def _lineage(changes: Sequence[ChangeReview]) -> Iterator[str]:
    rows = [
        [
            code(change.new),
            code(cut(f"{origin.repository}::{origin.ref}" if origin.repository else origin.ref, longest=200)),
            code(origin.relation) + (f" by {code(cut(origin.produced_by, longest=100))}" if origin.produced_by else ""),
            *("" if each is None else f"{each:,}" for each in origin.counts),
        ]
        for change in changes
        for origin in change.origins
    ]
    if not rows:
        return
    headers = ["version", "made from", "how", "inherited", "new", "modified", "left out"]
    lines = table(headers, rows[:_ROWS], right=range(3, len(headers)))
    if len(rows) > _ROWS:
        lines += ["", f"and {len(rows) - _ROWS:,} more"]
    yield from ("", "#### Lineage", "", *lines)


def _footer(review: Review) -> str:
    """What was compared."""
    command = code(f"dsv check --base {cut(review.base, longest=200)}")
    commits = code(f"{review.start[:10]}..{review.head[:10]}")
    withheld = " Data is withheld: no record, key, label or name of a data file is shown."
    return f"{command}, commits {commits}.{withheld if review.content is Content.WITHHELD else ''}"


def _several(words: Sequence[str], *, most: int) -> str:
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more:,} more" if more > 0 else "")


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
