"""What dsv does not do, and how it says so: with an exit code, a kind, the name of the thing, and nothing written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dsv.errors import BadNameError, BadVersionError
from dsv.model.name import check_name
from dsv.model.version import Version
from tests.cli.repository_state import leaves_no_trace, state_of
from tests.conftest import call, numbered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Scratch

BAD_NAMES = (
    "", ".", "..", "a.b", "a/b", "../x", "-x", "--x", "x-", "_x", "1x", "2024", " x", "x ", "a b", "a\nb", "a\tb",
    "a$b", "$(id)", "a;b", "a'b", 'a"b', "a\\b", "a\x1b[31mb", "a@b", "a#b", "a~b", "a^b", "a:b", "a*b", "a.lock",
    "é", "\uff41", "名前", "x" * 101, "x" * 300, "con", "NUL", "com1", "Lpt9",
    "latest", "Work", "ALL", "major", "minor", "patch",
)  # fmt: skip
BAD_VERSIONS = (
    "", "1", "1.0", "v1.2.3", "01.2.3", "1.02.3", "1.2.3.4", "-1.0.0", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3\n",
    " 1.2.3", "1.2.3 ", "\uff11.\uff12.\uff13", "1.2.3-é", "latest", "1.x",
)  # fmt: skip
MALFORMED = (
    "", "@1.0.0", "notes@", "notes@@", "../x:notes", "notes@2026-13-01", "notes@sha256:abc", "notes@-rf",
    "notes@\x1b[31m", "notes@git:--all",
)  # fmt: skip


def error_of(scratch: Scratch, *arguments: str, code: int) -> Any:
    """The error that the command line leaves with; the option stands first, so that `--` may follow."""
    return scratch.dsv("--json", *arguments, code=code).error


# Names and versions


def test_bad_names_are_refused_by_name(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(1))
    before = state_of(repo)
    for name in ("", "../x", "a b", "-x", "\x1b[31m", "con", "latest"):
        error = error_of(repo, "add", "data/notes", f"--name={name}", code=30)
        assert (error["kind"], error["details"]["name"]) == ("name", name)
        assert error["hint"]
    for name in BAD_NAMES:
        with pytest.raises(BadNameError) as refused:
            check_name(name)
        assert "\n" not in refused.value.message
    assert state_of(repo) == before


def test_a_path_that_makes_no_name_asks_for_one(repo: Scratch) -> None:
    repo.records("data/2024/a.jsonl", numbered(1))
    error = leaves_no_trace(repo, "add", "data/2024", code=30, kind="name")
    assert "data/2024" in error["message"]
    assert "--name" in error["hint"]
    repo.dsv("add", "data/2024", "--name", "leases-2024")


def test_names_that_differ_only_in_case_are_one_too_many(released: Scratch) -> None:
    released.records("data/other/a.jsonl", numbered(1))
    error = leaves_no_trace(released, "add", "data/other", "--name", "Notes", code=20, kind="exists")
    assert "notes" in error["message"]


def test_bad_versions_are_refused_by_name(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    before = state_of(released)
    for version in ("", "1.0", "v1.2.3", "1.2.3\n"):
        error = error_of(released, "bump", "notes", f"--version={version}", code=30)
        assert (error["kind"], error["details"]["version"]) == ("version", version)
    for version in BAD_VERSIONS:
        with pytest.raises(BadVersionError):
            Version.parse(version)
    error = error_of(released, "bump", "notes", "--version", "1.1.0+build.5", code=30)
    assert "build metadata" in error["message"]
    assert state_of(released) == before


def test_a_very_large_version_is_a_version(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    huge = f"{'9' * 40}.0.0-alpha-beta.11"
    assert released.json("bump", "notes", "--version", huge)["version"] == huge


def test_split_names_follow_the_rules_of_names(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(1))
    error = leaves_no_trace(repo, "add", "data/notes", "--split", "1st=a*", code=30, kind="name")
    assert "1st" in error["message"]


# References


def test_malformed_references_are_wrong_usage(released: Scratch) -> None:
    for text in MALFORMED:
        error = error_of(released, "show", "--", text, code=2)
        assert (error["kind"], text) == ("usage", text)
        assert error["hint"]
    for command in ("checkout", "diff"):
        assert error_of(released, command, "notes@", code=2)["kind"] == "usage"


def test_what_does_not_exist_is_not_found_and_candidates_are_offered(released: Scratch) -> None:
    for selector in ("9.9.9", "^9", "2.x", "prod", "2020-01-01", "sha256:00000000"):
        error = error_of(released, "show", f"notes@{selector}", code=10)
        assert (error["kind"], error["details"]["candidates"]) == ("no_version", ["1.0.0"])
    for command in (["checkout", "notes@9.0.0"], ["diff", "notes@9.0.0"], ["rollback", "notes", "9.0.0"]):
        error = error_of(released, *command, code=10)
        assert (error["kind"], error["details"]["candidates"]) == ("no_version", ["1.0.0"])


def test_an_unknown_dataset_is_not_found_and_a_near_name_is_offered(released: Scratch) -> None:
    for command in (["bump"], ["status"], ["log"], ["check"], ["show"], ["diff"], ["checkout"]):
        error = error_of(released, *command, "Notes", code=10)
        assert (error["kind"], error["details"]["candidates"]) == ("no_dataset", ["notes"])
    assert error_of(released, "rollback", "note", "1.0.0", code=10)["kind"] == "no_dataset"


def test_a_name_is_never_taken_as_a_path(released: Scratch) -> None:
    released.write("dataset.yaml", "schema: 1\nname: notes\npath: data/notes\n")
    for command in ("bump", "status", "log", "check"):
        for name in ("", "..", "../manifests/notes"):
            assert error_of(released, command, "--", name, code=10)["kind"] == "no_dataset"


def test_a_dataset_of_another_dvc_root_is_named_by_its_directory(repo: Scratch) -> None:
    (repo.root / "sub/.dvc").mkdir(parents=True)
    repo.dsv("init", cwd=repo.root / "sub")
    for place, count in (("sub/data/notes", 3), ("data/notes", 5)):
        repo.records(f"{place}/a.jsonl", numbered(count))
    repo.dsv("add", "data/notes", cwd=repo.root / "sub")
    repo.dsv("add", "data/notes", "--from", "sub:notes@1.0.0")
    assert repo.json("show", "sub:notes")["data"]["records"] == 3
    assert repo.json("show", "notes")["data"]["records"] == 5
    assert repo.json("diff", "sub:notes", "notes")["records"]["added"] == 2
    assert [edge["ref"] for edge in repo.json("show", "notes")["lineage"]] == ["sub:notes@1.0.0"]
    assert error_of(repo, "show", "other:notes", code=10)["kind"] == "no_repository"


# Places


@pytest.mark.parametrize(
    ("path", "code", "kind"),
    [
        ("data/nothing", 10, "no_path"),
        ("data/nothing/at/all", 10, "no_path"),
        ("", 2, "usage"),
        (".", 30, "unsupported_file"),
        ("..", 30, "outside"),
        ("data/../../elsewhere", 30, "outside"),
        ("/etc", 30, "outside"),
        (".git", 30, "unsupported_file"),
        (".git/objects", 30, "unsupported_file"),
        (".dvc", 30, "unsupported_file"),
        (".dvc/cache", 30, "unsupported_file"),
        ("manifests", 20, "overlap"),
        ("manifests/notes", 20, "overlap"),
        ("data/notes", 20, "overlap"),
        ("data/notes/train.jsonl", 20, "overlap"),
        ("data", 20, "overlap"),
        ("data/notes.dvc", 30, "unsupported_file"),
        ("dsv.yaml", 20, "tracked"),
        ("data/back\\slash", 30, "unsupported_file"),
        ("data/new\nline", 30, "unsupported_file"),
    ],
)
def test_a_path_that_is_not_free_for_a_dataset_is_refused(released: Scratch, path: str, code: int, kind: str) -> None:
    for name in ("data/back\\slash/a.jsonl", "data/new\nline/a.jsonl"):
        released.records(name, numbered(1))
    leaves_no_trace(released, "add", path, "--name", "other", code=code, kind=kind)


def test_a_path_through_dots_is_the_path_it_leads_to(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(1))
    assert repo.json("add", "data/../data/./notes/")["manifest"]["data"]["path"] == "data/notes"


def test_a_directory_without_files_is_no_dataset(repo: Scratch) -> None:
    (repo.root / "data/notes/empty").mkdir(parents=True)
    assert "data/notes" in leaves_no_trace(repo, "add", "data/notes", code=30, kind="unsupported_file")["message"]


def test_what_git_tracks_is_refused_and_the_way_out_works(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.git("add", "data")
    error = leaves_no_trace(repo, "add", "data/notes", code=20, kind="tracked")
    assert "data/notes/a.jsonl" in error["message"]
    repo.git("commit", "-q", "-m", "data in git")
    error = leaves_no_trace(repo, "add", "data/notes", code=20, kind="tracked")
    assert "--untrack" in error["hint"]
    repo.dsv("add", "data/notes", "--untrack")
    assert repo.git("status", "--short") == ""


@pytest.mark.parametrize(("rule", "hidden"), [("data/", "data/notes.dvc"), ("*.dvc", "data/notes.dvc"),
                                              ("manifests/", "manifests/notes/dataset.yaml")])  # fmt: skip
def test_a_rule_that_hides_the_pointers_from_git_is_named(repo: Scratch, rule: str, hidden: str) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.write(".gitignore", f"# ours\n\n{rule}\n")
    error = leaves_no_trace(repo, "add", "data/notes", code=30, kind="unsupported_file")
    for word in (hidden, repr(rule), ".gitignore", "line 3"):
        assert word in error["message"]


def test_a_rule_of_dvcignore_that_hides_data_is_refused(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.write("data/notes/scratch.tmp", "x")
    repo.write(".dvcignore", "*.tmp\n")
    error = leaves_no_trace(repo, "add", "data/notes", code=30, kind="unsupported_file")
    assert "data/notes/scratch.tmp" in error["message"]


def test_what_dvc_tracks_in_another_way_is_refused(repo: Scratch) -> None:
    repo.records("made/a.jsonl", numbered(3))
    repo.write("dvc.yaml", "stages:\n  make:\n    cmd: make\n    outs: [made]\n")
    repo.dsv("add", "made", code=20)  # DVC, which is asked, leaves a file in its own temporary directory once
    error = leaves_no_trace(repo, "add", "made", code=20, kind="conflict")
    assert error["message"] == "dvc.lock does not say what made is, which the stage make makes"
    assert "dvc repro make" in error["hint"]
    repo.records("all/part/a.jsonl", numbered(3))
    repo.write("all.dvc", "outs:\n- path: all\n  md5: 0123456789abcdef0123456789abcdef.dir\n  hash: md5\n")
    assert "all.dvc" in leaves_no_trace(repo, "add", "all/part", code=20, kind="tracked")["message"]


# The repository


@pytest.mark.parametrize(
    "command",
    [["add", "x"], ["bump", "x"], ["status"], ["diff", "x"], ["log"], ["list"], ["show", "x"], ["checkout", "x"],
     ["rollback", "x", "1.0.0"], ["check"], ["search", "x"], ["index", "status"], ["index", "rebuild"], ["tag", "x"]],
    ids=" ".join,
)  # fmt: skip
def test_outside_of_a_repository_every_command_says_how_to_make_one(scratch: Scratch, command: list[str]) -> None:
    error = scratch.refused(*command, code=10, kind="no_repository")
    assert (str(scratch.root) in error["message"], "dsv init" in error["hint"]) == (True, True)
    call("rm", "-r", str(scratch.root / ".git"), cwd=scratch.root)
    error = scratch.refused(*command, code=10, kind="no_repository")
    assert "dsv init --git" in error["hint"]


def test_a_directory_that_does_not_exist_is_no_repository(released: Scratch) -> None:
    error = released.refused("--repo", "typo", "status", code=10, kind="no_repository")
    assert "typo" in error["message"]


def test_without_an_identity_nothing_is_written(repo: Scratch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))
    error = leaves_no_trace(repo, "add", "data/notes", code=50, kind="git")
    assert "git config user.name" in error["hint"]
    assert "git config user.email" in error["hint"]
    repo.git("config", "user.name", "Only A Name")
    leaves_no_trace(repo, "add", "data/notes", code=50, kind="git")
    repo.git("config", "user.email", "only@example.com")
    created = repo.json("add", "data/notes")["manifest"]["created_by"]
    assert created == "Only A Name <only@example.com>"


def test_init_needs_an_identity_before_it_writes(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))
    leaves_no_trace(scratch, "init", code=50, kind="git")


def test_init_keeps_the_manifests_inside_the_repository(scratch: Scratch) -> None:
    for directory in ("../manifests", "/manifests", ".dvc/manifests", ".git", ".", "", "a\nb"):
        leaves_no_trace(scratch, "init", f"--manifests={directory}", code=2, kind="usage")
    scratch.dsv("init", "--manifests", "meta: # data")
    assert scratch.json("init")["created"] == []
    error = leaves_no_trace(scratch, "init", "--manifests", "elsewhere", code=20, kind="exists")
    assert "meta: # data" in error["message"]


# Options


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--level", "huge"], "huge"),
        (["--level", "minor", "--version", "1.1.0"], "--version"),
        (["--pre", "1"], "'1'"),
        (["--pre", "rc.1"], "rc.1"),
        (["--waive", "key"], "--waive"),
        (["--waive", "key="], "no reason"),
        (["--waive", "luck=none needed"], "luck"),
        (["--meta", "x"], "--meta"),
        (["--meta", "=x"], "--meta"),
        (["--from", "not a ref"], "not a ref"),
        (["--produced-by", "somebody"], "somebody"),
        (["--on-bad-record", "ignore"], "ignore"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(released: Scratch, arguments: list[str], said: str) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    assert said in leaves_no_trace(released, "bump", "notes", *arguments, code=2, kind="usage")["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "\x1b[31m"],
        ["-m", "\udcff"],
        ["--tag", ""],
        ["--tag", "a\nb"],
        ["--meta", "x={"],
        ["--meta", "x=\udcff"],
    ],
)
def test_texts_that_no_manifest_can_hold_are_refused(released: Scratch, arguments: list[str]) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    error = leaves_no_trace(released, "bump", "notes", *arguments, code=30, kind="manifest")
    assert error["hint"] in {"give another value", "quote it"}


def test_a_file_of_facts_must_be_there_and_hold_a_mapping(released: Scratch) -> None:
    leaves_no_trace(released, "bump", "notes", "--meta-file", "nothing.yaml", code=10, kind="no_path")
    released.write("facts.yaml", "- a\n- b\n")
    leaves_no_trace(released, "bump", "notes", "--meta-file", "facts.yaml", code=30, kind="manifest")
