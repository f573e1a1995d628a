"""What a person sees of a changed record: its fields, the elements of its lists, the turns of its conversations."""

from __future__ import annotations

from dsv.records.canonical import decode
from dsv.records.field_diff import UnchangedTurns, field_diff
from dsv.records.word_diff import Mark

FORMS = {Mark.SAME: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "{{+{}+}}", Mark.OMITTED: "{}"}


def shown(old, new):
    """Each difference on a line, as `git diff --word-diff` marks words."""
    return [line(each) for each in field_diff(old, new)]


def line(each):
    if isinstance(each, UnchangedTurns):
        return f"{each.chat} {each.first}-{each.last} unchanged"
    return f"{each.name}: " + "".join(FORMS[part.mark].format(part.text) for part in each.segments)


def test_only_the_fields_that_differ_are_shown_in_name_order():
    assert shown({"b": 1, "a": "x", "same": 0}, {"b": 2, "a": "y", "same": 0}) == ["a: [-x-]{+y+}", "b: [-1-]{+2+}"]


def test_a_field_that_came_or_went_has_one_side():
    assert shown({"old": 1}, {"new": None}) == ["new: {+null+}", "old: [-1-]"]
    assert [each.kind.value for each in field_diff({"old": 1}, {"new": None})] == ["added", "removed"]


def test_a_text_that_became_a_number_is_told_from_it():
    assert shown({"n": "1"}, {"n": 1}) == ['n: [-"1"-]{+1+}']
    assert shown({"n": 1}, {"n": 1.0}) == ["n: [-1-]{+1.0+}"]
    assert shown(decode(b'{"n": 1e400}'), decode(b'{"n": "1e400"}')) == ['n: [-1e400-]{+"1e400"+}']


def test_inside_nested_values_the_part_that_differs_is_named():
    old = {"clauses": [{"type": "rent", "span": [1, 5]}, {"type": "term"}]}
    new = {"clauses": [{"type": "rent", "span": [1, 7]}, {"type": "term", "years": 5}]}
    assert shown(old, new) == ["clauses[0].span[1]: [-5-]{+7+}", "clauses[1].years: {+5+}"]


def test_names_that_would_read_as_a_path_stand_in_quotes():
    assert shown({"a.b": 1, "c": {"d e": 1, "": 1}}, {"a.b": 2, "c": {"d e": 2, "": 2}}) == [
        '["a.b"]: [-1-]{+2+}',
        'c[""]: [-1-]{+2+}',
        'c["d e"]: [-1-]{+2+}',
    ]


def test_what_was_put_into_a_list_moves_nothing_else():
    assert shown({"tags": ["a", "b"]}, {"tags": ["x", "a", "b"]}) == ['tags[0]: {+"x"+}']
    assert shown({"tags": ["a", "b", "c"]}, {"tags": ["a", "c"]}) == ['tags[1]: [-"b"-]']


def test_an_edited_element_is_found_beside_a_new_one():
    old = [{"type": "rent", "value": "due on the first day"}, {"type": "use", "value": "retail"}]
    new = [{"type": "deposit", "value": "two months"}, {"type": "rent", "value": "due on the fifth day"}, old[1]]
    assert shown({"clauses": old}, {"clauses": new}) == [
        'clauses[0]: {+{"type": "deposit", "value": "two months"}+}',
        "clauses[1].value: due on the [-first-]{+fifth+} day",
    ]


def test_numbers_in_place_of_as_many_others_pair_by_position():
    assert shown({"span": [1, 5]}, {"span": [2, 7]}) == ["span[0]: [-1-]{+2+}", "span[1]: [-5-]{+7+}"]


def test_records_that_are_no_objects_are_compared_too():
    assert shown([1, 2], [1, 3]) == ["[1]: [-2-]{+3+}"]
    assert shown("a", {"b": 1}) == [': [-"a"-]{+{"b": 1}+}']
    assert shown({"a": []}, {"a": [1]}) == ["a: [-[]-]{+[1]+}"]


def chat(*turns):
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


START = (("system", "Be brief."), ("user", "How do I renew?"))


def test_an_edited_turn_shows_its_number_and_speaker():
    old = chat(*START, ("assistant", "Write before the term ends."), ("user", "Thanks!"))
    new = chat(*START, ("assistant", "Write sixty days before the term ends."), ("user", "Thanks!"))
    assert shown(old, new) == [
        "messages 1-2 unchanged",
        "turn 3 assistant: Write {+sixty days +}before the term ends.",
        "messages 4-4 unchanged",
    ]


def test_turns_put_in_between_do_not_change_the_later_ones():
    old = chat(*START, ("assistant", "Write to them."), ("user", "Thanks!"))
    new = chat(
        *START, ("assistant", "Write to them."), ("user", "When?"), ("assistant", "By May."), ("user", "Thanks!")
    )
    assert shown(old, new) == [
        "messages 1-3 unchanged",
        "turn 4 user: {+When?+}",
        "turn 5 assistant: {+By May.+}",
        "messages 6-6 unchanged",
    ]
    assert shown(new, old)[1:3] == ["turn 4 user: [-When?-]", "turn 5 assistant: [-By May.-]"]


def test_conversations_of_the_other_spelling_are_turns_as_well():
    old = {"conversations": [{"from": "human", "value": "hi there"}, {"from": "gpt", "value": "hello friend"}]}
    new = {"conversations": [{"from": "human", "value": "hi there"}, {"from": "gpt", "value": "hello dear friend"}]}
    assert shown(old, new) == ["conversations 1-1 unchanged", "turn 2 gpt: hello {+dear +}friend"]


def test_beside_the_text_of_a_turn_its_other_members_are_named():
    call = {"function": {"name": "find", "arguments": '{"id": 1}'}}
    other = {"function": {"name": "find", "arguments": '{"id": 2}'}}
    old = {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}
    new = {"messages": [{"role": "assistant", "content": "Wait.", "tool_calls": [other]}]}
    assert shown(old, new) == [
        'turn 1 assistant: [-null-]{+"Wait."+}',
        'turn 1 assistant tool_calls[0].function.arguments: {"id": [-1-]{+2+}}',
    ]
    assert [each.path for each in field_diff(old, new)] == [
        "messages[0].content",
        "messages[0].tool_calls[0].function.arguments",
    ]


def test_as_deep_as_a_record_may_be():
    def nested(value):
        for level in range(499):
            value = {"a": value} if level % 2 else [value]
        return value

    (change,) = field_diff(nested(1), nested(2))
    assert change.path.count("a") == 249
    assert shown({"x": nested(1)}, {"x": 0})[0].endswith("{+0+}")
