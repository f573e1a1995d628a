"""`dsv which`: every version that holds a record, a key or a file, without the data."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

import dsv
from dsv.errors import NoPathError, UsageError
from tests.conftest import Scratch, numbered

PACKS = ".dvc/cache/files/md5"
NOTES = ["notes@2.0.0", "notes@1.0.2", "notes@1.0.1", "notes@1.0.0"]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """`notes` in four versions, keyed, and beside it `words`, one string a line, and `shots`, of images.

    The files of `notes` are renamed in 1.0.2, so that r80 goes from no split to the split test.
    """
    scratch = Scratch(tmp_path_factory.mktemp("which"))
    scratch.dsv("init", "--git")
    scratch.records("data/notes/train.jsonl", numbered(80))
    scratch.records("data/notes/more.jsonl", numbered(20, start=80))
    scratch.dsv("add", "data/notes", "--key", "id", "--split", "train=train*", "--split", "test=test*")
    scratch.records("data/notes/train.jsonl", [*numbered(80), {"id": "r500", "text": "later"}])
    scratch.dsv("bump", "notes")
    (scratch.root / "data/notes/more.jsonl").rename(scratch.root / "data/notes/test.jsonl")
    scratch.dsv("bump", "notes")
    scratch.records("data/notes/train.jsonl", [*numbered(80), {"id": 500, "text": "a number"}])
    scratch.dsv("bump", "notes")
    scratch.write("data/words/all.txt", "apple\npear\napple\n")
    scratch.dsv("add", "data/words", "--format", "text")
    scratch.write("data/shots/one.png", b"\x89PNG one")
    scratch.write("data/shots/two.png", b"\x89PNG two")
    scratch.dsv("add", "data/shots")
    return scratch


def places(document: dict[str, object]) -> list[tuple[object, ...]]:
    """The places of a document, each as (dataset@version, split, file, row)."""
    found = document["versions"]
    assert isinstance(found, list)
    return [(f"{each['dataset']}@{each['version']}", each["split"], each["file"], each["row"]) for each in found]


def test_a_record_is_found_in_every_version_by_its_value_however_it_is_spelled(story):
    said = story.json("which", "--record", '{ "text": "text of \\u0037", "id": "r7" }')
    assert said["found"] is True
    assert places(said) == [(version, "train", "train.jsonl", 8) for version in NOTES]
    assert said["totals"][0] == {"dataset": "notes", "version": "2.0.0", "repository": "", "records": 1, "places": 1}
    assert (said["records"], said["searched"], said["unsearched"], said["runs"]) == (1, 6, [], [])


def test_the_split_of_a_file_is_that_of_the_version(story):
    said = story.json("which", "--id", "r80")
    assert places(said) == [
        ("notes@2.0.0", "test", "test.jsonl", 1),
        ("notes@1.0.2", "test", "test.jsonl", 1),
        ("notes@1.0.1", None, "more.jsonl", 1),
        ("notes@1.0.0", None, "more.jsonl", 1),
    ]


def test_a_key_is_tried_as_a_string_and_then_as_a_number(story):
    assert places(story.json("which", "--id", "r500")) == [
        (f"notes@1.0.{patch}", "train", "train.jsonl", 81) for patch in (2, 1)
    ]
    assert places(story.json("which", "--id", "500")) == [("notes@2.0.0", "train", "train.jsonl", 81)]


def test_a_key_is_followed_through_versions_in_which_its_record_changes(repo):
    history = (["old", "x"], ["new", "x"], ["old", "y"], ["x"], ["old", "new"])
    for major, texts in enumerate(history, 1):
        records = [{"id": number, "text": text} for number, text in enumerate(texts, 7 if len(texts) > 1 else 8)]
        repo.records("data/rows/all.jsonl", records)
        start = ("add", "data/rows", "--key", "id") if major == 1 else ("bump", "rows")
        repo.dsv(*start, "--version", f"{major}.0.0")
    found = repo.json("which", "--id", "7")["versions"]
    assert [(each["version"], each["row"]) for each in found] == [
        ("5.0.0", 1),
        ("3.0.0", 1),
        ("2.0.0", 1),
        ("1.0.0", 1),
    ]


def test_every_record_is_found_that_shares_a_key_where_that_was_allowed(repo):
    twice = [{"id": "a", "text": "one"}, {"id": "a", "text": "two"}]
    repo.records("data/rows/all.jsonl", twice[:1])
    repo.dsv("add", "data/rows", "--key", "id")
    repo.records("data/rows/all.jsonl", twice)
    repo.dsv("bump", "rows", "--waive", "key=both are right", "--version", "2.0.0")
    repo.records("data/rows/all.jsonl", twice[:1])
    repo.dsv("bump", "rows", "--version", "3.0.0")
    found = repo.json("which", "--id", "a")["versions"]
    assert [(each["version"], each["row"]) for each in found] == [
        ("3.0.0", 1),
        ("2.0.0", 1),
        ("2.0.0", 2),
        ("1.0.0", 1),
    ]


def test_a_key_of_several_fields_is_given_as_a_list(repo):
    repo.records("data/rows/all.jsonl", [{"doc": "a", "page": page, "text": "x"} for page in range(3)])
    repo.dsv("add", "data/rows", "--key", "doc", "--key", "page")
    assert places(repo.json("which", "--id", '["a", 2]')) == [("rows@1.0.0", None, "all.jsonl", 3)]
    for other in ("a", '["a"]', '["a", "2"]', '["a", 2, 3]'):
        assert repo.json("which", "--id", other, code=10)["found"] is False


def test_a_text_is_the_record_that_is_exactly_this_string(story):
    said = story.json("which", "--text", "apple")
    assert places(said) == [("words@1.0.0", None, "all.txt", 1), ("words@1.0.0", None, "all.txt", 3)]
    assert said["totals"] == [{"dataset": "words", "version": "1.0.0", "repository": "", "records": 1, "places": 2}]
    assert story.json("which", "--text", "app", code=10)["found"] is False


def test_an_image_is_found_by_its_bytes_wherever_the_copy_lies(story, tmp_path):
    (tmp_path / "other name.jpeg").write_bytes(b"\x89PNG two")
    said = story.json("which", "--file", str(tmp_path / "other name.jpeg"))
    assert places(said) == [("shots@1.0.0", None, "two.png", 1)]


def test_an_image_beside_labels_is_found_too(repo, tmp_path):
    repo.records("data/cats/labels.jsonl", [{"image": "a.png", "label": "cat"}])
    repo.write("data/cats/a.png", b"\x89PNG a cat")
    repo.dsv("add", "data/cats")
    (tmp_path / "cat.png").write_bytes(b"\x89PNG a cat")
    assert places(repo.json("which", "--file", str(tmp_path / "cat.png"))) == [("cats@1.0.0", None, "a.png", 1)]


def test_every_record_of_a_file_is_looked_up_and_says_which_one_it_is(story, tmp_path):
    lines = [
        {"id": "new", "text": "?"},
        *numbered(2, start=79),
        {"id": "r500", "text": "later"},
        *numbered(1, start=79),
    ]
    (tmp_path / "some.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    said = story.json("which", "--file", str(tmp_path / "some.jsonl"))
    assert said["records"] == 5
    assert [(each["version"], each["records"], each["places"]) for each in said["totals"]] == [
        ("2.0.0", 3, 2),
        ("1.0.2", 4, 3),
        ("1.0.1", 4, 3),
        ("1.0.0", 3, 2),
    ]
    newest = [(each["file"], each["row"], each["record"]) for each in said["versions"] if each["version"] == "1.0.2"]
    assert newest == [("test.jsonl", 1, 3), ("train.jsonl", 80, 2), ("train.jsonl", 81, 4)]
    text = story.dsv("which", "--file", str(tmp_path / "some.jsonl")).stdout
    assert "4 of 5" in text
    assert "3 of 5" in text


def test_the_records_of_a_table_are_those_of_the_same_lines_of_json(repo, tmp_path):
    repo.write("data/rows/all.csv", "a,b\n1,x\n2,y\n")
    repo.dsv("add", "data/rows")
    (tmp_path / "one.jsonl").write_text('{"b": "y", "a": "2"}\n')
    assert places(repo.json("which", "--file", str(tmp_path / "one.jsonl"))) == [("rows@1.0.0", None, "all.csv", 2)]


def test_a_data_file_is_found_by_the_first_digits_of_its_sha256(story):
    digest = hashlib.sha256((story.root / "data/notes/test.jsonl").read_bytes()).hexdigest()
    wanted = [(version, "test", "test.jsonl", None) for version in NOTES[:2]]
    wanted += [(version, None, "more.jsonl", None) for version in NOTES[2:]]
    for digits in (digest[:8], digest.upper(), f"sha256:{digest[:12]}"):
        assert places(story.json("which", "--sha256", digits)) == wanted
    assert story.json("which", "--sha256", "0" * 8, code=10)["found"] is False


def test_what_is_in_no_version_is_an_answer_and_exit_10(story):
    said = story.dsv("which", "--text", "nowhere", code=10)
    assert (said.stdout, said.stderr) == ("not found in 6 versions\n", "")
    document = story.json("which", "--text", "nowhere", code=10)
    assert document == {
        "found": False,
        "versions": [],
        "totals": [],
        "records": 1,
        "runs": [],
        "searched": 6,
        "unsearched": [],
    }


def test_only_the_named_datasets_are_searched(story):
    assert story.json("which", "words", "--text", "apple")["searched"] == 1
    assert story.json("which", "notes", "shots", "--text", "apple", code=10)["searched"] == 5
    assert "notes" in story.refused("which", "nots", "--text", "apple", code=10, kind="no_dataset")["hint"]


def test_versions_with_the_same_place_are_one_line(story):
    lines = story.dsv("which", "--id", "r80").stdout.splitlines()
    assert lines == [
        "dataset  version                      split  place",
        "notes    1.0.2 to 2.0.0 (2 versions)  test   test.jsonl:1",
        "notes    1.0.0 to 1.0.1 (2 versions)         more.jsonl:1",
    ]


def test_a_version_between_that_does_not_hold_it_parts_the_line(repo):
    for version, text in (("1.0.0", "a"), ("2.0.0", "b"), ("3.0.0", "a"), ("4.0.0", "a")):
        repo.records("data/rows/all.jsonl", [{"text": text}, {"text": version}])
        repo.dsv(*(("add", "data/rows") if version == "1.0.0" else ("bump", "rows")), "--version", version)
    assert repo.dsv("which", "--record", '{"text": "a"}').stdout.splitlines()[1:] == [
        "rows     3.0.0 to 4.0.0 (2 versions)  all.jsonl:1",
        "rows     1.0.0                        all.jsonl:1",
    ]


def test_many_places_of_a_version_are_counted_and_the_first_listed(repo):
    repo.records("data/rows/all.jsonl", [{"text": "same"}] * 250)
    repo.dsv("add", "data/rows")
    said = repo.json("which", "--record", '{"text": "same"}')
    assert [each["row"] for each in said["versions"]] == list(range(1, 101))
    assert said["totals"][0]["places"] == 250
    assert len(repo.json("which", "--record", '{"text": "same"}', "--limit", "7")["versions"]) == 7
    assert repo.dsv("which", "--record", '{"text": "same"}').stdout.splitlines()[-1].endswith("and 245 more places")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--text", "a", "--id", "a"],
        ["--record", "{"],
        ["--record", "a"],
        ["--record", '{"a": "\udcff"}'],
        ["--sha256", "1234567"],
        ["--sha256", "x" * 8],
        ["--sha256", "a" * 65],
    ],
    ids=["nothing", "two", "no json", "no quotes", "no utf-8", "short", "no digits", "long"],
)
def test_what_cannot_be_asked_for_is_refused(story, arguments):
    story.refused("which", *arguments, code=2, kind="usage")


@pytest.mark.parametrize("name", ["nowhere", "directory", "pipe"])
def test_a_file_that_is_none_is_refused(story, tmp_path, name):
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    story.refused("which", "--file", str(tmp_path / name), code=10, kind="no_path")


def test_a_file_that_its_reader_cannot_read_is_asked_for_as_a_whole(story, tmp_path):
    (tmp_path / "broken.parquet").write_bytes(b"\x89PNG two")
    assert places(story.json("which", "--file", str(tmp_path / "broken.parquet")))[0][0] == "shots@1.0.0"


def test_an_empty_file_is_in_no_version(story, tmp_path):
    (tmp_path / "empty.jsonl").touch()
    assert story.json("which", "--file", str(tmp_path / "empty.jsonl"), code=10)["found"] is False


def test_it_needs_neither_data_nor_work_tree_and_copies_nothing(story, clone_of, tmp_path):
    clone = clone_of(story)
    shutil.copytree(story.root / PACKS, clone.root / PACKS)
    for path in (clone.root / PACKS).rglob("*"):
        if path.is_file() and path.read_bytes()[:1] == b"{":
            path.unlink()
    before = clone.tree(".dvc"), clone.tree("manifests")
    assert len(clone.json("which", "--id", "r7")["versions"]) == 4
    assert (clone.tree(".dvc"), clone.tree("manifests")) == before
    assert not (clone.root / ".git/dsv/indexes").exists()


def test_versions_without_an_index_here_are_named_not_made_again(story, clone_of):
    clone = clone_of(story)
    document = clone.json("which", "notes", "--id", "r7", code=10)
    assert document["found"] is False
    assert document["unsearched"] == NOTES
    said = clone.dsv("which", "--id", "r7", code=10).stdout
    assert "  notes 1.0.0 to 2.0.0 (4 versions)\n" in said
    assert "dsv fetch --index" in said


def test_an_index_in_the_work_tree_serves_where_the_cache_has_none(repo):
    repo.records("data/notes/all.jsonl", numbered(3))
    repo.dsv("add", "data/notes")
    shutil.rmtree(repo.root / PACKS)
    found = repo.json("which", "--record", json.dumps(numbered(3)[1]))
    assert places(found) == [("notes@1.0.0", None, "all.jsonl", 2)]
    (repo.root / "manifests/notes/index/1.0.0/SHA256SUMS").write_text("0" * 64 + "  all.jsonl\n")
    assert repo.json("which", "--text", "a", code=10)["unsearched"] == ["notes@1.0.0"]


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"x" + data[1:], lambda _: b""])
def test_a_damaged_index_is_told_of_and_counts_as_missing(released, damage):
    record = json.dumps(numbered(1)[0])
    shutil.rmtree(released.root / "manifests/notes/index")
    assert released.json("which", "--record", record)["found"]
    for path in (released.root / PACKS).rglob("*"):
        if path.is_file() and path.read_bytes().startswith(b"dsvrec1\0"):
            path.chmod(0o644)
            path.write_bytes(damage(path.read_bytes()))
    said = released.dsv("which", "--record", record, "--json", code=10)
    assert said.json["unsearched"] == ["notes@1.0.0"]
    assert "notes@1.0.0 cannot be used" in said.stderr


def run_event(scratch: Scratch, name: str, *, version: str, run: object, at: str, event: str = "run") -> None:
    """What a command that records runs writes."""
    scratch.write(
        f"manifests/notes/events/{name}.yaml",
        f'schema: 1\nevent: {event}\ndataset: notes\nversion: "{version}"\nat: "{at}"\nby: Ana <ana@example.com>\n'
        f'reason: ""\ndata: {json.dumps({"id": run, "model": "m"})}\n',
    )


def test_the_runs_that_used_the_versions_are_named_newest_first(released):
    run_event(released, "20261122T073000Z-run-1a2b3c4d", version="1.0.0", run="train-7", at="2026-11-22T07:30:00Z")
    run_event(released, "20261123T073000Z-run-1a2b3c4e", version="1.0.0", run="train-8", at="2026-11-23T07:30:00Z")
    run_event(released, "20261124T073000Z-run-1a2b3c4f", version="9.0.0", run="train-9", at="2026-11-24T07:30:00Z")
    run_event(
        released, "20261124T073000Z-yank-1a2b3c4f", version="1.0.0", run="x", at="2026-11-24T07:30:00Z", event="yank"
    )
    record = json.dumps(numbered(1)[0])
    assert released.json("which", "--record", record)["runs"] == []
    released.git("add", "manifests")
    released.git("commit", "-qm", "Runs")
    runs = released.json("which", "--record", record)["runs"]
    assert [(each["id"], each["dataset"], each["version"], each["at"]) for each in runs] == [
        ("train-8", "notes", "1.0.0", "2026-11-23T07:30:00Z"),
        ("train-7", "notes", "1.0.0", "2026-11-22T07:30:00Z"),
    ]
    assert runs[0]["data"] == {"id": "train-8", "model": "m"}
    assert released.json("which", "--text", "nowhere", code=10)["runs"] == []
    assert "train-8  notes@1.0.0  2026-11-23" in released.dsv("which", "--record", record).stdout


@pytest.mark.parametrize("text", ["schema: 1\n", "- a\n", "\x00", "schema: 9\nevent: run\n"])
def test_an_event_that_cannot_be_read_is_told_of_and_left_out(released, text):
    released.write("manifests/notes/events/20261122T073000Z-run-1a2b3c4d.yaml", text)
    released.git("add", "manifests")
    released.git("commit", "-qm", "An event")
    said = released.dsv("which", "--record", json.dumps(numbered(1)[0]), "--json")
    assert (said.json["found"], said.json["runs"]) == (True, [])
    assert "events/20261122T073000Z-run-1a2b3c4d.yaml" in said.stderr


def test_names_of_files_cannot_act_on_the_terminal(repo):
    repo.records("data/odd/a\x1b[31m.jsonl", [{"text": "x"}])
    repo.dsv("add", "data/odd")
    said = repo.dsv("which", "--record", '{"text": "x"}').stdout
    assert "\x1b" not in said
    assert "a\\x1b[31m.jsonl:1" in said


def test_a_version_that_only_a_tag_holds_is_searched(released):
    released.git("checkout", "-q", "-b", "side")
    released.records("data/notes/more.jsonl", numbered(1, start=900))
    released.dsv("bump", "notes")
    released.git("checkout", "-q", "main")
    assert [each["version"] for each in released.json("which", "--id", "r3")["versions"]] == ["1.0.1", "1.0.0"]


def test_the_python_twin_gives_the_same_answer(story, tmp_path):
    repo = dsv.open(str(story.root))
    record = numbered(1, start=7)[0]
    assert repo.which(record=record).document() == story.json("which", "--record", json.dumps(record))
    assert repo.which("words", text="apple").document() == story.json("which", "words", "--text", "apple")
    assert repo.which(record=None).found is False
    assert [each.reference for each in repo.which(id="500").holders] == ["notes@2.0.0"]
    with pytest.raises(UsageError):
        repo.which()
    with pytest.raises(UsageError):
        repo.which(id="a", text="b")
    with pytest.raises(UsageError):
        repo.which(record=object())
    with pytest.raises(NoPathError):
        repo.which(file=str(tmp_path / "nowhere"))


def test_it_works_before_the_first_release(repo, tmp_path: Path):
    assert repo.json("which", "--text", "a", code=10)["searched"] == 0
    assert repo.dsv("which", "--text", "a", cwd=tmp_path / "repo", code=10).stdout == "not found in 0 versions\n"
