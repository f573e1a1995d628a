from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.records import canonical
from dsv.records.canonical import MalformedError, Number, decode, encode, encode_parsed, fingerprint

VECTORS = [
    json.loads(line)
    for line in Path(__file__).with_name("canonical_vectors.jsonl").read_text("utf-8").split("\n")
    if line
]
SPELLED = [vector for vector in VECTORS if "canonical" in vector]
REFUSED = [vector["text"] for vector in VECTORS if "refused" in vector]

# Any code points, lone surrogates among them; two that make a pair are one character to every parser.
any_text = st.text(st.characters(exclude_categories=()), max_size=8).map(lambda text: decode(json.dumps(text).encode()))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("vector", SPELLED, ids=lambda vector: vector["text"][:30])
def test_the_published_vectors_hold(vector):
    value = decode(vector["text"].encode())
    assert encode(value).decode() == vector["canonical"]
    assert fingerprint(value).hex() == vector["fingerprint"]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(MalformedError):
        decode(text.encode())


@given(values)
def test_the_form_read_again_has_the_same_form(value):
    form = encode(value)
    assert encode(decode(form)) == form


@given(values)
def test_both_encoders_spell_alike(value):
    assert encode_parsed(value) == canonical._encode_with_care(value)


@given(values)
def test_both_parsers_read_alike(value):
    text = json.dumps(value).encode()
    assert encode(decode(text)) == encode(canonical._decode_with_care(text)) == encode(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_as_itself(number):
    again = decode(encode(number))
    assert again == number
    assert math.copysign(1, again) == math.copysign(1, number)


@given(st.dictionaries(any_text, st.integers(), max_size=5), st.randoms())
def test_the_order_of_members_does_not_count(value, random):
    items = list(value.items())
    random.shuffle(items)
    assert encode(dict(items)) == encode(value)


@pytest.mark.parametrize("one", ["1", "1.0", '"1"', "true"])
@pytest.mark.parametrize("other", ["1", "1.0", '"1"', "true"])
def test_values_of_different_types_differ(one, other):
    same = fingerprint(decode(one.encode())) == fingerprint(decode(other.encode()))
    assert same == (one == other)


def test_numbers_beyond_the_range_of_doubles_keep_their_value():
    assert decode(b"1e400") == decode(b"0.1e401") != decode(b"1e401")
    assert decode(b"-1e400") != decode(b"1e400")


def test_an_exponent_of_thousands_of_digits_is_read():
    assert encode(decode(b"12e" + b"9" * 5000)) == b"1.2e1" + b"0" * 5000


@pytest.mark.parametrize("sign", [b"", b"-"])
def test_an_integer_of_thousands_of_digits_stays_exact(sign):
    digits = sign + b"7" * 5000
    assert encode(decode(digits)) == digits
    assert encode(decode(b'{"a":[' + digits + b"]}")) == b'{"a":[' + digits + b"]}"


def test_a_long_integer_made_in_python_is_spelled():
    assert encode(10**5000) == b"1" + b"0" * 5000


def test_not_a_number_is_never_null():
    assert encode([float("nan"), None]) == b"[NaN,null]"
    assert encode({"a": {"b": float("-inf")}}) == b'{"a":{"b":-Infinity}}'
    assert decode(b"NaN") == Number("NaN") == decode(b"NaN")


def test_invalid_utf8_is_refused_at_its_offset():
    with pytest.raises(MalformedError, match="invalid UTF-8 at byte offset 6"):
        decode(b'{"a":"\xff"}')
    with pytest.raises(MalformedError, match="invalid UTF-8"):
        decode(b'"\xed\xa0\x80"')


def test_nesting_without_end_is_refused():
    with pytest.raises(MalformedError, match="nested too deeply"):
        decode(b"[" * 100_000 + b"]" * 100_000)


def test_a_refusal_says_what_is_wrong():
    with pytest.raises(MalformedError, match=r"^not JSON: extra data \(column 3\)$"):
        decode(b"1 2")


def test_what_json_does_not_know_has_no_form():
    with pytest.raises(TypeError, match="bytes has no canonical form"):
        encode([b"x", Number("NaN")])


def test_the_vectors_shown_in_the_documentation_hold():
    page = (Path(__file__).parents[2] / "docs" / "records.md").read_text("utf-8")
    shown = re.findall(r"^\| `(.+)` \| `(.+)` \| `([0-9a-f]{32})` \|$", page, re.MULTILINE)
    assert len(shown) == 10
    for text, form, digits in shown:
        value = decode(text.encode())
        assert (encode(value).decode(), fingerprint(value).hex()) == (form, digits)
