from __future__ import annotations

import gzip
import tracemalloc
from io import BufferedReader, BytesIO

import pytest

from dsv.model.reading import Reading
from dsv.records.formats import CannotReadError, Malformed, choose, contents_of, format_names


def read(name: str, content: bytes):
    """The format found and the records, a malformed one as (line, Malformed)."""
    stream = BufferedReader(BytesIO(content))
    contents = contents_of(choose(name, Reading()), stream, path=name)
    found = [(line, value) if isinstance(value, Malformed) else value for line, value in contents.records]
    return contents.format, found


def records(name: str, content: bytes):
    return read(name, content)[1]


THREE = b'{"id":1}\n{"id":2}\n{"id":3}\n'


@pytest.mark.parametrize(
    "content",
    [
        THREE,
        THREE[:-1],
        THREE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + THREE,
        b"\n \n" + THREE.replace(b"\n", b"\n\n  \t\r\n"),
        b"\n".join(b" " + line for line in THREE.split(b"\n")),
    ],
    ids=["plain", "no final newline", "CRLF", "byte order mark", "blank lines", "indented"],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "A.JSONL"])
def test_json_lines_are_the_same_records_however_the_lines_are_written(name, content):
    assert read(name, content) == ("jsonl", [{"id": 1}, {"id": 2}, {"id": 3}])


def test_a_bad_line_is_named_and_the_next_one_is_read():
    one, bad, three = records("a.jsonl", b'{"a":1}\n{"a":\n{"a":3}\n')
    assert (one, three) == ({"a": 1}, {"a": 3})
    assert bad[0] == 2
    assert "not JSON" in bad[1].reason


def test_a_file_cut_off_in_its_last_line_has_a_bad_record():
    *good, bad = records("a.jsonl", b'{"a":1}\n{"a":2}\n{"a":3')
    assert good == [{"a": 1}, {"a": 2}]
    assert bad[0] == 3


def test_two_objects_on_a_line_are_a_bad_line():
    assert records("a.jsonl", b'{"a":1}{"a":2}\n') == [(1, Malformed("not JSON: extra data (column 8)"))]


def test_a_line_that_is_not_utf8_is_bad_at_its_offset():
    found = records("a.jsonl", b'{"a":1}\n{"a":"\xe9"}\n{"a":3}\n')
    assert found[1] == (2, Malformed("invalid UTF-8 at byte offset 6"))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_json_cannot_be_read(name, encoding):
    with pytest.raises(CannotReadError, match=r"^not UTF-8 \(UTF-16\)$"):
        read(name, "\ufeff{}".encode(encoding))


def test_a_carriage_return_ends_no_line():
    assert records("a.jsonl", b'{"a":1}\r{"a":2}\r')[0][0] == 1


def test_unicode_line_separators_end_no_line():
    content = '{"a":"\u2028\u2029\u0085"}\n{"a":"\x7f"}\n'.encode()
    assert records("a.jsonl", content) == [{"a": "\u2028\u2029\u0085"}, {"a": "\x7f"}]


def test_scalars_and_lists_are_records():
    assert records("a.jsonl", b'null\n1\n"x"\n[1,2]\ntrue\n') == [None, 1, "x", [1, 2], True]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv"])
@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_holds_no_records(name, content):
    assert records(name, content) == []


