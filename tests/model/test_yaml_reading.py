"""YAML is read strictly: what it says is what is written, and every problem has its place."""

from __future__ import annotations

import pytest
import yaml

from dsv.errors import BadManifestError
from dsv.model import yamltext
from dsv.model.yamltext import ANYTHING, ScalarKind, Wanted, load_value, parse

PARSERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]
TEXT = Wanted(rest=Wanted(scalar=ScalarKind.TEXT, items=Wanted(scalar=ScalarKind.TEXT)))


@pytest.fixture(autouse=True, params=PARSERS, ids=lambda parser: parser.__name__)
def _with_each_parser(request, monkeypatch):
    monkeypatch.setattr(yamltext, "Parser", request.param)


def read(text, wanted=ANYTHING):
    data = text if isinstance(text, bytes) else text.encode()
    return load_value(data, file="f.yaml") if wanted is ANYTHING else parse(data, file="f.yaml").value(wanted)


def refusal(text):
    with pytest.raises(BadManifestError) as caught:
        read(text)
    return [
        f"{each['line']}:{each['column']}: {each['path']}: {each['message']}"
        for each in caught.value.details["problems"]
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, word) for word in ("no", "yes", "on", "Off", "y", "n", "nULL", "tRUE", "010", "-012", "08", "1_000")),
        *((word, word) for word in ("12:30:45", "2026-01-31", "0b11", "1.2.3", "1e", "+", ".", "e3", "=", "00.5")),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1E-2", -0.01),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ('"1"', "1"),
        ("'true'", "true"),
        ("!!str 5", "5"),
        ("!!int 5", 5),
    ],
)
def test_plain_scalars_follow_the_core_schema_of_yaml_1_2(text, value):
    found = read(f"a: {text}\n")["a"]
    assert (found, type(found)) == (value, type(value))


def test_where_text_is_wanted_a_plain_scalar_is_its_literal_text():
    text = "version: 1.10\ntags: [2024, no, 1e3, null, .nan]\nname: 0x1F\nempty:\n"
    assert read(text, TEXT) == {
        "version": "1.10",
        "tags": ("2024", "no", "1e3", "null", ".nan"),
        "name": "0x1F",
        "empty": "",
    }


def test_where_text_may_be_missing_null_is_null():
    wanted = Wanted(rest=Wanted(scalar=ScalarKind.TEXT_OR_NULL))
    assert read('a: null\nb: "null"\nc: 1.0\nd: ~\ne: .inf\n', wanted) == {
        "a": None,
        "b": "null",
        "c": "1.0",
        "d": None,
        "e": ".inf",
    }


def test_keys_are_always_text():
    assert read("1: a\nno: b\n~: c\n? 2.5\n: d\n") == {"1": "a", "no": "b", "~": "c", "2.5": "d"}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n",
            [
                "4:3: b.c: the key stands here for the second time (first in line 3)",
                "5:1: a: the key stands here for the second time (first in line 1)",
            ],
        ),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            ["1:4: a: tags are not taken (got 'tag:yaml.org,2002:python/object/apply:os.system')"],
        ),
        ("a: [1, !!binary aGk=]\n", ["1:8: a[1]: tags are not taken (got 'tag:yaml.org,2002:binary')"]),
        ("a: !mine x\n", ["1:4: a: tags are not taken (got '!mine')"]),
        ("a: !!int x\n", ["1:4: a: tags are not taken (got 'tag:yaml.org,2002:int')"]),
        ("a: 1\n---\nb: 2\n", ["2:1: : another document begins here; the file must hold one"]),
        ("a: &a [*a]\n", ["1:8: : alias 'a' contains itself"]),
        ("a: *b\n", ["1:4: : alias 'b' has no anchor"]),
        (
            "a: {<<: {b: 1}}\n",
            ["1:5: a.'<<': merge keys are not taken (write \"<<\" in quotes for a key of that name)"],
        ),
        ("a: {[1]: 2, {b: 1}: 3}\n", ["1:5: a: a key must be text", "1:13: a: a key must be text"]),
        ("a: b\0c\n", ["1:5: : holds the control character U+0000"]),
        ("a: \x1b[31m\n", ["1:4: : holds the control character U+001B"]),
        ("é: b\u2028c\n", ["1:5: : holds the control character U+2028"]),
        ("a: 1\n".encode("utf-16"), ["1:1: : is not UTF-8 (it begins like UTF-16)"]),
        (b"a: 1\r\nb: \xc3\xa9\xff\n", ["2:5: : is not UTF-8 (byte 0xff)"]),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n", ["2:1: : unresolved merge conflict at line 2"]),
        ("", ["1:1: : is empty"]),
        (" \n\n", ["1:1: : is empty"]),
        ("# only a comment\n", ["1:1: : holds no document"]),
        (
            "a: [.nan, -.inf, 1e400]\n",
            [
                "1:5: a[0]: must be a finite number (got .nan)",
                "1:11: a[1]: must be a finite number (got -.inf)",
                "1:18: a[2]: is beyond the range of numbers (got '1e400')",
            ],
        ),
        (f"a: {'9' * 5000}\n", ["1:4: a: a number of 5000 characters; at most 1000 are allowed"]),
        ("a: " + "[" * 100_000, ["1:103: : is nested deeper than 100"]),
        ("- " * 100_000, ["1:201: : is nested deeper than 100"]),
    ],
)
def test_what_is_refused_is_named_with_line_and_column(text, problems):
    assert refusal(text) == problems


def test_a_tab_cannot_indent():
    (problem,) = refusal("a:\n\tb: 1\n")
    assert problem.startswith("2:1: : is not YAML: ")
    assert problem.endswith("(a tab cannot indent)")


@pytest.mark.parametrize(
    "text", ["a: {b: 1", "a: [1\n", 'a: "x', "a: b: c\n", "a\nb: 1\n", 'a: "\\uD800"\n', 'a: "\\UFFFFFFFF"\n']
)
def test_a_text_that_breaks_off_or_is_no_yaml_is_refused(text):
    assert len(refusal(text)) == 1


def test_an_alias_bomb_is_refused_before_it_expands():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert refusal("\n".join(levels)) == ["3:50: : aliases expand to more than 1,000 values"]


def test_aliases_that_nest_deeply_are_refused():
    levels = ["a0: &a0 " + "[" * 90 + "]" * 90, "a1: &a1 " + "[" * 90 + "*a0" + "]" * 90]
    assert refusal("\n".join(levels)) == ["1:18: : is nested deeper than 100"]


def test_an_alias_stands_for_what_it_names():
    assert read("a: &x [1, {b: 2}]\nc: *x\nd: &y e\n*y : f\n") == {
        "a": [1, {"b": 2}],
        "c": [1, {"b": 2}],
        "d": "e",
        "e": "f",
    }


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter():
    assert read(b"\xef\xbb\xbfa: 1\r\nb: two\r\n") == {"a": 1, "b": "two"}


def test_a_huge_file_is_refused_unread():
    assert refusal(b"a: " + b"x" * (16 << 20)) == ["1:1: : has 16,777,219 bytes; at most 16,777,216 are read"]


def test_a_key_of_a_megabyte_is_shown_short():
    wanted = Wanted(keys={"a": ANYTHING})
    document = parse(f"? {'x' * (1 << 20)}\n: 1\n".encode(), file="f.yaml")
    document.value(wanted)
    assert len(str(document.unknown[0])) < 150
