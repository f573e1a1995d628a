"""A lineage in the languages of Mermaid and of Graphviz; arrows lead from a parent to what was made from it.

Long runs of versions with nothing else beside them are one node in both. Whatever a name holds is spelled so that
neither language takes it for its own: Mermaid as entities, Graphviz inside quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dsv.model.lineage import Lineage, Node, Run, contracted
from dsv.model.source import PREVIOUS
from dsv.model.visible import visible

MERMAID_EDGES = 500
"""More than these Mermaid draws only where its page allows it."""

_UNSAFE_IN_MERMAID = re.compile(r"[^A-Za-z0-9 .,_/@:()-]")
_WITHDRAWN = frozenset({"yanked", "removed"})
_ABSENT = frozenset({"missing", "elsewhere"})


def mermaid(lineage: Lineage, ref: str) -> str:
    """A flowchart, as a page or GitHub's Markdown has it in a block of the language `mermaid`."""
    runs, edges = contracted(lineage, keep=lambda each: each == ref)
    number = {key: f"v{place}" for place, key in enumerate(runs)}
    lines = ["flowchart LR"]
    for key, run in runs.items():
        lines.append(f'    {number[key]}["{_label(run, line="<br/>", escape=_in_mermaid)}"]')
    for edge in edges:
        word = "" if edge.relation == PREVIOUS else f'|"{_in_mermaid(edge.relation)}"|'
        lines.append(f"    {number[edge.parent]} -->{word} {number[edge.child]}")
    classes = {
        "asked": ("stroke-width:3px", [key for key in runs if key == ref]),
        "withdrawn": ("stroke-dasharray:6 3,color:#a00", _with_status(runs, _WITHDRAWN)),
        "absent": ("stroke-dasharray:2 3,color:#777", _with_status(runs, _ABSENT)),
    }
    for name, (style, keys) in classes.items():
        if keys:
            lines.append(f"    classDef {name} {style}")
            lines.append(f"    class {','.join(number[key] for key in keys)} {name}")
    return "\n".join(lines) + "\n"


def dot(lineage: Lineage, ref: str) -> str:
    """A directed graph, as the programs of Graphviz read it."""
    runs, edges = contracted(lineage, keep=lambda each: each == ref)
    lines = ["digraph lineage {", "    rankdir=LR;", "    node [shape=box];"]
    for key, run in runs.items():
        style = ""
        if key == ref:
            style = ", penwidth=3"
        elif run.first.status in _WITHDRAWN | _ABSENT:
            style = f", style={'dashed' if run.first.status in _WITHDRAWN else 'dotted'}"
        lines.append(f'    {_quoted(key)} [label="{_label(run, line=_LINE, escape=_in_dot)}"{style}];')
    for edge in edges:
        word = "" if edge.relation == PREVIOUS else f" [label={_quoted(edge.relation)}]"
        lines.append(f"    {_quoted(edge.parent)} -> {_quoted(edge.child)}{word};")
    return "\n".join([*lines, "}"]) + "\n"


def drawn_edges(lineage: Lineage, ref: str) -> int:
    """How many arrows the graphs have."""
    return len(contracted(lineage, keep=lambda each: each == ref)[1])


_LINE = "\\n"


def _with_status(runs: dict[str, Run], statuses: frozenset[str]) -> list[str]:
    return [key for key, run in runs.items() if len(run.nodes) == 1 and run.first.status in statuses]


def _label(run: Run, *, line: str, escape: Callable[[str], str]) -> str:
    """What stands in a node: the version, then its records and its status on another line."""
    if len(run.nodes) == 1:
        return line.join(map(escape, _told(run.first)))
    marked = sum(bool(each.mark) for each in run.nodes)
    told = f"{len(run.nodes):,} versions{f', {marked:,} marked' if marked else ''}"
    end = run.last.version if run.last.dataset == run.first.dataset else run.last.ref
    return line.join(map(escape, (f"{run.first.ref} .. {end}", told)))


def _told(node: Node) -> list[str]:
    records = [] if node.records is None else [f"{node.records:,} {'record' if node.records == 1 else 'records'}"]
    facts = ", ".join([*records, *node.stages, *([node.mark] if node.mark else [])])
    return [node.ref, facts] if facts else [node.ref]


def _in_mermaid(text: str) -> str:
    # Mermaid's entity of a character is # and its number: not even its own quotes and brackets need anything else.
    return _UNSAFE_IN_MERMAID.sub(lambda found: f"#{ord(found[0])};", visible(text))


def _in_dot(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')


def _quoted(text: str) -> str:
    return f'"{_in_dot(text)}"'
