"""The search index follows git: whatever happened to branches and tags, it holds what one made anew would hold."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from dsv.adapters.index import DamagedIndexError, Filter, Index, Shown, Text
from dsv.repository import open_repository
from dsv.repository.known import parsed_texts, refreshing
from dsv.repository.known.catalog import versions_of
from dsv.repository.known.search_index import ask, index_path, remember_written
from tests.index_contents import index_contents
from tests.repository.histories import DATASET, History, People, event, manifest


@pytest.fixture
def history(scratch):
    """A history without a commit, in a directory that DVC calls its own."""
    (scratch.root / ".dvc").mkdir()
    return History(scratch.root)


def opened(history):
    """The repository as a command finds it."""
    history.settle()
    return open_repository(str(history.root / history.prefix))


def holds_what_a_new_one_holds(history, tmp_path):
    """Compare the index that grew with one made anew, and with what resolving each version by itself finds."""
    grown = opened(history)
    listed = {each.name for each in ask(grown, lambda index: index.datasets(where=Filter(shown=Shown.ALL))).rows}
    anew = replace(grown, state=str(tmp_path / "anew"))
    with contextlib.suppress(FileNotFoundError):
        (tmp_path / "anew" / "index.db").unlink()
    ask(anew, Index.status)
    assert index_contents(index_path(grown)) == index_contents(index_path(anew))
    _is_what_single_versions_say(grown, listed)


def _is_what_single_versions_say(grown, listed):
    lines = {name: versions_of(grown, name) for name in listed}
    # of a rename that only one of two directories tells of, each place that looks may make something else
    former = {other for name, line in lines.items() for other in line.names if other != name}
    for name in sorted(listed - former):
        rows = {each.version: each for each in ask(grown, lambda index, name=name: index.versions(name))}
        versions = lines[name]
        here = versions.known if versions.dataset == name else ()
        known = {each.version: each for each in here if _readable(grown, each)}
        assert list(rows) == sorted(known, reverse=True)
        for version, row in rows.items():
            assert row.git_tag == known[version].tag
            path = grown.layout.in_git(grown.layout.manifest_file(known[version].dataset, version))
            assert grown.git.object_ids([f"{row.commit}:{path}"]) == [known[version].blob]


def _readable(repository, known):
    content = repository.git.blobs([known.blob])[known.blob]
    return b"broken" not in content and f"dataset: {known.dataset}\n".encode() in content


_SEEDS = [*range(5), *(pytest.param(seed, marks=pytest.mark.heavy) for seed in range(5, 300))]


@pytest.mark.parametrize("seed", _SEEDS)
def test_an_index_that_grew_holds_what_one_made_anew_holds(history, tmp_path, seed):
    if seed % 4 == 3:
        history.prefix = "sub/dir/"
        (history.root / "sub/dir").mkdir(parents=True)
        (history.root / ".dvc").rename(history.root / "sub/dir/.dvc")
    history.late = True
    people = People(history, seed)
    for step in range(24):
        people.do_something()
        if people.chance.random() < 0.5:
            ask(opened(history), Index.status)
        if step % 8 == 7:
            holds_what_a_new_one_holds(history, tmp_path)


def test_a_repository_without_a_commit_has_an_empty_index(history):
    assert ask(opened(history), lambda index: index.datasets()).total == 0
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    assert ask(opened(history), lambda index: index.datasets()).total == 1


def test_a_manifest_on_another_branch_is_not_known(history):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    both = {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": manifest("d", "1.2.0")}
    history.branch("work", history.branches["main"])
    history.commit("work", {**both, "e/1.1.0.yaml": manifest("e", "1.1.0")})
    repository = opened(history)
    assert _versions(repository) == ["d@1.1.0"]
    assert _versions(repository, shown=Shown.ALL) == ["d@1.1.0", "d@1.2.0", "e@1.1.0"]
    assert [each.name for each in ask(repository, lambda index: index.datasets()).rows] == ["d"]
    everything = Filter(shown=Shown.ALL)
    assert [each.name for each in ask(repository, lambda index: index.datasets(where=everything)).rows] == ["d", "e"]
    history.tag("e@v1.1.0", history.branches["work"])
    assert _versions(repository) == ["d@1.1.0", "e@1.1.0"]


def _versions(repository, *, shown=None):
    return sorted(
        f"{each.dataset}@{each.version}" for each in ask(repository, lambda index: index.versions(shown=shown))
    )


def test_after_a_squash_merge_a_version_belongs_to_the_commit_on_the_main_branch(history):
    history.commit("main", {})
    history.branch("change", history.branches["main"])
    history.commit("change", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    repository = opened(history)
    ask(repository, Index.status)
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    (row,) = ask(repository, lambda index: index.versions("d"))
    assert row.commit == history.git("rev-parse", "main").strip()


def test_a_tag_counts_when_it_is_annotated_and_holds_the_manifest(history):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    history.tag("d@v1.2.0", history.branches["main"])
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": manifest("d", "1.2.0")})
    history.git("tag", "d@v1.1.0", "refs/heads/main")
    repository = opened(history)
    assert [each.git_tag for each in ask(repository, lambda index: index.versions("d"))] == [None, None]
    history.tag("d@v1.2.0", history.branches["main"])
    assert [each.git_tag for each in ask(repository, lambda index: index.versions("d"))] == ["d@v1.2.0", None]


def test_an_edited_or_deleted_manifest_is_kept_and_said_to_be(history):
    first = {f"d/1.{minor}.0.yaml": manifest("d", f"1.{minor}.0") for minor in (1, 2, 3)}
    history.commit("main", first, author="Ana <ana@e>")
    history.tag("d@v1.1.0", history.branches["main"])
    edited = {name: manifest("d", name[2:7], summary="edited") for name in ("d/1.1.0.yaml", "d/1.2.0.yaml")}
    history.commit("main", edited, author="Ben <ben@e>")
    repository = opened(history)
    rows = {str(each.version): each for each in ask(repository, lambda index: index.versions("d", shown=Shown.ALL))}
    marks = {text: (row.summary, row.told.edited, row.told.deleted, row.known) for text, row in rows.items()}
    assert marks == {
        "1.1.0": ("as it was", True, False, True),
        "1.2.0": ("edited", True, False, True),
        "1.3.0": ("as it was", False, True, False),
    }
    assert [rows[text].told.author for text in ("1.1.0", "1.2.0")] == ["Ana <ana@e>", "Ben <ben@e>"]
    assert rows["1.1.0"].told.at == "2023-11-14T22:14:20Z"
    status = ask(repository, Index.status)
    assert (status.edited, status.deleted) == (("d@1.1.0", "d@1.2.0"), ("d@1.3.0",))


def test_events_of_other_branches_are_there_and_count_for_nothing(history):
    tree = {"d/1.1.0.yaml": manifest("d", "1.1.0")}
    path, text = event("d", "yank", at=1, version="1.1.0")
    history.commit("main", tree)
    history.branch("work", history.branches["main"])
    history.commit("work", {**tree, path: text}, author="Ben <ben@e>")
    repository = opened(history)
    query = "SELECT event, version, known, commit_author, path FROM events"
    told = [("yank", "1.1.0", 0, "Ben <ben@e>", f"manifests/{path}")]
    assert ask(repository, lambda index: index.versions("d"))[0].status == "active"
    assert _asked(repository, query) == told
    history.branch("main", history.branches["work"])
    assert ask(repository, lambda index: index.versions("d"))[0].status == "yanked"
    assert _asked(repository, query) == [("yank", "1.1.0", 1, *told[0][3:])]


def _asked(repository, query):
    with contextlib.closing(sqlite3.connect(index_path(repository))) as connection:
        return connection.execute(query).fetchall()


def test_what_was_just_written_is_not_parsed_again(history, monkeypatch):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    repository = opened(history)
    path, text = event("d", "yank", at=1, version="1.2.0")
    released = manifest("d", "1.2.0")
    remember_written(repository, manifests=[released.encode()])
    assert not Path(index_path(repository)).exists()
    ask(repository, Index.status)
    remember_written(repository, manifests=[released.encode()], events=[text.encode()])
    monkeypatch.setattr(parsed_texts, "PARSERS", {})
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": released, path: text})
    found = ask(repository, lambda index: index.versions("d"))
    assert [(str(each.version), each.status) for each in found] == [("1.2.0", "yanked"), ("1.1.0", "active")]


def test_a_text_that_lies_where_another_kind_is_looked_for_is_no_such_thing(history):
    text = manifest("d", "1.1.0")
    tree = {"d/1.1.0.yaml": text, "d/dataset.yaml": text, "d/events/20260101T000000Z-yank-01234567.yaml": text}
    history.commit("main", tree)
    assert _versions(opened(history)) == ["d@1.1.0"]


def test_manifests_that_cannot_be_read_are_left_out(history):
    tree = {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": "schema: [", "d/1.3.0.yaml": manifest("e", "1.3.0")}
    history.commit("main", {**tree, "d/one.yaml": manifest("d", "1.1.0"), "d/dataset.yaml": "name: ["})
    assert _versions(opened(history)) == ["d@1.1.0"]


def test_a_deleted_index_changes_nothing(history):
    history.commit(
        "main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/dataset.yaml": DATASET.format(name="d", words="w")}
    )
    repository = opened(history)
    before = ask(repository, lambda index: (index.datasets(), index.versions("d")))
    Path(index_path(repository)).unlink()
    assert ask(repository, lambda index: (index.datasets(), index.versions("d"))) == before


def test_one_move_in_git_is_one_refresh_and_no_text_is_parsed_twice(history, monkeypatch):
    parsed, walks = [], []
    parse, look = parsed_texts.parse_manifest, refreshing.look
    watched = lambda content: parsed.append(content) or parse(content)  # noqa: E731 - a word to call it by
    monkeypatch.setitem(parsed_texts.PARSERS, Text.MANIFEST, watched)
    monkeypatch.setattr(refreshing, "look", lambda *given, **more: walks.append(look(*given, **more)) or walks[-1])
    one, two = manifest("d", "1.1.0"), manifest("e", "1.1.0")
    history.commit("main", {"d/1.1.0.yaml": one})
    repository = opened(history)
    for _ in range(3):
        ask(repository, Index.status)
    history.commit("main", {"d/1.1.0.yaml": one, "e/1.1.0.yaml": two})
    for _ in range(3):
        ask(repository, Index.status)
    assert parsed == [one.encode(), two.encode()]
    assert [len(walk.arrivals) for walk in walks] == [1, 1]


def test_a_shallow_clone_that_is_completed_learns_who_brought_a_version(history, tmp_path):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    first = history.git("rev-parse", "main").strip()
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "d/1.2.0.yaml": manifest("d", "1.2.0")})
    clone = History(tmp_path / "clone")
    history.git("clone", "-q", "--depth=1", "--no-local", str(history.root), str(clone.root))
    (clone.root / ".dvc").mkdir()
    assert ask(opened(clone), lambda index: index.versions("d"))[1].commit != first
    clone.git("fetch", "-q", "--unshallow")
    assert ask(opened(clone), lambda index: index.versions("d"))[1].commit == first


def test_a_damaged_index_is_made_anew_and_the_question_answered(history):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0")})
    repository = opened(history)
    before = ask(repository, lambda index: index.versions("d"))
    _damage(index_path(repository))
    with Index(index_path(repository)) as index, pytest.raises(DamagedIndexError):
        index.versions("d")
    ask(repository, Index.status)
    _damage(index_path(repository))
    assert ask(repository, lambda index: index.versions("d")) == before


def _damage(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'dataset_versions'").fetchone()
    with open(path, "r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def test_an_index_that_another_command_refreshed_meanwhile_is_still_right(history, tmp_path, monkeypatch):
    history.commit("main", {"d/1.1.0.yaml": manifest("d", "1.1.0"), "e/1.1.0.yaml": manifest("e", "1.1.0")})
    repository = opened(history)
    ask(repository, Index.status)
    look = refreshing.look

    def overtaken(*given, **more):
        monkeypatch.setattr(refreshing, "look", look)
        history.branch("main", 1)
        history.commit("main", {"e/1.1.0.yaml": manifest("e", "1.1.0", summary="edited")})
        ask(repository, Index.status)
        return look(*given, **more)

    history.commit("main", {"e/1.1.0.yaml": manifest("e", "1.1.0")})
    monkeypatch.setattr(refreshing, "look", overtaken)
    ask(repository, Index.status)
    holds_what_a_new_one_holds(history, tmp_path)


def test_several_who_ask_while_somebody_commits_get_right_answers(history, tmp_path):
    tree = {"d/1.0.0.yaml": manifest("d", "1.0.0")}
    history.commit("main", tree)
    repository = opened(history)
    done, problems = threading.Event(), []

    def look():
        last = 0
        try:
            while not done.is_set():
                versions, found = ask(repository, lambda index: (index.versions("d"), index.search("d").total))
                texts = [each.version.minor for each in versions]
                if texts != list(range(len(texts)))[::-1] or found < len(texts) or len(texts) < last:
                    problems.append((texts, found, last))
                last = len(texts)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
            problems.append(error)

    those = [threading.Thread(target=look) for _ in range(3)]
    for each in those:
        each.start()
    for minor in range(1, 9):
        tree = {**tree, f"d/1.{minor}.0.yaml": manifest("d", f"1.{minor}.0")}
        history.commit("main", tree)
        ask(repository, Index.status)
    done.set()
    for each in those:
        each.join()
    assert problems == []
    assert len(ask(repository, lambda index: index.versions("d"))) == 9
    holds_what_a_new_one_holds(history, tmp_path)
