"""What the documentation shows of a terminal is what a terminal shows."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import transcripts

from tests.docs.conftest import DOCS, ROOT


@pytest.mark.parametrize("name", ["leases", pytest.param("chat", marks=pytest.mark.heavy)])
def test_a_story_plays_as_its_page_shows(name, tmp_path):
    page = (DOCS / "examples" / f"{name}.md").read_text(encoding="utf-8")
    assert transcripts.story(name, tmp_path) == page


LONG = {"merging", "adopting", "lineage", "templates", "migrating", "pinning", "exports", *transcripts.TRAININGS}
"""Pages that take a while to follow; an ordinary run follows the others."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.heavy if name in LONG else ()) for name in transcripts.WALKS]
)
def test_a_page_to_follow_can_be_followed_word_for_word(name, tmp_path):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert transcripts.walk_through(page, tmp_path) == page


@pytest.mark.training
@pytest.mark.parametrize("name", transcripts.WITH_LIBRARIES)
def test_a_page_of_a_library_can_be_followed_word_for_word(name, tmp_path):
    for library in transcripts.WITH_LIBRARIES[name]:
        if find_spec(library) is None:
            pytest.skip(f"{library} is not here: pip install -e '.[test,training]'")
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert transcripts.walk_through(page, tmp_path) == page


@pytest.mark.parametrize("name", transcripts.LOOKS)
def test_a_page_of_looks_shows_what_is_printed(name, tmp_path):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert transcripts.looks(page, tmp_path) == page


@pytest.mark.parametrize("name", transcripts.LOOKS)
def test_no_answer_is_wider_than_the_terminal_it_was_printed_on(name):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    for command, said in transcripts.answers(page):
        columns = 200 if command.startswith("COLUMNS=200 ") else 80
        assert [line for line in said.splitlines() if len(line) > columns] == [], command


def test_what_readme_shows_stands_in_the_lease_story():
    [story] = transcripts.blocks((DOCS / "examples" / "leases.md").read_text(encoding="utf-8"), "console")
    shown = transcripts.blocks((ROOT / "README.md").read_text(encoding="utf-8"), "console")
    assert shown
    assert [block for block in shown if block not in story] == []


def test_no_line_of_a_transcript_of_a_story_is_wider_than_a_terminal():
    for name in transcripts.STORIES:
        [story] = transcripts.blocks((DOCS / "examples" / f"{name}.md").read_text(encoding="utf-8"), "console")
        assert [line for line in story.splitlines() if len(line) > 80] == []
