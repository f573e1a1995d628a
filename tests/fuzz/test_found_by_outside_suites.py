"""What public suites of hard files showed (docs/conformance.md), as small cases of our own."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from dsv.errors import BadManifestError
from dsv.model import yamltext
from dsv.model.reading import Reading
from dsv.model.yamltext import load_value
from dsv.records.canonical import MalformedError, decode, encode
from dsv.records.present import read_rows
from dsv.records.runs import ROW, SortedRuns
from dsv.records.scan import scan_file

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


def scanned(file):
    with SortedRuns(ROW.size) as runs:
        return scan_file(file, path=file.name, reading=Reading(), key=(), sink=runs.sink(0))


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"])
def test_parquet_texts_are_read_in_every_encoding(tmp_path, encoding):
    texts = ["lease 1", None, "lease 2", "", "lease 2 é"] * 40
    file = tmp_path / "a.parquet"
    table = pa.table({"text": texts, "again": texts})
    pq.write_table(table, file, use_dictionary=["again"], column_encoding={"text": encoding}, row_group_size=70)
    assert scanned(file).records == 200
    rows = read_rows(str(file), path=file.name, reading=Reading(), rows=set(range(1, 201)))
    assert [rows[number] for number in range(1, 201)] == [{"text": text, "again": text} for text in texts]


def test_a_parquet_file_that_unpacks_to_endless_rows_is_refused_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("dsv.records.formats.parquet.LARGEST_RECORD", 1 << 20)
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": ["x" * (3 << 20)]}), file, compression="zstd")
    assert file.stat().st_size < 10_000
    assert scanned(file).unreadable == "rows of 3 MiB; at most 1 are read"
