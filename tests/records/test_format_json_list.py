"""A long JSON list is cut out part by part, and read as if it had been read at once."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.records.canonical import MalformedError, decode
from dsv.records.formats import json_list
from dsv.records.formats.json_member import Place, records_in

values = st.recursive(
    st.none() | st.integers() | st.text('a,"{}[]\\ \n') | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('a,"]}', max_size=2), inner, max_size=3),
    max_leaves=8,
)
SPELLINGS = ({}, {"indent": 1}, {"separators": (" ,\n ", " : ")}, {"separators": (",", ":")})


def read(text: bytes) -> list[object]:
    return list(records_in(bytearray(text), Place()))


@given(
    st.lists(values, max_size=30), st.sampled_from(SPELLINGS), st.sampled_from([1, 7, 64]), st.sampled_from(["", " \n"])
)
def test_the_elements_are_those_of_the_whole_list(elements, spelling, part, around):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_list, "PART", part)
        text = f"{around}{json.dumps(elements, **spelling)}{around}".encode()
        assert read(text) == json.loads(text)


@given(st.lists(values, min_size=1, max_size=9), st.data(), st.sampled_from([1, 7, 64]))
def test_what_is_no_list_is_refused_wherever_it_breaks(elements, data, part):
    text = bytearray(json.dumps(elements).encode())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at : at + data.draw(st.integers(0, 1))] = data.draw(
        st.sampled_from([b",", b"]", b"}", b'"', b"", b"[", b",,"])
    )
    try:
        expected = decode(text)
    except MalformedError:
        expected = None
    if expected is not None and not isinstance(expected, list):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_list, "PART", part)
        if expected is None:
            with pytest.raises(MalformedError):
                read(bytes(text))
        else:
            assert read(bytes(text)) == expected


@pytest.mark.parametrize("late", [b"NaN", b"1e400", b'"\\ud800"', b"[" * 300 + b"]" * 300])
def test_what_only_the_careful_reader_reads_may_come_late(late):
    text = b"[" + b'{"a":1},' * 100_000 + late + b',{"a":2}]'
    found = read(text)
    assert len(found) == 100_002
    assert found[-2:] == decode(b"[" + late + b',{"a":2}]')


def test_a_bad_element_far_behind_is_told_by_its_line():
    with pytest.raises(MalformedError) as refusal:
        read(b"[\n" + b'{"a":1},\n' * 100_000 + b'{"a":}\n]')
    assert refusal.value.line == 100_002


@pytest.mark.parametrize("element", [b"[]", b"1", b"[],{},1"])
def test_small_elements_do_not_take_many_times_their_size(element):
    text = bytearray(b"[" + (element + b",") * (2_000_000 // len(element)) + b"0]")
    tracemalloc.start()
    try:
        count = sum(1 for _ in json_list.elements(memoryview(text)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 2_000_000 // len(element) * (element.count(b",") + 1) + 1
    assert peak < 25_000_000
