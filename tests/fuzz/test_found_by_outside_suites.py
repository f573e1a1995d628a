"""What public suites of hard files showed (docs/conformance.md), as small cases of our own."""

from __future__ import annotations

import pytest
import yaml

from dsv.errors import BadManifestError
from dsv.model import yamltext
from dsv.model.yamltext import load_value
from dsv.records.canonical import MalformedError, decode, encode

PARSERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


@pytest.fixture(autouse=True, params=PARSERS, ids=lambda parser: parser.__name__)
def _with_each_parser(request, monkeypatch):
    monkeypatch.setattr(yamltext, "Parser", request.param)


@pytest.mark.parametrize(
    "text", ["[?x]", "{?key: 1, b: 2}", "[a, ?'x']", "a: &end:of line", "- &a%b c", "a: &b: c", "[&x?y 1]"]
)
def test_yaml_that_the_parser_takes_for_something_else_is_refused(text):
    with pytest.raises(BadManifestError):
        load_value(text.encode(), file="f.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a?: b?\n?c: ?d", {"a?": "b?", "?c": "?d"}),
        ("? a\n: b", {"a": "b"}),
        ("{? a : b}", {"a": "b"}),
        ("[' ?', \"?\"]", [" ?", "?"]),
        ("[&a b, *a]", ["b", "b"]),
        ("a: &x 'q'\nb: *x", {"a": "q", "b": "q"}),
        ("é: 😀\nb: {? c : 1}", {"é": "😀", "b": {"c": 1}}),
    ],
)
def test_marks_with_a_space_behind_them_are_read(text, value):
    assert load_value(text.encode(), file="f.yaml") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: |\n  x\n   ", {"a": "x\n \n"}),
        ("- |+\n   ", ["\n"]),
        ("a: |\n  x", {"a": "x\n"}),
        ("a: |-\n  x", {"a": "x"}),
    ],
)
def test_a_last_line_without_an_end_is_a_line(text, value):
    assert load_value(text.encode(), file="f.yaml") == value
    assert load_value(f"{text}\n".encode(), file="f.yaml") == value


@pytest.mark.parametrize("text", [b"[NaN]", b"[Infinity]", b"[-Infinity]"])
def test_of_what_is_no_json_only_the_three_words_for_no_number_are_read(text):
    assert encode(decode(text)) == text
    for other in (text.lower(), text.upper(), text.replace(b"[", b"[+"), text.replace(b"y", b""), text[:3] + b"]"):
        if other != text:
            with pytest.raises(MalformedError):
                decode(other)


def test_names_that_differ_in_normalisation_alone_are_two():
    assert decode(b'{"\\u00e9":1,"e\\u0301":2}') == {"\u00e9": 1, "e\u0301": 2}
