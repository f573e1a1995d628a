"""An index with something of everything, and a server to publish it to."""

from __future__ import annotations

import pytest

from dsv.adapters.index import DatasetRow, EventRow, Index, LineageRow, QualityRow, RepositoryRow
from dsv.model.version import Version
from tests.index_rows import version_row
from tests.postgres_server import postgres_server

ORIGIN = "https://git.example.com/team/data.git"
LEASES = DatasetRow("leases", "contracts", "jsonl", "data/leases", "Commercial leases", ("Ana Lima <ana@example.com>",))
TICKETS = DatasetRow("tickets", "chat", "csv", "data/tickets", tags=("support",))
FILINGS = DatasetRow("filings", "contracts", "jsonl", "data/filings")
VERSIONS = ("1.0.0", "1.9.0", "1.10.0", "2.0.0-rc.1", "2.0.0-Rc", "2.0.0-rc.10", "2.0.0-rc.2")


def filled(path, *, versions=VERSIONS, more=(), url=ORIGIN):
    """An index of leases in these versions, tickets, and a dataset of another repository that leases come from."""
    index = Index(str(path))
    upstream = RepositoryRow("upstream", "https://git.example.com/upstream.git")
    index.replace("a", datasets=[FILINGS], versions=[version_row("2.3.1", "filings")], repository=upstream)
    rows = []
    for before, text in zip((None, *versions), versions, strict=False):
        lineage = (
            []
            if before is None
            else [LineageRow(f"leases@{before}", "previous", inherited=90, new=10, dataset="leases", version=before)]
        )
        if text == "1.9.0":
            lineage.append(
                LineageRow("filings@2.3.1", "filter", None, None, None, None, "job:7", upstream.url, "filings", "2.3.1")
            )
        rows.append(version_row(text, lineage=tuple(lineage)))
    scored = QualityRow(scorer="judge", metric="quality_score", n=90, coverage=0.9, mean=0.75)
    rows.append(version_row("0.1.0", "tickets", tags=("gold", "crème"), summary="50 % of a Straße", quality=(scored,)))
    promoted = EventRow(
        "leases",
        Version.parse("1.9.0"),
        "promote",
        "2026-02-01T00:00:00Z",
        "Ana",
        "Reviewed",
        {"stage": "prod"},
        "e/1",
        "leases",
    )
    index.replace(
        "b", datasets=[LEASES, TICKETS], versions=[*rows, *more], events=[promoted], repository=RepositoryRow(url=url)
    )
    return index


@pytest.fixture
def index(tmp_path):
    with filled(tmp_path / "index.db") as opened:
        yield opened


@pytest.fixture(scope="session")
def server():
    with postgres_server() as running:
        yield running
