"""Formats from end to end: what is declared, found, released and told."""

from __future__ import annotations

import io
import json
import subprocess
import sys

from dsv.model.yamltext import load_value


def parquet(columns) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def declare(repo, **more):
    lines = [
        "schema: 1",
        "name: mixed",
        "path: data/mixed",
        *(f"{key}: {json.dumps(value)}" for key, value in more.items()),
    ]
    repo.write("manifests/mixed/dataset.yaml", "\n".join(lines) + "\n")


def test_every_format_of_a_dataset_is_one_multiset_of_records(repo):
    repo.write("data/mixed/a.csv", "id;text\n1;a,b\n")
    repo.write("data/mixed/b.parquet", parquet({"id": ["2", "3"], "text": ["x", "y"]}))
    repo.write("data/mixed/c.json", json.dumps({"version": 1, "Incidents": [{"id": "4", "text": "z"}]}))
    declare(repo, key=["id"], records={"*.json": "Incidents"})
    manifest = repo.json("add", "data/mixed")["manifest"]
    assert manifest["data"]["records"] == 4
    assert manifest["data"]["dialects"] == {"delimiter=; encoding=utf-8": 1}
    assert manifest["reading"] == {"format": "auto", "splits": {}, "records": {"*.json": "Incidents"}}
    assert [field["name"] for field in manifest["fields"]] == ["id", "text"]

    repo.write("data/mixed/b.parquet", parquet({"id": ["3", "2"], "text": ["y", "new"]}))
    told = repo.json("diff", "mixed", "--records", "5")
    assert told["records"]["modified"] == 1
    assert [(each["old"], each["new"]) for each in told["examples"]] == [
        ({"id": "2", "text": "x"}, {"id": "2", "text": "new"})
    ]
    assert "delimiter=; encoding=utf-8 (1 file)" in repo.dsv("status", "-v").stdout
    assert "delimiter" not in repo.dsv("status").stdout


def test_another_declaration_of_reading_is_a_new_version_of_the_same_bytes(repo):
    repo.write("data/mixed/db.json", json.dumps({"a": {"x": 1}, "b": {"x": 2}}))
    declare(repo)
    assert repo.json("add", "data/mixed")["manifest"]["data"]["records"] == 1
    declare(repo, records={"db.json": "{}"})
    assert repo.json("status")["datasets"][0]["state"] == "changed"
    released = repo.json("bump", "mixed")
    assert released["manifest"]["data"]["records"] == 2
    assert [field["name"] for field in released["manifest"]["fields"]] == ["_key", "_value"]
    repo.refused("bump", "mixed", code=20, kind="nothing_changed")


def test_a_declared_spelling_is_read_recorded_and_used_for_later_looks(repo):
    repo.write("data/mixed/a.csv", "a;b\n1;é\n".encode("cp1252"))
    declare(repo)
    error = repo.refused("add", "data/mixed", code=30, kind="record")
    assert "csv: {encoding:" in error["message"]
    declare(repo, csv={"encoding": "cp1252"})
    manifest = repo.json("add", "data/mixed")["manifest"]
    assert manifest["reading"]["csv"] == {"encoding": "cp1252"}
    assert manifest["data"]["dialects"] == {"delimiter=; encoding=cp1252": 1}
    written = load_value(repo.read("manifests/mixed/1.0.0.yaml").encode(), file="1.0.0.yaml")
    assert written["reading"]["csv"] == {"encoding": "cp1252"}
    repo.write("data/mixed/a.csv", "a;b\n1;è\n".encode("cp1252"))
    assert repo.json("diff", "mixed", "--records", "1")["examples"][0]["new"] == {"a": "1", "b": "è"}


def test_a_spelling_that_cannot_be_is_refused_with_its_place(repo):
    repo.write("data/mixed/a.csv", "a,b\n")
    declare(repo, csv={"delimiter": ";;", "quote": "ab", "encoding": "rot13"})
    problems = repo.refused("add", "data/mixed", code=30, kind="manifest")["details"]["problems"]
    assert len(problems) == 3


def test_a_git_lfs_pointer_is_no_data(repo):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d" * 32 + "\nsize 12345\n"
    repo.write("data/mixed/a.jsonl", '{"a":1}\n')
    for name in ("image.png", "b.jsonl", "c.csv", "d.parquet"):
        repo.write(f"data/mixed/{name}", pointer)
        error = repo.refused("add", "data/mixed", code=30, kind="unreadable")
        assert f"{name}: a Git LFS pointer of {len(pointer)} bytes" in error["message"]
        (repo.root / "data/mixed" / name).unlink()
    repo.write("data/mixed/image.png", pointer)
    manifest = repo.json("add", "data/mixed", "--on-bad-record", "keep")["manifest"]
    assert (manifest["data"]["records"], manifest["data"]["bad_records"]) == (1, 1)


def test_images_with_labels_change_by_the_larger_share(repo):
    for number in range(20):
        repo.write(f"data/mixed/images/{number:02}.png", f"\x89PNG {number}")
    labels = [{"image": f"images/{number:02}.png", "label": "cat"} for number in range(20)]
    repo.records("data/mixed/labels.jsonl", labels)
    declare(repo, key=["image"])
    manifest = repo.json("add", "data/mixed")["manifest"]
    assert (manifest["data"]["format"], manifest["data"]["records"], manifest["data"]["files"]) == ("jsonl", 20, 21)

    repo.write("data/mixed/images/00.png", "\x89PNG another")
    assert repo.json("bump", "mixed")["level"] == "patch"
    for number in range(1, 12):
        repo.write(f"data/mixed/images/{number:02}.png", f"\x89PNG again {number}")
    assert repo.json("bump", "mixed")["level"] == "major"
    labels[0]["label"], labels[1]["label"] = "dog", "dog"
    repo.records("data/mixed/labels.jsonl", labels)
    assert repo.json("bump", "mixed")["level"] == "minor"


def test_images_alone_are_records(repo):
    for number in range(4):
        repo.write(f"data/mixed/{number}.png", f"\x89PNG {number}")
    declare(repo)
    manifest = repo.json("add", "data/mixed")["manifest"]
    assert (manifest["data"]["format"], manifest["data"]["records"]) == ("opaque", 4)


def test_texts_are_records_when_they_are_declared(repo):
    repo.write("data/mixed/a.txt", "one\ntwo\n")
    repo.write("data/mixed/README.md", "about\n")
    lines = repo.json("add", "data/mixed", "--name", "lines", "--format", "text", "--dry-run")["manifest"]
    assert (lines["data"]["format"], lines["data"]["records"]) == ("text", 2)
    whole = repo.json("add", "data/mixed", "--name", "whole", "--format", "text-file", "--dry-run")["manifest"]
    assert (whole["data"]["format"], whole["data"]["records"]) == ("text-file", 1)


def test_a_damaged_parquet_file_is_refused_by_name_and_kept_as_it_is_when_asked(repo):
    repo.write("data/mixed/good.parquet", parquet({"a": [1, 2]}))
    repo.write("data/mixed/broken.parquet", parquet({"a": [1, 2]})[:-20])
    error = repo.refused("add", "data/mixed", code=30, kind="unreadable")
    assert "broken.parquet: not Parquet" in error["message"]
    manifest = repo.json("add", "data/mixed", "--on-bad-record", "keep")["manifest"]
    assert (manifest["data"]["records"], manifest["data"]["bad_records"]) == (2, 1)


def test_commands_that_read_no_data_load_no_reader():
    heavy = "pyarrow", "backports.zstd", "numpy"
    code = f"import dsv.cli.app, dsv.records.formats, sys; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
