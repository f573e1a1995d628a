"""Rules: what a line says, and what is said of a line that is none."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.errors import BadManifestError
from dsv.model.dataset import load_dataset
from dsv.model.rule import Between, Call, Compared, OneOf, Quantity, Rule, Text
from dsv.model.rule_text import OPERATORS, RuleError, parse_rule


@pytest.mark.parametrize(
    "line",
    [
        "records >= 1000",
        "duplicates(id) == 0",
        "duplicates() <= 1%",
        "missing(score) <= 1%",
        "values(label) in [yes, no]",
        'values(label) not in ["x, y", 3]',
        "length(text) between 10 and 20000",
        "avg(quality_score) >= 0.8",
        "avg(judge_score, scorer=judge-a) >= 0.8",
        "judge_pass_rate >= 0.9",
        "coverage(judge-a) >= 95%",
        "removed <= 5%",
        "drift(label) <= 10%",
        "overlap(train, test) == 0",
        "overlap(eval-set@*) == 0",
        "overlap(train, eval-set@1.x)",
        "chat(sharegpt)",
        "judged(messages)",
    ],
)
def test_a_rule_is_written_as_it_is_read(line: str) -> None:
    assert str(parse_rule(line)) == line


def test_blanks_mean_nothing_and_quotes_take_any_field() -> None:
    assert parse_rule("missing( score )<=1 %") == parse_rule("missing(score) <= 1%")
    assert parse_rule('missing("a, \\"b\\"") == 0').call.names == ('a, "b"',)
    assert str(parse_rule("missing('effective date') == 0")) == 'missing("effective date") == 0'


def test_percentages_are_exact_shares() -> None:
    condition = parse_rule("removed <= 0.1%").condition
    assert isinstance(condition, Compared)
    assert condition.limit.value == Fraction(1, 1000)
    assert condition.holds(Fraction(1, 1000))
    assert not condition.holds(Fraction(1000001, 1000000000))


@pytest.mark.parametrize(
    ("line", "message", "offset"),
    [
        ("", "expected the name of a check, as in records >= 1000, got the end of the line", 0),
        ("records => 10", "did you mean >=?", 8),
        ("records = 10", "did you mean ==?", 8),
        ("records", "expected what records must be", 7),
        ("records >= many", "expected a number, got 'many'", 11),
        ("records >= 10 at least", "expected the end of the line, got 'at'", 14),
        ("records >= 1e999999999", "beyond what can be compared", 11),
        ("records >= 5%", "records are the whole", 12),
        ("values(x) in [a b]", "expected , or ], got 'b'", 16),
        ("values(x) in [", "expected a value, got the end of the line", 14),
        ("records in [1]", "a list is for values(...)", 8),
        ("length(x) >= 5%", "no whole that % could be a share of", 14),
        ("missing()", "missing needs a field, as in missing(field)", 0),
        ("missing(a, b) == 0", "missing takes one field", 11),
        ("files(3) == 1", "files takes nothing", 6),
        ("avg(x, scorr=a) > 2", "did you mean scorer?", 7),
        ("duplicates(a, f=b) == 0", "it has no options", 14),
        ("missing(x", "expected , or ), got the end of the line", 9),
        ("missing('x)", "expected the ' that ends this text", 8),
        ("drift(x) between 5% and 3", "expected two percentages or two numbers", 24),
        ("length(x) between 5 and 3", "expected at least 5", 24),
        ("overlap(a, a) == 0", "needs two different things", 11),
    ],
)
def test_what_is_no_rule_is_told_where_and_what_was_expected(line: str, message: str, offset: int) -> None:
    with pytest.raises(RuleError) as caught:
        parse_rule(line)
    assert message in str(caught.value)
    assert caught.value.offset == offset


@pytest.mark.parametrize("line", ["- values(x) in [a b]", "- 'values(x) in [a b]'", '-   "values(x) in [a b]"'])
def test_the_column_is_that_in_the_file(line: str) -> None:
    text = f"name: a\npath: b\nchecks:\n  {line}\n"
    with pytest.raises(BadManifestError) as caught:
        load_dataset(text.encode(), file="dataset.yaml")
    [problem] = caught.value.details["problems"]
    assert (problem["line"], problem["path"]) == (4, "checks[0]")
    assert text.splitlines()[3][problem["column"] - 1 :].startswith("b]")


NAMES = st.text("abcxyz_", min_size=1, max_size=8)
TEXTS = st.builds(Text, st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8), st.just(True))
WORDS = st.builds(Text, st.text("abcä@*.-", min_size=1, max_size=8).filter(lambda text: text.strip("-+.")))
NUMBERS = st.builds(lambda number: Quantity(str(number)), st.integers(-1000, 1000) | st.decimals(-9, 9, places=3))
VALUES = TEXTS | WORDS | NUMBERS
CALLS = st.builds(
    lambda name, arguments, options: Call(f"my_{name}", tuple(arguments), tuple(options), parentheses=True),
    NAMES,
    st.lists(VALUES, max_size=3),
    st.lists(st.tuples(NAMES, VALUES), max_size=2),
)
LIMITS = st.builds(lambda number, percent: Quantity(number.written, percent), NUMBERS, st.booleans())
CONDITIONS = st.builds(Compared, st.sampled_from(OPERATORS), LIMITS) | st.builds(
    lambda low, high: Between(*sorted((low, high), key=lambda each: each.value)), NUMBERS, NUMBERS
)


@given(
    st.builds(Rule, CALLS, CONDITIONS)
    | st.builds(
        lambda values, negated: Rule(Call("values", (Text("f"),), parentheses=True), OneOf(tuple(values), negated)),
        st.lists(VALUES, min_size=1, max_size=4),
        st.booleans(),
    )
)
def test_the_text_of_a_rule_reads_as_the_same_rule(rule: Rule) -> None:
    assert parse_rule(str(rule)) == rule


@given(st.text(max_size=40) | st.text("values(x) in[a,b]<=>'\"%1.e ", max_size=40))
def test_any_line_is_a_rule_or_is_refused_in_words(line: str) -> None:
    assert 0 <= _offset(line) <= len(line)


def _offset(line: str) -> int:
    """Where reading the line stopped."""
    try:
        parse_rule(line)
    except RuleError as error:
        return error.offset
    return len(line)
