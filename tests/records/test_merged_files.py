"""The bytes of merged files: what nobody touched stays as it was, and what cannot be merged says why."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import pytest

from dsv.model.reading import Reading
from dsv.records.formats import choose
from dsv.records.merged_file import CannotMergeError, Source, check_records
from dsv.records.three_way import Party, SharedKeyError
from tests.properties.test_merges import merged

Files = Mapping[str, bytes]


def one(base: bytes, ours: bytes, theirs: bytes, *, path: str = "a.jsonl") -> bytes:
    """The merge of one file, which has no conflict."""
    plan, files = merged({path: base}, {path: ours}, {path: theirs})
    assert not plan.record_conflict_count
    assert list(files) == [path]
    return files[path]


LINES = [b'{"id": %d, "v": "%d"}' % (number, number) for number in range(6)]


def lines(*several: bytes, end: bytes = b"\n", last: bytes | None = None, head: bytes = b"") -> bytes:
    return head + end.join(several) + (end if last is None else last)


def test_spelling_order_and_blank_lines_of_other_records_stay() -> None:
    base = lines(LINES[0], b'{"v":"\\u0031" ,"id":1}', b"", LINES[2], LINES[3])
    ours = base.replace(LINES[3], b'{"id": 3, "v": "ours"}')
    theirs = base.replace(LINES[0], b'{"v": "theirs", "id": 0}')
    assert one(base, ours, theirs) == ours.replace(LINES[0], b'{"v": "theirs", "id": 0}')


def test_the_ends_of_lines_are_those_of_the_file_that_the_record_comes_into() -> None:
    base = lines(*LINES[:3], end=b"\r\n")
    ours = lines(LINES[0], b'{"id": 1, "v": "ours"}', LINES[2], end=b"\r\n")
    theirs = lines(*LINES[:3], LINES[5]).replace(b'"0"', b'"theirs"')
    expected = lines(b'{"id": 0, "v": "theirs"}', b'{"id": 1, "v": "ours"}', LINES[2], LINES[5], end=b"\r\n")
    assert one(base, ours, theirs) == expected


def test_a_last_line_without_an_end_gets_one_when_another_follows() -> None:
    base = lines(*LINES[:3], last=b"")
    ours = base.replace(b'"0"', b'"ours"')
    theirs = lines(*LINES[:3], LINES[4], last=b"")
    assert one(base, ours, theirs) == lines(b'{"id": 0, "v": "ours"}', *LINES[1:3], LINES[4])
    edited = base.replace(b'"2"', b'"theirs"')
    assert one(base, ours, edited) == ours.replace(b'"2"', b'"theirs"')


def test_a_byte_order_mark_is_no_part_of_the_first_record() -> None:
    mark = b"\xef\xbb\xbf"
    base = lines(*LINES[:3], head=mark)
    ours, theirs = base.replace(b'"2"', b'"ours"'), base.replace(LINES[0] + b"\n", b"")
    assert one(base, ours, theirs) == lines(LINES[1], b'{"id": 2, "v": "ours"}', head=mark)


def test_the_header_of_a_table_stays_when_all_its_rows_go() -> None:
    base = b"id,v\n1,a\n2,b\n"
    assert one(base, b"id,v\n2,b\n", b"id,v\n1,a\n", path="t.csv") == b"id,v\n"


def test_compressed_files_merge_to_the_same_bytes_each_time() -> None:
    base, ours, theirs = lines(*LINES), lines(*LINES[1:]), lines(*LINES[:5])
    several = [gzip.compress(each) for each in (base, ours, theirs)]
    first, second = (one(*several, path="a.jsonl.gz") for _ in range(2))
    assert first == second
    assert gzip.decompress(first) == lines(*LINES[1:5])


def test_documents_of_one_record_are_replaced_as_a_whole() -> None:
    base = {"a.json": b'{"id": 1, "v": 1}', "b.json": b'{"id": 2,\n "v": 2}'}
    ours = {"a.json": base["a.json"], "b.json": b'{"id": 2, "v": "ours"}'}
    theirs = {"a.json": b'{"id": 1, "v": "theirs"}', "moved/b.json": base["b.json"]}
    plan, files = merged(base, ours, theirs)
    assert not plan.record_conflict_count
    assert files == {"a.json": theirs["a.json"], "moved/b.json": ours["b.json"]}


def test_records_stay_where_the_other_side_put_them_when_one_edits_and_the_other_reshards() -> None:
    base = {"all.jsonl": lines(*LINES)}
    ours = {"all.jsonl": base["all.jsonl"].replace(b'"3"', b'"ours"')}
    theirs = {"x.jsonl": lines(*LINES[:2]), "y.jsonl": lines(*LINES[2:])}
    plan, files = merged(base, ours, theirs)
    assert not plan.record_conflict_count
    assert files == {"x.jsonl": theirs["x.jsonl"], "y.jsonl": theirs["y.jsonl"].replace(b'"3"', b'"ours"')}


def test_a_file_that_one_side_deleted_stays_with_what_the_other_put_into_it() -> None:
    base = {"a.jsonl": lines(*LINES[:3])}
    plan, files = merged(base, {"a.jsonl": lines(*LINES[:4])}, {})
    assert not plan.record_conflict_count
    assert files == {"a.jsonl": lines(LINES[3])}


def test_rows_do_not_come_into_a_table_of_other_columns() -> None:
    base, ours = b"id,v\n1,a\n2,b\n", b"id,v\n1,ours\n2,b\n"
    with pytest.raises(CannotMergeError, match="columns"):
        one(base, ours, b"id,v,w\n1,a,\n2,b,\n3,c,x\n".replace(b",\n2,b,", b",\n2,b,"), path="t.csv")


def test_lists_and_tables_that_both_changed_are_merged_as_a_whole() -> None:
    base = b'[{"id": 1}, {"id": 2}]'
    with pytest.raises(CannotMergeError, match="as a whole"):
        one(base, b'[{"id": 1}, {"id": 2}, {"id": 3}]', b'[{"id": 1}]', path="a.json")


def test_a_line_that_is_no_record_is_not_lost_silently(tmp_path) -> None:
    (tmp_path / "a").write_bytes(b'{"id": 1}\nnot JSON\n')
    source = Source(str(tmp_path / "a"), "a.jsonl")
    with pytest.raises(CannotMergeError, match="line 2"):
        check_records(source, reading=Reading())
    assert choose("a.jsonl", Reading()) is not None


def test_a_key_that_several_records_share_tells_none_apart() -> None:
    twice = lines(LINES[0], LINES[1], LINES[0].replace(b'"0"', b'"again"'))
    with pytest.raises(SharedKeyError):
        merged({"a.jsonl": lines(LINES[1])}, {"a.jsonl": twice}, {"a.jsonl": lines(LINES[1], LINES[2])})


def test_a_record_moved_to_two_splits_is_a_conflict_and_to_two_files_of_one_is_none() -> None:
    base: Files = {"rest.jsonl": lines(*LINES)}

    def moved(path: str) -> Files:
        return {"rest.jsonl": lines(*LINES[1:]), path: lines(LINES[0])}

    assert merged(base, moved("train.jsonl"), moved("test.jsonl"))[0].record_conflict_count == 1
    plan, files = merged(base, moved("x.jsonl"), moved("y.jsonl"))
    assert (plan.record_conflict_count, files["x.jsonl"], files["y.jsonl"]) == (0, lines(LINES[0]), b"")
    taken = merged(base, moved("train.jsonl"), moved("test.jsonl"), Party.THEIRS)[1]
    assert (taken["train.jsonl"], taken["test.jsonl"]) == (b"", lines(LINES[0]))
