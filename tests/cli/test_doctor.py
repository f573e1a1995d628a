"""`dsv doctor` as people and pipelines meet it; what it finds is in tests/doctor."""

from __future__ import annotations

import dsv
from tests.conftest import Scratch, call


def test_a_sound_repository_has_only_the_warning_that_nothing_is_pushed_anywhere(released: Scratch) -> None:
    document = released.json("doctor")
    assert document["ok"] is True
    (found,) = document["findings"]
    assert (found["check"], found["number"], found["level"]) == ("remote", "D506", "warning")
    assert found["fix"].startswith("dsv remote add")
    assert released.dsv("doctor").stdout.splitlines()[-1] == "1 warning"


def test_what_is_wrong_is_said_with_its_number_its_remedy_and_a_summary(released: Scratch) -> None:
    released.write("dvc.yaml", "# empty\n")
    released.git("tag", "-d", "notes@v1.0.0")
    lines = released.dsv("doctor", code=1).stdout.splitlines()
    assert "warning  D304 untagged version: notes@1.0.0 has no tag" in lines
    assert "         dsv tag notes@1.0.0, or for all of them dsv tag --missing" in lines
    assert "error    D602 artifacts: dvc.yaml has no artifact for notes" in lines
    assert lines[-1] == "1 error, 2 warnings; dsv doctor --fix mends 1 of them"


def test_what_fix_mended_is_said_and_committed(released: Scratch) -> None:
    released.write("data/.gitignore", "")
    released.git("commit", "-qam", "A merge gone wrong")
    said = released.dsv("doctor", "--fix").stdout.splitlines()
    assert said[0] == "fixed    D406 ignored data: git does not ignore data/notes"
    head = released.git("rev-parse", "HEAD")
    assert f"committed {head[:10]}" in said
    document = released.json("doctor", "--fix")
    assert (document["fixed"], document["commit"]) == ([], None)


def test_the_twin_in_python_says_the_same(released: Scratch) -> None:
    released.write(".dvc/tmp/rwlock", "{")
    assert not dsv.open(str(released.root)).doctor().ok
    done = dsv.open(str(released.root)).doctor(fix=True)
    assert (done.ok, [each.number for each in done.fixed]) == (True, ["D108"])


def test_what_cannot_be_mended_while_git_is_busy_is_said_and_stays(released: Scratch) -> None:
    released.write("data/.gitignore", "")
    released.git("commit", "-qam", "A merge gone wrong")
    released.write(".dvc/tmp/rwlock", "{")
    released.write(".git/MERGE_HEAD", released.git("rev-parse", "HEAD"))
    result = released.dsv("doctor", "--fix", code=1)
    assert "nothing was committed: git is in the middle of a merge" in result.stderr
    assert "fixed    D108" in result.stdout
    assert "error    D406" in result.stdout


def test_doctor_in_places_without_a_dsv_repository_says_what_they_are(released: Scratch, tmp_path) -> None:
    call("git", "clone", "-q", "--bare", str(released.root), str(tmp_path / "bare.git"), cwd=tmp_path)
    assert (
        "without a work tree"
        in released.refused("--repo", str(tmp_path / "bare.git"), "doctor", code=10, kind="no_repository")["message"]
    )
    call("git", "init", "-q", str(tmp_path / "other"), cwd=tmp_path)
    assert (
        "dsv init"
        in released.refused("--repo", str(tmp_path / "other"), "doctor", code=10, kind="no_repository")["hint"]
    )
    released.write(".git/HEAD", "garbage")
    assert "cannot read" in released.refused("doctor", code=50, kind="git")["message"]
