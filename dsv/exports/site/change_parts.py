"""What a release changed, from its manifest and that of the version before: in short, and in full."""

from __future__ import annotations

from dsv.exports.diff_html import fields_html
from dsv.exports.html import link, section, table, text
from dsv.exports.plots import Bin, LabelCount, histogram, label_bars
from dsv.exports.review_statistics import statistics_html
from dsv.exports.site.facts import Addresses, Score, VersionFacts
from dsv.exports.site.parts import cell, figure, head, percent
from dsv.model.field_profile import compared
from dsv.model.fields import FieldsChange, FieldType
from dsv.model.manifest import Manifest

_CLASSES = ("added", "removed", "modified", "moved", "unchanged")
_HISTOGRAMS = 4


def verdict(manifest: Manifest, *, since: str = "") -> str:
    """The level, since which version, which is HTML, and why it is that."""
    change = manifest.change
    words = f"{change.level.word} release" if change.previous else "first version"
    why = text(change.allow_lower or "")
    lower = f"<p>A lower level than {change.computed.word} was allowed: {why}</p>" if why else ""
    reasons = "".join(f"<li>{text(each)}</li>" for each in change.reasons)
    kind = change.level.word if change.previous else "none"
    after = f" since {since}" if since else ""
    return f'<p class="verdict {kind}">{words}</p>{after}<ul>{reasons}</ul>{lower}'


def what_changed(facts: VersionFacts, addresses: Addresses) -> str:
    """The section of a version's page."""
    manifest = facts.manifest
    before = manifest.change.previous
    if before is None:
        return section("What changed", verdict(manifest))
    more = addresses.change(facts.dataset, str(facts.version))
    since = link(f"<code>{text(str(before))}</code>", addresses.version(facts.dataset, str(before)))
    onward = f"<p>{link('All that changed', more)}</p>" if more else ""
    return section("What changed", f"{verdict(manifest, since=since)}{counts_table(manifest)}{onward}")


def counts_table(manifest: Manifest) -> str:
    """Records and files by what became of them."""
    change = manifest.change
    rows = [[head("records"), *_classes(change.records)]]
    if change.opaque is not None:
        rows.append([head("files without records"), *_classes(change.opaque)])
    files = change.files
    rows.append(
        [
            head("files"),
            cell(f"{files.added:,}", "added"),
            cell(f"{files.removed:,}", "removed"),
            cell(f"{files.modified:,}", "modified"),
            cell(f"{files.renamed:,} renamed" if files.renamed else "", "moved"),
            cell(f"{files.unchanged:,}"),
        ]
    )
    return table(["<span class=seen-not>what</span>", *_CLASSES], rows)


def _classes(counts: object) -> list[str]:
    return [cell(f"{getattr(counts, word):,}", "" if word == "unchanged" else word) for word in _CLASSES]


def fields_changed(manifest: Manifest) -> str:
    """Fields that came, went or have other types."""
    if manifest.change.previous is None:
        return ""
    entry = manifest.change.fields
    retyped = tuple(FieldType(each.field, each.old, each.new) for each in entry.changed)
    shown = fields_html(FieldsChange(entry.added, entry.removed, retyped))
    return section("Fields", shown) if shown else ""


def sizes(old: VersionFacts | None, new: VersionFacts) -> str:
    """How large the two are."""
    if old is None:
        return ""
    rows = []
    for name in ("records", "files", "bytes"):
        before, after = getattr(old.manifest.data, name), getattr(new.manifest.data, name)
        rows.append([head(name), cell(f"{before:,}"), cell(f"{after:,}"), cell(f"{after - before:+,}")])
    titles = ["<span class=seen-not>what</span>", text(str(old.version)), text(str(new.version)), "difference"]
    return section("Size", table(titles, rows))


def splits_changed(old: VersionFacts | None, new: VersionFacts) -> str:
    """Records by split before and after."""
    before = dict(old.manifest.splits) if old else {}
    after = dict(new.manifest.splits)
    counts = [LabelCount(name, before.get(name, 0), after.get(name, 0)) for name in sorted({*before, *after})]
    sides = ("" if old is None else str(old.version), str(new.version))
    return section("Splits", label_bars("Records by split", counts, sides=sides)) if old and counts else ""


def values_changed(old: VersionFacts | None, new: VersionFacts) -> str:
    """What is known of the fields' values before and after, where it differs."""
    before, after = (each.manifest.profiled if each else None for each in (old, new))
    if old is None or before is None or after is None:
        return ""
    differing = [each for each in compared(before, after) if not each.same]
    shown = statistics_html(differing, sides=(str(old.version), str(new.version)), histograms=_HISTOGRAMS)
    return section("Values", shown) if shown else ""


def scores_changed(old: VersionFacts | None, new: VersionFacts) -> str:
    """What scorers say of both versions."""
    before = {(each.scorer, each.column): each for each in old.scores} if old else {}
    after = {(each.scorer, each.column): each for each in new.scores}
    pairs = sorted({*before, *after})
    if old is None or not pairs:
        return ""
    rows = []
    for pair in pairs:
        sides = [before.get(pair), after.get(pair)]
        means = [cell(figure(each.mean) if each else "") for each in sides]
        covered = [cell(percent(each.coverage) if each else "") for each in sides]
        rows.append([head(f"{text(pair[0])} <code>{text(pair[1])}</code>"), *means, *covered])
    names = (str(old.version), str(new.version))
    headers = ["scorer", *(f"mean in {each}" for each in names), *(f"covered in {each}" for each in names)]
    drawn = [score_histogram(pair[0], pair[1], before.get(pair), after.get(pair), sides=names) for pair in pairs]
    return section("Scores", table(headers, rows) + "".join(drawn))


def score_histogram(scorer: str, column: str, old: Score | None, new: Score | None, *, sides: tuple[str, str]) -> str:
    """How the scores of both sides lie; nothing where they are not counted by the same parts."""
    found = [each.histogram for each in (old, new) if each and each.histogram]
    if not found or len({(each.first, each.last, len(each.counts)) for each in found}) != 1:
        return ""
    first, parts = found[0], len(found[0].counts)
    width = (first.last - first.first) / parts
    counts = [each.histogram.counts if each and each.histogram else None for each in (old, new)]
    bins = [
        Bin(
            float(f"{first.first + at * width:.6g}"),
            float(f"{first.first + (at + 1) * width:.6g}"),
            *(None if side is None else side[at] for side in counts),
        )
        for at in range(parts)
    ]
    return histogram(f"{column}, {scorer}", bins, sides=sides)
