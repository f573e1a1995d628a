"""`dsv add`: data becomes a dataset with a first version."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.repository_state import state_of
from tests.conftest import call, numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Scratch

RELEASE_KEYS = {"dataset", "version", "git_tag", "commit", "level", "reasons", "manifest", "dry_run"}
MANIFEST_KEYS = [
    "schema",
    "dataset",
    "version",
    "type",
    "created_at",
    "created_by",
    "summary",
    "tags",
    "metadata",
    "data",
    "splits",
    "digests",
    "fields",
    "profile",
    "key",
    "reading",
    "change",
    "lineage",
    "quality",
    "validation",
    "checksum",
]
TREE_DIGEST = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum"


def test_the_first_version_is_one_with_a_commit_and_an_annotated_tag(repo: Scratch) -> None:
    repo.records("data/notes/train.jsonl", numbered(8))
    document = repo.json("add", "data/notes", "-m", "First notes")
    assert set(document) == RELEASE_KEYS
    assert {key: document[key] for key in RELEASE_KEYS - {"manifest"}} == {
        "dataset": "notes",
        "version": "1.0.0",
        "git_tag": "notes@v1.0.0",
        "commit": repo.git("rev-parse", "HEAD").strip(),
        "level": "major",
        "reasons": ["first version"],
        "dry_run": False,
    }
    assert repo.git("cat-file", "-t", "notes@v1.0.0").strip() == "tag"
    assert repo.git("rev-parse", "notes@v1.0.0^{commit}").strip() == document["commit"]
    assert repo.git("status", "--porcelain") == ""


def test_the_manifest_says_what_the_data_is(repo: Scratch) -> None:
    repo.records("data/notes/train.jsonl", numbered(8))
    repo.records("data/notes/test.jsonl", [{"id": "t1", "text": None, "score": 3}, {"id": "t2", "text": "a b"}])
    document = repo.json("add", "data/notes", "--key", "id", "-m", "First notes")
    manifest = document["manifest"]
    size = sum(len(content) for content in repo.tree("data/notes").values())
    assert list(manifest) == MANIFEST_KEYS
    assert manifest["data"] == {
        "path": "data/notes",
        "format": "jsonl",
        "files": 2,
        "bytes": size,
        "records": 10,
        "bad_records": 0,
        "tokens": manifest["data"]["tokens"],
    }
    assert manifest["splits"] == {"test": 2, "train": 8}
    assert manifest["fields"] == [
        {"name": "id", "types": ["string"]},
        {"name": "score", "types": ["number"], "counts": {"number": 1}},
        {"name": "text", "types": ["string", "null"], "counts": {"string": 9, "null": 1}},
    ]
    assert manifest["profile"] == [
        {"name": "id", "present": 10, "distinct": 10, "characters": [2] * 7},
        {"name": "score", "present": 1, "distinct": 1, "values": [3] * 7},
        {"name": "text", "present": 10, "nulls": 1, "distinct": 9, "characters": [3, 3, *[9] * 5]},
    ]
    assert manifest["key"] == ["id"]
    assert manifest["created_by"] == "Ana Lima <ana@example.com>"
    assert (manifest["change"]["level"], manifest["change"]["previous"]) == ("major", None)
    assert manifest["lineage"] == []
    assert manifest["change"]["records"]["added"] == 10


def test_the_manifest_in_git_is_the_one_that_was_told(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(3))
    document = repo.json("add", "data/notes.jsonl", "-m", "First notes")
    written = repo.git("show", "HEAD:manifests/notes/1.0.0.yaml")
    assert yaml.safe_load(written) == document["manifest"]
    assert written.splitlines()[0] == "# yaml-language-server: $schema=../.schemas/manifest-1.json"


def test_the_digests_can_be_computed_without_dsv(repo: Scratch) -> None:
    repo.records("data/notes/a b/train.jsonl", numbered(5))
    repo.write("data/notes/z.txt", b"\0\xff")
    digests = repo.json("add", "data/notes")["manifest"]["digests"]
    assert set(digests) == {"tree", "records", "record_form", "dvc", "index"}
    shell = call("bash", "-c", TREE_DIGEST, cwd=repo.root / "data/notes").split()[0]
    assert digests["tree"] == f"sha256:{shell}"
    pointer = yaml.safe_load(repo.read("data/notes.dvc"))
    assert digests["dvc"] == f"md5:{pointer['outs'][0]['md5']}"
    index = yaml.safe_load(repo.read("manifests/notes/1.0.0.dvc"))
    assert digests["index"] == f"md5:{index['outs'][0]['md5']}"
    assert (repo.root / "manifests/notes/index/1.0.0/SHA256SUMS").is_file()


def test_the_record_digest_is_the_same_for_the_same_records_in_other_files(repo: Scratch) -> None:
    records = [{"id": number, "text": f"t{number}", "more": [1, {"a": None}]} for number in range(6)]
    lines = [json.dumps(record) + "\n" for record in records]
    repo.write("data/one.jsonl", "".join(lines))
    repo.write("data/other/b.jsonl.gz", gzip.compress("\r\n".join(line.strip() for line in lines[3:]).encode()))
    repo.write("data/other/a.jsonl", "\n".join(reversed([line.strip() for line in lines[:3]])))
    repo.write("data/array.json", "\ufeff" + json.dumps(records, indent=2))
    repo.write("data/lines.json", "".join(lines))
    found = {
        repo.json("add", path)["manifest"]["digests"]["records"]
        for path in ("data/one.jsonl", "data/other", "data/array.json", "data/lines.json")
    }
    assert len(found) == 1


@pytest.mark.parametrize(
    ("file", "content", "form"),
    [
        ("notes.csv", 'id,text\n1,"a\nb"\n2,\n', "csv"),
        ("notes.tsv", "id\ttext\n1\ta\n2\tb\n", "tsv"),
        ("notes.json", '[{"id": 1}, {"id": 2}]', "json"),
        ("notes.jsonl", '{"id": 1}\n{"id": 2}\n', "jsonl"),
        ("notes.csv.gz", gzip.compress(b"id,text\n1,a\n2,b\n", mtime=0), "csv"),
        ("notes.json.gz", gzip.compress(b'[{"id": 1}, {"id": 2}]', mtime=0), "json"),
    ],
)
def test_each_format_is_known_by_its_suffix(repo: Scratch, file: str, content: str | bytes, form: str) -> None:
    repo.write(f"data/{file}", content)
    data = repo.json("add", f"data/{file}", "--key", "id")["manifest"]["data"]
    assert (data["format"], data["records"], data["files"]) == (form, 2, 1)


def test_a_json_object_is_one_record(repo: Scratch) -> None:
    repo.write("data/config.json", '{"a": [1, 2], "b": {}}')
    manifest = repo.json("add", "data/config.json")["manifest"]
    assert manifest["data"]["records"] == 1
    assert [field["name"] for field in manifest["fields"]] == ["a", "b"]


def test_a_file_without_a_reader_is_a_record_where_there_is_nothing_else(repo: Scratch) -> None:
    for number in range(4):
        repo.write(f"data/scans/train/{number}.png", bytes([number]))
    repo.write("data/scans/test/4.png", b"four")
    manifest = repo.json("add", "data/scans")["manifest"]
    assert (manifest["data"]["format"], manifest["data"]["records"]) == ("opaque", 5)
    assert manifest["splits"] == {"test": 1, "train": 4}
    assert (manifest["fields"], manifest["data"].get("tokens")) == ([], None)


def test_beside_labels_images_are_files_and_labels_the_records(repo: Scratch) -> None:
    for number in range(4):
        repo.write(f"data/scans/{number}.png", bytes([number]))
    repo.write("data/scans/labels.csv", "file,kind\n0.png,lease\n1.png,lease\n")
    manifest = repo.json("add", "data/scans")["manifest"]
    assert (manifest["data"]["format"], manifest["data"]["records"], manifest["data"]["files"]) == ("csv", 2, 5)


def test_a_dataset_may_be_one_file(repo: Scratch) -> None:
    repo.records("data/notes.v2.jsonl", numbered(3))
    document = repo.json("add", "data/notes.v2.jsonl")
    assert (document["dataset"], document["manifest"]["data"]["path"]) == ("notes", "data/notes.v2.jsonl")
    content = (repo.root / "data/notes.v2.jsonl").read_bytes()
    line = f"{hashlib.sha256(content).hexdigest()}  notes.v2.jsonl\n"
    assert document["manifest"]["digests"]["tree"] == f"sha256:{hashlib.sha256(line.encode()).hexdigest()}"
    assert document["manifest"]["digests"]["dvc"] == f"md5:{hashlib.md5(content).hexdigest()}"
    assert repo.git("status", "--porcelain") == ""


def test_what_people_say_stands_in_the_declaration_and_the_manifest(repo: Scratch) -> None:
    repo.records("data/raw/part-1.jsonl", numbered(3))
    repo.records("data/raw/gold.jsonl", numbered(2, start=3))
    repo.write("facts.yaml", "source: SEC filings\ninter_annotator_agreement: 0.95\n")
    document = repo.json(
        *("add", "data/raw", "--name", "leases", "--type", "lease_abstraction", "--description", "Leases we hold"),
        *("--owner", "ana@example.com", "--owner", "bo@example.com", "--key", "id", "--format", "jsonl"),
        *("--split", "train=part-*.jsonl", "--split", "golden=gold.jsonl", "-m", "First\n\nAll of them."),
        *("--tag", "production", "--tag", "customer_data", "--meta-file", "facts.yaml", "--meta", "source=EDGAR"),
        *("--meta", "pages=[1, 2]", "--meta", "quality_score=0.5", "--produced-by", "job:17"),
    )
    manifest = document["manifest"]
    assert yaml.safe_load(repo.read("manifests/leases/dataset.yaml")) == {
        "schema": 1,
        "name": "leases",
        "path": "data/raw",
        "type": "lease_abstraction",
        "description": "Leases we hold",
        "owners": ["ana@example.com", "bo@example.com"],
        "format": "jsonl",
        "key": ["id"],
        "splits": {"train": "part-*.jsonl", "golden": "gold.jsonl"},
    }
    assert manifest["type"] == "lease_abstraction"
    assert manifest["tags"] == ["production", "customer_data"]
    assert manifest["metadata"] == {
        "source": "EDGAR",
        "inter_annotator_agreement": 0.95,
        "pages": [1, 2],
        "quality_score": 0.5,
    }
    assert manifest["quality"] == {"score": 0.5, "source": "metadata", "scorers": []}
    assert manifest["summary"] == "First\n\nAll of them."
    assert manifest["splits"] == {"golden": 2, "train": 3}
    assert manifest["reading"] == {"format": "jsonl", "splits": {"train": "part-*.jsonl", "golden": "gold.jsonl"}}
    message = repo.git("log", "-1", "--format=%B").strip()
    assert message == "leases 1.0.0: First\n\nAll of them.\n\nDsv-Version: leases@1.0.0"


def test_without_a_summary_one_is_computed(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(1200))
    assert repo.json("add", "data/notes.jsonl")["manifest"]["summary"] == "1,200 records in 1 file"


def test_an_existing_declaration_is_used_and_options_override_it(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.write(
        "manifests/notes/dataset.yaml",
        "schema: 1\nname: notes\npath: data/notes\ntype: chat\ndescription: Ours  # kept\nkey: [text]\n",
    )
    document = repo.json("add", "data/notes", "--key", "id")
    assert (document["manifest"]["type"], document["manifest"]["key"]) == ("chat", ["id"])
    declared = yaml.safe_load(repo.git("show", "HEAD:manifests/notes/dataset.yaml"))
    assert (declared["description"], declared["key"]) == ("Ours", ["id"])


def test_a_dataset_may_be_declared_first_and_released_later(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(3))
    declared = repo.json("add", "data/notes.jsonl", "--key", "id", "--no-release")
    assert (declared["dataset"], declared["version"]) == ("notes", None)
    assert repo.git("tag") == ""
    assert repo.json("status", "notes")["datasets"][0]["state"] == "new"
    assert repo.json("bump", "notes")["version"] == "1.0.0"
    assert repo.git("status", "--porcelain") == ""


def test_the_first_version_may_be_named(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(3))
    document = repo.json("add", "data/notes.jsonl", "--version", "0.3.0")
    assert (document["version"], document["git_tag"], document["level"]) == ("0.3.0", "notes@v0.3.0", "major")


def test_the_first_version_is_the_next_major_above_tags_of_gto(repo: Scratch) -> None:
    repo.git("tag", "-am", "by gto", "notes@v1.4.2")
    repo.git("tag", "-am", "another dataset", "other-notes@v7.0.0")
    repo.records("data/notes.jsonl", numbered(3))
    assert repo.json("add", "data/notes.jsonl")["version"] == "2.0.0"


def test_without_a_tag_the_version_exists_all_the_same(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(3))
    document = repo.json("add", "data/notes.jsonl", "--no-tag")
    assert document["git_tag"] is None
    assert repo.git("tag") == ""
    assert repo.json("show", "notes@1.0.0")["git_tag"] is None
    assert repo.json("list")["datasets"][0]["latest"] == "1.0.0"


def test_a_dry_run_writes_nothing_at_all(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(30))
    repo.write("staged.txt", "mine\n")
    repo.git("add", "staged.txt")
    before = state_of(repo)
    document = repo.json("add", "data/notes", "--key", "id", "--dry-run")
    assert state_of(repo) == before
    assert (document["version"], document["commit"], document["dry_run"]) == ("1.0.0", None, True)
    released = repo.json("add", "data/notes", "--key", "id")
    assert document["manifest"]["digests"] == released["manifest"]["digests"]
    assert "30 records" in repo.dsv("show", "notes").stdout


def test_a_second_add_points_to_bump(released: Scratch) -> None:
    error = released.refused("add", "data/notes", code=20, kind="exists")
    assert "dsv bump notes" in error["hint"]


def test_the_sources_of_a_dataset_are_counted(released: Scratch) -> None:
    kept = [record for record in numbered(100) if record["id"] != "r0"]
    released.records("data/gold.jsonl", [{**kept[0], "text": "corrected"}, *kept[1:50], *numbered(5, start=500)])
    document = released.json(
        *("add", "data/gold.jsonl", "--key", "id", "--from", "notes@1.0.0:filter", "--produced-by", "backtest:t1")
    )
    assert document["manifest"]["lineage"] == [
        {
            "ref": "notes@1.0.0",
            "relation": "filter",
            "inherited": 49,
            "new": 5,
            "modified": 1,
            "removed": 50,
            "produced_by": "backtest:t1",
            "digest": released.json("show", "notes@1.0.0")["digests"]["tree"],
        }
    ]


def test_a_source_that_does_not_exist_is_refused_before_anything_is_written(released: Scratch) -> None:
    released.records("data/gold.jsonl", numbered(5))
    before = state_of(released)
    error = released.refused("add", "data/gold.jsonl", "--from", "note@1.0.0", code=10, kind="no_dataset")
    assert error["hint"] == "did you mean notes?"
    released.refused("add", "data/gold.jsonl", "--from", "notes@3.0.0:filter", code=10, kind="no_version")
    assert state_of(released) == before


def test_the_path_counts_from_where_one_is(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(3))
    document = repo.dsv("add", "notes.jsonl", "--json", cwd=repo.root / "data").json
    assert document["manifest"]["data"]["path"] == "data/notes.jsonl"


def test_two_clones_write_the_same_manifest(
    repo: Scratch, clone_of: Callable[[Scratch], Scratch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    texts = []
    for number, each in enumerate((repo, clone_of(repo))):
        order: list[dict[str, Any]] = numbered(20)
        for name in ("b", "a") if number else ("a", "b"):
            each.records(f"data/notes/{name}.jsonl", order[10:] if name == "b" else order[:10])
        each.dsv("add", "data/notes", "--key", "id", "-m", "First")
        texts.append(each.read("manifests/notes/1.0.0.yaml"))
    assert texts[0] == texts[1]
    assert 'created_at: "2026-09-21T14:13:20Z"' in texts[0]


def test_options_over_a_declaration_leave_what_people_wrote_in_it(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    written = "# ask Ana\nname: notes\npath: data/notes  # not data/note\ndescription: ours\n"
    repo.write("manifests/notes/dataset.yaml", written)
    repo.dsv("add", "data/notes", "--key", "id", "--description", "Notes of the team")
    said = repo.read("manifests/notes/dataset.yaml")
    assert said == written.replace("ours", "Notes of the team") + "key: [id]\n"
    assert repo.git("show", "HEAD:manifests/notes/dataset.yaml") == said
    assert repo.json("status")["datasets"][0]["state"] == "clean"
