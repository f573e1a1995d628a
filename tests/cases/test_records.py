"""JSON and JSON Lines as teams have them lying around: exact counts, or a refusal with file and line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cases.conftest import Looked
    from tests.conftest import Scratch

THREE = '{"id":1}\n{"id":2}\n{"id":3}\n'


def bump_after(repo: Scratch, before: str | bytes, after: str | bytes, *, file: str = "a.jsonl") -> dict:
    """The difference that dsv sees when the one file of a dataset goes from one content to another."""
    repo.write(f"data/notes/{file}", before)
    repo.dsv("add", "data/notes")
    repo.write(f"data/notes/{file}", after)
    return repo.json("diff", "notes")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('{"id":1}\n{"id":2}\n{"id":3,"text":"cut o', 3),
        ('{"id":1}\n{"id":\n{"id":3}\n', 2),
        ('{"id":1}{"id":2}\n{"id":3}\n{"id":4}\n', 1),
        (b'{"id":1}\n{"id":"\xff\xfe"}\n{"id":3}\n', 2),
    ],
    ids=["cut off", "bad in the middle", "two objects on a line", "not UTF-8"],
)
def test_a_bad_line_stops_a_release_and_is_named_with_file_and_line(
    refused: Looked, looked_at: Looked, content: str | bytes, line: int
) -> None:
    error = refused({"a.jsonl": content}, kind="record")
    assert error["details"]["count"] == 1
    assert [(each["file"], each["line"]) for each in error["details"]["records"]] == [("a.jsonl", line)]
    assert f"data/notes/a.jsonl:{line}: " in error["message"]
    data = looked_at({}, "--on-bad-record", "keep")["data"]
    assert (data["records"], data["bad_records"]) == (2, 1)


def test_bytes_that_are_no_utf8_are_never_replaced_so_two_bad_files_stay_two(repo: Scratch) -> None:
    repo.write("data/notes/a.jsonl", b'{"id":"\xff"}\n{"id":1}\n')
    repo.dsv("add", "data/notes", "--on-bad-record", "keep")
    repo.write("data/notes/a.jsonl", b'{"id":"\xfe"}\n{"id":1}\n')
    difference = repo.json("diff", "notes")
    assert (difference["files"]["modified"], difference["records"]["unchanged"]) == (1, 1)


def test_a_file_in_utf16_is_named_as_such_and_can_be_kept_as_it_is(refused: Looked, looked_at: Looked) -> None:
    error = refused({"a.jsonl": THREE.encode("utf-16")}, kind="unreadable")
    assert error["details"]["files"] == [{"file": "a.jsonl", "reason": "not UTF-8 (UTF-16)"}]
    data = looked_at({}, "--on-bad-record", "keep")["data"]
    assert (data["format"], data["files"], data["bad_records"]) == ("opaque", 1, 1)


def test_other_line_ends_change_the_bytes_and_no_record(repo: Scratch) -> None:
    difference = bump_after(repo, THREE, THREE.replace("\n", "\r\n"))
    assert (difference["files"]["modified"], difference["records"]["unchanged"]) == (1, 3)
    assert difference["records"]["changed_share"] == 0
    assert difference["level"] == "patch"


def test_a_byte_order_mark_is_no_part_of_the_first_field(looked_at: Looked) -> None:
    manifest = looked_at({"a.jsonl": b"\xef\xbb\xbf" + THREE.encode()})
    assert (manifest["data"]["records"], [field["name"] for field in manifest["fields"]]) == (3, ["id"])


def test_line_separators_of_unicode_stand_inside_a_record(looked_at: Looked) -> None:
    inside = "\u2028\u2029\u0085"
    manifest = looked_at({"a.jsonl": f'{{"a":"{inside}"}}\n{{"a":"\\u000b\\f"}}\n'})
    assert manifest["data"]["records"] == 2
    assert manifest["data"]["bad_records"] == 0


def test_an_old_macs_file_is_one_bad_line_and_says_so(refused: Looked) -> None:
    error = refused({"a.jsonl": THREE.replace("\n", "\r")}, kind="record")
    assert (error["details"]["count"], error["details"]["records"][0]["line"]) == (1, 1)


def test_records_that_are_no_objects_are_released_shown_and_compared(repo: Scratch) -> None:
    difference = bump_after(repo, 'null\n1\n"x"\n[1,2]\n', 'null\n2\n"x"\n[1,2]\n"y"\n')
    assert difference["records"]["unchanged"] == 3
    shown = repo.dsv("diff", "notes", "--records", "5").stdout
    assert '+ "y"' in shown


@pytest.mark.parametrize(
    ("file", "content", "fields"),
    [
        ("a.jsonl", "", []),
        ("a.json", "", []),
        ("a.csv", "", []),
        ("a.json", "[]", []),
        ("a.json", "[\n]\n", []),
        ("a.csv", "id,text\n", ["id", "text"]),
    ],
)
def test_nothing_in_a_file_is_no_records_and_no_division_by_zero(
    repo: Scratch, file: str, content: str, fields: list[str]
) -> None:
    repo.write(f"data/notes/{file}", content)
    manifest = repo.json("add", "data/notes")["manifest"]
    assert (manifest["data"]["records"], manifest["data"]["bad_records"]) == (0, 0)
    assert manifest["data"].get("tokens", {}).get("mean", 0) == 0
    assert [field["name"] for field in manifest["fields"]] == fields
    assert repo.json("diff", "notes")["records"]["changed_share"] == 0
    assert repo.json("check")["ok"]


def test_a_directory_without_a_file_is_refused(repo: Scratch) -> None:
    (repo.root / "data/notes/deeper").mkdir(parents=True)
    error = repo.refused("add", "data/notes", code=30, kind="unsupported_file")
    assert "holds no file" in error["message"]


def test_what_is_not_a_number_equals_itself_and_never_stands_bare_in_json(repo: Scratch) -> None:
    text = '{"a":NaN}\n{"a":Infinity}\n{"a":-Infinity}\n'
    difference = bump_after(repo, text, text.replace(":", ": "))
    assert (difference["records"]["unchanged"], difference["records"]["modified"]) == (3, 0)
    repo.write("data/notes/a.jsonl", text + '{"a":[NaN,1]}\n')

    def no_constant(name: str) -> None:
        raise AssertionError(name)

    said = repo.dsv("diff", "notes", "--records", "9", "--json").stdout
    (example,) = json.loads(said, parse_constant=no_constant)["examples"]
    assert example["new"] == {"a": ["NaN", 1]}


def test_of_a_name_that_stands_twice_the_last_counts_and_the_change_of_bytes_is_told(repo: Scratch) -> None:
    difference = bump_after(repo, '{"a":1,"a":2}\n', '{"a":2}\n')
    assert (difference["records"]["unchanged"], difference["files"]["modified"]) == (1, 1)
    assert difference["level"] == "patch"
    assert difference["reasons"] == ["files changed, but no record did"]


NUMBERS = ["1", "1.0", "-0", "9223372036854775808", "1e400", "123456789012345678901234567890", "9" * 5000]


def test_numbers_keep_every_digit_and_their_kind(repo: Scratch) -> None:
    lines = "".join(f'{{"n":{number}}}\n' for number in NUMBERS)
    repo.write("data/notes/a.jsonl", lines)
    assert repo.json("add", "data/notes")["manifest"]["data"]["records"] == len(NUMBERS)
    for old, new in [
        ("1.0", "1e0"),
        ("-0", "0"),
        ("1e400", "10e399"),
    ]:
        repo.write("data/notes/a.jsonl", lines.replace(f":{old}}}", f":{new}}}"))
        assert repo.json("diff", "notes")["records"]["unchanged"] == len(NUMBERS)
    for old, new in [
        ("1", "1.0"),
        ("9223372036854775808", "9223372036854775809"),
        ("123456789012345678901234567890", "123456789012345678901234567891"),
        ("9" * 5000, "9" * 4999 + "8"),
    ]:
        repo.write("data/notes/a.jsonl", lines.replace(f":{old}}}", f":{new}}}"))
        assert repo.json("diff", "notes", "--records", "3")["records"]["added"] == 1
    repo.dsv("diff", "notes", "--records", "3")


def test_half_a_character_is_hashed_shown_and_listed_without_an_error(repo: Scratch) -> None:
    difference = bump_after(repo, '{"a":"\\ud800"}\n', '{"a":"\\ud800"}\n{"a":"\\udfff","\\udc00":1}\n')
    assert difference["schema"]["added"] == ["\\udc00"]
    assert difference["records"]["added"] == 1
    assert "\\udfff" in repo.dsv("diff", "notes", "--records", "3").stdout
    (example,) = repo.json("diff", "notes", "--records", "3")["examples"]
    assert example["new"] == {"a": "\udfff", "\udc00": 1}
    repo.dsv("bump", "notes")
    assert repo.json("search", "notes")["total"] == 2
    assert "\\\\udc00" in repo.dsv("show", "notes").stdout


def test_lists_nested_without_end_are_refused_and_can_be_kept_as_a_file(refused: Looked, looked_at: Looked) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    error = refused({"a.json": deep, "b.jsonl": deep}, kind="unreadable")
    assert "nested too deeply" in error["message"]
    data = looked_at({}, "--on-bad-record", "keep")["data"]
    assert (data["records"], data["bad_records"], data["files"]) == (0, 2, 2)


def test_twenty_thousand_fields_are_counted_and_told_short(repo: Scratch) -> None:
    wide = "".join(json.dumps({f"field{number}": number}) + "\n" for number in range(20_000))
    difference = bump_after(repo, '{"field1":1}\n', wide)
    assert len(difference["schema"]["added"]) == 19_999
    for said in (repo.dsv("diff", "notes"), repo.dsv("status", "notes")):
        assert len(said.stdout) < 4_000


def test_a_version_of_thousands_of_fields_is_released_and_told_short(repo: Scratch) -> None:
    bump_after(repo, '{"field1":1}\n', json.dumps({f"field{number}": number for number in range(3_000)}))
    assert len(repo.dsv("bump", "notes").stdout) < 4_000
    assert len(repo.json("show", "notes")["fields"]) == 3_000


def test_comments_and_trailing_commas_are_no_json_and_say_where(refused: Looked) -> None:
    error = refused({"a.json": '{\n  // who\n  "a": 1\n}\n', "b.json": '[\n{"a": 1},\n]\n'}, kind="unreadable")
    assert error["details"]["count"] == 2
    assert "a.json: not JSON: " in error["message"]
    assert "b.json: not JSON: " in error["message"]


def test_thousands_of_bad_lines_are_counted_and_ten_of_them_told(repo: Scratch, refused: Looked) -> None:
    pretty = "".join(json.dumps({"a": number, "b": [1, 2]}, indent=2) + "\n" for number in range(2_000))
    error = refused({"a.jsonl": pretty}, kind="record")
    assert error["details"]["count"] > 10_000
    assert len(error["details"]["records"]) == 10
    said = repo.dsv("add", "data/notes", code=30).stderr
    assert "more" in said
    assert len(said.splitlines()) < 20
