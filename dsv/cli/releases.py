"""How a release reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsv.checks.rules.outcome import Result
from dsv.cli.changes import change_lines
from dsv.cli.examples import explanation_lines
from dsv.cli.output import bold, green
from dsv.cli.text import count, number, shortened, size, table, visible

if TYPE_CHECKING:
    from dsv.repository.releasing.release import Release

_COMMIT = 7
_MESSAGE = 30


def release_lines(release: Release) -> Iterator[str]:
    """What was released, or would be in a dry run."""
    manifest = release.manifest
    first = manifest.change.previous is None
    level = "first version" if first else release.level.word
    done = f"would be released, {level}; nothing was written" if release.dry_run else f"released, {level}"
    was = f", was {release.was}" if release.was else ""
    yield f"{bold(release.dataset)} {green(str(release.version))} {done}{was}"
    data = manifest.data
    yield f"  data     {count(data.records, 'record')} in {count(data.files, 'file')}, {size(data.bytes)}"
    if manifest.splits:
        yield "  splits   " + ", ".join(f"{name} {number(records)}" for name, records in manifest.splits.items())
    if data.bad_records:
        yield f"  bad      {count(data.bad_records, 'record')} that do not parse, kept and not counted"
    if not first:
        yield from change_lines(release.change)
        yield f"  because  {visible(release.reasons[0])}"
        yield from (f"           {visible(reason)}" for reason in release.reasons[1:])
    yield from explanation_lines(release.explanation)
    yield from _check_lines(release)
    if not release.dry_run:
        yield f"  tag      {release.git_tag}" if release.git_tag else "  tag      none yet (dsv tag --missing)"


def _check_lines(release: Release) -> Iterator[str]:
    """What the checks said: how many passed and what was waived; in a dry run of each what came of it."""
    outcomes = release.gates.outcomes
    if not outcomes:
        return
    words = [
        f"{number(len(several))} {result.value}"
        for result in Result
        if (several := [each for each in outcomes if each.result is result])
    ]
    yield f"  checks   {', '.join(words)}"
    for each in outcomes:
        if release.dry_run or each.result is Result.WAIVED:
            reason = f"; waived: {visible(each.reason)}" if each.reason else ""
            yield f"           {visible(each.check)}: {visible(each.message)}{reason}"


def history_lines(releases: Sequence[Release]) -> Iterator[str]:
    """The versions that were made, or would be, of the states that data had in the past: a table for each dataset."""
    for dataset in dict.fromkeys(each.dataset for each in releases):
        mine = [each for each in releases if each.dataset == dataset]
        done = "would be released; nothing was written" if mine[0].dry_run else "released"
        yield f"{bold(dataset)} {count(len(mine), 'version')} {done}"
        rows = [
            (
                str(each.version),
                each.past.id[:_COMMIT] if each.past else "",
                each.manifest.created_at[:10],
                each.past.author.name if each.past else "",
                number(each.manifest.data.records),
                shortened(visible(each.manifest.summary.splitlines()[0]), _MESSAGE),
                each.reasons[0] if each.manifest.change.previous is None else f"{each.level.word}: {each.reasons[0]}",
            )
            for each in mine
        ]
        headers = ("VERSION", "COMMIT", "DATE", "AUTHOR", "RECORDS", "MESSAGE", "BECAUSE")
        yield from table(headers, rows, right=[4])
        if not mine[0].dry_run:
            ends = dict.fromkeys(f"{each.git_tag}" for each in (mine[0], mine[-1]))
            yield f"  tags     {' to '.join(ends) if mine[0].git_tag else 'none yet (dsv tag --missing)'}"
