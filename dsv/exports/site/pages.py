"""The pages of a dataset: itself, its versions, and what changed with each."""

from __future__ import annotations

from collections.abc import Iterator

from dsv.exports.diff_html import records_html
from dsv.exports.html import link, prose, section, table, text
from dsv.exports.lineage_drawing import WIDEST, lineage_drawing
from dsv.exports.site import change_parts, version_parts
from dsv.exports.site.facts import DatasetFacts, VersionFacts
from dsv.exports.site.frame import framed
from dsv.exports.site.parts import (
    badge,
    cell,
    day,
    facts,
    figure,
    head,
    labels,
    numbers,
    person,
    status_badge,
    timeline,
)
from dsv.exports.site.places import Places, change_file, dataset_file, version_file
from dsv.exports.site.version_page import version_body
from dsv.model.figures import size
from dsv.model.lineage import Lineage, Node

_DRAWN = 12
"""So many datasets around one: they are related in more ways than versions are."""

_EVENTS_SHOWN = 100


def dataset_pages(
    dataset: DatasetFacts, *, graph: Lineage, between: Lineage, places: Places
) -> Iterator[tuple[str, str]]:
    """Each page of the dataset with its file; `graph` is of versions, `between` of datasets."""
    yield dataset_file(dataset.name), _dataset_page(dataset, between, Places(places.versions, 2))
    deep = Places(places.versions, 3)
    for version in dataset.versions:
        name = str(version.version)
        yield version_file(dataset.name, name), _version_page(version, dataset, graph, deep)
        if version.manifest.change.previous is not None:
            yield change_file(dataset.name, name), _change_page(version, dataset, deep)


def _dataset_page(dataset: DatasetFacts, between: Lineage, places: Places) -> str:
    newest = dataset.get(str(dataset.latest)) if dataset.latest else None
    words = [badge(dataset.type) if dataset.type else "", status_badge(dataset.status), labels(dataset.tags)]
    title = (
        f"<h1>{text(dataset.name)}</h1>\n"
        f'<p class="badges">{" ".join(filter(None, words))}</p>\n'
        f'<p class="summary">{prose(dataset.description)}</p>'
    )
    sections = [
        title,
        facts(_facts(dataset, newest, places)),
        version_parts.growth(dataset),
        section("Versions", _versions(dataset, places)),
        _between(dataset, between, places),
        _rules(dataset),
        section("What happened", timeline(dataset.events, most=_EVENTS_SHOWN)) if dataset.events else "",
    ]
    way = [(dataset.name, "")]
    return framed(dataset.name, "\n".join(filter(None, sections)), places=places, way=way)


def _facts(dataset: DatasetFacts, newest: VersionFacts | None, places: Places) -> list[tuple[str, str]]:
    stages = ", ".join(
        f"{text(stage)} {link(text(version), places.version(dataset.name, version))}"
        for stage, version in sorted((dataset.stages or {}).items())
    )
    found = [("versions", f"{len(dataset.versions):,}")]
    if newest is not None:
        data = newest.manifest.data
        latest = link(text(str(newest.version)), places.version(dataset.name, str(newest.version)))
        found = [
            ("latest", latest),
            *found,
            ("records", f"{data.records:,}"),
            ("size", size(data.bytes)),
            ("quality", figure(newest.quality)),
            ("released", day(newest.manifest.created_at)),
        ]
    return [
        *found,
        ("stages", stages),
        ("owners", ", ".join(map(person, dataset.owners))),
        ("format", text(dataset.format)),
        ("path", f"<code>{text(dataset.path)}</code>" if dataset.path else ""),
    ]


