"""A small catalogue with everything that pages show, and its site, built once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import dsv
from tests.conftest import Scratch, numbered

EVIL = "</code><script>alert(1)</script><img src=x onerror=alert(1)>"
QUOTED = "\"'><svg onload=alert(2)> `*_ ]] --> \u202e {{x}}"


@dataclass(frozen=True)
class Built:
    """The repository with its datasets, and its site."""

    root: Path
    site: Path

    @property
    def pages(self) -> list[Path]:
        """Every page of the site."""
        return sorted(self.site.rglob("*.html"))

    def page(self, path: str) -> str:
        """One of them."""
        return (self.site / path).read_text()


def make_catalogue(made: Scratch) -> None:
    """Three datasets, one hostile and one related with no other: versions, lineage, a stage, scores, one yanked."""
    repo = dsv.open(made.root)
    made.write(
        "manifests/notes/dataset.yaml",
        made.read("manifests/notes/dataset.yaml") + 'label_fields: [kind]\nchecks: ["records >= 10"]\n',
    )
    made.records("data/notes/train.jsonl", numbered(80) + numbered(30, start=200, kind="short"))
    repo.bump("notes", summary="More notes", tags=["gold"], metadata={"source": EVIL})
    made.records("data/evil/train.jsonl", [{"<b>x</b>": EVIL, "m": [{"role": QUOTED, "content": EVIL}]}] * 3)
    repo.add(
        "data/evil", description=EVIL, summary=QUOTED, tags=[EVIL], owners=[QUOTED], sources=["notes@1.0.0:filter"]
    )
    made.records("data/alone.jsonl", numbered(3))
    repo.add("data/alone.jsonl")
    repo.promote("notes", "prod")
    repo.yank("notes@1.0.0", reason=EVIL)
    scores = [{"id": each["id"], "quality_score": 0.1 * (at % 10)} for at, each in enumerate(numbered(80))]
    repo.quality.import_("notes", scores, scorer="judge", by="key")


@pytest.fixture(scope="session")
def built(tmp_path_factory, _templates):
    root = tmp_path_factory.mktemp("catalogue") / "repo"
    shutil.copytree(_templates["released"], root, symlinks=True)
    made = Scratch(root)
    made.git("update-index", "-q", "--refresh")
    make_catalogue(made)
    site = root.parent / "site"
    dsv.open(root).site(site, title="Our data")
    return Built(root, site)
