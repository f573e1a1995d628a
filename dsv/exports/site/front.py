"""The pages that show all datasets: the list that one searches, and how they are related."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsv.exports.html import link, prose, section, text
from dsv.exports.plots import sparkline
from dsv.exports.site.frame import framed
from dsv.exports.site.pages import dataset_drawing
from dsv.exports.site.parts import badge, cell, cut_table, day, figure, head, status_badge
from dsv.exports.site.places import SCRIPT, Places
from dsv.model.figures import count, size
from dsv.model.lineage import Direction, Lineage, other_end

_DESCRIBED = 160
_DRAWN = 60
_LISTED = 20
UNLISTED = frozenset({"archived", "removed"})
_COLUMNS = ("dataset", "latest", "records", "released", "type", "versions", "size", "quality")


@dataclass(frozen=True)
class Listed:
    """A dataset in the list; numbers are those of its latest version, None where there is none.

    `words` are further texts to find it by, `course` the records of its versions, ascending.
    """

    name: str
    type: str
    description: str
    status: str
    tags: Sequence[str]
    stages: Mapping[str, str]
    words: Sequence[str]
    latest: str
    versions: int
    records: int | None
    bytes: int | None
    quality: float | None
    released: str
    course: Sequence[int]


@dataclass(frozen=True)
class Searched:
    """A version to be found by its texts."""

    version: str
    file: str
    summary: str
    tags: Sequence[str]


def front_page(datasets: Sequence[Listed], *, title: str, places: Places) -> str:
    """The list of all datasets. With a script it is searched, narrowed and sorted; without one it is a list."""
    records = sum(each.records or 0 for each in datasets)
    versions = sum(each.versions for each in datasets)
    told = ", ".join(
        [
            count(len(datasets), "dataset"),
            count(versions, "version"),
            f"{count(records, 'record')} in the latest ones",
        ]
    )
    columns = _COLUMNS if any(each.quality is not None for each in datasets) else _COLUMNS[:-1]
    rows = "\n".join(f"{_row(each, places, scored=columns == _COLUMNS)}</tr>" for each in datasets)
    headers = "".join(
        f"<th scope=col{' class=words' if name in ('type', 'latest') else ''}>{name}</th>" for name in columns
    )
    content = (
        f'<h1>{text(title)}</h1>\n<p class="told">{told}.</p>\n{_search(datasets)}\n'
        '<div class="scroll"><table id="datasets" class="list">\n'
        f"<thead><tr>{headers}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>\n"
        '<section id="found" hidden>\n<h2>Versions</h2>\n<ul id="versions"></ul>\n</section>'
    )
    return framed(title, content, places=places, scripts=[SCRIPT])


def _search(datasets: Sequence[Listed]) -> str:
    """What the script brings to light."""
    choices = {
        "type": sorted({each.type for each in datasets if each.type}),
        "tag": sorted({tag for each in datasets for tag in each.tags}),
        "stage": sorted({stage for each in datasets for stage in each.stages}),
        "status": sorted({each.status for each in datasets}),
    }
    selects = []
    for name, words in choices.items():
        if len(words) > 1 or (name in ("tag", "stage") and words):
            options = "".join(f'<option value="{text(word)}">{text(word)}</option>' for word in words)
            selects.append(f'<label>{name} <select id="{name}"><option value="">any</option>{options}</select></label>')
    return (
        '<div id="search" role="search" hidden>\n'
        '<label class="query">Search <input id="query" type="search" autocomplete="off" spellcheck="false" '
        'placeholder="name, tag, field, summary"></label>\n'
        f"{''.join(selects)}\n"
        '<p id="count" role="status"></p>\n</div>'
    )


def _row(each: Listed, places: Places, *, scored: bool) -> str:
    described = each.description if len(each.description) <= _DESCRIBED else f"{each.description[: _DESCRIBED - 1]}…"
    stages = " ".join(badge(stage, "stage") for stage in sorted(each.stages))
    marks = " ".join(filter(None, [status_badge(each.status), stages]))
    name = f"{link(text(each.name), places.dataset(each.name))} {marks}"
    told = f"<small>{prose(described)}</small>" if described else ""
    latest = link(text(each.latest), places.version(each.name, each.latest)) if each.latest else ""
    sizes = "" if each.bytes is None else size(each.bytes)
    records = "" if each.records is None else f"{each.records:,}"
    quiet = ' class="quiet"' if each.status in UNLISTED else ""
    return (
        f'<tr data-name="{text(each.name)}"{quiet}>'
        + head(f"{name}{told}")
        + cell(latest, "words")
        + f'<td data-by="{each.records or 0}">{records}{sparkline(each.course)}</td>'
        + f'<td data-by="{text(each.released)}">{day(each.released) if each.released else ""}</td>'
        + cell(text(each.type), "words")
        + f"<td>{each.versions:,}</td>"
        + f'<td data-by="{each.bytes or 0}">{sizes}</td>'
        + (cell(figure(each.quality)) if scored else "")
    )


def search_index(datasets: Sequence[Listed], versions: Mapping[str, Sequence[Searched]]) -> str:
    """What the script searches in, as a script of its own: pages in a file system may load nothing else."""
    found = [
        [
            each.name,
            " ".join([each.name, each.type, each.description, *each.words]),
            [each.type, list(each.tags), sorted(each.stages), each.status],
            [[one.version, one.file, one.summary, " ".join(one.tags)] for one in versions.get(each.name, ())],
        ]
        for each in datasets
    ]
    # U+2028 ends a line in some scripts, and surrogates cannot be written: in ASCII nothing is anything but itself.
    return f"dsvCatalogue({json.dumps(found, ensure_ascii=True, separators=(',', ':'))});\n"


def lineage_page(between: Lineage, *, places: Places) -> str:
    """How datasets come from one another: drawn where they are few enough to be seen, and listed."""
    groups = _groups(between)
    parts = ["<h1>Lineage</h1>"]
    if not groups:
        parts.append("<p>No dataset was made from another one.</p>")
    else:
        parts.append(
            f"<p>{count(sum(map(len, groups)), 'dataset')} made from one another, in "
            f"{count(len(groups), 'group')}. Each page shows those around it, and leads on.</p>"
        )
    for names in groups:
        first = names[0]
        title = text(first) if len(names) == 1 else f"{text(first)} and {len(names) - 1:,} more"
        drawn = dataset_drawing(between.only(names), "", places) if len(names) <= _DRAWN else ""
        parts.append(section(title, f"{drawn}\n{_steps(between, names, places)}"))
    return framed("Lineage", "\n".join(parts), places=places)


def _groups(between: Lineage) -> list[list[str]]:
    """Datasets that are related, directly or through others: the largest group first, most used ones first in it."""
    groups = []
    seen: set[str] = set()
    for name in sorted(between.nodes):
        if name in seen:
            continue
        group, waiting = [], [name]
        seen.add(name)
        while waiting:
            here = waiting.pop()
            group.append(here)
            for direction in Direction:
                for edge in between.steps(here, direction):
                    there = other_end(edge, direction)
                    if there not in seen:
                        seen.add(there)
                        waiting.append(there)
        if len(group) > 1:
            groups.append(sorted(group, key=lambda each: (-len(between.steps(each, Direction.DOWN)), each)))
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def _steps(between: Lineage, names: Sequence[str], places: Places) -> str:
    rows = []
    for name in names:
        node = between.nodes[name]
        ends = [
            [other_end(edge, direction) for edge in between.steps(name, direction)]
            for direction in (Direction.UP, Direction.DOWN)
        ]
        shown = link(text(name), places.dataset(name) if not node.repository else "")
        rows.append([head(shown), *(cell(_names(several, places), "words") for several in ends)])
    return cut_table(["dataset", "made from", "used in"], rows, most=len(rows), what="datasets", words=[1, 2])


def _names(names: Sequence[str], places: Places) -> str:
    several = list(dict.fromkeys(names))
    shown = ", ".join(link(text(name), places.dataset(name)) for name in several[:_LISTED])
    more = len(several) - _LISTED
    return shown + (f" and {more:,} more" if more > 0 else "")
