"""Settings that endanger versions, and secrets that git keeps."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from tests.doctor.conftest import Patient

REMOTE = "['remote \"store\"']\n    url = s3://bucket\n    verify = true\n"
DEFAULT = "[core]\n    remote = store\n"
SECRET = "hunter2-never-shown"


def configured(patient: Patient, text: str) -> list[str]:
    """The numbers found when this is what `.dvc/config` says."""
    patient.repo.write(".dvc/config", text)
    return sorted(each.number for each in patient.look().findings)


@pytest.mark.provokes("D501")
@pytest.mark.parametrize("text", ["release: {tag: never}\n", "manifests: [\n", "manifests: ../out\n"])
def test_a_dsv_yaml_that_does_not_read_is_named_and_the_rest_looked_at(notes: Patient, text: str) -> None:
    notes.repo.write("dsv.yaml", text)
    assert set(notes.numbers()) == {"D501"}
    assert "dsv.yaml:" in notes.finding("D501").message
    assert notes.repo.json("doctor", "--fix", code=1)["ok"] is False


@pytest.mark.provokes("D502")
@pytest.mark.parametrize(
    "text", ["[core\n", "remote = store\n", "[core]\n    remote = store\n    wrong = 1\n", "\xff["]
)
def test_settings_that_dvc_cannot_read_are_named(notes: Patient, text: str) -> None:
    notes.repo.write(".dvc/config", text.encode("latin-1"))
    assert "D502" in notes.numbers()
    assert notes.finding("D502").level.value == "error"


@pytest.mark.provokes("D503", "D514")
def test_a_dvc_that_is_absent_or_that_dsv_was_not_tried_with_is_told(
    notes: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, installed = metadata.version, "3.99.0"

    def version(name: str) -> str:
        if name == "dvc" and not installed:
            raise metadata.PackageNotFoundError(name)
        return installed if name == "dvc" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    assert "3.99.0" in notes.finding("D503").message
    installed = ""
    assert notes.numbers() == ["D514"]


@pytest.mark.provokes("D504")
@pytest.mark.parametrize("types", ["hardlink,copy", '"reflink,symlink"'])
def test_links_into_the_cache_are_told(notes: Patient, types: str) -> None:
    assert configured(notes, f"{DEFAULT}[cache]\n    type = {types}\n{REMOTE}") == ["D504"]


@pytest.mark.provokes("D505")
@pytest.mark.parametrize("setting", ["version_aware", "worktree"])
def test_a_remote_that_rewrites_pointers_is_an_error(notes: Patient, setting: str) -> None:
    assert configured(notes, f"{DEFAULT}{REMOTE}    {setting} = true\n") == ["D505"]
    assert not notes.look().ok


@pytest.mark.provokes("D506", "D507", "D508")
def test_remotes_that_nothing_goes_to_are_told(notes: Patient) -> None:
    assert configured(notes, "") == ["D506"]
    assert configured(notes, REMOTE) == ["D507"]
    assert configured(notes, f"[core]\n    remote = Store\n{REMOTE}") == ["D508"]


@pytest.mark.provokes("D509")
def test_a_remote_whose_bytes_nobody_looks_at_is_told_and_mended(notes: Patient) -> None:
    text = f"# ours\n{DEFAULT}{REMOTE}".replace("verify = true", "verify = false  # quick")
    assert configured(notes, text) == ["D509"]
    notes.repo.git("commit", "-qam", "A remote")
    notes.is_mended("D509")
    assert notes.repo.read(".dvc/config") == f"# ours\n{DEFAULT}{REMOTE}"
    assert notes.repo.dvc("config", "-l").count("verify=true") == 1


@pytest.mark.provokes("D509")
def test_a_remote_of_ones_own_settings_is_mended_by_the_command_given(notes: Patient) -> None:
    notes.repo.write(".dvc/config.local", (DEFAULT + REMOTE).replace("    verify = true\n", ""))
    notes.repo.dvc(*notes.finding("D509").fix.split()[1:])
    assert notes.numbers() == []


@pytest.mark.provokes("D510")
def test_a_remote_that_the_repository_moved_away_from_is_told(notes: Patient, tmp_path: Path) -> None:
    near = REMOTE.replace("s3://bucket", "../../storage/here")
    (tmp_path / "storage").mkdir()
    assert configured(notes, DEFAULT + near) == []
    (tmp_path / "storage").rmdir()
    assert configured(notes, DEFAULT + near) == ["D510"]


@pytest.mark.provokes("D511")
@pytest.mark.parametrize(
    ("line", "key"),
    [
        (f"    secret_access_key = {SECRET}\n", "secret_access_key"),
        (f"    Password = {SECRET}\n", "password"),
        (f"    endpointurl = https://ana:{SECRET}@example.com\n", "endpointurl"),
    ],
)
def test_a_key_in_the_settings_that_git_keeps_is_told_and_never_shown(notes: Patient, line: str, key: str) -> None:
    assert configured(notes, f"{DEFAULT}{REMOTE}{line}") == ["D511"]
    said = notes.repo.dsv("doctor", code=1)
    assert f"has {key} of the remote store" in said.stdout
    assert SECRET not in said.stdout + said.stderr


def test_a_key_in_the_settings_of_one_machine_is_where_it_belongs(notes: Patient) -> None:
    notes.repo.write(".dvc/config.local", f"{DEFAULT}{REMOTE}    secret_access_key = {SECRET}\n")
    assert notes.numbers() == []


@pytest.mark.provokes("D512")
def test_addresses_with_passwords_in_files_that_git_keeps_are_told_and_never_shown(notes: Patient) -> None:
    notes.repo.write(
        "raw/import.dvc",
        f"deps:\n- path: data\n  repo:\n    url: https://ana:{SECRET}@example.com/data.git\nouts:\n- path: import\n",
    )
    notes.repo.write(
        "dsv.yaml", f"# https://example.com/x?X-Amz-Signature={SECRET}\n# https://${{USER}}:${{TOKEN}}@h\n"
    )
    notes.repo.git("add", "-A")
    messages = [each.message for each in notes.look().findings if each.number == "D512"]
    assert messages == [
        "dsv.yaml, line 1, which git keeps, has a signed address",
        "raw/import.dvc, line 4, which git keeps, has a password in an address",
    ]
    assert SECRET not in notes.repo.dsv("doctor", "--json", code=1).stdout


@pytest.mark.provokes("D513")
def test_settings_of_one_machine_that_git_tracks_are_told(notes: Patient) -> None:
    notes.repo.write(".dvc/config.local", "[core]\n    analytics = false\n")
    notes.repo.git("add", "--force", ".dvc/config.local")
    assert notes.numbers() == ["D513"]
    notes.repo.git(*notes.finding("D513").fix.partition(", and")[0].split()[1:])
    assert notes.numbers() == []
