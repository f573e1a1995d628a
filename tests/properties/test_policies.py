"""Levels only rise with the change, and fields add up in any order."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.fields import TYPES, Fields, FieldsChange
from dsv.model.policy import Policy, compare_fields, exact, rare
from dsv.model.policy_rules import decide

small = st.integers(0, 12)
counts = st.builds(RecordCounts, added=small, removed=small, modified=small, moved=small, unchanged=small)
names = st.sampled_from(["a", "b", "c\n\x1b[31m", "\ud800", "\u2028"])
schemas = st.dictionaries(names, st.dictionaries(st.sampled_from(TYPES), st.integers(1, 20), max_size=3)).map(Fields.of)
thresholds = st.sampled_from([0.01, 0.1, 0.2, 0.25, 0.5, 0.9, 1.0])
policies = st.tuples(thresholds, thresholds, st.sampled_from([0.0, 0.01, 0.5])).map(
    lambda each: Policy(minor=min(each[:2]), major=max(each[:2]), rare_fields=each[2])
)


@st.composite
def changes(draw):
    """Any change in which at least one file differs."""
    old, new = draw(schemas), draw(schemas)
    return Change(
        records=draw(counts),
        files=FilesChange(modified=("a.jsonl",)),
        fields=compare_fields(old, new),
        opaque=draw(st.none() | counts),
        keyed=draw(st.booleans()),
        key_changed=draw(st.booleans()),
        declarations_changed=draw(st.booleans()),
        rare=rare(old, records=20, policy=Policy()),
    )


def more_changed(records, how):
    """The same old records, one of them no longer unchanged; or one record more."""
    if how == "added":
        return replace(records, added=records.added + 1)
    if not records.unchanged:
        return records
    return replace(records, **{"unchanged": records.unchanged - 1, how: getattr(records, how) + 1})


def level(change, policy):
    found = decide(change, policy=policy).level
    assert found is not None
    return found


ways = st.sampled_from(["added", "removed", "modified", "moved"])
rules = st.sampled_from(["balanced", "strict"])


@given(changes(), policies, rules, ways, st.booleans())
def test_one_more_changed_record_never_lowers_the_level(change, policy, rule, how, beside):
    policy = replace(policy, name=rule)
    if beside and change.opaque is not None:
        more = replace(change, opaque=more_changed(change.opaque, how))
    else:
        more = replace(change, records=more_changed(change.records, how))
    assert level(more, policy) >= level(change, policy)


@given(changes(), policies, ways)
def test_with_a_key_the_same_holds_for_the_policy_frictionless(change, policy, how):
    policy, change = replace(policy, name="frictionless"), replace(change, keyed=True)
    more = replace(change, records=more_changed(change.records, how))
    assert level(more, policy) >= level(change, policy)


@given(changes(), changes(), policies, st.sampled_from(["balanced", "strict", "frictionless"]))
def test_a_further_change_of_fields_or_of_the_key_never_lowers_the_level(change, other, policy, rule):
    policy = replace(policy, name=rule)
    fields = FieldsChange(
        added=change.fields.added + other.fields.added,
        removed=change.fields.removed + other.fields.removed,
        changed=change.fields.changed + other.fields.changed,
    )
    assert level(replace(change, fields=fields), policy) >= level(change, policy)
    assert level(replace(change, key_changed=True), policy) >= level(change, policy)


@given(changes(), policies, policies)
def test_higher_thresholds_never_raise_the_level(change, one, other):
    higher = replace(one, major=max(one.major, other.major), minor=max(one.minor, other.minor))
    assert level(change, higher) <= level(change, one)


@given(changes(), policies, st.sampled_from(["balanced", "strict", "frictionless"]))
def test_every_reason_asks_for_the_level_and_stands_in_one_line(change, policy, rule):
    verdict = decide(change, policy=replace(policy, name=rule))
    assert verdict.reasons
    assert all(reason.level is verdict.level for reason in verdict.causes)
    assert all(text.isprintable() for text in verdict.reasons)


@given(counts, st.booleans())
def test_the_changed_share_is_nothing_only_where_nothing_changed(records, keyed):
    share = records.share(keyed=keyed)
    changed = records.added + records.removed + records.modified + records.moved
    assert (share == 0) is (changed == 0)
    assert share <= records.share(keyed=True)
    assert isinstance(share, Fraction)


@given(st.floats(0, 1, exclude_min=True))
def test_a_threshold_is_the_decimal_that_was_written(threshold):
    assert float(exact(threshold)) == threshold


@given(schemas, schemas, schemas)
def test_fields_of_several_files_add_up_in_any_order(one, two, three):
    total = Fields.union((one, two, three))
    assert total == one.merged(two).merged(three) == one.merged(two.merged(three)) == three.merged(one).merged(two)
    assert Fields.union(()).merged(one) == one
    for name, field in total.by_name().items():
        assert field.total == sum(each.by_name()[name].total for each in (one, two, three) if name in each.by_name())


@given(schemas, schemas)
def test_a_schema_differs_from_itself_in_nothing_and_the_way_back_is_the_inverse(old, new):
    assert compare_fields(old, old) == FieldsChange()
    there, back = compare_fields(old, new), compare_fields(new, old)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert [(each.field, each.old, each.new) for each in there.changed] == [
        (each.field, each.new, each.old) for each in back.changed
    ]
