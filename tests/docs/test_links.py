"""Links between the pages lead somewhere."""

from __future__ import annotations

import re

import pytest

from tests.docs.conftest import DOCS, ROOT

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]+))?\)")


def without_code(page):
    return re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", page)


def anchors(page):
    headings = re.findall(r"(?m)^#+ (.+)$", page)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    broken = []
    for link in LINK.finditer(without_code(page.read_text(encoding="utf-8"))):
        target = (page.parent / link["path"]).resolve() if link["path"] else page
        if not target.exists() or (
            link["anchor"] and link["anchor"] not in anchors(target.read_text(encoding="utf-8"))
        ):
            broken.append(link[0])
    assert broken == []


def test_every_page_of_docs_can_be_reached_from_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        if page.is_dir():
            waiting += [page / "README.md"]
        elif page.suffix == ".md":
            links = LINK.finditer(without_code(page.read_text(encoding="utf-8")))
            waiting += [(page.parent / link["path"]).resolve() for link in links if link["path"]]
    assert [str(page) for page in PAGES if page not in reached] == []


def test_the_ci_runs_what_readme_says_and_nothing_else():
    commands = re.findall(r"(?ms)^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"))
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    run = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert run == [commands[1].strip()]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
