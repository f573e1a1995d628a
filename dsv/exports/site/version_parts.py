"""The sections of a version's page: what it holds, what it is made from, what is said of it, and how that is proved."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.exports.field_statistics import distinct_text
from dsv.exports.html import link, prose, section, table, text
from dsv.exports.lineage_drawing import NEAREST, WIDEST, lineage_drawing
from dsv.exports.plots import LabelCount, Series, label_bars, lines
from dsv.exports.review_statistics import statistics_html
from dsv.exports.site.change_parts import score_histogram
from dsv.exports.site.facts import Addresses, DatasetFacts, SampleRecord, VersionFacts
from dsv.exports.site.parts import (
    badge,
    cell,
    cut_table,
    day,
    facts,
    figure,
    head,
    labels,
    mapping_table,
    numbers,
    percent,
    person,
    status_badge,
    timeline,
    value_text,
)
from dsv.model.field_profile import FieldComparison
from dsv.model.figures import size
from dsv.model.lineage import Direction, Edge, Lineage, Node, other_end

_FIELDS_SHOWN = 100
_LINES_SHOWN = 50
_RUN_HEADERS = ("run", "recorded", "model", "metrics")
_ONE_SIDE = ("", "records")


def title(version: VersionFacts, addresses: Addresses) -> str:
    """What it is, in a heading, a sentence and words in frames."""
    manifest = version.manifest
    name = link(text(version.dataset), addresses.dataset(version.dataset))
    words = [
        badge(manifest.type) if manifest.type else "",
        status_badge(version.status),
        *(badge(stage, "stage") for stage in version.stages),
        labels(manifest.tags),
    ]
    return (
        f"<header>\n<h1>{name} <span>{text(str(version.version))}</span></h1>\n"
        f'<p class="badges">{" ".join(filter(None, words))}</p>\n'
        f'<p class="summary">{prose(manifest.summary)}</p>\n{_withdrawn(version)}</header>'
    )


def _withdrawn(version: VersionFacts) -> str:
    causes = [each for each in version.events if each.event in ("deprecate", "yank", "archive", "remove")]
    if version.status == "active" or not causes:
        return ""
    return f'<p class="notice">{text(version.status)}: {text(causes[-1].told)}</p>\n'


def at_a_glance(version: VersionFacts) -> str:
    """The numbers that people ask for first."""
    manifest = version.manifest
    data = manifest.data
    tokens = f"{data.tokens.total:,} <small>{text(data.tokens.counter)}</small>" if data.tokens else ""
    bad = f"{data.bad_records:,}" if data.bad_records else ""
    return facts(
        [
            ("records", f"{data.records:,}"),
            ("files", f"{data.files:,}"),
            ("size", size(data.bytes)),
            ("quality", figure(version.quality)),
            ("tokens", tokens),
            ("bad records", bad),
            ("format", text(data.format)),
            ("key", ", ".join(f"<code>{text(name)}</code>" for name in manifest.key)),
            ("released", day(manifest.created_at)),
            ("by", person(manifest.created_by)),
        ]
    )


def growth(dataset: DatasetFacts) -> str:
    """How records, bytes and quality went over the versions; nothing of a single one."""
    versions = dataset.versions
    if len(versions) <= 1:
        return ""
    names = [str(each.version) for each in versions]
    data = [each.manifest.data for each in versions]
    sizes = [each.bytes for each in data]
    power = max((max(sizes).bit_length() - 1) // 10, 0) * 10
    drawn = [
        lines("Records", names, [Series("records", [each.records for each in data])]),
        lines("Size", names, [Series("", sizes)], number=lambda value: size(round(value)), unit=1 << power),
        lines("Quality", names, [Series("quality score", [each.quality for each in versions])], lowest=None),
    ]
    return section("How it grew", f'<div class="plots">{"".join(drawn)}</div>')


def splits(version: VersionFacts) -> str:
    """Records by split."""
    counts = [LabelCount(name, None, number) for name, number in version.manifest.splits.items()]
    rest = version.manifest.data.records - sum(number for _, number in version.manifest.splits.items())
    if counts and rest > 0:
        counts.append(LabelCount("(no split)", None, rest))
    return section("Splits", label_bars("Records by split", counts, sides=_ONE_SIDE)) if counts else ""


def fields(version: VersionFacts, *, histograms: int) -> str:
    """The fields with what is known of their values, for so many of them as histograms."""
    manifest = version.manifest
    if not manifest.fields:
        return ""
    known = {each.name: each.value for each in manifest.profile or ()}
    rows = []
    for entry in manifest.fields:
        profile = known.get(entry.name)
        types = " or ".join(entry.types)
        if profile is None:
            rows.append([head(f"<code>{text(entry.name)}</code>"), cell(text(types), "words"), *numbers([None] * 3)])
            continue
        missing = [manifest.data.records - profile.present, profile.nulls]
        distinct = cell(distinct_text(profile))
        rows.append([head(f"<code>{text(entry.name)}</code>"), cell(text(types), "words"), *numbers(missing), distinct])
    shown = cut_table(
        ["field", "types", "missing", "nulls", "distinct"], rows, most=_FIELDS_SHOWN, what="fields", words=[1]
    )
    records = manifest.data.records
    alone = [
        FieldComparison(entry.name, None, known[entry.name], 0, records)
        for entry in manifest.fields
        if entry.name in known
    ]
    return section("Fields", f"{shown}\n{statistics_html(alone, sides=_ONE_SIDE, histograms=histograms)}")


def scores(version: VersionFacts) -> str:
    """What scorers say."""
    if not version.scores:
        return ""
    rows = [
        [
            head(f"{text(each.scorer)} <code>{text(each.column)}</code>"),
            *numbers([each.n]),
            cell(percent(each.coverage)),
            *(cell(figure(value)) for value in (each.mean, each.low, each.high)),
            cell(percent(each.pass_rate)),
        ]
        for each in version.scores
    ]
    headers = ["scorer", "records", "covered", "mean", "min", "max", "passed"]
    drawn = [score_histogram(each.scorer, each.column, None, each, sides=_ONE_SIDE) for each in version.scores]
    return section("Scores", cut_table(headers, rows, most=_LINES_SHOWN, what="scores") + "".join(drawn))


def lineage(version: VersionFacts, graph: Lineage, addresses: Addresses) -> str:
    """What it was made from and what was made from it: drawn, and in numbers."""
    ref = version.ref
    if ref not in graph.nodes:
        return ""

    def address(node: Node) -> str:
        return addresses.version(node.dataset, node.version) if not node.repository else ""

    near = graph.near(ref, most=NEAREST, widest=WIDEST)
    drawing = lineage_drawing(near, ref, title=f"Lineage of {ref}", address=address)
    produced = version.manifest.produced_by
    parts = [f"<p>Produced by <code>{text(produced)}</code>.</p>" if produced else "", drawing]
    for direction, words in ((Direction.UP, "Made from"), (Direction.DOWN, "Used in")):
        steps = graph.steps(ref, direction)
        if steps:
            rows = [_step(graph.nodes[other_end(each, direction)], each, address) for each in steps]
            headers = [words, "relation", "inherited", "new", "modified", "removed", "produced by"]
            parts.append(cut_table(headers, rows, most=_LINES_SHOWN, what="versions", words=[1, 6]))
    shown = "\n".join(filter(None, parts))
    return section("Lineage", shown) if shown else ""


def _step(node: Node, edge: Edge, address: object) -> list[str]:
    where = address(node) if callable(address) else ""
    counts = numbers([edge.inherited, edge.new, edge.modified, edge.removed])
    marks = f" {badge(node.mark, 'warned')}" if node.mark else ""
    produced = f"<code>{text(edge.produced_by)}</code>" if edge.produced_by else ""
    return [
        head(f"{link(text(node.ref), where)}{marks}"),
        cell(text(edge.relation), "words"),
        *counts,
        cell(produced, "words"),
    ]


def checks(version: VersionFacts, dataset: DatasetFacts) -> str:
    """What the checks said at the release, and the rules that hold today."""
    validation = version.manifest.validation
    ran = f"{validation.checks:,} {'check' if validation.checks == 1 else 'checks'}"
    good = validation.status == "passed"
    parts = [f"<p>{badge(validation.status, 'good' if good else 'warned')} {ran} at the release.</p>"]
    waived = [
        f"<li><code>{text(each.check)}</code> was waived: {prose(each.reason)}</li>" for each in validation.waived
    ]
    found = [
        f"<li><code>{text(value_text(each.get('check', '')))}</code>: {prose(value_text(each.get('message', '')))}</li>"
        for each in validation.findings[:_LINES_SHOWN]
    ]
    parts.append(f"<ul>{''.join(waived)}{''.join(found)}</ul>" if waived or found else "")
    if dataset.rules:
        rules = "".join(f"<li><code>{text(each)}</code></li>" for each in dataset.rules)
        parts.append(f"<p>Rules that every new version keeps:</p><ul>{rules}</ul>")
    return section("Checks", "".join(parts))


def samples(version: VersionFacts) -> str:
    """Some records."""
    return section("Sample records", "\n".join(map(_sample, version.samples))) if version.samples else ""


def _sample(sample: SampleRecord) -> str:
    shown = "".join(
        f'<div class="glance"><dt>{text(name)}</dt><dd>{prose(value)}</dd></div>'
        for name, value in sample.outline.fields
    )
    if sample.outline.more:
        shown += f'<div class="glance"><dt></dt><dd><small>and {sample.outline.more:,} more</small></dd></div>'
    split = f"{badge(sample.split)} " if sample.split else ""
    return f"<article>\n<h3>{split}<small>{text(sample.place)}</small></h3>\n<dl>{shown}</dl>\n</article>"


def what_people_say(version: VersionFacts) -> str:
    """The metadata."""
    metadata = version.manifest.metadata
    return section("Metadata", mapping_table(metadata, most=_LINES_SHOWN)) if metadata else ""


def history(version: VersionFacts) -> str:
    """What happened since, and the runs that used it."""
    parts = [section("What happened", timeline(version.events, most=_LINES_SHOWN)) if version.events else ""]
    if version.runs:
        rows = [
            [
                head(f"<code>{text(each.id)}</code>"),
                cell(day(each.at), "words"),
                cell(text(each.model), "words"),
                cell(text(", ".join(f"{name} {value_text(value)}" for name, value in each.metrics.items())), "words"),
            ]
            for each in version.runs
        ]
        parts.append(section("Runs", cut_table(_RUN_HEADERS, rows, most=_LINES_SHOWN, what="runs", words=[1, 2, 3])))
    return "".join(parts)


def proof(version: VersionFacts) -> str:
    """How to get exactly these bytes, and what proves them."""
    digests = version.manifest.digests
    rows: Sequence[tuple[str, str]] = [
        ("take it", f"dsv checkout {version.ref}"),
        ("git tag", version.git_tag or ""),
        ("commit", version.commit),
        ("files", digests.tree),
        ("records", f"{digests.records} ({digests.record_form})"),
        ("DVC", digests.dvc),
        ("manifest", version.manifest.checksum),
    ]
    shown = [[head(name), cell(f"<code>{text(value)}</code>", "words")] for name, value in rows if value]
    return section("Proof", table(["what", "digest or command"], shown, words=[1]))
