"""A lineage drawn for a terminal, for Mermaid and for Graphviz."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise

import pytest

from dsv.exports.lineage_graphs import dot, drawn_edges, mermaid
from dsv.exports.lineage_tree import tree_lines
from dsv.model.lineage import Direction, Edge, Lineage, Node

FOREIGN = "https://example.com/acme/filings.git::filings@3.0.0"
HOSTILE = '"] --> x\n\x1b[31m\\N<b>#34;`end`%%{init}'


def node(ref: str, **facts) -> Node:
    """A node by its ref, with a hundred records unless that is said."""
    repository, _, name = ref.rpartition("::")
    dataset, _, version = name.partition("@")
    return Node(ref, dataset, version, repository, **{"records": 100, **facts})


def counted(child: str, relation: str, parent: str) -> Edge:
    """An edge whose records are known."""
    return Edge(child, parent, relation, inherited=90, new=10, modified=0, removed=5)


def family(minors: int = 13) -> Lineage:
    """`raw` with many versions, `gold` made from some of them, `test` made from `gold`."""
    raws = [f"raw@1.{minor}.0" for minor in range(minors)]
    special = {"raw@1.3.0": {"status": "yanked"}, "raw@1.6.0": {"stages": ("prod",)}}
    nodes = [node(ref, **special.get(ref, {})) for ref in raws]
    nodes += [node(ref) for ref in ("gold@1.0.0", "gold@1.1.0", "test@1.0.0")]
    nodes.append(node(FOREIGN, records=None, status="elsewhere"))
    nodes.append(node("dump@1.0.0", records=None, status="missing"))
    edges = [counted(new, "previous", old) for old, new in pairwise(raws)]
    edges += [
        counted("gold@1.0.0", "filter", "raw@1.4.0"),
        counted("gold@1.1.0", "previous", "gold@1.0.0"),
        counted("gold@1.1.0", "filter", raws[-1]),
        Edge("gold@1.1.0", FOREIGN, "import"),
        counted("test@1.0.0", "split", "gold@1.1.0"),
        Edge("raw@1.0.0", "dump@1.0.0", "convert"),
    ]
    return Lineage({each.ref: each for each in nodes}, edges)


def test_the_versions_of_a_dataset_stand_at_one_depth_and_share_lines():
    assert list(tree_lines(family(), "gold@1.1.0")) == [
        "gold@1.1.0  100 records",
        "",
        "made from",
        "├── filter  raw@1.12.0  100 records: 90 inherited, 10 new, 5 removed",
        "│   ├── previous  raw@1.11.0 .. 1.1.0  11 versions, yanked: 1.3.0, 1.6.0 (prod)",
        "│   └── previous  raw@1.0.0  100 records: 90 inherited, 10 new, 5 removed",
        "│       └── convert  dump@1.0.0 [missing]",
        f"├── import  {FOREIGN} [elsewhere]",
        "└── previous  gold@1.0.0  100 records: 90 inherited, 10 new, 5 removed",
        "    └── filter  raw@1.4.0  100 records: 90 inherited, 10 new, 5 removed  (shown above)",
        "",
        "made into",
        "└── split  test@1.0.0  100 records: 90 inherited, 10 new, 5 removed",
    ]


def test_three_hundred_versions_are_a_few_lines():
    lines = list(tree_lines(family(300), "raw@1.0.0", directions=frozenset({Direction.DOWN})))
    assert len(lines) == 11
    assert max(map(len, lines)) < 90


def test_a_tree_that_is_deeper_than_python_can_call_is_written():
    refs = [f"d{number:05}@1.0.0" for number in range(3000)]
    edges = [Edge(child, parent, "filter") for parent, child in pairwise(refs)]
    deep = Lineage({ref: node(ref) for ref in refs}, edges)
    assert len(list(tree_lines(deep, refs[-1], directions=frozenset({Direction.UP})))) == 3002


def test_a_circle_ends_where_it_began():
    round_ = Lineage(
        {ref: node(ref) for ref in ("a@1.0.0", "b@1.0.0")},
        [Edge("a@1.0.0", "b@1.0.0", "filter"), Edge("b@1.0.0", "a@1.0.0", "previous")],
    )
    assert list(tree_lines(round_, "a@1.0.0", directions=frozenset({Direction.UP})))[3:] == [
        "└── filter  b@1.0.0  100 records",
        "    └── previous  a@1.0.0  100 records  (shown above)",
    ]


def hostile() -> Lineage:
    """What a manifest from elsewhere could make people draw."""
    nodes = [node("gold@1.0.0", stages=(HOSTILE,)), node(f"{HOSTILE}::raw@1.0.0", status="missing")]
    return Lineage({each.ref: each for each in nodes}, [Edge("gold@1.0.0", nodes[1].ref, "end")])


def test_mermaid_sees_names_as_names():
    text = mermaid(hostile(), "gold@1.0.0")
    assert len(text.splitlines()) == 8
    statement = re.compile(
        r'flowchart LR|    v\d+\["[^"\n]*"\]|    v\d+ -->(\|"[^"\n]*"\|)? v\d+'
        r"|    classDef \w+ [\w:,# -]+|    class [v\d,]+ \w+"
    )
    for drawn in (text, mermaid(family(), "gold@1.1.0")):
        assert all(statement.fullmatch(line) for line in drawn.splitlines())
        assert "\x1b" not in drawn


def test_mermaid_draws_long_runs_as_one():
    assert 'v1["raw@1.1.0 .. 1.3.0<br/>3 versions, 1 marked"]' in mermaid(family(), "gold@1.1.0")
    assert drawn_edges(family(300), "gold@1.1.0") == drawn_edges(family(), "gold@1.1.0") < 12


def test_graphviz_sees_names_as_names():
    text = dot(hostile(), "gold@1.0.0")
    quoted = r'"(?:[^"\\\n]|\\.)*"'
    statement = re.compile(
        rf"digraph lineage \{{|    rankdir=LR;|    node \[shape=box\];|    {quoted} \[label={quoted}(, \w+=\w+)?\];"
        rf"|    {quoted} -> {quoted}( \[label={quoted}\])?;|\}}"
    )
    for drawn in (text, dot(family(), "gold@1.1.0")):
        assert all(statement.fullmatch(line) for line in drawn.splitlines())
        assert "\x1b" not in drawn


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_it():
    for drawn, number in ((hostile(), 2), (family(), 10)):
        text = dot(drawn, "gold@1.0.0")
        done = subprocess.run(["dot", "-Tplain"], input=text.encode(), capture_output=True, check=True)
        assert done.stderr == b""
        assert done.stdout.decode().count("\nnode ") == number
