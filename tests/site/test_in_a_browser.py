"""The pages in headless Chromium, as a person opens them: from the file system, without a server.

They are left out of an ordinary run; docs/testing.md tells how to run them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import dsv
from tests.browser import DESKTOP, PHONE, find_chromium, running_browser
from tests.site.conftest import EVIL

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is on this machine"),
]
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with running_browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser.page()


@pytest.fixture
def page(window):
    """A page that may complain of nothing, and may ask for nothing but files."""
    window.complaints.clear()
    window.requests.clear()
    window.resize(DESKTOP)
    yield window
    assert window.complaints == []
    assert [url for url in window.requests if not url.startswith(("file://", "about:"))] == []


def visit(page, file, fragment=""):
    """The page anew, also where only what stands behind its address differs."""
    page.open("about:blank")
    page.open(f"{file.as_uri()}{fragment}")


def until(page, condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"{condition} did not come true"
        time.sleep(0.02)


def press(page, text):
    """Keys, as a person presses them."""
    for letter in text:
        page.call("Input.dispatchKeyEvent", type="keyDown", text=letter, key=letter)
        page.call("Input.dispatchKeyEvent", type="keyUp", key=letter)


def names(page):
    return page.evaluate("[...document.querySelectorAll('#datasets tbody tr:not([hidden])')].map(r => r.dataset.name)")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_opens_without_a_word_and_fits(page, built, size, dark, tmp_path):
    page.resize(size, dark=dark)
    dsv.open(built.root).report("notes").write(str(tmp_path / "report.html"))
    shots = os.environ.get("DSV_SHOTS")
    for file in [*built.pages, tmp_path / "report.html"]:
        page.open(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], file
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(15, 19, 24)" if dark else "rgb(255, 255, 255)")
        if shots:
            name = "-".join(file.relative_to(built.site if file.is_relative_to(built.site) else tmp_path).parts)
            page.screenshot(Path(shots) / f"{name}-{size[0]}-{'dark' if dark else 'light'}.png")


def test_a_search_narrows_the_list_as_one_types(page, built):
    visit(page, built.site / "index.html")
    assert names(page) == ["alone", "evil", "notes"]
    press(page, "/")
    assert page.evaluate("document.activeElement.id") == "query"
    press(page, "note")
    until(page, "document.getElementById('count').textContent === '1 dataset'")
    assert names(page) == ["notes"]
    assert page.evaluate("location.hash") == "#q=note"


def test_a_version_is_found_by_its_summary_and_leads_to_its_page(page, built):
    visit(page, built.site / "index.html", "#q=m%C3%B6re")
    until(page, "!document.getElementById('found').hidden")
    assert page.evaluate("document.querySelector('#versions li').textContent") == "notes 1.1.0 More notes"
    page.evaluate("document.querySelector('#versions a').click()")
    until(page, "document.title === 'notes@1.1.0'")


def test_a_choice_narrows_and_sorting_turns_the_list(page, built):
    visit(page, built.site / "index.html", "#stage=prod")
    until(page, "document.getElementById('count').textContent === '1 dataset'")
    assert names(page) == ["notes"]
    visit(page, built.site / "index.html")
    page.evaluate("document.querySelectorAll('#datasets th button')[2].click()")
    assert page.evaluate("document.querySelectorAll('#datasets th')[2].getAttribute('aria-sort')") == "ascending"
    assert names(page)[-1] == "notes"


def test_hostile_words_are_text_and_nothing_runs(page, built):
    for file in built.pages:
        page.open(file.as_uri())
        assert page.evaluate("document.querySelectorAll('img, [onload], [onerror], iframe').length") == 0
    visit(page, built.site / "index.html", "#q=alert")
    until(page, "document.getElementById('count').textContent.startsWith('1 dataset')")
    assert EVIL in page.evaluate("document.querySelector('tr[data-name=evil]').textContent")


def test_one_walks_along_links_of_a_drawing(page, built):
    visit(page, built.site / "datasets/evil/versions/1.0.0.html")
    target = page.evaluate("[...document.querySelectorAll('.graph a')].map(a => a.href.baseVal)")
    assert "../../../datasets/notes/versions/1.0.0.html" in target
    page.evaluate("document.querySelector('.graph a[href*=\"notes\"]').dispatchEvent(new MouseEvent('click'))")
    until(page, "document.title === 'notes@1.0.0'")


def test_every_link_can_be_followed(page, built):
    for file in built.pages:
        page.open(file.as_uri())
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => String(a.href.baseVal ?? a.href))")
        ways = [(file.parent / link if "://" not in link else Path(link.removeprefix("file://"))) for link in links]
        assert [way for way in ways if not Path(str(way).partition("#")[0]).resolve().is_file()] == []


def test_without_its_script_the_list_is_there(page, built):
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open((built.site / "index.html").as_uri())
        assert page.evaluate("document.querySelectorAll('#datasets tbody tr').length") == 3
        assert page.evaluate("document.getElementById('search').hidden")
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