def test_a_line_beyond_all_measure_is_one_bad_record(monkeypatch):
    monkeypatch.setattr("dsv.records.formats.jsonl.LARGEST_RECORD", 16)
    found = records("a.jsonl", b'{"a":1}\n"' + b"x" * 50 + b'"\n{"a":3}\n')
    assert found[0] == {"a": 1}
    assert found[1][0] == 2
    assert found[2] == {"a": 3}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[]", []),
        (b"[ ]\n", []),
        (b'[{"a":1},\n {"a":2}]\n', [{"a": 1}, {"a": 2}]),
        (b'\xef\xbb\xbf\n\n[1, [2], "\\ud800"]', [1, [2], "\ud800"]),
        (b"[1e5, NaN]", None),
        (b'{"a": [1, 2]}', [{"a": [1, 2]}]),
        (b'{\n"a": 1\n}\n\n', [{"a": 1}]),
        (b"3", [3]),
    ],
)
def test_an_array_holds_a_record_per_element_and_any_other_document_is_one(content, expected):
    format_name, found = read("a.json", content)
    assert format_name == "json"
    assert len(found) == 2 if expected is None else found == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[\n  {"a": 1},\n  // no\n  {"a": 2}\n]\n', "line 3"),
        (b'[\n  {"a": 1},\n]\n', "line [23]"),
        (b'\n{\n  "a": 1,\n}\n', "line [34]"),
        (b'{"a": 1} tail', "line 1"),
        (b'{\n"a": 1\n}\n{\n"a": 2\n}\n', "extra data .* in line 4"),
        (b'[1,\n"\xff"]', "invalid UTF-8"),
        (b"<html>", "not JSON"),
        (b"\0" * 10, "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    ],
)
def test_a_document_that_is_no_json_cannot_be_read_and_says_where(content, reason):
    with pytest.raises(CannotReadError, match=reason):
        read("a.json", content)


def test_json_lines_inside_json_may_have_a_bad_line():
    format_name, found = read("a.json", b'\n{"a":1}\n\n{"a":\n{"a":3}\n')
    assert format_name == "jsonl"
    assert [found[0], found[1][0], found[2]] == [{"a": 1}, 4, {"a": 3}]


def test_a_document_too_large_for_memory_cannot_be_read(monkeypatch):
    monkeypatch.setattr("dsv.records.formats.json_document.LARGEST_DOCUMENT", 100)
    with pytest.raises(CannotReadError, match="JSON Lines has no limit"):
        read("a.json", b"[\n" + b"1,\n" * 100 + b"1]")


def test_cells_are_strings_and_quotes_may_hold_anything():
    content = b'id,text\r\n007,"a, ""b""\nc\rd"\r\n8,=1+1\r\n'
    assert records("a.csv", content) == [{"id": "007", "text": 'a, "b"\nc\rd'}, {"id": "8", "text": "=1+1"}]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("final", [True, False])
def test_line_ends_and_empty_lines_of_csv_do_not_count(end, mark, final):
    content = mark + end.join([b"a,b", b"", b"1,2", b"", b"", b"3,4"]) + (end if final else b"")
    assert records("a.csv", content) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_short_row_is_filled_with_null_and_a_long_one_keeps_its_rest():
    content = b"a,b\n1\n1,2,3,4\n"
    assert records("a.csv", content) == [{"a": "1", "b": None}, {"a": "1", "b": "2", "_extra": ["3", "4"]}]


def test_a_long_row_does_not_overwrite_a_column_named_extra():
    good, bad = records("a.csv", b"a,_extra\n1,2\n1,2,3\n")
    assert good == {"a": "1", "_extra": "2"}
    assert bad[0] == 3


def test_a_header_without_rows_names_the_columns():
    stream = BufferedReader(BytesIO(b"a,b\n"))
    contents = choose("a.csv", Reading()).read(stream)
    assert contents.columns == ("a", "b")
    assert list(contents.records) == []


def test_tsv_is_parted_by_tabs_alone():
    assert records("a.tsv", b'a\tb\n1,2\t"x\ty"\n') == [{"a": "1,2", "b": "x\ty"}]
    assert records("a.tsv", b"a;b\n1;2\n") == [{"a;b": "1;2"}]


def test_a_quote_that_is_never_closed_is_a_bad_record_where_it_opens():
    found = records("a.csv", b'a,b\n1,2\n3,"open\n4,5\n6,7\n')
    assert found == [{"a": "1", "b": "2"}, (3, Malformed("a quote is opened and never closed"))]


def test_loose_quotes_are_read_as_csv_reads_them():
    assert records("a.csv", b'a,b\n"x"y,p"q\n') == [{"a": "xy", "b": 'p"q'}]


def test_a_row_with_a_nul_is_bad_and_the_next_one_is_read():
    found = records("a.csv", b'a,b\n1,"x\ny\0"\n3,4\n')
    assert found == [(2, Malformed("NUL character in line 3")), {"a": "3", "b": "4"}]


def test_a_row_that_is_not_utf8_is_bad_and_the_next_one_is_read():
    found = records("a.csv", "a,b\nä,".encode() + b"\xe9\n3,4\n\xe9,5\n")
    (first, bad), good, (last, again) = found
    assert (first, good, last) == (2, {"a": "3", "b": "4"}, 4)
    assert bad.reason.startswith("invalid UTF-8 at byte offset 3 of line 2 (csv: {encoding:")
    assert again.reason == "invalid UTF-8 at byte offset 0 of line 4"


def test_a_header_that_names_a_column_twice_cannot_be_read():
    with pytest.raises(CannotReadError, match="the column 'a' more than once"):
        read("a.csv", b"a,b,a\n1,2,3\n")


def test_a_header_that_is_not_utf8_cannot_be_read():
    with pytest.raises(CannotReadError, match="header in line 1: invalid UTF-8"):
        read("a.csv", b"a,\xff\n1,2\n")


def test_columns_without_a_name_survive():
    assert records("a.csv", b", ,c\n1,2,3\n") == [{"": "1", " ": "2", "c": "3"}]


def test_a_cell_may_be_long():
    assert records("a.csv", b"a\n" + b"x" * 200_000 + b"\n") == [{"a": "x" * 200_000}]


def test_an_open_quote_does_not_take_the_memory_of_the_file(monkeypatch):
    monkeypatch.setattr("dsv.records.formats.delimited.LARGEST_RECORD", 1000)
    with pytest.raises(CannotReadError, match="the row in line 2 is longer"):
        read("a.csv", b'a,b\n1,"open\n' + b"4,5\n" * 1000)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_compressed_files_hold_the_same_records(name):
    plain = b"".join(b'{"i":%d}\n' % number for number in range(1000))
    parts = gzip.compress(plain[:5000]) + gzip.compress(plain[5000:])
    assert read(name + ".gz", gzip.compress(plain)) == read(name, plain) == read(name + ".GZ", parts)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-4],
        lambda whole: whole + b"tail",
        lambda whole: whole[:-8] + b"\0" * 8,
        lambda whole: whole[:20] + b"\xff" * 20 + whole[40:],
        lambda _: THREE,
    ],
    ids=["empty", "half", "no length", "garbage behind", "checksum", "bytes changed", "not gzip"],
)
def test_a_damaged_gzip_file_cannot_be_read(damage):
    whole = gzip.compress(b"".join(b'{"i":%d}\n' % number for number in range(1000)))
    with pytest.raises(CannotReadError, match="gzip"):
        read("a.jsonl.gz", damage(whole))


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.json.gz", "a.csv.gz"])
def test_a_bomb_of_zeros_takes_bounded_memory(name, monkeypatch):
    for module in ("jsonl", "delimited", "contract"):
        monkeypatch.setattr(f"dsv.records.formats.{module}.LARGEST_RECORD", 1 << 20)
    bomb = gzip.compress(bytes(1 << 26))
    tracemalloc.start()
    try:
        found = records(name, bomb)
        assert len(found) == 1
        assert isinstance(found[0][1], Malformed)
    except CannotReadError:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize(
    ("path", "declared", "expected"),
    [
        ("a/b.jsonl", "auto", "jsonl"),
        ("a/b.NDJSON.gz", "auto", "jsonl"),
        ("a.jsonl/b", "auto", None),
        ("b.txt", "auto", None),
        ("image.png", "auto", None),
        ("b.csv", "jsonl", None),
        ("b.txt", "jsonl", "jsonl"),
        ("part-00000", "jsonl", "jsonl"),
        ("part-00000.gz", "csv", "csv"),
        ("README", "jsonl", None),
        ("README.txt", "csv", None),
        ("b.data", "tsv", "tsv"),
        ("b.jsonl", "opaque", None),
    ],
)
def test_the_suffix_or_the_declaration_chooses_the_format(path, declared, expected):
    chosen = choose(path, Reading(format=declared))
    assert (chosen.name if chosen else None) == expected


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'xml' is not a format: one of auto, jsonl, json, csv, .*, opaque"):
        choose("a.xml", Reading(format="xml"))
    assert format_names()[0] == "auto"
    assert {"jsonl", "json", "csv", "tsv", "parquet", "arrow", "conll", "text", "text-file"} < set(format_names())
