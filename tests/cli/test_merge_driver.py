"""git merges a dataset's data record by record, as the driver that `dsv init --merge-driver` installs has it do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import dsv
from dsv.errors import ConflictError
from dsv.repository.writing.lock import exclusive
from tests.cli.merging import branch, change, conflicts, records_in, switch, two_sides, with_driver
from tests.conftest import Scratch, numbered
from tests.plain_dvc import plain_dvc

TRAIN = "data/notes/train.jsonl"
REPORT = "data/notes.dsv-conflicts.md"
OURS = {"edit": {"r1": "ours"}, "remove": ["r2"], "add": {"o1": "new in ours"}}
THEIRS = {"edit": {"r5": "theirs"}, "remove": ["r6"], "add": {"t1": "new in theirs"}}


@pytest.fixture
def driven(repo: Scratch) -> Scratch:
    """A repository with the driver and the dataset `notes`."""
    return with_driver(repo)


def assert_both_sides(repo: Scratch) -> None:
    """Everything that both sides did is in the data, and all else is as it was."""
    expected = {record["id"]: record["text"] for record in numbered(80)}
    expected.update(r1="ours", r5="theirs", o1="new in ours", t1="new in theirs")
    del expected["r2"], expected["r6"]
    assert records_in(repo, TRAIN) == expected


def test_additions_removals_and_edits_of_both_sides_come_together(driven: Scratch) -> None:
    two_sides(driven, OURS, THEIRS)
    before = driven.read(TRAIN).splitlines()
    assert conflicts(driven, "theirs") == []
    status = driven.json("status", "notes")["datasets"][0]
    assert status["state"] == "changed"
    assert "dsv merge notes" in status["problems"][0]

    merged = driven.json("merge")["datasets"]
    assert [(each["dataset"], each["placed"]) for each in merged] == [("notes", True)]
    assert_both_sides(driven)
    after = driven.read(TRAIN).splitlines()
    assert [line for line in after if line in before] == [
        line for line in before if 'r5"' not in line and 'r6"' not in line
    ]
    assert driven.git("status", "--short") == ""
    assert "up to date" in driven.dvc("status")
    assert driven.json("status", "notes")["datasets"][0]["problems"] == []
    done = driven.json("bump", "notes")
    assert (done["version"], done["manifest"]["change"]["previous"]) == ("1.1.1", "1.1.0")
    assert done["manifest"]["change"]["records"] | {"unchanged": 0} == {
        "added": 1, "removed": 1, "modified": 1, "moved": 0, "unchanged": 0, "changed_share": 0.03,
    }  # fmt: skip


def test_a_release_that_would_take_back_the_other_side_is_refused_until_the_data_is_there(driven: Scratch) -> None:
    two_sides(driven, OURS, THEIRS)
    conflicts(driven, "theirs")
    error = driven.refused("bump", "notes", code=20, kind="conflict")
    assert "dsv merge notes" in error["hint"]
    driven.dvc("checkout", "-q", "--force")  # which does as well as dsv merge
    driven.dsv("bump", "notes")
    assert_both_sides(driven)
    assert driven.json("merge")["datasets"] == []


@pytest.mark.heavy
def test_edits_that_no_version_holds_are_kept_when_the_merged_data_comes(driven: Scratch) -> None:
    two_sides(driven, OURS, THEIRS)
    change(driven, TRAIN, edit={"r9": "not released"})
    conflicts(driven, "theirs")
    driven.dsv("merge")
    assert records_in(driven, TRAIN)["r9"] == "not released"
    change(driven, TRAIN, edit={"r9": "text of 9"})
    assert_both_sides(driven)


@pytest.mark.heavy
def test_data_that_was_placed_and_changed_since_is_known_as_such(driven: Scratch) -> None:
    two_sides(driven, OURS, THEIRS)
    conflicts(driven, "theirs")
    driven.dvc("checkout", "-q", "--force")
    change(driven, TRAIN, edit={"r9": "after the merge"})
    before = driven.tree("data")
    driven.dsv("merge", "notes")
    assert driven.tree("data") == before
    driven.dsv("bump", "notes")


@pytest.fixture
def in_conflict(driven: Scratch) -> Scratch:
    """Both sides edited one record, one edited what the other removed, and both did other things."""
    ours = {"edit": {"r1": "ours", "r3": "ours", "r8": "same"}, "remove": ["r7"]}
    theirs = {"edit": {"r5": "theirs", "r3": "theirs", "r7": "theirs", "r8": "same"}}
    two_sides(driven, ours, theirs)
    assert conflicts(driven, "theirs") == ["data/notes.dvc"]
    return driven


def test_a_conflict_is_written_beside_the_data_and_leaves_markers(in_conflict: Scratch) -> None:
    report = in_conflict.read(REPORT)
    assert "2 records" in report
    assert "Both changed `text`" in report
    assert "Ours removed it" in report
    assert "r8" not in report
    pointer = in_conflict.read("data/notes.dvc")
    assert pointer.startswith("<<<<<<< ours\n")
    assert pointer.endswith(">>>>>>> theirs\n")
    assert REPORT not in in_conflict.git("status", "--short")
    problems = in_conflict.json("status", "notes")["datasets"][0]["problems"]
    assert problems == ["data/notes.dvc is in conflict (dsv merge notes merges the data)"]
    assert "merge conflict" in plain_dvc("status", cwd=in_conflict.root).stderr
    before = in_conflict.tree("data")
    error = in_conflict.refused("merge", code=20, kind="conflict")
    assert error["details"]["conflicts"][0]["records"] == 2
    assert in_conflict.tree("data") == before


@pytest.mark.parametrize(("side", "r3", "r7"), [("ours", "ours", None), ("theirs", "theirs", "theirs")])
def test_one_sides_records_are_taken_for_what_is_in_conflict(
    in_conflict: Scratch, side: str, r3: str, r7: str | None
) -> None:
    in_conflict.dsv("merge", f"--{side}")
    found = records_in(in_conflict, TRAIN)
    assert (found["r1"], found["r5"], found["r3"], found.get("r7")) == ("ours", "theirs", r3, r7)
    assert not (in_conflict.root / REPORT).exists()
    in_conflict.git("commit", "-qm", "Merge")
    assert in_conflict.git("status", "--short") == ""
    assert in_conflict.json("bump", "notes")["version"] == "1.1.1"


def test_a_merge_that_is_given_up_leaves_everything_as_it_was(driven: Scratch) -> None:
    two_sides(driven, {"edit": {"r3": "ours"}}, {"edit": {"r3": "theirs"}})
    before = driven.tree("data")
    conflicts(driven, "theirs")
    driven.git("merge", "--abort")
    assert {path: data for path, data in driven.tree("data").items() if not path.endswith(".md")} == before
    assert driven.json("status", "notes")["datasets"][0]["state"] == "clean"
    driven.refused("bump", "notes", code=20, kind="nothing_changed")


@pytest.mark.heavy
def test_a_rebase_merges_each_commit_and_the_data_follows(driven: Scratch) -> None:
    branch(driven, "mine")
    switch(driven, "main")
    change(driven, TRAIN, **OURS)
    driven.dsv("bump", "notes", "--version", "1.1.0")
    switch(driven, "mine")
    for number, more in enumerate((THEIRS, {"edit": {"r10": "second"}})):
        change(driven, TRAIN, **more)
        driven.dsv("bump", "notes", "--version", f"1.0.{number + 1}", "--no-tag")
    driven.git("rebase", "-q", "main")
    driven.dsv("merge")
    assert records_in(driven, TRAIN)["r10"] == "second"
    change(driven, TRAIN, edit={"r10": "text of 10"})
    assert_both_sides(driven)
    assert driven.dsv("check").code == 0


def test_a_cherry_pick_merges_what_the_commit_did(driven: Scratch) -> None:
    two_sides(driven, OURS, THEIRS)
    driven.git("cherry-pick", "theirs")
    driven.dsv("merge")
    assert_both_sides(driven)


@pytest.mark.heavy
def test_git_that_only_computes_a_merge_touches_no_file(driven: Scratch) -> None:
    two_sides(driven, {"edit": {"r3": "ours"}}, {"edit": {"r3": "theirs"}})
    conflicts(driven, "theirs")
    driven.dsv("merge", "--ours")
    driven.git("commit", "-qm", "Merge")
    before = driven.tree(".git/dsv"), driven.tree("data")
    driven.git("show", "--remerge-diff", "HEAD")
    assert (driven.tree(".git/dsv"), driven.tree("data")) == before


@pytest.mark.heavy
def test_a_dataset_without_a_key_merges_by_whole_files(driven: Scratch) -> None:
    for name in ("a", "b", "c"):
        driven.records(f"data/plain/{name}.jsonl", numbered(10))
    driven.write("data/plain/image.png", b"\x89PNG base")
    driven.dsv("add", "data/plain")
    branch(driven, "theirs")
    driven.records("data/plain/b.jsonl", numbered(11))
    driven.write("data/plain/image.png", b"\x89PNG theirs")
    driven.dsv("bump", "plain")
    switch(driven, "main", dataset="plain")
    driven.records("data/plain/a.jsonl", numbered(12))
    (driven.root / "data/plain/c.jsonl").unlink()
    driven.dsv("bump", "plain", "--version", "4.0.0")
    assert conflicts(driven, "theirs") == []
    driven.dsv("merge")
    assert sorted(driven.tree("data/plain")) == ["a.jsonl", "b.jsonl", "image.png"]
    assert driven.read("data/plain/b.jsonl").count("\n") == 11
    assert driven.read("data/plain/a.jsonl").count("\n") == 12


@pytest.mark.heavy
def test_an_opaque_file_that_both_changed_is_a_conflict_of_that_file(driven: Scratch) -> None:
    driven.write("data/plain/image.png", b"\x89PNG base")
    driven.dsv("add", "data/plain")
    branch(driven, "theirs")
    driven.write("data/plain/image.png", b"\x89PNG theirs")
    driven.dsv("bump", "plain")
    switch(driven, "main", dataset="plain")
    driven.write("data/plain/image.png", b"\x89PNG ours")
    driven.dsv("bump", "plain", "--version", "4.0.0")
    assert conflicts(driven, "theirs") == ["data/plain.dvc"]
    assert "image.png" in driven.read("data/plain.dsv-conflicts.md")
    driven.dsv("merge", "plain", "--theirs")
    assert (driven.root / "data/plain/image.png").read_bytes() == b"\x89PNG theirs"


@pytest.mark.heavy
def test_rows_of_csv_merge_and_untouched_bytes_stay(driven: Scratch) -> None:
    head = "id,text,note\r\n"
    rows = [f'{number},"text, {number}\r\nsecond line",\r\n' for number in range(20)]
    driven.write("data/table.csv", head + "".join(rows))
    driven.dsv("add", "data/table.csv", "--key", "id")
    branch(driven, "theirs")
    theirs = rows.copy()
    theirs[3] = "3,theirs,x\r\n"
    driven.write("data/table.csv", head + "".join([*theirs, "20,theirs,\r\n"]))
    driven.dsv("bump", "table")
    switch(driven, "main", dataset="table")
    ours = rows.copy()
    ours[5] = "5,ours,y\r\n"
    driven.write("data/table.csv", head + "".join([*ours[:10], *ours[11:]]))
    driven.dsv("bump", "table", "--version", "4.0.0")
    assert conflicts(driven, "theirs") == []
    driven.dsv("merge")
    merged = ours.copy()
    merged[3] = theirs[3]
    expected = head + "".join([*merged[:10], *merged[11:], "20,theirs,\r\n"])
    assert (driven.root / "data/table.csv").read_bytes() == expected.encode()


@pytest.mark.heavy
def test_what_the_cache_lacks_is_named_and_can_be_merged_when_it_was_fetched(repo: Scratch, tmp_path: Path) -> None:
    repo.dvc("remote", "add", "-d", "store", str(tmp_path / "store"))
    repo.git("commit", "-qam", "Remote")
    driven = with_driver(repo)
    two_sides(driven, OURS, THEIRS)
    driven.dvc("push", "-q", "--all-tags")
    shutil.rmtree(driven.root / ".dvc/cache")
    said = subprocess.run(["git", "merge", "theirs"], cwd=driven.root, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "dsv fetch notes@" in said.stderr
    assert driven.read("data/notes.dvc").startswith("<<<<<<<")
    error = driven.refused("merge", code=40, kind="missing_data")
    driven.dsv(*error["hint"].split(";")[0].split()[1:])
    driven.dsv("merge")
    assert_both_sides(driven)


def test_the_driver_waits_for_no_lock(driven: Scratch) -> None:
    two_sides(driven, OURS, THEIRS)
    lock = driven.root / ".git/dsv/lock"
    with exclusive(str(lock), operation="a pull", timeout=1, tell=print):
        assert conflicts(driven, "theirs") == []


@pytest.mark.heavy
def test_a_dvc_root_below_the_git_root_merges_as_well(scratch: Scratch) -> None:
    below = Scratch(scratch.root / "team/models")
    below.root.mkdir(parents=True)
    below.write(".dvc/config", "")
    with_driver(below)
    assert scratch.read("team/models/.gitattributes") == "data/notes.dvc merge=dsv\n"
    two_sides(below, OURS, THEIRS)
    assert conflicts(scratch, "theirs") == []
    below.dsv("merge")
    assert_both_sides(below)


@pytest.mark.heavy
def test_criss_cross_merges_do_not_lose_a_side(driven: Scratch) -> None:
    two_sides(driven, OURS, THEIRS)
    driven.git("branch", "ours-before")
    conflicts(driven, "theirs")
    driven.dsv("merge")
    switch(driven, "theirs", at="1.0.1")
    assert conflicts(driven, "ours-before") == []
    driven.dsv("merge")
    assert_both_sides(driven)
    assert conflicts(driven, "main") == []
    driven.dsv("merge")
    assert_both_sides(driven)


def test_attributes_follow_the_datasets_and_what_people_wrote_stays(repo: Scratch) -> None:
    repo.write(".gitattributes", "# ours\n*.png binary\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Attributes")
    repo.dsv("init", "--merge-driver")
    repo.records("data/pears.jsonl", numbered(3))
    repo.write(".gitattributes", "# ours\n*.png binary\n*.ttf binary\n")
    repo.dsv("add", "data/pears.jsonl")
    repo.records("data/my apples.jsonl", numbered(3))
    repo.dsv("add", "data/my apples.jsonl", "--name", "apples")
    lines = '"data/my apples.jsonl.dvc" merge=dsv\ndata/pears.jsonl.dvc merge=dsv\n'
    assert repo.git("show", "HEAD:.gitattributes") == f"# ours\n*.png binary\n{lines}"
    assert repo.read(".gitattributes") == f"# ours\n*.png binary\n*.ttf binary\n{lines}"
    assert repo.git("check-attr", "merge", "data/my apples.jsonl.dvc").strip().endswith("merge: dsv")
    assert repo.git("status", "--short") == " M .gitattributes\n"


def test_installed_again_nothing_is_written(driven: Scratch) -> None:
    assert driven.json("init", "--merge-driver") == {"root": str(driven.root), "created": [], "commit": None}


@pytest.mark.heavy
def test_a_linked_work_tree_merges_with_the_cache_of_the_main_one(driven: Scratch, tmp_path: Path) -> None:
    two_sides(driven, OURS, THEIRS)
    linked = Scratch(tmp_path / "linked")
    driven.git("worktree", "add", "-q", "-b", "linked", str(linked.root), "main")
    assert conflicts(linked, "theirs") == []
    assert linked.json("merge")["datasets"][0]["placed"] is False  # there was no data to bring up to date
    linked.dsv("doctor")
    assert driven.json("merge")["datasets"] == []


def test_datasets_that_share_keys_merge_by_whole_files(driven: Scratch) -> None:
    branch(driven, "theirs")
    driven.records("data/notes/test.jsonl", [*numbered(20, start=80), *numbered(1, start=80)])
    driven.dsv("bump", "notes", "--waive", "key=known")
    switch(driven, "main")
    change(driven, TRAIN, edit={"r1": "ours"})
    driven.dsv("bump", "notes", "--version", "1.1.0")
    assert conflicts(driven, "theirs") == []
    driven.dsv("merge")
    assert records_in(driven, TRAIN)["r1"] == "ours"
    assert driven.read("data/notes/test.jsonl").count("\n") == 21


@pytest.mark.heavy
def test_the_python_twin_sets_up_merges_and_mends(repo: Scratch) -> None:
    assert dsv.init(str(repo.root), merge_driver=True).created == []
    driven = with_driver(repo)
    two_sides(driven, {"edit": {"r3": "ours"}}, {"edit": {"r3": "theirs"}})
    conflicts(driven, "theirs")
    twin = dsv.open(str(driven.root))
    with pytest.raises(ConflictError, match="1 record"):
        twin.merge("notes")
    assert twin.merge("notes", favour="theirs").datasets[0].placed
    assert records_in(driven, TRAIN)["r3"] == "theirs"
    driven.git("commit", "-qm", "Merge")
    assert twin.doctor().ok
    assert twin.doctor(fix=True).commit is None


@pytest.mark.heavy
def test_a_conflict_in_the_middle_of_a_rebase_is_decided_and_the_rebase_goes_on(driven: Scratch) -> None:
    branch(driven, "mine")
    for number, edit in enumerate(({"r3": "mine"}, {"r4": "mine"})):
        change(driven, TRAIN, edit=edit)
        driven.dsv("bump", "notes", "--version", f"1.0.{number + 1}", "--no-tag")
    switch(driven, "main")
    change(driven, TRAIN, edit={"r3": "main", "r5": "main"})
    driven.dsv("bump", "notes", "--version", "1.1.0")
    driven.git("checkout", "-q", "mine")
    driven.git("rebase", "-q", "main", check=False)
    driven.dsv("merge", "--theirs")  # in a rebase, theirs is what is put on top
    driven.git("-c", "core.editor=true", "rebase", "--continue")
    driven.dsv("merge")
    found = records_in(driven, TRAIN)
    assert (found["r3"], found["r4"], found["r5"]) == ("mine", "mine", "main")
    assert driven.json("bump", "notes")["version"] == "1.1.1"


@pytest.mark.heavy
def test_stashed_changes_come_back_onto_data_that_went_on(driven: Scratch) -> None:
    change(driven, TRAIN, edit={"r3": "stashed"})
    driven.dvc("add", "-q", "data/notes")
    driven.git("stash", "-q")
    driven.dsv("checkout", "notes@1.0.0", "--force")
    change(driven, TRAIN, edit={"r4": "released"})
    driven.dsv("bump", "notes")
    driven.git("stash", "pop", "-q")
    driven.dsv("merge")
    found = records_in(driven, TRAIN)
    assert (found["r3"], found["r4"]) == ("stashed", "released")
