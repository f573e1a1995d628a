"""`dsv report`: one version in one file."""

from __future__ import annotations

import pytest

import dsv
from dsv.errors import ExistsError
from tests.conftest import Scratch
from tests.exports.pages import check_texts
from tests.site.conftest import EVIL


def test_a_report_has_all_that_is_known_of_a_version_and_loads_nothing(built):
    found = dsv.open(built.root).report("notes")
    page = check_texts(found.html)
    shown = "".join(page.texts)
    for words in ("How it grew", "What changed", "Fields", "Scores", "Lineage", "Checks", "Sample records", EVIL):
        assert words in shown, words
    assert page.links == []
    assert "script" not in page.tags
    assert "style-src 'sha256-" in found.html
    assert found.html == dsv.open(built.root).report("notes").html


def test_a_report_without_content_shows_no_record(built):
    repo = dsv.open(built.root)
    assert "text of 80" in repo.report("notes").html
    assert "text of 80" not in repo.report("notes", content=False).html


def test_the_command_writes_a_file_and_replaces_only_its_own(built, tmp_path):
    repo = Scratch(built.root)
    place = tmp_path / "report.html"
    found = repo.json("report", "notes@1.0.0", "-o", str(place))
    assert (found["path"], found["ref"], found["bytes"]) == (str(place), "notes@1.0.0", place.stat().st_size)
    dsv.open(built.root).report("notes").write(str(place))
    place.write_text("mine")
    with pytest.raises(ExistsError, match="no page that dsv wrote"):
        dsv.open(built.root).report("notes").write(str(place))
    assert place.read_text() == "mine"
