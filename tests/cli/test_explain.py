"""Why a change asks for its level: with the record and the field that made it so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch


def explanation(repo: Scratch) -> list[dict[str, Any]]:
    (status,) = repo.json("status", "notes", "--explain")["datasets"]
    return status["explanation"]


def test_a_removed_field_is_shown_in_a_record_that_had_it(released: Scratch) -> None:
    records = [{"id": record["id"]} for record in numbered(80)]
    released.records("data/notes/train.jsonl", records)
    released.records("data/notes/test.jsonl", [{"id": record["id"]} for record in numbered(20, start=80)])
    removed = next(each for each in explanation(released) if each["cause"] == "field_removed")
    assert (removed["reason"], removed["field"]) == ("field text removed", "text")
    (example,) = removed["examples"]
    assert (example["key"], example["old"], example["new"]) == (["r80"], {"text": "text of 80"}, {})
    assert (example["file"], example["row"]) == ("test.jsonl", 1)


def test_an_added_field_is_shown_in_the_first_record_that_has_it(released: Scratch) -> None:
    records = numbered(80)
    records[41]["note"] = "new"
    released.records("data/notes/train.jsonl", records)
    (added,) = explanation(released)
    (example,) = added["examples"]
    assert (example["new"], example["row"]) == ({"note": "new"}, 42)
    said = released.dsv("status", "notes", "--explain").stdout
    assert "train.jsonl:42" in said
    assert '+ note: "new"' in said


def test_a_retyped_field_is_shown_as_it_was_and_as_it_is(released: Scratch) -> None:
    records = numbered(80)
    records[7]["text"] = 7
    released.records("data/notes/train.jsonl", records)
    (retyped,) = explanation(released)
    was, now = retyped["examples"]
    assert was["old"] == {"text": "text of 80"}
    assert (now["new"], now["row"]) == ({"text": 7}, 8)


def test_a_changed_share_is_shown_by_a_record_of_each_kind(released: Scratch) -> None:
    records = numbered(80)[1:]
    records[0]["text"] = "other"
    released.records("data/notes/train.jsonl", [*records, {"id": "new", "text": "new"}])
    dry = released.json("bump", "notes", "--explain", "--dry-run")
    (share,) = dry["explanation"]
    assert share["cause"] == "records"
    assert [each["kind"] for each in share["examples"]] == ["modified", "added", "removed"]
    assert "explanation" not in released.json("bump", "notes")


def test_files_without_a_reader_are_named(repo: Scratch) -> None:
    for name in ("a", "b"):
        repo.write(f"data/scans/{name}.png", name)
    repo.write("data/scans/labels.csv", "file,label\na,x\nb,y\n")
    repo.dsv("add", "data/scans")
    repo.write("data/scans/b.png", "another scan")
    (status,) = repo.json("status", "scans", "--explain")["datasets"]
    (share,) = status["explanation"]
    assert (share["cause"], share["files"]) == ("opaque", ["b.png"])
