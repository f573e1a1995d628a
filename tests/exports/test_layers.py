"""Boxes of a graph in layers: no two in one place, parents before children, whatever the graph is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dsv.exports.layers import placed
from dsv.exports.lineage_drawing import lineage_drawing
from dsv.model.lineage import Edge, Lineage, Node
from tests.exports.pages import HOSTILE, check_texts

NAMES = [f"n{number}" for number in range(9)]
LINES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20)


@given(LINES)
def test_no_two_boxes_stand_in_one_place_and_every_line_has_a_way(lines):
    found = placed(NAMES, lines)
    assert len(set(found.boxes.values())) == len(NAMES)
    for (parent, child), way in found.ways.items():
        assert found.boxes[parent][0] < found.boxes[child][0]
        assert len(way) == found.boxes[child][0] - found.boxes[parent][0] + 1
    assert found == placed(NAMES, lines)


@given(LINES)
def test_without_circles_parents_stand_left_of_their_children(lines):
    descending = [(min(pair), max(pair)) for pair in lines if pair[0] != pair[1]]
    found = placed(NAMES, descending)
    assert set(found.ways) == set(descending)


def test_a_box_stands_in_no_lines_way():
    found = placed(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
    assert found.ways["a", "c"][1] != found.boxes["b"][1]


def test_no_name_is_taken_as_markup_and_the_drawing_has_a_title():
    nodes = {word: Node(word, word, word, status=word, stages=(word,)) for word in HOSTILE}
    edges = [Edge(child, HOSTILE[0], f"{child} ") for child in HOSTILE[1:]]
    drawn = lineage_drawing(Lineage(nodes, edges), HOSTILE[0], title=HOSTILE[1], address=lambda node: node.ref)
    found = check_texts(drawn)
    assert found.tags == {"div", "svg", "title", "desc", "g", "a", "rect", "text", "path"}
    assert 'role="group"' in drawn
    assert 'role="img"' in lineage_drawing(Lineage(nodes, edges), "", title="", address=lambda _: "")


def test_of_many_children_some_are_drawn_and_the_rest_is_said_to_be_cut():
    names = [f"c{number}" for number in range(50)]
    nodes = {name: Node(name, name, "1.0.0") for name in ["root", *names]}
    graph = Lineage(nodes, [Edge(name, "root", "filter") for name in names])
    near = graph.near("root", most=24, widest=6)
    assert list(near.nodes) == ["root", *names[:6]]
    assert near.cut == {"root"}
