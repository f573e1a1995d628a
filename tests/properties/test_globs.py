"""A glob means what its few rules say, on every path, and no glob takes for ever."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.model.glob import MOST_CROSSING, glob_pattern

paths = st.lists(st.text("ab-.", min_size=1, max_size=4), min_size=1, max_size=4).map("/".join)
pieces = st.sampled_from(["a", "b", "-", ".", "/", "*", "?", "**/", "**", "[ab]", "[!a]", "[b-a]", "[a-b-]"])
globs = st.lists(pieces, max_size=9).map("".join).filter(lambda glob: "***" not in glob)


def matches(glob: str, path: str) -> bool:
    """The rules, tried one after the other in every way."""
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|.", glob)

    @cache
    def from_here(token: int, place: int) -> bool:
        if token == len(tokens):
            return place == len(path)
        word, rest = tokens[token], range(place, len(path) + 1)
        if word == "**/":
            return any(from_here(token + 1, end) for end in rest if end == place or path[end - 1] == "/")
        if word == "**":
            return any(from_here(token + 1, end) for end in rest)
        if word == "*":
            return any(from_here(token + 1, end) for end in rest if "/" not in path[place:end])
        return place < len(path) and one(word, path[place]) and from_here(token + 1, place + 1)

    starts = [0] if "/" in glob else [0, *(end + 1 for end, sign in enumerate(path) if sign == "/")]
    return any(from_here(0, start) for start in starts)


def one(word: str, sign: str) -> bool:
    if word == "?":
        return sign != "/"
    if len(word) == 1:
        return word == sign
    held = {"[ab]": "ab", "[!a]": "a", "[b-a]": "", "[a-b-]": "ab-"}[word]
    return sign != "/" and (sign in held) is not word.startswith("[!")


@settings(max_examples=500)
@given(globs, paths)
def test_a_glob_matches_what_its_rules_say(glob, path):
    try:
        pattern = glob_pattern(glob)
    except ValueError:
        assert glob.count("**") > MOST_CROSSING
        return
    assert bool(pattern.fullmatch(path)) is matches(glob, path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*a" * 50 + "b", "a" * 250),
        ("*/" * 50 + "*b", "a/" * 100),
        ("**/*a*a*a*a*b", "a" * 120 + "/a" * 100),
        ("**/a/**/b", "a/" * 2000),
        ("?*" * 60 + "b", "a" * 250),
        ("[!b]*" * 60 + "b", "a" * 250),
    ],
)
def test_no_glob_takes_for_ever(glob, path):
    assert not glob_pattern(glob).fullmatch(path)


@pytest.mark.parametrize(
    "glob", ["[z-a]", "[a--b]", "[[a]", "[a&&b]", "[\\d]", "[^a]", "[!-]", "a[", "[]", "[!]", "(?P<"]
)
def test_every_set_is_a_pattern(glob):
    assert not glob_pattern(glob).fullmatch("train/x1")


def test_a_set_never_holds_a_slash():
    assert not glob_pattern("a[!x]b").fullmatch("a/b")
    assert not glob_pattern("a[.-0]b").fullmatch("a/b")


def test_a_glob_too_long_or_with_many_crossings_is_refused():
    with pytest.raises(ValueError, match="at most 1,000 characters"):
        glob_pattern("a" * 1001)
    with pytest.raises(ValueError, match=r"at most 2 \*\*"):
        glob_pattern("**/a/**/b/**")
