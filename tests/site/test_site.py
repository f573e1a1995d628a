"""`dsv site build`: a catalogue that is whole, says the same in every browser, and lets nothing of the data act."""

from __future__ import annotations

import json
import os
import re
import shutil

import pytest

import dsv
from dsv.errors import ExistsError, OutsideError
from dsv.exports.site.places import version_file
from dsv.repository.presenting.site_directory import SiteDirectory
from tests.conftest import Scratch, call, numbered
from tests.exports.pages import check_texts
from tests.site.conftest import EVIL


def test_there_is_a_page_for_each_dataset_version_and_change(built):
    found = {str(page.relative_to(built.site)) for page in built.pages}
    assert found == {
        "index.html",
        "lineage.html",
        "datasets/alone/index.html",
        "datasets/alone/versions/1.0.0.html",
        "datasets/evil/index.html",
        "datasets/evil/versions/1.0.0.html",
        "datasets/notes/index.html",
        "datasets/notes/versions/1.0.0.html",
        "datasets/notes/versions/1.1.0.html",
        "datasets/notes/changes/1.1.0.html",
    }


def test_every_link_leads_to_a_file_of_the_site(built):
    for page in built.pages:
        for link in check_texts(page.read_text()).links:
            target = link.partition("#")[0]
            assert not target or (page.parent / target).resolve().is_relative_to(built.site.resolve())
            assert not target or (page.parent / target).is_file(), f"{link} of {page}"


def test_nothing_of_the_data_is_taken_as_markup_or_runs(built):
    for page in built.pages:
        text = page.read_text()
        found = check_texts(text)
        assert {"img", "b", "iframe", "object", "form"}.isdisjoint(found.tags)
        assert not any(name.startswith("on") or name == "style" for name in found.attributes)
        assert text.count("<script") == (1 if page.name == "index.html" and page.parent == built.site else 0)
        assert "default-src 'none'" in text
        assert "http:" not in text
        assert "https:" not in text


def test_what_data_says_is_shown_as_text(built):
    shown = "".join(check_texts(built.page("datasets/evil/index.html")).texts)
    assert EVIL in shown


def test_headings_come_in_order_and_each_page_has_one_of_the_first_rank(built):
    for page in built.pages:
        found = check_texts(page.read_text())
        assert found.headings[0] == 1
        assert found.headings.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(found.headings, found.headings[1:], strict=False))
        assert {"main", "nav"} <= found.tags
        assert len(found.ids) == len(set(found.ids))


def test_a_version_tells_how_it_came_to_be(built):
    page = "".join(check_texts(built.page("datasets/notes/versions/1.1.0.html")).texts)
    told = ("More notes", "minor release", "changed share", "judge", "records >= 10", "prod", "sha256:", "text of 80")
    assert [words for words in told if words not in page] == []


def test_what_changed_is_beside_what_was(built):
    page = built.page("datasets/notes/changes/1.1.0.html")
    assert re.search(r"<th scope=row>short</th>[^\n]*<td>30</td>", page)
    assert '<a href="../../../datasets/notes/versions/1.0.0.html">1.0.0</a>' in page
    assert "<em>added</em> <strong>&quot;r200&quot;</strong> <small>train.jsonl:81</small>" in page


def test_one_walks_along_the_lineage_from_version_to_version(built):
    page = built.page("datasets/notes/versions/1.0.0.html")
    assert '<a href="../../../datasets/evil/versions/1.0.0.html"><g class="node is-active">' in page
    assert "is-yanked" in built.page("datasets/evil/versions/1.0.0.html")


def test_the_search_index_is_a_script_that_only_hands_over_data(built):
    script = (built.site / "assets/search.js").read_text()
    assert script.isascii()
    assert script.startswith("dsvCatalogue(")
    found = json.loads(script.removeprefix("dsvCatalogue(").removesuffix(");\n"))
    assert [each[0] for each in found] == ["alone", "evil", "notes"]
    assert [version for version, *_ in found[2][3]] == ["1.0.0", "1.1.0"]


def test_building_again_writes_nothing_and_a_fresh_build_gives_the_same_bytes(built, tmp_path):
    repo = dsv.open(built.root)
    assert repo.site(built.site, title="Our data").written == 0
    repo.site(tmp_path / "other", title="Our data")
    assert tree(tmp_path / "other") == tree(built.site)


