"""A lineage as SVG: boxes of versions in layers, parents left of their children, each a link where it has a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dsv.exports.html import text
from dsv.exports.layers import placed
from dsv.model.figures import count
from dsv.model.lineage import Edge, Lineage, Node, Run, contracted
from dsv.model.source import PREVIOUS

NEAREST, WIDEST = 24, 6
"""So many others are drawn around a version, and so many in one layer: what is larger is walked along, not seen."""

_WIDE, _HIGH = 176, 42
_ACROSS, _BETWEEN = 86, 14
_MARGIN = 4
_LETTERS = 24
_SHRINKABLE = 6
"""Drawings of up to so many layers are made somewhat smaller where they do not fit; all scroll, and those with the
version in their second half are first seen from their end."""

Address = Callable[[Node], str]
"""Where the page of a node lies; "" where it has none."""


@dataclass(frozen=True)
class _Point:
    x: float
    y: float


def lineage_drawing(
    lineage: Lineage, ref: str, *, title: str, address: Address, name: Callable[[Node], str] | None = None
) -> str:
    """The drawing with `ref` brought out; nothing where it stands alone. Long runs of plain versions are one box.

    `name` is what stands in a box, the ref of the node without one.
    """
    runs, edges = contracted(lineage, keep=lambda each: each == ref)
    if not edges:
        return ""
    found = placed(list(runs), [(each.parent, each.child) for each in edges])
    corners = {
        key: _Point(_MARGIN + layer * (_WIDE + _ACROSS), _MARGIN + row * (_HIGH + _BETWEEN))
        for key, (layer, row) in found.boxes.items()
    }
    drawn = []
    for pair, relations in _relations(edges).items():
        way = found.ways.get(pair)
        drawn.append(_line(corners[pair[0]], corners[pair[1]], way or (), relations))
    links = False
    for key, run in runs.items():
        target = address(run.last)
        links = links or bool(target)
        drawn.append(_box(run, corners[key], asked=key == ref, target=target, name=name or (lambda node: node.ref)))
    width = 2 * _MARGIN + found.layers * (_WIDE + _ACROSS) - _ACROSS
    height = 2 * _MARGIN + found.rows * (_HIGH + _BETWEEN) - _BETWEEN
    # What is an image for a screen reader has no links in it.
    role = "group" if links else "img"
    told = f"{count(len(lineage.nodes), 'version')}, {count(len(lineage.edges), 'step')}"
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    kind = f"of-{found.layers}" if found.layers <= _SHRINKABLE else "wide"
    if ref in found.boxes and 2 * found.boxes[ref][0] >= found.layers:
        kind += " late"
    return (
        f'<div class="scroll graph {kind}"><svg role="{role}" {size}>'
        f"<title>{text(title)}</title><desc>{text(told)}</desc>{''.join(drawn)}</svg></div>"
    )


def _relations(edges: Sequence[Edge]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for each in edges:
        if each.relation not in found.setdefault((each.parent, each.child), []):
            found[each.parent, each.child].append(each.relation)
    return found


def _line(parent: _Point, child: _Point, way: Sequence[float], relations: Sequence[str]) -> str:
    """A curve through the rows that it passes, with an arrow's tip at the child, and the relation in its first gap."""
    begin = _Point(parent.x + _WIDE, parent.y + _HIGH / 2)
    end = _Point(child.x, child.y + _HIGH / 2)
    through = [
        _Point(parent.x + at * (_WIDE + _ACROSS), _MARGIN + row * (_HIGH + _BETWEEN) + _HIGH / 2)
        for at, row in enumerate(way)
    ][1:-1]
    path = f"M{begin.x:.0f} {begin.y:.1f}"
    here = begin
    for point in through:
        path += _curve(here, point) + f"H{point.x + _WIDE:.0f}"
        here = _Point(point.x + _WIDE, point.y)
    path += _curve(here, _Point(end.x - 6, end.y))
    tip = f"M{end.x - 7:.0f} {end.y - 4:.1f}L{end.x:.0f} {end.y:.1f}L{end.x - 7:.0f} {end.y + 4:.1f}Z"
    kind = "" if any(each != PREVIOUS for each in relations) else " previous"
    words = ", ".join(each for each in relations if each != PREVIOUS)
    label = ""
    if words:
        middle = through[0] if through else end
        x, y = begin.x + _ACROSS / 2, (begin.y + middle.y) / 2 - 4
        label = f'<text class="relation" x="{x:.0f}" y="{y:.1f}" text-anchor="middle">{text(_cut(words, 14))}</text>'
    return f'<g class="edge{kind}"><path d="{path}"/><path class="tip" d="{tip}"/>{label}</g>'


def _curve(begin: _Point, end: _Point) -> str:
    middle = (begin.x + end.x) / 2
    return f"C{middle:.0f} {begin.y:.1f} {middle:.0f} {end.y:.1f} {end.x:.0f} {end.y:.1f}"


def _box(run: Run, corner: _Point, *, asked: bool, target: str, name: Callable[[Node], str]) -> str:
    first, last = run.first, run.last
    if len(run.nodes) == 1:
        title = name(first)
        facts = [] if first.records is None else [count(first.records, "record")]
        facts += [*first.stages, *([first.mark] if first.mark else [])]
        below = ", ".join(facts)
    else:
        title = f"{name(first)} .. {last.version if last.dataset == first.dataset else name(last)}"
        below = count(len(run.nodes), "version")
    kinds = ["node", *(["asked"] if asked else []), *([f"is-{first.status}"] if len(run.nodes) == 1 else [])]
    box = (
        f'<g class="{text(" ".join(kinds))}"><title>{text(f"{title}: {below}" if below else title)}</title>'
        f'<rect x="{corner.x:.0f}" y="{corner.y:.1f}" width="{_WIDE}" height="{_HIGH}" rx="6"/>'
        f'<text x="{corner.x + 10:.0f}" y="{corner.y + 18:.1f}">{text(_middle_cut(title))}</text>'
        f'<text class="quiet" x="{corner.x + 10:.0f}" y="{corner.y + 33:.1f}">{text(_cut(below, _LETTERS + 2))}</text>'
        "</g>"
    )
    return f'<a href="{text(target)}">{box}</a>' if target else box


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else f"{words[: letters - 1]}…"


def _middle_cut(title: str) -> str:
    """The title with its end, which is the version, and as much of its beginning as there is room for."""
    if len(title) <= _LETTERS:
        return title
    end = title[title.rfind("@") :] if "@" in title else ""
    end = end if len(end) <= _LETTERS // 2 else end[-(_LETTERS // 2) :]
    return f"{title[: _LETTERS - len(end) - 1]}…{end}"
