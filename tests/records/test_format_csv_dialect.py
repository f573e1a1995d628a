"""How CSV files are spelled: found in the file, told, and declared where that is wrong."""

from __future__ import annotations

import io

import pytest

from dsv.model.csv_reading import CsvReading
from dsv.model.reading import Reading
from dsv.records.formats import CannotReadError, Malformed, choose, contents_of

AB = [{"a": "1", "b": "é"}]


def read(content, *, name="a.csv", **declared):
    """The dialect found and the records."""
    stream = io.BufferedReader(io.BytesIO(content))
    contents = contents_of(choose(name, Reading(csv=CsvReading(**declared))), stream, path=name)
    return contents.dialect, [value for _, value in contents.records]


@pytest.mark.parametrize(
    ("content", "delimiter", "columns"),
    [
        ("a,b\n", ",", ["a", "b"]),
        ("a;b\n", ";", ["a", "b"]),
        ("a\tb\n", "tab", ["a", "b"]),
        ("a|b\n", "|", ["a", "b"]),
        ("a;b|c;d\n", ";", ["a", "b|c", "d"]),
        ("a;b;c,d\n", ",", ["a;b;c", "d"]),
        ('"a,x";b\n', ";", ["a,x", "b"]),
        ('"a;x"\n', ",", ["a;x"]),
        ("alone\n", ",", ["alone"]),
        ("\n\r\n\na;b\n", ";", ["a", "b"]),
        ("a;b|c\n", ";", ["a", "b|c"]),
    ],
)
def test_the_header_line_tells_the_delimiter(content, delimiter, columns):
    dialect, found = read((content + "1").encode())
    assert dialect == f"delimiter={delimiter} encoding=utf-8"
    assert list(found[0]) == columns


def test_a_decimal_comma_is_no_delimiter():
    assert read(b"a;b\n1,5;2\n")[1] == [{"a": "1,5", "b": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_tells_the_encoding(encoding):
    mark = "" if encoding in ("utf-8-sig", "utf-16") else "\ufeff"
    dialect, found = read((mark + "a,b\r\n1,é\r\n").encode(encoding))
    assert found == AB
    assert dialect == f"delimiter=, encoding={'utf-16' if '16' in encoding else 'utf-8'}"


def test_a_mark_is_believed_before_a_declaration():
    assert read("a,b\n1,é\n".encode("utf-8-sig"), encoding="cp1252")[1] == AB
    assert read("a,b\n1,é\n".encode("utf-16"), encoding="cp1252")[1] == AB


def test_utf32_cannot_be_read():
    with pytest.raises(CannotReadError, match=r"^UTF-32$"):
        read("a,b\n1,é\n".encode("utf-32"))


@pytest.mark.parametrize(
    ("content", "declared", "dialect"),
    [
        ("a;b\n1;é\n".encode("cp1252"), {"encoding": "cp1252"}, "delimiter=; encoding=cp1252"),
        ("a,b\n1,é\n".encode("latin-1"), {"encoding": "latin-1"}, "delimiter=, encoding=iso8859-1"),
        ("a,b\n1,é\n".encode("utf-16-be"), {"encoding": "utf-16-be"}, "delimiter=, encoding=utf-16-be"),
        ("a,b\n1,é\n".encode(), {"encoding": "UTF8"}, "delimiter=, encoding=utf-8"),
        ("a:b\n1:é\n".encode(), {"delimiter": ":"}, "delimiter=: encoding=utf-8"),
        ("a,b\n1,'é'\n".encode(), {"quote": "'"}, "delimiter=, encoding=utf-8 quote='"),
    ],
)
def test_what_is_declared_is_read_so(content, declared, dialect):
    assert read(content, **declared) == (dialect, AB)


def test_without_quotes_a_quote_is_a_character():
    dialect, found = read(b'a,b\n"1,"2\n', quote="")
    assert (dialect, found) == ("delimiter=, encoding=utf-8 quote=none", [{"a": '"1', "b": '"2'}])


def test_a_declared_delimiter_leaves_tsv_alone():
    assert read("a\tb\n1\té\n".encode(), name="a.tsv", delimiter=";") == ("delimiter=tab encoding=utf-8", AB)


def test_rows_that_are_no_text_in_their_encoding_are_bad_and_the_next_ones_are_read():
    _, found = read(b"a,b\n1,\x81\n2,x\n", encoding="cp1252")
    assert isinstance(found[0], Malformed)
    assert found[0].reason.startswith("invalid cp1252 in line 2")
    assert found[1] == {"a": "2", "b": "x"}
    odd = "a,b\n1,é\n".encode("utf-16") + b"\x31"
    assert [isinstance(each, Malformed) for each in read(odd)[1]] == [False, True]


def test_line_ends_and_quoted_line_ends_are_the_same_in_every_encoding():
    text = 'a,b\r1,"x\r\ny"\n\n2,"p\rq"\r\n'
    wanted = [{"a": "1", "b": "x\r\ny"}, {"a": "2", "b": "p\rq"}]
    assert read(text.encode())[1] == read(text.encode("utf-16"))[1] == wanted


def test_the_spelling_of_a_file_does_not_change_its_records(build):
    spelled = {
        "a.csv": b"id,text\n1,x\n",
        "b.csv": b"id;text\r\n1;x\r\n",
        "c.csv": "id\ttext\n1\tx\n".encode("utf-16"),
        "d.tsv": b'"id"\t"text"\n"1"\t"x"\n',
    }
    assert len({build({name: content})[1].records_digest for name, content in spelled.items()}) == 1


def test_a_scan_tells_the_dialect(scan):
    assert scan("a.csv", b"a;b\n1;2\n").dialect == "delimiter=; encoding=utf-8"
    assert scan("a.jsonl", b"{}").dialect == ""