def _versions(dataset: DatasetFacts, places: Places) -> str:
    rows = []
    for each in reversed(dataset.versions):
        name, change = str(each.version), each.manifest.change
        marks = [*(badge(stage, "stage") for stage in each.stages), status_badge(each.status)]
        changed = change.records
        moved = places.change(dataset.name, name)
        linked = link(text(name), places.version(dataset.name, name))
        said = " ".join(filter(None, [linked, *marks])) + f"<small>{prose(each.manifest.summary)}</small>"
        rows.append(
            [
                head(said),
                cell(link(change.level.word, moved) if moved else "first", "words"),
                cell(day(each.manifest.created_at)),
                *numbers([each.manifest.data.records]),
                cell(f"{changed.added:,}", "added"),
                cell(f"{changed.removed:,}", "removed"),
                cell(f"{changed.modified:,}", "modified"),
                cell(size(each.manifest.data.bytes)),
                cell(figure(each.quality)),
            ]
        )
    headers = ["version", "change", "released", "records", "added", "removed", "modified", "size", "quality"]
    if all(each.quality is None for each in dataset.versions):
        headers, rows = headers[:-1], [row[:-1] for row in rows]
    return table(headers, rows, words=[1], kind="list")


def _between(dataset: DatasetFacts, between: Lineage, places: Places) -> str:
    """What other datasets it is made from, and what was made from it."""
    if dataset.name not in between.nodes:
        return ""
    near = between.near(dataset.name, most=_DRAWN, widest=WIDEST)
    drawing = dataset_drawing(near, dataset.name, places)
    more = "<p>Some of these are related with further datasets, which their pages show.</p>" if near.cut else ""
    return section("Lineage", drawing + more) if drawing else ""


def dataset_drawing(graph: Lineage, name: str, places: Places) -> str:
    """Datasets and what was made from which, each box a link; the one of the name is brought out."""

    def address(node: Node) -> str:
        return places.dataset(node.dataset) if not node.repository else ""

    return lineage_drawing(
        graph, name, title=f"Datasets related with {name}" if name else "Related datasets", address=address
    )


def _rules(dataset: DatasetFacts) -> str:
    if not dataset.rules:
        return ""
    rules = "".join(f"<li><code>{text(each)}</code></li>" for each in dataset.rules)
    return section("Rules", f"<p>Every new version keeps:</p><ul>{rules}</ul>")


def _version_page(version: VersionFacts, dataset: DatasetFacts, graph: Lineage, places: Places) -> str:
    content = _neighbours(version, dataset, places) + version_body(version, dataset, graph, places)
    way = [
        (dataset.name, places.dataset(dataset.name)),
        (str(version.version), ""),
    ]
    return framed(version.ref, content, places=places, way=way)


def _neighbours(version: VersionFacts, dataset: DatasetFacts, places: Places) -> str:
    """The versions before and after by number."""
    at = next(place for place, each in enumerate(dataset.versions) if each.version == version.version)
    steps = []
    for place in (at - 1, at + 1):
        if 0 <= place < len(dataset.versions):
            name = str(dataset.versions[place].version)
            shown = f"← {text(name)}" if place < at else f"{text(name)} →"
            steps.append(link(shown, places.version(dataset.name, name)))
    return f'<nav class="steps" aria-label="Versions before and after">{" ".join(steps)}</nav>\n' if steps else ""


def _change_page(version: VersionFacts, dataset: DatasetFacts, places: Places) -> str:
    manifest = version.manifest
    before = str(manifest.change.previous)
    old = dataset.get(before)
    name, new = dataset.name, str(version.version)
    ends = [link(text(each), places.version(name, each)) for each in (before, new)]
    title = (
        f"<header>\n<h1>{link(text(name), places.dataset(name))} {ends[0]} <span>to</span> {ends[1]}</h1>\n"
        f"{change_parts.verdict(manifest)}\n"
        f'<p class="summary">{prose(manifest.summary)}</p>\n</header>'
    )
    sections = [
        title,
        section("Records and files", change_parts.counts_table(manifest)),
        change_parts.sizes(old, version),
        change_parts.splits_changed(old, version),
        change_parts.fields_changed(manifest),
        change_parts.values_changed(old, version),
        change_parts.scores_changed(old, version),
        records_html(version.changed),
        section("All of it", f"<pre><code>dsv diff {text(name)}@{before} {new} --records</code></pre>"),
    ]
    way = [
        (name, places.dataset(name)),
        (new, places.version(name, new)),
        (f"since {before}", ""),
    ]
    content = "\n".join(filter(None, sections))
    return framed(f"{name} {before} to {new}", content, places=places, way=way)
