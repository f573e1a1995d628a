"""Walks through a graph of versions, whatever people made of it."""

from __future__ import annotations

import time

from dsv.model.lineage import Direction, Edge, Lineage, Node, contracted

UP, DOWN = Direction.UP, Direction.DOWN


def graph(*edges: str) -> Lineage:
    """A lineage out of `child relation parent` texts; a name without @ is a dataset's first version."""
    found = [Edge(child, parent, relation) for child, relation, parent in (each.split() for each in edges)]
    refs = sorted({ref for each in found for ref in (each.child, each.parent)})
    return Lineage({ref: Node(ref, *ref.split("@")) for ref in refs}, found)


FAMILY = graph(
    "raw@1.1.0 previous raw@1.0.0",
    "gold@1.0.0 filter raw@1.0.0",
    "gold@1.1.0 previous gold@1.0.0",
    "gold@1.1.0 filter raw@1.1.0",
    "test@1.0.0 split gold@1.1.0",
)


def test_a_walk_goes_up_or_down_and_so_many_steps():
    assert FAMILY.distances("gold@1.1.0", UP) == {"gold@1.1.0": 0, "gold@1.0.0": 1, "raw@1.1.0": 1, "raw@1.0.0": 2}
    assert set(FAMILY.distances("raw@1.1.0", DOWN)) == {"raw@1.1.0", "gold@1.1.0", "test@1.0.0"}
    near = FAMILY.around("gold@1.1.0", {UP, DOWN}, depth=1)
    assert set(near.nodes) == {"gold@1.1.0", "gold@1.0.0", "raw@1.1.0", "test@1.0.0"}
    assert near.cut == {"gold@1.0.0", "raw@1.1.0"}


def test_neither_siblings_nor_their_edges_are_in_a_lineage():
    found = FAMILY.around("gold@1.0.0", {UP, DOWN})
    assert "raw@1.1.0" not in found.nodes
    assert [(each.child, each.parent) for each in found.edges] == [
        ("gold@1.0.0", "raw@1.0.0"),
        ("gold@1.1.0", "gold@1.0.0"),
        ("test@1.0.0", "gold@1.1.0"),
    ]


def test_the_numbers_of_a_lineage():
    numbers = FAMILY.statistics()
    assert (numbers.total_versions, numbers.root_versions, numbers.leaf_versions, numbers.max_depth) == (5, 1, 1, 3)
    assert numbers.relations == {"filter": 2, "previous": 2, "split": 1}
    assert numbers.uncounted == 5


def test_circles_are_found_and_end_no_walk_in_a_loop():
    round_ = graph(
        "a@1.0.0 filter b@1.0.0",
        "b@1.0.0 filter c@1.0.0",
        "c@1.0.0 filter a@1.0.0",
        "d@1.0.0 merge a@1.0.0",
        "e@1.0.0 merge e@1.0.0",
        "c@1.0.0 filter root@1.0.0",
    )
    assert round_.circles() == [["a@1.0.0", "b@1.0.0", "c@1.0.0"], ["e@1.0.0"]]
    assert set(round_.distances("a@1.0.0", UP)) == {"a@1.0.0", "b@1.0.0", "c@1.0.0", "root@1.0.0"}
    assert round_.statistics().max_depth == 0
    assert FAMILY.circles() == []


def test_two_circles_with_a_way_between_them_are_two():
    found = graph("a@1 x b@1", "b@1 x a@1", "c@1 x d@1", "d@1 x c@1", "a@1 x m@1", "m@1 x c@1").circles()
    assert found == [["a@1", "b@1"], ["c@1", "d@1"]]


def test_versions_in_a_row_are_one_in_a_drawing():
    chain = [f"raw@1.{minor + 1}.0 previous raw@1.{minor}.0" for minor in range(9)]
    runs, edges = contracted(graph(*chain, "gold@1.0.0 filter raw@1.4.0"), keep=lambda ref: ref == "raw@1.9.0")
    spans = sorted((run.first.version, run.last.version) for run in runs.values() if run.first.dataset == "raw")
    assert spans == [("1.0.0", "1.3.0"), ("1.4.0", "1.4.0"), ("1.5.0", "1.8.0"), ("1.9.0", "1.9.0")]
    assert len(edges) == 4


def test_a_chain_of_twenty_thousand_datasets_is_walked_at_once():
    chain = graph(*(f"d{number + 1:06}@1 filter d{number:06}@1" for number in range(20_000)))
    started = time.process_time()
    assert chain.statistics().max_depth == 20_000
    assert len(chain.around("d010000@1", {UP}).nodes) == 10_001
    assert time.process_time() - started < 2
