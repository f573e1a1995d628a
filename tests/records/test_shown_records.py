"""What a person sees of a changed record."""

from __future__ import annotations

from dsv.records.present import field_changes


def shown(old, new):
    return [f"{mark} {text}" for mark, text in field_changes(old, new)]


def test_only_the_fields_that_differ_are_shown_in_name_order():
    assert shown({"b": 1, "a": "x", "same": 0}, {"b": 2, "a": "y", "same": 0}) == [
        '- a: "x"',
        '+ a: "y"',
        "- b: 1",
        "+ b: 2",
    ]


def test_a_field_that_came_or_went_has_one_line():
    assert shown({"old": 1}, {"new": None}) == ["+ new: null", "- old: 1"]


def test_inside_nested_values_the_part_that_differs_is_named():
    old = {"clauses": [{"type": "rent", "span": [1, 5]}, {"type": "term"}]}
    new = {"clauses": [{"type": "rent", "span": [1, 7]}, {"type": "term", "years": 5}]}
    assert shown(old, new) == ["- clauses[0].span[1]: 5", "+ clauses[0].span[1]: 7", "+ clauses[1].years: 5"]


def test_a_list_of_another_length_is_shown_whole():
    assert shown({"tags": ["a"]}, {"tags": ["a", "b"]}) == ['- tags: ["a"]', '+ tags: ["a", "b"]']


def test_two_long_texts_are_shown_from_where_they_part():
    same = "Lessee pays the rent in advance on the first day of each month"
    assert shown({"text": f"{same}, in cash."}, {"text": f"{same}, by wire."}) == [
        '- text: "… day of each month, in cash."',
        '+ text: "… day of each month, by wire."',
    ]


def test_records_that_are_no_objects_are_shown_whole():
    assert shown([1, 2], [1, 3]) == ["- [1, 2]", "+ [1, 3]"]
    assert shown("a", {"b": 1}) == ['- "a"', '+ {"b": 1}']


def test_numbers_that_differ_only_in_their_kind_do_differ():
    assert shown({"n": 1}, {"n": 1.0}) == ["- n: 1", "+ n: 1.0"]