def test_only_the_pages_of_what_changed_are_written_anew(built, tmp_path):
    root = tmp_path / "repo"
    shutil.copytree(built.root, root, symlinks=True)
    site = tmp_path / "site"
    shutil.copytree(built.site, site)
    made, repo = Scratch(root), dsv.open(root)
    made.records("data/notes/test.jsonl", numbered(25, start=80))
    repo.bump("notes", summary="More to test with")
    (site / "datasets/notes/versions/9.9.9.html").write_text("left from before")
    before = os.stat(site / "datasets/alone/index.html").st_ino
    done = repo.site(site, title="Our data")
    assert done.removed == 1
    assert os.stat(site / "datasets/alone/index.html").st_ino == before
    repo.site(tmp_path / "other", title="Our data")
    assert tree(tmp_path / "other") == tree(site)


def test_a_build_that_was_cut_short_is_completed(built, tmp_path):
    site = tmp_path / "site"
    shutil.copytree(built.site, site)
    SiteDirectory.open(str(site)).begin({})
    (site / "datasets/notes/versions/1.0.0.html").unlink()
    (site / "datasets/notes/changes/1.1.0.html").write_text("half a pa")
    dsv.open(built.root).site(site, title="Our data")
    assert tree(site) == tree(built.site)


def test_pages_that_git_keeps_are_made_anew_because_a_clone_may_have_brought_them(built, tmp_path):
    root = tmp_path / "repo"
    shutil.copytree(built.root, root, symlinks=True)
    shutil.copytree(built.site, root / "site")
    page = root / "site/datasets/notes/index.html"
    page.write_text("<script>alert(1)</script>")
    Scratch(root).git("add", "site")
    dsv.open(root).site(root / "site", title="Our data")
    assert page.read_text() == built.page("datasets/notes/index.html")


def test_versions_that_differ_in_case_only_have_pages_of_their_own():
    files = {version_file("notes", each).lower() for each in ("1.0.0-rc.1", "1.0.0-RC.1", "1.0.0-Rc.1")}
    assert len(files) == 3


def test_a_repository_at_a_url_has_a_site_without_records(built, tmp_path):
    bare = tmp_path / "bare.git"
    call("git", "clone", "-q", "--bare", str(built.root), str(bare), cwd=tmp_path)
    site = dsv.open(bare.as_uri()).site(tmp_path / "site")
    assert (site.datasets, site.versions) == (3, 4)
    assert "text of 80" not in (tmp_path / "site/datasets/notes/versions/1.1.0.html").read_text()


def test_without_content_no_record_is_in_it(built, tmp_path):
    dsv.open(built.root).site(tmp_path / "site", content=False)
    shown = {"datasets/notes/versions/1.1.0.html": "text of 80", "datasets/notes/changes/1.1.0.html": "text of 200"}
    for page, words in shown.items():
        assert words not in (tmp_path / "site" / page).read_text()
        assert words in built.page(page)


def test_a_directory_with_something_else_in_it_is_left_alone(built, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ExistsError, match="no site that dsv built"):
        dsv.open(built.root).site(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("linked", ["", "datasets", "datasets/notes", "datasets/notes/versions", "assets"])
def test_no_link_leads_a_build_out_of_its_directory(built, tmp_path, linked):
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    shutil.copytree(built.site, site)
    place = site / linked
    place.rename(elsewhere)
    place.symlink_to(elsewhere)
    (elsewhere / "letters").mkdir()
    before = tree(elsewhere)
    with pytest.raises(OutsideError, match="symbolic link"):
        dsv.open(built.root).site(f"{site}/")
    assert tree(elsewhere) == before


def test_the_command_says_how_many_pages_there_are(built):
    found = Scratch(built.root).json("site", "build", "-o", "../by-command")
    assert found == {"path": "../by-command", "pages": 10, "datasets": 3, "versions": 4, "written": 13, "removed": 0}


def tree(top):
    return {str(file.relative_to(top)): file.read_bytes() for file in sorted(top.rglob("*")) if file.is_file()}
