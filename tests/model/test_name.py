"""Names of datasets, splits and stages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.errors import BadNameError
from dsv.model.name import check_name, is_name


@pytest.mark.parametrize("name", ["a", "A", "leases", "sec-filings", "eval_set", "v2", "a-b_c-1", "x" * 100, "console"])
def test_letters_digits_dashes_and_underscores_make_a_name(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1a",
        "-a",
        "a-",
        "_a",
        "a_",
        "a.b",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "a b",
        " a",
        "a\n",
        "a\0b",
        "a@b",
        "a#b",
        "a~b",
        "a^b",
        "a:b",
        "a.lock",
        "$(id)",
        "a;b",
        "ä",
        "a\u200bb",
        "\uff41",
        "x" * 101,
        "x" * 300,
    ],
)
def test_everything_else_is_refused(name: str) -> None:
    with pytest.raises(BadNameError) as refused:
        check_name(name)
    assert refused.value.message.isascii()
    assert refused.value.message.isprintable()
    assert not is_name(name)


@pytest.mark.parametrize("name", ["latest", "work", "all", "major", "minor", "patch", "Latest", "ALL"])
def test_words_of_references_are_no_names(name: str) -> None:
    with pytest.raises(BadNameError, match="meaning of its own"):
        check_name(name)


@pytest.mark.parametrize("name", ["con", "PRN", "aux", "nul", "com1", "LPT9"])
def test_windows_devices_are_no_names(name: str) -> None:
    with pytest.raises(BadNameError, match="device on Windows"):
        check_name(name)


def test_a_refusal_says_what_was_to_be_named() -> None:
    with pytest.raises(BadNameError, match="split name 'a b'"):
        check_name("a b", what="split name")


@given(st.text(max_size=8))
def test_a_name_keeps_the_published_rule(text: str) -> None:
    fits = re.fullmatch(r"[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?", text) is not None
    assert is_name(text) <= fits
