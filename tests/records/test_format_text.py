"""Plain text and CoNLL: what a record is, and what does not count."""

from __future__ import annotations

import io

import pytest

from dsv.model.reading import Reading
from dsv.records.formats import CannotReadError, Malformed, choose, contents_of


def read(content, declared, name="a.txt"):
    stream = io.BufferedReader(io.BytesIO(content))
    return [value for _, value in contents_of(choose(name, Reading(format=declared)), stream, path=name).records]


def test_text_is_opaque_until_it_is_declared():
    assert choose("a.txt", Reading()) is None
    assert choose("a.md", Reading()) is None
    assert choose("a.txt", Reading(format="text")).name == "text"
    assert choose("part-0001", Reading(format="text-file")).name == "text-file"
    assert choose("README.md", Reading(format="text")) is None
    assert choose("a.jsonl", Reading(format="text")) is None


@pytest.mark.parametrize(
    "content",
    [b"one\n two \nthree", b"one\r\n two \r\nthree\r\n", b"\xef\xbb\xbfone\n\n \t\n two \nthree\n\n"],
    ids=["plain", "CRLF", "mark and blank lines"],
)
def test_a_line_is_a_record_and_white_space_in_it_counts(content):
    assert read(content, "text") == ["one", " two ", "three"]


def test_only_a_line_feed_ends_a_line():
    assert read("a\u2028b\x0cc\rd\n".encode(), "text") == ["a\u2028b\x0cc\rd"]


def test_a_line_that_is_no_text_or_too_long_is_bad_and_the_next_one_is_read(monkeypatch):
    assert read(b"a\nb\xff\nc\n", "text") == ["a", Malformed("invalid UTF-8 at byte offset 1"), "c"]
    for module in ("jsonl", "plain_text"):
        monkeypatch.setattr(f"dsv.records.formats.{module}.LARGEST_RECORD", 16)
    found = read(b"a\n" + b"x" * 50 + b"\nc\n", "text")
    assert (found[0], isinstance(found[1], Malformed), found[2]) == ("a", True, "c")


def test_a_file_is_a_record_whatever_its_line_ends(monkeypatch):
    assert read(b"one\n\ntwo", "text-file") == ["one\n\ntwo"]
    assert read(b"\xef\xbb\xbfone\r\n\r\ntwo\r\n", "text-file") == ["one\n\ntwo"]
    assert read(b"", "text-file") == read(b"\n", "text-file") == []
    assert isinstance(read(b"\xff", "text-file")[0], Malformed)
    monkeypatch.setattr("dsv.records.formats.plain_text.LARGEST_RECORD", 16)
    with pytest.raises(CannotReadError, match="longer than"):
        read(b"x" * 17, "text-file")


CONLLU = b"""\
# sent_id = 1
# text = They buy .
1\tThey\tthey\tPRON
2\tbuy\tbuy\tVERB

# newdoc
1\t#\t#\tSYM
"""


def test_a_block_is_a_record_of_tokens_and_comments():
    assert read(CONLLU, "auto", "a.conllu") == [
        {
            "tokens": [["1", "They", "they", "PRON"], ["2", "buy", "buy", "VERB"]],
            "comments": ["sent_id = 1", "text = They buy ."],
        },
        {"tokens": [["1", "#", "#", "SYM"]], "comments": ["newdoc"]},
    ]


@pytest.mark.parametrize("name", ["a.conll", "a.iob", "a.IOB2"])
def test_columns_are_parted_by_tabs_or_else_by_spaces(name):
    wanted = [{"tokens": [["Ana", "B-PER"], ["Maria", "I-PER"]], "comments": []}]
    assert read(b"\n\nAna B-PER\r\nMaria  I-PER\r\n\r\n\r\n", "auto", name) == wanted
    assert read(b"Ana\tB-PER\nMaria\tI-PER", "auto", name) == wanted
    assert read("New\u00a0York B-LOC".encode(), "auto", name)[0]["tokens"] == [["New\u00a0York", "B-LOC"]]


def test_a_hash_behind_the_first_token_is_a_token():
    assert read(b"a O\n# O\n", "auto", "a.conll") == [{"tokens": [["a", "O"], ["#", "O"]], "comments": []}]


def test_a_bad_block_is_named_and_the_next_one_is_read():
    stream = io.BufferedReader(io.BytesIO(b"a O\n\nb O\n\xff O\n\nc O\n"))
    found = list(choose("a.conll", Reading()).read(stream).records)
    assert [line for line, _ in found] == [1, 3, 6]
    assert found[1][1] == Malformed("invalid UTF-8 at byte offset 0 of line 4")


def test_a_block_without_an_end_does_not_take_the_memory_of_the_file(monkeypatch):
    monkeypatch.setattr("dsv.records.formats.conll.LARGEST_RECORD", 100)
    with pytest.raises(CannotReadError, match="the block in line 3 is longer"):
        read(b"a O\n\n" + b"b O\n" * 100, "auto", "a.conll")
