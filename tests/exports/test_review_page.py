"""The page of a review in a real browser: it asks for nothing, complains of nothing and fits a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsv.exports.review_html import review_html
from dsv.model.finding import Status
from tests.browser import DESKTOP, PHONE, find_chromium, running_browser
from tests.exports.reviews import change_of, review_of

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>document.title='ran'</script><img src=http://127.0.0.1:9/x onerror=document.title='ran'>" + "w" * 200
EVERY = (Status.FAILED, Status.WARNING, Status.SKIPPED, Status.PASSED)


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium is on this machine")
def test_a_browser_shows_the_page_and_nothing_in_it_acts(tmp_path: Path) -> None:
    changes = [change_of(HOSTILE, version=version) for version in ("1.2.0", "1.1.0")]
    file = tmp_path / "review.html"
    file.write_text(review_html(review_of(*changes, text=HOSTILE, statuses=EVERY, base=HOSTILE)), encoding="utf-8")
    with running_browser(tmp_path / "profile") as browser:
        page = browser.page()
        grounds = []
        for size, dark in ((PHONE, False), (DESKTOP, True)):
            page.resize(size, dark=dark)
            page.open(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert page.evaluate("document.querySelector('.verdict').getBoundingClientRect().bottom") < size[1] / 4
            assert page.evaluate("document.body.innerText").count("<script>") > 20
            assert "ran" not in page.evaluate("document.title").split(":")[0]
            grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert len(set(grounds)) == 2
        page.evaluate("document.querySelector('a[href=\"#c1\"]').click()")
        assert page.evaluate("Math.abs(document.getElementById('c1').getBoundingClientRect().top)") < size[1]
        assert {each.partition("#")[0] for each in page.requests} == {file.as_uri()}
        assert page.complaints == []
