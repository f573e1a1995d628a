"""YAML is written so that every reader takes it for the same values, in the same bytes everywhere."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dsv.errors import BadManifestError
from dsv.model.yamltext import ANYTHING, parse
from dsv.model.yamlwriter import FIT, Layout, Style, is_plain, render

READERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]
AWKWARD = [
    *("no", "yes", "on", "OFF", "y", "N", "null", "~", "", "true", "False", "NULL", "=", "<<"),
    *("1", "010", "0o17", "0x1F", "0b1", "1e3", "1.0", "1.", ".5", "+1", "-1", "1_000", ".inf", ".NaN", "1e", "12e03"),
    *("12:30", "12:30:45", "2026-01-31", "2026-01-31T07:30:00Z", "2026-01-31 07:30:00", "190:20:30"),
    *(" a", "a ", "a  b", "a\tb", "a\nb", "a: b", "a:b", "a #b", "#", "- a", "-", "--- a", "...", "? a", ": a", "a:"),
    *("[a", "a]", "{a", "a}", "a, b", ",", "&a", "*a", "!a", "|", ">", "'a'", '"a"', "%a", "@a", "`a", "\\", "\\n"),
    *("\x00", "\x1b[31m", "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufffe", "\u202e", "\u200b", "\r\n"),
    *("é", "Δ", "中文", "😀", "👩\u200d🚀", "\U0010fffd", "ñandú, 2 años", "x" * 5000, "é" * 1100, "a b " * 1000),
]
texts = st.text() | st.sampled_from(AWKWARD) | st.text(alphabet="019.:-+eExo_ aZT,#~=<>'\"[]{}\n\t")
numbers = st.integers(-(10**400), 10**400) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
layouts = st.sampled_from([FIT, Layout(Style.FLOW), Layout(Style.BLOCK), Layout(items=Layout(Style.BLOCK))])


def same(one, other):
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return isinstance(other, float) and one == other and math.copysign(1, one) == math.copysign(1, other)
    return type(one) is type(other) and one == other


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=st.dictionaries(texts, values, min_size=1, max_size=4), layout=layouts)
@example(value={text: text for text in AWKWARD}, layout=FIT)
@example(value={"a": {text: [text, {text: text}] for text in AWKWARD}}, layout=Layout(keys={"a": Layout(Style.FLOW)}))
def test_every_json_value_reads_back_with_our_reader_and_with_yaml_1_1_readers(value, layout):
    text = render(value, layout=Layout(keys=dict.fromkeys(value, layout)), what="x")
    document = parse(text.encode(), file="x")
    assert same(document.value(ANYTHING), value)
    assert not document.problems
    for reader in READERS:
        assert same(yaml.load(text, reader), value)  # noqa: S506 - safe loaders


@given(texts)
def test_a_plain_text_is_read_as_itself_by_every_rule(text):
    if is_plain(text):
        assert all(yaml.load(text, reader) == text for reader in READERS)  # noqa: S506 - safe loaders


def test_ordinary_words_are_not_quoted_and_doubtful_ones_are():
    value = {
        "a": "Added 2,000 retail leases; fixed dates in 50 records.",
        "b": "50 modified of 5,000",
        "c": "data/leases",
        "d": "Ana Lima <ana@example.com>",
        "e": ["no", "1e3", "a, b", "production", "😀", "中文"],
        "f": "tab\there",
        "g": "\u202egpj.exe",
        "on": "2026-01-31",
    }
    assert render(value, layout=FIT, what="x") == (
        "a: Added 2,000 retail leases; fixed dates in 50 records.\n"
        "b: 50 modified of 5,000\n"
        "c: data/leases\n"
        "d: Ana Lima <ana@example.com>\n"
        'e: ["no", "1e3", "a, b", production, 😀, 中文]\n'
        'f: "tab\\there"\n'
        'g: "\\u202egpj.exe"\n'
        '"on": "2026-01-31"\n'
    )


def test_what_does_not_fit_in_a_line_stands_in_lines():
    value = {"a": {"b": ["x" * 60, "y" * 60, {"c": 1, "d": []}], "e": {}}, "f": [[1, 2], "z" * 120]}
    assert render(value, layout=FIT, what="x") == (
        f"a:\n  b:\n    - {'x' * 60}\n    - {'y' * 60}\n    - {{c: 1, d: []}}\n  e: {{}}\n"
        f"f:\n  - [1, 2]\n  - {'z' * 120}\n"
    )


def test_numbers_are_the_shortest_that_read_back():
    value = {"a": 0.1, "b": 1e22, "c": 1e-7, "d": -0.0, "e": 5e-324, "f": 3, "g": True, "h": None}
    text = "a: 0.1\nb: 1.0e+22\nc: 1.0e-07\nd: -0.0\ne: 5.0e-324\nf: 3\ng: true\nh: null\n"
    assert render(value, layout=FIT, what="x") == text


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("a\ud800", "note.text: holds a lone surrogate, which UTF-8 cannot carry"),
        (math.nan, "note.text: must be a finite number"),
        (10**2000, "note.text: is a number too long to be read again"),
    ],
)
def test_what_yaml_cannot_hold_is_refused_by_its_path(value, problem):
    with pytest.raises(BadManifestError) as caught:
        render({"note": {"text": value}}, layout=FIT, what="manifest of leases 1.0.0")
    assert caught.value.message == f"manifest of leases 1.0.0: {problem}"


def test_what_is_nested_too_deeply_to_be_read_again_is_refused():
    value = "x"
    for _ in range(101):
        value = [value]
    with pytest.raises(BadManifestError, match="nested deeper than 100"):
        render({"a": value}, layout=FIT, what="x")
    text = render({"a": value[0][0]}, layout=FIT, what="x")
    assert parse(text.encode(), file="x").value(ANYTHING) == {"a": value[0][0]}
