"""Words are counted by the batch, quickly, and as `str.split` parts them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.records import text as words
from dsv.records.canonical import MalformedError
from dsv.records.columns import columns_of
from dsv.records.text import (
    DEEPEST_NESTING,
    WHITESPACE,
    TokenCounter,
    count_columns,
    count_tokens,
    whitespace_tokens,
)

SPACES = [chr(code) for code in range(0x110000) if chr(code).isspace()]
TEXTS = st.one_of(
    st.text(alphabet=st.sampled_from([*SPACES, "a", "é", "\u2020", "\u0101", "\x01", "\ud800", "😀"])),
    st.text(),
    st.text(alphabet=" \nab").map(lambda text: text * 40),
)
RECORDS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=4)),
    max_leaves=12,
)


def count_batch(values: list[Any], *, counter: TokenCounter = WHITESPACE) -> int:
    """The tokens of the records as a scan counts them."""
    return count_columns(columns_of(values), counter=counter)


def split(text: str) -> int:
    return len(text.split())


@given(text=TEXTS)
def test_every_text_has_the_words_that_split_finds(text: str) -> None:
    assert whitespace_tokens(text * 30) == len((text * 30).split())
    assert count_batch([text]) == len(text.split())


@given(values=st.lists(RECORDS, max_size=10))
def test_a_batch_has_the_words_of_its_records(values: list[Any]) -> None:
    expected = sum(count_tokens(value, count=split) for value in values)
    assert count_batch(values) == expected
    assert count_batch(values, counter=TokenCounter("split", split)) == expected


@given(values=st.lists(TEXTS, max_size=20), at_once=st.integers(1, 50))
def test_texts_of_any_size_are_counted_in_parts(values: list[str], at_once: int) -> None:
    before = words.AT_ONCE, words.SHORT
    words.AT_ONCE, words.SHORT = at_once, 0
    try:
        assert count_batch(values) == sum(map(split, values))
        assert [whitespace_tokens(value) for value in values] == [split(value) for value in values]
    finally:
        words.AT_ONCE, words.SHORT = before


def test_every_white_space_parts_two_words() -> None:
    for space in SPACES:
        assert count_batch([f"{space}a{space}b{space}{space}c"]) == 3
    assert count_batch(["a" * 70_000 + " " * 70_000 + "b", " " * 65_520, " " * 65_521]) == 2


@pytest.mark.parametrize("shape", ["lists", "objects"])
def test_a_record_may_be_nested_exactly_so_deep(shape: str) -> None:
    value: Any = "one word"
    for _ in range(DEEPEST_NESTING):
        value = [value] if shape == "lists" else {"in": value}

    assert count_batch([value, "three more words"]) == count_tokens(value) + 3 == 5
    for deeper in ([value], {"in": value}, [1, value]):
        with pytest.raises(MalformedError, match="nested more than 500 levels deep"):
            count_batch(["a", deeper])
        with pytest.raises(MalformedError, match="nested more than 500 levels deep"):
            count_tokens(deeper)
    empty: Any = []
    for _ in range(DEEPEST_NESTING - 1):
        empty = [empty]
    assert count_batch([empty]) == count_tokens(empty) == 0
    with pytest.raises(MalformedError):
        count_batch([[empty]])
    with pytest.raises(MalformedError):
        count_tokens([empty])
